"""Where activity is: soft tissue everywhere, organs as a child shows them 24 h after injection, lesions."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from second_generator.figure import SIDES
from second_generator.growth import Child
from second_generator.skeleton import BONES, SITE_BONES, locate
from second_generator.solids import Filled, Points, Solid, SuperEllipsoid, Weight, bounds, draw_along

Draw = Callable[[int, np.random.Generator], Points]


@dataclass(frozen=True, slots=True)
class Source:
    """Something that emits: its activity, in that of one mm³ of soft tissue, and how points are drawn from it."""

    name: str
    activity: float
    draw: Draw


@dataclass(frozen=True, slots=True)
class Lesion:
    """Uptake at a candidate site.

    Attributes
    ----------
    site : str
        Name of a candidate site, or "primary" for a tumour beside the spine.
    width_mm : float
        Full width at half maximum of a focus.
    contrast : float
        Excess on a planar view over the soft tissue around it, before attenuation.
    diffuse : bool
        All bones of the region are filled, evenly, over their own width.
    """

    site: str
    width_mm: float
    contrast: float
    diffuse: bool = False


def _blob(centre: Points, sigma_mm: float, number: int, rng: np.random.Generator) -> Points:
    points: Points = centre + rng.normal(0, sigma_mm, (number, 3))
    return points


# Part, centre and half lengths in its units, power.
_SOLID_ORGANS: Final = {
    "liver": (
        ("thorax", (-0.36, 0.66, 0.05), (0.52, 0.33, 0.72), 2.5),
        ("thorax", (0.14, 0.62, 0.42), (0.34, 0.2, 0.34), 2.0),
    ),
    "heart": (("thorax", (0.2, 0.16, 0.38), (0.34, 0.24, 0.4), 2.0),),
    "spleen": (("thorax", (0.66, 0.66, -0.35), (0.17, 0.2, 0.32), 2.0),),
    "kidneys": (
        ("abdomen", (-0.48, -0.05, -0.45), (0.2, 0.3, 0.22), 2.0),
        ("abdomen", (0.48, -0.12, -0.45), (0.2, 0.3, 0.22), 2.0),
    ),
}
_LOW_ORGANS: Final = {
    "lungs": (
        ("thorax", (-0.5, -0.08, -0.05), (0.36, 0.62, 0.72), 2.0),
        ("thorax", (0.52, -0.08, -0.15), (0.34, 0.62, 0.66), 2.0),
    ),
    "brain": (("head", (0, -0.35, -0.05), (0.86, 0.55, 0.86), 2.0),),
}
# Part, centre, sigma in mm at five years.
_SOFT_ORGANS: Final = {
    "parotids": (("head", (-0.74, 0.34, 0.05), 8.0), ("head", (0.74, 0.34, 0.05), 8.0)),
    "submandibulars": (("head", (-0.42, 0.86, 0.2), 6.0), ("head", (0.42, 0.86, 0.2), 6.0)),
    "lacrimals": (("head", (-0.52, -0.02, 0.74), 3.5), ("head", (0.52, -0.02, 0.74), 3.5)),
    "nose": (("head", (0, 0.25, 0.72), 7.0),),
    "thyroid": (("neck", (-0.35, 0.75, 0.6), 5.0), ("neck", (0.35, 0.75, 0.6), 5.0)),
    "brown_fat": (("shoulders", (-0.45, -0.35, 0.0), 11.0), ("shoulders", (0.45, -0.35, 0.0), 11.0)),
    "adrenals": (("abdomen", (-0.26, -0.45, -0.4), 5.0), ("abdomen", (0.3, -0.45, -0.4), 5.0)),
}


def _solid(
    parts: dict[str, Solid], part: str, centre: tuple[float, ...], half: tuple[float, ...], power: float
) -> Solid:
    carrier = parts[part]
    assert isinstance(carrier, SuperEllipsoid)
    x, y, z = np.multiply(half, carrier.half).tolist()
    return SuperEllipsoid(carrier.place(centre)[0], carrier.axes, (x, y, z), power)


def low_solids(child: Child, parts: dict[str, Solid]) -> list[tuple[float, str, Solid]]:
    """Return what takes up less than soft tissue: concentration, name, solid."""
    return [(child.uptake[name], name, _solid(parts, *row)) for name, rows in _LOW_ORGANS.items() for row in rows]


_LIMB_LEVEL: Final = 0.75
"""Concentration in limbs, relative to the trunk: limbs are seen faintly."""


def _soft_tissue(child: Child, parts: dict[str, Solid]) -> list[Source]:
    """Return the whole body evenly, each part where no earlier one lies; lungs and brain take up less."""
    low = low_solids(child, parts)
    boxes = {name: bounds(one) for name, one in parts.items()}
    sources: list[Source] = []
    earlier: list[tuple[str, Solid]] = []
    for name, solid in parts.items():
        hidden = [one for other, one in earlier if _meet(boxes[other], boxes[name])]
        thinned = [(level, one) for level, organ, one in low if _meet(bounds(one), boxes[name])]
        own = Filled.of(solid, _weight(hidden, thinned) if hidden or thinned else None)
        level = _LIMB_LEVEL if name.endswith(("right", "left")) else 1.0
        sources.append(Source("soft_tissue", level * own.volume_mm3, own.draw))
        earlier.append((name, solid))
    return sources


def _meet(one: tuple[Points, Points], other: tuple[Points, Points]) -> bool:
    return bool((one[0] < other[1]).all() and (other[0] < one[1]).all())


def _weight(hidden: list[Solid], thinned: list[tuple[float, Solid]]) -> Weight:
    def weigh(points: Points) -> NDArray[np.float64]:
        weight = np.ones(len(points))
        for one in hidden:
            weight[one.contains(points)] = 0
        for level, one in thinned:
            weight[one.contains(points)] *= min(level, 1.0)
        return weight

    return weigh


def list_sources(child: Child, parts: dict[str, Solid], scale: float, rng: np.random.Generator) -> list[Source]:
    """Return every source of a normal scan. `scale` is 1 at five years; `rng` draws what differs from day to day."""
    sources = _soft_tissue(child, parts)
    for name, rows in _SOLID_ORGANS.items():
        level = child.uptake[name] * float(np.exp(0.12 * rng.normal()))
        for row in rows:
            solid = Filled.of(_solid(parts, *row))
            sources.append(Source(name, max(level - 1, 0) * solid.volume_mm3, solid.draw))
    for name, spots in _SOFT_ORGANS.items():
        level = child.uptake[name] * float(np.exp(0.15 * rng.normal()))
        for part, centre, sigma in spots:
            sources.append(_spot(name, max(level - 1, 0), parts[part].place(centre)[0], sigma * scale))
    sources.extend(_bowel(parts, scale, rng))
    full = float(rng.uniform(0.35, 0.9))
    urine = Filled.of(_solid(parts, "pelvis", (0, 0.12, 0.3), (0.28 * full, 0.32 * full, 0.34 * full), 2))
    sources.append(Source("bladder", float(14 * np.exp(0.7 * rng.normal())) * urine.volume_mm3, urine.draw))
    if rng.random() < 0.1:
        # Some of the tracer stays where it was injected.
        place = parts[f"hand_{rng.choice(list(SIDES))}"].place((0, -0.5, 0.5))[0]
        sources.append(_spot("injection", float(rng.uniform(5, 40)), place, 5 * scale))
    return sources


def _spot(name: str, level: float, centre: Points, sigma_mm: float) -> Source:
    return Source(name, level * (2 * np.pi) ** 1.5 * sigma_mm**3, partial(_blob, centre, sigma_mm))


def _bowel(parts: dict[str, Solid], scale: float, rng: np.random.Generator) -> list[Source]:
    sources = []
    for _ in range(int(rng.integers(2, 8))):
        place = (float(rng.uniform(-0.75, 0.75)), float(rng.uniform(-0.1, 0.75)), float(rng.uniform(0.0, 0.5)))
        level = float(1.8 * np.exp(0.6 * rng.normal()))
        sources.append(_spot("bowel", level, parts["abdomen"].place(place)[0], float(rng.uniform(7, 15)) * scale))
    return sources


def lesion_source(
    lesion: Lesion, parts: dict[str, Solid], scale: float, thickness_mm: Callable[[Points], float]
) -> Source:
    """Return the source of a lesion; `thickness_mm` is that of the body along the ray through a place."""
    sigma = lesion.width_mm / 2.355
    primary = lesion.site == "primary"
    centre = parts["abdomen"].place((0.4, -0.35, -0.25))[0] if primary else locate(lesion.site, parts)
    column = lesion.contrast * thickness_mm(centre)
    if not lesion.diffuse:
        return Source(lesion.site, column * 2 * np.pi * sigma**2, partial(_blob, centre, sigma))
    region = SITE_BONES[lesion.site][0].region
    bones = [bone for bone in BONES if bone.region == region]
    curves = [bone.curve(parts) for bone in bones]
    lengths = np.array([np.linalg.norm(np.diff(one, axis=0), axis=1).sum() for one in curves])
    radii = [bone.radius_mm * scale for bone in bones]

    def draw(number: int, rng: np.random.Generator) -> Points:
        drawn = rng.multinomial(number, lengths / lengths.sum())
        tubes = zip(curves, radii, drawn, strict=True)
        return np.concatenate([draw_along(curve, radius, int(k), rng) for curve, radius, k in tubes])

    return Source(lesion.site, float(column * (lengths * 2 * np.array(radii)).sum()), draw)
