"""What an archive answers: data sets in the DICOM JSON model (PS3.18, annex F), trusted in nothing."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources.archive_address import UID
from residuum.intake.scans.sources.archive_session import NO_DICOMWEB

Entry = Mapping[str, Any]
MOST_RESULTS: Final = 10_000
"""Most studies of a patient, series of a study, objects of a series: no scan comes near, a runaway archive stops."""
_FAILED, _OTHER_FAILURES, _STORED, _REASON = "00081198", "0008119A", "00081199", "00081197"


def list_all(ask: Callable[..., Any], uid_tag: str) -> list[Entry]:
    """Return every result of a search; archives cut long lists, and some forget that they were asked for the rest."""
    found: dict[str, Entry] = {}
    while True:
        page = ask(offset=len(found))
        if not isinstance(page, list) or not all(isinstance(entry, dict) for entry in page):
            raise ScanError("scan.archive", what=NO_DICOMWEB)
        new = {read_text(entry, uid_tag): entry for entry in page if read_text(entry, uid_tag) not in found}
        if not new:
            return list(found.values())
        if not all(map(UID.fullmatch, new)):
            raise ScanError("scan.archive", what=NO_DICOMWEB)
        found |= new
        if len(found) > MOST_RESULTS:
            raise ScanError("scan.archive", what=f"listed more than {MOST_RESULTS} results")


def _items(entry: Entry, tag: str) -> list[Any]:
    """Return the values of an attribute: none where it is absent, empty or not in the DICOM JSON model."""
    attribute = entry.get(tag)
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    return values if isinstance(values, list) else []


def read_text(entry: Entry, tag: str) -> str:
    """Return the first value of an attribute as text, empty where there is none."""
    values = _items(entry, tag)
    return str(values[0]).strip(" ") if values and isinstance(values[0], str | int) else ""


def check_stored(said: Any, count: int) -> None:
    """Check that each object of a batch was confirmed; a list of failures may be there and be empty."""
    said = said[0] if isinstance(said, list) and said else said
    if not isinstance(said, dict):
        raise ScanError("scan.archive", what=NO_DICOMWEB)
    failed = [*_items(said, _FAILED), *_items(said, _OTHER_FAILURES)]
    reasons = sorted({_read_reason(item) for item in failed})
    if failed:
        raise ScanError("scan.archive", what=f"did not store {len(failed)} of {count} objects ({', '.join(reasons)})")
    if (stored := len(_items(said, _STORED))) < count:
        raise ScanError("scan.archive", what=f"confirmed {stored} of {count} objects")


def _read_reason(item: Any) -> str:
    """Return the code of a failure as DICOM PS3.18 writes it, such as reason A700: out of resources."""
    code = next(iter(_items(item, _REASON)), None) if isinstance(item, dict) else None
    return f"reason {code:04X}" if isinstance(code, int) and 0 <= code < 2**16 else "no reason given"
