"""trial_view.*: where failures happen as a radiotherapy trial would see it, always with denominators."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from residuum.cohort.analysis import Analysis
from residuum.cohort.survival import OTHER_EVENTS, derive_times
from residuum.records.vocabulary import DAYS_PER_YEAR, SITE_CLASSES, TRIAL_CLASSES
from residuum.report.numbers import Row
from residuum.report.rows.builders import LEVEL, SEED, count_patients, count_things, missing, people
from residuum.stats.bootstrap import bootstrap_of_sums
from residuum.stats.competing_risks import aalen_johansen

REPLICATES = 2000
BOUNDS = {
    "exclusive": ("target_only",),
    "inclusive": ("target_only", "both"),
    "unknown_as_target": ("target_only", "both", "unclear", "unknown"),
}


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
    sums = _site_years(analysis)
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


def _site_years(analysis: Analysis) -> pl.DataFrame:
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


def _overlap_rows(analysis: Analysis) -> list[Row]:
    """Return how many failing sites had been seen before, and how many would have been by chance alone."""
    by_patient = (
        analysis.site_risks.group_by("patient")
        .agg(
            failing=pl.col("failed").sum(),
            old_failing=pl.col("failed").filter(pl.col("class") != "never_seen").sum(),
            old=pl.col("at_risk").filter(pl.col("class") != "never_seen").sum(),
            all=pl.col("at_risk").sum(),
        )
        .filter(pl.col("failing") > 0)
    )
    total = int(by_patient["failing"].sum())
    names = ("trial_view.overlap.observed", "trial_view.overlap.by_chance")
    if total == 0:
        return [missing(name, "sites", "no site failed") for name in names]
    observed = float(by_patient["old_failing"].sum())
    chance = float(by_patient.select((pl.col("failing") * pl.col("old") / pl.col("all")).sum()).item())
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
    oligo = analysis.included.filter("oligo")
    times = derive_times(oligo, pl.col("landmark_day"))
    return [row for bound, classes in BOUNDS.items() for row in _bound_rows(bound, classes, times, years)]


def _bound_rows(bound: str, classes: tuple[str, ...], times: pl.DataFrame, years: tuple[int, ...]) -> list[Row]:
    names = {year: f"trial_view.share.{bound}.{year}y" for year in years}
    if times.is_empty():
        return [missing(name, "proportion", "nobody is oligo at the landmark") for name in names.values()]
    at_target = pl.col("trial_class").is_in(list(classes)) & ~pl.col("cause").is_in(list(OTHER_EVENTS))
    cause = pl.when(pl.col("cause").is_not_null()).then(
        pl.when(at_target).then(pl.lit("target")).otherwise(pl.lit("other"))
    )
    causes = times.select(cause).to_series().to_list()
    curve = aalen_johansen(times["efs_time"].to_numpy(), causes, ("target", "other"))
    rows = []
    for year, name in names.items():
        target, other = (curve.value(one, year * DAYS_PER_YEAR) for one in ("target", "other"))
        known = target + other > 0
        rows.append(
            Row(
                name,
                target / (target + other) if known else None,
                "proportion",
                method="Aalen-Johansen share of first EFS events that are target failures",
                n=times.height,
                at_risk=curve.at_risk(year * DAYS_PER_YEAR),
                reason=None if known else "no event by then",
                patients=people(times["patient"]),
            )
        )
    return rows
