"""Which scan stands for a time point: the declared rule picks among evaluable scans with that label."""

import polars as pl

USED_TIMEPOINTS = ("diagnosis", "post_consolidation", "end_of_treatment", "progression")
LATER_TIMEPOINTS = USED_TIMEPOINTS[1:]


def derive_timepoint_scans(scans: pl.DataFrame, courses: pl.DataFrame, progression_window_days: int) -> pl.DataFrame:
    """Return the scan used for each time point, as rows (patient, timepoint, scan, day), at most one each.

    Parameters
    ----------
    scans : DataFrame
        The candidates (the evaluable scans): `scan`, `patient`, `day`, `timepoint`.
    courses : DataFrame
        Result of `courses.derive_courses`.
    progression_window_days : int
        Farthest progression scan from the first progression or relapse, on either side.
    """
    facts = courses.select(
        "patient",
        "first_progression_day",
        "hdc_end",
        "maintenance_start",
        "maintenance_end",
        "maintenance_end_unknown",
    )
    labelled = scans.join(facts, on="patient", how="inner")
    rules = _rules(progression_window_days)
    chosen = [
        labelled.filter(allowed, timepoint=timepoint)
        .with_columns(distance=distance)
        .sort("patient", "distance", "day", "scan", nulls_last=True)
        .group_by("patient", maintain_order=True)
        .agg(pl.col("timepoint", "scan", "day").first())
        for timepoint, (allowed, distance) in rules.items()
    ]
    return pl.concat(chosen).sort("patient", "timepoint")


def _rules(progression_window_days: int) -> dict[str, tuple[pl.Expr, pl.Expr]]:
    """Return for each time point which scans are allowed and the distance that decides (earliest where it is equal)."""
    day, progression = pl.col("day"), pl.col("first_progression_day")
    not_after_progression = progression.is_null() | (day <= progression)
    from_progression = (day - progression).abs()
    anything, nothing = pl.lit(value=True), pl.lit(0, pl.Int64)
    return {
        "diagnosis": (anything, nothing),
        "post_consolidation": (day > pl.col("hdc_end"), nothing),
        "end_of_treatment": (
            not_after_progression & ~pl.col("maintenance_end_unknown"),
            (day - pl.col("maintenance_end")).abs(),
        ),
        "progression": (from_progression <= progression_window_days, from_progression),
    }
