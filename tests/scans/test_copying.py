"""Pseudonymous copies: valid, the same for the same input, with the pixels and the answers and nothing else."""

import hashlib
import hmac
import io
import json
import tomllib
import uuid
import warnings
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
from copies import SECRET, VIEWS, copied, copy_bytes, errors_of, plan, pseudonymise_bytes
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, SecondaryCaptureImageStorage

import scan_objects
from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.privacy.copying import CopyPlan, copy_object
from residuum.intake.scans.privacy.reading_back import check_copy
from residuum.intake.scans.privacy.whitelist import read_whitelist
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Facts, Side, View
from residuum.intake.scans.understanding.understand import understand
from residuum.records.errors import CallError
from residuum.volumes.placement import Placement

pytestmark = pytest.mark.unit

UNDECLARED: dict[str, Callable[[], FileDataset]] = {
    "two views": lambda: scan_objects.planar(declared=False),
    "static": lambda: scan_objects.planar(kind="STATIC", declared=False),
    "two windows": lambda: scan_objects.planar(windows=("I123", "scatter"), declared=False),
}
SOURCES: dict[str, Callable[[], FileDataset]] = {
    **UNDECLARED,
    "declared": scan_objects.planar,
    "one view": lambda: scan_objects.planar(("posterior",)),
    "technetium": lambda: scan_objects.planar(windows=("Tc99m",)),
    "head to foot": scan_objects.spect,
    "foot to head": lambda: scan_objects.spect(4.0),
    "ct": lambda: scan_objects.ct(slices=3)[1],
    "no frame of reference": lambda: _without(
        scan_objects.planar(), "FrameOfReferenceUID", "PositionReferenceIndicator"
    ),
}


def _without(source: FileDataset, *keywords: str) -> FileDataset:
    for keyword in keywords:
        del source[keyword]
    return source


def _secondary_capture() -> FileDataset:
    source = scan_objects.planar(("anterior",))
    source.SOPClassUID = source.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    source.ConversionType, source.PatientOrientation = "WSD", None
    return _without(source, "NumberOfFrames", "FrameIncrementPointer")


@pytest.mark.external
@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("answered", [False, True], ids=["as it came", "answered"])
def test_valid_object_gives_valid_copy(name: str, answered: bool, tmp_path: Path) -> None:
    source = scan_objects.written(SOURCES[name]())
    projected = understand(parse(source), decode).frames if "TOMO" not in parse(source).ImageType[2] else ()
    views = {frame.number: VIEWS[frame.number] for frame in projected[:2]} if answered else {}
    assert errors_of(source, tmp_path) == []
    assert errors_of(copy_bytes(source, plan(views)).data, tmp_path) == []


@pytest.mark.external
@pytest.mark.parametrize("sides", [("left", "right"), ("right", "right"), ("left", "left")])
def test_mirrored_views_give_valid_copies(sides: tuple[Side, Side], tmp_path: Path) -> None:
    views = {1: ("anterior", sides[0]), 2: ("posterior", sides[1])}
    source = scan_objects.written(scan_objects.planar(declared=False))
    assert errors_of(copy_bytes(source, plan(views)).data, tmp_path) == []  # type: ignore[arg-type]


@pytest.mark.external
def test_secondary_capture_keeps_its_class_and_stays_valid(tmp_path: Path) -> None:
    source = scan_objects.written(_secondary_capture())
    made = copy_bytes(source, plan({1: ("anterior", "right")}))
    assert errors_of(source, tmp_path) == []
    assert errors_of(made.data, tmp_path) == []
    assert pydicom.dcmread(io.BytesIO(made.data)).SOPClassUID == SecondaryCaptureImageStorage


# Of modules that every image of the class has; what is left out is replaced or conditional on what is left out.
_MODULES = {
    "nuclear-medicine-image": ("nm-image-pixel", "nm-multi-frame", "nm-image", "nm-isotope", "nm-detector"),
    "ct-image": ("image-plane", "ct-image"),
    "secondary-capture-image": ("sc-equipment",),
}
_COMMON = ("patient", "general-study", "general-series", "general-equipment", "general-image", "sop-common")
_WRITTEN_ANEW = {"PatientName", "PatientID", "StudyDate", "SOPClassUID", "SOPInstanceUID"}


