"""The slow twin of the trial simulator: one simulated trial at a time, computed a second time in plain Python.

Written from docs/trial-model.md alone, never from the product: a mistake would have to be made twice to stay unseen.
Each rule is one function, patients are walked through one by one, failures and arrivals are found by bisection.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from residuum.records.design import Assessment, Design, Failure, Profile

BLOCK = 256
NUMBERS = {
    "failure": 0,
    "arrival": 1,
    "kind": 2,
    "cause": 3,
    "frailty": 4,
    "dropout": 5,
    "toxicity": 6,
    "detection": 7,
    "false_positive": 8,
    "centres": 9,
}
NEVER = math.inf
LAST_VISIT_YEAR = 60
NORMAL = NormalDist()


@dataclass(frozen=True)
class Kind:
    """A profile with two answers: irradiated as a control, irradiated as an experimental patient."""

    probability: float
    profile: Profile
    answers: tuple[bool, bool]


@dataclass(frozen=True)
class Patient:
    """One column of one replicate; who is not enrolled arrives never."""

    arrival: float
    arm: int
    stratum: int
    seen: float
    cause: str
    dropout: float

    def is_event(self, endpoint: str) -> bool:
        """Whether the trial would ever count this patient's event."""
        return self.seen < NEVER and self.seen <= self.dropout and (endpoint == "efs" or self.cause == "target")


@dataclass(frozen=True)
class Observation:
    """What a look knows of one patient."""

    time: float
    event: bool
    arm: int
    stratum: int


@dataclass(frozen=True)
class TwinTrial:
    """One simulated trial; the correlation is that of the two tests of a MaxCombo, else not a number."""

    look: int
    crossed: str
    cuts: list[float]
    events: list[int]
    enrolled: list[int]
    z: list[float]
    correlation: float
    hazard_ratio: float
    arrival: list[float]
    arm: list[int]
    seen: list[float]
    cause: list[str]
    dropout: list[float]


# ---------------------------------------------------------------- random arrays


def needed(design: Design) -> list[str]:
    """An array is drawn only where it is needed."""
    radiotherapy, assessment = design.radiotherapy, design.assessment
    wanted = {
        "failure": True,
        "arrival": True,
        "kind": len(kinds(design)) > 1,
        "cause": assessment is not None or design.primary.endpoint == "target_control",
        "frailty": design.failure.frailty_variance.central > 0,
        "dropout": design.dropout.per_year.central > 0,
        "toxicity": radiotherapy is not None and radiotherapy.toxicity_per_year.central > 0,
        "detection": assessment is not None and assessment.sensitivity.central < 1,
        "false_positive": assessment is not None and assessment.false_positive.central > 0,
        "centres": design.accrual.pattern == "centres",
    }
    return [name for name, use in wanted.items() if use]


def draw(design: Design, bound: str, seed: int, block: int, columns: int) -> dict[str, list[list[float]]]:
    """The random arrays of one block."""
    key = int.from_bytes(hashlib.sha256(design.id.encode()).digest()[:8], "big")
    drawn = {}
    for name in needed(design):
        generator = np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, key, block, NUMBERS[name]])))
        if name == "frailty":
            variance = design.failure.frailty_variance.central
            array = generator.standard_gamma(1 / variance, (BLOCK, columns)) * variance
        elif name == "centres":
            shape = design.accrual.shape.central
            array = generator.standard_gamma(shape, (BLOCK, design.accrual.centres)) / shape
        else:
            array = generator.random((BLOCK, columns))
        drawn[name] = array.tolist()
    return drawn


@lru_cache(maxsize=4)
def _remembered(design: Design, bound: str, seed: int, block: int, columns: int) -> dict[str, list[list[float]]]:
    return draw(design, bound, seed, block, columns)


# ---------------------------------------------------------------- arrival, arm, kind


def halved(reaches: Callable[[float], bool], low: float, high: float) -> float:
    """The smallest number in (low, high] that reaches, by bisection to the last bit; high reaches, low does not."""
    while True:
        middle = low + (high - low) / 2
        if middle in (low, high):
            return high
        if reaches(middle):
            high = middle
        else:
            low = middle


