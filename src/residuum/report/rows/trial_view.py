"""trial_view.*: where failures happen as a radiotherapy trial would see it, always with denominators."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from residuum.cohort.analysis import Analysis
from residuum.cohort.trial_view import (
    BOUNDS,
    derive_first_failures,
    derive_overlap,
    derive_site_years,
    estimate_target_failures,
    target_share,
)
from residuum.records.vocabulary import DAYS_PER_YEAR, SITE_CLASSES, TRIAL_CLASSES
from residuum.report.numbers import Row
from residuum.report.rows.builders import LEVEL, SEED, count_patients, count_things, missing, people
from residuum.stats.bootstrap import bootstrap_of_sums

REPLICATES = 2000


def trial_view_rows(analysis: Analysis) -> list[Row]:
    """Return classes of patients, failures by class of site with rates, overlap by chance, and the share f."""
    progressed = analysis.included.filter("progression")
    rows = [
        count_patients(f"trial_view.patient.{name}", progressed.filter(trial_class=name)["patient"], progressed.height)
        for name in TRIAL_CLASSES
    ]
    return [*rows, *_failed_rows(analysis), *_rate_rows(analysis), *_overlap_rows(analysis), *_share_rows(analysis)]


def _failed_rows(analysis: Analysis) -> list[Row]:
    rows = []
    for name in SITE_CLASSES:
        risks = analysis.site_risks.filter(pl.col("class") == name)
        failed, at_risk = int(risks["failed"].sum()), int(risks["at_risk"].sum())
        behind = risks.filter(pl.col("failed") > 0)["patient"]
        rows.append(count_things(f"trial_view.site.{name}.failed", failed, at_risk, "sites", behind))
    return rows


def _rate_rows(analysis: Analysis) -> list[Row]:
    """Return failures per site-year by class and their ratio, without the progressions that no scan shows."""
    sums = derive_site_years(analysis)
    columns = [name for site_class in SITE_CLASSES for name in (f"{site_class}_failed", f"{site_class}_years")]
    table = sums.select(columns).to_numpy().astype(np.float64)
    totals = table.sum(axis=0)
    rows = []
    for k, name in enumerate(SITE_CLASSES):
        failed, years = totals[2 * k], totals[2 * k + 1]
        rate = f"trial_view.site.{name}.rate"
        rows.append(
            Row(
                rate,
                float(failed / years),
                "per site-year",
                of=float(years),
                n=sums.height,
                patients=people(sums["patient"]),
            )
            if years > 0
            else missing(rate, "per site-year", "no time at risk")
        )
    return [*rows, _ratio_row(analysis, sums["patient"], table)]


def _ratio_row(analysis: Analysis, patients: pl.Series, table: NDArray[np.float64]) -> Row:
    name = "trial_view.site.rate_ratio"
    totals = table.sum(axis=0)
    if not (totals[[1, 2, 3]] > 0).all():
        return missing(name, "ratio", "no target, or no failure of a site seen before and not avid at the landmark")
    few = patients.len() < analysis.study.rules["flag.few_patients"]
    low, high = (None, None) if few else bootstrap_of_sums(table, _ratio, REPLICATES, SEED, LEVEL)
    return Row(
        name,
        float(_ratio(totals)),
        "ratio",
        low=low,
        high=high,
        level=None if few else LEVEL,
        method="rate of targets over rate of sites seen before; percentile bootstrap of patients",
        n=patients.len(),
        patients=people(patients),
    )


def _ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rate ratio of target to prior_non_target from sums (..., failed and years by class)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((sums[..., 0] / sums[..., 1]) / (sums[..., 2] / sums[..., 3]))


def _overlap_rows(analysis: Analysis) -> list[Row]:
    """Return how many failing sites had been seen before, and how many would have been by chance alone."""
    by_patient = derive_overlap(analysis)
    total = int(by_patient["failing"].sum())
    names = ("trial_view.overlap.observed", "trial_view.overlap.by_chance")
    if total == 0:
        return [missing(name, "sites", "no site failed") for name in names]
    observed = float(by_patient["old_failing"].sum())
    chance = float(by_patient["by_chance"].sum())
    methods = ("failing sites seen before", "each place equally likely to fail")
    return [
        Row(
            name,
            value,
            "sites",
            of=total,
            proportion=value / total,
            method=method,
            patients=people(by_patient["patient"]),
        )
        for name, value, method in zip(names, (observed, chance), methods, strict=True)
    ]


def _share_rows(analysis: Analysis) -> list[Row]:
    years = analysis.study.settings.analysis.milestones
    failures = derive_first_failures(analysis)
    return [row for bound, classes in BOUNDS.items() for row in _bound_rows(bound, classes, failures, years)]


def _bound_rows(bound: str, classes: tuple[str, ...], failures: pl.DataFrame, years: tuple[int, ...]) -> list[Row]:
    names = {year: f"trial_view.share.{bound}.{year}y" for year in years}
    if failures.is_empty():
        return [missing(name, "proportion", "nobody is oligo at the landmark") for name in names.values()]
    curve = estimate_target_failures(failures, classes)
    rows = []
    for year, name in names.items():
        share = target_share(curve, year * DAYS_PER_YEAR)
        rows.append(
            Row(
                name,
                share,
                "proportion",
                method="Aalen-Johansen share of first EFS events that are target failures",
                n=failures.height,
                at_risk=curve.at_risk(year * DAYS_PER_YEAR),
                reason=None if share is not None else "no event by then",
                patients=people(failures["patient"]),
            )
        )
    return rows
