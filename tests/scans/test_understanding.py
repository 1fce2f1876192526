import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looking import look, refusal
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR, keyword_dict
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

import scan_objects
from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Facts, Identity
from residuum.intake.scans.understanding.understand import understand
from residuum.records.image_flags import FLAGS

PLANTED = "Quisquilia"
WELL = scan_objects.planar()


def _pixels_untouched(dataset: Dataset) -> Any:
    raise AssertionError("pixels of this object are not unpacked")


def _only_header(dataset: Dataset) -> Facts:
    return understand(parse(scan_objects.written(dataset)), _pixels_untouched)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("image_type", "kind"),
    [
        (["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"], "planar"),
        (["DERIVED", "PRIMARY", "WHOLE BODY"], "planar"),
        (["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"], "spot"),
    ],
)
def test_image_type_says_what_a_planar_object_is(image_type: list[str], kind: str) -> None:
    facts = look(scan_objects.planar(ImageType=image_type))
    assert (facts.kind, facts.rows, facts.columns, facts.frame_count) == (kind, 512, 128, 2)
    assert ("derived" in facts.flags) == (image_type[0] == "DERIVED")


@pytest.mark.unit
def test_raw_projections_are_recognised_without_their_pixels() -> None:
    found = scan_objects.planar(ImageType=["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"])
    facts = _only_header(found)
    assert (facts.kind, facts.frames, facts.placement, facts.flags) == ("raw_tomo", (), None, ())


@pytest.mark.unit
@pytest.mark.parametrize(
    ("image_type", "rule", "what"),
    [
        (["ORIGINAL", "PRIMARY", "DYNAMIC", "EMISSION"], "scan.not_an_image", "a dynamic scan"),
        (["ORIGINAL", "PRIMARY", "GATED", "EMISSION"], "scan.not_an_image", "a gated scan"),
        (["ORIGINAL", "PRIMARY", "GATED TOMO", "EMISSION"], "scan.not_an_image", "gated SPECT projections"),
        (["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"], "scan.not_an_image", "a gated SPECT"),
        (["ORIGINAL", "PRIMARY", "STATIC", "TRANSMISSION"], "scan.not_an_image", "a transmission scan"),
        (["ORIGINAL", "PRIMARY", "", "TRANSMISSION"], "scan.not_an_image", "a transmission scan"),
        (["ORIGINAL", "PRIMARY"], "scan.incomplete", "Image Type"),
        (["ORIGINAL", "PRIMARY", "Quisquilia"], "scan.incomplete", "Image Type"),
        (None, "scan.incomplete", "Image Type"),
    ],
)
def test_other_nuclear_medicine_is_refused(image_type: list[str] | None, rule: str, what: str) -> None:
    found, message = refusal(scan_objects.planar(ImageType=image_type), _only_header)
    assert found == rule
    assert what in message
    assert PLANTED not in message


@pytest.mark.unit
@pytest.mark.parametrize("modality", ["PT", "MR", "US", "OT", "XA", "KO", "PR", "Quisquilia"])
def test_other_modalities_are_refused(modality: str) -> None:
    rule, message = refusal(scan_objects.planar(Modality=modality), _only_header)
    assert rule == "scan.not_an_image"
    assert PLANTED not in message


