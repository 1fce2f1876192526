"""Sites as a radiotherapy trial sees them: avid at the landmark (targets), seen before, or never seen; and what failed.

Radiotherapy treats what is avid at the landmark, so a target fails only when it has grown; every other site fails
when it is avid at progression.
"""

import polars as pl

from residuum.records.vocabulary import SITE_CLASSES

TARGET, PRIOR, NEVER = SITE_CLASSES


def derive_trial_sites(sites: pl.DataFrame, states: pl.DataFrame, courses: pl.DataFrame) -> pl.DataFrame:
    """Return the class of every seen site at the landmark, and whether it failed at progression.

    Parameters
    ----------
    sites : DataFrame
        Avid sites with burden, rows (scan, site, foci, extent, grade).
    states : DataFrame
        Result of `states.derive_site_states`.
    courses : DataFrame
        One row per included patient: `patient`, `landmark_scan`, `landmark_day`, `progression_scan` (null without).

    Returns
    -------
    DataFrame
        Rows (patient, site, class, avid_at_progression, failed). Sites without a row were never seen and did not fail.
    """
    seen_before = (
        states.join(courses.select("patient", "landmark_day"), on="patient", how="inner")
        .filter(pl.col("first_seen_day") < pl.col("landmark_day"))
        .select("patient", "site", before=pl.lit(value=True))
        .unique()
    )
    burden = ["foci", "extent", "grade"]
    at_landmark = (
        courses.select("patient", scan="landmark_scan")
        .join(sites, on="scan", how="inner")
        .select("patient", "site", *burden, target=pl.lit(value=True))
    )
    at_progression = (
        courses.select("patient", scan="progression_scan")
        .join(sites, on="scan", how="inner")
        .select("patient", "site", *burden, now=pl.lit(value=True))
    )
    key = ["patient", "site"]
    return (
        at_landmark.join(seen_before, on=key, how="full", coalesce=True)
        .join(at_progression, on=key, how="full", coalesce=True, suffix="_now")
        .with_columns(pl.col(name).fill_null(value=False) for name in ("target", "before", "now"))
        .select(
            *key,
            _class(),
            avid_at_progression="now",
            failed=pl.col("now") & (~pl.col("target") | _grown()),
        )
        .sort(key)
    )


def _class() -> pl.Expr:
    return (
        pl.when("target")
        .then(pl.lit(TARGET))
        .when("before")
        .then(pl.lit(PRIOR))
        .otherwise(pl.lit(NEVER))
        .alias("class")
    )


def _grown() -> pl.Expr:
    more_foci = pl.col("foci_now") > pl.col("foci")
    larger = pl.col("extent_now") > pl.col("extent")
    become_diffuse = pl.col("extent_now").is_not_null() & pl.col("extent").is_null()
    higher_grade = pl.col("grade_now") > pl.col("grade")
    return pl.any_horizontal(e.fill_null(value=False) for e in (more_foci, larger, become_diffuse, higher_grade))


def derive_site_risks(trial_sites: pl.DataFrame, courses: pl.DataFrame, universe: pl.DataFrame) -> pl.DataFrame:
    """Return how many sites of each class every included patient had at risk, and how many failed.

    Parameters
    ----------
    trial_sites : DataFrame
        Result of `derive_trial_sites`.
    courses : DataFrame
        One row per included patient, column `patient`.
    universe : DataFrame
        Rows (patient, regions, regions_seen, regions_failed): all places, those with a site at the landmark or before,
        and the others that are avid at progression. They count the never seen, since a place has no label yet.

    Returns
    -------
    DataFrame
        Rows (patient, class, at_risk, failed), one per patient and class.
    """
    classes = pl.DataFrame({"class": SITE_CLASSES})
    counts = trial_sites.group_by("patient", "class").agg(
        seen=pl.len().cast(pl.Int64), failed=pl.col("failed").sum().cast(pl.Int64)
    )
    never = pl.col("class") == NEVER
    return (
        courses.select("patient")
        .join(classes, how="cross")
        .join(counts, on=["patient", "class"], how="left")
        .join(universe, on="patient", how="left")
        .select(
            "patient",
            "class",
            at_risk=pl.when(never)
            .then(pl.col("regions") - pl.col("regions_seen"))
            .otherwise(pl.col("seen").fill_null(0)),
            failed=pl.when(never).then(pl.col("regions_failed")).otherwise(pl.col("failed").fill_null(0)),
        )
    )


def derive_trial_classes(progressed: pl.DataFrame, trial_sites: pl.DataFrame) -> pl.DataFrame:
    """Return where each first progression failed, seen from the landmark.

    Parameters
    ----------
    progressed : DataFrame
        Patients with progression: `patient`, `scan` (null without a usable progression scan), `skeletal` (of the first
        progression or relapse), `soft_tissue_new` and `component_progressed`.
    trial_sites : DataFrame
        Result of `derive_trial_sites`.

    Returns
    -------
    DataFrame
        Rows (patient, trial_class): target_only, elsewhere_only, both, unclear (nothing failed) or unknown.
    """
    failed = trial_sites.filter("failed")
    target = failed.filter(pl.col("class") == TARGET)["patient"].unique()
    other = failed.filter(pl.col("class") != TARGET)["patient"].unique()
    not_skeletal = (pl.col("skeletal") == "no").fill_null(value=False)
    at_target = pl.col("patient").is_in(target.implode())
    elsewhere = (
        pl.col("patient").is_in(other.implode())
        | not_skeletal
        | pl.col("soft_tissue_new").fill_null(value=False)
        | pl.col("component_progressed")
    )
    without_scan = pl.when(not_skeletal).then(pl.lit("elsewhere_only")).otherwise(pl.lit("unknown"))
    trial_class = (
        pl.when(pl.col("scan").is_null())
        .then(without_scan)
        .when(at_target & elsewhere)
        .then(pl.lit("both"))
        .when(at_target)
        .then(pl.lit("target_only"))
        .when(elsewhere)
        .then(pl.lit("elsewhere_only"))
        .otherwise(pl.lit("unclear"))
    )
    return progressed.select("patient", trial_class=trial_class)
