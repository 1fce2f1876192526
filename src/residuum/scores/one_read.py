"""The scores of one read while it is made, by the rules of the study."""

from typing import Any

import polars as pl

from residuum.records.read_content import ReadContent
from residuum.records.rules import Rules
from residuum.records.schemas import TABLES
from residuum.records.settings import Settings
from residuum.records.study import Study
from residuum.records.vocabulary import NOT_ASSESSABLE, SEGMENTS
from residuum.scores.readings import Readings, derive_readings
from residuum.scores.totals import derive_totals


def score_read(content: ReadContent, settings: Settings, rules: Rules) -> dict[str, Any]:
    """Return grades and totals of a read as they would be were it locked now.

    Parameters
    ----------
    content : ReadContent
    settings : Settings
        Of the study: what is entered, and how regions are counted.
    rules : Rules

    Returns
    -------
    dict
        `siopen` and `curie` with `total` (None where a segment is not assessable, or the scan is not evaluable) and
        `segments`, `curie_skeletal` with `total`; None for a system that a study of grades does not use in this read.
    """
    readings = derive_readings(_study_of(content, settings, rules))
    totals = derive_totals(readings, readings.reads.filter("evaluable").select("read")).filter(mode="all")
    total = totals.row(0, named=True) if totals.height else dict.fromkeys((*SEGMENTS, "curie_skeletal"))
    systems = {"siopen", *readings.systems}
    scores: dict[str, Any] = {
        system: {"total": total[system], "segments": _segments(readings, system)} if system in systems else None
        for system in SEGMENTS
    }
    return scores | {"curie_skeletal": {"total": total["curie_skeletal"]} if "curie" in systems else None}


def _segments(readings: Readings, system: str) -> dict[str, int | str]:
    graded = readings.grades.filter(mode="all", system=system).select("segment", "grade")
    said = {segment: NOT_ASSESSABLE if grade is None else grade for segment, grade in graded.iter_rows()}
    return dict.fromkeys(SEGMENTS[system], 0) | said


def _study_of(content: ReadContent, settings: Settings, rules: Rules) -> Study:
    """Return a study whose only read this is; where marks were seen is left out, so that no second mode is counted."""
    reader = settings.reading.readers[0] if settings.reading.readers else "reader_1"
    key = {"scan": "scan", "reader": reader}
    patient = {"patient": "patient"}
    rows: dict[str, list[dict[str, Any]]] = {
        "patients": [patient],
        "scans": [{**patient, "scan": "scan", "day": 0, "timepoint": "diagnosis", "tracer": "I123"}],
        "reads": [{**key, "evaluable": "yes" if content.evaluable else "no", "state": "locked"}],
        "marks": [
            {
                **key,
                "mark": mark.mark,
                "regions": ";".join(mark.regions),
                "pattern": mark.pattern,
                "extent": mark.extent,
            }
            for mark in content.marks
        ],
        "grades": [
            {**key, "system": one.system, "segment": one.segment, "grade": str(one.grade)} for one in content.grades
        ],
    }
    tables = {name: pl.DataFrame(rows.get(name, []), schema=table.schema) for name, table in TABLES.items()}
    return Study(settings, rules, tables)
