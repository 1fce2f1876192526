"""response.*: INRC verdicts of the included by time point."""

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.timepoints import LATER_TIMEPOINTS
from residuum.records.vocabulary import BONE_VERDICTS, OVERALL_VERDICTS
from residuum.report.numbers import Row
from residuum.report.rows.builders import count_patients, missing


def response_rows(analysis: Analysis) -> list[Row]:
    """Return the included by bone verdict and by overall verdict at each time point."""
    return [
        row
        for timepoint in LATER_TIMEPOINTS
        for row in (*_bone_rows(analysis, timepoint), *_overall_rows(analysis, timepoint))
    ]


def _bone_rows(analysis: Analysis, timepoint: str) -> list[Row]:
    used = analysis.timepoint_scans.filter(timepoint=timepoint)
    judged = analysis.among_included(analysis.bone_responses.join(used, on="scan", how="semi"))
    return _verdict_rows(f"response.bone.{timepoint}", judged, BONE_VERDICTS)


def _overall_rows(analysis: Analysis, timepoint: str) -> list[Row]:
    name = f"response.overall.{timepoint}"
    if analysis.study["components"].is_empty():
        reason = "the study has no components.csv"
        return [missing(f"{name}.{verdict}", "patients", reason) for verdict in OVERALL_VERDICTS]
    judged = analysis.among_included(analysis.overall_responses.filter(timepoint=timepoint))
    return _verdict_rows(name, judged, OVERALL_VERDICTS)


def _verdict_rows(name: str, judged: pl.DataFrame, verdicts: tuple[str, ...]) -> list[Row]:
    return [
        count_patients(f"{name}.{verdict}", judged.filter(verdict=verdict)["patient"], judged.height)
        for verdict in verdicts
    ]
