"""Where first failures happen as a radiotherapy trial would see it: by class of site, by chance, and the share f."""

from typing import Final

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.survival import OTHER_EVENTS, derive_times
from residuum.records.vocabulary import DAYS_PER_YEAR, SITE_CLASSES, TRIAL_CLASSES
from residuum.stats.competing_risks import CumulativeIncidence, aalen_johansen

BOUNDS: Final = {
    "exclusive": ("target_only",),
    "inclusive": ("target_only", "both"),
    "unknown_as_target": ("target_only", "both", "unclear", "unknown"),
}
"""Classes of first failure that count as target failures."""
OTHER: Final = "other"
FIRST_FAILURES: Final = (*TRIAL_CLASSES, OTHER)
"""Kinds of first EFS event; `other` is death or second malignancy."""


def derive_site_years(analysis: Analysis) -> pl.DataFrame:
    """Return failures and site-years by class of site, without the progressions that no scan shows.

    Parameters
    ----------
    analysis : Analysis
        A whole study.

    Returns
    -------
    DataFrame
        One row per patient: patient, and for each class of site <class>_failed and <class>_years, from the landmark to
        first progression or last contact.
    """
    known = pl.col("first_progression_day").is_null() | pl.col("progression_scan").is_not_null()
    end = pl.coalesce("first_progression_day", "last_contact_day")
    years = analysis.included.filter(known).select("patient", years=(end - pl.col("landmark_day")) / DAYS_PER_YEAR)
    risks = analysis.site_risks.join(years, on="patient", how="inner")
    expressions = []
    for name in SITE_CLASSES:
        here = pl.col("class") == name
        expressions += [
            pl.col("failed").filter(here).sum().alias(f"{name}_failed"),
            (pl.col("at_risk") * pl.col("years")).filter(here).sum().alias(f"{name}_years"),
        ]
    return risks.group_by("patient").agg(expressions).sort("patient")


def derive_overlap(analysis: Analysis) -> pl.DataFrame:
    """Return how many failing sites of each patient had been seen before, and how many would have been by chance.

    Parameters
    ----------
    analysis : Analysis
        A whole study.

    Returns
    -------
    DataFrame
        Rows (patient, failing, old_failing, by_chance) of those with a failing site; `by_chance` is the number
        expected were every place equally likely to fail.
    """
    seen = pl.col("class") != "never_seen"
    by_patient = analysis.site_risks.group_by("patient").agg(
        failing=pl.col("failed").sum(),
        old_failing=pl.col("failed").filter(seen).sum(),
        old=pl.col("at_risk").filter(seen).sum(),
        all=pl.col("at_risk").sum(),
    )
    chance = pl.col("failing") * pl.col("old") / pl.col("all")
    failed = by_patient.filter(pl.col("failing") > 0)
    return failed.select("patient", "failing", "old_failing", by_chance=chance).sort("patient")


def derive_first_failures(analysis: Analysis) -> pl.DataFrame:
    """Return the first EFS event of those with few sites at the landmark, event-free there.

    Parameters
    ----------
    analysis : Analysis
        A whole study.

    Returns
    -------
    DataFrame
        Rows (patient, efs_time, first_failure): days from the landmark, and one of `FIRST_FAILURES`, null when
        censored. A progression without class is `unknown`.
    """
    times = derive_times(analysis.included.filter("oligo"), pl.col("landmark_day"))
    other = pl.col("cause").is_in(list(OTHER_EVENTS))
    kind = pl.when(other).then(pl.lit(OTHER)).otherwise(pl.col("trial_class").fill_null("unknown"))
    return times.select("patient", "efs_time", first_failure=pl.when(pl.col("cause").is_not_null()).then(kind))


def estimate_target_failures(first_failures: pl.DataFrame, classes: tuple[str, ...]) -> CumulativeIncidence:
    """Return the cumulative incidence of first events at a target (cause ``target``) and of all others (``other``).

    Parameters
    ----------
    first_failures : DataFrame
        Result of `derive_first_failures`; at least one row.
    classes : tuple of str
        Of `FIRST_FAILURES`, those that count as target failures; a value of `BOUNDS`.

    Returns
    -------
    CumulativeIncidence
        By the Aalen-Johansen estimator.
    """
    at_target = pl.when(pl.col("first_failure").is_in(list(classes))).then(pl.lit("target")).otherwise(pl.lit("other"))
    causes = first_failures.select(pl.when(pl.col("first_failure").is_not_null()).then(at_target)).to_series()
    return aalen_johansen(first_failures["efs_time"].to_numpy(), causes.to_list(), ("target", "other"))


def target_share(curve: CumulativeIncidence, day: float) -> float | None:
    """Share of the first EFS events by a day that are target failures.

    Parameters
    ----------
    curve : CumulativeIncidence
        Result of `estimate_target_failures`.
    day : float
        From the landmark.

    Returns
    -------
    float or None
        None where no event is expected by then.
    """
    target, other = curve.value("target", day), curve.value("other", day)
    return target / (target + other) if target + other > 0 else None
