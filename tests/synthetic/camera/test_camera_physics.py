"""Numbers of the nuclide, of tissues, of lead and of collimators against tables and formulas."""

import numpy as np
import pytest

from residuum.synthetic.camera.attenuation import compute_attenuation, compute_linear_attenuation
from residuum.synthetic.camera.collimators import (
    COLLIMATORS,
    EXTENDED_GE,
    LEHR_GE,
    LEHR_SIEMENS,
    MEGP_GE,
    Camera,
    Collimator,
)
from residuum.synthetic.camera.nuclide import HIGH_KEV, HIGH_YIELD, PEAK_YIELD, decay
from residuum.synthetic.phantom.organs import ORGANS


@pytest.mark.unit
@pytest.mark.parametrize(("hours", "left"), [(0, 1), (13.22, 0.5), (26.44, 0.25), (-13.22, 2), (24, 0.2841)])
def test_half_of_the_activity_decays_in_13_22_hours(hours: float, left: float) -> None:
    assert decay(hours) == pytest.approx(left, abs=1e-4)


@pytest.mark.external
def test_the_high_group_is_the_sum_of_the_lines_above_400_kev() -> None:
    # Lines and photons per 100 decays of the Decay Data Evaluation Project.
    lines = np.array([440.02, 505.33, 528.96, 538.54, 624.57, 687.95, 735.78, 783.59])
    photons = np.array([0.4229, 0.266, 1.280, 0.3788, 0.0798, 0.0269, 0.0616, 0.0591])
    assert photons.sum() / 100 == pytest.approx(HIGH_YIELD, abs=3e-4)
    assert (lines * photons).sum() / photons.sum() == pytest.approx(HIGH_KEV, abs=1)
    assert pytest.approx(0.833, abs=1e-3) == PEAK_YIELD


@pytest.mark.external
@pytest.mark.parametrize(
    ("material", "energy_kev", "per_cm"),
    [
        # Tabulated energies: NIST mass attenuation times density.
        ("water", 150, 0.1505),
        ("lung", 500, 0.09607 * 0.26),
        ("bone", 200, 0.1309 * 1.4),
        ("lead", 600, 0.1248 * 11.35),
        # Between them, by hand: 2.014 (0.9985 / 2.014)^(ln(159 / 150) / ln(200 / 150)) and so on.
        ("lead", 159, 19.83),
        ("water", 159, 0.1477),
        ("bone", 159, 0.2021),
        ("lung", 159, 0.0381),
        ("water", 529, 0.09454),
        ("lead", 529, 1.692),
    ],
)
def test_linear_attenuation(material: str, energy_kev: float, per_cm: float) -> None:
    assert compute_linear_attenuation(material, energy_kev) * 10 == pytest.approx(per_cm, rel=2e-3)  # type: ignore[arg-type]


@pytest.mark.unit
@pytest.mark.parametrize("energy_kev", [99.9, 601, float("nan")])
def test_energies_beyond_the_table_are_refused(energy_kev: float) -> None:
    with pytest.raises(ValueError, match="energy_kev is"):
        compute_linear_attenuation("water", energy_kev)


@pytest.mark.unit
def test_each_voxel_has_the_attenuation_of_its_tissue() -> None:
    organ = np.arange(len(ORGANS), dtype=np.uint8).reshape(1, 1, -1)
    found = compute_attenuation(np.zeros_like(organ), organ, 159)
    assert found.dtype == np.float32
    expected = {"outside": 0.0, "lungs": 0.00381}
    assert dict(zip(ORGANS, found.ravel().tolist(), strict=True)) == pytest.approx(
        {name: expected.get(name, 0.01477) for name in ORGANS}, rel=2e-3
    )


@pytest.mark.unit
def test_bone_wins_over_organs() -> None:
    lungs = np.full((1, 1, 3), ORGANS.index("lungs"), np.uint8)
    region = np.array([[[0, 1, 28]]], np.uint8)
    assert compute_attenuation(region, lungs, 159).ravel() == pytest.approx([0.00381, 0.02021, 0.02021], rel=2e-3)


