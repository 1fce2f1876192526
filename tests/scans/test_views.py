import pytest
from looking import look
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import scan_objects
from residuum.intake.scans.facts import Frame
from residuum.intake.scans.view_codes import read_view_code
from residuum.intake.scans.view_words import find_view

pytestmark = pytest.mark.unit

# Patient axes (PS3.3 C.7.6.2.1.1): +x to the left, +y to the back, +z to the head.
FROM_FRONT = [1, 0, 0, 0, 0, -1]  # rows run to the left, columns to the feet
FROM_BACK = [-1, 0, 0, 0, 0, -1]
FROM_FRONT_FEET_UP = [-1, 0, 0, 0, 0, 1]
FROM_LEFT = [0, 1, 0, 0, 0, -1]
OBLIQUE = [0.7071, 0.7071, 0, 0, 0, -1]
AXIAL = [1, 0, 0, 0, 1, 0]


def known(frame: Frame) -> tuple[str | None, str | None, str | None, str | None]:
    return frame.view, frame.view_from, frame.left_at, frame.side_from


def one(view: str = "anterior", orientation: list[float] | None = None, **said: object) -> Dataset:
    """Return a single undeclared view whose only detector has an orientation."""
    found = scan_objects.planar((view,), declared=False, **said)
    found.DetectorInformationSequence[0].ImageOrientationPatient = orientation
    return found


# PS3.16 CID 26 and what older editions of it held.
@pytest.mark.parametrize(
    ("value", "scheme", "meaning", "view"),
    [
        ("399321004", "SCT", "Anterior projection", "anterior"),
        ("G-5215", "SRT", "Anterior projection", "anterior"),
        ("399001007", "SCT", "Posterior projection", "posterior"),
        ("G-5216", "SNM3", "", "posterior"),
        ("R-10206", "SRT", "antero-posterior", "anterior"),
        ("399348003", "SCT", "antero-posterior", "anterior"),
        ("R-10214", "SRT", "postero-anterior", "posterior"),
        ("272479007", "SCT", "postero-anterior", "posterior"),
        ("399058009", "SCT", "postero-anterior", "posterior"),
        ("399118008", "SCT", "Left lateral projection", "other"),
        ("G-5222", "SRT", "", "other"),
        ("399074003", "SCT", "Left anterior oblique", "other"),
        ("399075002", "SCT", "", "other"),
        ("X1", "99LOCAL", "ANT", "anterior"),
        ("X2", "99LOCAL", "Posterior view", "posterior"),
        ("X3", "99LOCAL", "view 3", None),
        ("81654009", "SCT", "Coronal", None),  # says nothing of front and back
        ("399321004", "SCT", "Posterior projection", None),  # contradicts itself
        ("", "", "", None),
    ],
)
def test_view_codes(value: str, scheme: str, meaning: str, view: str | None) -> None:
    item = Dataset()
    item.ViewCodeSequence = Sequence([scan_objects.code(value, scheme, meaning)])
    assert read_view_code(item) == view


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("ANT", "anterior"),
        ("WB_ANT", "anterior"),
        ("Whole Body Anterior", "anterior"),
        ("FACE ANT", "anterior"),
        ("Face antérieure", "anterior"),
        ("Corps entier ANT 24H", "anterior"),
        ("Ganzkörper ventral", "anterior"),
        ("I123 MIBG WB ANTERIOR", "anterior"),
        ("antero-posterior", "anterior"),
        ("POST", "posterior"),
        ("mIBG POST", "posterior"),
        ("WB posterior 24h", "posterior"),
        ("Balayage postérieur", "posterior"),
        ("GK dorsal", "posterior"),
        ("postero-anterior", "posterior"),
        ("LAO", "other"),
        ("LEFT ANTERIOR OBLIQUE", "other"),
        ("ANT OBL L", "other"),
        ("Profil gauche", "other"),
        ("L LAT SKULL", "other"),
        ("ANT/POST", None),
        ("WB ANT POST", None),
        ("ANT + LAT", None),
        ("WB", None),
        ("", None),
        # What else those words mean.
        ("24H POST", None),
        ("POST 24H INJ", None),
        ("POST INJECTION", None),
        ("MIBG POST THERAPY", None),
        ("WB POST MIBG", None),
        ("POST I131", None),
        ("POST CHEMO", None),
        ("Examen antérieur", None),
        ("compared with the anterior scan", None),
        ("MANT", None),
        ("ANTOINE", None),
        ("FA", None),
        ("IMPORTANT", None),
    ],
)
def test_words_of_cameras(text: str, view: str | None) -> None:
    assert find_view(text) == view


@pytest.mark.parametrize(
    ("orientation", "view", "left_at"),
    [
        (FROM_FRONT, "anterior", "right"),
        (FROM_BACK, "posterior", "left"),
        (FROM_FRONT_FEET_UP, "anterior", "left"),
        (FROM_LEFT, "other", None),
        (OBLIQUE, "other", None),
        ([0.9999, 0.0141, 0, 0, 0, -1], "anterior", "right"),
        ([0, 0, -1, -1, 0, 0], "anterior", None),  # lying on its side: left is up or down
        (AXIAL, None, None),  # what many programs write where they know nothing
        ([0, 0, 0, 0, 0, 0], None, None),
        ([1, 0, 0, 1, 0, 0], None, None),
        ([2, 0, 0, 0, 0, -2], None, None),
    ],
)
def test_an_orientation_declares_view_and_side(orientation: list[float], view: str | None, left_at: str | None) -> None:
    frame = look(one(orientation=orientation)).frames[0]
    assert known(frame) == (view, view and "declared", left_at, left_at and "declared")


