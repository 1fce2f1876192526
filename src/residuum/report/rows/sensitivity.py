"""sensitivity.*: headline numbers under another choice of reads."""

from dataclasses import replace
from typing import Final

from residuum.cohort.analysis import Analysis
from residuum.cohort.timepoints import LATER_TIMEPOINTS
from residuum.records.vocabulary import FAILURE_PATTERNS
from residuum.report.numbers import Row
from residuum.report.rows.flow import flow_rows, outcome_rows
from residuum.report.rows.response import response_rows
from residuum.report.rows.sites import patient_pattern_rows

HEADLINES: Final = (
    "flow.persistent_after_hdc",
    "outcome.complete_response_end_of_treatment",
    "outcome.persistent_end_of_treatment",
    "outcome.event_free",
    "pattern.prior_site",
    *(f"pattern.patient.{pattern}" for pattern in FAILURE_PATTERNS),
    *(f"response.bone.{timepoint}.PD" for timepoint in LATER_TIMEPOINTS),
)
FAMILIES: Final = (flow_rows, outcome_rows, patient_pattern_rows, response_rows)


def sensitivity_rows(alternative: str, analysis: Analysis) -> list[Row]:
    """Return the headline numbers of the study under one alternative."""
    rows = {row.name: row for family in FAMILIES for row in family(analysis)}
    return [replace(rows[name], name=f"sensitivity.{alternative}.{name}") for name in HEADLINES]
