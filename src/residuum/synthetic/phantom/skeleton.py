"""The 28 skeletal regions as solids of body parts: simplified shapes at the places and sizes of the stylised phantoms.

Lengths follow Cristy and Eckerman (ORNL/TM-8381), scaled to the child; what those phantoms lack (sternum, mandible,
sacrum, hands, feet, joints) is added after textbook anatomy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from residuum.synthetic.phantom.growth import Body
from residuum.synthetic.phantom.pose import SIDES, SIGN, WITHOUT_ARMS, Side
from residuum.synthetic.phantom.solids import Solid, capsule, cylinder, ellipsoid

RIBS = 12


@dataclass(frozen=True, slots=True)
class Bone:
    """A solid of a skeletal region: which one, and the body part in whose frame it is."""

    region: str
    part: str
    solid: Solid


def compute_skeleton(body: Body) -> list[Bone]:
    """Return all bones of a child; where two overlap the later one counts."""
    bones = [*_spine(body), *_skull(body)]
    for side in SIDES:
        bones += [*_ribs(body, side), *_girdle(body, side), *_pelvis(body, side), *_arm(body, side), *_leg(body, side)]
    return [*bones, _sternum(body)]


def _trunk(body: Body) -> tuple[float, float, float]:
    return WITHOUT_ARMS * body.trunk_half_width, body.trunk_half_depth, body.trunk_height


def _spine(body: Body) -> Iterator[Bone]:
    width, depth, height = _trunk(body)
    across, thick, behind = 0.125 * width, 0.21 * depth, 0.55 * depth
    neck_top = height + body.neck_height + 0.22 * body.head_height
    neck_behind = 0.5 * (behind + body.trunk_half_depth - 0.9 * body.head_half_depth)
    cervical = cylinder((0, neck_behind), (0.85 * across, 0.75 * thick), height, neck_top)
    yield Bone("spine_cervical", "trunk", cervical)
    yield Bone("spine_thoracic", "trunk", cylinder((0, behind), (across, thick), 0.5 * height, height))
    yield Bone("spine_lumbar", "trunk", cylinder((0, behind), (1.25 * across, 1.1 * thick), 0.3 * height, 0.5 * height))
    sacrum = capsule((0, 1.1 * behind, 0.28 * height), (0, 1.25 * behind, 0.12 * height), 1.7 * across, 0.6 * across)
    yield Bone("sacrum", "trunk", sacrum.cut(y=(0.75 * behind, 1.55 * behind), z=(0.06 * height, 0.3 * height)))


def _skull(body: Body) -> Iterator[Bone]:
    width, depth, height = body.head_half_width, body.head_half_depth, body.head_height
    wall = max(5.0, 0.09 * width)
    skull = ellipsoid((0, 0.05 * depth, 0.58 * height), (0.93 * width, 0.9 * depth, 0.39 * height))
    yield Bone("skull_vault", "head", skull.shell(wall).cut(z=(0.5 * height, height)))
    base = ellipsoid((0, 0.05 * depth, 0.58 * height), (0.93 * width, 0.9 * depth, 0.39 * height))
    yield Bone("skull_base", "head", base.cut(y=(-0.3 * depth, depth), z=(0.36 * height, 0.44 * height)))
    yield Bone("skull_base", "head", base.shell(wall).cut(y=(-0.3 * depth, depth), z=(0.22 * height, 0.5 * height)))
    face = ellipsoid((0, -0.12 * depth, 0.26 * height), (0.7 * width, 0.74 * depth, 0.28 * height))
    yield Bone("face_orbit", "head", face.shell(2.4 * wall).cut(y=(-depth, -0.3 * depth), z=(-height, 0.5 * height)))


def _sternum(body: Body) -> Bone:
    width, depth, height = _trunk(body)
    front = cylinder((0, 0), (0.92 * width, 0.9 * depth), 0.6 * height, 0.87 * height)
    return Bone("sternum", "trunk", front.shell(0.15 * depth).cut(x=(-0.1 * width, 0.1 * width), y=(-depth, 0)))


def _ribs(body: Body, side: Side) -> Iterator[Bone]:
    width, depth, height = _trunk(body)
    pitch = 0.40 * height / RIBS
    for rib in range(RIBS):
        # From the lowest; the cage is widest at the eighth and closes towards the first.
        up = rib / (RIBS - 1)
        narrow = 1 - 0.42 * max(0.0, up - 0.45) ** 1.6 / 0.55**1.6
        bottom = 0.535 * height + rib * pitch
        cage = cylinder((0, 0), (0.95 * width * narrow, 0.93 * depth * (1 - 0.5 * (1 - narrow))), 0, height)
        # The two lowest end free, at the side.
        front = -0.05 * depth if rib < 2 else -depth
        limits = (0.1 * width, width) if side == "left" else (-width, -0.1 * width)
        solid = cage.shell(max(6.0, 0.07 * width)).cut(x=limits, y=(front, depth), z=(bottom, bottom + 0.55 * pitch))
        yield Bone(f"ribs_{side}", "trunk", _sheared(solid, -0.35))


def _sheared(solid: Solid, shear: float) -> Solid:
    return Solid(solid.shape, solid.numbers, solid.wall_mm, solid.within, shear)


def _girdle(body: Body, side: Side) -> Iterator[Bone]:
    width, depth, height = _trunk(body)
    sign = SIGN[side]
    rod = max(5.0, 0.045 * width)
    inner, outer = (
        (0.12 * sign * width, -0.56 * depth, 0.88 * height),
        (0.84 * sign * width, 0.08 * depth, 0.935 * height),
    )
    yield Bone(f"clavicle_{side}", "trunk", capsule(inner, outer, rod, rod))
    blade = ellipsoid((0, 0, 0.8 * height), (1.0 * width, 0.95 * depth, 0.45 * height)).shell(max(6.0, 0.09 * depth))
    reach = (0.38 * width, 0.88 * width)
    limits = reach if sign > 0 else (-reach[1], -reach[0])
    yield Bone(f"scapula_{side}", "trunk", blade.cut(x=limits, y=(0.4 * depth, depth), z=(0.7 * height, 0.93 * height)))
    tip = (0.84 * sign * width, 0.35 * depth, 0.94 * height)
    yield Bone(
        f"scapula_{side}", "trunk", capsule((0.6 * sign * width, 0.62 * depth, 0.89 * height), tip, rod, 1.2 * rod)
    )


def _pelvis(body: Body, side: Side) -> Iterator[Bone]:
    width, depth, height = _trunk(body)
    sign, region = SIGN[side], f"pelvis_{side}"
    half = (0.0, 2 * width) if sign > 0 else (-2 * width, 0.0)
    wing = ellipsoid((0, -0.1 * depth, 0.3 * height), (0.78 * width, 0.85 * depth, 0.26 * height)).shell(0.11 * width)
    yield Bone(region, "trunk", wing.cut(x=half, y=(-0.25 * depth, 0.8 * depth), z=(0.1 * height, 0.3 * height)))
    hip = (0.46 * sign * width, 0.2 * depth, 0.03 * height)
    pubis = (0.05 * sign * width, -0.45 * depth, 0.02 * height)
    ischium = (0.3 * sign * width, 0.5 * depth, -0.03 * height)
    upper = (0.5 * sign * width, 0.3 * depth, 0.12 * height)
    rod = 0.095 * width
    yield Bone(region, "trunk", capsule(hip, upper, 1.7 * rod, 1.4 * rod))
    yield Bone(region, "trunk", capsule(hip, pubis, rod, 0.8 * rod).cut(x=half))
    yield Bone(region, "trunk", capsule(hip, ischium, 1.3 * rod, rod).cut(x=half))
    yield Bone(region, "trunk", capsule(ischium, pubis, 0.8 * rod, 0.8 * rod).cut(x=half))


def _arm(body: Body, side: Side) -> Iterator[Bone]:
    length, thick = body.upper_arm_length, 0.075 * body.trunk_half_width
    humerus, forearm, hand = f"humerus_{side}", f"forearm_{side}", f"hand_{side}"
    part = f"upper_arm_{side}"
    yield Bone(humerus, part, capsule((0, 0, 0.05 * length), (0, 0, 0.93 * length), 0.8 * thick, 0.7 * thick))
    yield Bone(humerus, part, ellipsoid((-0.2 * thick, 0, 0.02 * length), (1.5 * thick, 1.4 * thick, 1.5 * thick)))
    yield Bone(humerus, part, ellipsoid((0, 0, 0.96 * length), (1.5 * thick, 0.9 * thick, 0.9 * thick)))
    length, rod, apart = body.forearm_length, 0.5 * thick, 0.8 * thick
    for place in (-apart, apart):
        rod_solid = capsule((place, 0, 0.03 * length), (place, 0, 0.97 * length), rod, rod)
        yield Bone(forearm, f"forearm_{side}", rod_solid)
    length, part = body.hand_length, f"hand_{side}"
    yield Bone(hand, part, ellipsoid((0, 0, 0.3 * length), (1.9 * thick, 0.55 * thick, 0.3 * length)))
    for finger in (-1.5, -0.5, 0.5, 1.5):
        start, end = (0.8 * finger * thick, 0, 0.45 * length), (1.0 * finger * thick, 0, 0.92 * length)
        yield Bone(hand, part, capsule(start, end, 0.42 * thick, 0.36 * thick))


def _leg(body: Body, side: Side) -> Iterator[Bone]:
    thick = 0.085 * body.trunk_half_width
    length, part, femur = body.thigh_length, f"thigh_{side}", f"femur_{side}"
    yield Bone(femur, part, ellipsoid((0, 0, 0), (1.5 * thick, 1.5 * thick, 1.5 * thick)))
    yield Bone(femur, part, capsule((0, 0, 0), (1.6 * thick, 0, 0.08 * length), thick, 1.3 * thick))
    yield Bone(femur, part, capsule((1.6 * thick, 0, 0.1 * length), (0, 0, 0.9 * length), thick, 0.95 * thick))
    yield Bone(femur, part, ellipsoid((0, 0, 0.95 * length), (2.2 * thick, 1.7 * thick, 1.5 * thick)))
    length, part, leg = 0.92 * body.shank_length, f"shank_{side}", f"leg_{side}"
    yield Bone(leg, part, ellipsoid((0, 0, 0.05 * length), (2.1 * thick, 1.6 * thick, 1.3 * thick)))
    yield Bone(
        leg, part, capsule((-0.3 * thick, 0, 0.08 * length), (-0.2 * thick, 0, 0.97 * length), 1.1 * thick, thick)
    )
    fibula = capsule(
        (1.9 * thick, 0.5 * thick, 0.1 * length), (1.1 * thick, 0.3 * thick, 0.97 * length), 0.5 * thick, 0.5 * thick
    )
    yield Bone(leg, part, fibula)
    yield Bone(leg, part, ellipsoid((0, -2.2 * thick, -0.03 * length), (1.1 * thick, 0.7 * thick, 1.1 * thick)))
    length, part, foot = 0.15 * body.stature_mm, f"foot_{side}", f"foot_{side}"
    yield Bone(foot, part, ellipsoid((0, 0.03 * length, 0.0), (1.2 * thick, 0.12 * length, 0.2 * length)))
    for toe in (-1.0, 0.0, 1.0):
        start, end = (0.4 * toe * thick, 0, 0.15 * length), (0.8 * toe * thick, 0, 0.72 * length)
        yield Bone(foot, part, capsule(start, end, 0.5 * thick, 0.4 * thick))
