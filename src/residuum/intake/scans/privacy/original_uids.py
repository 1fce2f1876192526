"""`originals.jsonl` of the key folder: which UIDs and patients the pseudonymous ones stand for, one line each."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from residuum.records.errors import InputError, Problem

FILE: Final = "originals.jsonl"
_TEXTS: Final = ("study_uid", "patient", "patient_id", "issuer")
_MAPPINGS: Final = ("dates", "attributes")


@dataclass(frozen=True, slots=True)
class OriginalStudy:
    """Whose study it was, as the archive knows it.

    Attributes
    ----------
    study_uid : str
    patient : str
        Code in the study.
    patient_id, issuer : str
    dates : mapping of str to str
        Date of a scan by the one that stands for it in the fictitious calendar (YYYYMMDD); also those of a calendar
        that began with a date of diagnosis that was corrected since.
    attributes : mapping of str to str
        `facts.Identity.patient`: name, birth date, sex, date, time, identifier and number of the study, referrer.
    """

    study_uid: str
    patient: str
    patient_id: str
    issuer: str
    dates: Mapping[str, str]
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Originals:
    """What the pseudonyms of a study folder stand for.

    Attributes
    ----------
    uids : dict of str to str
        UID as it was by the one that stands for it.
    studies : dict of str to OriginalStudy
        By pseudonymous study UID.
    """

    uids: dict[str, str] = field(default_factory=dict)
    studies: dict[str, OriginalStudy] = field(default_factory=dict)


def read_originals(path: Path) -> tuple[Originals, list[Problem]]:
    """Return what the file holds, and a note where its last line was torn; the file stays as it is.

    Raises
    ------
    InputError
        A line that was written whole cannot be read: the file was damaged or edited.
    """
    if not path.exists():
        return Originals(), []
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        data = file.read()
    torn = not _is_whole(data)
    lines = data.splitlines()[:-1] if torn else data.splitlines()
    found = Originals()
    for number, line in enumerate(lines, 1):
        try:
            _take(found, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(f"{FILE} of the key folder is damaged.", [_damaged(number)]) from None
    return found, [_torn(len(lines) + 1)] if torn else []


def add_originals(path: Path, known: Originals, new_uid: str, study: OriginalStudy, uids: Mapping[str, str]) -> None:
    """Append what is not known so yet and take it into what is known; it is on the disk when this returns.

    Parameters
    ----------
    path : Path
    known : Originals
        Is changed.
    new_uid : str
        Pseudonymous UID of the study.
    study : OriginalStudy
        What was remembered of it before gives way, but for its dates.
    uids : mapping of str to str
        Original UIDs by pseudonymous ones.
    """
    records: list[dict[str, Any]] = [{"new": new, "old": old} for new, old in uids.items() if new not in known.uids]
    before = known.studies.get(new_uid)
    if before is None or replace(study, dates={**before.dates, **study.dates}) != before:
        records.append({"study": new_uid, **asdict(study)})
    if not records:
        return
    with _locked(path) as file:
        _mend_last_line(file)
        file.write("".join(json.dumps(record, sort_keys=True) + "\n" for record in records).encode())
        file.flush()
        os.fsync(file.fileno())
    for record in records:
        _take(known, record)


def _take(found: Originals, record: Mapping[str, Any]) -> None:
    if "study" in record:
        said = {name: str(record[name]) for name in _TEXTS}
        dates, attributes = ({str(name): str(value) for name, value in record[key].items()} for key in _MAPPINGS)
        before = found.studies.get(record["study"])
        dates = {**(before.dates if before else {}), **dates}
        found.studies[str(record["study"])] = OriginalStudy(**said, dates=dates, attributes=attributes)
    else:
        found.uids[str(record["new"])] = str(record["old"])


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """Open the file, made where there is none, so that two imports do not write into each other's lines."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _mend_last_line(file: BinaryIO) -> None:
    """End the last line, or cut what a crash left of it, whose import did not finish either and is repeated."""
    data = file.read()
    if not _is_whole(data):
        file.truncate(data.rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)
    if data and _is_whole(data) and not data.endswith(b"\n"):
        file.write(b"\n")


def _is_whole(data: bytes) -> bool:
    """Return whether the last line was written whole, be it that an editor took its line break away."""
    last = data[data.rfind(b"\n") + 1 :]
    try:
        return not last or isinstance(json.loads(last), dict)
    except ValueError:
        return False


def _torn(line: int) -> Problem:
    return Problem(
        "note",
        "key.torn_line",
        FILE,
        "the last line is torn and counts as not written",
        "Repeat the last import.",
        line,
    )


def _damaged(line: int) -> Problem:
    return Problem("error", "key.damaged", FILE, "this line cannot be read", "Restore the file from a copy.", line)
