"""Objects and archives made to fill or stop the machine: refused within 5 seconds and 500 MB; the next one is read."""

import io
import json
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import scan_objects
from raw_scans import UNDEFINED, compressed_by_dcmtk, element, encapsulated, grey, nested, start, written_as
from residuum.intake.scans.limited.child import ScanChild
from residuum.intake.scans.limits import LARGEST_OBJECT_BYTES, MIB
from residuum.intake.scans.privacy.copying import CopyPlan
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources.walking import walk

pytestmark = pytest.mark.slow
LARGEST_SECONDS, LARGEST_BYTES = 5, 500e6
ITEM, ITEM_END = (struct.pack("<HHL", 0xFFFE, number, 0) for number in (0xE000, 0xE00D))
FILL = LARGEST_OBJECT_BYTES - MIB
J2K = "1.2.840.10008.1.2.4.90"
RLE = "1.2.840.10008.1.2.5"


@pytest.fixture(scope="module")
def child() -> Iterator[ScanChild]:
    with ScanChild() as made:
        yield made
        print(f"\nlargest child {made.largest_bytes / 1e6:.0f} MB, {made.starts} starts")


def deflated() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(MIB)) for _ in range(300)) + packer.flush()
    return start("1.2.840.10008.1.2.1.99") + element(0x00100010, b"PN", b"AB") + packed


def implicit(tag: int, value: bytes, length: int | None = None) -> bytes:
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, len(value) if length is None else length) + value


def planar_but(tag: int, value: bytes) -> bytes:
    """Return a valid whole-body scan of which one attribute is replaced."""
    whole = written_as(scan_objects.planar(), "implicit")
    at = whole.index(struct.pack("<HH", tag >> 16, tag & 0xFFFF), 132)
    (length,) = struct.unpack_from("<L", whole, at + 4)
    return whole[:at] + implicit(tag, value) + whole[at + 8 + length :]


def native(rows: int, columns: int, frames: int) -> bytes:
    return start() + grey(rows, columns, frames) + element(0x7FE00010, b"OW", bytes(64))


def whole_body_with(pixels: bytes, syntax: str, rows: int, columns: int, frames: int = 1) -> bytes:
    """Return a whole-body scan whose header is complete, so that its pixels are unpacked."""
    made = scan_objects.written(scan_objects.planar(("anterior",), frames=[scan_objects.body()[:8, :8]]))
    made = made.replace(element(0x00020010, b"UI", b"1.2.840.10008.1.2.1\0"), b"")
    before = made[: made.index(struct.pack("<HH", 0x7FE0, 0x0010))]
    sizes = [(0x00280010, rows), (0x00280011, columns)]
    for tag, size in sizes:
        before = before.replace(element(tag, b"US", struct.pack("<H", 8)), element(tag, b"US", struct.pack("<H", size)))
    before = before.replace(
        element(0x00280008, b"IS", b"1 "), element(0x00280008, b"IS", str(frames).encode().ljust(8))
    )
    return start(syntax) + before[before.index(struct.pack("<HH", 0x0008, 0x0005)) :] + pixels


