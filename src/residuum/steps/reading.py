"""What a reader does: one case at a time, draft and unlocking."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import polars as pl

from residuum.reads.blinding import derive_prior_scans, hides_identity, is_revealed
from residuum.reads.content import derive_changes
from residuum.reads.prior_marks import derive_pending
from residuum.reads.workflow import Facts, decide
from residuum.records.errors import RefusalError
from residuum.records.read_content import Mark, ReadContent
from residuum.records.settings import Reading
from residuum.records.vocabulary import CONSENSUS
from residuum.steps.image_names import ImageNames
from residuum.steps.visits import Visit
from residuum.store.readings import (
    Case,
    StoredRead,
    has_identities,
    load_assignments,
    load_case,
    load_cases,
    load_read,
    load_read_states,
    load_revelations,
    save_read,
    unlock_read,
)
from residuum.store.study import load_scans_with_images, load_table

MAIN: Final = "main"
UNREAD: Final = StoredRead("unread", 0, ReadContent(), None, None, None)


def show_read(visit: Visit, number: str) -> dict[str, Any]:
    """Return one case with what this reader said so far and, in paired order, with their marks on earlier scans.

    Simulated images that its scan lacks are made from now on, beside the answer.
    """
    case = find_case(visit, number)
    with_images = load_scans_with_images(visit.connection)
    if case.scan not in with_images:
        visit.openings.ask(case.scan)
    reading = visit.settings.reading
    stored = load_read(visit.connection, case.read) or UNREAD
    numbers = {} if hides_identity(reading) else _case_numbers(visit)
    earlier, prior = ("", ()) if hides_identity(reading) else _find_prior(visit, case, reading)
    return {
        **describe_case(case, reading, with_images | visit.openings.planned, stored.state, stored.version),
        **describe_content(stored.content, numbers, load_image_names(visit, case.scan)),
        "earlier": numbers.get(earlier),
        "prior": _describe_prior(visit, earlier, prior, numbers),
        "signed_at": stored.signed_at,
    }


def save_draft(visit: Visit, number: str, version: int, content: ReadContent) -> dict[str, Any]:
    """Save the content of a case as a draft.

    Raises
    ------
    RefusalError
        ``conflict`` (with both values) where the version is not the stored one, ``locked``, ``wrong_entry``, ...
    """
    case = find_case(visit, number)
    reading = visit.settings.reading
    content = _with_scans(visit, content, reading)
    _check_entry(content, reading)
    stored = load_read(visit.connection, case.read) or UNREAD
    names = load_image_names(visit, case.scan)
    content = names.restore(content, stored.content.marks)
    try:
        step = decide("save", Facts(stored.state, stored.version, version))
    except RefusalError as refusal:
        if refusal.code == "conflict":
            numbers = {} if hides_identity(reading) else _case_numbers(visit)
            refusal.details = {
                "yours": {"version": version, **describe_content(content, numbers, names)},
                "stored": {"version": stored.version, **describe_content(stored.content, numbers, names)},
            }
        raise
    changes = derive_changes(stored.content if stored.version else None, content)
    save_read(visit.connection, case, content, step.version, stored)
    note_read(visit, "read.save", case, step.version, changes=changes)
    return {"case": case.case, "state": step.state, "version": step.version}


def unlock_own(visit: Visit, number: str, version: int, reason: str) -> dict[str, Any]:
    """Make a locked read of this reader a draft again; its signature is void.

    Raises
    ------
    RefusalError
        ``reason_missing``, ``revealed`` once the other's read may have been seen, ``consensus_exists``, ...
    """
    case = find_case(visit, number)
    stored = load_read(visit.connection, case.read) or UNREAD
    revealed = case.reader != CONSENSUS and _is_revealed(visit, case)
    facts = Facts(stored.state, stored.version, version, reason, revealed, _consensus_state(visit, case))
    step = decide("unlock", facts)
    unlock(visit, case, stored, step.version, reason)
    return {"case": case.case, "state": step.state, "version": step.version}


def unlock_of_reader(visit: Visit, scan: str, reader: str, occasion: str, reason: str) -> dict[str, Any]:
    """Make a locked read of any reader a draft again, for a data manager.

    Raises
    ------
    RefusalError
        ``not_found``, ``reason_missing``, ``consensus_exists`` while a consensus of the scan is locked, ...
    """
    cases = [case for case in load_cases(visit.connection, reader) if (case.scan, case.occasion) == (scan, occasion)]
    if not cases:
        raise RefusalError("not_found", f"the reader {reader} was not given this scan")
    stored = load_read(visit.connection, cases[0].read) or UNREAD
    facts = Facts(stored.state, stored.version, None, reason, consensus=_consensus_state(visit, cases[0]))
    step = decide("unlock_by_manager", facts)
    unlock(visit, cases[0], stored, step.version, reason)
    return {"scan": scan, "reader": reader, "occasion": occasion, "state": step.state, "version": step.version}


def unlock(visit: Visit, case: Case, stored: StoredRead, version: int, reason: str) -> None:
    """Unlock a read and write down who had signed it."""
    unlock_read(visit.connection, case.read, version)
    changes = [("read", "state", "locked", "draft"), ("read", "signed_by", stored.signed_by, None)]
    note_read(visit, "read.unlock", case, version, changes=changes, why=reason)


def find_case(visit: Visit, number: str) -> Case:
    """Return a case of this reader.

    Raises
    ------
    RefusalError
        ``not_found``.
    """
    case = load_case(visit.connection, visit.reader, number)
    if case is None:
        raise RefusalError("not_found", "you have no case of this number")
    return case


def describe_case(
    case: Case, reading: Reading, with_images: Collection[str], state: str = "unread", version: int = 0
) -> dict[str, Any]:
    """Return a case as its reader may know it.

    Parameters
    ----------
    case : Case
    reading : Reading
    with_images : collection of str
        Scans that have images, or get them when they are opened.
    state, version
        Of the read.
    """
    shown = not hides_identity(reading)
    return {
        "case": case.case,
        "position": case.position,
        "state": state,
        "version": version,
        "training": case.occasion == "training",
        "patient": case.patient if shown else None,
        "timepoint": case.timepoint if shown else None,
        "day": case.day if shown else None,
        "images": case.scan in with_images,
    }


def load_image_names(visit: Visit, scan: str) -> ImageNames:
    """Return the names of the images of a scan within its case."""
    rows = load_table(visit.connection, "images").filter(scan=scan).to_dicts()
    return ImageNames(rows, hidden=hides_identity(visit.settings.reading))


def describe_content(content: ReadContent, numbers: Mapping[str, str], images: ImageNames) -> dict[str, Any]:
    """Return the content of a read for its reader: earlier scans under their case numbers, images under their names."""
    said: dict[str, Any] = content.model_dump(mode="json", by_alias=True, warnings=False)
    for mark in said["marks"]:
        mark["image"] = images.show(mark["image"])
        mark["from_case"] = numbers.get(mark["from_case"]) if mark["from_case"] else None
    said["cleared"] = [{**one, "case": numbers[one["case"]]} for one in said["cleared"] if one["case"] in numbers]
    return said


def note_read(visit: Visit, action: str, case: Case, version: int, **details: Any) -> None:
    """Write into the audit trail what was done to a read."""
    visit.note(
        action,
        patient=case.patient,
        scan=case.scan,
        reader=case.reader,
        occasion=case.occasion,
        version=version,
        **details,
    )


def _case_numbers(visit: Visit) -> dict[str, str]:
    return {one.scan: one.case for one in load_cases(visit.connection, visit.reader) if one.occasion == MAIN}


def list_pending(visit: Visit, case: Case, content: ReadContent) -> list[str]:
    """Return the marks of the reader's earlier scan that hold up the lock of a read; of a consensus none."""
    reading = visit.settings.reading
    if hides_identity(reading) or case.reader == CONSENSUS:
        return []
    return derive_pending(*_find_prior(visit, case, reading), content)