def children_per_year(design: Design) -> float:
    """Expected number randomised per year with every centre open."""
    accrual = design.accrual
    if accrual.per_year is not None:
        return accrual.per_year.central
    funnel = accrual.funnel
    assert funnel is not None
    steps = [funnel.enrolled_per_year, funnel.stage_m, funnel.persistent, funnel.oligo, funnel.consent]
    if funnel.persistent_of == "evaluable":
        steps.append(funnel.evaluable)
    return math.prod(step.central for step in steps)


def arrivals(design: Design, uniforms: list[float], gammas: list[float]) -> list[float]:
    """Calendar time at which each column is randomised, NEVER for those who are not enrolled."""
    accrual = design.accrual
    if accrual.pattern == "uniform":
        return [u * accrual.years for u in uniforms]
    centres = []
    for number, gamma in enumerate(gammas):
        opens = accrual.opening_years * number / (accrual.centres - 1) if accrual.centres > 1 else 0.0
        centres.append((opens, children_per_year(design) / accrual.centres * gamma))

    def expected(t: float) -> float:
        return sum(rate * (t - opens) for opens, rate in centres if t > opens)

    found, total = [], 0.0
    for u in uniforms:
        total += -math.log1p(-u)
        if expected(accrual.years) < total:
            found.append(NEVER)
        else:
            found.append(halved(lambda t, goal=total: expected(t) >= goal, 0.0, accrual.years))
    return found


def kinds(design: Design) -> list[Kind]:
    """Ordered by profile, then the control answer, then the experimental answer, no before yes."""
    therapy = design.radiotherapy
    crossover = therapy.crossover.central if therapy else 0.0
    compliance = therapy.compliance.central if therapy else 0.0
    found = []
    for profile in design.profiles:
        for as_control in (False, True):
            for as_experimental in (False, True):
                chance = profile.share
                chance *= crossover if as_control else 1 - crossover
                chance *= compliance if as_experimental else 1 - compliance
                if chance > 0:
                    found.append(Kind(chance, profile, (as_control, as_experimental)))
    return found


def kind_of(found: list[Kind], u: float) -> Kind:
    """The first kind whose cumulative probability exceeds u."""
    cumulative = 0.0
    for kind in found:
        cumulative += kind.probability
        if cumulative > u:
            return kind
    return found[-1]  # the probabilities add to a little less than 1


def arms(design: Design, strata: list[int]) -> list[int]:
    """Arm of each column, 0 control and 1 experimental, permuted within strata."""
    control, experimental = design.allocation
    met: dict[int, int] = {}
    found = []
    for stratum in strata:
        place = met.get(stratum, 0)
        met[stratum] = place + 1
        found.append(0 if place % (control + experimental) < control else 1)
    return found


# ---------------------------------------------------------------- hazards


def mean_over_profiles(design: Design, value: Callable[[Profile], float]) -> float:
    return sum(p.share * value(p) for p in design.profiles) / sum(p.share for p in design.profiles)


Weights = tuple[float, float, float]  # target, elsewhere, death


def weights(design: Design, bound: str, profile: Profile, arm: int) -> Weights:
    """Weights of the hazards of a patient of this profile while not irradiated."""
    risk = profile.risk / mean_over_profiles(design, lambda p: p.risk)
    if design.effect is not None:
        return 0.0, risk * (design.effect.hazard_ratio.central if arm else 1.0), 0.0
    failure, shares = design.failure, design.failure.shares
    assert shares is not None
    at_target = shares.target_only.central + (shares.both.central if bound == "inclusive" else 0.0)
    death = shares.death.central
    elsewhere = max(0.0, 1 - at_target - death)  # not below 0 by rounding
    targets = profile.targets**failure.target_power / mean_over_profiles(
        design, lambda p: p.targets**failure.target_power
    )
    cleared = (1 + profile.cleared) ** failure.cleared_power / mean_over_profiles(
        design, lambda p: (1 + p.cleared) ** failure.cleared_power
    )
    return risk * at_target * targets, risk * elsewhere * cleared, risk * death


def irradiated_weights(design: Design, before: Weights) -> Weights:
    """The same from `delay_years` on, of an irradiated patient."""
    therapy = design.radiotherapy
    assert therapy is not None
    effect, seeded = therapy.local_effect.central, therapy.seeded_elsewhere.central
    return before[0] * (1 - effect), before[1] * (1 - seeded * effect), before[2]


