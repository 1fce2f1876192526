"""One row per patient: first events and the ends of the phases of treatment."""

import polars as pl

from residuum.records.vocabulary import EVENT_KINDS, SOFT_TISSUE

PROGRESSIONS = ("progression", "relapse")


def derive_courses(patients: pl.DataFrame, treatments: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return every patient with first events and phase ends, all in days from diagnosis.

    Returns
    -------
    DataFrame
        The columns of `patients` and `first_progression_day` (progression or relapse), `first_progression_skeletal`,
        `efs_day` and `efs_kind` (first of progression, relapse, second malignancy, death; null when censored),
        `death_day`, `hdc_count`, `hdc_end`, `hdc_end_assumed`, `maintenance_start`, `maintenance_end` (null when
        unknown), `maintenance_end_unknown`, `metastatic_rt_start`. Treatments that start on or after the first
        progression do not count for the phases.
    """
    courses = patients.join(_first_events(events), on="patient", how="left")
    before = treatments.join(courses.select("patient", "first_progression_day"), on="patient", how="inner").filter(
        pl.col("first_progression_day").is_null() | (pl.col("start_day") < pl.col("first_progression_day"))
    )
    return (
        courses.join(_hdc(before), on="patient", how="left")
        .join(_maintenance(before), on="patient", how="left")
        .join(_metastatic_radiotherapy(treatments), on="patient", how="left")
        .with_columns(
            pl.col("hdc_count").fill_null(0),
            pl.col("hdc_end_assumed", "maintenance_end_unknown").fill_null(value=False),
        )
        .sort("patient")
    )


def _first_events(events: pl.DataFrame) -> pl.DataFrame:
    rank = pl.col("kind").replace_strict({kind: rank for rank, kind in enumerate(EVENT_KINDS)}, return_dtype=pl.Int8)
    ordered = events.with_columns(rank=rank).sort("patient", "day", "rank")
    progression = pl.col("kind").is_in(list(PROGRESSIONS))
    return ordered.group_by("patient", maintain_order=True).agg(
        efs_day=pl.col("day").first(),
        efs_kind=pl.col("kind").first(),
        death_day=pl.col("day").filter(pl.col("kind") == "death").first(),
        first_progression_day=pl.col("day").filter(progression).first(),
        first_progression_skeletal=pl.col("skeletal").filter(progression).first(),
    )


def _hdc(treatments: pl.DataFrame) -> pl.DataFrame:
    end = pl.coalesce("end_day", "start_day")
    return (
        treatments.filter(phase="hdc")
        .group_by("patient")
        .agg(
            hdc_count=pl.len().cast(pl.Int64),
            hdc_end=end.max(),
            hdc_end_assumed=pl.col("end_day").is_null().any(),
        )
    )


def _maintenance(treatments: pl.DataFrame) -> pl.DataFrame:
    unknown = pl.col("end_day").is_null().any()
    return (
        treatments.filter(phase="maintenance")
        .group_by("patient")
        .agg(
            maintenance_start=pl.col("start_day").min(),
            maintenance_end=pl.when(~unknown).then(pl.col("end_day").max()),
            maintenance_end_unknown=unknown,
        )
    )


def _metastatic_radiotherapy(treatments: pl.DataFrame) -> pl.DataFrame:
    """Return the first radiotherapy of a skeletal region; a field on soft tissue alone is taken for the primary."""
    skeletal = pl.col("regions").str.split(";").list.set_difference([SOFT_TISSUE]).list.len() > 0
    return (
        treatments.filter(skeletal, phase="radiotherapy")
        .group_by("patient")
        .agg(metastatic_rt_start=pl.col("start_day").min())
    )
