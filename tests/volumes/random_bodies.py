"""Whole-body mIBG scans of invented children, drawn organ by organ without a look at how the product sees a body.

Everything varies: age (an infant's proportions to an adult's), place and tilt in the field of view, arms, uptake of
each organ, bladder, lesions, marrow, tumour, scatter, pixel size, counts. Drawn as seen from the front with the
patient's right on the image's left; a mirrored or posterior image is the same array flipped.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Image = NDArray[np.float64]


@dataclass(frozen=True)
class Body:
    """A drawn scan: Poisson counts and the column of the midline at the height of the liver, which lies to its left."""

    counts: NDArray[np.uint16]
    midline: float
    pixel_mm: float


class _Drawing:
    """Adds parts in body coordinates: `down` as a share of the height, `across` likewise (patient's left > 0)."""

    def __init__(self, shape: tuple[int, int], height: float, top: float, middle: float, tilt: float) -> None:
        rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(float)
        down, across = (rows - top) / height, (columns - middle) / height
        # Tilted about the middle of the trunk.
        self.down = (down - 0.35) * np.cos(tilt) + across * np.sin(tilt) + 0.35
        self.across = across * np.cos(tilt) - (down - 0.35) * np.sin(tilt)
        self.seen: Image = np.zeros(shape)

    def part(self, down: float, across: float, high: float, wide: float, uptake: float) -> None:
        """Add an ellipsoid: counts follow its thickness along the line of sight."""
        distance = ((self.down - down) / high) ** 2 + ((self.across - across) / wide) ** 2
        self.seen += uptake * np.sqrt(np.clip(1 - distance, 0, None))

    def tube(self, start: tuple[float, float], end: tuple[float, float], radius: float, uptake: float) -> None:
        """Add a limb between two points (down, across)."""
        along = np.array(end) - np.array(start)
        place = ((self.down - start[0]) * along[0] + (self.across - start[1]) * along[1]) / (along @ along)
        place = np.clip(place, 0, 1)
        away = np.hypot(self.down - start[0] - place * along[0], self.across - start[1] - place * along[1])
        self.seen += uptake * np.sqrt(np.clip(1 - (away / radius) ** 2, 0, None))


def random_body(
    seed: int,
    counts: float | None = None,
    *,
    tumour: bool | None = None,
    liver: float | None = None,
    legs_cut: bool = False,
) -> Body:
    """Return the body of a seed; None leaves counts, a tumour beside the spine, the liver's uptake to chance."""
    draw = np.random.default_rng(seed)
    coarse = bool(draw.integers(2))
    shape, pixel_mm = ((512, 128), 4.8) if coarse else ((1024, 256), 2.4)
    height_mm = draw.uniform(650, 1850)
    grown = (height_mm - 650) / 1200
    height = height_mm / pixel_mm
    room = shape[0] - height
    top = draw.uniform(0.02, 0.98) * room if room > 0 else room / 2
    middle = shape[1] / 2 + draw.uniform(-60, 60) / pixel_mm
    canvas = _Drawing(shape, height, top, middle, np.radians(draw.normal(0, 2)))
    shoulder, crotch = 0.26 - 0.08 * grown, 0.63 - 0.11 * grown
    _soft_tissue(canvas, draw, shoulder, crotch, grown)
    _organs(canvas, draw, shoulder, crotch, draw.lognormal(np.log(5), 0.35) if liver is None else liver)
    if draw.random() < 0.3 if tumour is None else tumour:
        _tumour(canvas, draw, shoulder, crotch)
    _lesions(canvas, draw, shoulder, crotch)
    blurred = gaussian_filter(canvas.seen, draw.uniform(4, 6.5) / pixel_mm)
    scattered = gaussian_filter(canvas.seen, draw.uniform(30, 50) / pixel_mm)
    seen = blurred + draw.uniform(0.15, 0.4) * scattered + draw.uniform(0, 0.04) * np.median(blurred[blurred > 0.2])
    if legs_cut:
        seen = seen[: int(top + draw.uniform(0.7, 0.8) * height)]
    total = counts if counts is not None else np.exp(draw.uniform(np.log(5e4), np.log(6e5)))
    return Body(draw.poisson(seen * (total / seen.sum())).astype(np.uint16), middle, pixel_mm)


def _soft_tissue(canvas: _Drawing, draw: np.random.Generator, shoulder: float, crotch: float, grown: float) -> None:
    trunk = draw.uniform(0.095, 0.12)
    canvas.part(shoulder * 0.45, draw.normal(0, 0.012), shoulder * 0.5, 0.075 - 0.03 * grown, 1.1)
    canvas.tube((shoulder * 0.7, 0), (shoulder + 0.05, 0), 0.035, 0.7)
    canvas.tube((shoulder + trunk * 0.8, 0), (crotch - trunk * 0.8, 0), trunk, 1.4)
    spread = draw.uniform(0, 0.06)
    for side in (-1, 1):
        canvas.tube((crotch - 0.04, side * 0.05), (crotch + 0.2, side * (0.055 + spread)), 0.045, 0.9)
        canvas.tube((crotch + 0.2, side * (0.055 + spread)), (0.97, side * (0.05 + spread)), 0.03, 0.6)
        wide = draw.choice([0.03, 0.05, 0.12], p=[0.4, 0.4, 0.2])
        if draw.random() < 0.93:  # else raised out of the field of view
            elbow = (shoulder + 0.19, side * (trunk + wide))
            canvas.tube((shoulder + 0.03, side * (trunk - 0.005)), elbow, 0.026, 0.6)
            canvas.tube(elbow, (shoulder + 0.36, side * (trunk + draw.uniform(-0.02, 0.06))), 0.02, 0.5)
        if draw.random() < 0.1:  # the injection site
            canvas.part(shoulder + draw.uniform(0.17, 0.36), side * (trunk + 0.03), 0.008, 0.008, draw.uniform(3, 40))


def _organs(canvas: _Drawing, draw: np.random.Generator, shoulder: float, crotch: float, liver: float) -> None:
    long = crotch - shoulder
    large = draw.uniform(0.85, 1.15) * long / 0.36
    at = shoulder + draw.uniform(0.38, 0.46) * long
    canvas.part(at, -0.047 * large, 0.05 * large, 0.046 * large, liver)
    canvas.part(at - 0.015, 0.0, 0.028 * large, draw.uniform(0.03, 0.06) * large, liver * draw.uniform(0.3, 0.8))
    heart = min(draw.uniform(0.2, 0.8) * liver, 4.0)
    canvas.part(shoulder + 0.23 * long, draw.uniform(0.015, 0.035), 0.03 * large, 0.03 * large, heart)
    for side in (-1, 1):
        canvas.part(shoulder + 0.2 * long, side * 0.055, 0.07, 0.035, draw.uniform(-0.5, 0.3))  # lungs
        canvas.part(shoulder * 0.6, side * 0.035, 0.014, 0.01, draw.uniform(1, 8))  # salivary glands
        canvas.part(at + 0.05, side * 0.045, 0.03, 0.015, draw.uniform(0, 1.2))  # kidney, adrenal
    canvas.part(at - 0.01, 0.075, 0.025, 0.018, liver * draw.uniform(0, 0.35))  # spleen
    canvas.part(shoulder * 0.85, 0.0, 0.012, 0.018, draw.uniform(0, 4))  # thyroid
    full = draw.uniform(0.012, 0.04)
    canvas.part(
        crotch - 0.04, draw.normal(0, 0.008), full, full * draw.uniform(1, 1.3), draw.lognormal(np.log(10), 0.8)
    )
    for _ in range(draw.integers(0, 6)):  # gut
        place = shoulder + draw.uniform(0.6, 0.88) * long, draw.uniform(-0.07, 0.07)
        canvas.part(*place, 0.012, draw.uniform(0.012, 0.03), draw.uniform(0.5, 3))


def _tumour(canvas: _Drawing, draw: np.random.Generator, shoulder: float, crotch: float) -> None:
    size = draw.uniform(0.015, 0.045)
    down = shoulder + 0.42 * (crotch - shoulder) + draw.uniform(0, 0.07)
    canvas.part(down, draw.choice([-1, 1]) * draw.uniform(0.02, 0.05), size, size, draw.lognormal(np.log(6), 0.6))


def _lesions(canvas: _Drawing, draw: np.random.Generator, shoulder: float, crotch: float) -> None:
    for _ in range(draw.integers(0, 8)):  # spine
        canvas.part(draw.uniform(shoulder, crotch - 0.05), draw.normal(0, 0.004), 0.012, 0.012, draw.uniform(1, 12))
    for _ in range(draw.integers(0, 10)):  # ribs, pelvis, femora
        canvas.part(draw.uniform(shoulder, 0.8), draw.uniform(-0.1, 0.1), 0.01, 0.01, draw.uniform(1, 8))
    if draw.random() < 0.15:  # diffuse marrow
        uptake = draw.uniform(1, 4)
        canvas.tube((shoulder * 0.9, 0), (crotch - 0.08, 0), 0.016, uptake)
        for side in (-1, 1):
            canvas.tube((crotch - 0.09, side * 0.02), (crotch - 0.06, side * 0.06), 0.02, uptake)
            canvas.tube((crotch - 0.03, side * 0.06), (crotch + 0.2, side * 0.07), 0.012, uptake)
