"""A small Monte Carlo of scatter in water, written without looking at the layer that it checks.

Photons of 159 keV leave points in a box of water, whose front face lies at depth 0. They are followed through Compton
scattering off free electrons (Klein and Nishina) with the photoelectric effect as a weight. Coherent scattering is left
out: it hardly turns photons, so that in a picture they count as unscattered. An ideal collimator takes photons that fly
along the normal of the front face: at every scattering the share that turns there, passes the water in front and is
counted in the window is added where the photon stands (forced detection).

Run as a script it prints what the scatter layer is fitted to, and the fit.
"""

import math
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import optimize

PEAK_KEV = 159.0
WINDOW_KEV = (143.0, 175.0)
FWHM_SHARE = 0.10
ELECTRON_KEV = 510.999
ELECTRONS_PER_MM3 = 3.3428e20
CLASSICAL_RADIUS_MM = 2.8179403e-12
PHOTOELECTRIC_PER_MM = 2.76e-5
"""Of water at 150 keV (XCOM); falls about as the third power of the energy."""


@numba.njit
def klein_nishina(energy_kev, cosine):
    """Cross-section of one electron per steradian, mm2."""
    ratio = 1 / (1 + energy_kev / ELECTRON_KEV * (1 - cosine))
    return CLASSICAL_RADIUS_MM**2 / 2 * ratio**2 * (ratio + 1 / ratio - 1 + cosine**2)


@numba.njit
def compton_per_mm(energy_kev):
    k = energy_kev / ELECTRON_KEV
    log = math.log(1 + 2 * k)
    total = (
        2
        * math.pi
        * CLASSICAL_RADIUS_MM**2
        * ((1 + k) / k**2 * (2 * (1 + k) / (1 + 2 * k) - log / k) + log / (2 * k) - (1 + 3 * k) / (1 + 2 * k) ** 2)
    )
    return ELECTRONS_PER_MM3 * total


@numba.njit
def photoelectric_per_mm(energy_kev):
    return PHOTOELECTRIC_PER_MM * (150 / energy_kev) ** 3


@numba.njit
def counted(energy_kev):
    """Chance that a photon's energy is measured within the window; the camera's blur grows as the root of energy."""
    sigma = FWHM_SHARE * math.sqrt(energy_kev * PEAK_KEV) / 2.3548 * math.sqrt(2)
    return (math.erf((WINDOW_KEV[1] - energy_kev) / sigma) - math.erf((WINDOW_KEV[0] - energy_kev) / sigma)) / 2


@numba.njit
def draw_cosine(energy_kev):
    """Cosine of a Compton scattering, by rejection."""
    highest = klein_nishina(energy_kev, 1.0)
    while True:
        cosine = 2 * np.random.random() - 1
        if np.random.random() * highest <= klein_nishina(energy_kev, cosine):
            return cosine


@numba.njit
def turn(direction, cosine):
    """Direction after a scattering by an angle, at a random azimuth."""
    azimuth = 2 * math.pi * np.random.random()
    sine = math.sqrt(max(0.0, 1 - cosine**2))
    u, v, w = direction
    flat = math.sqrt(max(1e-20, 1 - w * w))
    if flat < 1e-6:
        return sine * math.cos(azimuth), sine * math.sin(azimuth), cosine * math.copysign(1.0, w)
    a, b = sine * math.cos(azimuth), sine * math.sin(azimuth)
    return (
        u * cosine + (u * w * a - v * b) / flat,
        v * cosine + (v * w * a + u * b) / flat,
        w * cosine - flat * a,
    )