def rle_runs() -> bytes:
    """Return runs that unpack to 128 times their size, far beyond the pixels that are declared."""
    header = struct.pack("<16L", 2, 64, 64 + FILL // 2, *[0] * 13)
    return whole_body_with(encapsulated(header + b"\x81\x07" * (FILL // 2)), RLE, 4096, 8192)


def rle_claims() -> bytes:
    frame = struct.pack("<16L", 2, 64, 66, *[0] * 13) + b"\x81\x00\x81\x00"
    return whole_body_with(encapsulated(frame), RLE, 65535, 65535)


def rle_frames() -> bytes:
    frame = struct.pack("<16L", 2, 64, 66, *[0] * 13) + b"\xff\x00\xff\x00"
    return whole_body_with(encapsulated(*[frame] * 300_000), RLE, 1, 2, 300_000)


def jpeg_2000(change: Callable[[bytes], bytes], rows: int = 96, columns: int = 80) -> bytes:
    made = written_as(scan_objects.planar(("anterior",), frames=[scan_objects.body()[:96, :80]]), "jpeg_2000")
    frame = made[made.index(b"\xff\x4f\xff\x51") : made.rindex(b"\xff\xd9") + 2]
    return whole_body_with(encapsulated(change(frame)), J2K, rows, columns)


def at(place: int, form: str, *values: int) -> Callable[[bytes], bytes]:
    new = struct.pack(form, *values)
    return lambda frame: frame[:place] + new + frame[place + len(new) :]


def jpeg_lossless_claims() -> bytes:
    made = scan_objects.planar(("anterior",), frames=[scan_objects.body()[:96, :80]])
    data = compressed_by_dcmtk(scan_objects.written(made), "+e1")
    frame = data[data.index(b"\xff\xd8") : data.rindex(b"\xff\xd9") + 2]
    place = frame.index(b"\xff\xc3") + 5
    claimed = frame[:place] + struct.pack(">HH", 4096, 8192) + frame[place + 4 :]
    return whole_body_with(encapsulated(claimed), "1.2.840.10008.1.2.4.70", 4096, 8192)


BOMBS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "deflated": (deflated, {"scan.deflated"}),
    "1,000 nested sequences with lengths": (lambda: start() + nested(1000, defined=True), {"scan.too_deep"}),
    "1,000 nested sequences with delimiters": (lambda: start() + nested(1000, defined=False), {"scan.too_deep"}),
    "100,000 nested sequences with lengths": (lambda: start() + nested(100_000, defined=True), {"scan.too_deep"}),
    "100,000 nested sequences with delimiters": (
        lambda: start() + nested(100_000, defined=False),
        {"scan.too_deep", "scan.too_large"},
    ),
    "100,000 nested private sequences": (
        lambda: start() + nested(100_000, defined=False, tag=0x00091001),
        {"scan.too_deep", "scan.too_large"},
    ),
    "three million elements": (
        lambda: (
            start() + b"".join(struct.pack("<HH2sH", 9 + 2 * (n >> 16), n & 0xFFFF, b"LO", 0) for n in range(3_000_000))
        ),
        {"scan.too_large"},
    ),
    "eight million items": (lambda: start() + element(0x00400260, b"SQ", ITEM * (FILL // 8)), {"scan.too_large"}),
    "eight million items without a length": (
        lambda: start() + element(0x00400260, b"SQ", ITEM * (FILL // 8), UNDEFINED),
        {"scan.too_large", "scan.too_slow"},
    ),
    "many items within items": (
        lambda: (
            start()
            + element(
                0x00400260, b"SQ", (ITEM[:4] + struct.pack("<L", 12) + element(0x00081140, b"SQ", b"")) * 3_000_000
            )
        ),
        {"scan.too_large"},
    ),
    "a length of 4 GB": (lambda: start() + element(0x7FE00010, b"OW", bytes(8), 0xFFFFFFFE), {"scan.damaged"}),
    "a value without its end": (lambda: start() + element(0x7FE00010, b"OB", bytes(FILL), UNDEFINED), {"scan.damaged"}),
    "sequences without their ends": (
        lambda: start() + (element(0x00400260, b"SQ", b"", UNDEFINED) + ITEM) * 500_000,
        {"scan.damaged"},
    ),
    "a huge matrix": (lambda: native(65535, 65535, 1), {"scan.too_large", "scan.incomplete", "scan.not_an_image"}),
    "a huge whole-body scan": (
        lambda: whole_body_with(element(0x7FE00010, b"OW", bytes(64)), "1.2.840.10008.1.2.1", 65535, 65535),
        {"scan.too_large"},
    ),
    "99 million frames": (
        lambda: whole_body_with(element(0x7FE00010, b"OW", bytes(64)), "1.2.840.10008.1.2.1", 8, 8, 99_999_999),
        {"scan.too_large", "scan.contradiction", "scan.incomplete"},
    ),
    "RLE that unpacks to 4 GB": (rle_runs, {"scan.damaged", "scan.too_much_memory"}),
    "RLE that claims 8 GB": (rle_claims, {"scan.too_large"}),
    "RLE of 300,000 frames": (rle_frames, {"scan.too_large"}),
    "JPEG 2000 that claims 60,000 x 60,000": (
        lambda: jpeg_2000(at(8, ">2L", 60_000, 60_000), 60_000, 60_000),
        {"scan.too_large"},
    ),
    "JPEG 2000 of another size than its header": (
        lambda: jpeg_2000(at(8, ">2L", 60_000, 60_000)),
        {"scan.damaged"},
    ),
    "JPEG 2000 with an offset": (
        lambda: jpeg_2000(at(8, ">4L", 4_294_967_295, 4_294_967_295, 4_294_967_215, 4_294_967_199)),
        {"scan.damaged"},
    ),
    "JPEG 2000 of one tile for each pixel": (lambda: jpeg_2000(at(24, ">2L", 1, 1)), {"scan.damaged"}),
    "JPEG 2000 of one huge tile": (lambda: jpeg_2000(at(24, ">2L", 0xFFFFFFFF, 0xFFFFFFFF)), set()),
    "JPEG 2000 of 16,384 components": (lambda: jpeg_2000(at(40, ">H", 16384)), {"scan.contradiction"}),
    "JPEG 2000 as large as is allowed": (
        lambda: jpeg_2000(at(8, ">6L", 8192, 4096, 0, 0, 8192, 4096), 4096, 8192),
        {"scan.damaged", "scan.too_much_memory", "scan.crash"},
    ),
    "JPEG 2000 in boxes without length": (
        lambda: jpeg_2000(lambda frame: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(9)),
        {"scan.damaged"},
    ),
    "lossless JPEG as large as is allowed": (
        jpeg_lossless_claims,
        {"scan.damaged", "scan.crash", "scan.too_much_memory"},
    ),
    "30 million numbers": (
        lambda: planar_but(0x00280030, b"1\\" * (FILL // 2)),
        {"scan.too_much_memory", "scan.too_slow"},
    ),
    "30 million texts": (
        lambda: planar_but(0x00080008, b"A\\" * (FILL // 2)),
        {"scan.too_much_memory", "scan.too_slow"},
    ),
    "a number of 60 million digits": (lambda: planar_but(0x00280008, b"9" * FILL), {"scan.damaged"}),
    "a number with a huge exponent": (lambda: planar_but(0x00280008, b"1E999999999 "), {"scan.damaged"}),
    "names that change their script 20 million times": (
        lambda: planar_but(0x00100010, b"\x1b$B" * (FILL // 3 // 2 * 2)).replace(
            b"ISO_IR 192", b"\\ISO 2022 IR 87"[:10]
        ),
        {"scan.too_much_memory", "scan.too_slow", "scan.damaged"},
    ),
    "a name of 60 MB": (
        lambda: planar_but(0x00100010, b"^" * FILL),
        {"scan.too_much_memory", "scan.too_slow", "scan.damaged", "scan.crash"},
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused_in_little_time_and_memory(child: ScanChild, bomb: str) -> None:
    make, rules = BOMBS[bomb]
    data = make()
    assert len(data) <= LARGEST_OBJECT_BYTES
    began = time.monotonic()
    try:
        child.look(data)
        rule = "read"
    except ScanError as refused:
        rule = refused.rule
    seconds = time.monotonic() - began
    print(f"{bomb}: {len(data) / 1e3:,.0f} kB, {rule}, {seconds:.2f} s, {child.largest_bytes / 1e6:.0f} MB so far")
    assert rule in rules if rules else rule in {"read", "scan.damaged"}
    assert seconds < LARGEST_SECONDS
    assert child.largest_bytes < LARGEST_BYTES
    assert child.look(scan_objects.written(scan_objects.planar())).kind == "planar"


@pytest.mark.parametrize(
    "preamble", [b"MZ\x90\0", b"\x7fELF\2\1\1", b"<script>alert(1)</script>", b"II*\0", b"#!/bin/sh\n"]
)
def test_programs_in_the_preamble_stay_behind(child: ScanChild, preamble: bytes) -> None:
    data = scan_objects.written(scan_objects.planar())
    hidden = preamble + b"Zephyrine" + bytes(128 - len(preamble) - 9) + data[128:]
    facts = child.look(hidden)
    assert facts == child.look(data)
    assert "Zephyrine" not in json.dumps(
        {**facts.to_json(), "identity": {**facts.to_json()["identity"], "patient": {}}}
    )
    views = {1: ("anterior", "right"), 2: ("posterior", "left")}
    copied = child.copy(hidden, CopyPlan(secret="5e" * 32, patient="P1", day=3, views=views))  # type: ignore[arg-type]
    assert copied.data[:128] == bytes(128)
    assert preamble not in copied.data
    assert b"Zephyrine" not in copied.data


def archive_of(members: Iterator[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def overlapping() -> bytes:
    """Return 20,000 directory entries that share one packed file of 10 MB."""
    single = archive_of(iter([("IM", bytes(10 * MIB))]))
    directory, end = single.index(b"PK\x01\x02"), single.index(b"PK\x05\x06")
    entries = single[directory:end] * 20_000
    return (
        single[:directory]
        + entries
        + struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 20_000, 20_000, len(entries), directory, 0)
    )


ARCHIVES: dict[str, tuple[Callable[[], bytes], str]] = {
    "1 MB that holds 1 GB": (
        lambda: archive_of((f"IM{n}", bytes(60 * MIB)) for n in range(17)),
        "unpacked it is more than 100 times as large",
    ),
    "100,000 members": (
        lambda: archive_of((f"IM{n:06}", b"") for n in range(100_000)),
        "it holds more than 20,000 files",
    ),
    "overlapping members": (overlapping, "unpacked it holds more than 8192 MiB"),
    "a huge directory": (
        lambda: archive_of((f"{n:05}" + "x" * 900, b"") for n in range(10_000)),
        "its directory holds more than 8 MiB",
    ),
}


@pytest.mark.parametrize("bomb", ARCHIVES)
def test_archive_bombs_are_refused_whole(tmp_path: Path, bomb: str) -> None:
    make, what = ARCHIVES[bomb]
    (tmp_path / "a.zip").write_bytes(make())
    began = time.monotonic()
    [found] = walk(tmp_path)
    seconds = time.monotonic() - began
    print(f"{bomb}: {(tmp_path / 'a.zip').stat().st_size / 1e3:,.0f} kB, {seconds:.2f} s")
    assert found.refused is not None
    assert (found.refused.rule, found.refused.words) == ("scan.zip", {"what": what})
    assert seconds < LARGEST_SECONDS
