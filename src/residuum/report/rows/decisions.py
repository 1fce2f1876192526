"""agreement.oligo, agreement.bone_pd: whether the two readers, each alone, would have decided alike."""

from collections.abc import Mapping

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.report.numbers import Row
from residuum.report.rows.builders import missing, people
from residuum.stats.agreement import specific_agreement

DECISIONS = ("oligo", "bone_pd")


def decision_rows(alternatives: Mapping[str, Analysis]) -> list[Row]:
    """Return positive and negative agreement of both readers on oligo at the landmark and on PD of bone."""
    if "reader_1" not in alternatives:
        names = [f"agreement.{decision}.{sign}" for decision in DECISIONS for sign in ("positive", "negative")]
        return [missing(name, "proportion", "a single-reader study") for name in names]
    first, second = alternatives["reader_1"], alternatives["reader_2"]
    oligo = _oligo(first).join(_oligo(second), on=["patient", "scan"], how="inner", suffix="_2")
    bone_pd = _bone_pd(first).join(_bone_pd(second), on=["patient", "scan"], how="inner", suffix="_2")
    return [*_agreement("oligo", oligo), *_agreement("bone_pd", bone_pd)]


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
