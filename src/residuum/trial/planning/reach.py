"""What irradiation could reach at most in the eligible patients of a study: f, e and their EFS drawn together."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from residuum.records.design import BOUNDS, Bound, Criteria, Design, Quantity
from residuum.records.errors import CallError
from residuum.trial.model.effect import LATE_YEARS, weighted_hazard_ratio
from residuum.trial.planning.eligible import HORIZON_YEARS, count_exposure, cumulative_hazards
from residuum.trial.planning.priors import LOCAL_EFFECT, latin_hypercube, local_effect_from_control, quantile
from residuum.trial.planning.shares import count_first_events, derive_share_posterior

Cure: TypeAlias = Literal["cause_specific", "shared"]
CURES: Final[tuple[Cure, ...]] = ("cause_specific", "shared")
GAIN_YEARS: Final = (3.0, 5.0)
DRAWS: Final = 4000
STEPS_PER_YEAR: Final = 32
ALL: Final = Quantity(central=1.0)
NONE: Final = Quantity(central=0.0)
# Columns of uniform numbers: f (2), e (1 or 2), the hazards, and what a design leaves open about irradiation.
_SHARE, _EFFECT, _HAZARD, _OPEN, _COLUMNS = slice(0, 2), 2, slice(4, 8), 8, 12


@dataclass(frozen=True, slots=True)
class Irradiation:
    """What is believed about irradiating the targets.

    Attributes
    ----------
    local_effect : Quantity or None
        e; None derives it from local control with and without irradiation.
    compliance, crossover : Quantity
        Share irradiated of the experimental and of the control arm.
    seeded_elsewhere, toxicity_per_year : Quantity
        Share of failures elsewhere prevented with the targets; hazard added in the irradiated.
    delay_years : float
        From randomisation to the effect.
    """

    local_effect: Quantity | None = LOCAL_EFFECT
    compliance: Quantity = ALL
    crossover: Quantity = NONE
    seeded_elsewhere: Quantity = NONE
    toxicity_per_year: Quantity = NONE
    delay_years: float = 0.0


def irradiation_of(design: Design) -> Irradiation:
    """Return what a design believes about irradiating the targets.

    Raises
    ------
    CallError
        The design has no [radiotherapy].
    """
    therapy = design.radiotherapy
    if therapy is None:
        raise CallError(f"design {design.id} has no [radiotherapy]; a hazard ratio taken as given reaches itself")
    return Irradiation(
        local_effect=therapy.local_effect,
        compliance=therapy.compliance,
        crossover=therapy.crossover,
        seeded_elsewhere=therapy.seeded_elsewhere,
        toxicity_per_year=therapy.toxicity_per_year,
        delay_years=therapy.delay_years,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Draws of the effect in a whole trial arm, each of shape (draws,).

    Attributes
    ----------
    hazard_ratio : ndarray
        Average to 5 years, weighted by events (`residuum.trial.model.effect.average_hazard_ratio`).
    gains : dict of float to ndarray
        EFS difference at these years: 3, 5, 10, and the year at which the design wants it.
    rmst_gain_years : ndarray
        To 5 years.
    """

    hazard_ratio: NDArray[np.float64]
    gains: dict[float, NDArray[np.float64]]
    rmst_gain_years: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Everything drawn together for one study.

    Attributes
    ----------
    shares : dict of bound to ndarray of shape (draws,)
        f.
    local_effect : ndarray of shape (draws,)
        e.
    hazards : ndarray of shape (draws, 4)
        Per year, in the intervals of `EDGES_YEARS`.
    effects : dict of (bound, cure) to Effects
    """

    shares: dict[Bound, NDArray[np.float64]]
    local_effect: NDArray[np.float64]
    hazards: NDArray[np.float64]
    effects: dict[tuple[Bound, Cure], Effects]

    def efs(self, years: float) -> NDArray[np.float64]:
        """Draws of the EFS of the eligible without irradiation at a time, shape (draws,)."""
        return np.exp(-cumulative_hazards(self.hazards, [years])[:, 0])


def why_undefined(first_failures: pl.DataFrame) -> str | None:
    """Return why nothing is known about f or EFS, None where something is.

    Parameters
    ----------
    first_failures : DataFrame
        Result of `residuum.cohort.trial_view.derive_first_failures`.
    """
    if first_failures.is_empty():
        return "nobody is oligo at the landmark"
    if not count_exposure(first_failures).years.sum() > 0:
        return "nobody is followed beyond the landmark"
    events = count_first_events(first_failures, "exclusive")
    if events.total == 0:
        return "no eligible patient has had an event"
    return None if events.known else "no first event is of known place"


def draw_uniform(generator: np.random.Generator, draws: int = DRAWS) -> NDArray[np.float64]:
    """Return the uniform numbers behind all draws, shape (draws, 12)."""
    return latin_hypercube(generator, draws, _COLUMNS)


def derive_reach(
    first_failures: pl.DataFrame,
    irradiation: Irradiation,
    criteria: Criteria,
    uniform: NDArray[np.float64],
) -> Reach:
    """Draw f, e and the EFS of the eligible patients, and what irradiation then reaches.

    Parameters
    ----------
    first_failures : DataFrame
        Result of `residuum.cohort.trial_view.derive_first_failures`.
    irradiation : Irradiation
        Beliefs.
    criteria : Criteria
        When a gain is worthwhile.
    uniform : ndarray of shape (draws, 12)
        Result of `draw_uniform`; the same numbers for beliefs that are to be compared.

    Returns
    -------
    Reach

    Raises
    ------
    CallError
        `why_undefined` has a reason.
    """
    reason = why_undefined(first_failures)
    if reason is not None:
        raise CallError(f"first_failures: {reason}; the reachable effect is not defined")
    posteriors = {bound: derive_share_posterior(count_first_events(first_failures, bound)) for bound in BOUNDS}
    hazards = count_exposure(first_failures).draw_hazards(uniform[:, _HAZARD])
    local_effect = _local_effect(irradiation, uniform)
    shares = {bound: posterior.draw(uniform[:, _SHARE]) for bound, posterior in posteriors.items()}
    effects = {}
    for bound, (target, elsewhere) in shares.items():
        seeded = quantile(irradiation.seeded_elsewhere, uniform[:, _OPEN])
        prevented = local_effect * (target + seeded * elsewhere)
        for cure in CURES:
            effects[bound, cure] = _effects(hazards, prevented, irradiation, uniform, cure, criteria.worthwhile_year)
    return Reach({bound: share[0] for bound, share in shares.items()}, local_effect, hazards, effects)


def _local_effect(irradiation: Irradiation, uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    if irradiation.local_effect is None:
        return local_effect_from_control(uniform[:, _EFFECT], uniform[:, _EFFECT + 1])
    return quantile(irradiation.local_effect, uniform[:, _EFFECT])


def _effects(
    hazards: NDArray[np.float64],
    prevented: NDArray[np.float64],
    irradiation: Irradiation,
    uniform: NDArray[np.float64],
    cure: Cure,
    worthwhile_year: float,
) -> Effects:
    late = {*GAIN_YEARS, LATE_YEARS, worthwhile_year}
    even = np.linspace(0, HORIZON_YEARS, int(HORIZON_YEARS * STEPS_PER_YEAR) + 1)
    time = np.union1d(even, [*late, irradiation.delay_years])
    untreated, treated = _efs(hazards, prevented, irradiation, uniform, cure, time)
    arms = [
        untreated + quantile(share, uniform[:, column])[:, np.newaxis] * (treated - untreated)
        for share, column in ((irradiation.crossover, _OPEN + 1), (irradiation.compliance, _OPEN + 2))
    ]
    difference = arms[1] - arms[0]
    near = time <= HORIZON_YEARS
    with np.errstate(divide="ignore"):
        ratio = weighted_hazard_ratio(-np.log(arms[0][:, near]), -np.log(arms[1][:, near]))
    return Effects(
        hazard_ratio=ratio,
        gains={year: difference[:, np.searchsorted(time, year)] for year in sorted(late)},
        rmst_gain_years=np.trapezoid(difference[:, near], time[near], axis=1),
    )


def _efs(
    hazards: NDArray[np.float64],
    prevented: NDArray[np.float64],
    irradiation: Irradiation,
    uniform: NDArray[np.float64],
    cure: Cure,
    time: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the EFS of those not irradiated and of the irradiated, both of shape (draws, times).

    With the shared cure those event-free at 5 years are cured, whatever is done; irradiation then changes the hazard of
    the others only.
    """
    cured = np.exp(-cumulative_hazards(hazards, [HORIZON_YEARS])) if cure == "shared" else np.zeros((1, 1))
    untreated = _uncured(hazards, cured, time)
    at_delay = _uncured(hazards, cured, np.minimum(time, irradiation.delay_years))
    since = np.divide(untreated, at_delay, out=np.zeros_like(untreated), where=at_delay > 0)
    treated = at_delay * since ** (1 - prevented)[:, np.newaxis]
    toxicity = quantile(irradiation.toxicity_per_year, uniform[:, _OPEN + 3])[:, np.newaxis]
    escaping = np.exp(-toxicity * np.maximum(time - irradiation.delay_years, 0.0))
    return cured + (1 - cured) * untreated, np.asarray((cured + (1 - cured) * treated) * escaping)


def _uncured(
    hazards: NDArray[np.float64], cured: NDArray[np.float64], time: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the EFS of those who are not cured, 0 from 5 years on where somebody is."""
    surviving = np.maximum(np.exp(-cumulative_hazards(hazards, time)) - cured, 0.0) / (1 - cured)
    # Rounding would leave a trace of them, which a power below 1 enlarges.
    return np.asarray(np.where((time >= HORIZON_YEARS) & (cured > 0), 0.0, surviving))
