"""Objects with an invented name wherever text can stand, and damaged ones made of them."""

import io
import random
import shutil
import struct
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import pydicom.data
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian

import scan_objects
from raw_scans import LOSSLESS, LOSSY, written_as

PARTS: Final = (b"quisquil", b"zephyri")
"""Either is enough to tell the name, whatever became of the rest."""
NAME: Final = "Quisquilia^Zephyrine"
_LARGEST_BUNDLED_BYTES: Final = 40_000
# Codes and identifiers stay: without them few mutants would come far.
_KEPT: Final = ("CodeValue", "CodingSchemeDesignator", "PatientID", "StudyID", "EnergyWindowName")
_TEXTS: Final = ("LO", "SH", "PN", "LT", "ST", "UT", "UC")
_LONG: Final = (b"OB", b"OW", b"OF", b"SQ", b"UN", b"UT", b"UC", b"UR", b"OD", b"OL", b"OV", b"SV", b"UV")
_PAIRS: Final = b"AEASATCSDADSDTFDFLISLOLTOBOFOWPNSHSLSQSSSTTMUIULUNUSUT"
_KINDS: Final = [_PAIRS[place : place + 2] for place in range(0, len(_PAIRS), 2)]
_RUNS: Final = (
    b"\0",
    b"\xff",
    b"\xfe\xff\x00\xe0",
    b"\xfe\xff\x0d\xe0\0\0\0\0",
    b"\xfe\xff\xdd\xe0\0\0\0\0",
    b"9",
    b"\\",
)
_LENGTHS: Final = (0, 1, 2, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)

Mutation = Callable[[bytearray, random.Random], None]


def make_own() -> list[bytes]:
    """Return valid objects in every form that can be written here."""
    corner = [scan_objects.body(view, seed)[100:164, 32:96] for seed, view in enumerate(("anterior", "posterior"))]
    planar = planted(scan_objects.planar(frames=corner))
    slice_of_ct = planted(scan_objects.ct()[0])
    small_spect = scan_objects.spect()
    small_spect.Rows = small_spect.Columns = 16
    small_spect.PixelData = np.ones((40, 16, 16), np.uint16).tobytes()
    forms = [form for form in (*LOSSLESS, *LOSSY) if form != "jpeg_lossless" or shutil.which("dcmcjpeg")]
    own = [written_as(planar, form) for form in forms]
    own += [written_as(one, form) for one in (slice_of_ct, planted(small_spect)) for form in ("explicit", "implicit")]
    # Preamble and what follows the pixels are no elements of the object.
    own.append(
        NAME.encode().ljust(128, b"\0")
        + own[0][128:]
        + struct.pack("<HH2sHL", 0xFFFC, 0xFFFC, b"OB", 0, 20)
        + NAME.encode()
    )
    return own


def planted(found: Dataset) -> Dataset:
    """Return an object with the name in every text, in private elements and nested ones."""
    _plant(found)
    found.PatientComments = found.ImageComments = found.AdditionalPatientHistory = NAME
    found.SeriesDescription, found.ProtocolName, found.StationName = f"ANT {NAME}", NAME, NAME[:16]
    private = found.private_block(0x0009, "GEMS_GENIE_1", create=True)
    private.add_new(0x01, "LO", NAME)
    private.add_new(0x02, "UN", NAME.encode())
    inner = Dataset()
    inner.PatientName = inner.OtherPatientNames = NAME
    inner.private_block(0x0011, "INVENTED", create=True).add_new(0x03, "UT", NAME)
    private.add_new(0x04, "SQ", Sequence([inner]))
    found.ReferencedPatientSequence = Sequence([inner])
    found.file_meta.SourceApplicationEntityTitle = NAME[:16]
    return found


def _plant(found: Dataset) -> None:
    for one in found:
        if one.VR == "SQ":
            for item in one.value:
                _plant(item)
        elif one.VR in _TEXTS and one.keyword not in _KEPT:
            one.value = NAME[:16] if one.VR == "SH" else NAME


def read_bundled() -> list[bytes]:
    """Return the small objects that pydicom brings for its tests."""
    # By their folder: asked by name, pydicom would look for more on the network.
    files = sorted((Path(pydicom.data.__file__).parent / "test_files").rglob("*.dcm"))
    read = (file.read_bytes() for file in files if file.stat().st_size <= _LARGEST_BUNDLED_BYTES)
    return [_with_name(data) for data in read if data[128:132] == b"DICM"]


def _with_name(data: bytes) -> bytes:
    """Return a file with the name as patient and comment, or as it is where it cannot be written again."""
    out = io.BytesIO()
    with warnings.catch_warnings(), suppress(AttributeError, ValueError, NotImplementedError, TypeError, KeyError):
        # They were chosen because something is odd about each.
        warnings.simplefilter("ignore")
        found = dcmread(io.BytesIO(data))
        if found.file_meta.TransferSyntaxUID != DeflatedExplicitVRLittleEndian:
            found.PatientName = found.PatientComments = found.StudyDescription = NAME
            found.save_as(out)
    return out.getvalue() or data