@numba.njit
def _simulate(starts, half_x, half_y, thickness, half_field, pixel, seed):
    np.random.seed(seed)
    size = round(2 * half_field / pixel)
    image = np.zeros((size, size))
    per_mm = compton_per_mm(PEAK_KEV) + photoelectric_per_mm(PEAK_KEV)
    primary = 0.0
    for number in range(starts.shape[0]):
        x, y, z = starts[number]
        primary += math.exp(-per_mm * z) * counted(PEAK_KEV) / (4 * math.pi)
        energy, weight = PEAK_KEV, 1.0
        w = 2 * np.random.random() - 1
        azimuth = 2 * math.pi * np.random.random()
        flat = math.sqrt(1 - w * w)
        u, v = flat * math.cos(azimuth), flat * math.sin(azimuth)
        while True:
            compton = compton_per_mm(energy)
            total = compton + photoelectric_per_mm(energy)
            step = -math.log(1 - np.random.random()) / total
            x, y, z = x + u * step, y + v * step, z + w * step
            if z < 0 or z > thickness or abs(x) > half_x or abs(y) > half_y:
                break
            weight *= compton / total
            # The front lies at z = 0, its normal is -z.
            to_front = -w
            after = energy / (1 + energy / ELECTRON_KEV * (1 - to_front))
            share = klein_nishina(energy, to_front) * ELECTRONS_PER_MM3 / compton
            passing = math.exp(-(compton_per_mm(after) + photoelectric_per_mm(after)) * z)
            row, column = int((y + half_field) // pixel), int((x + half_field) // pixel)
            if 0 <= row < size and 0 <= column < size:
                image[row, column] += weight * share * passing * counted(after)
            cosine = draw_cosine(energy)
            energy /= 1 + energy / ELECTRON_KEV * (1 - cosine)
            # Below this a measured energy within the window is out of reach.
            if energy < 120:
                break
            u, v, w = turn((u, v, w), cosine)
    return primary, image


@dataclass(frozen=True)
class Scattered:
    """Counts at the front per photon and per steradian of acceptance, unscattered and scattered.

    `image` is scatter by (y, x) in pixels around the origin.
    """

    primary: float
    image: NDArray[Any]
    pixel_mm: float

    @property
    def ratio(self) -> float:
        return float(self.image.sum() / self.primary)

    def compute_radial_share(self, edges_mm: NDArray[Any]) -> NDArray[Any]:
        """Share of scatter within rings around the origin."""
        centres = (np.arange(len(self.image)) - (len(self.image) - 1) / 2) * self.pixel_mm
        radius = np.hypot(*np.meshgrid(centres, centres))
        rings, _ = np.histogram(radius, edges_mm, weights=self.image)
        return np.asarray(rings / self.image.sum())


def simulate(
    starts_mm: NDArray[Any],
    thickness_mm: float,
    half_widths_mm: tuple[float, float] = (math.inf, math.inf),
    half_field_mm: float = 400.0,
    pixel_mm: float = 4.0,
    seed: int = 1,
) -> Scattered:
    """Follow one photon from each start (x, y, depth) in a box of water."""
    primary, image = _simulate(
        np.asarray(starts_mm, float), *half_widths_mm, thickness_mm, half_field_mm, pixel_mm, seed
    )
    return Scattered(primary, image, pixel_mm)


def simulate_point(depth_mm: float, photons: int, thickness_mm: float = 300.0, seed: int = 1) -> Scattered:
    return simulate(np.tile([0.0, 0.0, depth_mm], (photons, 1)), thickness_mm, seed=seed)


FIT_DEPTHS_MM = (10, 20, 30, 40, 60, 80, 100, 120, 150, 180, 220)
FIT_RINGS_MM = np.array([0, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 160, 200, 240, 300.0])


def compute_ratio(scattered: Scattered, depths_mm: NDArray[Any], narrow_beam_per_mm: float) -> float:
    """Scatter for each photon that passes unscattered where coherent scattering attenuates too.

    What scattered coherently is counted nearly where it would have been: it belongs to scatter.
    """
    followed = compton_per_mm(PEAK_KEV) + photoelectric_per_mm(PEAK_KEV)
    more = np.exp(-followed * depths_mm).mean() / np.exp(-narrow_beam_per_mm * depths_mm).mean()
    return float((1 + scattered.ratio) * more - 1)


def fit(photons: int, narrow_beam_per_mm: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Coefficients of the ratio (of the depth and of its square); share, width and power of both Gaussians."""
    depths = np.array(FIT_DEPTHS_MM, float)
    points = [simulate_point(depth, photons) for depth in depths]
    ratios = [compute_ratio(one, np.array([t]), narrow_beam_per_mm) for one, t in zip(points, depths, strict=True)]
    shares = [np.cumsum(one.compute_radial_share(FIT_RINGS_MM)) for one in points]

    def miss(parameters: NDArray[Any]) -> NDArray[Any]:
        share, narrow, narrow_power, broad, broad_power = parameters
        within = [
            1
            - share * np.exp(-((FIT_RINGS_MM[1:] / (narrow * (t / 50) ** narrow_power)) ** 2) / 2)
            - (1 - share) * np.exp(-((FIT_RINGS_MM[1:] / (broad * (t / 50) ** broad_power)) ** 2) / 2)
            for t in depths
        ]
        return np.concatenate(within) - np.concatenate(shares)

    relative = np.column_stack([depths, depths**2]) / np.array(ratios)[:, None]
    ratio = np.linalg.lstsq(relative, np.ones(len(depths)), rcond=None)[0]
    return ratio, optimize.least_squares(miss, [0.4, 5, 1, 20, 1]).x


if __name__ == "__main__":
    ratio, kernel = fit(3_000_000, 0.014766)
    print("ratio per mm, per mm2:", *ratio)
    print("share of the narrow Gaussian; widths at 50 mm and powers, narrow and broad:", *kernel)
