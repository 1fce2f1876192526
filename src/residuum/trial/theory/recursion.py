"""The recursion behind every group-sequential number: where the statistic of a trial that goes on may lie.

Z at information I is normal with mean drift sqrt(I) and variance 1; its score Z sqrt(I) has independent increments.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.stats.normal import normal_cdf

# Jennison and Turnbull's r. Probabilities are off by less than 1e-7 with looks a tenth apart (16 is usual: 1e-6).
GRID_FINENESS: Final = 32


@dataclass(frozen=True, slots=True, eq=False)
class Ongoing:
    """A trial that has passed its looks so far without stopping.

    Attributes
    ----------
    information : float
        At the last look; 0 before the first.
    z : ndarray of shape (n,)
        Where the statistic may lie.
    mass : ndarray of shape (n,)
        Probability of going on with the statistic at each `z`; sums to the probability of going on.

    References
    ----------
    Armitage P, McPherson CK, Rowe BC. J R Stat Soc A 1969;132:235-244. Jennison C, Turnbull BW. Group sequential
    methods. Chapman and Hall/CRC, 2000, chapter 19.
    """

    information: float
    z: NDArray[np.float64]
    mass: NDArray[np.float64]

    def above(self, bound: float, information: float, drift: float) -> float:
        """Probability of going on until `information` and of a statistic above `bound` there.

        Parameters
        ----------
        bound : float
            Of Z; may be infinite.
        information : float
            Of the next look, above that of the last.
        drift : float
            Mean of Z over the square root of information.

        Returns
        -------
        float
        """
        score, spread = self._score(information, drift)
        return float(self.mass @ normal_cdf((score - bound * np.sqrt(information)) / spread))

    def below(self, bound: float, information: float, drift: float) -> float:
        """Probability of going on until `information` and of a statistic below `bound` there.

        Parameters
        ----------
        bound : float
            Of Z; may be infinite.
        information : float
            Of the next look, above that of the last.
        drift : float
            Mean of Z over the square root of information.

        Returns
        -------
        float
        """
        score, spread = self._score(information, drift)
        return float(self.mass @ normal_cdf((bound * np.sqrt(information) - score) / spread))

    def after(self, lower: float, upper: float, information: float, drift: float) -> "Ongoing":
        """Give the trial that goes on past the next look, its statistic between `lower` and `upper`.

        Parameters
        ----------
        lower, upper : float
            Of Z; may be infinite.
        information : float
            Of the next look, above that of the last.
        drift : float
            Mean of Z over the square root of information.

        Returns
        -------
        Ongoing
        """
        score, spread = self._score(information, drift)
        z, weight = _simpson(lower, upper, drift * np.sqrt(information))
        deviation = (z[:, np.newaxis] * np.sqrt(information) - score) / spread
        density = np.exp(-0.5 * deviation**2) @ self.mass * (np.sqrt(information / (2 * np.pi)) / spread)
        return Ongoing(information, z, weight * density)

    def _score(self, information: float, drift: float) -> tuple[NDArray[np.float64], float]:
        """Mean and standard deviation of the score at the next look, given each `z`."""
        step = information - self.information
        return self.z * np.sqrt(self.information) + drift * step, float(np.sqrt(step))


# Before the first look the score is 0 for certain.
START: Final = Ongoing(0.0, np.zeros(1), np.ones(1))


def _simpson(lower: float, upper: float, centre: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points between the bounds and their weights: dense within 3 of `centre`, ever wider to 17 either side."""
    tail = 3 + 4 * np.log(GRID_FINENESS / np.arange(1, GRID_FINENESS))
    middle = np.linspace(-3, 3, 4 * GRID_FINENESS + 1)
    grid = centre + np.concatenate((-tail, middle, tail[::-1]))
    low, high = np.clip((lower, upper), grid[0], grid[-1])
    ends = np.unique(np.concatenate(([low], grid[(grid > low) & (grid < high)], [high])))
    points = np.empty(2 * ends.size - 1)
    points[0::2] = ends
    points[1::2] = (ends[:-1] + ends[1:]) / 2
    sixth = np.diff(ends) / 6
    weight = np.zeros(points.size)
    weight[0:-1:2] += sixth
    weight[2::2] += sixth
    weight[1::2] = 4 * sixth
    return points, weight
