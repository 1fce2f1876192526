"""Times to event from an origin, with the cause of the first failure."""

import polars as pl

from residuum.cohort.courses import PROGRESSIONS
from residuum.records.vocabulary import FAILURE_PATTERNS

OTHER_EVENTS = ("death", "second_malignancy")
CAUSES = (*FAILURE_PATTERNS, *OTHER_EVENTS)
"""Competing first failures: a progression or relapse by its pattern, or another event."""


def derive_times(members: pl.DataFrame, origin: pl.Expr) -> pl.DataFrame:
    """Return the times of those event-free at the origin.

    Parameters
    ----------
    members : DataFrame
        Patients with course and results.
    origin : Expr
        Day of the origin; patients without it, or with an event on or before it unless it is day 0, are left out.

    Returns
    -------
    DataFrame
        Rows (patient, efs_time, efs_event, os_time, os_event, cause, trial_class): days from the origin;
        `cause` is null when censored (not a pattern outside the included).
    """
    at_origin = members.with_columns(origin=origin.cast(pl.Int64)).filter(pl.col("origin").is_not_null())
    event_later = pl.col("efs_day").is_null() | (pl.col("efs_day") > pl.col("origin")) | (pl.col("origin") == 0)
    in_follow_up = pl.col("last_contact_day") >= pl.col("origin")
    progression = pl.col("efs_kind").is_in(list(PROGRESSIONS))
    pattern = pl.col("pattern").fill_null("unknown")
    return (
        at_origin.filter(event_later & in_follow_up)
        .select(
            "patient",
            "trial_class",
            efs_time=pl.coalesce("efs_day", "last_contact_day") - pl.col("origin"),
            efs_event=pl.col("efs_day").is_not_null(),
            os_time=pl.coalesce("death_day", "last_contact_day") - pl.col("origin"),
            os_event=pl.col("death_day").is_not_null(),
            cause=pl.when(progression).then(pattern).otherwise("efs_kind"),
        )
        .sort("patient")
    )
