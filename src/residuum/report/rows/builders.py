"""Rows built from the patients behind them: counts, medians, and numbers that do not apply."""

import polars as pl

from residuum.report.numbers import Row
from residuum.stats.intervals import clopper_pearson
from residuum.stats.summaries import summarise

LEVEL = 0.95
SEED = 2025
NO_PAIRS = "no scan has two locked evaluable reads"
NO_CURIE = "the study has no Curie grades"


def people(patients: pl.Series) -> tuple[str, ...]:
    """Return the identifiers sorted, each once."""
    return tuple(patients.unique().sort())


def count_patients(name: str, patients: pl.Series, of: int | None = None) -> Row:
    """Return a count of patients, with its exact share of `of` where that is given and not 0."""
    behind = people(patients)
    if of is None:
        return Row(name, len(behind), "patients", patients=behind)
    if of == 0:
        return Row(name, 0, "patients", of=0, patients=behind, reason="the denominator is 0")
    low, high = clopper_pearson(len(behind), of, LEVEL)
    return Row(
        name,
        len(behind),
        "patients",
        of=of,
        proportion=len(behind) / of,
        low=low,
        high=high,
        level=LEVEL,
        method="exact (Clopper-Pearson)",
        patients=behind,
    )


def count_things(name: str, value: float, of: float, unit: str, patients: pl.Series) -> Row:
    """Return a count of sites or points; no interval, since those of one patient hang together."""
    return Row(name, value, unit, of=of, proportion=value / of if of else None, patients=people(patients))


def median_row(
    name: str,
    values: pl.Series,
    patients: pl.Series,
    unit: str,
    group: str | None = None,
    mode: str | None = None,
) -> Row:
    """Return a median with its range; missing values leave the row without their patients."""
    known = values.is_not_null()
    summary = summarise(values.filter(known).to_numpy())
    return Row(
        name,
        summary.median,
        unit,
        group=group,
        mode=mode,
        method="median [min-max]",
        n=summary.n,
        median=summary.median,
        min=summary.minimum,
        max=summary.maximum,
        reason=None if summary.n else "nobody in this group has this value",
        patients=people(patients.filter(known)),
    )


def missing(name: str, unit: str, reason: str, group: str | None = None, mode: str | None = None) -> Row:
    """Return a number that does not apply, and why."""
    return Row(name, None, unit, group=group, mode=mode, reason=reason)
