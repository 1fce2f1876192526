"""The hazards of every kind of patient in both arms, before and after irradiation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from residuum.records.design import Bound, Design, Profile, Radiotherapy
from residuum.trial.model.baseline import Baseline, derive_baseline, operational_time

CAUSES = ("target", "elsewhere", "death")


@dataclass(frozen=True, slots=True, eq=False)
class Hazards:
    """Kinds of patient and their hazards as multiples of the baseline.

    Attributes
    ----------
    baseline : Baseline
        Of a patient of average weight.
    probability : ndarray of shape (kinds,)
        Of each kind; they add to 1.
    stratum : ndarray of shape (kinds,), int
        Of randomisation and stratified test.
    irradiated : ndarray of shape (2, kinds), bool
        As control, as experimental patient.
    before, after : ndarray of shape (2, kinds, 3)
        Weight of target, elsewhere, death by arm and kind, until the delay and from then on.
    delay_years : float
        From randomisation to the effect of irradiation.
    toxicity_per_year : float
        Hazard of fatal toxicity added from then on in the irradiated.
    """

    baseline: Baseline
    probability: NDArray[np.float64]
    stratum: NDArray[np.int64]
    irradiated: NDArray[np.bool_]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    delay_years: float
    toxicity_per_year: float

    @property
    def delay(self) -> float:
        """Operational time at the delay."""
        return float(operational_time(self.baseline, self.delay_years))


def derive_hazards(design: Design, bound: Bound) -> Hazards:
    """Return the hazards of a design under one bound of f, at the central values of its ranges.

    Parameters
    ----------
    design : Design
        Checked by `residuum.records.design_checks`.
    bound : {"exclusive", "inclusive"}
        Whether failures at a target and elsewhere count as elsewhere, or as begun at the target. Without
        [radiotherapy] it changes nothing.
    """
    baseline = derive_baseline(design.failure)
    if design.radiotherapy is None:
        return _given_ratio(design, baseline)
    return _irradiation(design, design.radiotherapy, bound, baseline)


def target_share(design: Design, bound: Bound) -> float:
    """Return f, the share of the hazard that is at a target, under one bound."""
    shares = design.failure.shares
    if shares is None:
        return 0.0
    return shares.target_only.central + (shares.both.central if bound == "inclusive" else 0.0)


def _given_ratio(design: Design, baseline: Baseline) -> Hazards:
    risk = _relative([profile.risk for profile in design.profiles], design.profiles)
    ratio = design.effect.hazard_ratio.central if design.effect is not None else 1.0
    before = np.zeros((2, risk.size, 3))
    before[0, :, 1], before[1, :, 1] = risk, risk * ratio
    return Hazards(
        baseline=baseline,
        probability=_probabilities([profile.share for profile in design.profiles]),
        stratum=np.array([profile.stratum for profile in design.profiles]),
        irradiated=np.zeros((2, risk.size), dtype=np.bool_),
        before=before,
        after=before,
        delay_years=0.0,
        toxicity_per_year=0.0,
    )


def _irradiation(design: Design, therapy: Radiotherapy, bound: Bound, baseline: Baseline) -> Hazards:
    kinds = [
        (k, control, experimental, profile.share * chance)
        for k, profile in enumerate(design.profiles)
        for control, experimental, chance in _answers(therapy)
        if chance > 0
    ]
    profile = np.array([kind[0] for kind in kinds])
    irradiated = np.array([[kind[1] for kind in kinds], [kind[2] for kind in kinds]], dtype=np.bool_)
    weights = _weights(design, bound)[profile]
    prevented = therapy.local_effect.central * np.array([1.0, therapy.seeded_elsewhere.central, 0.0])
    return Hazards(
        baseline=baseline,
        probability=_probabilities([kind[3] for kind in kinds]),
        stratum=np.array([design.profiles[k].stratum for k in profile]),
        irradiated=irradiated,
        before=np.stack([weights, weights]),
        after=np.where(irradiated[..., np.newaxis], weights * (1 - prevented), weights),
        delay_years=therapy.delay_years,
        toxicity_per_year=therapy.toxicity_per_year.central,
    )


def _answers(therapy: Radiotherapy) -> list[tuple[bool, bool, float]]:
    crossover, compliance = therapy.crossover.central, therapy.compliance.central
    return [
        (
            control,
            experimental,
            (crossover if control else 1 - crossover) * (compliance if experimental else 1 - compliance),
        )
        for control in (False, True)
        for experimental in (False, True)
    ]


def _weights(design: Design, bound: Bound) -> NDArray[np.float64]:
    """Return the weights of target, elsewhere, death, shape (profiles, 3)."""
    failure, profiles = design.failure, design.profiles
    f = target_share(design, bound)
    death = failure.shares.death.central if failure.shares is not None else 0.0
    risk = _relative([profile.risk for profile in profiles], profiles)
    targets = _relative([profile.targets**failure.target_power for profile in profiles], profiles)
    cleared = _relative([(1 + profile.cleared) ** failure.cleared_power for profile in profiles], profiles)
    return np.column_stack([risk * f * targets, risk * max(1 - f - death, 0.0) * cleared, risk * death])


def _relative(values: list[float], profiles: tuple[Profile, ...]) -> NDArray[np.float64]:
    """Return values over their mean in the population."""
    relative = np.array(values, dtype=np.float64)
    relative /= relative @ _probabilities([profile.share for profile in profiles])
    return relative


def _probabilities(shares: list[float]) -> NDArray[np.float64]:
    probability = np.array(shares, dtype=np.float64)
    probability /= probability.sum()
    return probability