@pytest.mark.unit
def test_the_class_decides_only_what_is_no_image() -> None:
    secondary = scan_objects.planar(SOPClassUID="1.2.840.10008.5.1.4.1.1.7.3")
    assert (look(secondary).kind, look(secondary).flags) == ("planar", ("secondary_capture",))
    without_modality = scan_objects.planar(SOPClassUID="1.2.840.10008.5.1.4.1.1.481.3", Modality="")
    assert _only_header(without_modality).kind == "structure_set"
    report = scan_objects.planar(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33", Modality="NM")
    assert _only_header(report).kind == "report"
    assert refusal(scan_objects.planar(Modality=""), _only_header) == ("scan.incomplete", "the header lacks Modality")


@pytest.mark.unit
def test_a_slice_of_ct_is_understood_without_its_pixels() -> None:
    facts = _only_header(scan_objects.ct(slices=1)[0])
    assert (facts.kind, facts.rows, facts.columns, facts.frame_count) == ("ct", 128, 128, 1)
    assert (facts.spacing_mm, facts.frames, facts.flags, facts.delay_hours) == ((3.0, 3.0), (), (), ())


@pytest.mark.unit
@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "scan.not_an_image"),
        ({"ImageType": ["ORIGINAL", "PRIMARY"]}, "scan.incomplete"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2.1"}, "scan.not_an_image"),
        ({"SharedFunctionalGroupsSequence": Sequence([Dataset()])}, "scan.not_an_image"),
        ({"NumberOfFrames": 2}, "scan.contradiction"),
        ({"Rows": 129}, "scan.damaged"),
        ({"Rows": 0}, "scan.incomplete"),
        ({"Columns": None}, "scan.incomplete"),
        ({"PixelData": b""}, "scan.damaged"),
    ],
)
def test_ct_of_another_kind_or_damaged_is_refused(said: dict[str, Any], rule: str) -> None:
    found = scan_objects.ct(slices=1)[0]
    for keyword, value in said.items():
        setattr(found, keyword, value)
    assert refusal(found, _only_header)[0] == rule


@pytest.mark.unit
def test_ct_without_pixels_is_incomplete() -> None:
    found = scan_objects.ct(slices=1)[0]
    del found.PixelData
    assert refusal(found, _only_header)[0] == "scan.incomplete"


@pytest.mark.unit
def test_pixels_of_ct_are_bytes() -> None:
    found = parse(scan_objects.written(scan_objects.ct(slices=1)[0]))
    for odd in (-1, PLANTED, Sequence([Dataset()])):
        _put(found, "PixelData", odd)
        assert refusal(found, lambda one: understand(one, decode))[0] == "scan.damaged"


@pytest.mark.unit
def test_names_burnt_into_pixels_are_refused_before_anything_is_unpacked() -> None:
    for found in (scan_objects.planar(), scan_objects.spect(), scan_objects.ct(slices=1)[0]):
        found.BurnedInAnnotation = "YES"
        assert refusal(found, _only_header)[0] == "scan.burned_in"
    assert look(scan_objects.planar(BurnedInAnnotation="NO")).flags == ()


@pytest.mark.unit
def test_pixels_that_the_header_does_not_describe_are_refused() -> None:
    wrong = np.zeros((2, 512, 127), dtype=np.uint16)
    rule, _ = refusal(WELL, lambda found: understand(found, lambda _: wrong))
    assert rule == "scan.contradiction"


@pytest.mark.unit
@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "SOPClassUID"])
def test_identifiers_are_needed_and_hold_no_text(keyword: str) -> None:
    found = parse(scan_objects.written(scan_objects.planar()))
    found[keyword].value = ""
    assert refusal(found, lambda one: understand(one, decode))[0] == "scan.incomplete"
    _put(found, keyword, PLANTED)
    rule, message = refusal(found, lambda one: understand(one, decode))
    assert rule == "scan.damaged"
    assert PLANTED not in message


@pytest.mark.unit
def test_identity_is_what_stands_there() -> None:
    found = scan_objects.planar(IssuerOfPatientID="CHU", PatientName="Quisquilia^Zéphyrine", StudyDate="20150316")
    identity = look(found).identity
    assert identity == Identity(
        patient_id="IPP-0042",
        issuer="CHU",
        date="20150317",
        study_uid=found.StudyInstanceUID,
        series_uid=found.SeriesInstanceUID,
        instance_uid=found.SOPInstanceUID,
        class_uid="1.2.840.10008.5.1.4.1.1.20",
        frame_of_reference_uid=found.FrameOfReferenceUID,
        patient={
            "PatientName": "Quisquilia^Zéphyrine",
            "PatientBirthDate": "20120204",
            "PatientSex": "F",
            "StudyDate": "20150316",
            "StudyTime": "101500",
            "StudyID": "17",
            "AccessionNumber": "ACC-7731",
            "ReferringPhysicianName": "Referrer^Invented",
        },
    )


@pytest.mark.unit
def test_identity_that_is_absent_is_empty() -> None:
    found = scan_objects.planar()
    for keyword in ("PatientName", "PatientID", "AccessionNumber", "FrameOfReferenceUID", "AcquisitionDate"):
        del found[keyword]
    identity = look(found).identity
    assert (identity.patient_id, identity.issuer, identity.frame_of_reference_uid) == ("", "", None)
    assert (identity.patient["PatientName"], identity.patient["AccessionNumber"]) == ("", "")
    assert identity.date == scan_objects.DATE


