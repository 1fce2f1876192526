"""A second generator of planar mIBG scans of children, for tests only: it shares no code and no anatomy with the first.

Photons are drawn one by one from solids that hang on a stick figure. It is not a model of any real child.
"""

from second_generator.camera import Camera, draw_camera
from second_generator.figure import Pose, draw_pose
from second_generator.growth import Child, draw_child
from second_generator.organs import Lesion
from second_generator.pairs import Pair, make_pair
from second_generator.scan import SecondScan, Site, make_scan

__all__ = [
    "Camera",
    "Child",
    "Lesion",
    "Pair",
    "Pose",
    "SecondScan",
    "Site",
    "draw_camera",
    "draw_child",
    "draw_pose",
    "make_pair",
    "make_scan",
]
