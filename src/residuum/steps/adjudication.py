"""From two locked reads to the one that counts: differences, a third reader, the consensus."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import polars as pl
import sqlalchemy as sa

from residuum.reads.assignment import derive_third_assignments
from residuum.reads.blinding import is_revealed
from residuum.reads.content import content_hash
from residuum.reads.differences import check_resolution, derive_differences
from residuum.records.errors import RefusalError
from residuum.records.read_content import ReadContent
from residuum.records.schemas import TABLES
from residuum.records.settings import Reading
from residuum.records.study import Study
from residuum.records.vocabulary import CONSENSUS
from residuum.scores.read_used import derive_reads_used
from residuum.scores.readings import derive_readings
from residuum.steps.reading import MAIN, describe_content, find_case, load_image_names, note_read
from residuum.steps.settings import parse_settings
from residuum.steps.visits import Visit
from residuum.store.readings import (
    Case,
    StoredRead,
    load_assignments,
    load_read,
    load_read_states,
    load_revelations,
    save_assignments,
    save_revelation,
)
from residuum.store.study import load_study

_JUDGED = ("scans", "reads", "marks", "grades")
"""Tables that decide whether two reads agree."""


def settle(visit: Visit) -> None:
    """Give the scans on which the first two readers differ to the further readers, and then to the consensus.

    A consensus that came with the study is a case too, though the reads below it may agree.
    """
    new = pl.concat([load_assignments(visit.connection).clear(), *_derive_new_cases(visit)])
    if new.height:
        save_assignments(visit.connection, new)
        visit.note("assignments.draw", cases=new.height)


def is_settled(visit: Visit) -> bool:
    """Return whether every scan on which the first two readers differ is with who reads it next."""
    return not any(frame.height for frame in _derive_new_cases(visit))


def derive_differing(
    connection: sa.Connection, reading: Reading, reads: pl.DataFrame, assignments: pl.DataFrame
) -> list[str]:
    """Return the scans that both first readers have locked, that have no consensus case and on which they differ."""
    both = (
        reads.filter(pl.col("reader").is_in(reading.readers[:2]), occasion=MAIN, state="locked")
        .group_by("scan")
        .agg(pl.col("reader").n_unique())
        .filter(pl.col("reader") == 2)
        .join(assignments.filter(reader=CONSENSUS), on="scan", how="anti")
    )
    return sorted(set(both["scan"]) - derive_agreed(connection, set(both["scan"])))


def derive_agreed(connection: sa.Connection, scans: set[str]) -> set[str]:
    """Return the scans on which the first two readers agree, by the rule that decides which read counts."""
    if not scans:
        return set()
    stored = load_study(connection, dict.fromkeys(_JUDGED))
    settings, rules = parse_settings(stored.settings)
    wanted = pl.col("scan").is_in(list(scans))
    tables = {name: table.empty() for name, table in TABLES.items()}
    tables |= {name: stored.tables[name].filter(wanted) for name in _JUDGED}
    tables["reads"] = tables["reads"].filter(pl.col("reader") != CONSENSUS)
    study = Study(settings, rules, tables)
    used = derive_reads_used(study["scans"], derive_readings(study), settings.reading)
    return set(used.filter(pl.col("status") != "unresolved")["scan"])


def show_differences(visit: Visit, number: str) -> dict[str, Any]:
    """Return every locked read of the scan and where the first two differ, to who may see them.

    Raises
    ------
    RefusalError
        ``blinded`` until both have locked.
    """
    case = find_case(visit, number)
    reading = visit.settings.reading
    assignments, states = load_assignments(visit.connection), load_read_states(visit.connection)
    paired = reading.design == "independent" and case.occasion == MAIN
    if not paired or not is_revealed(case.reader, case.scan, assignments, states, reading):
        raise RefusalError("blinded", "other reads stay hidden until both readers have locked theirs")
    reads = _base_reads(visit, case, reading)
    first, second = (reads[reader].content for reader in reading.readers[:2])
    differences = [asdict(one) for one in derive_differences(first, second)]
    save_revelation(visit.connection, case.reader, case.scan, _hash_reads(case.scan, reads))
    note_read(visit, "read.unblinded", case, 0)
    names = load_image_names(visit, case.scan)
    described = [
        {"reader": reader, "signed_at": read.signed_at, **describe_content(read.content, {}, names)}
        for reader, read in reads.items()
    ]
    return {"case": case.case, "reads": described, "differences": differences}


def check_consensus(visit: Visit, case: Case, content: ReadContent, reasons: Mapping[str, str]) -> None:
    """Refuse a consensus that rests on unseen reads, or that says what no reader said and gives no reason.

    Raises
    ------
    RefusalError
        ``bases_changed``, ``reason_missing`` with the items that need one.
    """
    reading = visit.settings.reading
    if reading.design != "independent" or case.occasion != MAIN:
        return
    reads = _base_reads(visit, case, reading)
    if load_revelations(visit.connection, case.reader).get(case.scan) != _hash_reads(case.scan, reads):
        raise RefusalError("bases_changed", "look at the differences (again): the reads are not those that you saw")
    first, *others = [read.content for read in reads.values()]
    missing = set.intersection(*(set(check_resolution(first, other, content, reasons)) for other in others))
    if missing:
        raise RefusalError(
            "reason_missing",
            "give a reason for each item in which the consensus follows no reader",
            items=sorted(missing),
        )


def _derive_new_cases(visit: Visit) -> list[pl.DataFrame]:
    reading = visit.settings.reading
    if reading.design != "independent" or len(reading.readers) < 2:
        return []
    reads, assignments = load_read_states(visit.connection), load_assignments(visit.connection)
    if reading.reveal == "study" and not is_revealed(reading.readers[0], "", assignments, reads, reading):
        return []  # a case handed out says that both have locked the scan and differ
    differing = derive_differing(visit.connection, reading, reads, assignments)
    locked = reads.filter(occasion=MAIN, state="locked").group_by("scan").agg("reader")
    readers = {scan: set(names) for scan, names in locked.iter_rows()}
    ready = [scan for scan in differing if set(reading.readers) <= readers[scan]]
    judged = [scan for scan, names in readers.items() if {*reading.readers[:2], CONSENSUS} <= names]  # came with it
    given = [(reader, differing) for reader in reading.readers[2:]] + [(CONSENSUS, [*ready, *judged])]
    return [derive_third_assignments(scans, reader, reading, assignments) for reader, scans in given]


def _hash_reads(scan: str, reads: Mapping[str, StoredRead]) -> str:
    hashes = [content_hash(read.content, scan, reader) for reader, read in reads.items()]
    return hashlib.sha256(" ".join(hashes).encode()).hexdigest()


def _base_reads(visit: Visit, case: Case, reading: Reading) -> dict[str, StoredRead]:
    """Return the locked reads of the listed readers, the first two first."""
    found = {reader: load_read(visit.connection, (case.scan, reader, MAIN)) for reader in reading.readers}
    return {reader: read for reader, read in found.items() if read is not None and read.state == "locked"}
