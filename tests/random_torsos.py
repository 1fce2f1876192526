"""CT volumes of invented children, drawn without a look at how the product registers them.

A child is painted once, upright in a box of its own (millimetres of a five-year-old: x to the left, y to the back,
z up from the pelvic floor). A scan of it bends, grows, tilts and shifts that box by a smooth known map, adds arms that
move on their own, a table that does not move with the child, noise, and the cut of the field of view.
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from residuum.volumes.grid import Grid, Volume
from residuum.volumes.placement import Placement

Points = NDArray[np.float64]

BOX_MM = np.array([[-170.0, 170.0], [-130.0, 130.0], [-260.0, 640.0]])
STEP_MM = 3.0
AIR, FAT, SOFT, LUNG, BONE = -1000.0, -90.0, 40.0, -780.0, 420.0


class _Painting:
    """Values in the child's own box; later parts cover earlier ones."""

    def __init__(self, value: float) -> None:
        shape = np.ceil((BOX_MM[:, 1] - BOX_MM[:, 0]) / STEP_MM).astype(int) + 1
        self.values = np.full(shape, value, np.float32)

    def _near(self, low: Points, high: Points) -> tuple[tuple[slice, ...], tuple[Points, ...]]:
        first = np.clip(np.floor((low - BOX_MM[:, 0]) / STEP_MM).astype(int), 0, self.values.shape)
        last = np.clip(np.ceil((high - BOX_MM[:, 0]) / STEP_MM).astype(int) + 1, 0, self.values.shape)
        where = tuple(slice(a, b) for a, b in zip(first, last, strict=True))
        axes = [
            BOX_MM[i, 0] + STEP_MM * np.arange(first[i], last[i]).reshape([-1 if j == i else 1 for j in range(3)])
            for i in range(3)
        ]
        return where, tuple(axes)

    def ellipsoid(self, centre, radii, value, *, power: float = 2.0, wall_mm: float | None = None, only=None) -> None:
        centre, radii = np.asarray(centre, float), np.asarray(radii, float)
        where, (x, y, z) = self._near(centre - radii, centre + radii)
        away = sum(np.abs((axis - c) / r) ** power for axis, c, r in zip((x, y, z), centre, radii, strict=True))
        inside = away <= 1
        if wall_mm is not None:
            inner = sum(
                np.abs((axis - c) / (r - wall_mm)) ** power for axis, c, r in zip((x, y, z), centre, radii, strict=True)
            )
            inside &= inner > 1
        if only is not None:
            inside &= only(x, y, z)
        self.values[where][inside] = value

    def tube(self, points: Points, radius: float, value: float) -> None:
        """Balls along a line of points that lie closer than a radius."""
        for point in np.asarray(points, float):
            self.ellipsoid(point, (radius, radius, radius), value)


