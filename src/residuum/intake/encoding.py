"""Bytes of a file to text, with what was understood or refused on the way."""

import codecs
from typing import Final

from residuum.records.checks import problem
from residuum.records.errors import Problem

_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """Return the text of a file, None where it cannot be told safely, and notes or refusals.

    UTF-8 is expected; UTF-16 is read where a byte order mark says so. Other encodings are never guessed.
    """
    if data.startswith(_UTF16_MARKS):
        return _decode_utf16(data, file)
    notes = []
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
        notes.append(problem("file.byte_order_mark", file))
    if b"\0" in data:
        return None, [_refused_nul(data, file)]
    try:
        return data.decode("utf-8"), notes
    except UnicodeDecodeError as error:
        return None, [_refused_byte(data, error, file)]


def _decode_utf16(data: bytes, file: str) -> tuple[str | None, list[Problem]]:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError as error:
        line = data[: error.start].decode("utf-16", "ignore").count("\n") + 1
        return None, [problem("file.damaged_utf16", file, line, byte=error.start + 1)]
    before, nul, _ = text.partition("\0")
    if nul:
        byte = len(before.encode("utf-16")) + 1
        return None, [problem("file.nul_byte", file, before.count("\n") + 1, byte=byte)]
    return text, [problem("file.utf16", file)]


def _refused_byte(data: bytes, error: UnicodeDecodeError, file: str) -> Problem:
    value = data[error.start : error.start + 1].hex()
    return problem(
        "file.not_utf8", file, data.count(b"\n", 0, error.start) + 1, None, f"0x{value}", byte=error.start + 1
    )


def _refused_nul(data: bytes, file: str) -> Problem:
    first = data.index(b"\0")
    # plain text in UTF-16 has a NUL in nearly every second byte
    check = "file.utf16_without_mark" if data.count(b"\0") > len(data) // 4 else "file.nul_byte"
    return problem(check, file, data.count(b"\n", 0, first) + 1, byte=first + 1)
