"""sensitivity.*: headline numbers under another choice of reads."""

from collections.abc import Mapping

from residuum.cohort.analysis import Analysis
from residuum.report.numbers import Row
from residuum.report.rows.builders import count_patients
from residuum.report.rows.sites import prior_site_patients


def sensitivity_rows(alternatives: Mapping[str, Analysis]) -> list[Row]:
    """Return the headline numbers of each alternative; none in a single-reader study."""
    return [row for name, analysis in alternatives.items() for row in _headline(f"sensitivity.{name}", analysis)]


def _headline(prefix: str, analysis: Analysis) -> list[Row]:
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
    }
    return [count_patients(f"{prefix}.{name}", patients, of) for name, (patients, of) in counts.items()]
