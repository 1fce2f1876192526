"""The state of a site at a scan: new, persistent, recurred or cleared, from all scans of earlier days."""

import polars as pl


def derive_site_states(sites: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    """Return the state of every site of a patient at every evaluable scan on which it is avid or was before.

    Parameters
    ----------
    sites : DataFrame
        Avid sites, columns `scan`, `site`.
    scans : DataFrame
        Evaluable scans, columns `scan`, `patient`, `day`.

    Returns
    -------
    DataFrame
        Rows (patient, scan, day, site, state, avid, first_seen_day, absent_on_previous, never_seen_before).
        `first_seen_day` is the earliest day with the site; `absent_on_previous` says that an avid site was not avid
        on the latest evaluable scan of an earlier day (false where there is none). Scans of one day are neither
        earlier than each other nor in between.
    """
    seen = sites.select("scan", "site").unique().join(scans.select("scan", "patient", "day"), on="scan", how="inner")
    first = seen.group_by("patient", "site").agg(first_seen_day=pl.col("day").min())
    followed = (
        scans.select("patient", "scan", "day")
        .join(first, on="patient", how="inner")
        .filter(pl.col("day") >= pl.col("first_seen_day"))
        .join(seen.select("scan", "site", avid=pl.lit(value=True)), on=["scan", "site"], how="left")
        .with_columns(pl.col("avid").fill_null(value=False), before=pl.col("day") > pl.col("first_seen_day"))
        .filter(pl.col("avid") | pl.col("before"))
    )
    first_gap = pl.col("day").filter(~pl.col("avid") & pl.col("before")).min().over("patient", "site")
    gap = (first_gap < pl.col("day")).fill_null(value=False)
    state = (
        pl.when(~pl.col("avid"))
        .then(pl.lit("cleared"))
        .when(~pl.col("before"))
        .then(pl.lit("new"))
        .when(gap)
        .then(pl.lit("recurred"))
        .otherwise(pl.lit("persistent"))
    )
    return _with_previous(followed.with_columns(state=state), seen, scans)


def derive_previous_scans(scans: pl.DataFrame) -> pl.DataFrame:
    """Return for each evaluable scan the latest one of an earlier day (ties: highest id), as rows (scan, previous).

    Scans without an earlier one have no row.
    """
    days = (
        scans.group_by("patient", "day")
        .agg(pl.col("scan").max())
        .sort("patient", "day")
        .with_columns(previous=pl.col("scan").shift(1).over("patient", order_by="day"))
    )
    return (
        scans.select("scan", "patient", "day")
        .join(days.select("patient", "day", "previous"), on=["patient", "day"], how="left")
        .filter(pl.col("previous").is_not_null())
        .select("scan", "previous")
    )


def _with_previous(states: pl.DataFrame, seen: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    avid_before = seen.select(previous="scan", site="site", avid_on_previous=pl.lit(value=True))
    absent = pl.col("avid") & pl.col("previous").is_not_null() & pl.col("avid_on_previous").is_null()
    return (
        states.join(derive_previous_scans(scans), on="scan", how="left")
        .join(avid_before, on=["previous", "site"], how="left")
        .select(
            "patient",
            "scan",
            "day",
            "site",
            "state",
            "avid",
            "first_seen_day",
            absent_on_previous=absent,
            never_seen_before=pl.col("state") == "new",
        )
    )
