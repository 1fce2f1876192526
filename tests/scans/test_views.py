import pytest
from looking import look
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import scan_objects
from residuum.intake.scans.understanding.facts import Frame
from residuum.intake.scans.understanding.view_codes import read_view_codes
from residuum.intake.scans.understanding.view_words import find_view
from residuum.records.image_flags import FLAGS

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


def open_and_flagged(found: Dataset) -> bool:
    """Return whether an object with one frame contradicts itself, so that view and side have to be asked."""
    facts = look(found)
    return known(facts.frames[0]) == (None,) * 4 and "side_contradicts_view" in facts.flags


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
        ("", "", "", None),
    ],
)
def test_view_codes(value: str, scheme: str, meaning: str, view: str | None) -> None:
    item = Dataset()
    item.ViewCodeSequence = Sequence([scan_objects.code(value, scheme, meaning)])
    assert read_view_codes(item) == ({view} if view else set())


def test_a_code_that_contradicts_its_meaning_or_another_code_leaves_the_view_open() -> None:
    for codes in (
        [("399321004", "SCT", "Posterior projection")],
        [("399321004", "SCT", ""), ("399001007", "SCT", "")],
    ):
        found = one(orientation=FROM_FRONT)
        found.DetectorInformationSequence[0].ViewCodeSequence = Sequence([scan_objects.code(*code) for code in codes])
        assert open_and_flagged(found)


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("ANT", "anterior"),
        ("WB_ANT", "anterior"),
        ("Whole Body Anterior", "anterior"),
        ("FACE ANT", "anterior"),
        ("Face antérieure", "anterior"),
        ("Corps entier ANT 24H", "anterior"),
        ("Vue ventrale", "anterior"),
        ("Ganzkörper Ansicht ventral", "anterior"),
        ("I123 MIBG WB ANTERIOR", "anterior"),
        ("antero-posterior", "anterior"),
        ("POST", "posterior"),
        ("mIBG POST", "posterior"),
        ("WB posterior 24h", "posterior"),
        ("Balayage postérieur", "posterior"),
        ("WB dorsal view", "posterior"),
        ("Face dorsale", "posterior"),
        ("incidence dorsale 24h", "posterior"),
        ("ANT 2", "anterior"),
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
        ("POST 2", None),
        ("MIBG POST 2", None),
        ("POST 2 MIBG", None),
        ("WB POST 1", None),
        ("POST_1", None),
        ("POST 24", None),
        ("24 POST", None),
        ("WB 24 POST", None),
        ("SCINTI 2 POST", None),
        # The thoracic spine, or how the patient lies.
        ("STATIQUE DORSAL", None),
        ("SPOT DORSALE", None),
        ("GK ventral", None),
        ("DORSAL ANT", None),
        ("DORSAL VUE ANT", None),
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


@pytest.mark.parametrize("orientation", [FROM_FRONT, FROM_FRONT_FEET_UP, FROM_LEFT, OBLIQUE])
def test_a_posterior_code_and_another_orientation_leave_view_and_side_open(orientation: list[float]) -> None:
    found = scan_objects.planar(("posterior",))
    found.DetectorInformationSequence[0].ImageOrientationPatient = orientation
    assert open_and_flagged(found)


@pytest.mark.parametrize("said", [{}, {"PatientOrientation": ["L", "F"]}])
def test_an_axial_orientation_of_a_posterior_view_leaves_the_side_open(said: dict[str, object]) -> None:
    found = scan_objects.planar(("posterior",), **said)
    found.DetectorInformationSequence[0].ImageOrientationPatient = AXIAL
    facts = look(found)
    assert known(facts.frames[0]) == ("posterior", "declared", None, None)
    assert "side_contradicts_view" in facts.flags


@pytest.mark.parametrize(
    "said",
    [
        {"SeriesDescription": "WB POSTERIOR"},
        {"ImageID": "POST"},
        {"ImageComments": "LAO"},
        {"ImageOrientationPatient": FROM_BACK},
        {"ViewCodeSequence": Sequence([scan_objects.code(*scan_objects.VIEW_CODES["posterior"])])},
    ],
)
@pytest.mark.parametrize("kind", ["WHOLE BODY", "STATIC"])
def test_a_detector_and_its_object_that_disagree_leave_the_view_open(said: dict[str, object], kind: str) -> None:
    assert open_and_flagged(scan_objects.planar(("anterior",), kind=kind, **said))


@pytest.mark.parametrize(
    "said",
    [
        {"SeriesDescription": "WB ANTERIOR"},
        {"SeriesDescription": "WB ANT/POST"},
        {"SeriesDescription": "MIBG POST 2"},
        {"ImageOrientationPatient": FROM_FRONT},
        {"ImageOrientationPatient": AXIAL},
        {"ViewCodeSequence": Sequence([scan_objects.code("R-10206", "SRT", "antero-posterior")])},
    ],
)
def test_a_detector_and_its_object_that_agree_or_say_nothing_declare_the_view(said: dict[str, object]) -> None:
    frame = look(scan_objects.planar(("anterior",), **said)).frames[0]
    assert known(frame)[:2] == ("anterior", "declared")


@pytest.mark.parametrize("orientation", [["R", "F"], ["L", "H"], ["A", "F"]])
def test_two_orientations_that_disagree_leave_view_and_side_open(orientation: list[str]) -> None:
    assert open_and_flagged(one(orientation=FROM_FRONT, PatientOrientation=orientation))


