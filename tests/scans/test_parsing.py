"""Bytes to elements: what is no DICOM, what is damaged, what costs too much; and values that are read late."""

import io
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

import scan_objects
from raw_scans import EXPLICIT, IMPLICIT, UNDEFINED, element, nested, start, written_as
from residuum.intake.scans.dicom import parsing
from residuum.intake.scans.dicom.parsing import items, parse, value, values
from residuum.intake.scans.limits import DEPTH, ELEMENTS
from residuum.intake.scans.refusals import ScanError

pytestmark = pytest.mark.unit
PATIENT = element(0x00100010, b"PN", b"Quisquilia")


def refusal(data: bytes) -> ScanError:
    with pytest.raises(ScanError) as caught:
        parse(data)
    return caught.value


def bundled(name: str) -> bytes:
    return Path(str(get_testdata_file(name, download=False))).read_bytes()


@pytest.mark.parametrize("form", ["explicit", "implicit", "big_endian", "rle"])
def test_every_way_of_writing_elements_is_read_alike(form: str) -> None:
    found = parse(written_as(scan_objects.planar(), form))
    assert found.PatientName == scan_objects.NAME
    assert values(found, "PixelSpacing", float) == (2.4, 2.4)
    assert values(found, "EnergyWindowVector", int) == (1, 1)
    [window] = items(found, "EnergyWindowInformationSequence")
    assert value(items(window, "EnergyWindowRangeSequence")[0], "EnergyWindowLowerLimit", float) == 143.0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"DICM",
        bytes(128),
        bytes(128) + b"DIC",
        b"<html>" + bytes(200),
        b"\x08\0\x05\0",
        b"\x08\0\x05\0\x0a\0\0\0ISO_IR 100\x10\0\x10\0",  # the next element is none of the first group
        b"\x08\0\x05\0\xff\xff\xff\xff" + bytes(600),
        b"\x08\0\x05\0AB\2\0x ",
    ],
)
def test_a_file_without_its_mark_is_not_dicom(data: bytes) -> None:
    assert refusal(data).rule == "scan.not_dicom"


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
def test_a_bare_object_of_an_old_archive_is_read(syntax: str) -> None:
    scan = scan_objects.planar()
    out = io.BytesIO()
    dcmwrite(out, Dataset(scan), implicit_vr=syntax == "1.2.840.10008.1.2", little_endian=True)
    bare = out.getvalue()
    assert bare[:2] == b"\x08\0"
    found = parse(bare)
    assert found.file_meta.TransferSyntaxUID == syntax
    assert str(found.SOPInstanceUID) == scan.SOPInstanceUID


def test_a_bare_public_sample_is_read() -> None:
    found = parse(bundled("rtstruct.dcm"))
    expected = dcmread(io.BytesIO(bundled("rtstruct.dcm")), force=True)
    assert str(found.SOPInstanceUID) == str(expected.SOPInstanceUID)


def test_a_media_directory_is_not_an_object() -> None:
    assert refusal(bundled("DICOMDIR")).rule == "scan.not_dicom"


def test_deflated_objects_are_refused_unread() -> None:
    assert refusal(bundled("image_dfl.dcm")).rule == "scan.deflated"
    assert refusal(start("1.2.840.10008.1.2.1.99") + b"no zlib stream").rule == "scan.deflated"


@pytest.mark.parametrize(
    ("syntax", "named"),
    [
        ("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile / Main Level"),
        ("1.2.840.10008.1.2.4.94", "JPIP Referenced"),
        ("1.2.840.10008.1.2.4.51", "JPEG Extended (Process 2 and 4)"),
        ("Quisquilia^Zephyrine", "its transfer syntax"),
        (" Quisquilia\t", "its transfer syntax"),
        ("1.2.840.10008.1.2.4.100\0Quisquilia", "its transfer syntax"),
        ("1.2.840.10008.5.1.4.1.1.20", "its transfer syntax"),
    ],
)
def test_other_syntaxes_are_refused_by_the_name_of_the_standard(syntax: str, named: str) -> None:
    found = refusal(start(syntax) + b"garbage that is never read")
    assert (found.rule, found.words) == ("scan.no_decoder", {"what": named})
    assert "Quisquilia" not in str(found)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (bytes(128) + b"DICM" + PATIENT, "its file meta information names no transfer syntax"),
        (
            start(more=element(0x00020010, b"UI", b"1.2.840.10008.1.2.1.99")),
            "its file meta information is out of order",
        ),
        (start(more=element(0x00020001, b"OB", b"\0\1")), "its file meta information is out of order"),
        (start(more=element(0x00020013, b"SH", b"", 60_000)), "it ends within its file meta information"),
        (start(more=element(0x00020102, b"OB", b"", 0xFFFFFFF0)), "it ends within its file meta information"),
        (start(more=b"\x02\x00\x13\x00S"), "it ends within its file meta information"),
        (
            start(more=element(0x00020102, b"OB", bytes(70_000)) + element(0x00020103, b"SH", b"AB")),
            "its file meta information does not end",
        ),
    ],
)
def test_damaged_file_meta_information(data: bytes, what: str) -> None:
    found = refusal(data)
    assert (found.rule, found.words) == ("scan.damaged", {"what": what})


def test_only_the_transfer_syntax_of_the_file_meta_information_is_kept() -> None:
    data = scan_objects.written(scan_objects.planar())
    found = parse(b"MZ" + b"Zephyrine".ljust(126, b"\0") + data[128:])
    assert [one.keyword for one in found.file_meta] == ["TransferSyntaxUID"]
    assert not hasattr(found, "preamble")


