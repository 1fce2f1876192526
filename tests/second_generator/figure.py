"""The stick figure: a pose, and the solids of a body hung on it.

World: millimetres, x to the patient's left, y towards the feet, z to the front. The body lies on its back.
"""

from dataclasses import dataclass, replace

import numpy as np

from second_generator.solids import Capsule, Points, Solid, SuperEllipsoid, bounds, turn

SIDES = {"right": -1, "left": 1}


@dataclass(frozen=True, slots=True)
class Pose:
    """How the child lies: degrees and mm; pairs are (right, left)."""

    trunk_tilt: float = 0.0
    side_bend: float = 0.0
    head_turn: float = 0.0
    head_tilt: float = 0.0
    abduction: tuple[float, float] = (12.0, 12.0)
    elbow_flexion: tuple[float, float] = (10.0, 10.0)
    palm_turn: tuple[float, float] = (30.0, 30.0)
    leg_spread: tuple[float, float] = (6.0, 6.0)
    knee_flexion: tuple[float, float] = (4.0, 4.0)
    foot_out: tuple[float, float] = (30.0, 30.0)
    foot_down: tuple[float, float] = (35.0, 35.0)
    shift_mm: tuple[float, float] = (0.0, 0.0)


def draw_pose(rng: np.random.Generator, turned: bool = False) -> Pose:
    """Return a pose within what a child does on the table: the head straight in its rest, or turned up to 35 degrees.

    Turned heads are a hard case of their own: what lies in front moves out of the plane by several centimetres.
    """

    def two(low: float, high: float) -> tuple[float, float]:
        return float(rng.uniform(low, high)), float(rng.uniform(low, high))

    return Pose(
        trunk_tilt=float(rng.uniform(-3, 3)),
        side_bend=float(rng.uniform(-4, 4)),
        head_turn=float(rng.uniform(-35, 35)) if turned else float(np.clip(rng.normal(0, 6), -15, 15)),
        head_tilt=float(rng.uniform(-8, 8)),
        abduction=two(5, 30),
        elbow_flexion=two(0, 40),
        palm_turn=two(0, 90),
        leg_spread=two(3, 15),
        knee_flexion=two(0, 12),
        foot_out=two(5, 60),
        foot_down=two(20, 50),
        shift_mm=(float(rng.uniform(-60, 60)), float(rng.uniform(-150, 150))),
    )


def build_figure(size: dict[str, float], pose: Pose, half_field_mm: float) -> dict[str, Solid]:
    """Return the solids of a body by name, in the order in which they own common space.

    Arms that would leave the field are strapped closer, and the body moved to its middle, as a technologist does.
    """
    parts = _hang(size, pose)
    for _ in range(40):
        if _reach_mm(parts) < half_field_mm - 6:
            break
        pose = replace(
            pose,
            trunk_tilt=pose.trunk_tilt * 0.9,
            abduction=(max(pose.abduction[0] * 0.9, 3.0), max(pose.abduction[1] * 0.9, 3.0)),
            leg_spread=(max(pose.leg_spread[0] * 0.95, 2.0), max(pose.leg_spread[1] * 0.95, 2.0)),
            foot_out=(pose.foot_out[0] * 0.95, pose.foot_out[1] * 0.95),
            shift_mm=(pose.shift_mm[0] * 0.85, pose.shift_mm[1]),
        )
        parts = _hang(size, pose)
    return parts


def _reach_mm(parts: dict[str, Solid]) -> float:
    """Return how far any part reaches from the middle of the table."""
    return float(max(np.abs([edge[0] for edge in bounds(one)]).max() for one in parts.values()))


def _hang(size: dict[str, float], pose: Pose) -> dict[str, Solid]:
    trunk = size["sitting_height"] - size["head_height"] - size["neck"]
    upper = turn(pose.trunk_tilt, 2)
    lower = upper @ turn(pose.side_bend, 2)
    middle = np.array([pose.shift_mm[0], pose.shift_mm[1], 0.0])
    parts: dict[str, Solid] = {}
    parts.update(_hang_trunk(size, trunk, middle, upper, lower))
    parts.update(_hang_head(size, pose, middle - upper[:, 1] * 0.55 * trunk, upper))
    for number, (side, sign) in enumerate(SIDES.items()):
        shoulder = middle + upper @ [sign * 0.46 * size["shoulder_breadth"], -0.45 * trunk, -0.03 * size["chest_depth"]]
        parts.update(_hang_arm(size, pose, number, side, sign, shoulder, upper))
        hip = middle + lower @ [sign * 0.27 * size["hip_breadth"], 0.27 * trunk, -0.08 * size["chest_depth"]]
        length = size["stature"] - size["sitting_height"] + 0.17 * trunk
        parts.update(_hang_leg(size, pose, number, side, sign, hip, lower, length))
    return parts


