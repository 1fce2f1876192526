"""Checks of the patients of a design: how they come, of what kind they are, how they fail, what irradiation does."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from residuum.records.design import Accrual, Assessment, Effect, Failure, Profile, Radiotherapy
from residuum.records.design_faults import Fault, not_rising, too_close, without_effect

REGIONS: Final = 28
LARGEST_BLOCK: Final = 8
SHARES_TOLERANCE: Final = 1e-6

_OF_BASELINE: Final = {
    "exponential": ("hazard_per_year", "efs_at", "median_years"),
    "weibull": ("median_years", "shape"),
    "piecewise": ("from_years", "hazards_per_year"),
}


def check_accrual(accrual: Accrual) -> Iterator[Fault]:
    """Yield what does not fit together in how patients come."""
    if accrual.pattern == "uniform":
        unused = ("per_year", "centres", "opening_years", "shape")
        reason = "uniform accrual spreads the patients evenly over accrual.years"
        yield from without_effect(accrual, "accrual.", unused, reason, 'write pattern = "centres"')
        return
    if accrual.per_year is None and accrual.funnel is None:
        yield Fault("design.accrual_missing", "accrual.per_year")
    if accrual.per_year is not None and accrual.funnel is not None:
        yield Fault("design.accrual_twice", "accrual.per_year", accrual.per_year)
    if accrual.centres > 1 and accrual.opening_years >= accrual.years:
        words = {"years": accrual.years}
        yield Fault("design.centres_open_too_late", "accrual.opening_years", accrual.opening_years, words)


def check_allocation(allocation: tuple[int, int]) -> Iterator[Fault]:
    """Yield what is wrong with the allocation."""
    if min(allocation) < 1 or sum(allocation) > LARGEST_BLOCK:
        yield Fault("design.allocation", "allocation", allocation)


def check_block(accrual: Accrual, allocation: tuple[int, int]) -> Iterator[Fault]:
    """Yield whether the patients do not fill one round of the allocation."""
    block = sum(allocation)
    if block <= LARGEST_BLOCK and accrual.patients < block:
        yield Fault("design.too_few_patients", "accrual.patients", accrual.patients, {"block": block})


def check_profiles(profiles: tuple[Profile, ...]) -> Iterator[Fault]:
    """Yield what does not fit together in the kinds of patient."""
    total = sum(profile.share for profile in profiles)
    if abs(total - 1) > SHARES_TOLERANCE:
        shares = [profile.share for profile in profiles]
        yield Fault("design.profile_shares", "profiles", shares, {"total": total})
    for name, count in Counter(profile.name for profile in profiles).items():
        if count > 1:
            yield Fault("design.profile_name_twice", "profiles", name)
    for number, profile in enumerate(profiles, start=1):
        sites = profile.targets + profile.cleared
        if sites > REGIONS:
            yield Fault("design.profile_sites", f"profiles[{number}].cleared", profile.cleared, {"total": sites})


def check_failure(failure: Failure) -> Iterator[Fault]:
    """Yield what does not fit together in when patients fail."""
    kept = _OF_BASELINE[failure.baseline]
    others = {name for names in _OF_BASELINE.values() for name in names} - set(kept)
    reason = f"it belongs to another baseline than {failure.baseline}"
    yield from without_effect(failure, "failure.", sorted(others), reason, "choose its baseline")
    if failure.baseline == "piecewise":
        yield from _check_intervals(failure)
    elif failure.baseline == "weibull" and failure.median_years is None:
        words = {"baseline": "weibull", "wanted": "failure.median_years"}
        yield Fault("design.baseline_missing", "failure.median_years", None, words)
    elif failure.baseline == "exponential":
        yield from _check_constant_hazard(failure)
    if failure.cured.central == 0 and failure.cured.known:
        yield from without_effect(failure, "failure.", ("cure",), "nobody is cured", "raise failure.cured above 0")


def _check_constant_hazard(failure: Failure) -> Iterator[Fault]:
    given = [name for name in _OF_BASELINE["exponential"] if getattr(failure, name) is not None]
    if not given:
        words = {"baseline": "exponential", "wanted": "hazard_per_year, median_years or efs_at in [failure]"}
        yield Fault("design.baseline_missing", "failure.hazard_per_year", None, words)
    if len(given) > 1:
        value = getattr(failure, given[1])
        yield Fault("design.baseline_twice", f"failure.{given[1]}", value, {"given": ", ".join(given)})


def _check_intervals(failure: Failure) -> Iterator[Fault]:
    starts = failure.from_years
    hazards = [hazard.central for hazard in failure.hazards_per_year]
    for key, values in (("from_years", starts), ("hazards_per_year", hazards)):
        if not values:
            words = {"baseline": "piecewise", "wanted": f"failure.{key}"}
            yield Fault("design.baseline_missing", f"failure.{key}", None, words)
    if starts and starts[0] != 0:
        yield Fault("design.piecewise_start", "failure.from_years", starts)
    yield from not_rising("failure.from_years", starts)
    yield from too_close("failure.from_years", starts)
    if starts and hazards and len(starts) != len(hazards):
        counts = {"hazards": len(hazards), "intervals": len(starts)}
        yield Fault("design.piecewise_lengths", "failure.hazards_per_year", hazards, counts)
    if hazards and max(hazards) == 0:
        yield Fault("design.no_hazard", "failure.hazards_per_year", hazards)


def check_effect(failure: Failure, effect: Effect | None, radiotherapy: Radiotherapy | None) -> Iterator[Fault]:
    """Yield whether the effect is given not at all, twice, or without what it acts on."""
    if effect is None and radiotherapy is None:
        yield Fault("design.effect_missing", "effect")
    elif effect is not None and radiotherapy is not None:
        yield Fault("design.effect_twice", "effect.hazard_ratio", effect.hazard_ratio)
    elif effect is not None:
        reason = "under [effect] failures have no place"
        unused = ("shares", "bound", "target_power", "cleared_power")
        yield from without_effect(failure, "failure.", unused, reason, "give [radiotherapy] instead of [effect]")
    elif failure.shares is None:
        yield Fault("design.shares_missing", "failure.shares")


def check_radiotherapy(radiotherapy: Radiotherapy | None) -> Iterator[Fault]:
    """Yield what does not fit together in what irradiation does."""
    if radiotherapy is None:
        return
    crossover, compliance = radiotherapy.crossover.central, radiotherapy.compliance.central
    if crossover > compliance:
        words = {"compliance": compliance}
        yield Fault("design.crossover_above_compliance", "radiotherapy.crossover", crossover, words)


def check_assessment(assessment: Assessment | None, radiotherapy: Radiotherapy | None) -> Iterator[Fault]:
    """Yield what does not fit together in the visits."""
    if assessment is None:
        return
    intervals, periods = len(assessment.every_months), len(assessment.until_years)
    if intervals != periods:
        words = {"intervals": intervals, "periods": periods}
        yield Fault("design.visit_periods", "assessment.every_months", assessment.every_months, words)
    yield from not_rising("assessment.until_years", assessment.until_years)
    yield from too_close("assessment.until_years", assessment.until_years)
    if radiotherapy is None:
        unused, reason = ("clearing_days",), "nobody is irradiated under [effect]"
        yield from without_effect(assessment, "assessment.", unused, reason, "give [radiotherapy] instead of [effect]")
