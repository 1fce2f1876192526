"""Where bones lie in a jointed figure, as seen from the front and from behind.

Levels of the trunk lie between two sources, which differ by a tenth to a quarter of its half-length: landmarks of
adults (crotch at 0.475, L5/S1 about 0.585, T12/L1 about 0.69, C7/T1 about 0.85 of the stature) and stylised phantoms
(Cristy and Eckerman 1987: lumbar spine from 0.30 to 0.50 of the height of the trunk). The wrist lies 0.146 of 0.24 of
the stature below the elbow (Drillis and Contini 1966). Eyes lie half-way from vertex to chin, ears a little lower.
Shapes are textbook anatomy, drawn with few corners.
"""

from typing import Final, NamedTuple

Corners = tuple[tuple[float, float], ...]

HIDDEN: Final = -9.0
"""Weight of what is not seen in a view."""


class Bone(NamedTuple):
    """A piece of a region in one part of the figure.

    Attributes
    ----------
    region : str
        Paired ones without their side: they are mirrored.
    part : str
        Key of `PARTS`.
    filled : bool
        Whether corners enclose an area, or are joined by a line.
    corners : tuple
        Along and across the part, in its steps; across grows to the patient's left, of paired bones outwards.
    radius : float
        Half-width about line or area, in steps across.
    front, back : float
        What weighs for the region in a view of the front, and of the back: logarithms. A lesion is marked where it is
        nearer, so what lies far from a detector weighs less.
    """

    region: str
    part: str
    filled: bool
    corners: Corners
    radius: float
    front: float
    back: float


PARTS: Final = {
    "chest": (0, 0),
    "loins": (1, 1),
    "head": (2, 2),
    "neck": (3, 3),
    "upper_arm": (4, 6),
    "forearm": (5, 7),
    "thigh": (8, 11),
    "leg": (9, 12),
    "foot": (10, 13),
}
"""Numbers of the figure's part at the patient's left and right.

Chest and loins: from the middle of the trunk (0) to the shoulders (-1) and to the crotch (1), steps across are
half-widths of chest and hips. Head: half-widths of the head, down from the vertex. Neck: from the middle of the face
(0) to the shoulders (1). Limbs: from joint to joint, steps across are radii of an upper arm or of a leg below the knee.
"""


def _mirror(half: Corners) -> Corners:
    """Return an area from its left half, from top to bottom."""
    return half + tuple((along, -across) for along, across in reversed(half))


def _line(region: str, part: str, corners: Corners, radius: float, front: float = 0.0, back: float = 0.0) -> Bone:
    return Bone(region, part, False, corners, radius, front, back)


def _area(region: str, part: str, corners: Corners, front: float = 0.0, back: float = 0.0) -> Bone:
    return Bone(region, part, True, corners, 0.0, front, back)


BONES: Final = (
    _area("skull_vault", "head", _mirror(((0.05, 0.35), (0.5, 0.85), (1.02, 0.95))), back=HIDDEN),
    _area("skull_vault", "head", _mirror(((0.05, 0.35), (0.5, 0.85), (1.12, 0.95))), front=HIDDEN),
    _area("skull_base", "head", _mirror(((1.22, 0.9), (1.65, 0.8))), front=-1.0, back=HIDDEN),
    _area("skull_base", "head", _mirror(((1.22, 0.9), (1.7, 0.7))), front=HIDDEN),
    _area("face_orbit", "head", _mirror(((1.17, 0.65), (1.7, 0.65), (2.4, 0.35))), back=-3.0),
    _line("spine_cervical", "neck", ((0.25, 0.0), (0.92, 0.0)), 0.25, front=-0.5),
    _line("spine_thoracic", "chest", ((-0.95, 0.0), (-0.2, 0.0)), 0.14, front=-1.5),
    _line("spine_lumbar", "loins", ((-0.1, 0.0), (0.26, 0.0)), 0.17),
    _area("sacrum", "loins", _mirror(((0.37, 0.24), (0.75, 0.05))), front=-0.3),
    _line("sternum", "chest", ((-0.85, 0.0), (-0.35, 0.0)), 0.1, back=-4.0),
    _area("ribs", "chest", ((-0.98, 0.18), (-0.85, 0.55), (-0.55, 0.9), (0.0, 1.0), (0.05, 0.2)), -0.4, -0.4),
    _line("clavicle", "chest", ((-0.88, 0.08), (-0.95, 0.4), (-1.0, 0.85)), 0.05, back=-3.0),
    _area("scapula", "chest", ((-1.0, 0.7), (-0.92, 0.38), (-0.55, 0.42), (-0.65, 0.62), (-0.85, 0.7)), front=-2.5),
    # Wing, and acetabulum with ischium and pubis.
    _area("pelvis", "loins", ((0.3, 0.32), (0.2, 0.6), (0.45, 0.85), (0.65, 0.6), (0.6, 0.25))),
    _area("pelvis", "loins", ((0.6, 0.25), (0.65, 0.6), (0.8, 0.48), (0.98, 0.38), (0.98, 0.25), (0.85, 0.03))),
    _line("humerus", "upper_arm", ((0.0, 0.0), (1.0, 0.0)), 0.3),
    _line("forearm", "forearm", ((0.05, 0.0), (0.62, 0.0)), 0.4),
    _line("hand", "forearm", ((0.7, 0.0), (1.05, 0.0)), 0.5),
    # Head, behind the rim of the acetabulum, then from the trochanter to the knee.
    _line("femur", "thigh", ((-0.05, -0.2), (0.0, 0.1)), 0.35, -0.2, -0.2),
    _line("femur", "thigh", ((0.0, 0.0), (0.06, 0.5), (0.3, 0.3), (0.88, 0.0)), 0.25),
    _line("leg", "leg", ((0.0, 0.0), (0.88, 0.0)), 0.4),
    # Heel, which lies behind the end of the leg, and toes.
    _line("foot", "leg", ((0.98, 0.0), (1.15, 0.1)), 0.4),
    _line("foot", "foot", ((0.0, 0.0), (1.0, 0.0)), 0.4),
)
