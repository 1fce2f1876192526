"""How a child lies on the table, and the frames of the body parts that follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from residuum.synthetic.phantom.growth import Body
from residuum.synthetic.phantom.solids import Frame, Positions

Side = Literal["right", "left"]
SIDES: Final[tuple[Side, Side]] = ("right", "left")
SIGN: Final[Mapping[Side, float]] = {"right": -1.0, "left": 1.0}
"""Direction of a side along x, which grows to the patient's left."""

WITHOUT_ARMS: Final = 0.85
"""Half-width of the trunk alone: the rib cage of the stylised adult is 17 of 20 cm."""
_SHOULDER_X, _SHOULDER_Z = 0.90, 0.92
_HIP_X: Final = 0.46
"""Joints as shares of the trunk's half-width (without arms) and height."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How a child lies: degrees and millimetres; arms and legs as (right, left).

    Attributes
    ----------
    shift_mm : tuple of float
        Of the whole body to the patient's left and to the head.
    tilt : float
        Of the whole body in the plane of the table, the head to the patient's left.
    roll : float
        About the long axis, the left side up.
    head_turn, head_tilt : float
        The face to the patient's left; the vertex to the patient's left.
    arm_out, elbow_bend, leg_out, foot_out : tuple of float
        Away from the trunk; the forearm towards the trunk; the leg away from the midline; the toes outward.
    """

    shift_mm: tuple[float, float] = (0.0, 0.0)
    tilt: float = 0.0
    roll: float = 0.0
    head_turn: float = 0.0
    head_tilt: float = 0.0
    arm_out: tuple[float, float] = (12.0, 12.0)
    elbow_bend: tuple[float, float] = (8.0, 8.0)
    leg_out: tuple[float, float] = (5.0, 5.0)
    foot_out: tuple[float, float] = (25.0, 25.0)


def draw_pose(rng: np.random.Generator, body: Body, half_field_mm: float = 285.0) -> Pose:
    """Return a pose as children are laid: supine, the head straight in its rest, arms beside the body within the field.

    Parameters
    ----------
    half_field_mm : float
        Half the width that the camera sees; arms of large children are wrapped closer.
    """
    shift = float(np.clip(rng.normal(0, 8), -20, 20)), float(rng.uniform(-60, 60))
    # The feet of a tall child would leave the field.
    most = min(3.0, 1700 / body.stature_mm)
    tilt = float(np.clip(rng.normal(0, 0.4 * most), -most, most))
    half = half_field_mm - abs(shift[0])
    arm, leg = (max(2.0, widest - abs(tilt)) for widest in _widest_angles(body, half))

    def pair(low: float, high: float) -> tuple[float, float]:
        middle = rng.uniform(low, high)
        first, second = np.clip(middle + rng.normal(0, 0.12 * (high - low) + 0.5, 2), low, high)
        return float(first), float(second)

    out = pair(min(7.0, arm), min(28.0, arm))
    # A forearm that bends further would lie within the trunk.
    bend = min(25.0, min(out) + 2)
    return Pose(
        shift_mm=shift,
        tilt=tilt,
        roll=float(np.clip(rng.normal(0, 2), -5, 5)),
        head_turn=float(np.clip(rng.normal(0, 6), -15, 15)),
        head_tilt=float(np.clip(rng.normal(0, 4), -10, 10)),
        arm_out=out,
        elbow_bend=pair(min(2.0, bend), bend),
        leg_out=pair(2.0, min(11.0, leg)),
        foot_out=pair(10.0, 50.0),
    )


def _widest_angles(body: Body, half_width_mm: float) -> tuple[float, float]:
    """Return how far straight arms and legs may be spread, in degrees, to stay within half a width."""
    trunk = WITHOUT_ARMS * body.trunk_half_width
    arm = body.upper_arm_length + body.forearm_length + body.hand_length
    leg = body.thigh_length + body.shank_length
    toes = 0.105 * body.stature_mm
    room = half_width_mm - _SHOULDER_X * trunk - 0.2 * body.trunk_half_width, half_width_mm - _HIP_X * trunk - toes
    first, second = np.degrees(np.arcsin(np.clip(np.array(room) / (arm, leg), 0.03, 0.9)))
    return float(first), float(second)