@pytest.mark.unit
def test_shapes_of_regions_and_organs_must_agree() -> None:
    with pytest.raises(ValueError, match="shapes"):
        compute_attenuation(np.zeros((1, 1, 2), np.uint8), np.zeros((1, 1, 3), np.uint8), 159)


@pytest.mark.external
@pytest.mark.parametrize(
    ("collimator", "resolutions", "efficiency", "transmissions"),
    [
        (LEHR_SIEMENS, (5.2, 7.0, 9.2), 1.2e-4, (0.04, 0.76)),
        (LEHR_GE, (5.3, 7.0, 9.0), 1.0e-4, (0.01, 0.69)),
        (EXTENDED_GE, (6.9, 9.7, 12.7), 2.1e-4, (0.003, 0.61)),
        (MEGP_GE, (6.8, 9.1, 11.5), 1.0e-4, (0.0, 0.23)),
    ],
    ids=lambda one: one.name if isinstance(one, Collimator) else "",
)
def test_collimators_against_worked_figures(
    collimator: Collimator,
    resolutions: tuple[float, ...],
    efficiency: float,
    transmissions: tuple[float, float],
) -> None:
    camera = Camera(collimator)
    assert [round(camera.compute_resolution(one), 1) for one in (50, 100, 150)] == list(resolutions)
    assert collimator.efficiency == pytest.approx(efficiency, rel=0.04)
    for energy, share in zip((159, 529), transmissions, strict=True):
        assert collimator.compute_septum_transmission(energy) == pytest.approx(share, abs=0.005)


@pytest.mark.external
def test_sensitivity_is_near_the_maker_s() -> None:
    # Siemens states 202 counts per minute and microcurie for Tc-99m (89 % photons of 140 keV). A crystal of 9.5 mm
    # stops 0.92 of 140 keV and 0.85 of 159 keV (NIST, sodium iodide: 2.7 and 2.0 per cm).
    found = Camera(LEHR_SIEMENS).efficiency * 0.924 / 0.851 * 0.89 * 37_000 * 60
    assert found == pytest.approx(202, rel=0.03)


@pytest.mark.unit
def test_resolution_at_the_face_is_the_hole() -> None:
    for one in COLLIMATORS:
        assert one.compute_resolution(0) == pytest.approx(one.hole_mm)


@pytest.mark.unit
def test_penetration_is_large_with_thin_and_small_with_thick_septa() -> None:
    # Counts of high-energy photons for each unscattered one of the peak, of a source in air.
    shares = [one.penetration * HIGH_YIELD / (Camera(one).efficiency * PEAK_YIELD) for one in COLLIMATORS]
    assert shares == sorted(shares, reverse=True)
    assert 0.3 < shares[0] < 0.4
    assert shares[-1] < 0.01


@pytest.mark.unit
def test_the_haze_has_the_width_at_half_maximum_of_its_formula() -> None:
    # The spot on the crystal, drawn out: solid angle and slant of a crystal, attenuation of the slanted plate.
    for one in COLLIMATORS:
        lead = 0.1692 * one.length_mm * (1 - (one.hole_mm / (one.hole_mm + one.septum_mm)) ** 2)
        tangents = np.linspace(0, 3, 30_001)
        cosines = 1 / np.sqrt(1 + tangents**2)
        spot = cosines**3 * np.exp(-lead / cosines)
        half = tangents[spot >= spot[0] / 2][-1]
        assert one.penetration_slope * np.sqrt(2 * np.log(2)) == pytest.approx(half, rel=2e-3)


@pytest.mark.unit
@pytest.mark.parametrize("lengths", [(0, 0.2, 24), (1, -0.2, 24), (1, 0.2, float("inf")), (1, 0.2, 1.0)])
def test_impossible_collimators_are_refused(lengths: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="mm"):
        Collimator("none", *lengths)
