"""agreement.oligo, agreement.bone_pd: whether the two readers, each alone, would have decided alike."""

from collections.abc import Mapping

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.report.numbers import Row
from residuum.report.rows.builders import missing, people
from residuum.stats.agreement import specific_agreement

DECISIONS = ("oligo", "bone_pd")


def derive_decisions(analysis: Analysis) -> dict[str, pl.DataFrame]:
    """Return what follows from the reads of one analysis, by decision, as rows (patient, scan, yes)."""
    return {"oligo": _oligo(analysis), "bone_pd": _bone_pd(analysis)}


def decision_rows(by_reader: Mapping[str, Mapping[str, pl.DataFrame]]) -> list[Row]:
    """Return positive and negative agreement of both readers on oligo at the landmark and on PD of bone.

    `by_reader` holds `derive_decisions` of ``reader_1`` and ``reader_2`` alone; neither in a single-reader study.
    """
    if "reader_1" not in by_reader:
        names = [f"agreement.{decision}.{sign}" for decision in DECISIONS for sign in ("positive", "negative")]
        return [missing(name, "proportion", "a single-reader study") for name in names]
    first, second = by_reader["reader_1"], by_reader["reader_2"]
    rows: list[Row] = []
    for decision in DECISIONS:
        pairs = first[decision].join(second[decision], on=["patient", "scan"], how="inner", suffix="_2")
        rows += _agreement(decision, pairs)
    return rows


def _oligo(analysis: Analysis) -> pl.DataFrame:
    most = analysis.study.settings.definitions.oligo_max_sites
    scanned = analysis.patients.filter(pl.col("landmark_scan").is_not_null())
    return scanned.select("patient", scan="landmark_scan", yes=pl.col("landmark_sites").is_between(1, most))


def _bone_pd(analysis: Analysis) -> pl.DataFrame:
    judged = analysis.bone_responses.filter(pl.col("verdict") != "NE")
    return judged.select("patient", "scan", yes=pl.col("verdict") == "PD")


def _agreement(decision: str, pairs: pl.DataFrame) -> list[Row]:
    found = specific_agreement(pairs["yes"].to_numpy(), pairs["yes_2"].to_numpy())
    reason = None if pairs.height else "no scan was judged by both readers"
    return [
        Row(
            f"agreement.{decision}.{sign}",
            value,
            "proportion",
            method="share of one reader's decisions that the other shares",
            n=pairs.height,
            reason=reason or (None if value is not None else f"no {sign} decision"),
            patients=people(pairs["patient"]),
        )
        for sign, value in (("positive", found.positive), ("negative", found.negative))
    ]
