"""The paired pass of a blinded study: once all is scored, a reader says which marks are the same site over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from residuum.reads.blinding import identity_open
from residuum.records.errors import RefusalError
from residuum.records.read_content import Mark
from residuum.steps.reading import MAIN, describe_content, load_image_names
from residuum.steps.visits import Visit
from residuum.store.readings import (
    Case,
    load_assignments,
    load_cases,
    load_identity_version,
    load_read,
    load_read_states,
    save_identities,
    save_identity_version,
)


@dataclass(frozen=True, slots=True)
class Link:
    """Which site a mark is, and which earlier mark it continues."""

    case: str
    mark: str
    site: str | None
    from_case: str | None
    from_mark: str | None


def show_identities(visit: Visit) -> dict[str, Any]:
    """Return the patients of this reader's cases.

    Raises
    ------
    RefusalError
        ``not_open`` until all cases of this reader are locked and no more can come, and in paired order, which needs
        no such pass.
    """
    cases = _open_cases(visit)
    patients = sorted({case.patient for case in cases})
    described = [
        {"patient": patient, "version": load_identity_version(visit.connection, visit.reader, patient) or 0}
        for patient in patients
    ]
    return {"patients": described}


def show_identity(visit: Visit, patient: str) -> dict[str, Any]:
    """Return this reader's own marks on every scan of a patient, in the order of time.

    From then on the reader knows the patient, and can no longer unlock a read.
    """
    cases = _cases_of(visit, patient)
    version = load_identity_version(visit.connection, visit.reader, patient)
    if version is None:
        save_identity_version(visit.connection, visit.reader, patient, 0)
        visit.note("identity.open", patient=patient)
    numbers = {case.scan: case.case for case in cases}
    scans = []
    for case in cases:
        stored = load_read(visit.connection, case.read)
        names = load_image_names(visit, case.scan)
        said = describe_content(stored.content, numbers, names) if stored else {"evaluable": False, "marks": []}
        place = {"case": case.case, "timepoint": case.timepoint, "day": case.day}
        scans.append({**place, "evaluable": said["evaluable"], "marks": said["marks"]})
    return {"patient": patient, "version": version or 0, "scans": scans}


def save_identity(visit: Visit, patient: str, version: int, links: Sequence[Link]) -> dict[str, Any]:
    """Save which marks of a patient are the same site.

    Raises
    ------
    RefusalError
        ``not_open``, ``not_found``, ``conflict``.
    """
    cases = {case.case: case for case in _cases_of(visit, patient)}
    stored = load_identity_version(visit.connection, visit.reader, patient) or 0
    if stored != version:
        raise RefusalError("conflict", "the sites were changed meanwhile; open them again", stored={"version": stored})
    marks = {number: _marks_of(visit, case) for number, case in cases.items()}
    changes: list[tuple[str, str, object, object]] = []
    for link in links:
        changes += _save_link(visit, cases, marks, link)
    save_identity_version(visit.connection, visit.reader, patient, stored + 1)
    visit.note("identity.save", patient=patient, changes=changes)
    return {"patient": patient, "version": stored + 1}


def _open_cases(visit: Visit) -> list[Case]:
    reading = visit.settings.reading
    assignments, reads = load_assignments(visit.connection), load_read_states(visit.connection)
    if reading.entry != "marks" or not identity_open(visit.reader, assignments, reads, reading):
        raise RefusalError(
            "not_open",
            "sites are named in blinded order, once all of your cases are locked and no more can come to you",
        )
    return [case for case in load_cases(visit.connection, visit.reader) if case.occasion == MAIN]


def _cases_of(visit: Visit, patient: str) -> list[Case]:
    cases = [case for case in _open_cases(visit) if case.patient == patient]
    if not cases:
        raise RefusalError("not_found", "you have no scan of this patient")
    return sorted(cases, key=lambda case: (case.day, case.scan))


def _marks_of(visit: Visit, case: Case) -> dict[str, Mark]:
    stored = load_read(visit.connection, case.read)
    return {mark.mark: mark for mark in stored.content.marks} if stored else {}


def _save_link(
    visit: Visit, cases: Mapping[str, Case], marks: Mapping[str, Mapping[str, Mark]], link: Link
) -> list[tuple[str, str, object, object]]:
    case, prior = cases.get(link.case), cases.get(link.from_case or "")
    continued = link.from_case is None or link.from_mark in marks.get(link.from_case, {})
    if case is None or link.mark not in marks[link.case] or not continued:
        raise RefusalError("not_found", "a link names a case or a mark that this patient does not have")
    new = {"site": link.site, "from_scan": prior.scan if prior else None, "from_mark": link.from_mark}
    save_identities(visit.connection, case.read, [{"mark": link.mark, **new}])
    old = marks[link.case][link.mark]
    record = f"{case.scan} mark {link.mark}"
    return [(record, field, getattr(old, field), value) for field, value in new.items() if getattr(old, field) != value]