def compute_frames(body: Body, pose: Pose) -> dict[str, Frame]:
    """Return the frame of every body part.

    Parts are `trunk`, `head` and, with `_right` or `_left`, `upper_arm`, `forearm`, `hand`, `thigh`, `shank`, `foot`.
    The z axis of trunk and head points to the head, that of a limb's part along it away from the trunk; x points to the
    patient's left in trunk and head and away from the midline in limbs; y to the back, in feet to the heel's side.
    """
    trunk = _trunk(body, pose)
    frames = {"trunk": trunk, "head": _head(body, pose, trunk)}
    for index, side in enumerate(SIDES):
        frames |= _arm(body, pose, trunk, side, index) | _leg(body, pose, trunk, side, index)
    return frames


def _trunk(body: Body, pose: Pose) -> Frame:
    scale = np.array([WITHOUT_ARMS * body.trunk_half_width, body.trunk_half_depth, body.trunk_height])
    axes = _about("y", pose.tilt) @ _about("z", pose.roll)
    middle = np.array([pose.shift_mm[0], 0.0, pose.shift_mm[1]])
    # Turned about its middle, not about its lower end.
    half = np.array([0, 0, 0.5 * body.trunk_height])
    return Frame(middle + half - axes @ half, axes, scale)


def _head(body: Body, pose: Pose, trunk: Frame) -> Frame:
    scale = np.array([body.head_half_width, body.head_half_depth, body.head_height])
    base = np.array([0, body.trunk_half_depth - 0.97 * body.head_half_depth, body.trunk_height + body.neck_height])
    axes = trunk.axes @ _about("y", pose.head_tilt) @ _about("z", pose.head_turn)
    return Frame(trunk.origin_mm + trunk.axes @ base, axes, scale)


def _arm(body: Body, pose: Pose, trunk: Frame, side: Side, index: int) -> dict[str, Frame]:
    lengths = {"upper_arm": body.upper_arm_length, "forearm": body.forearm_length, "hand": body.hand_length}
    out, bend = pose.arm_out[index], pose.elbow_bend[index]
    angles = {"upper_arm": out, "forearm": out - bend, "hand": out - 0.8 * bend}
    start = np.array([_SHOULDER_X * SIGN[side], 0.25, _SHOULDER_Z]) * trunk.scale_mm
    width = 0.24 * body.trunk_half_width
    return _chain(trunk, start, side, lengths, angles, width)


def _leg(body: Body, pose: Pose, trunk: Frame, side: Side, index: int) -> dict[str, Frame]:
    out = pose.leg_out[index]
    lengths = {"thigh": body.thigh_length, "shank": 0.92 * body.shank_length}
    start = np.array([_HIP_X * SIGN[side], 0.2, 0.0]) * trunk.scale_mm
    chain = _chain(trunk, start, side, lengths, {"thigh": out, "shank": 0.7 * out}, 0.42 * body.trunk_half_width)
    shank = chain[f"shank_{side}"]
    ankle = shank.to_world(np.array([0.0, 0.0, 1.0]))
    length = 0.15 * body.stature_mm
    # The sole leans 40 degrees from upright, as in a relaxed child; z runs from the heel to the toes.
    turned = trunk.axes @ _about("z", SIGN[side] * pose.foot_out[index])
    toes = turned @ np.array([0.0, -np.cos(np.radians(40)), -np.sin(np.radians(40))])
    chain[f"foot_{side}"] = Frame(ankle, _axes_along(toes, turned[:, 0] * SIGN[side]), np.array([1, 1, 1]) * length)
    return chain


def _chain(
    trunk: Frame, start: Positions, side: Side, lengths: Mapping[str, float], angles: Mapping[str, float], width: float
) -> dict[str, Frame]:
    """Return parts of a limb, each beginning where the one before ends; angles are from the trunk's axis outwards."""
    frames, origin = {}, trunk.origin_mm + trunk.axes @ start
    for part, length in lengths.items():
        angle = np.radians(angles[part])
        along = trunk.axes @ np.array([SIGN[side] * np.sin(angle), 0.0, -np.cos(angle)])
        outwards = trunk.axes @ np.array([SIGN[side] * np.cos(angle), 0.0, np.sin(angle)])
        frames[f"{part}_{side}"] = Frame(origin, _axes_along(along, outwards), np.array([width, width, length]))
        origin = origin + along * length
    return frames


def _axes_along(along: Positions, outwards: Positions) -> Positions:
    """Return axes (columns x, y, z) with z along a direction, x as near to outwards as it can be, y to the back."""
    x = outwards - along * (outwards @ along)
    x = x / np.linalg.norm(x)
    y = np.cross(along, x)
    if y[1] < 0:
        y = -y
    return np.column_stack([x, y, along])


def _about(axis: Literal["y", "z"], degrees: float) -> Positions:
    """Return the rotation that takes the vertex, or the face, towards the patient's left."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    if axis == "y":
        return np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
