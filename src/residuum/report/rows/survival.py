"""efs.*, os.*, cif.*, logrank.*: survival by what was known at the origin."""

from collections.abc import Iterable
from functools import partial

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.survival import CAUSES, derive_times
from residuum.report.numbers import Row
from residuum.report.rows.builders import DAYS_PER_YEAR, LEVEL, missing, people
from residuum.stats.competing_risks import aalen_johansen
from residuum.stats.survival import KaplanMeier, kaplan_meier, log_rank

NOBODY = "nobody is left at the origin"


def landmark_population(analysis: Analysis, name: str) -> pl.DataFrame | None:
    """Return the times from the landmark of one population, None where its step is not part of the study.

    Parameters
    ----------
    analysis : Analysis
        The study.
    name : {"included", "oligo", "more", "not_persistent"}
        `oligo` and `more` split the included by their number of sites at the landmark; `not_persistent` are the
        children with a score of 0 there.
    """
    included = analysis.included
    if name == "not_persistent":
        if not {"evaluable_after_hdc", "persistent_after_hdc"} <= set(analysis.patients.columns):
            return None
        at_zero = (pl.col("landmark_score") == 0) & ~pl.col("persistent_after_hdc")
        members = analysis.patients.filter("evaluable_after_hdc").filter(at_zero)
    else:
        members = {
            "included": included,
            "oligo": included.filter("oligo"),
            "more": included.filter(~pl.col("oligo")),
        }[name]
    return derive_times(members, pl.col("landmark_day"))


def survival_rows(analysis: Analysis) -> list[Row]:
    """Return survival at the milestones, the log-rank test of oligo v more, and competing first failures."""
    years = analysis.study.settings.analysis.milestones
    source = derive_times(analysis.patients.filter(analysis.study.settings.population.steps[0]), pl.lit(0))
    included = landmark_population(analysis, "included")
    assert included is not None
    rows: list[Row] = []
    for endpoint in ("efs", "os"):
        rows += _curve_rows(f"{endpoint}.landmark.included", included, endpoint, years)
        rows += _curve_rows(f"{endpoint}.diagnosis.source", source, endpoint, years)
    for name in ("oligo", "more", "not_persistent"):
        population = landmark_population(analysis, name)
        if population is None:
            row = partial(missing, unit="probability", reason="this study has no step persistent_after_hdc")
            rows += [row(f"efs.landmark.{name}.{year}y") for year in years]
        else:
            rows += _curve_rows(f"efs.landmark.{name}", population, "efs", years)
    rows += _curve_rows("efs.fixed_landmark.included", _fixed_landmark(analysis), "efs", years)
    return [*rows, _log_rank_row(analysis), *_incidence_rows(included, years)]


def _fixed_landmark(analysis: Analysis) -> pl.DataFrame:
    landmark = pl.col("hdc_end") + analysis.study.rules["survival.fixed_landmark_days"]
    known_then = analysis.included.filter(pl.col("landmark_day") <= landmark)
    return derive_times(known_then, landmark)


def _curve_rows(name: str, times: pl.DataFrame, endpoint: str, years: Iterable[int]) -> list[Row]:
    if times.is_empty():
        return [missing(f"{name}.{year}y", "probability", NOBODY) for year in years]
    curve = kaplan_meier(times[f"{endpoint}_time"].to_numpy(), times[f"{endpoint}_event"].to_numpy())
    behind = people(times["patient"])
    return [_curve_row(f"{name}.{year}y", curve, year, behind) for year in years]


def _curve_row(name: str, curve: KaplanMeier, year: int, behind: tuple[str, ...]) -> Row:
    day = year * DAYS_PER_YEAR
    low, high = curve.interval(day, LEVEL)
    return Row(
        name,
        curve.value(day),
        "probability",
        low=low,
        high=high,
        level=LEVEL,
        method="Kaplan-Meier, log-log interval",
        n=len(behind),
        at_risk=curve.at_risk(day),
        patients=behind,
    )


def _log_rank_row(analysis: Analysis) -> Row:
    name = "logrank.efs.oligo_v_more"
    parts = [landmark_population(analysis, group) for group in ("oligo", "more")]
    tables = [part.with_columns(group=pl.lit(k)) for k, part in enumerate(parts) if part is not None]
    times = pl.concat(tables)
    if times["group"].n_unique() < 2:
        return missing(name, "chi-squared", "one of the groups is empty")
    test = log_rank(times["efs_time"].to_numpy(), times["efs_event"].to_numpy(), times["group"].to_numpy())
    return Row(
        name,
        test.chi_squared,
        "chi-squared",
        method="log-rank, 1 degree of freedom",
        n=times.height,
        p=test.p,
        reason=None if test.chi_squared is not None else "no event while both groups are at risk",
        patients=people(times["patient"]),
    )


def _incidence_rows(times: pl.DataFrame, years: Iterable[int]) -> list[Row]:
    names = [(cause, year, f"cif.landmark.{cause}.{year}y") for cause in CAUSES for year in years]
    if times.is_empty():
        return [missing(name, "probability", NOBODY) for _, _, name in names]
    curve = aalen_johansen(times["efs_time"].to_numpy(), times["cause"].to_list(), CAUSES)
    behind = people(times["patient"])
    rows = []
    for cause, year, name in names:
        day = year * DAYS_PER_YEAR
        low, high = curve.interval(cause, day, LEVEL)
        row = Row(
            name,
            curve.value(cause, day),
            "probability",
            low=low,
            high=high,
            level=LEVEL,
            method="Aalen-Johansen, log-log interval",
            n=len(behind),
            at_risk=curve.at_risk(day),
            patients=behind,
        )
        rows.append(row)
    return rows