def test_an_orientation_outside_the_detector_counts_where_there_is_one_view() -> None:
    assert known(look(one(ImageOrientationPatient=FROM_BACK)).frames[0]) == (
        "posterior",
        "declared",
        "left",
        "declared",
    )
    two = scan_objects.planar(declared=False, ImageOrientationPatient=FROM_BACK)
    assert [known(frame) for frame in look(two).frames] == [(None,) * 4] * 2


@pytest.mark.parametrize(
    ("orientation", "left_at"),
    [
        (["L", "F"], "right"),
        (["R", "F"], "left"),
        (["LA", "F"], "right"),
        (["F", "L"], None),
        (["L"], None),
        (["", ""], None),
        ("", None),
        (["X", "Y"], None),
    ],
)
def test_patient_orientation_declares_the_side_and_no_view(orientation: list[str], left_at: str | None) -> None:
    frame = look(one(PatientOrientation=orientation)).frames[0]
    assert known(frame) == (None, None, left_at, left_at and "declared")


def test_a_mirrored_posterior_view_is_told_by_patient_orientation() -> None:
    facts = look(scan_objects.planar(("posterior",), PatientOrientation=["L", "F"]))
    assert known(facts.frames[0]) == ("posterior", "declared", "right", "declared")
    assert "side_contradicts_view" not in facts.flags


def test_patient_orientation_of_two_views_says_nothing() -> None:
    facts = look(scan_objects.planar(PatientOrientation=["L", "F"]))
    assert [frame.left_at for frame in facts.frames] == [None, None]


@pytest.mark.parametrize("orientation", [FROM_FRONT, AXIAL, FROM_LEFT])
def test_a_posterior_code_and_another_orientation_leave_the_side_open(orientation: list[float]) -> None:
    found = scan_objects.planar(("posterior",))
    found.DetectorInformationSequence[0].ImageOrientationPatient = orientation
    facts = look(found)
    assert known(facts.frames[0]) == ("posterior", "declared", None, None)
    assert "side_contradicts_view" in facts.flags


def test_agreeing_code_and_orientation_declare_both() -> None:
    found = scan_objects.planar()
    for item, orientation in zip(found.DetectorInformationSequence, (FROM_FRONT, FROM_BACK), strict=True):
        item.ImageOrientationPatient = orientation
    facts = look(found)
    assert [known(frame) for frame in facts.frames] == [
        ("anterior", "declared", "right", "declared"),
        ("posterior", "declared", "left", "declared"),
    ]
    assert facts.flags == ()


def test_a_code_alone_never_says_the_side() -> None:
    facts = look(scan_objects.planar())
    assert [known(frame) for frame in facts.frames] == [
        ("anterior", "declared", None, None),
        ("posterior", "declared", None, None),
    ]


@pytest.mark.parametrize("attribute", ["ImageID", "SeriesDescription", "ProtocolName", "ImageComments"])
def test_names_tell_the_view_of_a_single_frame(attribute: str) -> None:
    frame = look(one("posterior", **{attribute: "WB POST"})).frames[0]
    assert known(frame) == ("posterior", "text", None, None)


def test_names_never_tell_several_views_apart() -> None:
    facts = look(scan_objects.planar(declared=False, SeriesDescription="WB ANT"))
    assert [frame.view for frame in facts.frames] == [None, None]


def test_names_that_disagree_say_nothing() -> None:
    assert look(one(ImageID="POST", SeriesDescription="WB ANT")).frames[0].view is None
    assert look(one(ImageID="POST", SeriesDescription="WB ANT/POST")).frames[0].view == "posterior"


def test_what_is_declared_goes_before_names() -> None:
    assert known(look(scan_objects.planar(("anterior",), SeriesDescription="WB POST")).frames[0])[:2] == (
        "anterior",
        "declared",
    )


def test_every_frame_may_have_its_own_name() -> None:
    found = scan_objects.planar(("posterior", "anterior"), declared=False, ImageID=["POST", "ANT"])
    assert [known(frame)[:2] for frame in look(found).frames] == [("posterior", "text"), ("anterior", "text")]


def test_the_name_of_a_window_tells_the_view_of_its_only_frame() -> None:
    found = one()
    found.EnergyWindowInformationSequence[0].EnergyWindowName = "I123 ANT"
    assert look(found).frames[0].view == "anterior"
    shared = scan_objects.planar(declared=False)
    shared.EnergyWindowInformationSequence[0].EnergyWindowName = "I123 ANT"
    assert [frame.view for frame in look(shared).frames] == [None, None]


def test_frames_that_nothing_tells_apart_have_no_view() -> None:
    found = scan_objects.planar(DetectorVector=[1, 1])
    assert [frame.view for frame in look(found).frames] == [None, None]


def test_two_windows_of_one_detector_share_its_view() -> None:
    found = scan_objects.planar(("posterior",), windows=("I123", "scatter"))
    assert [(frame.view, frame.window) for frame in look(found).frames] == [
        ("posterior", "I123"),
        ("posterior", "other"),
    ]
