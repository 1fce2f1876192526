"""Cases and reads: what each reader was given to read, and what was said."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl
import sqlalchemy as sa

from residuum.records.read_content import (
    ClearedMark,
    CurieGrade,
    DiffuseMark,
    FocalMark,
    Grade,
    Mark,
    ReadContent,
    SiopenGrade,
)
from residuum.records.schemas import TABLES
from residuum.records.vocabulary import NOT_ASSESSABLE
from residuum.store.tables import ASSIGNMENTS, GRADES, IDENTITIES, MARKS, READS, REVELATIONS, SCANS


@dataclass(frozen=True, slots=True)
class Case:
    """What a reader is given to read: a scan under a number that says nothing about it."""

    reader: str
    case: str
    position: int
    scan: str
    occasion: str
    patient: str
    day: int
    timepoint: str

    @property
    def read(self) -> "ReadKey":
        """Return the key of the read of this case."""
        return self.scan, self.reader, self.occasion


ReadKey = tuple[str, str, str]
"""Scan, reader, occasion."""


@dataclass(frozen=True, slots=True)
class StoredRead:
    """A read as it lies in the database; `version` grows with every change."""

    state: Literal["unread", "draft", "locked"]
    version: int
    content: ReadContent
    signed_by: str | None
    signed_at: str | None
    content_sha256: str | None


_CASES: Final = sa.select(ASSIGNMENTS, SCANS.c.patient, SCANS.c.day, SCANS.c.timepoint).join(
    SCANS, SCANS.c.scan == ASSIGNMENTS.c.scan
)
_CASE: Final = _CASES.where(
    ASSIGNMENTS.c.reader == sa.bindparam("of_reader"), ASSIGNMENTS.c.case == sa.bindparam("of_case")
)


def _of_read(table: sa.Table) -> list[sa.ColumnElement[bool]]:
    return [
        table.c.scan == sa.bindparam("of_scan"),
        table.c.reader == sa.bindparam("of_reader"),
        table.c.occasion == sa.bindparam("of_occasion"),
    ]


_MARK_COLUMNS: Final = [name for name in TABLES["marks"].schema if name not in ("scan", "reader")]
_STATE_COLUMNS: Final = ("scan", "reader", "occasion", "state", "version", "signed_by", "signed_at")
_READ: Final = sa.select(READS).where(*_of_read(READS))
_MARKS: Final = (
    sa.select(*(MARKS.c[name] for name in _MARK_COLUMNS))
    .where(*_of_read(MARKS))
    .order_by(MARKS.c.position, MARKS.c.mark)
)
_GRADES: Final = (
    sa.select(GRADES.c.system, GRADES.c.segment, GRADES.c.grade)
    .where(*_of_read(GRADES))
    .order_by(GRADES.c.position, GRADES.c.system, GRADES.c.segment)
)
_OWN_STATES: Final = sa.select(READS.c.scan, READS.c.occasion, READS.c.state, READS.c.version).where(
    READS.c.reader == sa.bindparam("of_reader")
)
_INSERT_READ, _UPDATE_READ = READS.insert(), READS.update().where(*_of_read(READS))
_INSERT_MARKS, _DELETE_MARKS = MARKS.insert(), MARKS.delete().where(*_of_read(MARKS))
_INSERT_GRADES, _DELETE_GRADES = GRADES.insert(), GRADES.delete().where(*_of_read(GRADES))


def load_case(connection: sa.Connection, reader: str, case: str) -> Case | None:
    """Return a case of a reader, None where the reader has none of this number."""
    row = connection.execute(_CASE, {"of_reader": reader, "of_case": case}).first()
    return Case(**row._mapping) if row else None


def load_cases(connection: sa.Connection, reader: str, patient: str | None = None) -> list[Case]:
    """Return all cases of a reader in the order of reading, or those of one patient."""
    statement = _CASES.where(ASSIGNMENTS.c.reader == reader).order_by(ASSIGNMENTS.c.position)
    if patient is not None:
        statement = statement.where(SCANS.c.patient == patient)
    return [Case(**row._mapping) for row in connection.execute(statement)]


def load_assignments(connection: sa.Connection) -> pl.DataFrame:
    """Return every assignment as rows (reader, case, position, scan, occasion)."""
    rows = connection.execute(sa.select(ASSIGNMENTS).order_by(ASSIGNMENTS.c.reader, ASSIGNMENTS.c.position)).all()
    schema = {
        "reader": pl.String,
        "case": pl.String,
        "position": pl.Int64,
        "scan": pl.String,
        "occasion": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def save_assignments(connection: sa.Connection, new: pl.DataFrame) -> None:
    """Add assignments."""
    if new.height:
        connection.execute(ASSIGNMENTS.insert(), new.to_dicts())


def load_read_states(connection: sa.Connection, reader: str | None = None) -> pl.DataFrame:
    """Return where every read stands, or every read of one reader: scan, reader, occasion, state, version, signed_*."""
    statement = sa.select(*(READS.c[name] for name in _STATE_COLUMNS))
    if reader is not None:
        statement = statement.where(READS.c.reader == reader)
    schema = dict.fromkeys(_STATE_COLUMNS, pl.String) | {"version": pl.Int64}
    return pl.DataFrame(connection.execute(statement).all(), schema=schema, orient="row")


def load_own_states(connection: sa.Connection, reader: str) -> dict[tuple[str, str], tuple[str, int]]:
    """Return state and version of every read of one reader by scan and occasion."""
    rows = connection.execute(_OWN_STATES, {"of_reader": reader})
    return {(scan, occasion): (state, version) for scan, occasion, state, version in rows}


def load_signed(connection: sa.Connection) -> list[tuple[ReadKey, str]]:
    """Return every signed read with the hash that its signature covers."""
    columns = sa.select(READS.c.scan, READS.c.reader, READS.c.occasion, READS.c.content_sha256)
    rows = connection.execute(columns.where(READS.c.content_sha256.is_not(None)))
    return [((scan, reader, occasion), digest) for scan, reader, occasion, digest in rows]


def load_read(connection: sa.Connection, key: ReadKey) -> StoredRead | None:
    """Return a read with its content, None where nothing was saved yet."""
    where = _where(key)
    row = connection.execute(_READ, where).first()
    if row is None:
        return None
    content = ReadContent.model_construct(
        evaluable=row.evaluable == "yes",
        comment=row.comment,
        seconds=row.seconds,
        marks=tuple(_mark(mark._mapping) for mark in connection.execute(_MARKS, where)),
        grades=tuple(_grade(*grade) for grade in connection.execute(_GRADES, where)),
        cleared=_cleared(row.cleared),
    )
    return StoredRead(row.state, row.version, content, row.signed_by, row.signed_at, row.content_sha256)


def save_read(connection: sa.Connection, case: Case, content: ReadContent, version: int, stored: StoredRead) -> None:
    """Write a draft with all of its marks and grades in place of what is stored (version 0: nothing)."""
    where = _where(case.read)
    values = {
        "evaluable": "yes" if content.evaluable else "no",
        "state": "draft",
        "read_order": case.position,
        "seconds": content.seconds,
        "comment": content.comment,
        "version": version,
        "cleared": _cleared_text(content.cleared),
    }
    key = {"scan": case.scan, "reader": case.reader, "occasion": case.occasion}
    if not stored.version:
        connection.execute(_INSERT_READ, key | values)
    else:
        connection.execute(_UPDATE_READ, where | values)
    if stored.content.marks:
        connection.execute(_DELETE_MARKS, where)
    if stored.content.grades:
        connection.execute(_DELETE_GRADES, where)
    if content.marks:
        rows = [key | {"position": place} | _mark_row(mark) for place, mark in enumerate(content.marks)]
        connection.execute(_INSERT_MARKS, rows)
    if content.grades:
        rows = [key | {"position": place} | _grade_row(grade) for place, grade in enumerate(content.grades)]
        connection.execute(_INSERT_GRADES, rows)


def sign_read(
    connection: sa.Connection, key: ReadKey, version: int, account: str, at: str, content_sha256: str
) -> None:
    """Lock a read under a signature."""
    values = {
        "state": "locked",
        "version": version,
        "signed_by": account,
        "signed_at": at,
        "content_sha256": content_sha256,
    }
    connection.execute(_UPDATE_READ, _where(key) | values)


def unlock_read(connection: sa.Connection, key: ReadKey, version: int) -> None:
    """Make a locked read a draft again; its signature is void."""
    void = {"signed_by": None, "signed_at": None, "content_sha256": None}
    connection.execute(_UPDATE_READ, _where(key) | {"state": "draft", "version": version} | void)


def save_identities(connection: sa.Connection, key: ReadKey, sites: Sequence[Mapping[str, str | None]]) -> None:
    """Write which lesion each mark is (mark, site, from_scan, from_mark); allowed on a locked read."""
    statement = MARKS.update().where(*_of_read(MARKS), MARKS.c.mark == sa.bindparam("of_mark"))
    for row in sites:
        values = {name: row[name] for name in ("site", "from_scan", "from_mark")}
        connection.execute(statement, _where(key) | {"of_mark": row["mark"]} | values)


def load_identity_version(connection: sa.Connection, reader: str, patient: str) -> int | None:
    """Return how often a reader has named the sites of a patient; 0 seen only, None never opened."""
    of = (IDENTITIES.c.reader == reader, IDENTITIES.c.patient == patient)
    return connection.execute(sa.select(IDENTITIES.c.version).where(*of)).scalar()


def save_revelation(connection: sa.Connection, reader: str, scan: str, seen: str) -> None:
    """Keep that a reader has seen the other reads of a scan; `seen` is the hash of what they were."""
    of = (REVELATIONS.c.reader == reader, REVELATIONS.c.scan == scan)
    if not connection.execute(REVELATIONS.update().where(*of).values(seen=seen)).rowcount:
        connection.execute(REVELATIONS.insert(), {"reader": reader, "scan": scan, "seen": seen})


def load_revelations(connection: sa.Connection, reader: str) -> dict[str, str]:
    """Return the scans of which a reader has seen the other reads, with the hash of what they were."""
    columns = sa.select(REVELATIONS.c.scan, REVELATIONS.c.seen)
    return {row.scan: row.seen for row in connection.execute(columns.where(REVELATIONS.c.reader == reader))}


def has_identities(connection: sa.Connection, reader: str) -> bool:
    """Return whether a reader has begun to name sites, and so knows whose scans are whose."""
    return connection.execute(sa.select(IDENTITIES.c.patient).where(IDENTITIES.c.reader == reader)).first() is not None


def save_identity_version(connection: sa.Connection, reader: str, patient: str, version: int) -> None:
    """Write how often a reader has named the sites of a patient."""
    of = (IDENTITIES.c.reader == reader, IDENTITIES.c.patient == patient)
    if not connection.execute(IDENTITIES.update().where(*of).values(version=version)).rowcount:
        connection.execute(IDENTITIES.insert(), {"reader": reader, "patient": patient, "version": version})


def _where(key: ReadKey) -> dict[str, Any]:
    return {"of_scan": key[0], "of_reader": key[1], "of_occasion": key[2]}


def _mark(row: Any) -> Mark:
    kind = DiffuseMark if row["pattern"] == "diffuse" else FocalMark
    lists = {name: tuple((row[name] or "").split(";")) if row[name] else () for name in ("regions", "seen_on")}
    return kind.model_construct(**{**row, **lists})


def _mark_row(mark: Mark) -> dict[str, Any]:
    lists = {"regions": ";".join(mark.regions), "seen_on": ";".join(mark.seen_on) or None}
    return {name: getattr(mark, name) for name in _MARK_COLUMNS} | lists


def _cleared(text: str | None) -> tuple[ClearedMark, ...]:
    return tuple(ClearedMark.model_construct(from_scan=scan, mark=mark) for scan, mark in json.loads(text or "[]"))


def _cleared_text(cleared: Sequence[ClearedMark]) -> str | None:
    return json.dumps([[one.from_scan, one.mark] for one in cleared]) if cleared else None


def _grade(system: str, segment: str, grade: str) -> Grade:
    kind: Any = SiopenGrade if system == "siopen" else CurieGrade
    given = grade if grade == NOT_ASSESSABLE else int(grade)
    made: Grade = kind.model_construct(system=system, segment=segment, grade=given)
    return made


def _grade_row(grade: Grade) -> dict[str, str]:
    return {"system": grade.system, "segment": grade.segment, "grade": str(grade.grade)}
