"""response.*: INRC verdicts of the included by time point."""

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.records.vocabulary import BONE_VERDICTS, OVERALL_VERDICTS
from residuum.report.numbers import Row
from residuum.report.rows.builders import count_patients, missing

RESPONSE_TIMEPOINTS = ("post_consolidation", "end_of_treatment", "progression")


def response_rows(analysis: Analysis) -> list[Row]:
    """Return the included by bone verdict and by overall verdict at each time point."""
    return [
        row
        for timepoint in RESPONSE_TIMEPOINTS
        for row in (*_bone_rows(analysis, timepoint), *_overall_rows(analysis, timepoint))
    ]


def progressive(analysis: Analysis, timepoint: str) -> tuple[pl.Series, int]:
    """Return the included with PD of bone at a time point, and how many were judged."""
    judged = _judged(analysis, timepoint)
    return judged.filter(verdict="PD")["patient"], judged.height


def _judged(analysis: Analysis, timepoint: str) -> pl.DataFrame:
    used = analysis.timepoint_scans.filter(timepoint=timepoint).select("scan")
    included = analysis.included.select("patient")
    return analysis.bone_responses.join(used, on="scan", how="semi").join(included, on="patient", how="semi")


def _bone_rows(analysis: Analysis, timepoint: str) -> list[Row]:
    return _verdict_rows(f"response.bone.{timepoint}", _judged(analysis, timepoint), BONE_VERDICTS)


def _overall_rows(analysis: Analysis, timepoint: str) -> list[Row]:
    name = f"response.overall.{timepoint}"
    if analysis.study["components"].is_empty():
        reason = "the study has no components.csv"
        return [missing(f"{name}.{verdict}", "patients", reason) for verdict in OVERALL_VERDICTS]
    judged = analysis.overall_responses.filter(pl.col("timepoint") == timepoint)
    judged = judged.join(analysis.included.select("patient"), on="patient", how="semi")
    return _verdict_rows(name, judged, OVERALL_VERDICTS)


def _verdict_rows(name: str, judged: pl.DataFrame, verdicts: tuple[str, ...]) -> list[Row]:
    return [
        count_patients(f"{name}.{verdict}", judged.filter(verdict=verdict)["patient"], judged.height)
        for verdict in verdicts
    ]
