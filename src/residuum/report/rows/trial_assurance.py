"""trial.assurance.*, trial.sensitivity.*, trial.verdict.*: success averaged over what nobody knows, and the verdict."""

from collections.abc import Iterator, Mapping

import numpy as np

from residuum.records.design import Design
from residuum.report.numbers import Row
from residuum.report.rows.builders import LEVEL, missing
from residuum.stats.intervals import wilson
from residuum.trial.planning.analytic import HORIZON_YEARS
from residuum.trial.planning.assurance import ENDS, Assurance, Estimate, Outcome
from residuum.trial.planning.inputs import Inputs
from residuum.trial.planning.movers import MEASURES, Ends, Mover, most_by_end, movers
from residuum.trial.planning.priors import NORMAL_95
from residuum.trial.planning.variants import NO_FUNNEL, Variant, left_out
from residuum.trial.planning.verdict import VALUES, Verdict
from residuum.trial.simulation.draws import BLOCK

NOT_SHARED = "the probability of success varies no more over the draws than its Monte-Carlo error"
FEW_DRAWS = "too few draws, or no range to draw from"
NO_ERROR = 1e-12
"""A standard error below is rounding: all trials, or all draws, ended alike."""


def assurance_rows(design: Design, found: Mapping[Variant, Assurance], draws: int) -> Iterator[Row]:
    """Give the averages over the draws; readings that do not apply have a reason instead."""
    criteria = design.criteria
    means = {
        "": "success; mean over the draws",
        ".worthwhile": f"gain in EFS of at least {100 * criteria.worthwhile_points:g} points at "
        f"{criteria.worthwhile_year:g} years",
        ".both": "success and worthwhile",
        ".done": f"stopped within {criteria.done_years:g} years",
    }
    for variant, one in found.items():
        estimates = (one.success, one.worthwhile, one.both, one.done)
        for (ending, method), estimate in zip(means.items(), estimates, strict=True):
            name = f"trial.assurance.{variant.group}{ending}"
            if ending == ".worthwhile":
                yield count_row(name, round(estimate.value * draws), draws, f"{method}; share of the draws")
            else:
                yield estimate_row(name, estimate, method, draws, trials=draws * BLOCK)
    for variant in left_out(design):
        for ending in means:
            yield missing(f"trial.assurance.{variant.group}{ending}", "probability", NO_FUNNEL)


def share_rows(found: Mapping[Variant, Assurance], inputs: Inputs, ends: Mapping[Variant, Ends]) -> Iterator[Row]:
    """Give the share of variance of each input, and the inputs that move the probability of success most."""
    for variant, one in found.items():
        for place, path in enumerate(inputs.paths):
            yield _share_row(variant, one, path, place, len(inputs))
        for rank, mover in enumerate(movers(one, inputs, ends[variant]), start=1):
            name, method = f"trial.assurance.moves_most.{rank}", f"{mover.path}: {mover.words}"
            yield Row(name, mover.amount, "proportion", group=variant.group, method=method)


def sensitivity_rows(
    design: Design,
    inputs: Inputs,
    posed: Mapping[Variant, Mapping[str, Outcome]],
    ends: Mapping[Variant, Ends],
    trials: int,
) -> Iterator[Row]:
    """Give power, average hazard ratio, gain and time at the central values, by the other cure, and at both ends."""
    for variant, outcomes in posed.items():
        for name, outcome in outcomes.items():
            yield from _outcome_rows(f"trial.sensitivity.{name}", variant, outcome, "all central", trials, design)
        for path in inputs.paths:
            for end, values in zip(ENDS, (inputs.low, inputs.high), strict=True):
                where = f"at {values[inputs.paths.index(path)]:.4g}, the others central"
                name = f"trial.sensitivity.{path}.{end}"
                yield from _outcome_rows(name, variant, ends[variant][path, end], where, trials, design)
        for measure in MEASURES:
            yield _most_row(measure, variant, most_by_end(measure, inputs, ends[variant]))


