"""Quantiles of what is believed about a quantity that no data tell: turn uniform numbers into draws."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.design import Quantity

LOCAL_EFFECT: Final = Quantity(
    central=0.4,
    low=0.0,
    high=0.7,
    source="planning value: no series of persistent sites left unirradiated is known",
)
"""e, the share by which irradiation lowers the hazard at its target."""
CONTROL_WITH: Final = Quantity(
    central=0.67,
    low=0.50,
    high=0.85,
    source="5-year local control of irradiated persistent metastases, Casey 2018, 10.1016/j.ijrobp.2018.01.008; range "
    "by judgement",
)
CONTROL_WITHOUT: Final = Quantity(
    central=0.50, low=0.37, high=0.67, source="5-year local control without irradiation: judgement, never observed"
)
# Half the width of 95 % of a normal distribution, in standard deviations.
NORMAL_95: Final = 1.959963984540054


def quantile(quantity: Quantity, probability: ArrayLike) -> NDArray[np.float64]:
    """Quantiles of a quantity's distribution.

    Parameters
    ----------
    quantity : Quantity
        `pert`: the beta on low..high with its mode at `central` and shapes that add to 6; `uniform`: flat on low..high;
        `log_normal`: median `central`, its logarithm normal with 95 % between ln(low) and ln(high) if these lie evenly
        about ln(central), else with the same width.
    probability : array_like
        Strictly between 0 and 1; uniform numbers give draws.

    Returns
    -------
    ndarray
        Of the shape of `probability`; `central` everywhere where the quantity is known.

    References
    ----------
    Malcolm DG, et al. Oper Res 1959;7:646-669 (PERT).
    """
    from scipy.special import betaincinv, ndtri

    chance = np.asarray(probability, dtype=np.float64)
    low, high, mode = quantity.low, quantity.high, quantity.central
    if low is None or high is None or low == high:
        return np.full(chance.shape, mode)
    if quantity.distribution == "uniform":
        return low + (high - low) * chance
    if quantity.distribution == "log_normal":
        return np.asarray(mode * np.exp(ndtri(chance) * np.log(high / low) / (2 * NORMAL_95)))
    rise = 4 * (mode - low) / (high - low)
    return np.asarray(low + (high - low) * betaincinv(1 + rise, 5 - rise, chance))


def local_effect_from_control(with_probability: ArrayLike, without_probability: ArrayLike) -> NDArray[np.float64]:
    """Draws of e from local control: 1 - ln(control with irradiation) / ln(control without), 0 where that is below 0.

    With a constant hazard at the target, control is e^(-hazard x time), so the ratio of logarithms is that of hazards.

    Parameters
    ----------
    with_probability, without_probability : array_like
        Quantiles to take of `CONTROL_WITH` and `CONTROL_WITHOUT`, drawn independently.

    Returns
    -------
    ndarray
        Between 0 and 1.
    """
    treated, untreated = quantile(CONTROL_WITH, with_probability), quantile(CONTROL_WITHOUT, without_probability)
    return np.asarray(np.maximum(1 - np.log(treated) / np.log(untreated), 0.0))


def latin_hypercube(generator: np.random.Generator, draws: int, columns: int) -> NDArray[np.float64]:
    """Uniform numbers of which each column has exactly one in every `draws`-th of 0..1, in random order.

    Parameters
    ----------
    generator : numpy.random.Generator
        Source of the numbers.
    draws, columns : int
        Shape.

    Returns
    -------
    ndarray of shape (draws, columns)
        Strictly between 0 and 1.

    References
    ----------
    McKay MD, Beckman RJ, Conover WJ. Technometrics 1979;21:239-245.
    """
    place = generator.permuted(np.tile(np.arange(draws)[:, np.newaxis], columns), axis=0)
    # 1 - u is never 0, and half a step keeps the last one below 1.
    return (place + (1 - generator.random((draws, columns))) * (1 - 1e-9)) / draws
