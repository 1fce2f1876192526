"""What was done at a site before a scan: radiotherapy of its region, 131I-mIBG therapy since it was first seen."""

import polars as pl

from residuum.records.rules import Rules


def derive_site_therapy(
    states: pl.DataFrame, site_regions: pl.DataFrame, treatments: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """Return the site states with the therapy that may explain them.

    Parameters
    ----------
    states : DataFrame
        Result of `derive_site_states` (or rows of it).
    site_regions : DataFrame
        Rows (patient, site, region).
    treatments : DataFrame
        The study's treatments.
    rules : Rules
        Clause ``flag.irradiated_indeterminate_days``.

    Returns
    -------
    DataFrame
        The rows of `states` with `irradiated_before`, `days_since_rt` (from the last day of the last course that
        started before the scan, null without one), `mibg_therapy_between` and `indeterminate` (avid so soon after
        radiotherapy that uptake says nothing).
    """
    irradiated = _latest_radiotherapy(states, site_regions, treatments)
    therapy = _mibg_therapy(states, treatments)
    soon = pl.col("days_since_rt") <= rules["flag.irradiated_indeterminate_days"]
    return (
        states.join(irradiated, on=["scan", "site"], how="left")
        .join(therapy, on=["scan", "site"], how="left")
        .with_columns(
            irradiated_before=pl.col("rt_day").is_not_null(),
            days_since_rt=pl.col("day") - pl.col("rt_day"),
            mibg_therapy_between=pl.col("mibg_therapy_between").fill_null(value=False),
        )
        .with_columns(indeterminate=(pl.col("avid") & soon).fill_null(value=False))
        .drop("rt_day")
    )


def _latest_radiotherapy(states: pl.DataFrame, site_regions: pl.DataFrame, treatments: pl.DataFrame) -> pl.DataFrame:
    fields = (
        treatments.filter(pl.col("regions").is_not_null(), phase="radiotherapy")
        .select("patient", "start_day", "end_day", region=pl.col("regions").str.split(";"))
        .explode("region", empty_as_null=True, keep_nulls=True)
        .join(site_regions, on=["patient", "region"], how="inner")
        .select("patient", "site", "start_day", rt_day=pl.coalesce("end_day", "start_day"))
    )
    return (
        states.select("patient", "scan", "day", "site")
        .join(fields, on=["patient", "site"], how="inner")
        .filter(pl.col("start_day") < pl.col("day"))
        .group_by("scan", "site")
        .agg(rt_day=pl.min_horizontal(pl.col("rt_day").max(), pl.col("day").first()))
    )


def _mibg_therapy(states: pl.DataFrame, treatments: pl.DataFrame) -> pl.DataFrame:
    courses = treatments.filter(phase="mibg_therapy").select("patient", "start_day")
    between = (pl.col("start_day") >= pl.col("first_seen_day")) & (pl.col("start_day") < pl.col("day"))
    return (
        states.join(courses, on="patient", how="inner")
        .filter(between)
        .select("scan", "site", mibg_therapy_between=pl.lit(value=True))
        .unique()
    )