@pytest.mark.external
@pytest.mark.parametrize("image", _MODULES)
def test_whitelist_names_what_the_standard_requires(image: str) -> None:
    folder = Path(highdicom.__file__).parent / "_standard"
    modules = json.loads((folder / "module_attribute_map.json").read_text("utf-8"))
    whitelist = read_whitelist()
    named = {*whitelist.rules, *whitelist.uids, *whitelist.dates, *whitelist.always, *_WRITTEN_ANEW}
    required = {
        attribute["keyword"]
        for module in (*_MODULES[image], *_COMMON)
        for attribute in modules[module]
        if attribute["type"] in ("1", "2") and not attribute["path"]
    }
    assert len(required) > 15
    assert required <= named


def test_whitelisted_attributes_are_attributes_of_the_standard() -> None:
    def keywords(rules: dict[str, Any]) -> list[str]:
        return [name for key, rule in rules.items() for name in (key, *keywords(rule.below))]

    whitelist = read_whitelist()
    for keyword in (*keywords(dict(whitelist.rules)), *whitelist.uids, *whitelist.dates, *whitelist.always):
        assert pydicom.datadict.tag_for_keyword(keyword) is not None, keyword


# --- pixels


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "i1", "i2", "i4"])
def test_whole_numbers_stay_bit_for_bit(kind: str) -> None:
    numbers = np.iinfo(kind)
    pixels = np.random.default_rng(7).integers(numbers.min, numbers.max, (1, 5, 7), kind, endpoint=True)
    source = scan_objects.planar(("anterior",), frames=[scan_objects.body()])
    source.Rows, source.Columns, source.PixelRepresentation = 5, 7, int(kind[0] == "i")
    source.BitsAllocated = source.BitsStored = numbers.bits
    source.HighBit = numbers.bits - 1
    source.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    found = copied(source)
    expected = "OB" if numbers.bits == 8 else "OW"
    assert expected == found["PixelData"].VR
    assert len(found.PixelData) == pixels.nbytes + pixels.nbytes % 2
    assert found.PixelData[: pixels.nbytes] == pixels.tobytes()
    assert (found.BitsAllocated, found.BitsStored, found.HighBit) == (numbers.bits, numbers.bits, numbers.bits - 1)
    assert found.PixelRepresentation == int(kind[0] == "i")


def test_twelve_bits_stay_twelve_bits() -> None:
    source = scan_objects.planar(BitsStored=12, HighBit=11)
    assert (copied(source).BitsStored, copied(source).HighBit) == (12, 11)


def test_floating_point_pixels_are_refused() -> None:
    """The NM and CT image classes know Pixel Data only (DICOM PS3.3 A.5.3, A.3.3)."""
    source = scan_objects.spect()
    source.Rows, source.Columns, source.NumberOfFrames, source.NumberOfSlices = 3, 2, 2, 2
    source.SliceVector, source.BitsAllocated = [1, 2], 32
    values = np.array([0.5, -1, 3e9, 2, 1e-9, 7, 8, 9, 10, 11, 12, 13], np.float32)
    for keyword in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        del source[keyword]
    source.FloatPixelData = values.tobytes()
    with pytest.raises(ScanError) as caught:
        copied(source)
    assert (caught.value.rule, caught.value.words) == ("scan.not_an_image", {"what": "floating-point pixels"})


def test_big_endian_numbers_become_little_endian() -> None:
    source = scan_objects.planar()
    expected = source.PixelData
    source.PixelData = np.frombuffer(expected, "<u2").astype(">u2").tobytes()
    source.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    out = io.BytesIO()
    pydicom.dcmwrite(out, source, implicit_vr=False, little_endian=False, enforce_file_format=True)
    found = pydicom.dcmread(io.BytesIO(copy_bytes(out.getvalue()).data))
    assert found.PixelData == expected
    assert found.DetectorVector == [1, 2]
    assert found.PixelSpacing == [2.4, 2.4]


def test_camera_file_with_loss_is_copied_and_stays_marked() -> None:
    """A whole-body file from a camera that comes with pydicom: JPEG 2000, secondary capture class, odd vectors."""
    path = get_testdata_file("JPEG2000.dcm")
    source = parse(Path(str(path)).read_bytes())
    expected = decode(source)
    found = pydicom.dcmread(io.BytesIO(copy_object(source, expected, plan()).data))
    assert np.array_equal(found.pixel_array, expected[0])
    assert found.LossyImageCompression == "01"
    assert found.LossyImageCompressionMethod == "ISO_15444_1"
    assert float(found.LossyImageCompressionRatio) > 1
    assert found.SOPClassUID == SecondaryCaptureImageStorage
    assert not [element for element in found.iterall() if element.tag.is_private]


