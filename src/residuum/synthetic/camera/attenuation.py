"""Linear attenuation of tissues and of lead."""

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.phantom.organs import ORGANS

Material = Literal["water", "lung", "bone", "lead"]

_ENERGIES_KEV: Final = (100.0, 150.0, 200.0, 300.0, 400.0, 500.0, 600.0)
_MASS_ATTENUATION_CM2_PER_G: Final[dict[Material, tuple[float, ...]]] = {
    "water": (0.1707, 0.1505, 0.1370, 0.1186, 0.1061, 0.09687, 0.08956),
    "lung": (0.1695, 0.1493, 0.1359, 0.1177, 0.1053, 0.09607, 0.08882),
    "bone": (0.1855, 0.1480, 0.1309, 0.1113, 0.09908, 0.09022, 0.08332),
    "lead": (5.549, 2.014, 0.9985, 0.4031, 0.2323, 0.1614, 0.1248),
}
"""Hubbell and Seltzer, NISTIR 5632, tables 3 and 4; lung and cortical bone of ICRU Report 44."""

_DENSITY_G_PER_CM3: Final[dict[Material, float]] = {"water": 1.0, "lung": 0.26, "bone": 1.4, "lead": 11.35}
"""Lung inflated (ICRP 23); a child's bone with its marrow lies between marrow, 1.0, and cortical bone, 1.9."""


def compute_linear_attenuation(material: Material, energy_kev: float) -> float:
    """Return the linear attenuation of a material, per mm, between tabulated energies along straight logarithms.

    Soft tissue is taken as water: muscle is a little denser, fat a little lighter.

    Raises
    ------
    ValueError
        The energy lies outside the table, 100 to 600 keV.
    """
    if not _ENERGIES_KEV[0] <= energy_kev <= _ENERGIES_KEV[-1]:
        raise ValueError(f"energy_kev is {energy_kev}, not within {_ENERGIES_KEV[0]:g} to {_ENERGIES_KEV[-1]:g}")
    table = _MASS_ATTENUATION_CM2_PER_G[material]
    mass = np.exp(np.interp(np.log(energy_kev), np.log(_ENERGIES_KEV), np.log(table)))
    return float(mass) * _DENSITY_G_PER_CM3[material] / 10


def compute_attenuation(region: NDArray[np.uint8], organ: NDArray[np.uint8], energy_kev: float) -> NDArray[np.float32]:
    """Return the linear attenuation of a phantom's voxels, per mm.

    Parameters
    ----------
    region : array of uint8
        Above 0 in bone.
    organ : array of uint8, of the same shape
        Index in `phantom.organs.ORGANS`; all that is neither outside nor lungs is soft tissue.
    energy_kev : float

    Returns
    -------
    array of float32, of the same shape

    Raises
    ------
    ValueError
        The shapes differ, or the energy lies outside the table.
    """
    if region.shape != organ.shape:
        raise ValueError(f"region and organ have the shapes {region.shape} and {organ.shape}")
    by_organ: NDArray[Any] = np.full(len(ORGANS), compute_linear_attenuation("water", energy_kev), np.float32)
    by_organ[ORGANS.index("outside")] = 0
    by_organ[ORGANS.index("lungs")] = compute_linear_attenuation("lung", energy_kev)
    attenuation: NDArray[np.float32] = by_organ[organ]
    attenuation[region > 0] = compute_linear_attenuation("bone", energy_kev)
    return attenuation