def baseline(failure: Failure, t: float) -> float:
    """Cumulative hazard L(t)."""
    if failure.baseline == "weibull":
        assert failure.median_years is not None
        return math.log(2) * (t / failure.median_years.central) ** failure.shape.central
    if failure.baseline == "exponential":
        return exponential_hazard(failure) * t
    total = 0.0
    ends = [*failure.from_years[1:], NEVER]
    for start, end, hazard in zip(failure.from_years, ends, failure.hazards_per_year, strict=True):
        if t > start:
            total += hazard.central * (min(t, end) - start)
    return total


def exponential_hazard(failure: Failure) -> float:
    if failure.hazard_per_year is not None:
        return failure.hazard_per_year.central
    if failure.efs_at is not None:
        return -math.log(failure.efs_at[1]) / failure.efs_at[0]
    assert failure.median_years is not None
    return math.log(2) / failure.median_years.central


def control_hazard(failure: Failure, t: float) -> float:
    """H(t), minus the logarithm of the EFS of a control of average weight (of those uncured, for a shared cure)."""
    value, cured = baseline(failure, t), failure.cured.central
    if cured > 0 and failure.cure == "cause_specific":
        return -math.log1p((1 - cured) * math.expm1(-value))  # p + (1 - p) e^-L = 1 + (1 - p) (e^-L - 1)
    return value


def conditional_hazard(failure: Failure, t: float) -> float:
    """G(t): the hazard given a frailty of 1."""
    value, variance = control_hazard(failure, t), failure.frailty_variance.central
    if variance == 0:
        return value
    return math.expm1(variance * value) / variance if variance * value < 700 else NEVER


def failure_time(
    failure: Failure, u: float, frailty: float, before: Weights, after: Weights, delay: float | None
) -> float:
    """T: bisection on the sum of the cumulative hazards of the three causes."""
    cured = failure.cured.central
    if cured > 0 and failure.cure == "shared":
        if u <= cured:
            return NEVER
        u = (u - cured) / (1 - cured)
    goal = -math.log1p(-u)
    at_delay = 0.0 if delay is None else conditional_hazard(failure, delay)

    def cumulative(t: float) -> float:
        value = conditional_hazard(failure, t)
        total = 0.0
        for early, late in zip(before, after, strict=True):
            if delay is None or t <= delay:
                total += frailty * early * value if early else 0.0
            else:
                total += frailty * early * at_delay
                total += frailty * late * (value - at_delay) if late else 0.0
        return total

    high = 1.0
    while cumulative(high) < goal:
        high *= 2
        if high > 1e15:
            return NEVER
    return halved(lambda t: cumulative(t) >= goal, 0.0, high)


def cause_of(u: float, weights_then: Weights) -> str:
    target, elsewhere, death = weights_then
    total = target + elsewhere + death
    if u < target / total:
        return "target"
    return "elsewhere" if u < (target + elsewhere) / total else "death"


# ---------------------------------------------------------------- what is seen


@cache
def visits(assessment: Assessment) -> tuple[float, ...]:
    """Visits in years, up to year 60, in exact arithmetic on the decimals of the design file."""
    found: list[Fraction] = []
    start = Fraction(0)
    periods = list(zip(assessment.every_months, assessment.until_years, strict=True))
    for months, until in [*periods, (assessment.every_months[-1], LAST_VISIT_YEAR)]:
        step, end = Fraction(str(months)) / 12, Fraction(str(until))
        visit = start + step
        while visit <= min(end, LAST_VISIT_YEAR):
            found.append(visit)
            visit += step
        start = end
    return tuple(float(visit) for visit in found)


def trials_before_success(u: float, chance: float) -> float:
    """Failures before the first success of a geometric number."""
    if chance == 0:
        return NEVER
    return math.floor(math.log(1 - u) / math.log(1 - chance))


def seen_at_visits(
    assessment: Assessment, time: float, cause: str, visible: float, detection: float, false_positive: float
) -> tuple[float, str]:
    """When, and as what, a first failure at `time` is seen."""
    schedule = visits(assessment)
    seen, seen_cause = NEVER, "none"
    if cause == "death":
        seen, seen_cause = time, cause
    elif time < NEVER:
        at = next((number for number, visit in enumerate(schedule) if visit >= visible), NEVER)
        if assessment.sensitivity.central < 1:
            at += trials_before_success(detection, assessment.sensitivity.central)
        if at < len(schedule):
            seen, seen_cause = schedule[int(at)], cause
    if assessment.false_positive.central > 0:
        at = trials_before_success(false_positive, assessment.false_positive.central)  # visit n = 1 + at
        if at < len(schedule) and schedule[int(at)] < seen:
            return schedule[int(at)], "elsewhere"
    return seen, seen_cause