def test_loss_that_the_header_tells_of_is_kept_as_it_says() -> None:
    said = {
        "LossyImageCompression": "01",
        "LossyImageCompressionRatio": "12.5",
        "LossyImageCompressionMethod": "ISO_10918_1",
    }
    found = copied(scan_objects.planar(**said))
    assert {keyword: str(found[keyword].value) for keyword in said} == said


def test_rescaling_of_a_ct_is_kept() -> None:
    found = copied(scan_objects.ct(slices=1)[0])
    assert (found.RescaleIntercept, found.RescaleSlope, found.RescaleType) == (-1024, 1, "HU")


# --- identity


def test_uids_are_the_first_128_bits_of_an_hmac_marked_as_a_random_uuid() -> None:
    source = scan_objects.planar()
    found = copied(source)
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
        digest = hmac.new(bytes.fromhex(SECRET), source[keyword].value.encode(), hashlib.sha256).digest()
        bits = int.from_bytes(digest[:16], "big")
        bits = bits & ~(0xF << 76) | (4 << 76)  # version: bits 76 to 79
        bits = bits & ~(0b11 << 62) | (0b10 << 62)  # variant: bits 62 and 63
        assert found[keyword].value == f"2.25.{bits}"
        made = uuid.UUID(int=bits)
        assert (made.version, made.variant) == (4, uuid.RFC_4122)
    assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID
    assert found.SOPClassUID == source.SOPClassUID


def test_originals_name_every_uid_that_was_replaced() -> None:
    source = scan_objects.ct(slices=1)[0]
    made = copy_bytes(scan_objects.written(source))
    found = pydicom.dcmread(io.BytesIO(made.data))
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
    assert dict(made.originals) == {found[name].value: source[name].value for name in names}


def test_slices_of_a_series_stay_together_and_another_secret_parts_them() -> None:
    first, second = (copied(one) for one in scan_objects.ct(slices=2))
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert first.FrameOfReferenceUID == second.FrameOfReferenceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID
    source = scan_objects.planar()
    assert copied(source).SOPInstanceUID != copied(source, CopyPlan("6b" * 32, "P01", 12, {})).SOPInstanceUID


def test_patient_is_the_study_code_and_no_more() -> None:
    found = copied(scan_objects.planar(), plan(patient="Éloïse-7"))
    assert (str(found.PatientName), found.PatientID, found.PatientSex) == ("Éloïse-7", "Éloïse-7", "F")
    for keyword in ("PatientBirthDate", "StudyTime", "AccessionNumber", "StudyID", "ReferringPhysicianName"):
        assert found[keyword].is_empty
    assert [one.keyword for one in found.group_dataset(0x0010)] == [
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
    ]


@pytest.mark.parametrize(("said", "kept"), [("M", "M"), ("O", "O"), ("X", ""), ("FEMALE", "")])
def test_sex_is_of_the_standard_or_nothing(said: str, kept: str) -> None:
    assert copied(scan_objects.planar(PatientSex=said)).PatientSex == kept


@pytest.mark.parametrize(("day", "date"), [(0, "20000101"), (12, "20000113"), (-40, "19991122"), (731, "20020101")])
def test_dates_are_days_of_a_calendar_that_begins_at_diagnosis(day: int, date: str) -> None:
    found = copied(scan_objects.planar(), plan(day=day))
    for keyword in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"):
        assert found[keyword].value == date
    assert found.LongitudinalTemporalOffsetFromEvent == day
    assert found.LongitudinalTemporalEventType == "DIAGNOSIS"
    assert found.LongitudinalTemporalInformationModified == "MODIFIED"


def test_dates_that_the_source_has_not_are_not_made() -> None:
    found = copied(_without(scan_objects.planar(), "SeriesDate", "AcquisitionDate", "ContentDate", "ContentTime"))
    assert [one.keyword for one in found if one.VR == "DA"] == ["StudyDate", "PatientBirthDate"]


