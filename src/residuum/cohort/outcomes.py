"""What became of the included: one exclusive outcome each, and the groups that the reference study names."""

import polars as pl

OUTCOMES = (
    "progression_during_maintenance",
    "complete_response_end_of_treatment",
    "persistent_response",
    "progression_after_end_of_treatment",
    "other",
)
GROUPS = ("persistent_response", "persistent_response_with_complete", "progression")
EVENT_FREE_GROUPS = ("persistent_response", "complete_response", "persistent_response_with_complete")


def derive_outcomes(included: pl.DataFrame) -> pl.DataFrame:
    """Return the outcome and the groups of every included patient.

    Parameters
    ----------
    included : DataFrame
        Included patients with their course and `end_of_treatment_score`, `end_of_treatment_assessed` (null without a
        usable scan) and `end_of_treatment_label_day` (first scan with that label, evaluable or not).

    Returns
    -------
    DataFrame
        Rows (patient, outcome, persistent_end_of_treatment, event_free, one boolean per group).
    """
    progressed = pl.col("first_progression_day").is_not_null()
    event_free = pl.col("efs_day").is_null()
    during = _progressed_during_maintenance()
    complete = ~during & (pl.col("end_of_treatment_score") == 0)
    persistent = ~during & (pl.col("end_of_treatment_assessed") >= 1)
    facts = included.select(
        "patient",
        during=during,
        complete=complete.fill_null(value=False),
        persistent_end_of_treatment=persistent.fill_null(value=False),
        event_free=event_free,
        progression=progressed,
    )
    persistent_response = pl.col("persistent_end_of_treatment") & pl.col("event_free")
    complete_response = pl.col("complete") & pl.col("event_free")
    outcome = (
        pl.when("during")
        .then(pl.lit(OUTCOMES[0]))
        .when("complete")
        .then(pl.lit(OUTCOMES[1]))
        .when(persistent_response)
        .then(pl.lit(OUTCOMES[2]))
        .when(pl.col("persistent_end_of_treatment") & pl.col("progression"))
        .then(pl.lit(OUTCOMES[3]))
        .otherwise(pl.lit(OUTCOMES[4]))
    )
    return facts.select(
        "patient",
        "persistent_end_of_treatment",
        "event_free",
        "progression",
        outcome=outcome,
        persistent_response=persistent_response,
        complete_response=complete_response,
        persistent_response_with_complete=persistent_response | complete_response,
    )


def _progressed_during_maintenance() -> pl.Expr:
    """Return whether progression came by the end of maintenance; without one, before the end of treatment."""
    progression = pl.col("first_progression_day")
    by_end = progression <= pl.col("maintenance_end")
    by_label = progression < pl.col("end_of_treatment_label_day")
    has_maintenance = pl.col("maintenance_start").is_not_null()
    return pl.when(has_maintenance).then(by_end).otherwise(by_label).fill_null(value=False)