# ---------------------------------------------------------------- patients


def patient(design: Design, bound: str, kind: Kind, arm: int, arrival: float, drawn: dict[str, float]) -> Patient:
    """One patient from randomisation to the event that would be seen."""
    before = weights(design, bound, kind.profile, arm)
    irradiated = design.radiotherapy is not None and kind.answers[arm]
    delay = design.radiotherapy.delay_years if design.radiotherapy is not None and irradiated else None
    after = irradiated_weights(design, before) if irradiated else before
    time = failure_time(design.failure, drawn["failure"], drawn.get("frailty", 1.0), before, after, delay)
    cause = "none"
    if time < NEVER:
        late = delay is not None and time > delay
        cause = cause_of(drawn["cause"], after if late else before) if "cause" in drawn else "any"
        cause = "elsewhere" if design.effect is not None else cause
    visible = time
    if delay is not None:
        if "toxicity" in drawn:
            assert design.radiotherapy is not None
            toxic = delay - math.log1p(-drawn["toxicity"]) / design.radiotherapy.toxicity_per_year.central
            time, cause = (toxic, "death") if toxic < time else (time, cause)
        if cause == "target" and design.assessment is not None:
            visible = max(time, delay + design.assessment.clearing_days.central / 365.25)
    if design.assessment is not None:
        time, cause = seen_at_visits(
            design.assessment, time, cause, visible, drawn.get("detection", 0.0), drawn.get("false_positive", 0.0)
        )
    rate = design.dropout.per_year.central
    dropout = -math.log1p(-drawn["dropout"]) / rate if rate > 0 else NEVER
    return Patient(arrival, arm, kind.profile.stratum, time, cause, dropout)


def patients_of(design: Design, bound: str, rows: dict[str, list[float]]) -> list[Patient]:
    """The patients of one replicate, from its row of every array."""
    number = design.accrual.patients
    found = kinds(design)
    chosen = [kind_of(found, rows["kind"][i]) if "kind" in rows else found[0] for i in range(number)]
    arm_of = arms(design, [kind.profile.stratum for kind in chosen])
    arrive = arrivals(design, rows["arrival"][:number], rows.get("centres", []))
    made = []
    for i in range(number):
        drawn = {name: values[i] for name, values in rows.items() if name not in ("centres", "kind", "arrival")}
        made.append(patient(design, bound, chosen[i], arm_of[i], arrive[i], drawn))
    return made


# ---------------------------------------------------------------- tests


def event_times(rows: Iterable[Observation]) -> list[float]:
    return sorted({row.time for row in rows if row.event})


def rank_terms(rows: list[Observation]) -> list[tuple[float, float, float]]:
    """At each time with events: observed minus expected in the experimental arm, variance, pooled S just before."""
    terms, survival = [], 1.0
    for time in event_times(rows):
        at_risk = {i for i, row in enumerate(rows) if row.time >= time}
        failing = {i for i in at_risk if rows[i].event and rows[i].time == time}
        experimental = {i for i in at_risk if rows[i].arm == 1}
        n, d, n1 = len(at_risk), len(failing), len(experimental)
        difference = len(failing & experimental) - d * n1 / n
        variance = d * (n1 / n) * (1 - n1 / n) * (n - d) / (n - 1) if n > 1 else 0.0
        terms.append((difference, variance, survival))
        survival *= 1 - d / n
    return terms


def weighted_sums(rows: list[Observation], rho: float, gamma: float) -> tuple[float, float]:
    """Sums of observed minus expected, and of its variance, with Fleming-Harrington weights."""
    difference = variance = 0.0
    for one, spread, survival in rank_terms(rows):
        weight = survival**rho * (1 - survival) ** gamma
        difference += weight * one
        variance += weight**2 * spread
    return difference, variance


def standardised(value: float, variance: float) -> float:
    """Z is 0 where its variance is 0."""
    return value / math.sqrt(variance) if variance > 0 else 0.0