def test_copy_says_how_identities_were_removed() -> None:
    found = copied(scan_objects.planar())
    assert found.PatientIdentityRemoved == "YES"
    codes = [(one.CodeValue, one.CodingSchemeDesignator) for one in found.DeidentificationMethodCodeSequence]
    # DICOM PS3.16 CID 7050: basic profile, modified dates retained, patient characteristics (the sex) retained
    assert codes == [("113100", "DCM"), ("113107", "DCM"), ("113108", "DCM")]


def test_the_same_input_gives_the_same_bytes() -> None:
    source = scan_objects.written(scan_objects.planar())
    assert copy_bytes(source, plan(VIEWS)).data == copy_bytes(source, plan(VIEWS)).data


def test_preamble_and_file_meta_are_ours() -> None:
    source = scan_objects.planar()
    source.preamble = b"MZ" + b"\x90" * 126
    source.file_meta.SourceApplicationEntityTitle = "CAMERA7"
    source.file_meta.ImplementationVersionName = "VENDOR_3"
    found = copied(source)
    assert found.preamble == b"\0" * 128
    assert found.file_meta.ImplementationVersionName == "RESIDUUM"
    assert "SourceApplicationEntityTitle" not in found.file_meta
    assert found.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"


@pytest.mark.parametrize("value", ["YES", "NO"])
def test_burned_in_annotation_stays_as_it_is_said(value: str) -> None:
    made = pseudonymise_bytes(scan_objects.written(scan_objects.planar(BurnedInAnnotation=value)))
    assert pydicom.dcmread(io.BytesIO(made.data)).BurnedInAnnotation == value


def test_nuclide_whose_meaning_names_another_one_is_dropped() -> None:
    def nuclides(value: str, meaning: str) -> list[str]:
        source = scan_objects.planar()
        code = scan_objects.code(value, "SRT", meaning)
        source.RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence = Sequence([code])
        items = copied(source).RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence
        return [item.CodeMeaning for item in items]

    # DICOM PS3.16 CID 18: C-114A4 is iodine-123, C-114B1 iodine-131
    assert nuclides("C-114A4", "Iode 123") == ["^123^Iodine"]
    assert nuclides("C-114A4", "") == ["^123^Iodine"]
    assert nuclides("C-114B1", "^123^Iodine") == []
    assert nuclides("X-99999", "^123^Iodine") == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"], ["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"]),
        (["DERIVED", "SECONDARY", "STATIC", "EMISSION", "VENDOR"], ["DERIVED", "SECONDARY", "STATIC", "EMISSION"]),
        (["ORIGINAL", "MIXED", "WHOLE BODY", "EMISSION"], ["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"]),
        (["ORIGINAL\0", "PRIMARY", "STATIC\0", "EMISSION\0"], ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]),
        (["QUISQUILIA", "", "Whole Body "], ["DERIVED", "PRIMARY", "WHOLE BODY", "EMISSION"]),
        (["ORIGINAL", "PRIMARY", "STATIC", "QUISQUILIA", "MPR"], ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]),
    ],
)
def test_image_type_keeps_its_places_and_as_many_values_as_are_required(
    said: list[str], kept: list[str], tmp_path: Path
) -> None:
    """Four values in NM (DICOM PS3.3 C.8.4.9.1.1); what is no term of the standard is replaced, never dropped."""
    source = _with_image_type(scan_objects.planar(kind="WHOLE BODY" if "STATIC" not in said[2] else "STATIC"), said)
    made = copy_bytes(source)
    assert list(pydicom.dcmread(io.BytesIO(made.data)).ImageType) == kept
    assert [error for error in errors_of(made.data, tmp_path) if "<SECONDARY>" not in error] == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"], ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"]),
        (["ORIGINAL", "PRIMARY", "VOLUME"], ["ORIGINAL", "PRIMARY", "OTHER"]),
        (["DERIVED", "SECONDARY", "REFORMATTED\0", "QUISQUILIA", "MPR"], ["DERIVED", "SECONDARY", "REFORMATTED"]),
        (["ORIGINAL", "MIXED", "axial"], ["ORIGINAL", "PRIMARY", "AXIAL"]),
    ],
)
def test_image_type_of_a_ct_has_three_values(said: list[str], kept: list[str], tmp_path: Path) -> None:
    made = copy_bytes(_with_image_type(scan_objects.ct(slices=1)[0], said))
    assert list(pydicom.dcmread(io.BytesIO(made.data)).ImageType) == kept
    assert errors_of(made.data, tmp_path) == []
    assert understand(parse(made.data), decode).kind == "ct"


