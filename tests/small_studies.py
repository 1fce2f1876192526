"""Small studies in memory: children with scans, and what each reader says of a scan in a few words.

A lesion is written as ``"femur_left"`` (focal), ``"femur_left x3"`` (three foci), ``"spine_thoracic;spine_lumbar 0.6"``
(diffuse, extent 0.6), ``"femur_left #A"`` (label of the lesion) or ``"femur_left @spect"`` (where it was seen; planar
when nothing is said, blank with a bare ``@``). In a study with grades a read is a mapping of segment to grade, Curie
segments with the prefix ``curie:``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from residuum.cohort.alternatives import derive_alternatives
from residuum.cohort.analysis import Analysis, derive_analysis
from residuum.records.rules import apply_overrides, shipped_rules
from residuum.records.schemas import TABLES
from residuum.records.settings import Settings
from residuum.records.study import Study
from residuum.records.validity import check_tables
from residuum.report.whole import derive_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from residuum.report.numbers import Numbers

Row = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """What one reader says of a scan; nothing at all (`said` None) is a scan that cannot be evaluated."""

    said: Iterable[str] | Mapping[str, Any] | None
    state: str = "locked"


@dataclass(frozen=True)
class By:
    """What each reader says, by name."""

    reads: dict[str, Read]


@dataclass(frozen=True)
class Scan:
    """One scan; `said` is what every listed reader says, unless it is `By`."""

    timepoint: str
    day: int
    said: Any = ()
    name: str | None = None
    tracer: str | None = "I123"


@dataclass
class Child:
    """Rows of one child."""

    patient: Row
    scans: list[Row] = field(default_factory=list)
    said: list[Any] = field(default_factory=list)
    treatments: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    components: list[Row] = field(default_factory=list)


def draft(said: Any = ()) -> Read:
    """Return a read that is not locked."""
    return Read(said, "draft")


def by(**reads: Any) -> By:
    """Return what each reader says: lesions, None for not evaluable, or a `draft`."""
    return By({name: said if isinstance(said, Read) else Read(said) for name, said in reads.items()})


def child(
    patient: str,
    *scans: Scan,
    hdc: tuple[int, int | None] | None = (150, 160),
    maintenance: tuple[int, int | None] | None = (230, 400),
    treatments: Iterable[tuple[Any, ...]] = (),
    events: Iterable[tuple[Any, ...]] = (),
    components: Iterable[Row] = (),
    last_contact: int = 2000,
    **columns: Any,
) -> Child:
    """Return a child: treatments (phase, start, end, regions), events (day, kind, skeletal), extra patient columns."""
    died = [event[0] for event in events if event[1] == "death"]
    row = {
        "patient": patient,
        "sex": "female",
        "age_at_diagnosis_days": 1000,
        "diagnosis_year": 2010,
        "stage": "M",
        "vital_status": "dead" if died else "alive",
        "last_contact_day": died[0] if died else last_contact,
        **columns,
    }
    one = Child(row)
    phases = [("hdc", *hdc)] if hdc else []
    phases += [("maintenance", *maintenance)] if maintenance else []
    names = ("phase", "start_day", "end_day", "regions")
    one.treatments = [_row(patient, names, values) for values in (*phases, *treatments)]
    one.events = [_row(patient, ("day", "kind", "skeletal"), values) for values in events]
    one.components = [{"patient": patient, **values} for values in components]
    for number, scan in enumerate(scans, start=1):
        values = (scan.name or f"{patient}-{number}", scan.day, scan.timepoint, scan.tracer)
        one.scans.append(_row(patient, ("scan", "day", "timepoint", "tracer"), values))
        one.said.append(scan.said)
    return one


def named(one: Child, patient: str) -> Child:
    """Return the child under another name, its scans too, so that many cases fit into one study."""
    other = Child({**one.patient, "patient": patient}, said=one.said)
    for name in ("treatments", "events", "components"):
        setattr(other, name, [{**row, "patient": patient} for row in getattr(one, name)])
    other.scans = [{**row, "patient": patient, "scan": f"{patient}:{row['scan']}"} for row in one.scans]
    return other


def study(
    *children: Child,
    readers: tuple[str, ...] = ("anne",),
    design: str | None = None,
    entry: str = "marks",
    rules: Row | None = None,
    population: Row | None = None,
    analysis: Row | None = None,
    **definitions: Any,
) -> Study:
    """Return a study that passes the checks; one reader unless more are named."""
    design = design or ("single" if len(readers) == 1 else "independent")
    definitions = {"site_level": "segment" if entry == "grades" else "region"} | definitions
    settings = Settings.model_validate(
        {
            "reading": {"readers": readers, "design": design, "entry": entry},
            "definitions": definitions,
            "population": population or {},
            "analysis": analysis or {},
            "rules": {"set": "default", **(rules or {})},
        }
    )
    overridden, problems = apply_overrides(shipped_rules(), settings.rules)
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for one in children:
        rows["patients"].append(one.patient)
        for name in ("treatments", "events", "components", "scans"):
            rows[name] += getattr(one, name)
        for scan, said in zip(one.scans, one.said, strict=True):
            _add_reads(rows, scan["scan"], said if isinstance(said, By) else by(**dict.fromkeys(readers, said)))
    tables = {name: pl.DataFrame(rows[name], schema=table.schema) for name, table in TABLES.items()}
    given = {name: table for name, table in tables.items() if table.height or not TABLES[name].optional}
    problems += [one for one in check_tables(given, settings) if one.severity == "error"]
    assert problems == []
    return Study(settings, overridden, tables)


def analyse(*children: Child, **settings: Any) -> Analysis:
    """Return every derived table of a small study."""
    return derive_analysis(study(*children, **settings))


def numbers(*children: Child, **settings: Any) -> Numbers:
    """Return all the numbers of a small study."""
    return numbers_of(study(*children, **settings))


def numbers_of(whole: Study) -> Numbers:
    """Return all the numbers of a study, sensitivity included."""
    analysis = derive_analysis(whole)
    return derive_numbers(analysis, derive_alternatives(analysis))


def column(table: pl.DataFrame, key: str, value: str) -> dict[Any, Any]:
    """Return one column of a table by another that identifies its rows."""
    found = dict(table.select(key, value).iter_rows())
    assert len(found) == table.height
    return found


def lesion(words: str) -> list[Row]:
    """Return the marks that the words of one lesion stand for."""
    regions, *more = words.split()
    row: Row = {"regions": regions, "pattern": "focal", "seen_on": "planar_ant"}
    times = 1
    for word in more:
        if word.startswith("x"):
            times = int(word[1:])
        elif word.startswith("#"):
            row["site"] = word[1:]
        elif word.startswith("@"):
            row["seen_on"] = word[1:] or None
        else:
            row |= {"pattern": "diffuse", "extent": float(word)}
    return [row] * times


def _row(patient: str, names: tuple[str, ...], values: tuple[Any, ...]) -> Row:
    return {"patient": patient, **dict(zip(names, values, strict=False))}


def _add_reads(rows: dict[str, list[Row]], scan: str, given: By) -> None:
    for reader, read in given.reads.items():
        key = {"scan": scan, "reader": reader}
        rows["reads"].append({**key, "evaluable": "no" if read.said is None else "yes", "state": read.state})
        if isinstance(read.said, dict):
            for name, grade in read.said.items():
                system, _, segment = name.rpartition(":")
                rows["grades"].append({**key, "system": system or "siopen", "segment": segment, "grade": str(grade)})
            continue
        marks = [mark for words in read.said or () for mark in lesion(words)]
        rows["marks"] += [{**key, "mark": str(number), **mark} for number, mark in enumerate(marks, start=1)]
