"""Skin and organs as solids of body parts, at the places of the stylised adult, scaled to the child.

Lengths in centimetres of the adult of Cristy and Eckerman (ORNL/TM-8381), whose origin is the middle of the trunk's
lower end; x to the left, y to the back, z up, as here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from residuum.synthetic.phantom.growth import Body
from residuum.synthetic.phantom.pose import SIDES, SIGN, WITHOUT_ARMS, Side
from residuum.synthetic.phantom.solids import Solid, Triple, capsule, cylinder, ellipsoid

ORGANS: Final = (
    "outside",
    "remainder",
    "lungs",
    "heart",
    "liver",
    "spleen",
    "kidneys",
    "stomach",
    "bowel",
    "bladder",
    "thyroid",
    "salivary_glands",
    "lacrimal_glands",
    "nasal_mucosa",
    "adrenals",
    "brown_fat",
    "brain",
)
"""What a voxel outside bone belongs to, by its code; `remainder` is all other soft tissue."""

_ADULT_CM: Final = (20.0, 10.0, 70.0)
_IN_TRUNK: Final[Mapping[str, tuple[tuple[Triple, Triple], ...]]] = {
    "lungs": (((-8.3, 0.3, 46.0), (5.2, 7.6, 19.5)), ((8.3, 0.3, 46.0), (5.2, 7.6, 19.5))),
    "heart": (((2.6, -3.2, 48.5), (5.6, 4.6, 5.6)),),
    "spleen": (((10.6, 3.6, 37.5), (3.4, 2.4, 5.6)),),
    "kidneys": (((-6.0, 5.2, 32.5), (3.0, 1.9, 5.3)), ((6.0, 5.2, 33.5), (3.0, 1.9, 5.3))),
    "stomach": (((7.2, -3.8, 36.0), (3.9, 3.0, 6.8)),),
    "bladder": (((0.0, -3.2, 7.0), (4.4, 3.4, 3.4)),),
    "adrenals": (((-4.0, 5.0, 38.5), (1.6, 0.9, 2.2)), ((4.0, 5.0, 38.5), (1.6, 0.9, 2.2))),
}
"""Centres and half-axes; the right kidney lies lower. Heart: with its cavities, which hardly count at 24 h."""
_BOWEL_CM: Final = (
    ((-8.6, -2.4, 14.5), (-8.6, -2.4, 24.0), 2.3),
    ((-8.6, -3.6, 25.0), (8.6, -3.6, 26.5), 2.0),
    ((9.0, -2.4, 25.0), (9.2, -1.8, 13.0), 1.8),
    ((-4.5, -3.5, 19.5), (4.5, -3.5, 17.0), 2.0),
    ((-4.0, -3.0, 15.5), (4.5, -3.0, 21.5), 1.8),
)


@dataclass(frozen=True, slots=True)
class Organ:
    """A solid of an organ: which one, and the body part in whose frame it is."""

    name: str
    part: str
    solid: Solid


def compute_skin(body: Body) -> list[Organ]:
    """Return what fills the skin: trunk, neck, head and limbs."""
    width, depth, height = WITHOUT_ARMS * body.trunk_half_width, body.trunk_half_depth, body.trunk_height
    solids = [
        ("trunk", cylinder((0, 0), (width, depth), 0.06 * height, 0.86 * height)),
        ("trunk", ellipsoid((0, 0.05 * depth, 0.86 * height), (1.06 * width, 0.95 * depth, 0.14 * height))),
        ("trunk", ellipsoid((0, 0.05 * depth, 0.07 * height), (1.02 * width, 0.95 * depth, 0.14 * height))),
        ("trunk", _neck(body)),
        ("head", ellipsoid((0, 0, 0.56 * body.head_height), _skull_axes(body))),
        ("head", _jaw(body)),
    ]
    skin = [Organ("remainder", part, solid) for part, solid in solids]
    for side in SIDES:
        skin += [Organ("remainder", part, solid) for part, solid in _limbs(body, side)]
    return skin


def _skull_axes(body: Body) -> Triple:
    return body.head_half_width, body.head_half_depth, 0.44 * body.head_height


def _jaw(body: Body) -> Solid:
    width, depth, height = body.head_half_width, body.head_half_depth, body.head_height
    return ellipsoid((0, -0.1 * depth, 0.26 * height), (0.78 * width, 0.84 * depth, 0.31 * height))


def _neck(body: Body) -> Solid:
    behind = body.trunk_half_depth - 0.97 * body.head_half_depth
    bottom, top = (0, 0.25 * body.trunk_half_depth, 0.93 * body.trunk_height), (0, 0.6 * behind, 0.0)
    end = (top[0], top[1], body.trunk_height + body.neck_height + 0.15 * body.head_height)
    return capsule(bottom, end, 1.1 * body.neck_radius, body.neck_radius)


def _limbs(body: Body, side: Side) -> Iterator[tuple[str, Solid]]:
    girth = body.trunk_half_width
    upper, fore, hand = body.upper_arm_length, body.forearm_length, body.hand_length
    yield f"upper_arm_{side}", capsule((0, 0, 0.02 * upper), (0, 0, upper), 0.25 * girth, 0.2 * girth)
    yield f"forearm_{side}", capsule((0, 0, 0), (0, 0, fore), 0.2 * girth, 0.145 * girth)
    yield f"hand_{side}", ellipsoid((0, 0, 0.46 * hand), (0.2 * girth, 0.09 * girth, 0.52 * hand))
    thigh, shank, foot = body.thigh_length, 0.92 * body.shank_length, 0.15 * body.stature_mm
    yield f"thigh_{side}", capsule((0, 0, 0.02 * thigh), (0, 0, thigh), 0.41 * girth, 0.29 * girth)
    yield f"shank_{side}", capsule((0, 0, 0), (0, 0, 0.4 * shank), 0.29 * girth, 0.28 * girth)
    yield f"shank_{side}", capsule((0, 0, 0.4 * shank), (0, 0, shank), 0.28 * girth, 0.18 * girth)
    yield f"foot_{side}", capsule((0, 0, -0.12 * foot), (0, 0, 0.72 * foot), 0.19 * girth, 0.13 * girth)


def compute_organs(body: Body) -> list[Organ]:
    """Return the organs of a child; where two overlap the later one counts."""
    scale = tuple(size / adult for size, adult in zip(_trunk_cm(body), _ADULT_CM, strict=True))
    organs = [Organ("brain", "head", _brain(body))]
    for name, ellipsoids in _IN_TRUNK.items():
        for centre, axes in ellipsoids:
            organs.append(Organ(name, "trunk", ellipsoid(_scaled(centre, scale), _scaled(axes, scale))))
        if name == "heart":
            organs += _liver(scale)
    for start, end, radius in _BOWEL_CM:
        thick = 10 * radius * scale[0]
        organs.append(Organ("bowel", "trunk", capsule(_scaled(start, scale), _scaled(end, scale), thick, thick)))
    return [*organs, *_neck_and_face(body), *_brown_fat(body)]


def _trunk_cm(body: Body) -> Triple:
    return body.trunk_half_width / 10, body.trunk_half_depth / 10, body.trunk_height / 10


def _scaled(centimetres: Triple, scale: tuple[float, ...]) -> Triple:
    x, y, z = (10 * value * factor for value, factor in zip(centimetres, scale, strict=True))
    return x, y, z


def _liver(scale: tuple[float, ...]) -> list[Organ]:
    """Return a right lobe that fills the dome of the right ribs and a thinner left lobe across the midline."""
    right = ellipsoid(_scaled((-8.6, -0.3, 36.0), scale), _scaled((7.3, 7.0, 7.4), scale))
    left = ellipsoid(_scaled((-1.0, -3.6, 38.2), scale), _scaled((8.4, 3.4, 4.2), scale))
    return [Organ("liver", "trunk", solid) for solid in (right, left)]


def _brain(body: Body) -> Solid:
    width, depth, height = body.head_half_width, body.head_half_depth, body.head_height
    return ellipsoid((0, 0.05 * depth, 0.58 * height), (0.85 * width, 0.82 * depth, 0.35 * height))


def _neck_and_face(body: Body) -> Iterator[Organ]:
    width, depth, height = body.head_half_width, body.head_half_depth, body.head_height
    gland = 0.055 * (width + depth)
    yield Organ(
        "nasal_mucosa",
        "head",
        ellipsoid((0, -0.78 * depth, 0.36 * height), (0.13 * width, 0.14 * depth, 0.09 * height)),
    )
    low = body.trunk_height + 0.25 * body.neck_height
    front = -0.35 * body.neck_radius
    for side in SIDES:
        sign = SIGN[side]
        parotid = ellipsoid(
            (0.68 * sign * width, -0.05 * depth, 0.26 * height), (0.8 * gland, 1.3 * gland, 1.9 * gland)
        )
        under = ellipsoid((0.36 * sign * width, -0.35 * depth, 0.05 * height), (gland, 1.3 * gland, gland))
        yield Organ("salivary_glands", "head", parotid)
        yield Organ("salivary_glands", "head", under)
        tear = ellipsoid(
            (0.55 * sign * width, -0.72 * depth, 0.54 * height), (0.35 * gland, 0.35 * gland, 0.35 * gland)
        )
        yield Organ("lacrimal_glands", "head", tear)
        lobe = (0.3 * sign * body.neck_radius, front, low)
        size = 0.24 * body.neck_radius
        yield Organ("thyroid", "trunk", ellipsoid(lobe, (size, size, 0.5 * body.neck_radius)))


def _brown_fat(body: Body) -> Iterator[Organ]:
    """Return the pads of nape and shoulders, on both sides alike."""
    width, depth, height = WITHOUT_ARMS * body.trunk_half_width, body.trunk_half_depth, body.trunk_height
    for side in SIDES:
        start = (0.24 * SIGN[side] * width, 0.2 * depth, height)
        end = (0.62 * SIGN[side] * width, 0.25 * depth, 0.955 * height)
        yield Organ("brown_fat", "trunk", capsule(start, end, 0.07 * width, 0.05 * width))
