"""Names in DICOM objects: identifiers that follow from what they name, and texts cut to what an attribute takes."""

import hashlib
import json
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from residuum.exports.documents import MarkEntry, ReadDocument

LONG_STRING: Final = 64
"""Bytes of a DICOM long string and of a person's name. The standard counts characters, some programs bytes (UTF-8)."""


def compute_uid(*parts: str) -> str:
    """Return the UID that belongs to some texts: the same texts give the same UID, others another one.

    It is the UUID of version 8 (RFC 9562) made of the first 128 bits of a SHA-256, as a UID under 2.25 (PS3.5 B.2).
    """
    digest = bytearray(hashlib.sha256(json.dumps(parts).encode("ascii")).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return f"2.25.{int.from_bytes(digest)}"


def compute_tracking_uid(document: "ReadDocument", mark: "MarkEntry") -> str:
    """Return what follows a lesion through scans and objects: of its site, or of the mark where no site is named."""
    patient = (document.study or "", document.patient)
    if mark.site is not None:
        return compute_uid("site", *patient, mark.site)
    return compute_uid("mark", *patient, document.scan, document.reader, mark.mark)


def compute_digest(masks: "Iterable[tuple[str, npt.NDArray[np.bool_]]]") -> str:
    """Return the SHA-256, in hexadecimal, of named masks."""
    digest = hashlib.sha256()
    for name, mask in masks:
        digest.update(json.dumps([name, mask.shape]).encode("ascii"))
        digest.update(np.packbits(mask).tobytes())
    return digest.hexdigest()


def render_label(text: str, most: int = LONG_STRING) -> str:
    """Return a text as a DICOM string: no backslash, which would part it into two values, and not too long."""
    return _cut(text.replace("\\", "/"), most).strip()


def render_person(label: str) -> str:
    """Return the study name of a reader as a DICOM person's name that is a family name only."""
    for separator in "\\^=":
        label = label.replace(separator, "_")
    return f"{_cut(label, LONG_STRING - 1).strip()}^"


def _cut(text: str, most: int) -> str:
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")