def _find_prior(visit: Visit, case: Case, reading: Reading) -> tuple[str, Sequence[Mark]]:
    """Return the nearest earlier scan of the patient that this reader has read, and their marks on it.

    As long as they have read none, the nearest one of their cases; empty where there is none.
    """
    cases = pl.DataFrame(load_cases(visit.connection, case.reader, case.patient))
    earlier = derive_prior_scans(case.scan, case.reader, cases.unique("scan"), cases, reading)
    for scan in earlier:
        stored = load_read(visit.connection, (scan, case.reader, MAIN))
        if stored is not None:
            return scan, stored.content.marks
    return (earlier[0] if earlier else ""), ()


def _describe_prior(visit: Visit, scan: str, marks: Sequence[Mark], numbers: Mapping[str, str]) -> list[dict[str, Any]]:
    if not marks:
        return []
    said = describe_content(ReadContent.model_construct(marks=tuple(marks)), numbers, load_image_names(visit, scan))
    return [{"case": numbers.get(scan), **mark} for mark in said["marks"]]


def _with_scans(visit: Visit, content: ReadContent, reading: Reading) -> ReadContent:
    """Return the content with scans in place of the case numbers by which a reader names them."""
    named = {mark.from_scan for mark in content.marks if mark.from_scan} | {one.from_scan for one in content.cleared}
    if not named:
        return content
    if hides_identity(reading) and visit.reader != CONSENSUS:
        raise RefusalError(
            "blinded", "in blinded order nothing refers to another scan; leave from_case and cleared out"
        )
    scans = {number: scan for scan, number in _case_numbers(visit).items()}
    if not named <= set(scans):
        raise RefusalError("not_found", "from_case or cleared names no case of yours")
    marks = tuple(
        mark.model_copy(update={"from_scan": scans[mark.from_scan]}) if mark.from_scan else mark
        for mark in content.marks
    )
    cleared = tuple(one.model_copy(update={"from_scan": scans[one.from_scan]}) for one in content.cleared)
    return content.model_copy(update={"marks": marks, "cleared": cleared})


def _check_entry(content: ReadContent, reading: Reading) -> None:
    given, other = ("marks", content.grades) if reading.entry == "marks" else ("grades", content.marks)
    if other:
        raise RefusalError("wrong_entry", f"this study records {given} only; leave the others out")


def _is_revealed(visit: Visit, case: Case) -> bool:
    """Return whether the reader may see the other reads now, has seen them, or knows whose scans are whose."""
    reading, seen = visit.settings.reading, load_revelations(visit.connection, case.reader)
    if has_identities(visit.connection, case.reader) or case.scan in seen or (seen and reading.reveal == "study"):
        return True
    assignments, reads = load_assignments(visit.connection), load_read_states(visit.connection)
    return is_revealed(case.reader, case.scan, assignments, reads, reading)


def _consensus_state(visit: Visit, case: Case) -> Any:
    if case.reader == CONSENSUS or case.occasion != MAIN:
        return None
    stored = load_read(visit.connection, (case.scan, CONSENSUS, MAIN))
    return stored.state if stored else None
