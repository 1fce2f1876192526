"""Totals of the read used: SIOPEN 0-72, Curie 0-30 (skeletal 0-27), Amsterdam counts."""

import polars as pl

from residuum.records.vocabulary import SOFT_TISSUE
from residuum.scores.readings import Readings


def derive_totals(readings: Readings, reads: pl.DataFrame) -> pl.DataFrame:
    """Return the totals of evaluable reads in every mode.

    Parameters
    ----------
    readings : Readings
        Result of `derive_readings`.
    reads : DataFrame
        The evaluable reads wanted, column `read` (others are carried along).

    Returns
    -------
    DataFrame
        The rows of `reads` once per mode, with `siopen`, `curie`, `curie_skeletal` (null where a segment is not
        assessable or the system was not graded), `siopen_assessed` (sum over the assessed segments: a lower bound of
        the total), `amsterdam_focal`, `amsterdam_diffuse`, `avid` (any lesion or grade, bone or soft tissue) and
        `soft_tissue`.
    """
    sums = _sums(readings.grades)
    base = reads.join(pl.DataFrame({"mode": readings.modes}), how="cross")
    totals = base.join(sums, on=["read", "mode"], how="left").join(readings.amsterdam, on=["read", "mode"], how="left")
    counts = ["amsterdam_focal", "amsterdam_diffuse"]
    unmarked = pl.lit(0 if readings.marked else None, pl.Int64)
    return totals.with_columns(
        _total("siopen"),
        *(_total(name) if "curie" in readings.systems else _never(name) for name in ("curie", "curie_skeletal")),
        *(pl.col(name).fill_null(unmarked) for name in counts),
        siopen_assessed=pl.col("siopen_assessed").fill_null(0),
        avid=pl.col("avid").fill_null(value=False),
        soft_tissue=pl.col("soft_tissue").fill_null(value=False),
    ).drop("siopen_missing", "curie_missing", "curie_skeletal_missing")


def _sums(grades: pl.DataFrame) -> pl.DataFrame:
    grade, system, soft = pl.col("grade"), pl.col("system"), pl.col("segment") == SOFT_TISSUE
    parts = {"siopen": system == "siopen", "curie": system == "curie", "curie_skeletal": (system == "curie") & ~soft}
    return grades.group_by("read", "mode").agg(
        *(grade.filter(rows).sum().alias(name) for name, rows in parts.items()),
        *(grade.filter(rows).null_count().alias(f"{name}_missing") for name, rows in parts.items()),
        siopen_assessed=grade.filter(parts["siopen"]).sum(),
        avid=(grade > 0).any(),
        soft_tissue=(soft & (grade > 0)).any(),
    )


def _total(name: str) -> pl.Expr:
    complete = pl.col(f"{name}_missing").fill_null(0) == 0
    return pl.when(complete).then(pl.col(name).fill_null(0)).alias(name)


def _never(name: str) -> pl.Expr:
    return pl.lit(None, pl.Int64).alias(name)
