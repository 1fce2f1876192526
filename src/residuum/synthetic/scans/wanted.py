"""Which scans of a study images can be made of, and what there is to be seen on them: from the reads."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from residuum.records.settings import Reading
from residuum.records.study import Study
from residuum.scores.read_used import derive_reads_used
from residuum.scores.readings import Readings, derive_readings
from residuum.synthetic.scans.children import ScannedChild
from residuum.synthetic.tracer.marks import HUNDREDTHS, Mark

TRACER: Final = "I123"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A scan of which images can be made.

    Attributes
    ----------
    child : ScannedChild
    scan : str
    day : int
    reader : str
        Whose marks say what there is to be seen.
    marks : tuple of Mark
    """

    child: ScannedChild
    scan: str
    day: int
    reader: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A scan of which no image is made, and why."""

    scan: str
    reason: str


def derive_wanted(study: Study, patients: Collection[str] | None = None) -> tuple[list[Wanted], list[Skipped]]:
    """Return the scans of which images can be made, in the order of the study, and why there are none of others.

    What there is to be seen is what the read that counts says (`scores.read_used`). Where readers differ and no
    consensus is locked it is what the first of them says whose read is locked.

    Parameters
    ----------
    study : Study
        With marks, not grades.
    patients : collection of str, optional
        Whose scans; all patients by default.
    """
    readings = derive_readings(study)
    used = derive_reads_used(study["scans"], readings, study.settings.reading)
    readers = _choose_readers(used, readings, study.settings.reading)
    marks = _read_marks(study["marks"])
    people = {row["patient"]: row for row in study["patients"].to_dicts()}
    status = dict(used.select("scan", "status").iter_rows())
    wanted: list[Wanted] = []
    skipped: list[Skipped] = []
    for scan in study["scans"].to_dicts():
        if patients is not None and scan["patient"] not in patients:
            continue
        person, reader = people[scan["patient"]], readers.get(scan["scan"])
        reason = _find_reason(scan, person, reader, status[scan["scan"]])
        if reason or reader is None:
            skipped.append(Skipped(scan["scan"], reason))
            continue
        child = ScannedChild(scan["patient"], person["sex"] or "unknown", person["age_at_diagnosis_days"])
        wanted.append(Wanted(child, scan["scan"], scan["day"], reader, marks.get((scan["scan"], reader), ())))
    return wanted, skipped


def _find_reason(scan: Mapping[str, Any], person: Mapping[str, Any], reader: str | None, status: str) -> str:
    """Return why a scan gets no images, empty where it does."""
    if scan["tracer"] != TRACER:
        return f"only {TRACER} is simulated, and its tracer in scans.csv is {scan['tracer'] or 'blank'}"
    if person["age_at_diagnosis_days"] is None:
        return f"patient {scan['patient']} has no age_at_diagnosis_days in patients.csv, so the body is not known"
    if status == "not_evaluable":
        return "its readers could not evaluate it, so nothing says what there is to be seen"
    return "no read of it that says anything is locked" if reader is None else ""


def _choose_readers(used: pl.DataFrame, readings: Readings, reading: Reading) -> dict[str, str]:
    """Return by scan whose marks say what there is to be seen."""
    reads = readings.reads.filter("evaluable")
    order = {reader: place for place, reader in enumerate(reading.readers)}
    rows = sorted(
        reads.select("scan", "reader").iter_rows(), key=lambda row: order.get(row[1], len(order)), reverse=True
    )
    counting = used.filter(status="evaluable").join(reads.select("read", "reader"), on="read", how="inner")
    return dict(rows) | dict(counting.select("scan", "reader").iter_rows())


def _read_marks(marks: pl.DataFrame) -> dict[tuple[str, str], tuple[Mark, ...]]:
    found: dict[tuple[str, str], list[Mark]] = {}
    for row in marks.to_dicts():
        regions = tuple(row["regions"].split(";"))
        mark = Mark(row["mark"], regions, row["pattern"], _round_extent(row["extent"]))
        found.setdefault((row["scan"], row["reader"]), []).append(mark)
    return {key: tuple(several) for key, several in found.items()}


def _round_extent(extent: float | None) -> float | None:
    """Return an extent in whole hundredths, which voxels can show, at least one."""
    return None if extent is None else max(1, round(HUNDREDTHS * extent)) / HUNDREDTHS