@pytest.mark.unit
def test_a_backslash_stays_where_it_is() -> None:
    assert look(scan_objects.planar(AccessionNumber=["A1", "B2"])).identity.patient["AccessionNumber"] == "A1\\B2"


@pytest.mark.unit
def test_names_in_several_scripts_are_decoded() -> None:
    found = scan_objects.planar(PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう")
    assert look(found).identity.patient["PatientName"] == "Yamada^Tarou=山田^太郎=やまだ^たろう"


@pytest.mark.unit
def test_counts_are_the_sum_of_a_frame_rescaled_where_it_says_so() -> None:
    frames = [scan_objects.body("anterior"), scan_objects.body("posterior")]
    plain = look(scan_objects.planar(frames=frames)).frames
    assert [frame.counts for frame in plain] == [float(one.sum()) for one in frames]
    scaled = look(scan_objects.planar(frames=frames, RescaleSlope="0.5", RescaleIntercept="3")).frames
    assert [frame.counts for frame in scaled] == [one.sum() * 0.5 + 3 * 512 * 128 for one in frames]
    for wrong in (
        {"RescaleSlope": "-1"},
        {"RescaleSlope": "0"},
        {"RescaleSlope": "1e300"},
        {"RescaleIntercept": "1e300"},
    ):
        assert refusal(scan_objects.planar(**wrong))[0] == "scan.contradiction"


@pytest.mark.unit
@pytest.mark.parametrize("kind", ["WHOLE BODY", "STATIC"])
@pytest.mark.parametrize(("total", "flagged"), [(99_999, True), (100_000, False)])
def test_few_counts_are_flagged(kind: str, total: int, flagged: bool) -> None:
    assert ("low_counts" in look(scan_objects.planar(frames=_with_counts(total), kind=kind)).flags) == flagged


@pytest.mark.unit
def test_few_counts_of_scatter_and_lateral_views_are_no_fault() -> None:
    assert look(scan_objects.planar(windows=("I123", "scatter"))).flags == ()
    lateral = scan_objects.planar(frames=_with_counts(5000), kind="STATIC")
    for item in lateral.DetectorInformationSequence:
        item.ViewCodeSequence = Sequence([scan_objects.code("399118008", "SCT", "Left lateral projection")])
    assert look(lateral).flags == ()


@pytest.mark.unit
def test_spots_and_scatter_frames_show_no_liver() -> None:
    assert {frame.liver_at for frame in look(scan_objects.planar(kind="STATIC")).frames} == {None}
    frames = look(scan_objects.planar(windows=("I123", "scatter"))).frames
    assert [frame.liver_at for frame in frames] == ["left", "right", None, None]


@pytest.mark.unit
def test_low_and_uneven_images_are_not_taken_for_inverted_ones() -> None:
    random = np.random.default_rng(5)
    flood = random.poisson(400, (2, 128, 128)).astype(np.uint16)
    sparse = random.poisson(0.5, (2, 128, 128)).astype(np.uint16)
    cold_middle = flood.copy()
    cold_middle[:, 40:88, 40:88] = 0
    cold_middle[:, 10:14, 30:34] = 4000
    for frames in (flood, sparse, cold_middle, np.zeros_like(flood), flood[:, :1, :1], flood[:, :3, :2]):
        assert "values_inverted" not in look(scan_objects.planar(frames=list(frames), kind="STATIC")).flags


@pytest.mark.unit
@pytest.mark.parametrize("kind", ["WHOLE BODY", "STATIC"])
def test_dark_activity_on_white_is_inverted(kind: str) -> None:
    for view in ("anterior", "posterior"):
        counts = scan_objects.body(view)
        white = counts.max() - counts
        assert "values_inverted" in look(scan_objects.planar((view,), frames=[white], kind=kind)).flags
        trunk = white[100:260, 30:98]
        assert "values_inverted" in look(scan_objects.planar((view,), frames=[trunk], kind=kind)).flags


@pytest.mark.unit
def test_loss_is_flagged() -> None:
    assert look(scan_objects.planar(LossyImageCompression="01")).flags == ("lossy",)
    assert look(scan_objects.planar(LossyImageCompression="00")).flags == ()


@pytest.mark.unit
def test_a_spect_is_one_entry() -> None:
    facts = look(scan_objects.spect())
    assert (facts.kind, facts.rows, facts.columns, facts.frame_count) == ("spect", 64, 64, 40)
    assert facts.flags == ()
    (frame,) = facts.frames
    assert (frame.number, frame.window, frame.window_kev) == (1, "I123", (143.0, 175.0))
    assert frame.counts == scan_objects.volume_counts().sum()


@pytest.mark.unit
def test_a_spect_of_several_windows_has_an_entry_for_each_and_is_not_read() -> None:
    found = scan_objects.spect(EnergyWindowVector=[1] * 20 + [2] * 20, SliceVector=[*range(1, 21), *range(1, 21)])
    second = scan_objects.planar(windows=("scatter",)).EnergyWindowInformationSequence[0]
    found.EnergyWindowInformationSequence.append(second)
    facts = look(found)
    counts = scan_objects.volume_counts()
    assert [(frame.number, frame.window, frame.counts) for frame in facts.frames] == [
        (1, "I123", counts[:20].sum()),
        (21, "other", counts[20:].sum()),
    ]
    assert facts.flags == ("several_windows",)
    assert FLAGS["several_windows"].refuses == "reading"


@pytest.mark.unit
def test_a_vector_of_another_length_is_a_contradiction() -> None:
    for keyword in ("DetectorVector", "EnergyWindowVector"):
        rule, _ = refusal(scan_objects.planar(**{keyword: [1, 2, 1]}))
        assert rule == "scan.contradiction"


@pytest.mark.unit
def test_facts_hold_no_free_text_of_the_header() -> None:
    for found in (scan_objects.planar(), scan_objects.spect(), scan_objects.ct(slices=1)[0]):
        _plant(found)
        facts = look(found)
        assert PLANTED in json.dumps(facts.to_json())
        assert PLANTED not in json.dumps(_without_person(facts).to_json())


def _plant(dataset: Dataset) -> None:
    """Write a word into every text of an object that is no closed list, and into some that it does not have."""
    for keyword in ("ImageComments", "ProtocolName", "StudyDescription", "ImageID", "RequestedProcedureDescription"):
        dataset.setdefault(keyword, "")
    for element in list(dataset):
        if element.VR == "SQ":
            for item in element.value:
                _plant(item)
        elif element.VR in ("LO", "SH", "LT", "ST", "PN", "UT") and element.keyword != "CodeValue":
            element.value = PLANTED
    if "CodeMeaning" in dataset:
        dataset.CodeMeaning = PLANTED


def _without_person(facts: Facts) -> Facts:
    """Return facts without the attributes that are meant to hold a person."""
    return replace(facts, identity=replace(facts.identity, patient_id="", issuer="", patient={}))


def _with_counts(total: int) -> list[Any]:
    frame = np.zeros((64, 64), dtype=np.uint16)
    frame[16:48, 16:48] = total // 1024
    frame[16, 16:48] += np.uint16(0)
    frame[20, 20] += np.uint16(total - int(frame.sum()))
    return [frame, frame.copy()]


KEYWORDS = """
AcquisitionDate AcquisitionDateTime AcquisitionTime BitsAllocated BitsStored BurnedInAnnotation CodeMeaning CodeValue
Columns ContentDate ContentSequence DeidentificationMethod DetectorInformationSequence DetectorVector
EnergyWindowInformationSequence EnergyWindowLowerLimit EnergyWindowName EnergyWindowRangeSequence EnergyWindowUpperLimit
EnergyWindowVector FrameOfReferenceUID ImageID ImageOrientationPatient ImagePositionPatient ImageType InstanceNumber
LossyImageCompression Modality NumberOfDetectors NumberOfEnergyWindows NumberOfFrames NumberOfSlices
PatientGantryRelationshipCodeSequence PatientID PatientName PatientOrientation PatientPosition PhotometricInterpretation
PixelRepresentation PixelSpacing RadionuclideCodeSequence RadiopharmaceuticalInformationSequence
RadiopharmaceuticalStartDateTime RadiopharmaceuticalStartTime RescaleIntercept RescaleSlope Rows SOPClassUID
SOPInstanceUID SamplesPerPixel SegmentSequence SeriesDescription SharedFunctionalGroupsSequence SliceVector
SpacingBetweenSlices SpecificCharacterSet StructureSetROISequence StudyDate StudyInstanceUID StudyTime
TimezoneOffsetFromUTC ViewCodeSequence
"""
ODD = st.one_of(
    st.sampled_from([None, "", [], PLANTED, f"{PLANTED}\\{PLANTED}", [PLANTED, ""], "nan", "inf", "1e400", "-1", "0"]),
    st.sampled_from(
        [b"", b"\xff\xfe", b"Quisquilia", 0, -1, 10**30, float("nan"), float("inf"), [1, 2, 3], ["1", "x"]]
    ),
    st.sampled_from(
        [Sequence(), Sequence([Dataset()]), [0, 0], [1e308] * 6, ["NM", "CT"], "YES", "20159999", "999999"]
    ),
    st.sampled_from(
        ["WHOLE BODY", ["ORIGINAL", "PRIMARY", "RECON TOMO"], ["A", "B", "STATIC", "EMISSION"], "CT", "SR"]
    ),
    st.integers(-(2**40), 2**40),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.floats(allow_nan=True), max_size=7),
)
RAW_VR = st.sampled_from(["DS", "IS", "US", "UN", "PN", "CS", "FD", "SQ", "OW", "AT", "UI", "ZZ", None])
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(KEYWORDS.split()),
        st.one_of(st.none(), ODD, st.tuples(RAW_VR, st.binary(max_size=12))),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)