def _with_image_type(source: FileDataset, said: list[str]) -> bytes:
    source[0x00080008] = pydicom.DataElement(0x00080008, "CS", said, validation_mode=pydicom.config.IGNORE)
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source.save_as(out, enforce_file_format=True)
    return out.getvalue()


def test_long_whole_numbers_are_no_numbers() -> None:
    source = scan_objects.planar()
    source.InstanceNumber, source.ScanLength, source.ActualFrameDuration = "20150317", "2147483647", "1800000"
    found = copied(source)
    assert found["InstanceNumber"].is_empty
    assert found["ScanLength"].is_empty
    assert found.ActualFrameDuration == 1800000


@pytest.mark.parametrize("vector", [[1], [1, 2, 1], [0, 1], [1, 3], [0x51, 0x75]])
def test_index_vector_that_is_none_is_dropped(vector: list[int]) -> None:
    """One index for each frame, none above their number; text in the bytes of numbers is none."""
    source = scan_objects.planar()
    source.TimeSlotVector, source.SliceVector = vector, [2, 1]
    found = copied(source)
    assert found["TimeSlotVector"].is_empty
    assert found.SliceVector == [2, 1]


def test_number_that_came_as_text_is_no_number() -> None:
    source = scan_objects.planar()
    source.add(pydicom.DataElement(0x00200013, "LO", "4711"))
    assert copied(source)["InstanceNumber"].is_empty


def test_several_numbers_in_the_place_of_one_are_none() -> None:
    source = scan_objects.planar()
    source.NumberOfPhases, source.SpacingBetweenSlices = [81, 117], ["1", "2"]
    found = copied(source)
    assert found["NumberOfPhases"].is_empty
    assert found["SpacingBetweenSlices"].is_empty
    assert found.DetectorInformationSequence[0].FocalDistance == 0  # one or two are allowed


# --- views and sides


SEEN: list[tuple[View, Side]] = [
    ("anterior", "right"),
    ("anterior", "left"),
    ("posterior", "left"),
    ("posterior", "right"),
]


@pytest.mark.parametrize("first", SEEN)
@pytest.mark.parametrize("second", SEEN)
@pytest.mark.parametrize("name", UNDECLARED)
def test_answers_are_read_back_from_the_copy(name: str, first: tuple[View, Side], second: tuple[View, Side]) -> None:
    source = scan_objects.written(UNDECLARED[name]())
    assert {frame.view for frame in understand(parse(source), decode).frames} == {None}
    facts = understand(parse(copy_bytes(source, plan({1: first, 2: second})).data), decode)
    assert [(frame.view, frame.left_at) for frame in facts.frames[:2]] == [first, second]
    assert {(frame.view, frame.left_at) for frame in facts.frames[2:]} <= {(None, None)}
    assert "side_contradicts_view" not in facts.flags


@pytest.mark.parametrize("seen", SEEN)
def test_answer_about_one_frame_is_read_back(seen: tuple[View, Side]) -> None:
    source = scan_objects.written(scan_objects.planar(("anterior",), declared=False))
    (frame,) = understand(parse(copy_bytes(source, plan({1: seen})).data), decode).frames
    assert (frame.view, frame.left_at) == seen


def test_answer_stands_against_what_is_said_of_the_whole_object() -> None:
    source = scan_objects.planar(("anterior",), PatientOrientation=["L", "F"])
    source.ViewCodeSequence = Sequence([scan_objects.code(*scan_objects.VIEW_CODES["posterior"])])
    source.ImageOrientationPatient = [-1, 0, 0, 0, 0, -1]
    data = copy_bytes(scan_objects.written(source), plan({1: ("anterior", "left")})).data
    facts = understand(parse(data), decode)
    assert (facts.frames[0].view, facts.frames[0].left_at) == ("anterior", "left")
    assert "side_contradicts_view" not in facts.flags


def test_answer_that_a_view_is_lateral_stands_against_a_code() -> None:
    source = scan_objects.planar(("anterior",), ImageID="POST")
    found = copied(source, plan({1: ("other", None)}))
    assert "ViewCodeSequence" not in found.DetectorInformationSequence[0]