def _hang_trunk(size: dict[str, float], trunk: float, middle: Points, upper: Points, lower: Points) -> dict[str, Solid]:
    chest, waist = (
        (size["chest_breadth"] / 2, size["chest_depth"] / 2),
        (size["waist_breadth"] / 2, size["waist_depth"] / 2),
    )
    shoulders = (0.39 * size["shoulder_breadth"], 0.12 * trunk, 0.3 * size["chest_depth"])
    hips = (size["hip_breadth"] / 2, 0.23 * trunk, 0.47 * size["chest_depth"])
    return {
        "thorax": SuperEllipsoid(middle - upper[:, 1] * 0.30 * trunk, upper, (chest[0], 0.29 * trunk, chest[1]), 2.5),
        "shoulders": SuperEllipsoid(middle - upper[:, 1] * 0.46 * trunk, upper, shoulders, 2.5, 0.3),
        "abdomen": SuperEllipsoid(middle, upper, (waist[0], 0.26 * trunk, waist[1]), 2.5),
        "pelvis": SuperEllipsoid(middle + lower[:, 1] * 0.23 * trunk, lower, hips, 2.5, 0.08),
    }


def _hang_head(size: dict[str, float], pose: Pose, base: Points, upper: Points) -> dict[str, Solid]:
    bent = upper @ turn(pose.head_tilt, 2)
    reach = size["neck"] + 0.35 * size["head_height"]
    neck = Capsule(base - bent[:, 1] * reach, bent, reach, (size["neck_radius"], 1.05 * size["neck_radius"]))
    half = (size["head_breadth"] / 2, size["head_height"] / 2, size["head_length"] / 2)
    up = size["neck"] + half[1]
    rest = half[2] - size["chest_depth"] / 2
    centre = base - bent[:, 1] * up + np.array([0, 0, rest])
    head = SuperEllipsoid(centre, bent @ turn(pose.head_turn, 1), half, 2.0, -0.12)
    return {"head": head, "neck": neck}


def _hang_arm(
    size: dict[str, float], pose: Pose, number: int, side: str, sign: int, shoulder: Points, upper: Points
) -> dict[str, Solid]:
    out, flexed = pose.abduction[number], pose.elbow_flexion[number]
    drop = 0.3 * size["chest_depth"] / size["upper_arm"]
    arm_axes = upper @ turn(-sign * out, 2) @ turn(-np.rad2deg(np.arcsin(min(drop, 0.4))), 0)
    arm = Capsule(shoulder, arm_axes, size["upper_arm"], (size["upper_arm_radius"], 0.88 * size["upper_arm_radius"]))
    elbow = arm.place([0, 1, 0])[0]
    # Flexion first brings the forearm alongside the body, the rest of it lifts the hand off the table.
    inward = min(flexed, out + 3)
    fore_axes = upper @ turn(-sign * (out - inward), 2) @ turn(0.6 * (flexed - inward), 0)
    fore = Capsule(elbow, fore_axes, size["forearm"], (size["forearm_radius"], size["wrist_radius"]))
    wrist = fore.place([0, 1, 0])[0]
    hand_axes = fore_axes @ turn(sign * pose.palm_turn[number], 1)
    half = (0.24 * size["hand"], 0.5 * size["hand"], 0.11 * size["hand"])
    hand = SuperEllipsoid(wrist + fore_axes[:, 1] * 0.45 * size["hand"], hand_axes, half, 2.5, -0.1)
    return {f"upper_arm_{side}": arm, f"forearm_{side}": fore, f"hand_{side}": hand}


def _hang_leg(
    size: dict[str, float], pose: Pose, number: int, side: str, sign: int, hip: Points, lower: Points, length: float
) -> dict[str, Solid]:
    spread, knee = pose.leg_spread[number], pose.knee_flexion[number]
    thigh_axes = lower @ turn(-sign * spread, 2) @ turn(knee * 0.5, 0)
    thigh = Capsule(hip, thigh_axes, 0.46 * length, (size["thigh_radius"], 0.72 * size["thigh_radius"]))
    leg_axes = lower @ turn(-sign * spread * 0.8, 2) @ turn(-knee * 0.6, 0)
    leg = Capsule(thigh.place([0, 1, 0])[0], leg_axes, 0.43 * length, (size["calf_radius"], size["ankle_radius"]))
    ankle = leg.place([0, 1, 0])[0]
    # Toes point to the ceiling, fall outwards, and down by the plantar flexion.
    foot_axes = leg_axes @ turn(sign * pose.foot_out[number], 1) @ turn(90 - pose.foot_down[number], 0)
    half = (0.19 * size["foot"], 0.5 * size["foot"], 0.14 * size["foot"])
    foot = SuperEllipsoid(ankle + foot_axes @ [0, 0.26 * size["foot"], -0.03 * size["foot"]], foot_axes, half, 2.5)
    return {f"thigh_{side}": thigh, f"leg_{side}": leg, f"foot_{side}": foot}
