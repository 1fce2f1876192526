"""siopen.*, curie.*, curie_skeletal.*: totals by group, time point and mode."""

from residuum.cohort.analysis import Analysis
from residuum.cohort.outcomes import GROUPS
from residuum.cohort.timepoints import USED_TIMEPOINTS
from residuum.report.numbers import Row
from residuum.report.rows.builders import NO_CURIE, median_row, missing
from residuum.scores.lesions import MODES

SCORES = ("siopen", "curie", "curie_skeletal")


def score_rows(analysis: Analysis) -> list[Row]:
    """Return n, median and range of every score for every group at every time point, in both modes."""
    return [
        _score_row(analysis, score, timepoint, group, mode)
        for score in SCORES
        for timepoint in USED_TIMEPOINTS
        for group in GROUPS
        for mode in MODES
    ]


def _score_row(analysis: Analysis, score: str, timepoint: str, group: str, mode: str) -> Row:
    name = f"{score}.{timepoint}"
    if score != "siopen" and "curie" not in analysis.readings.systems:
        return missing(name, "score", NO_CURIE, group, mode)
    if mode not in analysis.readings.modes:
        return missing(name, "score", "no mark says where it was seen", group, mode)
    members = analysis.included.filter(group).select("patient")
    totals = analysis.totals.filter(mode=mode).select("scan", score)
    scored = (
        analysis.timepoint_scans.filter(timepoint=timepoint)
        .join(members, on="patient", how="semi")
        .join(totals, on="scan", how="left")
    )
    return median_row(name, scored[score], scored["patient"], "score", group, mode)
