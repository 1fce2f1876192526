"""Expected events of a two-arm trial over calendar time: uniform accrual, exponential hazards, optional dropout."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.records.errors import CallError
from residuum.stats.roots import find_root


@dataclass(frozen=True, slots=True)
class ExponentialTrial:
    """A two-arm trial with constant hazards, whose patients come at a constant rate.

    Attributes
    ----------
    control_hazard_per_year : float
        Of the event, in the control arm: -ln(survival) / years.
    hazard_ratio : float
        Experimental over control, constant.
    accrual_years : float
        From the first patient to the last.
    dropout_hazard_per_year : float
        Of leaving without event, in both arms.
    experimental_share : float
        Of the patients, strictly between 0 and 1; 0.5 is 1:1.

    Raises
    ------
    CallError
        A value is out of its range.
    """

    control_hazard_per_year: float
    hazard_ratio: float
    accrual_years: float
    dropout_hazard_per_year: float = 0.0
    experimental_share: float = 0.5

    def __post_init__(self) -> None:
        for name in ("control_hazard_per_year", "hazard_ratio", "accrual_years"):
            value = getattr(self, name)
            if not 0 < value < np.inf:
                raise CallError(f"{name} {value} is not above 0")
        if not 0 <= self.dropout_hazard_per_year < np.inf:
            raise CallError(f"dropout_hazard_per_year {self.dropout_hazard_per_year} is below 0; give 0 for no dropout")
        if not 0 < self.experimental_share < 1:
            raise CallError(f"experimental_share {self.experimental_share} is not between 0 and 1; give 0.5 for 1:1")

    def expected_events(self, patients: float, year: ArrayLike) -> NDArray[np.float64]:
        """Events expected in each arm by calendar time.

        With event hazard h, dropout hazard d, r = h + d, and m the smaller of the year t and the accrual time A, an
        arm of n patients has n / A (h / r) (m - (e^(-r (t - m)) - e^(-r t)) / r) events.

        Parameters
        ----------
        patients : float
            Of both arms, planned to the end of accrual.
        year : float or array_like of shape (k,)
            Calendar time since the first patient; none below 0.

        Returns
        -------
        ndarray of shape (2,) or (k, 2)
            Control, experimental.

        Raises
        ------
        CallError
            A year is missing or below 0.

        References
        ----------
        Lachin JM, Foulkes MA. Biometrics 1986;42:507-519. R: ``gsDesign::eEvents``, rpact ``getEventProbabilities``.
        """
        time = np.asarray(year, dtype=np.float64)[..., np.newaxis]
        if not np.all(time >= 0):
            raise CallError(f"year {time[..., 0]} is missing or below 0; give years since the first patient")
        hazard = self.control_hazard_per_year * np.array([1.0, self.hazard_ratio])
        leaving = hazard + self.dropout_hazard_per_year
        arm = patients * np.array([1 - self.experimental_share, self.experimental_share])
        entry = np.minimum(time, self.accrual_years)
        still_in = -np.exp(-leaving * (time - entry)) * np.expm1(-leaving * entry) / leaving
        events: NDArray[np.float64] = arm / self.accrual_years * hazard / leaving * (entry - still_in)
        return events

    def expected_year(self, patients: float, events: float) -> float:
        """Calendar time at which so many events are expected in both arms together.

        Parameters
        ----------
        patients : float
            Of both arms, planned to the end of accrual.
        events : float
            Above 0.

        Returns
        -------
        float
            Years since the first patient.

        Raises
        ------
        CallError
            So many events will never be expected.
        """

        def excess(year: float) -> float:
            return float(self.expected_events(patients, year).sum()) - events

        most = float(self.expected_events(patients, np.inf).sum())
        if not 0 < events < most:
            raise CallError(f"events {events} is not between 0 and the {most:.6g} that {patients} patients can have")
        late = self.accrual_years
        while excess(late) < 0:
            late *= 2
        return float(find_root(excess, 0.0, late, tolerance=1e-10))