def test_views_that_a_whole_body_has_twice_stay_when_somebody_said_so() -> None:
    source = scan_objects.written(scan_objects.planar(("anterior", "anterior")))
    views: dict[int, tuple[View, Side | None]] = {1: ("anterior", "right"), 2: ("anterior", "left")}
    facts = understand(parse(copy_bytes(source, plan(views)).data), decode)
    assert [(one.view, one.left_at) for one in facts.frames] == [("anterior", "right"), ("anterior", "left")]


def test_answer_replaces_a_header_that_contradicts_itself() -> None:
    source = scan_objects.planar(("anterior",), declared=True)
    source.DetectorInformationSequence[0].ImageOrientationPatient = [-1, 0, 0, 0, 0, -1]
    source.PatientOrientation = ["R", "F"]
    assert "side_contradicts_view" in understand(parse(scan_objects.written(source)), decode).flags
    data = copy_bytes(scan_objects.written(source), plan({1: ("anterior", "right")})).data
    facts = understand(parse(data), decode)
    assert (facts.frames[0].view, facts.frames[0].left_at) == ("anterior", "right")
    assert "side_contradicts_view" not in facts.flags


@pytest.mark.parametrize("vector", [[1, 1], None], ids=["one detector for both", "no vector"])
def test_frames_that_shared_a_detector_get_one_each(vector: list[int] | None) -> None:
    source = scan_objects.planar(declared=False)
    del source.DetectorVector
    if vector:
        source.DetectorVector, source.NumberOfDetectors = vector, 1
        source.DetectorInformationSequence = source.DetectorInformationSequence[:1]
    found = copied(source, plan(VIEWS))
    assert list(found.DetectorVector) == [1, 2]
    assert found.NumberOfDetectors == 2
    meanings = [item.ViewCodeSequence[0].CodeMeaning for item in found.DetectorInformationSequence]
    assert meanings == ["Anterior projection", "Posterior projection"]


def test_answered_side_says_nothing_of_where_the_head_lies() -> None:
    found = copied(scan_objects.planar(declared=False), plan(VIEWS))
    assert [list(item.PatientOrientation) for item in found.DetectorInformationSequence] == [["L", ""], ["R", ""]]
    assert all(item["ImageOrientationPatient"].is_empty for item in found.DetectorInformationSequence)
    assert "PatientOrientation" not in found  # its frames disagree


def test_mirrored_views_agree_on_a_side() -> None:
    views: dict[int, tuple[View, Side | None]] = {1: ("anterior", "right"), 2: ("posterior", "right")}
    found = copied(scan_objects.planar(declared=False), plan(views))
    assert found.DetectorInformationSequence[1].PatientOrientation == ["L", ""]
    assert found.PatientOrientation == ["L", ""]  # rows of both frames run towards the patient's left


# Rows and columns run to the patient's left (+x), right (-x), head (+z) or feet (DICOM PS3.3 C.7.6.2.1.1).
DECLARED: dict[str, tuple[View, Side, list[float]]] = {
    "as seen": ("anterior", "right", [1, 0, 0, 0, 0, -1]),
    "from behind": ("posterior", "left", [-1, 0, 0, 0, 0, -1]),
    "head down": ("anterior", "left", [-1, 0, 0, 0, 0, 1]),
    "from behind, head down": ("posterior", "right", [1, 0, 0, 0, 0, 1]),
    "tilted by 25 degrees": ("anterior", "right", [0.9063, 0.4226, 0, 0, 0, -1]),
}


@pytest.mark.parametrize("name", DECLARED)
@pytest.mark.parametrize("coded", [True, False], ids=["view code", "orientation alone"])
def test_declared_orientation_stays_as_declared(name: str, coded: bool, tmp_path: Path) -> None:
    view, side, orientation = DECLARED[name]
    letters = ["L" if side == "right" else "R", "H" if orientation[5] > 0 else "F"]
    source = scan_objects.planar((view,), declared=coded, PatientOrientation=letters)
    (item,) = source.DetectorInformationSequence
    item.ImageOrientationPatient, item.ImagePositionPatient = orientation, [-150, 0, -900]
    made = copy_bytes(scan_objects.written(source), plan({1: (view, side)}))
    found = pydicom.dcmread(io.BytesIO(made.data))
    (kept,) = found.DetectorInformationSequence
    assert (kept.ImageOrientationPatient, kept.ImagePositionPatient) == (orientation, [-150, 0, -900])
    assert found.PatientOrientation == letters
    assert ("ViewCodeSequence" in kept, "PatientOrientation" in kept) == (coded, False)
    assert errors_of(made.data, tmp_path) == []


