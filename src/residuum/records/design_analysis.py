"""Checks of the analysis of a design: looks, spending of the error, tests, and what is searched or borrowed."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from residuum.records.design import (
    Accrual,
    Assessment,
    Borrowing,
    Dropout,
    Failure,
    Primary,
    Profile,
    Radiotherapy,
    Search,
    Spending,
)
from residuum.records.design_faults import Fault, not_rising, possible, too_close, without_effect

MOST_LOOKS: Final = 20
# Bounds of looks that are closer cannot be computed.
SMALLEST_STEP: Final = 1e-3
ALPHA_TOLERANCE: Final = 1e-9

WITH_LOOKS: Final = ("log_rank", "stratified_log_rank", "weighted_log_rank")
WITH_HORIZON: Final = ("rmst", "milestone")
PARAMETERS: Final = {
    "hwang_shih_decani": (-40.0, 40.0, "a gamma from -40 to 40, for example -4"),
    "power": (0.01, 50.0, "a rho from 0.01 to 50, for example 3"),
}


def check_looks(primary: Primary) -> Iterator[Fault]:
    """Yield what is wrong with the looks alone."""
    events, years = primary.looks_events, primary.looks_years
    if not events and not years:
        yield Fault("design.looks_missing", "primary.looks_events")
    if events and years:
        yield Fault("design.looks_twice", "primary.looks_years", years)
    for key, looks in (("primary.looks_events", events), ("primary.looks_years", years)):
        yield from not_rising(key, looks)
        if len(looks) > MOST_LOOKS:
            yield Fault("design.too_many_looks", key, looks, {"looks": len(looks)})
    yield from too_close("primary.looks_years", years)
    if any(earlier < later < earlier / (1 - SMALLEST_STEP) for earlier, later in pairwise(events)):
        yield Fault("design.looks_too_close", "primary.looks_events", events)
    if years and not events:
        reason = "looks_years say when the last analysis is made"
        yield from without_effect(primary, "primary.", ("latest_year",), reason, "give looks_events")


def check_events(accrual: Accrual, primary: Primary) -> Iterator[Fault]:
    """Yield whether the looks do not fit the patients."""
    events = primary.looks_events
    if events and max(events) > accrual.patients:
        words = {"patients": accrual.patients}
        yield Fault("design.more_events_than_patients", "primary.looks_events", events, words)
    last = last_year(primary)
    if accrual.pattern == "uniform" and last is not None and last < accrual.years:
        key = "primary.looks_years" if primary.looks_years else "primary.latest_year"
        yield Fault("design.last_look_during_accrual", key, last, {"years": accrual.years})


def check_delay(radiotherapy: Radiotherapy | None, primary: Primary) -> Iterator[Fault]:
    """Yield whether irradiation acts only when everything is over."""
    last = last_year(primary)
    if radiotherapy is not None and last is not None and radiotherapy.delay_years >= last:
        words = {"last": last}
        yield Fault("design.delay_out_of_reach", "radiotherapy.delay_years", radiotherapy.delay_years, words)


def last_year(primary: Primary) -> float | None:
    """Return the calendar year by which the last analysis is made, None where events alone decide."""
    return max(primary.looks_years) if primary.looks_years else primary.latest_year


def check_latest_year(
    accrual: Accrual, failure: Failure, dropout: Dropout, assessment: Assessment | None, primary: Primary
) -> Iterator[Fault]:
    """Yield whether the events of the last look may never come, and nothing says what is done then."""
    if not primary.looks_events or primary.latest_year is not None:
        return
    hazards = failure.hazards_per_year
    may_be = {
        "accrual by centres may fall short": accrual.pattern == "centres",
        "some patients never fail (failure.cured)": possible(failure.cured),
        "the last hazard is 0": bool(hazards) and hazards[-1].central == 0,
        "patients may leave (dropout.per_year)": possible(dropout.per_year),
        "failures are seen at visits, which end in year 60": assessment is not None,
        "other first events censor (primary.endpoint)": primary.endpoint == "target_control",
    }
    reasons = "; ".join(reason for reason, holds in may_be.items() if holds)
    if reasons:
        yield Fault("design.latest_year_missing", "primary.latest_year", None, {"reasons": reasons})


def check_spending(primary: Primary) -> Iterator[Fault]:
    """Yield what does not fit together in how the error is spent over the looks."""
    spending, looks = primary.spending, max(len(primary.looks_events), len(primary.looks_years))
    if looks == 1:
        reason, names = "one look spends all the error at once", list(Spending.model_fields)
        yield from without_effect(spending, "primary.spending.", names, reason, "add a look")
        return
    if looks > 1 and spending.efficacy is None and spending.spent is None:
        yield Fault("design.spending_missing", "primary.spending.efficacy", None, {"looks": looks})
    if spending.efficacy is not None and spending.spent is not None:
        words = {"efficacy": spending.efficacy}
        yield Fault("design.alpha_spent_twice", "primary.spending.spent", spending.spent, words)
    if looks > 1 and spending.spent is not None:
        yield from _check_spent(spending.spent, primary.alpha, looks)
    yield from _check_parameter(spending, "efficacy")
    yield from _check_parameter(spending, "futility")
    if spending.futility is None:
        reason = "nothing is spent on futility"
        yield from without_effect(spending, "primary.spending.", ("beta",), reason, "choose `futility`")
    elif spending.beta >= 1 - primary.alpha:
        yield Fault("design.beta_too_large", "primary.spending.beta", spending.beta, {"most": 1 - primary.alpha})


def _check_spent(spent: tuple[float, ...], alpha: float, looks: int) -> Iterator[Fault]:
    key = "primary.spending.spent"
    if len(spent) != looks:
        yield Fault("design.spent_length", key, spent, {"entries": len(spent), "looks": looks})
    if any(later < earlier for earlier, later in pairwise(spent)):
        yield Fault("design.spent_falls", key, spent)
    over = next((number for number, error in enumerate(spent, start=1) if error > alpha + ALPHA_TOLERANCE), None)
    if over is not None:
        yield Fault("design.alpha_overspent", key, spent, {"alpha": alpha, "spent": spent[over - 1], "look": over})
    elif not spent or spent[-1] < alpha - ALPHA_TOLERANCE:
        words = {"alpha": alpha, "spent": spent[-1] if spent else 0.0}
        yield Fault("design.alpha_left_over", key, spent, words)
    else:
        yield from _check_left(spent, alpha)


def _check_left(spent: tuple[float, ...], alpha: float) -> Iterator[Fault]:
    """Yield whether nothing is left to spend at the last look; an early look may spend nothing."""
    done = next(number for number, error in enumerate(spent, start=1) if error >= alpha - ALPHA_TOLERANCE)
    if done < len(spent):
        yield Fault("design.alpha_spent_early", "primary.spending.spent", spent, {"alpha": alpha, "look": done})


def _check_parameter(spending: Spending, side: str) -> Iterator[Fault]:
    function, name = getattr(spending, side), f"{side}_parameter"
    key, value = f"primary.spending.{name}", getattr(spending, name)
    if function not in PARAMETERS:
        reason = f"`{side}` is no spending function with a parameter"
        instead = f"choose hwang_shih_decani or power as `{side}`"
        yield from without_effect(spending, "primary.spending.", (name,), reason, instead)
        return
    low, high, wanted = PARAMETERS[function]
    if value is None:
        yield Fault("design.parameter_missing", key, None, {"function": function, "wanted": wanted})
    elif not low <= value <= high:
        yield Fault("design.parameter_outside", key, value, {"function": function, "wanted": wanted})


def check_test(profiles: tuple[Profile, ...], primary: Primary, search: Search | None) -> Iterator[Fault]:
    """Yield what does not fit the primary test or the tests of the grid."""
    looks = max(len(primary.looks_events), len(primary.looks_years))
    if looks > 1 and primary.test not in WITH_LOOKS:
        yield Fault("design.one_look_only", "primary.test", primary.test, {"looks": looks})
    if primary.test == "stratified_log_rank" and len({profile.stratum for profile in profiles}) < 2:
        yield Fault("design.one_stratum", "primary.test", primary.test)
    if primary.test != "weighted_log_rank":
        reason, instead = f"{primary.test} has no weights of its own", 'write test = "weighted_log_rank"'
        yield from without_effect(primary, "primary.", ("rho", "gamma"), reason, instead)
    tests = (primary.test, *(search.tests if search is not None else ()))
    looking_ahead = [test for test in tests if test in WITH_HORIZON]
    if not looking_ahead:
        reason, instead = f"{primary.test} uses all follow-up", "choose rmst or milestone"
        yield from without_effect(primary, "primary.", ("horizon_years",), reason, instead)
    elif primary.horizon_years is None:
        yield Fault("design.horizon_missing", "primary.horizon_years", None, {"test": looking_ahead[0]})


def check_horizon(accrual: Accrual, primary: Primary, search: Search | None) -> Iterator[Fault]:
    """Yield whether nobody can be followed up to the horizon."""
    ends = [last_year(primary)] if primary.test in WITH_HORIZON else []
    if search is not None and not set(WITH_HORIZON).isdisjoint(search.tests):
        ends.append(accrual.years + min(search.follow_up_years))
    last = min((end for end in ends if end is not None), default=None)
    if primary.horizon_years is not None and last is not None and primary.horizon_years >= last:
        yield Fault("design.horizon_out_of_reach", "primary.horizon_years", primary.horizon_years, {"last": last})


def check_endpoint(failure: Failure, radiotherapy: Radiotherapy | None, primary: Primary) -> Iterator[Fault]:
    """Yield whether the endpoint can never occur."""
    if primary.endpoint != "target_control":
        return
    shares = failure.shares
    if radiotherapy is None:
        words = {"reason": "without [radiotherapy] failures have no place", "cure": 'Write endpoint = "efs".'}
        yield Fault("design.target_control_without_targets", "primary.endpoint", primary.endpoint, words)
    elif shares is not None and shares.target_only.central == 0:
        reason = "target_only is 0, so there is none under the exclusive bound"
        words = {"reason": reason, "cure": 'Raise failure.shares.target_only, or write endpoint = "efs".'}
        yield Fault("design.target_control_without_targets", "primary.endpoint", primary.endpoint, words)


def check_search(search: Search | None) -> Iterator[Fault]:
    """Yield what stands in the grid twice."""
    if search is None:
        return
    for name, values in search:
        if len(set(values)) < len(values):
            yield Fault("design.repeated", f"search.{name}", values)


def check_borrowing(borrowing: Borrowing | None) -> Iterator[Fault]:
    """Yield what does not fit together in the controls from outside."""
    if borrowing is not None and borrowing.events > borrowing.patients:
        words = {"patients": borrowing.patients}
        yield Fault("design.borrowed_events", "borrowing.events", borrowing.events, words)
