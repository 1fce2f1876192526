"""How many children there are: a distribution over centres, over the funnel's readings and over what it leaves open."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.records.design import Accrual, Design
from residuum.trial.model.accrual import centre_openings, expected_patients, patients_per_year
from residuum.trial.model.arms import CONTROL, EXPERIMENTAL
from residuum.trial.model.hazards import Hazards
from residuum.trial.model.seen import seen_events
from residuum.trial.planning.inputs import Inputs
from residuum.trial.planning.variants import Variant
from residuum.trial.simulation.looks import Looks
from residuum.trial.simulation.scenario import Scenario, derive_scenario

FUNNEL: Final = ("enrolled_per_year", "stage_m", "persistent", "oligo", "consent")
SPREAD: Final = (0.1, 0.5, 0.9)
MOST_PATIENTS: Final = 4000


@dataclass(frozen=True, slots=True)
class Available:
    """Children who can be randomised within the declared time.

    Attributes
    ----------
    mean, low, median, high : float
        Of their number; low and high are the 10 and 90 % quantiles.
    """

    mean: float
    low: float
    median: float
    high: float


def as_centres(accrual: Accrual) -> Accrual:
    """Return the accrual centre by centre wherever a rate is known, even if the trial declares an even one."""
    by_centres = accrual.pattern == "centres" or accrual.funnel is not None
    return accrual.model_copy(update={"pattern": "centres"}) if by_centres else accrual


def chance_of_patients(accrual: Accrual, patients: int, years: float) -> float:
    """Probability that so many patients come within some years, by the centres or the funnel of a design.

    The number is negative binomial with the mean and variance of `residuum.trial.model.accrual.expected_patients`.

    Parameters
    ----------
    accrual : Accrual
        Of the design, its funnel as read.
    patients : int
        Wanted.
    years : float
        Since the first centre opened; above 0.

    Returns
    -------
    float
        1 for an even accrual without a funnel, which is a promise.
    """
    from scipy.special import betainc

    source = as_centres(accrual)
    if source.pattern == "uniform":
        return 1.0
    open_years = np.maximum(years - centre_openings(source), 0.0)
    per_centre = patients_per_year(source) / source.centres * open_years
    mean, variance = per_centre.sum(), (per_centre**2).sum() / source.shape.central
    if mean == 0:
        return 0.0
    shape = mean**2 / variance
    return float(betainc(patients, shape, mean / (mean + shape)))


def draw_available(design: Design, inputs: Inputs, years: float, generator: np.random.Generator) -> NDArray[np.int64]:
    """Draw the number of children who come within some years, one for each draw of the inputs.

    Parameters
    ----------
    design : Design
        Its funnel as read.
    inputs : Inputs
        Draws of what it leaves open; the funnel's rates and the spread between centres count.
    years : float
        Since the first centre opened; accrual is taken to stay open so long.
    generator : numpy.random.Generator
        Source of centre rates and counts.

    Returns
    -------
    ndarray of shape (draws,)
    """
    accrual = as_centres(design.accrual)
    if accrual.pattern == "uniform":
        return np.full(len(inputs), round(accrual.patients * min(years / accrual.years, 1.0)))
    shape = _drawn(inputs, "accrual.shape", accrual.shape.central)[:, np.newaxis]
    rates = generator.standard_gamma(shape, (len(inputs), accrual.centres)) / shape
    open_years = np.maximum(years - centre_openings(accrual), 0.0)
    return generator.poisson(_rates_per_year(accrual, inputs) / accrual.centres * (rates @ open_years))


def summarise_available(numbers: NDArray[np.int64]) -> Available:
    """Return mean and spread of drawn numbers of children."""
    low, median, high = np.quantile(numbers, SPREAD)
    return Available(float(numbers.mean()), float(low), float(median), float(high))


def available_design(design: Design, endpoint: str = "efs") -> Design:
    """Return the trial of all children who come within the declared time, with one log-rank analysis at its end.

    Parameters
    ----------
    design : Design
        Its funnel as read.
    endpoint : {"efs", "target_control"}
        Of the analysis.
    """
    accrual, years = as_centres(design.accrual), design.criteria.done_years
    if accrual.pattern == "uniform":
        open_years = min(years, accrual.years)
        patients = max(round(accrual.patients * open_years / accrual.years), 2)
    else:
        # Nobody is turned away: the cap lies where hardly any simulated number of children reaches.
        open_years, mean = years, _mean_patients(accrual, years)
        spread = np.sqrt(mean + mean**2 / (accrual.centres * accrual.shape.central))
        patients = int(np.clip(2 * np.ceil((mean + 4 * spread) / 2), 2, MOST_PATIENTS))
    primary = type(design.primary).model_validate(
        {"alpha": design.primary.alpha, "endpoint": endpoint, "looks_years": (years,)}
    )
    accrual = accrual.model_copy(update={"years": open_years, "patients": patients})
    return design.model_copy(update={"accrual": accrual, "primary": primary})


def available_scenario(design: Design, variant: Variant, endpoint: str = "efs") -> Scenario:
    """Return `available_design` ready to simulate under one bound and reading."""
    one = available_design(variant.read(design), endpoint)
    bound = np.array([np.inf])  # Z is compared with several bounds later
    nothing = np.empty(0)
    looks = Looks(
        events=np.empty(0, dtype=np.int64),
        years=np.array(one.primary.looks_years),
        latest_year=np.inf,
        information=np.ones(1),
        efficacy=bound,
        futility=-bound,
        forced_events=nothing,
        forced_bounds=nothing,
    )
    return derive_scenario(one, variant.simulated_bound, looks=looks)


def events_by_arm(design: Design, hazards: Hazards, year: float) -> tuple[float, float]:
    """Events of the primary endpoint expected by a calendar year in the control and in the experimental arm.

    Computed as by `residuum.trial.model.effect.expected_events`, arm by arm.

    Parameters
    ----------
    design : Design
        Accrual, allocation, dropout, assessment and endpoint.
    hazards : Hazards
        Of this design under one bound of f.
    year : float
        Calendar time.
    """
    events = []
    for arm in (CONTROL, EXPERIMENTAL):
        time, probability = seen_events(design, hazards, arm, year)
        share = design.allocation[arm] / sum(design.allocation)
        events.append(share * float(expected_patients(design.accrual, year - time) @ probability))
    return events[0], events[1]


def year_of_patients(accrual: Accrual, patients: int) -> float:
    """Calendar year by which so many patients are expected, if accrual stays open and nobody is turned away."""
    if accrual.pattern == "uniform":
        return accrual.years * patients / accrual.patients
    openings, rate = centre_openings(accrual), patients_per_year(accrual)
    if rate == 0:
        return float("inf")
    at_opening = np.array([_mean_patients(accrual, year) for year in openings])
    last = at_opening[-1]
    if patients >= last:
        return float(openings[-1] + (patients - last) / rate)
    return float(np.interp(patients, at_opening, openings))


def _mean_patients(accrual: Accrual, years: float) -> float:
    open_years = np.maximum(years - centre_openings(accrual), 0.0)
    return float(patients_per_year(accrual) / accrual.centres * open_years.sum())


def _rates_per_year(accrual: Accrual, inputs: Inputs) -> NDArray[np.float64]:
    if accrual.per_year is not None:
        return _drawn(inputs, "accrual.per_year", accrual.per_year.central)
    funnel = accrual.funnel
    assert funnel is not None
    names = (*FUNNEL, "evaluable") if funnel.persistent_of == "evaluable" else FUNNEL
    factors = [_drawn(inputs, f"accrual.funnel.{name}", getattr(funnel, name).central) for name in names]
    return np.asarray(np.prod(factors, axis=0))


def _drawn(inputs: Inputs, path: str, central: float) -> NDArray[np.float64]:
    column = inputs.column(path)
    return np.full(len(inputs), central) if column is None else column