def verdict_rows(design: Design, verdicts: Mapping[Variant, Verdict]) -> Iterator[Row]:
    """Give the verdicts: 2 feasible, 1 only under conditions, 0 not as posed; the words are the method."""
    for variant, verdict in verdicts.items():
        yield Row(f"trial.verdict.{variant.group}", VALUES[verdict.decision], "verdict", method=verdict.words)
    for variant in left_out(design):
        yield missing(f"trial.verdict.{variant.group}", "verdict", NO_FUNNEL)


def count_row(name: str, count: int, total: int, method: str, group: str | None = None, mode: str | None = None) -> Row:
    """Return a share of simulated trials or of draws, with the Wilson interval of its Monte-Carlo error."""
    low, high = wilson(count, total, LEVEL)
    words = f"{method}; Wilson interval of the Monte-Carlo error"
    return Row(
        name,
        count / total,
        "probability",
        group=group,
        mode=mode,
        low=low,
        high=high,
        level=LEVEL,
        method=words,
        n=total,
    )


def estimate_row(
    name: str,
    estimate: Estimate,
    method: str,
    n: int,
    group: str | None = None,
    mode: str | None = None,
    *,
    trials: int,
) -> Row:
    """Return a simulated mean of probabilities with the interval of its Monte-Carlo error.

    Parameters
    ----------
    name, method, n, group, mode
        Of the row.
    estimate : Estimate
        Mean with its standard error; without any, the interval is that of Wilson over all trials, since trials that all
        end alike do not make a probability of 0 or 1.
    trials : int
        Simulated for it.
    """
    words = f"{method}; interval of the Monte-Carlo error"
    low: float | None = max(estimate.value - NORMAL_95 * estimate.error, 0.0)
    high: float | None = min(estimate.value + NORMAL_95 * estimate.error, 1.0)
    if estimate.error < NO_ERROR:
        words = f"{method}; Wilson interval of the Monte-Carlo error over {trials:,} trials, which do not vary"
        low, high = wilson(round(estimate.value * trials), trials, LEVEL)
    return Row(
        name,
        estimate.value,
        "probability",
        group=group,
        mode=mode,
        low=low,
        high=high,
        level=LEVEL,
        method=words,
        n=n,
    )


def _share_row(variant: Variant, one: Assurance, path: str, place: int, draws: int) -> Row:
    name = f"trial.assurance.share.{path}"
    if one.shares is None:
        return missing(name, "proportion", NOT_SHARED if draws >= 50 else FEW_DRAWS, group=variant.group)
    share, half = float(one.shares.shares[place]), NORMAL_95 * float(one.shares.errors[place])
    return Row(
        name,
        share,
        "proportion",
        group=variant.group,
        low=share - half,
        high=share + half,
        level=LEVEL,
        method="first-order share of the variance of the probability of success; jackknife interval",
        n=draws,
    )


def _most_row(measure: str, variant: Variant, mover: Mover | None) -> Row:
    name, unit = f"trial.sensitivity.moves_most.{measure}", "ratio" if measure == "hazard_ratio" else "proportion"
    group, mode = variant.bound_name, variant.reading_name
    if mover is None:
        return missing(name, unit, "no range moves it beyond the Monte-Carlo error", group, mode)
    return Row(name, mover.amount, unit, group=group, mode=mode, method=f"{mover.path}: {mover.words}")


def _outcome_rows(
    name: str, variant: Variant, outcome: Outcome, where: str, trials: int, design: Design
) -> Iterator[Row]:
    group, mode, criteria = variant.bound_name, variant.reading_name, design.criteria
    yield count_row(name, round(outcome.power.value * trials), trials, f"power {where}", group, mode)
    done = f"stopped within {criteria.done_years:g} years, {where}"
    yield estimate_row(f"{name}.done", outcome.done, done, trials, group, mode, trials=trials)
    ratio = f"{name}.hazard_ratio"
    if outcome.hazard_ratio is None:
        yield missing(ratio, "ratio", "no events are expected", group, mode)
    else:
        method = f"average to {HORIZON_YEARS:g} years, {where}"
        yield Row(ratio, outcome.hazard_ratio, "ratio", group=group, mode=mode, method=method)
    gain = float(np.clip(outcome.gain, -1, 1))
    method = f"EFS difference at {criteria.worthwhile_year:g} years, {where}"
    yield Row(f"{name}.gain", gain, "proportion", group=group, mode=mode, method=method)