def test_an_object_that_is_cut_off_anywhere_is_refused_or_ends_between_two_elements() -> None:
    data = scan_objects.written(scan_objects.planar(frames=[scan_objects.body()[:16, :16]] * 2))
    whole = dcmread(io.BytesIO(data))
    read = 0
    for end in range(140, len(data), 7):
        with suppress(ScanError):
            found = parse(data[:end])
            read += 1
            # Nothing half-read: what is there is as it was written.
            assert all(found[tag].value == whole[tag].value for tag in list(found.keys()))
    assert 0 < read < len(data) / 7 / 4, "steps that hit an end; which do depends on the random UIDs"


@pytest.mark.parametrize(
    "elements",
    [
        element(0x00204000, b"UT", b"short", 0xFFFFFFF0),
        element(0x00080008, b"CS", b"short", 0xFFFF),
        # No delimiter follows: of a value, of an item, of a sequence.
        PATIENT + element(0x7FE00010, b"OB", b"\0" * 40, UNDEFINED),
        PATIENT + element(0x00400260, b"SQ", struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED), UNDEFINED),
        PATIENT + element(0x00400260, b"SQ", struct.pack("<HHL", 0xFFFE, 0xE000, 0), UNDEFINED),
        # An item that is longer than its sequence.
        PATIENT + element(0x00400260, b"SQ", struct.pack("<HHL", 0xFFFE, 0xE000, 400)),
        PATIENT + element(0x00400260, b"SQ", struct.pack("<HHLH", 0xFFFE, 0xE000, 0, 0)),
        PATIENT + element(0x00400260, b"SQ", element(0x00080100, b"SH", b"ABCD")),
        # Lengths add up, but these are no items.
        PATIENT + element(0x00400260, b"SQ", struct.pack("<HHL", 0x0008, 0x0100, 0)),
    ],
)
def test_lengths_that_lie_are_refused(elements: bytes) -> None:
    assert refusal(start() + elements).rule == "scan.damaged"


@pytest.mark.parametrize("defined", [True, False])
def test_sequences_may_be_nested_to_a_depth_and_no_deeper(defined: bool) -> None:
    deepest = parse(start() + nested(DEPTH, defined=defined))
    for _ in range(DEPTH):
        [deepest] = items(deepest, "PerformedProtocolCodeSequence")
    assert not deepest
    for depth in (DEPTH + 1, 1000):
        found = refusal(start() + nested(depth, defined=defined))
        assert (found.rule, found.words) == ("scan.too_deep", {"limit": DEPTH})


def test_sequences_that_hide_in_implicit_or_unknown_form_count_as_well() -> None:
    inner = b""
    for _ in range(DEPTH + 1):
        item = struct.pack("<HHL", 0xFFFE, 0xE000, len(inner)) + inner
        inner = struct.pack("<HHL", 0x0040, 0x0260, len(item)) + item
    assert refusal(start(IMPLICIT) + inner).rule == "scan.too_deep"
    unknown = element(0x00400260, b"UN", inner[8:])
    assert refusal(start(EXPLICIT) + unknown).rule == "scan.too_deep"


def test_more_elements_than_any_object_has_are_refused() -> None:
    many = b"".join(struct.pack("<HH2sH", 0x0009 + 2 * (n >> 16), n & 0xFFFF, b"LO", 0) for n in range(ELEMENTS + 1))
    assert refusal(start() + many).rule == "scan.too_large"
    items_of_one = (struct.pack("<HHL", 0xFFFE, 0xE000, 8) + element(0x00080100, b"SH", b"")) * (ELEMENTS + 1)
    assert refusal(start() + element(0x00400260, b"SQ", items_of_one)).rule == "scan.too_large"


@pytest.mark.parametrize("cause", [MemoryError(), ScanError("scan.crash")])
def test_what_pydicom_turns_into_another_error_is_told_as_it_was(
    cause: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> None:
        try:
            raise cause
        except Exception:
            raise OSError from None

    monkeypatch.setattr(parsing, "read_dataset", read)
    with pytest.raises(type(cause)):
        parse(start() + PATIENT)


def test_values_slightly_against_the_rules_are_read() -> None:
    found = parse(start() + element(0x00180050, b"DS", b"2.39999999999999991118"))
    assert value(found, "SliceThickness", float) == 2.39999999999999991118


def test_values_that_cannot_be_read_name_the_attribute_and_not_themselves() -> None:
    found = parse(
        start()
        + element(0x00180050, b"DS", b"Quisquilia")
        + element(0x00280008, b"IS", b"Quisquilia")
        + element(0x00280030, b"DS", b"1\\Zephyrine ")
    )
    for keyword, kind in (("SliceThickness", float), ("NumberOfFrames", int), ("PixelSpacing", float)):
        with pytest.raises(ScanError) as caught:
            values(found, keyword, kind)
        assert (caught.value.rule, caught.value.words) == ("scan.damaged", {"what": f"{keyword} cannot be read"})


def test_one_value_several_values_none() -> None:
    found = Dataset()
    found.PixelSpacing, found.PatientName, found.SliceThickness, found.Modality = [1.5, 2.5], "A^B", None, ""
    assert values(found, "PixelSpacing", float) == (1.5, 2.5)
    assert values(found, "PatientName", str) == ("A^B",)
    assert value(found, "SliceThickness", float) is value(found, "Modality", str) is value(found, "Rows", int) is None
    assert values(found, "Modality", str) == values(found, "Rows", int) == items(found, "ViewCodeSequence") == ()
    with pytest.raises(ScanError, match="PixelSpacing has several values"):
        value(found, "PixelSpacing", float)
    with pytest.raises(ScanError, match="PatientName is no sequence"):
        items(found, "PatientName")
