"""efs.*, os.*, cif.*, logrank.*: survival by what was known at the origin."""

from collections.abc import Iterable

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.populations import derive_population_times
from residuum.cohort.survival import CAUSES, derive_times
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.report.numbers import Row
from residuum.report.rows.builders import LEVEL, missing, people
from residuum.stats.competing_risks import CumulativeIncidence, aalen_johansen
from residuum.stats.survival import KaplanMeier, kaplan_meier, log_rank

NOBODY = "nobody is left at the origin"


def survival_rows(analysis: Analysis) -> list[Row]:
    """Return survival at the milestones, the log-rank test of oligo v more, and competing first failures."""
    years = analysis.study.settings.analysis.milestones
    times = derive_population_times(analysis)
    rows: list[Row] = []
    for endpoint in ("efs", "os"):
        rows += _curve_rows(f"{endpoint}.landmark.included", times["included"], endpoint, years)
        rows += _curve_rows(f"{endpoint}.diagnosis.source", times["source"], endpoint, years)
    for name in ("oligo", "more", "not_persistent"):
        if name in times:
            rows += _curve_rows(f"efs.landmark.{name}", times[name], "efs", years)
        else:
            reason = "this study has no step persistent_after_hdc"
            rows += [missing(f"efs.landmark.{name}.{year}y", "probability", reason) for year in years]
    rows += _curve_rows("efs.fixed_landmark.included", _fixed_landmark(analysis), "efs", years)
    return [*rows, _log_rank_row(times["oligo"], times["more"]), *_incidence_rows(times["included"], years)]


def _fixed_landmark(analysis: Analysis) -> pl.DataFrame:
    landmark = pl.col("hdc_end") + analysis.study.rules["survival.fixed_landmark_days"]
    known_then = analysis.included.filter(pl.col("landmark_day") <= landmark)
    return derive_times(known_then, landmark)


def estimate_survival(times: pl.DataFrame, endpoint: str) -> KaplanMeier:
    """Return the Kaplan-Meier curve of one endpoint (``efs`` or ``os``) from the columns of `derive_times`."""
    return kaplan_meier(times[f"{endpoint}_time"].to_numpy(), times[f"{endpoint}_event"].to_numpy())


def estimate_incidence(times: pl.DataFrame) -> CumulativeIncidence:
    """Return the cumulative incidence of every cause of the first EFS event from the columns of `derive_times`."""
    return aalen_johansen(times["efs_time"].to_numpy(), times["cause"].to_list(), CAUSES)


def _curve_rows(name: str, times: pl.DataFrame, endpoint: str, years: Iterable[int]) -> list[Row]:
    if times.is_empty():
        return [missing(f"{name}.{year}y", "probability", NOBODY) for year in years]
    curve = estimate_survival(times, endpoint)
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


def _log_rank_row(oligo: pl.DataFrame, more: pl.DataFrame) -> Row:
    name = "logrank.efs.oligo_v_more"
    times = pl.concat([oligo.with_columns(group=pl.lit(0)), more.with_columns(group=pl.lit(1))])
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
    curve = estimate_incidence(times)
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
