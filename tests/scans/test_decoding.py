"""Stored pixel values: bit for bit through every lossless compression, refused where sizes lie."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

import scan_objects
from raw_scans import LOSSLESS, LOSSY, compressed_by_dcmtk, element, encapsulated, grey, start, written_as
from residuum.intake.scans.dicom.decoding import decode, was_lossy
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.refusals import ScanError

pytestmark = pytest.mark.unit
RNG = np.random.default_rng(20150317)
COUNTS = [scan_objects.body(view, seed)[:96, :80] for seed, view in enumerate(("anterior", "posterior"))]
SIGNED = [(counts.astype(np.int16) - 40) * 3 for counts in COUNTS]
FULL = [RNG.integers(0, 65536, (33, 47), np.uint16) for _ in range(3)]


def image(frames: list[npt.NDArray[Any]], **said: Any) -> Dataset:
    found = scan_objects.planar(("anterior",) * len(frames), frames=frames)
    bits = frames[0].dtype.itemsize * 8
    found.PixelData += b"\0" * (len(found.PixelData) % 2)
    found.BitsAllocated, found.BitsStored, found.HighBit = bits, bits, bits - 1
    found.PixelRepresentation = int(frames[0].dtype.kind == "i")
    found["PixelData"].VR = "OW" if bits > 8 else "OB"
    for keyword, value in said.items():
        setattr(found, keyword, value)
    return found


def decoded(data: bytes) -> npt.NDArray[Any]:
    return decode(parse(data))


def refusal(data: bytes) -> ScanError:
    with pytest.raises(ScanError) as caught:
        decoded(data)
    return caught.value


@pytest.mark.parametrize("form", LOSSLESS)
@pytest.mark.parametrize("frames", [COUNTS, COUNTS[:1], SIGNED, FULL], ids=["two", "one", "signed", "every_bit"])
def test_lossless_forms_give_the_stored_values(form: str, frames: list[npt.NDArray[Any]]) -> None:
    data = written_as(image(frames), form)
    found = decoded(data)
    assert found.dtype == frames[0].dtype
    np.testing.assert_array_equal(found, np.stack(frames))
    assert not was_lossy(parse(data))


@pytest.mark.parametrize("form", LOSSY)
def test_lossy_forms_are_near_and_said_to_be_lossy(form: str) -> None:
    data = written_as(image(COUNTS), form)
    apart = np.abs(decoded(data).astype(int) - np.stack(COUNTS).astype(int))
    assert 0 < apart.max() <= (2 if form == "jpeg_ls_near" else 60)
    assert was_lossy(parse(data))


def test_baseline_jpeg_is_read_and_lossy() -> None:
    frames = [np.minimum(counts, 255).astype(np.uint8) for counts in COUNTS]
    data = compressed_by_dcmtk(written_as(image(frames), "explicit"), "+eb")
    found = decoded(data)
    assert found.dtype == np.uint8
    assert 0 < np.abs(found.astype(int) - np.stack(frames).astype(int)).mean() < 6
    assert was_lossy(parse(data))


@pytest.mark.parametrize("form", ["explicit", "big_endian", "rle", "jpeg_ls"])
def test_eight_bits(form: str) -> None:
    frames = [RNG.integers(0, 256, (35, 47), np.uint8)]
    np.testing.assert_array_equal(decoded(written_as(image(frames), form)), np.stack(frames))


@pytest.mark.parametrize("form", ["explicit", "big_endian"])
def test_thirty_two_bits(form: str) -> None:
    frames = [RNG.integers(0, 2**32, (5, 7), np.uint32)]
    np.testing.assert_array_equal(decoded(written_as(image(frames), form)), np.stack(frames))


@pytest.mark.parametrize(("order", "syntax"), [("<", "1.2.840.10008.1.2.1"), (">", "1.2.840.10008.1.2.2")])
def test_floats_of_32_bits(order: str, syntax: str) -> None:
    stored = np.array([[0.5, -1.25, 3e8], [1e-7, 0.0, 7.0]], np.float32)

    def one(tag: int, kind: bytes, value: bytes) -> bytes:
        return element(tag, kind, value, order=order)

    def number(value: int) -> bytes:
        return struct.pack(f"{order}H", value)

    header = (
        one(0x00280002, b"US", number(1))
        + one(0x00280004, b"CS", b"MONOCHROME2 ")
        + one(0x00280010, b"US", number(2))
        + one(0x00280011, b"US", number(3))
        + one(0x00280100, b"US", number(32))
    )

    def whole(values: npt.NDArray[Any]) -> bytes:
        start_of = start(syntax) + header + struct.pack(f"{order}HH", 0x7FE0, 0x0008) + b"OF\0\0"
        return start_of + struct.pack(f"{order}L", values.nbytes) + values.astype(f"{order}f4").tobytes()

    np.testing.assert_array_equal(decoded(whole(stored)), stored[None])
    stored[0, 0] = np.nan
    assert refusal(whole(stored)).words == {"what": "some of its pixels are no numbers"}


def test_real_compressed_nm_image() -> None:
    path = get_testdata_file("JPEG2000.dcm", download=False)
    dataset = parse(Path(str(path)).read_bytes())
    found = decode(dataset)
    assert (found.shape, found.dtype, was_lossy(dataset)) == ((1, 1024, 256), np.int16, True)


def test_jpeg_2000_that_forgets_the_sign_is_read_with_it() -> None:
    path = get_testdata_file("J2K_pixelrep_mismatch.dcm", download=False)
    found = decoded(Path(str(path)).read_bytes())
    # Air of a CT lies at -2000 there, not at 6192 (13 bits without sign).
    assert (found.min(), found[0, 0, 0]) == (-2000, -2000)


def test_jpeg_of_12_bits_has_no_decoder() -> None:
    path = get_testdata_file("JPEG-lossy.dcm", download=False)
    assert refusal(Path(str(path)).read_bytes()).rule == "scan.no_decoder"


@pytest.mark.parametrize(("said", "lossy"), [("01", True), ("00", False), (None, True)])
def test_jpeg_2000_that_may_be_lossy_is_unless_the_header_denies_it(said: str | None, lossy: bool) -> None:
    assert was_lossy(parse(start("1.2.840.10008.1.2.4.91") + _lossy_element(said))) == lossy


@pytest.mark.parametrize(("said", "lossy"), [("01", True), ("00", False), (None, False)])
def test_uncompressed_objects_are_lossy_where_they_say_so(said: str | None, lossy: bool) -> None:
    assert was_lossy(parse(start() + _lossy_element(said))) == lossy


def test_near_lossless_stays_lossy_whatever_the_header_says() -> None:
    assert was_lossy(parse(start("1.2.840.10008.1.2.4.81") + _lossy_element("00")))


def _lossy_element(said: str | None) -> bytes:
    return b"" if said is None else element(0x00282110, b"CS", said.encode())


@pytest.mark.parametrize("form", ["explicit", "big_endian", "rle"])
def test_unused_bits_are_no_part_of_a_value(form: str) -> None:
    plain = RNG.integers(0, 4096, (4, 6), np.uint16)
    overlaid = plain | np.uint16(0xA000)
    found = decoded(written_as(image([overlaid], BitsStored=12, HighBit=11), form))
    np.testing.assert_array_equal(found[0], plain)
    signed = RNG.integers(-2048, 2048, (4, 6), np.int16)
    unextended = image([signed & np.int16(0x0FFF)], BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(decoded(written_as(unextended, form))[0], signed)


def test_compressed_values_beyond_the_declared_bits_are_refused() -> None:
    data = written_as(image([np.full((4, 6), 5000, np.uint16)]), "jpeg_ls")
    # BitsStored 16 and HighBit 15 become 12 and 11.
    data = data.replace(element(0x00280101, b"US", b"\x10\0"), element(0x00280101, b"US", b"\x0c\0"))
    data = data.replace(element(0x00280102, b"US", b"\x0f\0"), element(0x00280102, b"US", b"\x0b\0"))
    assert refusal(data).rule == "scan.contradiction"


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"SamplesPerPixel": 3}, "scan.not_an_image"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "scan.not_an_image"),
        ({"BitsAllocated": 12}, "scan.not_an_image"),
        ({"BitsAllocated": 64}, "scan.not_an_image"),
        ({"BitsStored": 17}, "scan.contradiction"),
        ({"HighBit": 14}, "scan.contradiction"),
        ({"Rows": None}, "scan.incomplete"),
        ({"Columns": 0}, "scan.damaged"),
        ({"NumberOfFrames": -1}, "scan.damaged"),
        ({"NumberOfFrames": 3}, "scan.damaged"),
        ({"NumberOfFrames": 1}, "scan.contradiction"),
        ({"Rows": 97}, "scan.damaged"),
        ({"Rows": 65535, "Columns": 65535, "NumberOfFrames": 2**31 - 1}, "scan.too_large"),
        ({"PixelData": b""}, "scan.damaged"),
    ],
)
def test_headers_that_do_not_fit_their_pixels(said: dict[str, Any], rule: str) -> None:
    assert refusal(written_as(image(COUNTS, **said), "explicit")).rule == rule


def test_zeros_that_fill_a_block_are_no_pixels() -> None:
    frames = np.stack(COUNTS).tobytes()
    np.testing.assert_array_equal(
        decoded(written_as(image(COUNTS, PixelData=frames + bytes(100)), "explicit")), np.stack(COUNTS)
    )
    assert refusal(written_as(image(COUNTS, PixelData=frames + bytes(99) + b"\1"), "explicit")).rule == (
        "scan.contradiction"
    )


COMPRESSED = ["rle", "jpeg_2000", "jpeg_ls", "jpeg_lossless"]


@pytest.mark.parametrize("form", COMPRESSED)
@pytest.mark.parametrize(
    ("keyword", "old", "new"),
    [(0x00280010, 96, 80), (0x00280011, 80, 81), (0x00280010, 96, 1), (0x00280011, 80, 60000)],
)
def test_a_frame_of_another_shape_is_refused(form: str, keyword: int, old: int, new: int) -> None:
    """96 x 80 read as 80 x 96 would have as many pixels, each in the wrong place."""
    data = written_as(image(COUNTS), form)
    was, becomes = (element(keyword, b"US", struct.pack("<H", size)) for size in (old, new))
    assert data.count(was) == 1
    assert refusal(data.replace(was, becomes)).rule in {"scan.contradiction", "scan.damaged"}


@pytest.mark.parametrize("form", ["jpeg_2000", "jpeg_ls", "jpeg_lossless"])
def test_transposed_frames_are_refused(form: str) -> None:
    data = written_as(image(COUNTS), form)
    rows, columns = (element(0x00280010 + n, b"US", struct.pack("<H", size)) for n, size in enumerate((96, 80)))
    swapped = element(0x00280010, b"US", struct.pack("<H", 80)) + element(0x00280011, b"US", struct.pack("<H", 96))
    assert data.count(rows + columns) == 1
    assert refusal(data.replace(rows + columns, swapped)).words == {
        "what": "a compressed frame has another shape than the header says"
    }


@pytest.mark.parametrize("form", COMPRESSED)
@pytest.mark.parametrize("told", [b"1 ", b"3 ", b"9 "])
def test_another_number_of_frames_than_declared_is_refused(form: str, told: bytes) -> None:
    data = written_as(image(COUNTS), form)
    was = element(0x00280008, b"IS", b"2 ")
    assert data.count(was) == 1
    assert refusal(data.replace(was, element(0x00280008, b"IS", told))).rule in {"scan.contradiction", "scan.damaged"}


def _jpeg_2000(frame: bytes) -> bytes:
    return start("1.2.840.10008.1.2.4.90") + grey(96, 80) + encapsulated(frame)


def _one_frame(form: str) -> bytes:
    data = written_as(image(COUNTS[:1]), form)
    begin = data.index(b"\xff\x4f\xff\x51" if form == "jpeg_2000" else b"\xff\xd8")
    return data[begin : data.rindex(b"\xff\xd9") + 2]


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame[: len(frame) // 2],
        lambda frame: frame[:-2],
        lambda frame: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40) + frame,
        lambda frame: frame[:20],
        lambda frame: b"",
        lambda frame: frame[:44] + b"\2\1" + frame[46:],
    ],
    ids=["half", "end", "boxes without length", "header", "nothing", "subsampled"],
)
def test_damaged_jpeg_2000_frames_are_refused(change: Callable[[bytes], bytes]) -> None:
    frame = _one_frame("jpeg_2000")
    np.testing.assert_array_equal(decoded(_jpeg_2000(frame))[0], COUNTS[0])
    assert refusal(_jpeg_2000(change(frame))).rule in {"scan.damaged", "scan.contradiction"}


@pytest.mark.parametrize(("form", "syntax"), [("jpeg_ls", "80"), ("jpeg_lossless", "70")])
def test_fill_bytes_before_a_marker_and_cuts(form: str, syntax: str) -> None:
    frame = _one_frame(form)
    before = start(f"1.2.840.10008.1.2.4.{syntax}") + grey(96, 80)
    np.testing.assert_array_equal(decoded(before + encapsulated(frame))[0], COUNTS[0])
    for cut in (2, 10, len(frame) // 2, len(frame) - 2):
        assert refusal(before + encapsulated(frame[:cut])).rule == "scan.damaged"


def test_uncompressed_pixels_under_a_compressed_syntax_are_refused() -> None:
    data = start("1.2.840.10008.1.2.4.70") + grey(4, 4) + element(0x7FE00010, b"OW", bytes(32))
    assert refusal(data).rule == "scan.contradiction"
