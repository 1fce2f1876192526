"""Draw scans of both phantom generators at four ages, normal and with disease: `make pictures`."""

import io
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from scipy import ndimage

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from residuum.synthetic.scans.children import ScannedChild  # noqa: E402
from residuum.synthetic.scans.planar_scan import PlannedScan, make_planar_scan  # noqa: E402
from residuum.synthetic.tracer.marks import Mark  # noqa: E402
from residuum.volumes.planar import PlanarView  # noqa: E402
from second_generator import draw_camera, draw_child, draw_pose, make_scan  # noqa: E402
from second_generator.pairs import draw_lesions  # noqa: E402

AGES = (1, 5, 10, 15)
DISEASE = (
    *(("spine_lumbar", None), ("pelvis_right", None), ("femur_left", None), ("femur_left", None)),
    *(("humerus_right", None), ("skull_vault", None), ("ribs_left", None), ("leg_right", 0.7)),
    *(("spine_thoracic", 0.6), ("soft_tissue", None)),
)
Views = tuple[PlanarView, PlanarView]


def scan_first(years: int, diseased: bool) -> Views:
    marks = [
        Mark(str(number), (region,), "diffuse" if extent else "focal", extent)
        for number, (region, extent) in enumerate(DISEASE if diseased else (), start=1)
    ]
    child = ScannedChild(f"picture-{years}", "female", round(365.25 * years) + 1)
    made = make_planar_scan(child, PlannedScan(f"picture-{years}-{diseased}", 0, tuple(marks)))
    return made.anterior, made.posterior


def scan_second(years: int, diseased: bool) -> Views:
    rng = np.random.default_rng([years, diseased])
    child = draw_child(years, float(years))
    lesions = draw_lesions(rng, 6, 20) if diseased else []
    made = make_scan(child, float(years), draw_pose(rng), lesions, 3e5, years, draw_camera(rng))
    return made.anterior, made.posterior


def draw(axis: plt.Axes, view: PlanarView) -> None:
    """Draw one view in inverse grey, windowed as by a reader who looks for faint lesions, on a field of one size."""
    image = ndimage.gaussian_filter(view.counts.astype(float), 4.0 / view.spacing_mm[0])
    height, width = np.multiply(image.shape, view.spacing_mm)
    axis.set_facecolor("white")
    axis.imshow(
        image,
        cmap="gray_r",
        vmin=0,
        vmax=np.percentile(image[image > 0.1 * image.mean()], 98),
        extent=(-width / 2, width / 2, height / 2, -height / 2),
        interpolation="bilinear",
    )
    axis.set_xlim(-300, 300)
    rows = np.flatnonzero(image.sum(axis=1) > 0.02 * image.sum(axis=1).max())
    middle = view.spacing_mm[0] * (rows[0] + rows[-1]) / 2 - height / 2
    axis.set_ylim(middle + 900, middle - 900)
    axis.axis("off")


def main(target: Path) -> None:
    generators = (("the generator", scan_first), ("the second generator, of the tests", scan_second))
    figure, axes = plt.subplots(4, 8, figsize=(11, 17.5))
    for upper, (name, scan) in enumerate(generators):
        for column, years in enumerate(AGES):
            for lower, diseased in enumerate((False, True)):
                row = axes[2 * upper + lower]
                for axis, view in zip(row[2 * column : 2 * column + 2], scan(years, diseased), strict=True):
                    draw(axis, view)
                    axis.set_title(f"{years} y, {view.view}", fontsize=8)
        for lower, words in enumerate(("normal", "with disease")):
            figure.text(
                0.01, 0.87 - 0.25 * (2 * upper + lower), f"{words}: {name}", rotation=90, va="center", fontsize=9
            )
    figure.suptitle("Simulated I-123 mIBG scans: make-believe children, no patients", fontsize=11, y=0.995)
    figure.tight_layout(rect=(0.025, 0, 1, 0.99))
    target.parent.mkdir(parents=True, exist_ok=True)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=80)
    Image.open(drawn).convert("L").quantize(32).save(target, optimize=True)
    print(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "pictures" / "phantom.png")
