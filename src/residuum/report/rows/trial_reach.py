"""trial.reach.*: the share f, and what irradiating residual uptake could reach, under both bounds and both cures."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from residuum.cohort.trial_view import BOUNDS as CLASSES
from residuum.cohort.trial_view import FIRST_FAILURES, estimate_target_failures, target_share
from residuum.records.design import BOUNDS, Bound
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.report.numbers import Row
from residuum.report.rows.builders import LEVEL, count_patients, missing, people
from residuum.trial.model.effect import LATE_YEARS
from residuum.trial.planning.eligible import EDGES_YEARS, HORIZON_YEARS
from residuum.trial.planning.reach import CURES, GAIN_YEARS, Cure
from residuum.trial.planning.shares import PRIORS, FirstEvents, count_first_events, derive_share_posterior
from residuum.trial.planning.study_reach import E_SOURCES, OVERALL, StudyReach

UNKNOWNS: Final = ("unknown_elsewhere", "unknown_at_target")
INTERVALS: Final = tuple(f"{int(low)}_{int(high)}y" for low, high in pairwise(EDGES_YEARS))
GAINS: Final = (*GAIN_YEARS, LATE_YEARS)
MEDIAN: Final = "posterior median, equal-tailed interval"
PRIOR_WORDS: Final = {"jeffreys": "Jeffreys prior", "flat": "flat prior", "sceptical": "sceptical prior"}
CURE_WORDS: Final[Mapping[Cure, str]] = {
    "cause_specific": "the effect lasts",
    "shared": "those event-free at 5 years are cured, so irradiation only delays",
}


def trial_reach_rows(reach: StudyReach) -> list[Row]:
    """Return first events, f by period, e, the EFS without irradiation, and the effects reached."""
    return [*_event_rows(reach), *_share_rows(reach), *_belief_rows(reach), *_effect_rows(reach)]


def _event_rows(reach: StudyReach) -> list[Row]:
    return [
        count_patients(
            f"trial.reach.events.{kind}.{period}", events.filter(first_failure=kind)["patient"], events.height
        )
        for period, events in reach.periods()
        for kind in FIRST_FAILURES
    ]


def _share_rows(reach: StudyReach) -> list[Row]:
    return [
        row
        for period, events in reach.periods()
        for bound in BOUNDS
        for row in _share_rows_of(reach, period, events, bound)
    ]


def _share_rows_of(reach: StudyReach, period: str, events: pl.DataFrame, bound: Bound) -> list[Row]:
    counts = count_first_events(events, bound)
    behind = people(events["patient"])
    name = f"trial.reach.f.{bound}"
    rows = [
        _posterior_row(f"{name}.{prior}.{period}", counts, weights, PRIOR_WORDS[prior], behind)
        for prior, weights in PRIORS.items()
    ]
    extremes = zip(UNKNOWNS, (counts.as_elsewhere(), counts.as_target()), strict=True)
    rows += [
        _posterior_row(f"{name}.{unknown}.{period}", extreme, PRIORS["jeffreys"], PRIOR_WORDS["jeffreys"], behind)
        for unknown, extreme in extremes
    ]
    return [*rows, _estimate_row(f"{name}.aalen_johansen.{period}", reach.first_failures, period, bound)]


def _posterior_row(
    name: str, events: FirstEvents, prior: tuple[float, float], words: str, behind: tuple[str, ...]
) -> Row:
    if events.known == 0:
        reason = "no first event of known place" if events.total else "no event by then"
        return missing(name, "proportion", reason)
    median, low, high = derive_share_posterior(events, prior).summary()
    method = f"{MEDIAN}; {words}; {events.target} at a target, {events.elsewhere} elsewhere, {events.other} other"
    if events.unknown:
        method += f", {events.unknown} unknown, taken as missing at random"
    return _interval_row(name, "proportion", (median, low, high), method, events.total, behind)


def _estimate_row(name: str, first_failures: pl.DataFrame, period: str, bound: Bound) -> Row:
    if first_failures.is_empty():
        return missing(name, "proportion", "nobody is oligo at the landmark")
    curve = estimate_target_failures(first_failures, CLASSES[bound])
    day = np.inf if period == OVERALL else int(period.removesuffix("y")) * DAYS_PER_YEAR
    share = target_share(curve, day)
    return Row(
        name,
        share,
        "proportion",
        method="Aalen-Johansen share of first EFS events, unknown ones not at a target",
        n=first_failures.height,
        at_risk=None if period == OVERALL else curve.at_risk(day),
        reason=None if share is not None else "no event by then",
        patients=people(first_failures["patient"]),
    )


def _belief_rows(reach: StudyReach) -> list[Row]:
    """Return e by its source, the hazards by interval, and the EFS without irradiation."""
    efs = {f"trial.reach.efs.{int(year)}y": year for year in GAIN_YEARS}
    hazards = [f"trial.reach.hazard.{interval}" for interval in INTERVALS]
    if reach.reason is not None:
        names = [*(f"trial.reach.{source}" for source in E_SOURCES), *hazards, *efs]
        units = ["share of hazard"] * len(E_SOURCES) + ["per year"] * len(hazards) + ["probability"] * len(efs)
        return [missing(name, unit, reach.reason) for name, unit in zip(names, units, strict=True)]
    prior = reach.drawn[E_SOURCES[0]]
    rows = [
        _interval_row(
            f"trial.reach.{source}", "share of hazard", _quantiles(drawn.local_effect), _source_of(reach, source)
        )
        for source, drawn in reach.drawn.items()
    ]
    behind, n = people(reach.first_failures["patient"]), reach.first_failures.height
    method = f"{MEDIAN}; constant hazard in the interval, gamma prior worth half an event"
    rows += [
        _interval_row(name, "per year", _quantiles(prior.hazards[:, k]), method, n, behind)
        for k, name in enumerate(hazards)
    ]
    method = f"{MEDIAN}; piecewise constant hazards, without irradiation"
    return rows + [
        _interval_row(name, "probability", _quantiles(prior.efs(year)), method, n, behind) for name, year in efs.items()
    ]


def _source_of(reach: StudyReach, source: str) -> str:
    if source == "e_derived":
        return "median and 95 % of 1 - ln(local control with) / ln(without), both by judgement"
    effect = reach.irradiation.local_effect
    assert effect is not None
    if effect.known:
        return f"taken as {effect.central:g}"
    return f"median and 95 % of the prior, {effect.distribution} {effect.low:g}, {effect.central:g}, {effect.high:g}"


def _effect_rows(reach: StudyReach) -> list[Row]:
    return [
        row
        for source in E_SOURCES
        for bound in BOUNDS
        for cure in CURES
        for row in _effects_of(reach, source, bound, cure)
    ]


def _effects_of(reach: StudyReach, source: str, bound: Bound, cure: Cure) -> list[Row]:
    name = f"trial.reach.{bound}.{cure}.{source}"
    names = {
        f"{name}.hazard_ratio": "ratio",
        **{f"{name}.gain.{int(year)}y": "difference in EFS" for year in GAINS},
        f"{name}.rmst_gain.{int(HORIZON_YEARS)}y": "years",
        f"{name}.worthwhile": "probability",
    }
    if reach.reason is not None:
        return [missing(one, unit, reach.reason) for one, unit in names.items()]
    effects = reach.drawn[source].effects[bound, cure]
    draws = [effects.hazard_ratio, *(effects.gains[year] for year in GAINS), effects.rmst_gain_years]
    behind, n = people(reach.first_failures["patient"]), reach.first_failures.height
    method = f"{MEDIAN}; {bound} bound of f; {CURE_WORDS[cure]}"
    *measured, (last, unit) = names.items()
    rows = [
        _interval_row(one, kind, _quantiles(values), method, n, behind)
        for (one, kind), values in zip(measured, draws, strict=True)
    ]
    criteria = reach.criteria
    share = float((effects.gains[criteria.worthwhile_year] >= criteria.worthwhile_points).mean())
    wanted = f"+{100 * criteria.worthwhile_points:g} points of EFS at {criteria.worthwhile_year:g} years"
    method = f"posterior probability of {wanted}; {bound} bound of f; {CURE_WORDS[cure]}"
    return [*rows, Row(last, share, unit, method=method, n=n, patients=behind)]


def _quantiles(draws: NDArray[np.float64]) -> tuple[float, float, float]:
    tail = (1 - LEVEL) / 2
    median, low, high = np.quantile(draws, (0.5, tail, 1 - tail))
    return float(median), float(low), float(high)


def _interval_row(
    name: str,
    unit: str,
    summary: tuple[float, float, float],
    method: str,
    n: int | None = None,
    behind: tuple[str, ...] | None = None,
) -> Row:
    median, low, high = summary
    return Row(name, median, unit, low=low, high=high, level=LEVEL, method=method, n=n, median=median, patients=behind)