def test_orientation_stays_beside_an_answer_about_another_frame() -> None:
    source = scan_objects.planar()
    source.DetectorInformationSequence[0].ImageOrientationPatient = [-1, 0, 0, 0, 0, 1]
    found = copied(source, plan({1: ("anterior", "left"), 2: ("posterior", "right")}))
    first, second = found.DetectorInformationSequence
    assert first.ImageOrientationPatient == [-1, 0, 0, 0, 0, 1]
    assert second["ImageOrientationPatient"].is_empty
    assert second.PatientOrientation == ["L", ""]


@pytest.mark.parametrize("declared", [["R", "H"], ["RA", "HA"]])
def test_declared_directions_stay(declared: list[str]) -> None:
    source = scan_objects.planar(("anterior",), PatientOrientation=declared)
    assert copied(source, plan({1: ("anterior", "left")})).PatientOrientation == declared
    undeclared = scan_objects.planar(("anterior",), declared=False, PatientOrientation=declared)
    assert copied(undeclared, plan({1: ("anterior", "left")})).PatientOrientation[1] == declared[1]


def test_frames_that_disagree_give_the_object_no_side() -> None:
    found = copied(scan_objects.planar(PatientOrientation=["L", "F"]), plan(VIEWS))
    assert found["PatientOrientation"].is_empty


def test_lateral_view_keeps_its_code() -> None:
    source = scan_objects.planar(declared=False)
    lateral = scan_objects.code("399118008", "SCT", "LAT G")
    source.DetectorInformationSequence[1].ViewCodeSequence = Sequence([lateral])
    found = copied(source, plan({1: ("anterior", "right"), 2: ("other", None)}))
    code = found.DetectorInformationSequence[1].ViewCodeSequence[0]
    assert (code.CodeValue, code.CodeMeaning) == ("399118008", "Left lateral projection")


# --- what is understood stays understood


@pytest.mark.parametrize("name", SOURCES)
def test_copy_is_understood_as_its_source(name: str) -> None:
    source = scan_objects.written(SOURCES[name]())
    before = understand(parse(source), decode)
    known = {one.number: (one.view, one.left_at) for one in before.frames if one.view}
    after = understand(parse(copy_bytes(source, plan(known)).data), decode)
    for what in ("kind", "rows", "columns", "frame_count", "spacing_mm", "placement", "instance_number"):
        assert getattr(after, what) == getattr(before, what)
    for old, new in zip(before.frames, after.frames, strict=True):
        same = ("window", "window_kev", "view", "left_at", "counts", "liver_at")
        assert [getattr(new, what) for what in same] == [getattr(old, what) for what in same]
    times = {"delay", "delay_unknown"}
    assert set(after.flags) - times == set(before.flags) - times


def test_long_decimal_numbers_are_still_the_same() -> None:
    source = scan_objects.spect()
    tag = source["PixelSpacing"].tag
    numbers = ["2.39776992797851562", "2.39776992797851562"]
    source[tag] = pydicom.DataElement(tag, "DS", numbers, validation_mode=pydicom.config.IGNORE)
    out = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pydicom.config.settings, "_writing_validation_mode", pydicom.config.IGNORE)
        source.save_as(out, enforce_file_format=True)
    spacing_mm = understand(parse(copy_bytes(out.getvalue()).data), decode).spacing_mm
    assert spacing_mm == pytest.approx((2.39776992797851562, 2.39776992797851562), rel=1e-12)


# --- refusals