def mutate(own: list[bytes], bundled: list[bytes], seed: str) -> bytes:
    """Return one damaged object, always the same for a seed."""
    chance = random.Random(seed)
    # Our own get further: they are whole scans.
    made = bytearray(chance.choice(own if chance.random() < 0.7 else bundled))
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if len(made) < 200:
            break
        if chance.random() < 0.12:
            _splice(made, chance, chance.choice(own + bundled))
        else:
            chance.choice(_MUTATIONS)(made, chance)
    return bytes(made)


def _somewhere(made: bytearray, chance: random.Random) -> int:
    """Return a place, more often in the header than among pixels, seldom in the preamble."""
    if chance.random() < 0.05:
        return chance.randrange(132)
    return chance.randrange(132, min(len(made), 3500) if chance.random() < 0.7 else len(made))


def _elements(made: bytearray) -> list[int]:
    """Return where elements start, as far as they are written in explicit form."""
    found, place = list[int](), 132
    while place + 12 < len(made) and bytes(made[place + 4 : place + 6]).isalpha():
        found.append(place)
        long = bytes(made[place + 4 : place + 6]) in _LONG
        (length,) = struct.unpack_from("<L" if long else "<H", made, place + (8 if long else 6))
        # Into sequences, over everything else.
        nested = bytes(made[place + 4 : place + 6]) == b"SQ"
        place += (20 if nested else 12 if long else 8) + (0 if nested or length == 0xFFFFFFFF else length)
    return found or [132]


def _flip_bits(made: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 2, 20))):
        made[_somewhere(made, chance)] ^= 1 << chance.randrange(8)


def _overwrite(made: bytearray, chance: random.Random) -> None:
    place, length = _somewhere(made, chance), chance.choice((1, 2, 4, 16, 200))
    filled = chance.randbytes(length) if chance.random() < 0.4 else (chance.choice(_RUNS) * length)[:length]
    made[place : place + length] = filled


def _truncate(made: bytearray, chance: random.Random) -> None:
    del made[_somewhere(made, chance) :]


def _insert(made: bytearray, chance: random.Random) -> None:
    place = _somewhere(made, chance)
    made[place:place] = chance.choice(_RUNS) * chance.choice((1, 2, 9, 500))


def _delete(made: bytearray, chance: random.Random) -> None:
    place = _somewhere(made, chance)
    del made[place : place + chance.choice((1, 2, 4, 8, 60))]


def _repeat(made: bytearray, chance: random.Random) -> None:
    place = chance.choice(_elements(made))
    made[place:place] = bytes(made[place : place + chance.choice((8, 40, 400))]) * chance.choice((1, 3, 50))


def _change_length(made: bytearray, chance: random.Random) -> None:
    place = chance.choice(_elements(made))
    long = bytes(made[place + 4 : place + 6]) in _LONG
    length = chance.choice(_LENGTHS) if chance.random() < 0.6 else chance.randrange(300)
    struct.pack_into("<L" if long else "<H", made, place + (8 if long else 6), length if long else length & 0xFFFF)


def _swap_lengths(made: bytearray, chance: random.Random) -> None:
    one, other = chance.choice(_elements(made)) + 6, chance.choice(_elements(made)) + 6
    made[one : one + 2], made[other : other + 2] = made[other : other + 2], made[one : one + 2]


def _change_kind(made: bytearray, chance: random.Random) -> None:
    place = chance.choice(_elements(made)) + 4
    made[place : place + 2] = chance.choice(_KINDS) if chance.random() < 0.9 else chance.randbytes(2)


def _change_tag(made: bytearray, chance: random.Random) -> None:
    place, places = chance.choice(_elements(made)), _elements(made)
    if chance.random() < 0.6:
        other = chance.choice(places)
        made[place : place + 4] = made[other : other + 4]
    else:
        made[place : place + 4] = chance.randbytes(4)


def _change_value(made: bytearray, chance: random.Random) -> None:
    """Write a wrong number, date or text of the same length, so that the object stays readable."""
    place = chance.choice(_elements(made))
    long = bytes(made[place + 4 : place + 6]) in _LONG
    (length,) = struct.unpack_from("<L" if long else "<H", made, place + (8 if long else 6))
    texts = (
        b"-1",
        b"0",
        b"1e999",
        b"nan",
        b"99999999",
        b"20150230",
        b"A\\B\\C",
        NAME.encode(),
        b"\xff\xff",
        b"1.2.3..",
    )
    if 0 < length <= 64:
        start = place + (12 if long else 8)
        made[start : start + length] = chance.choice(texts)[:length].ljust(length, b" ")


def _splice(made: bytearray, chance: random.Random, other: bytes) -> None:
    place, length = _somewhere(made, chance), chance.choice((8, 64, 400, 4000))
    start = chance.randrange(len(other))
    made[place : place + chance.choice((0, length))] = other[start : start + length]


_MUTATIONS: Final[tuple[Mutation, ...]] = (
    *(_flip_bits, _overwrite, _truncate, _insert, _delete, _repeat),
    *(_change_length, _swap_lengths, _change_kind, _change_tag, *[_change_value] * 5),
)
