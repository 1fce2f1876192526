"""sensitivity.*: headline numbers under another choice of reads."""

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.records.vocabulary import FAILURE_PATTERNS
from residuum.report.numbers import Row
from residuum.report.rows.builders import count_patients
from residuum.report.rows.response import RESPONSE_TIMEPOINTS, progressive
from residuum.report.rows.sites import prior_site_patients


def sensitivity_rows(alternative: str, analysis: Analysis) -> list[Row]:
    """Return the headline numbers of the study under one alternative."""
    prefix = f"sensitivity.{alternative}"
    included = analysis.included
    source = analysis.patients.filter(analysis.study.settings.population.steps[0])
    progressed = included.filter("progression")
    counts = {
        "flow.persistent_after_hdc": (included["patient"], source.height),
        "outcome.complete_response_end_of_treatment": (
            included.filter(outcome="complete_response_end_of_treatment")["patient"],
            included.height,
        ),
        "outcome.persistent_end_of_treatment": (
            included.filter("persistent_end_of_treatment")["patient"],
            included.height,
        ),
        "outcome.event_free": (included.filter("event_free")["patient"], included.height),
        "pattern.prior_site": (prior_site_patients(analysis), int(progressed["progression_scan"].count())),
        **{f"pattern.patient.{name}": (_with(progressed, name), progressed.height) for name in FAILURE_PATTERNS},
        **{f"response.bone.{timepoint}.PD": progressive(analysis, timepoint) for timepoint in RESPONSE_TIMEPOINTS},
    }
    return [count_patients(f"{prefix}.{name}", patients, of) for name, (patients, of) in counts.items()]


def _with(progressed: pl.DataFrame, pattern: str) -> pl.Series:
    return progressed.filter(pattern=pattern)["patient"]
