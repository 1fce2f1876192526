"""flow.*, outcome.*: who is left after each step, and what became of the included."""

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.outcomes import OUTCOMES
from residuum.records.settings import STEPS
from residuum.report.numbers import Row
from residuum.report.rows.builders import count_patients, missing


def flow_rows(analysis: Analysis) -> list[Row]:
    """Return the patients left after each step, and those lost at it by reason."""
    patients, steps = analysis.patients, analysis.study.settings.population.steps
    left = [patients.filter(step)["patient"] for step in steps]
    first, last = left[0].len(), steps[-1]
    rows = [
        count_patients(f"flow.{step}", behind, first if step == last and len(steps) > 1 else None)
        for step, behind in zip(steps, left, strict=True)
    ]
    rows += [missing(f"flow.{step}", "patients", "no step of this study") for step in STEPS if step not in steps]
    lost = patients.filter(pl.col("lost_at").is_not_null()).group_by("lost_at", "lost_because").agg("patient")
    for step in steps:
        reasons = lost.filter(lost_at=step).sort("lost_because")
        rows += [
            count_patients(f"flow.{step}.lost.{_slug(reason)}", behind)
            for reason, behind in zip(reasons["lost_because"], reasons["patient"], strict=True)
        ]
    return rows


def _slug(reason: str) -> str:
    return reason.lower().replace(",", "").replace("-", "_").replace(" ", "_")


def outcome_rows(analysis: Analysis) -> list[Row]:
    """Return the outcomes of the included; those at end of treatment as a share of the persistent."""
    included = analysis.included
    persistent = included.filter("persistent_end_of_treatment")["patient"]
    event_free = included.filter("event_free")["patient"]
    by_outcome = {outcome: included.filter(outcome=outcome)["patient"] for outcome in OUTCOMES}
    during, complete, response, after, other = OUTCOMES
    return [
        count_patients("outcome.complete_response_end_of_treatment", by_outcome[complete], included.height),
        count_patients("outcome.progression_during_maintenance", by_outcome[during], included.height),
        count_patients("outcome.persistent_end_of_treatment", persistent, included.height),
        count_patients("outcome.persistent_response", by_outcome[response], persistent.len()),
        count_patients("outcome.progression_after_end_of_treatment", by_outcome[after], persistent.len()),
        count_patients("outcome.other", by_outcome[other]),
        count_patients("outcome.event_free", event_free, included.height),
    ]