@pytest.mark.parametrize(
    ("source", "keyword", "vr", "value", "what"),
    [
        (scan_objects.planar, "PixelSpacing", "LO", ["2.4", "2.4"], "a valid Pixel Spacing"),
        (scan_objects.planar, "RescaleSlope", "DS", "2e7", "a valid scale of its values"),
        (scan_objects.spect, "SpacingBetweenSlices", "LO", "-4", "Spacing Between Slices"),
        (
            lambda: scan_objects.ct(slices=1)[0],
            "ImagePositionPatient",
            "LO",
            ["1", "2", "3"],
            "Image Position (Patient)",
        ),
    ],
)
def test_object_that_would_not_be_understood_again_is_refused(
    source: Callable[[], FileDataset], keyword: str, vr: str, value: Any, what: str
) -> None:
    """These are understood as they came, but are not of the VR or size that the white list lets in."""
    made = source()
    tag = pydicom.datadict.tag_for_keyword(keyword)
    assert tag is not None
    made[tag] = pydicom.DataElement(tag, vr, value)
    data = scan_objects.written(made)
    understand(parse(data), decode)
    with pytest.raises(ScanError) as caught:
        copy_bytes(data)
    assert (caught.value.rule, caught.value.words) == ("scan.incomplete", {"what": what})


OTHERWISE: dict[str, Callable[[Facts], Facts]] = {
    "Image Type": lambda facts: replace(facts, kind="spot"),
    "pixel matrix": lambda facts: replace(facts, frame_count=3),
    "Pixel Spacing": lambda facts: replace(facts, spacing_mm=(2.4, 2.41)),
    "place of its slices": lambda facts: replace(
        facts, placement=Placement((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0))
    ),
    "energy window": lambda facts: replace(facts, frames=tuple(replace(one, window=None) for one in facts.frames)),
    "scale of its values": lambda facts: replace(facts, frames=tuple(replace(one, counts=1.0) for one in facts.frames)),
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_copy_that_says_something_else_than_its_source_is_refused(what: str) -> None:
    data = scan_objects.written(scan_objects.planar())
    facts, made = understand(parse(data), decode), copy_bytes(data, plan(VIEWS)).data
    check_copy(made, facts, VIEWS)
    with pytest.raises(ScanError, match=f"lacks a valid {what}"):
        check_copy(made, OTHERWISE[what](facts), VIEWS)


@pytest.mark.parametrize(
    "views",
    [
        {1: ("anterior", "left")},
        {2: ("anterior", "left")},
        {1: ("other", None)},
        {3: ("anterior", "right")},
        {3: ("other", None)},
    ],
)
def test_copy_that_says_something_else_than_is_known_is_refused(views: dict[int, tuple[View, Side | None]]) -> None:
    data = scan_objects.written(scan_objects.planar())
    facts, made = understand(parse(data), decode), copy_bytes(data, plan(VIEWS)).data
    with pytest.raises(ScanError, match="lacks a valid view"):
        check_copy(made, facts, views)


def test_object_without_identifier_is_refused() -> None:
    source = parse(scan_objects.written(scan_objects.planar()))
    del source.SeriesInstanceUID
    with pytest.raises(ScanError) as caught:
        copy_object(source, decode(source), plan())
    assert (caught.value.rule, caught.value.words) == ("scan.incomplete", {"what": "SeriesInstanceUID"})


@pytest.mark.parametrize("class_uid", ["1.2.3.4", "1.2.840.10008.1.2.1", "QUISQUILIA"])
def test_unknown_class_is_refused_without_its_value(class_uid: str) -> None:
    source = parse(scan_objects.written(scan_objects.planar()))
    source.add(pydicom.DataElement(0x00080016, "UI", class_uid, validation_mode=pydicom.config.IGNORE))
    with pytest.raises(ScanError, match="its class is unknown") as caught:
        copy_object(source, decode(source), plan())
    assert class_uid not in str(caught.value)


def test_colours_are_refused() -> None:
    source: Dataset = parse(scan_objects.written(scan_objects.planar()))
    pixels = decode(source)
    source.PhotometricInterpretation = "PALETTE COLOR"
    with pytest.raises(ScanError, match="grey levels"):
        copy_object(source, pixels, plan())


@pytest.mark.parametrize("code", ["", " ", "P" * 65, "P\\01", "P^01", "P=1", "P\n1"])
def test_code_that_cannot_stand_in_a_header_is_the_callers_fault(code: str) -> None:
    with pytest.raises(CallError, match="1 to 64 printable characters"):
        copied(scan_objects.planar(), plan(patient=code))


def test_whitelist_gives_a_reason_for_every_group() -> None:
    text = resources.files("residuum.intake.scans.privacy").joinpath("whitelist.toml").read_text("utf-8")
    groups = tomllib.loads(text)["group"]
    assert len(groups) > 5
    assert all(group["name"] and group["reason"] for group in groups)
