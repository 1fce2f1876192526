"""A whole scan: two views, and where every candidate site lies on them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from residuum.volumes.planar import PlanarView
from second_generator.camera import ATTENUATION_PER_MM, Camera, Silhouette, displace, survives
from second_generator.figure import Pose, build_figure
from second_generator.growth import Child
from second_generator.organs import Lesion, Source, lesion_source, list_sources, low_solids
from second_generator.skeleton import SITE_BONES, locate_all
from second_generator.solids import Points, Solid

_MEDIAN_STATURE_MM = 1090.0
"""At five years, for which widths of small organs and bones are given."""


@dataclass(frozen=True, slots=True)
class Site:
    """A candidate site on the two views: (x, y) in mm from the centre of the top-left stored pixel."""

    region: str
    anterior: tuple[float, float]
    posterior: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class SecondScan:
    """Two views of a child, and what is true of them."""

    child: Child
    age_years: float
    pose: Pose
    camera: Camera
    anterior: PlanarView
    posterior: PlanarView
    sites: dict[str, Site]
    lesions: tuple[Lesion, ...]
    parts: dict[str, Solid] = field(repr=False)


def make_scan(
    child: Child,
    age_years: float,
    pose: Pose,
    lesions: Sequence[Lesion] = (),
    counts: float = 3e5,
    seed: int = 0,
    camera: Camera | None = None,
) -> SecondScan:
    """Return a scan; the same arguments give the same pixels.

    Parameters
    ----------
    child : Child
    age_years : float
        On the day of the scan.
    pose : Pose
        Changed where the body would not fit into the field.
    lesions : sequence of Lesion
    counts : float
        Expected in each view, the mean of both.
    seed : int
    camera : Camera, optional
    """
    camera = Camera() if camera is None else camera
    size = child.sizes(age_years)
    parts = build_figure(size, pose, camera.half_field_mm)
    scale = size["stature"] / _MEDIAN_STATURE_MM
    body = Silhouette(parts, [solid for _, name, solid in low_solids(child, parts) if name == "lungs"])
    sources = list_sources(child, parts, scale, np.random.default_rng([seed, 2]))
    sources += [lesion_source(one, parts, scale, body.thickness_mm) for one in lesions]
    images = expose(sources, body, camera, counts, np.random.default_rng([seed, 3]))
    views = [PlanarView(images[0], (camera.pixel_mm,) * 2, "anterior", "right")]
    views.append(PlanarView(images[1][:, ::-1].copy(), (camera.pixel_mm,) * 2, "posterior", "left"))
    sites = {name: _project(name, point, camera) for name, point in locate_all(parts).items()}
    return SecondScan(child, age_years, pose, camera, views[0], views[1], sites, tuple(lesions), parts)


def image_mm(points: Points, camera: Camera) -> Points:
    """Return x and y (n, 2) on the anterior view of world points; the middle of the image is at x = 0."""
    rows, columns = camera.shape
    # The body's waist lies above the middle of the table, since legs are longer than trunk and head.
    middle = np.array([(columns - 1) / 2, 0.43 * (rows - 1)]) * camera.pixel_mm
    placed: Points = np.atleast_2d(points)[:, :2] + middle
    return placed


def _project(name: str, point: Points, camera: Camera) -> Site:
    x, y = image_mm(point, camera)[0].tolist()
    return Site(SITE_BONES[name][0].region, (x, y), ((camera.shape[1] - 1) * camera.pixel_mm - x, y))


def expose(
    sources: list[Source], body: Silhouette, camera: Camera, counts: float, rng: np.random.Generator
) -> list[NDArray[np.uint16]]:
    """Return both images, as seen from the front."""
    share = np.array([one.activity for one in sources])
    share /= share.sum()
    pilot = _emit(sources, share, 20_000, rng)
    passing = np.mean([np.exp(-ATTENUATION_PER_MM * body.path_mm(pilot, front)).mean() for front in (True, False)])
    images = []
    for front in (True, False):
        points = _emit(sources, share, int(rng.poisson(counts / passing)), rng)
        points = points[survives(points, body, front, rng)]
        images.append(_count(displace(points, body, front, camera, rng), camera))
    return images


def _emit(sources: list[Source], share: NDArray[np.float64], number: int, rng: np.random.Generator) -> Points:
    drawn = rng.multinomial(number, share)
    return np.concatenate([one.draw(int(k), rng) for one, k in zip(sources, drawn, strict=True)])


def _count(seen: Points, camera: Camera) -> NDArray[np.uint16]:
    pixel = np.rint(image_mm(seen, camera) / camera.pixel_mm).astype(np.int64)
    rows, columns = camera.shape
    kept = ((pixel >= 0) & (pixel < (columns, rows))).all(axis=1)
    image = np.bincount(pixel[kept, 1] * columns + pixel[kept, 0], minlength=rows * columns).reshape(rows, columns)
    if camera.smoothed:
        kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
        image = np.rint(ndimage.convolve(image.astype(float), kernel, mode="constant"))
    return image.astype(np.uint16)
