"""Checks of keys that change nothing in a design although they are possible: somebody meant something by them.

A range counts as what it reaches: where some value within it would let a key act, the key is not refused.
"""

from collections.abc import Iterator
from typing import Final

from residuum.records.design import Accrual, Assessment, Effect, Failure, Profile, Quantity, Radiotherapy, Shares
from residuum.records.design_faults import Fault, possible, without_effect

_NOBODY: Final = ("nobody is irradiated (compliance is 0)", "raise radiotherapy.compliance above 0")


def check_alike(profiles: tuple[Profile, ...]) -> Iterator[Fault]:
    """Yield what tells no profile from another: hazards are relative, and one stratum is none."""
    for name in ("risk", "stratum"):
        if _alike(profiles, name):
            yield from _in_profiles(
                profiles, name, _nothing_to_tell(profiles, name), "give the profiles different ones"
            )


def check_sites(
    profiles: tuple[Profile, ...], failure: Failure, effect: Effect | None, radiotherapy: Radiotherapy | None
) -> Iterator[Fault]:
    """Yield sites without a place in the hazards, and powers of sites of which all have the same number."""
    if radiotherapy is None:
        if effect is not None:
            reason, instead = "under [effect] failures have no place", "give [radiotherapy] instead of [effect]"
            for name in ("targets", "cleared"):
                yield from _in_profiles(profiles, name, reason, instead)
        return
    for power, name in (("target_power", "targets"), ("cleared_power", "cleared")):
        if _alike(profiles, name):
            reason = _nothing_to_tell(profiles, name)
            yield from without_effect(failure, "failure.", (power,), reason, f"give the profiles different `{name}`")
    # Of several profiles the numbers may stand there beside a power of 0: they say what does not matter.
    if len(profiles) == 1 and failure.target_power == 0:
        reason = "target_power is 0, so the hazard does not depend on the number of targets"
        yield from _in_profiles(profiles, "targets", reason, "add a profile with another number")


def check_centres(accrual: Accrual) -> Iterator[Fault]:
    """Yield a time over which a single centre would open."""
    if accrual.pattern == "centres" and accrual.centres == 1:
        reason = "the only centre opens at once"
        yield from without_effect(accrual, "accrual.", ("opening_years",), reason, "raise accrual.centres above 1")


def check_bound(failure: Failure, radiotherapy: Radiotherapy | None) -> Iterator[Fault]:
    """Yield a choice between bounds that are the same."""
    if radiotherapy is not None and failure.shares is not None and not possible(failure.shares.both):
        reason = "no failure is both at a target and elsewhere, so the bounds are the same"
        yield from without_effect(failure, "failure.", ("bound",), reason, "raise failure.shares.both above 0")


def check_seeding(failure: Failure, radiotherapy: Radiotherapy | None) -> Iterator[Fault]:
    """Yield seeding from targets that prevents nothing."""
    if radiotherapy is None:
        return
    if not possible(radiotherapy.compliance):
        reason, instead = _NOBODY
    elif not possible(radiotherapy.local_effect):
        reason, instead = "local_effect is 0, so nothing is prevented", "raise radiotherapy.local_effect above 0"
    elif failure.shares is not None and not _elsewhere(failure.shares):
        reason, instead = "no failure is elsewhere", "lower failure.shares.target_only or death"
    else:
        return
    yield from without_effect(radiotherapy, "radiotherapy.", ("seeded_elsewhere",), reason, instead)


def check_irradiated(radiotherapy: Radiotherapy | None, assessment: Assessment | None) -> Iterator[Fault]:
    """Yield what would follow irradiation where nobody is irradiated, and a delay of nothing."""
    if radiotherapy is None:
        return
    if not possible(radiotherapy.compliance):
        reason, instead = _NOBODY
        yield from without_effect(radiotherapy, "radiotherapy.", ("delay_years", "toxicity_per_year"), reason, instead)
        if assessment is not None:
            yield from without_effect(assessment, "assessment.", ("clearing_days",), reason, instead)
        return
    acting = possible(radiotherapy.local_effect) or possible(radiotherapy.toxicity_per_year)
    # At visits uptake at a target is not called a failure before the delay, whatever the effect.
    if not acting and assessment is None:
        reason = "local_effect and toxicity_per_year are 0, so nothing begins after it"
        instead = "raise radiotherapy.local_effect above 0"
        yield from without_effect(radiotherapy, "radiotherapy.", ("delay_years",), reason, instead)


def _alike(profiles: tuple[Profile, ...], name: str) -> bool:
    return len({getattr(profile, name) for profile in profiles}) == 1


def _nothing_to_tell(profiles: tuple[Profile, ...], name: str) -> str:
    return "there is one profile only" if len(profiles) == 1 else f"every profile has the same `{name}`"


def _in_profiles(profiles: tuple[Profile, ...], name: str, reason: str, instead: str) -> Iterator[Fault]:
    for number, profile in enumerate(profiles, start=1):
        yield from without_effect(profile, f"profiles[{number}].", (name,), reason, instead)


def _elsewhere(shares: Shares) -> bool:
    """Whether a failure may be elsewhere, under the exclusive bound, which counts those at both as elsewhere."""
    return _lowest(shares.target_only) + _lowest(shares.death) < 1 - 1e-9


def _lowest(quantity: Quantity) -> float:
    return quantity.central if quantity.low is None else quantity.low