WRITTEN = {
    "planar": scan_objects.written(WELL),
    "spect": scan_objects.written(scan_objects.spect()),
    "ct": scan_objects.written(scan_objects.ct(slices=1)[0]),
}


@pytest.mark.property
@settings(max_examples=200)
@given(name=st.sampled_from(sorted(WRITTEN)), changes=CHANGES)
def test_whatever_a_header_holds_it_is_understood_or_refused_without_being_quoted(
    name: str, changes: list[tuple[str, Any, bool]]
) -> None:
    dataset = parse(WRITTEN[name])
    for keyword, value, everywhere in changes:
        _change(dataset, keyword, value, everywhere)
    facts, refused = _tried(dataset)
    if refused is not None:
        assert refused.__cause__ is None
        assert PLANTED not in f"{refused} {refused.words}"
    if facts is not None:
        crossed = json.dumps(facts.to_json())
        assert Facts.from_json(json.loads(crossed)) == facts
        assert "NaN" not in crossed
        assert PLANTED not in json.dumps(_without_person(facts).to_json())


def _tried(dataset: Dataset) -> tuple[Facts | None, ScanError | None]:
    try:
        return understand(dataset, decode), None
    except ScanError as refused:
        return None, refused


def _change(dataset: Dataset, keyword: str, value: Any, everywhere: bool) -> None:
    """Take an attribute away or put an odd value there, at the top or wherever it stands."""
    if everywhere:
        # Without a look at other values, which may be odd already.
        stored = (dataset.get_item(tag) for tag in list(dataset.keys()))
        for item in [item for one in stored if isinstance(one.value, Sequence) for item in one.value]:
            _change(item, keyword, value, True)
        if keyword not in dataset:
            return
    if value is None:
        dataset.pop(keyword, None)
    elif isinstance(value, tuple):
        tag = Tag(keyword_dict[keyword])
        dataset[tag] = RawDataElement(tag, value[0], len(value[1]), value[1], 0, value[0] is None, True)
    else:
        _put(dataset, keyword, value)


def _put(dataset: Dataset, keyword: str, value: Any) -> None:
    """Put a value there that pydicom itself would not accept."""
    tag = Tag(keyword_dict[keyword])
    try:
        element = DataElement(tag, dictionary_VR(tag), value, validation_mode=IGNORE)
    except (ValueError, TypeError, AttributeError, OverflowError, NotImplementedError):
        element = DataElement(tag, "LO", str(value), validation_mode=IGNORE)
    dataset[tag] = element
