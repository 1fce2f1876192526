"""Pictures of the second generator: `PYTHONPATH=tests python -m second_generator FOLDER`."""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage

from second_generator.camera import draw_camera
from second_generator.figure import draw_pose
from second_generator.growth import draw_child
from second_generator.pairs import draw_lesions, make_pair
from second_generator.scan import SecondScan, make_scan


def show(axis: plt.Axes, scan: SecondScan, view: str, marks: tuple[str, ...] = ()) -> None:
    """Draw one view in inverse grey, windowed like a reader who looks for faint lesions."""
    planar = getattr(scan, view)
    image = ndimage.gaussian_filter(planar.counts.astype(float), 4.0 / planar.spacing_mm[0])
    top = 5 * np.median(image[image > 0.3 * np.median(image[image > image.mean()])])
    height, width = np.multiply(image.shape, planar.spacing_mm)
    axis.imshow(np.clip(image / top, 0, 1) ** 0.7, cmap="gray_r", vmin=0, vmax=1, extent=(0, width, height, 0))
    for name in marks:
        axis.plot(*getattr(scan.sites[name], view), "r+", markersize=5)
    axis.set_xticks([])
    axis.set_yticks([])


def main(folder: Path) -> None:
    """Write normal and diseased children of four ages, and pairs with their sites."""
    folder.mkdir(parents=True, exist_ok=True)
    figure, axes = plt.subplots(2, 8, figsize=(20, 26))
    for column, age in enumerate((1.0, 5.0, 10.0, 15.0)):
        for row in range(2):
            rng = np.random.default_rng([column, row])
            lesions = draw_lesions(rng, 6, 20) if row else []
            scan = make_scan(draw_child(column + 10), age, draw_pose(rng), lesions, 3.5e5, column, draw_camera(rng))
            for number, view in enumerate(("anterior", "posterior")):
                show(axes[row, 2 * column + number], scan, view)
                axes[row, 2 * column + number].set_title(f"{age:g} y, {scan.camera.name}")
    figure.tight_layout()
    figure.savefig(folder / "ages.png", dpi=60)
    for seed in range(4):
        pair = make_pair(seed)
        figure, axes = plt.subplots(1, 4, figsize=(14, 14))
        for number, scan in enumerate((pair.before, pair.after)):
            show(axes[2 * number], scan, "anterior", pair.sites)
            show(axes[2 * number + 1], scan, "posterior", pair.sites)
        figure.tight_layout()
        figure.savefig(folder / f"pair_{seed}.png", dpi=60)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