def rank_z(rows: list[Observation], rho: float = 0.0, gamma: float = 0.0) -> float:
    difference, variance = weighted_sums(rows, rho, gamma)
    return standardised(-difference, variance)


def stratified_sums(rows: list[Observation]) -> tuple[float, float]:
    """Numerator and variance summed over strata."""
    difference = variance = 0.0
    for stratum in sorted({row.stratum for row in rows}):
        one, spread = weighted_sums([row for row in rows if row.stratum == stratum], 0.0, 0.0)
        difference, variance = difference + one, variance + spread
    return difference, variance


def stratified_z(rows: list[Observation]) -> float:
    difference, variance = stratified_sums(rows)
    return standardised(-difference, variance)


def max_combo(rows: list[Observation]) -> tuple[float, float]:
    """The larger of Z(0, 0) and Z(0, 1), and their estimated correlation; 0 and 1 where a variance is 0."""
    terms = rank_terms(rows)
    plain = sum(variance for _, variance, _ in terms)
    late = sum(variance * (1 - survival) ** 2 for _, variance, survival in terms)
    shared = sum(variance * (1 - survival) for _, variance, survival in terms)
    if plain == 0 or late == 0:
        return 0.0, 1.0
    return max(rank_z(rows), rank_z(rows, 0.0, 1.0)), min(shared / math.sqrt(plain * late), 1.0)


def both_below(bound: float, correlation: float) -> float:
    """Probability that two standard normal numbers are both below: Plackett's integral by Simpson's rule."""
    steps = 400
    width = math.asin(correlation) / steps
    total = 0.0
    for step in range(steps + 1):
        weight = 1 if step in (0, steps) else 4 if step % 2 else 2
        total += weight * math.exp(-(bound**2) / (1 + math.sin(step * width)))
    return NORMAL.cdf(bound) ** 2 + total * width / 3 / (2 * math.pi)


def as_one_test(larger: float, correlation: float) -> float:
    """The Z of a single test with the p-value of the larger of two."""
    return NORMAL.inv_cdf(both_below(larger, correlation))


def critical_value(correlation: float, alpha: float) -> float:
    """What the larger of the two exceeds with probability alpha."""
    return halved(lambda bound: both_below(bound, correlation) >= 1 - alpha, 0.0, 8.0)


@dataclass(frozen=True)
class Step:
    """One step of a Kaplan-Meier curve."""

    time: float
    at_risk: int
    failing: int
    survival: float


def kaplan_meier(rows: list[Observation]) -> list[Step]:
    steps, survival = [], 1.0
    for time in event_times(rows):
        at_risk = sum(row.time >= time for row in rows)
        failing = sum(row.event and row.time == time for row in rows)
        survival = survival * (at_risk - failing) / at_risk
        steps.append(Step(time, at_risk, failing, survival))
    return steps


def milestone(rows: list[Observation], horizon: float) -> tuple[float, float]:
    """Kaplan-Meier estimate at the horizon and its Greenwood variance, 0 where the estimate is 0."""
    survival, total = 1.0, 0.0
    for step in kaplan_meier(rows):
        if step.time <= horizon:
            survival = step.survival
            if step.at_risk > step.failing:
                total += step.failing / (step.at_risk * (step.at_risk - step.failing))
    return survival, survival**2 * total


def restricted_mean(rows: list[Observation], horizon: float) -> tuple[float, float]:
    """Area under the curve to the horizon and its variance."""
    steps = [step for step in kaplan_meier(rows) if step.time < horizon]

    def area(start: float) -> float:
        """Area from a time on, rectangle by rectangle."""
        corners = [0.0, *(step.time for step in steps), horizon]
        heights = [1.0, *(step.survival for step in steps)]
        pieces = zip(corners, corners[1:], heights, strict=False)
        return sum((right - max(left, start)) * height for left, right, height in pieces if right > start)

    variance = 0.0
    for step in steps:
        if step.at_risk > step.failing:
            variance += area(step.time) ** 2 * step.failing / (step.at_risk * (step.at_risk - step.failing))
    return area(0.0), variance


def curve_z(
    rows: list[Observation], summary: Callable[[list[Observation], float], tuple[float, float]], at: float
) -> float:
    control, control_variance = summary([row for row in rows if row.arm == 0], at)
    experimental, experimental_variance = summary([row for row in rows if row.arm == 1], at)
    return standardised(experimental - control, control_variance + experimental_variance)