def spine_at(z: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Depth of the spine's axis: hollow at the loins, round at the chest."""
    z = np.asarray(z, float)
    return 38 - 12 * np.sin(np.pi * np.clip(z - 20, 0, 400) / 200 * 0.95)


def _vertebrae() -> list[tuple[float, float]]:
    """Middle and height of 5 lumbar, 12 thoracic, 7 cervical vertebrae with their discs, from below."""
    heights = [25.0] * 5 + list(np.linspace(20, 15, 12)) + [11.0] * 7
    tops = 62 + np.cumsum(heights)
    return [(float(top - high / 2), high) for top, high in zip(tops, heights, strict=True)]


def _rib(number: int, side: int) -> Points:
    """Line of a rib from its vertebra around the chest, sloping down to the front (0: the twelfth, 11: the first)."""
    middle = _vertebrae()[5 + number][0]
    across = 104 - 3.2 * max(0, number - 4) ** 1.35
    deep = 66 - 1.6 * max(0, number - 5) ** 1.3
    end = 0.9 if number > 1 else 0.5
    turn = np.linspace(0.12, end, 70) * np.pi
    return np.column_stack(
        [side * across * np.sin(turn), 4 + deep * np.cos(turn), middle + 6 - 60 * (turn / np.pi) ** 1.2]
    )


@dataclass(frozen=True)
class Child:
    """Painted values (HU) in the child's own box, and named bone points of it."""

    ct: NDArray[np.float32]
    bones: dict[str, tuple[float, float, float]] = field(default_factory=dict)


@cache
def paint_child(build: int = 0, breath: int = 0) -> Child:
    """Return a child of one build (organs, chest, hips of its own) in one state of breath and bowel."""
    draw = np.random.default_rng([7, build])
    wide, deep = draw.uniform(0.93, 1.07), draw.uniform(0.93, 1.07)
    vary = lambda: draw.uniform(0.9, 1.1)  # noqa: E731
    body = _Painting(AIR)
    _paint_outline(body, wide, deep)
    _paint_organs(body, [vary() for _ in range(10)], np.random.default_rng([8, build, breath]))
    bones = _paint_bones(body, wide, deep)
    return Child(gaussian_filter(body.values, 0.5), bones)


def _paint_outline(body: _Painting, wide: float, deep: float) -> None:
    for shrink, value in ((0.0, FAT), (7.0, SOFT)):
        for z in np.arange(-8.0, 425.0, STEP_MM):
            waist = 1 - 0.10 * np.exp(-(((z - 190) / 60) ** 2))
            shoulder = np.clip((425 - z) / 60, 0.05, 1) ** 0.5
            radii = (116 * wide * waist * shoulder - shrink, 78 * deep * shoulder - shrink, STEP_MM * 0.75)
            if min(radii) > 0:
                body.ellipsoid((0, 0, z), radii, value, power=2.6)
        body.ellipsoid((0, 12, 425), (34 - shrink / 2, 36 - shrink / 2, 60), value)
        body.ellipsoid((0, -8, 530), (72 - shrink / 2, 88 - shrink / 2, 95 - shrink / 2), value)
        for side in (-1, 1):
            legs = np.column_stack([side * np.linspace(50, 66, 60), np.zeros(60), np.linspace(10, -260, 60)])
            for number, point in enumerate(legs):
                radius = 50 - 0.25 * number - shrink
                body.ellipsoid(point, (radius, radius, 6), value)


def _paint_organs(body: _Painting, vary: list[float], draw: np.random.Generator) -> None:
    breath = draw.uniform(-8, 8)
    for side in (-1, 1):
        body.ellipsoid((side * 50, 5, 318 + breath / 2), (42, 54, 85 + breath / 2), LUNG)
    body.ellipsoid((22, -18, 280 + breath), (38 * vary[0], 34, 40), 45)
    body.ellipsoid((-46 * vary[1], -4, 216 + breath), (60 * vary[2], 56, 46 * vary[3]), 70)
    body.ellipsoid((30, -32, 225 + breath), (40, 26, 22), 65)
    body.ellipsoid((76, 22, 222 + breath), (22 * vary[4], 28, 36 * vary[5]), 60)
    body.ellipsoid((48, -20, 214 + breath), (30 * vary[6], 24, 26), 20)
    body.ellipsoid((52, -38, 214 + breath), (20, 12, 16), -600)
    for side in (-1, 1):
        body.ellipsoid((side * 52, 30, 165 + breath / 2 + 5 * side), (20, 20, 38 * vary[7]), 45)
    body.ellipsoid((0, -22, 22), (28 * vary[8], 26, 22 * draw.uniform(0.6, 1.2)), 8)
    for _ in range(10):
        centre = (draw.uniform(-60, 60), draw.uniform(-50, -15), draw.uniform(70, 160))
        body.ellipsoid(centre, draw.uniform(6, 16, 3), -500 if draw.random() < 0.6 else 90)
    body.tube(np.column_stack([np.zeros(60), np.full(60, 2.0), np.linspace(330, 470, 60)]), 6, AIR)


def _paint_bones(body: _Painting, wide: float, deep: float) -> dict[str, tuple[float, float, float]]:
    bones: dict[str, tuple[float, float, float]] = {}
    names = [f"L{n}" for n in range(5, 0, -1)] + [f"T{n}" for n in range(12, 0, -1)]
    names += [f"C{n}" for n in range(7, 0, -1)]
    for name, (middle, high) in zip(names, _vertebrae(), strict=True):
        size = 1.0 if name[0] == "L" else 0.82 if name[0] == "T" else 0.6
        at = float(spine_at(middle))
        body.ellipsoid((0, at, middle), (19 * size, 15 * size, high * 0.40), 260, power=4)
        body.ellipsoid((0, at, middle), (16 * size, 12 * size, high * 0.30), 190, power=4)
        body.ellipsoid((0, at + 16 * size, middle), (9, 9, high * 0.5), 30)
        body.ellipsoid((0, at + 27 * size, middle - high * 0.2), (4, 10 * size, high * 0.3), 330)
        for side in (-1, 1):
            body.ellipsoid((side * 20 * size, at + 14 * size, middle), (12 * size, 5, high * 0.2), 300)
        bones[name] = (0.0, at, middle)
    for number in range(12):
        for side, letter in ((-1, "R"), (1, "L")):
            line = _rib(number, side) * [wide, deep, 1]
            bony = line[: int(0.78 * len(line))]
            body.tube(line, 3.5, 110)
            body.tube(bony, 4.6, BONE)
            for place in (10, 25, 45):
                bones[f"rib{12 - number}{letter}{place}"] = tuple(line[place].tolist())
    for z in np.linspace(265, 385, 4):
        body.ellipsoid((0, -66 * deep + (z - 265) * 0.16, z), (13, 5.5, 17), 230, power=4)
        bones[f"sternum{z:.0f}"] = (0.0, -66 * deep + (z - 265) * 0.16, float(z))
    for side, letter in ((-1, "R"), (1, "L")):
        clavicle = np.column_stack(
            [side * np.linspace(12, 88, 30), -45 + np.linspace(0, 34, 30), np.linspace(392, 402, 30)]
        )
        body.tube(clavicle, 5, BONE)
        bones[f"clavicle{letter}"] = tuple(clavicle[15].tolist())
        body.ellipsoid((side * 70, 55, 350), (34, 10, 46), 350, wall_mm=4, only=lambda x, y, z: y > 55)
        bones[f"scapula{letter}"] = (side * 70.0, 63.0, 350.0)
        body.ellipsoid(
            (side * 40, 12, 66),
            (66, 56, 58),
            BONE,
            wall_mm=8,
            only=lambda x, y, z, s=side: (x * s > 30) & (y > -15) & (z > 40),
        )
        bones[f"ilium{letter}"] = (side * 100.0, 12.0, 82.0)
        body.ellipsoid((side * 34, -30, 12), (30, 8, 9), BONE)
        bones[f"pubis{letter}"] = (side * 34.0, -30.0, 12.0)
        body.ellipsoid((side * 40, 30, -2), (11, 12, 22), BONE)
        bones[f"ischium{letter}"] = (side * 40.0, 30.0, -2.0)
        body.ellipsoid((side * 64, 0, 18), (17, 17, 17), 380)
        bones[f"hip{letter}"] = (side * 64.0, 0.0, 18.0)
        femur = np.column_stack([side * np.linspace(80, 66, 90), np.zeros(90), np.linspace(5, -255, 90)])
        body.tube(femur, 9, BONE)
        body.tube(femur, 5, 60)
        bones[f"femur{letter}"] = tuple(femur[25].tolist())
    body.ellipsoid((0, 48, 38), (38, 14, 30), 260, power=3)
    body.ellipsoid((0, 46, 38), (32, 9, 25), 180, power=3)
    bones["sacrum"] = (0.0, 48.0, 38.0)
    body.ellipsoid((0, -4, 540), (68, 84, 82), 700, wall_mm=6)
    body.ellipsoid((0, -70, 480), (30, 12, 12), BONE)
    return bones


@dataclass(frozen=True)
class Pose:
    """How one scan maps the child's box to the room, and how the arms lie.

    Room to box is `(x - shift) @ turn / scale` plus waves: smooth, so that the other way is found by repetition.
    """

    shift: Points
    turn: Points
    scale: Points
    waves: Points
    sizes: Points
    arms: Points

    def to_box(self, room: Points) -> Points:
        straight = (room - self.shift) @ self.turn / self.scale
        return straight + self._wave(straight)

    def to_room(self, box: Points) -> Points:
        straight = np.array(box, float)
        for _ in range(60):
            straight = box - self._wave(straight)
        moved: Points = (straight * self.scale) @ self.turn.T + self.shift
        return moved

    def _wave(self, straight: Points) -> Points:
        return sum(  # type: ignore[return-value]
            size * np.sin(straight @ wave[:3] + wave[3])[..., None]
            for wave, size in zip(self.waves, self.sizes, strict=True)
        )


def random_pose(
    draw: np.random.Generator, growth: float = 1.0, *, bend_mm: float = 5.0, shift_mm: float = 60.0
) -> Pose:
    """Return a pose: tilted by a few degrees, bent by smooth waves, shifted, limbs wherever they came to lie."""
    angles = np.radians(draw.normal(0, [3, 2, 3]))
    turn = np.eye(3)
    for axis, angle in enumerate(angles):
        i, j = (axis + 1) % 3, (axis + 2) % 3
        one = np.eye(3)
        one[i, i] = one[j, j] = np.cos(angle)
        one[i, j], one[j, i] = -np.sin(angle), np.sin(angle)
        turn = turn @ one
    directions = draw.normal(size=(5, 3)) * [0.6, 0.6, 1]
    lengths = draw.uniform(220, 450, 5)
    waves = np.column_stack(
        [
            2 * np.pi * directions / np.linalg.norm(directions, axis=1)[:, None] / lengths[:, None],
            draw.uniform(0, 2 * np.pi, 5),
        ]
    )
    sizes = draw.normal(0, bend_mm / np.sqrt(5), (5, 3))
    scale = growth * np.exp(draw.normal(0, [0.03, 0.03, 0.01]))
    shift = draw.uniform(-1, 1, 3) * [shift_mm / 3, shift_mm / 3, shift_mm]
    return Pose(shift, turn, scale, waves, sizes, draw.uniform(0, 1, (2, 4)))


def _arm_lines(pose: Pose, side: int) -> list[tuple[Points, Points, float]]:
    """Ends (in straightened box millimetres) and radius of upper and lower arm: down beside the body, or up."""
    spread, front, bend, up = pose.arms[(side + 1) // 2]
    shoulder = np.array([side * 100.0, 8.0, 385.0])
    if pose.arms[0, 3] > 0.75:
        elbow = shoulder + np.array([side * (60 + 40 * spread), -20 * front, 120 + 30 * up])
        hand = elbow + np.array([-side * (60 + 60 * bend), -20.0, 110.0])
    else:
        elbow = shoulder + np.array([side * (22 + 40 * spread), 10 - 20 * front, -165.0])
        hand = elbow + np.array([side * 20 * (bend - 0.6), -30 * front - 10, -150 - 5 * up])
    return [(shoulder, elbow, 24.0), (elbow, hand, 17.0)]


def arm_points(pose: Pose) -> dict[str, Points]:
    """Room positions of the middles of the bones of the arms."""
    found = {}
    for side, letter in ((-1, "R"), (1, "L")):
        for name, (start, end, _) in zip(("humerus", "forearm"), _arm_lines(pose, side), strict=True):
            found[name + letter] = ((start + end) / 2 * pose.scale) @ pose.turn.T + pose.shift
    return found


def scan_grid(shape, spacing_mm, step_mm, centre_mm=(0.0, 0.0, 0.0)) -> Grid:
    """Return axial slices around a centre; a negative step runs from head to foot."""
    extent = (np.array([shape[2], shape[1], shape[0]]) - 1) * [spacing_mm, spacing_mm, step_mm]
    origin = tuple((np.asarray(centre_mm) - extent / 2).tolist())
    return Grid(
        shape, (spacing_mm, spacing_mm), Placement(origin, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, step_mm))
    )


def scan_ct(child: Child, pose: Pose, grid: Grid, draw: np.random.Generator, noise: float = 20.0) -> Volume:
    """Return the CT of a child in a pose: with table, arms and noise, int16."""
    room = grid.position_mm(*np.ogrid[: grid.shape[0], : grid.shape[1], : grid.shape[2]])
    values = _look_up(child.ct, pose.to_box(room), AIR)
    for side in (-1, 1):
        _add_arm(values, pose, room, side)
    _add_table(values, pose, room)
    values += draw.normal(0, noise, values.shape).astype(np.float32)
    return Volume(np.clip(np.round(values), -1024, 3000).astype(np.int16), grid.spacing_mm, grid.placement)


def _look_up(values: NDArray[np.float32], box: Points, outside: float) -> NDArray[np.float32]:
    index = np.moveaxis((box - BOX_MM[:, 0]) / STEP_MM, -1, 0)
    return map_coordinates(values, index, order=1, cval=outside, output=np.float32)


def _add_arm(values: NDArray[np.float32], pose: Pose, room: Points, side: int) -> None:
    straight = (room - pose.shift) @ pose.turn / pose.scale
    for start, end, radius in _arm_lines(pose, side):
        along = end - start
        place = np.clip((straight - start) @ along / (along @ along), 0, 1)
        away = np.linalg.norm(straight - start - place[..., None] * along, axis=-1)
        flesh = np.clip(radius - away, 0, 3) / 3
        values[:] = np.maximum(values, AIR + flesh * (SOFT - AIR))
        bone = np.clip(radius * 0.36 - away, 0, 3) / 3
        values[:] = np.maximum(values, AIR + bone * (380 - AIR))


def _add_table(values: NDArray[np.float32], pose: Pose, room: Points) -> None:
    # The table is the scanner's: level, a little below the child's back, curved up at its sides.
    back = pose.shift[1] + 80 * pose.scale[1] + 4
    height = room[..., 1] - back - 12 + (room[..., 0] / 200) ** 2 * 30
    shell = (np.abs(height) < 5) & (np.abs(room[..., 0]) < 205)
    values[shell] = np.maximum(values[shell], -150)
