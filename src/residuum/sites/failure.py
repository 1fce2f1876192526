"""Where failures happen: the pattern of the first progression, by patient, by site and by score point."""

import polars as pl

from residuum.records.vocabulary import AVID_STATES


def derive_failure_patterns(progressed: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    """Return the failure pattern of each patient with progression.

    Parameters
    ----------
    progressed : DataFrame
        Patients with progression or relapse, columns `patient`, `scan` (their progression scan, null without one).
    states : DataFrame
        Result of `derive_site_states`.

    Returns
    -------
    DataFrame
        Rows (patient, scan, pattern, persistent, recurred, new): the pattern is persistent_only, recurred_only,
        new_only, mixed (two or more states), non_skeletal (no avid bone site) or unknown (no usable scan); the other
        columns count the avid sites of each state (null when unknown).
    """
    avid = states.filter("avid").group_by("scan").agg(_count(state) for state in AVID_STATES)
    counted = progressed.select("patient", "scan").join(avid, on="scan", how="left")
    known = pl.col("scan").is_not_null()
    counts = counted.with_columns(pl.when(known).then(pl.col(state).fill_null(0)).alias(state) for state in AVID_STATES)
    kinds = pl.sum_horizontal((pl.col(state) > 0).cast(pl.Int64) for state in AVID_STATES)
    pattern = pl.when(~known).then(pl.lit("unknown")).when(kinds == 0).then(pl.lit("non_skeletal"))
    pattern = pattern.when(kinds > 1).then(pl.lit("mixed"))
    for state in AVID_STATES:
        pattern = pattern.when(pl.col(state) > 0).then(pl.lit(f"{state}_only"))
    return counts.with_columns(pattern=pattern).select("patient", "scan", "pattern", *AVID_STATES)


def _count(state: str) -> pl.Expr:
    return (pl.col("state") == state).sum().cast(pl.Int64).alias(state)


def derive_site_points(parts: pl.DataFrame, grades: pl.DataFrame) -> pl.DataFrame:
    """Return the SIOPEN points of each avid site: a segment's grade shared equally among the avid sites that touch it.

    Parameters
    ----------
    parts : DataFrame
        Rows (scan, site, segment), as of `sites.derive_site_parts`.
    grades : DataFrame
        SIOPEN grades in mode ``all``, rows (scan, segment, grade).

    Returns
    -------
    DataFrame
        Rows (scan, site, points).
    """
    touched = parts.select("scan", "site", "segment").unique()
    share = pl.col("grade") / pl.len().over("scan", "segment")
    return (
        touched.join(grades.select("scan", "segment", "grade"), on=["scan", "segment"], how="inner")
        .with_columns(points=share)
        .group_by("scan", "site")
        .agg(pl.col("points").sum())
    )
