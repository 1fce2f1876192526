"""What a compressed frame says of itself, read before a decoder sees it.

A frame of another shape would be unpacked all the same: one pixel fills the image, 128 x 512 becomes 512 x 128, and
60,000 x 60,000 takes all memory.
"""

import struct
from typing import Final

from residuum.intake.scans.refusals import ScanError

_JPEG_2000_START: Final = b"\xff\x4f\xff\x51"
_TILE_START: Final = b"\xff\x90"
_JPEG_START: Final = b"\xff\xd8"
_JPEG_END: Final = b"\xff\xd9"
# Frame headers of JPEG and JPEG-LS; C4, C8 and CC are tables.
_JPEG_FRAMES: Final = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})


def check_codestream(frame: bytes, rows: int, columns: int) -> None:
    """Check that a JPEG, JPEG-LS or JPEG 2000 frame holds one component of a shape, and that it is whole.

    Raises
    ------
    ScanError
        It does not, or is no such frame.
    """
    try:
        found = _read_jpeg_2000(frame) if frame.startswith(_JPEG_2000_START) else _read_jpeg(frame)
    except (struct.error, IndexError, ValueError):
        raise ScanError("scan.damaged", what="a compressed frame has no header") from None
    if found != (rows, columns, 1):
        raise ScanError("scan.contradiction", what="a compressed frame has another shape than the header says")
    if not frame.rstrip(b"\0").endswith(_JPEG_END):
        raise ScanError("scan.damaged", what="a compressed frame is cut off")


def _read_jpeg_2000(frame: bytes) -> tuple[int, int, int]:
    """Return rows, columns, components (ISO/IEC 15444-1 A.5.1)."""
    right, bottom, left, top, *tiling = struct.unpack_from(">8L", frame, 8)
    components, _, across, down = struct.unpack_from(">H3B", frame, 40)
    if (across, down) != (1, 1):
        raise ScanError("scan.damaged", what="a compressed frame leaves out pixels")
    wide, high, from_left, from_top = tiling
    if not wide or not high:
        raise ScanError("scan.damaged", what="a compressed frame has no header")
    _check_tiles(frame, -(-(right - from_left) // wide) * -(-(bottom - from_top) // high))
    return bottom - top, right - left, components


def _check_tiles(frame: bytes, tiles: int) -> None:
    """Check that every tile is there to its end (A.4.2); the decoder leaves those black that are not."""
    place = 4 + _length(frame, 4)
    while frame[place : place + 2] != _TILE_START:
        place += 2 + _length(frame, place + 2)
    found = set[int]()
    while frame[place : place + 2] == _TILE_START:
        tile, length = struct.unpack_from(">HL", frame, place + 4)
        found.add(tile)
        # The last part may leave its length open.
        place = place + length if length else frame.rindex(_JPEG_END)
    if frame[place : place + 2] != _JPEG_END or len(found) != tiles:
        raise ScanError("scan.damaged", what="a compressed frame is cut off")


def _length(frame: bytes, place: int) -> int:
    (found,) = struct.unpack_from(">H", frame, place)
    return int(found)


def _read_jpeg(frame: bytes) -> tuple[int, int, int]:
    """Return rows, columns, components (ISO/IEC 10918-1 B.2.2; JPEG-LS alike)."""
    place = 2
    while frame.startswith(_JPEG_START) and frame[place] == 0xFF:
        if frame[place + 1] in _JPEG_FRAMES:
            found = struct.unpack_from(">HHB", frame, place + 5)
            return found[0], found[1], found[2]
        # A marker may be preceded by any number of fill bytes.
        place += 1 if frame[place + 1] == 0xFF else 2 + _length(frame, place + 2)
    raise ScanError("scan.damaged", what="a compressed frame has no header")