def statistic(design: Design, rows: list[Observation]) -> float:
    primary = design.primary
    if primary.test == "log_rank":
        return rank_z(rows)
    if primary.test == "stratified_log_rank":
        return stratified_z(rows)
    if primary.test == "weighted_log_rank":
        return rank_z(rows, primary.rho, primary.gamma)
    if primary.test == "max_combo":
        return max_combo(rows)[0]
    assert primary.horizon_years is not None
    return curve_z(rows, restricted_mean if primary.test == "rmst" else milestone, primary.horizon_years)


def peto(rows: list[Observation], *, stratified: bool = False) -> float:
    """Peto's hazard ratio: of the stratified log-rank test where that is the test; 1 where the variance is 0."""
    difference, variance = stratified_sums(rows) if stratified else weighted_sums(rows, 0.0, 0.0)
    return math.exp(difference / variance) if variance > 0 else 1.0


# ---------------------------------------------------------------- looks


def observed(patients: list[Patient], endpoint: str, cut: float) -> list[Observation]:
    """What is known at a calendar time.

    An event is compared as arrival + seen <= cut: the cut may be that very sum, and cut - arrival rounds.
    """
    rows = []
    for one in patients:
        if one.arrival <= cut:
            event = one.is_event(endpoint) and one.arrival + one.seen <= cut
            time = one.seen if event else min(one.seen, one.dropout, cut - one.arrival)
            rows.append(Observation(time, event, one.arm, one.stratum))
    return rows


def look_times(design: Design, patients: list[Patient]) -> tuple[list[float], bool]:
    """Calendar time of each look, and whether the last one is forced."""
    primary = design.primary
    if primary.looks_years:
        return list(primary.looks_years), False
    events = sorted(one.arrival + one.seen for one in patients if one.is_event(primary.endpoint))
    events = [time for time in events if time < NEVER]
    latest = NEVER if primary.latest_year is None else primary.latest_year
    cuts = []
    for planned in primary.looks_events:
        cut = events[planned - 1] if planned <= len(events) else NEVER
        if cut > latest or cut == NEVER:
            if latest == NEVER:
                raise ValueError(f"only {len(events)} of {planned} events come, and there is no latest_year")
            return [*cuts, latest], True
        cuts.append(cut)
    return cuts, False


def crossing(z: float, efficacy: float, futility: float) -> str:
    if z >= efficacy:
        return "efficacy"
    return "futility" if z <= futility else "none"


def twin_trial(
    design: Design,
    bound: str,
    seed: int,
    block: int,
    row: int,
    efficacy: Sequence[float],
    futility: Sequence[float],
    forced: Callable[[int, int], float],
    columns: int | None = None,
) -> TwinTrial:
    """Replicate block x 256 + row."""
    arrays = _remembered(design, bound, seed, block, columns or design.accrual.patients)
    patients = patients_of(design, bound, {name: array[row] for name, array in arrays.items()})
    cuts, is_forced = look_times(design, patients)
    tables = [observed(patients, design.primary.endpoint, cut) for cut in cuts]
    events = [sum(one.event for one in rows) for rows in tables]
    z: list[float] = []
    correlation = math.nan
    crossed = "none"
    for number, rows in enumerate(tables):
        z.append(statistic(design, rows))
        upper, lower = efficacy[number], futility[number]
        if is_forced and number == len(cuts) - 1:
            upper, lower = forced(number, events[number]), -math.inf
        if design.primary.test == "max_combo":
            correlation = max_combo(rows)[1]
            upper = critical_value(correlation, design.primary.alpha)
        crossed = crossing(z[-1], upper, lower)
        if crossed != "none":
            break
    return TwinTrial(
        look=len(z),
        crossed=crossed,
        cuts=cuts,
        events=events,
        enrolled=[len(rows) for rows in tables],
        z=z,
        correlation=correlation,
        hazard_ratio=peto(tables[len(z) - 1], stratified=design.primary.test == "stratified_log_rank"),
        arrival=[one.arrival for one in patients],
        arm=[one.arm for one in patients],
        seen=[one.seen for one in patients],
        cause=[one.cause for one in patients],
        dropout=[one.dropout for one in patients],
    )