def test_two_orientations_that_agree_declare_the_side() -> None:
    facts = look(one(orientation=FROM_FRONT, PatientOrientation=["LA", "F"]))
    assert known(facts.frames[0]) == ("anterior", "declared", "right", "declared")
    assert facts.flags == ()


def test_a_frame_whose_own_name_is_another_leaves_its_view_open() -> None:
    found = scan_objects.planar(("anterior", "anterior"), kind="STATIC", ImageID=["ANT", "POST"])
    facts = look(found)
    assert [known(frame)[:2] for frame in facts.frames] == [("anterior", "declared"), (None, None)]
    assert "side_contradicts_view" in facts.flags
    shared = scan_objects.planar(("anterior",))
    shared.EnergyWindowInformationSequence[0].EnergyWindowName = "MIBG POST"
    assert open_and_flagged(shared)


@pytest.mark.parametrize("view", ["anterior", "posterior"])
@pytest.mark.parametrize("windows", [("I123",), ("scatter", "I123")])
def test_two_like_views_of_a_whole_body_leave_both_open(view: str, windows: tuple[str, ...]) -> None:
    found = scan_objects.planar((view, view), windows=windows)
    for item in found.DetectorInformationSequence:
        item.ImageOrientationPatient = FROM_FRONT if view == "anterior" else FROM_BACK
    facts = look(found)
    assert [known(frame) for frame in facts.frames[-2:]] == [(None,) * 4] * 2
    assert "side_contradicts_view" in facts.flags


def test_views_told_by_names_may_not_be_alike_either() -> None:
    facts = look(scan_objects.planar(declared=False, ImageID=["ANT", "WB ANT"]))
    assert [frame.view for frame in facts.frames] == [None, None]
    assert "side_contradicts_view" in facts.flags


def test_spots_scatter_and_lateral_views_may_be_alike() -> None:
    spots = look(scan_objects.planar(("anterior", "anterior"), kind="STATIC"))
    scatter = look(scan_objects.planar(("anterior",), windows=("I123", "scatter", "scatter")))
    for facts in (spots, scatter):
        assert {frame.view for frame in facts.frames} == {"anterior"}
        assert facts.flags == ()
    found = scan_objects.planar(declared=False)
    for item in found.DetectorInformationSequence:
        item.ImageOrientationPatient = FROM_LEFT
    assert [known(frame)[:2] for frame in look(found).frames] == [("other", "declared")] * 2


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
    assert open_and_flagged(one(ImageID="POST", SeriesDescription="WB ANT"))
    assert look(one(ImageID="POST", SeriesDescription="WB ANT/POST")).frames[0].view == "posterior"


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


# Head down


@pytest.mark.parametrize(
    ("orientation", "said", "flagged"),
    [
        (FROM_FRONT, {}, False),
        (None, {"PatientOrientation": ["L", "F"]}, False),
        (None, {"PatientOrientation": ["R", ""]}, False),
        (OBLIQUE, {}, False),
        (AXIAL, {}, False),  # says nothing
        (FROM_FRONT_FEET_UP, {}, True),
        ([1, 0, 0, 0, 0, 1], {}, True),
        ([0, 0, -1, -1, 0, 0], {}, True),  # lying on its side
        (None, {"PatientOrientation": ["R", "H"]}, True),
        (None, {"PatientOrientation": ["F", "L"]}, True),
        (None, {"PatientPosition": "FFS"}, True),
        (None, {"PatientPosition": "HFS"}, False),
    ],
)
@pytest.mark.parametrize("kind", ["WHOLE BODY", "STATIC"])
def test_what_does_not_run_from_head_to_foot_is_flagged(
    orientation: list[float] | None, said: dict[str, object], flagged: bool, kind: str
) -> None:
    facts = look(one(orientation=orientation, kind=kind, **said))
    assert ("head_down" in facts.flags) == flagged


# PS3.16 CID 21
@pytest.mark.parametrize(
    ("value", "scheme", "meaning", "flagged"),
    [
        ("F-10470", "SRT", "headfirst", False),
        ("102540008", "SCT", "headfirst", False),
        ("F-10480", "SRT", "feet-first", True),
        ("102541007", "SCT", "", True),
        ("X1", "99LOCAL", "Feet First", True),
    ],
)
@pytest.mark.parametrize("kind", ["WHOLE BODY", "STATIC"])
def test_feet_first_is_flagged_and_shows_no_liver(
    value: str, scheme: str, meaning: str, flagged: bool, kind: str
) -> None:
    found = scan_objects.planar(kind=kind)
    found.PatientGantryRelationshipCodeSequence = Sequence([scan_objects.code(value, scheme, meaning)])
    facts = look(found)
    assert ("head_down" in facts.flags) == flagged
    livers = [None, None] if flagged or kind == "STATIC" else ["left", "right"]
    assert [frame.liver_at for frame in facts.frames] == livers
    assert FLAGS["head_down"].refuses == "nothing"


@pytest.mark.parametrize("view", ["anterior", "posterior"])
def test_a_liver_in_the_image_turned_round_is_that_of_a_body_head_down(view: str) -> None:
    upright = scan_objects.body(view)
    for down, flagged in ((upright, False), (upright[::-1, ::-1], True), (upright[::-1], True)):
        facts = look(scan_objects.planar((view,), frames=[down]))
        assert ("head_down" in facts.flags) == flagged
        assert (facts.frames[0].liver_at is None) == flagged
    assert look(scan_objects.planar((view,), frames=[upright[::-1, ::-1]], kind="STATIC")).flags == ()
