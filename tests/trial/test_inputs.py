"""Ranges of a design: their paths, their draws, and the design at a draw."""

from pathlib import Path

import numpy as np
import pytest

from residuum.intake.design_file import read_design
from residuum.records.design import Quantity, Shares
from residuum.records.errors import CallError
from residuum.trial.planning.inputs import SHARES, draw_inputs, open_inputs, with_values
from residuum.trial.planning.shares import FirstEvents, derive_share_posterior
from trial.designs import design, irradiating

CENTRAL = Path(__file__).parents[2] / "examples" / "designs" / "residual_oligo_central.toml"
EFFECT = "radiotherapy.local_effect"


def generator() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.mark.unit
def test_ranges_are_named_by_their_dotted_path() -> None:
    found = open_inputs(read_design(CENTRAL))
    assert {EFFECT, "failure.shares.both", "accrual.funnel.consent", "accrual.shape", "dropout.per_year"} <= set(found)
    assert "assessment.false_positive" not in found  # one value
    assert found[EFFECT].high == 0.7
    assert open_inputs(design(effect={"hazard_ratio": 0.7})) == {}


@pytest.mark.unit
def test_a_value_replaces_its_range_and_nothing_else() -> None:
    before = read_design(CENTRAL)
    after = with_values(before, {EFFECT: 0.6, "failure.cured": 0.3})
    assert after.radiotherapy is not None
    assert after.radiotherapy.local_effect == Quantity(central=0.6)
    assert set(open_inputs(before)) - set(open_inputs(after)) == {EFFECT, "failure.cured"}
    assert before.radiotherapy is not None
    assert before.radiotherapy.local_effect.central == 0.4


@pytest.mark.unit
def test_entries_of_a_list_are_counted_from_one() -> None:
    hazards = ({"central": 0.4, "low": 0.3, "high": 0.5}, 0.1)
    piecewise = {"baseline": "piecewise", "from_years": (0.0, 1.0), "hazards_per_year": hazards}
    before = design(failure=piecewise, effect={"hazard_ratio": 0.7})
    assert list(open_inputs(before)) == ["failure.hazards_per_year[1]"]
    after = with_values(before, {"failure.hazards_per_year[2]": 0.2})
    assert [hazard.central for hazard in after.failure.hazards_per_year] == [0.4, 0.2]


@pytest.mark.unit
@pytest.mark.parametrize(
    "path",
    ["radiotherapy", "radiotherapy.e", "failure.hazards_per_year[3]", "failure.cured[1]", "title", "nothing.at.all"],
)
def test_what_is_no_quantity_cannot_be_set(path: str) -> None:
    with pytest.raises(CallError, match="no quantity"):
        with_values(read_design(CENTRAL), {path: 1.0})


@pytest.mark.external
def test_draws_have_the_moments_of_their_distributions() -> None:
    """PERT: mean (low + 4 mode + high) / 6, variance (mean - low)(high - mean) / 7; log-normal: exp(mu + sigma^2/2)."""
    one = design(
        effect={"hazard_ratio": {"central": 0.7, "low": 0.5, "high": 0.98, "distribution": "log_normal"}},
        dropout={"per_year": {"central": 0.02, "low": 0.01, "high": 0.08}},
        failure={
            "hazard_per_year": 0.3,
            "frailty_variance": {"central": 0.0, "low": 0.0, "high": 1.0, "distribution": "uniform"},
        },
    )
    drawn = draw_inputs(one, generator(), 200_000)
    pert, ratio, flat = (
        drawn.column(path) for path in ("dropout.per_year", "effect.hazard_ratio", "failure.frailty_variance")
    )
    assert pert is not None
    assert ratio is not None
    assert flat is not None
    mean = (0.01 + 4 * 0.02 + 0.08) / 6
    assert pert.mean() == pytest.approx(mean, rel=0.005)
    assert pert.var() == pytest.approx((mean - 0.01) * (0.08 - mean) / 7, rel=0.02)
    sigma = np.log(0.98 / 0.5) / (2 * 1.959964)
    assert np.median(ratio) == pytest.approx(0.7, rel=0.005)
    assert ratio.mean() == pytest.approx(0.7 * np.exp(sigma**2 / 2), rel=0.005)
    assert ((ratio > 0.5) & (ratio < 0.98)).mean() == pytest.approx(0.95, abs=0.003)
    assert (flat.mean(), flat.var()) == pytest.approx((0.5, 1 / 12), rel=0.01)
    assert np.abs(np.corrcoef(drawn.values.T) - np.eye(3)).max() < 0.01


@pytest.mark.property
def test_shares_that_add_to_more_than_one_are_drawn_again() -> None:
    wide = {"central": 0.4, "low": 0.0, "high": 0.9, "distribution": "uniform"}
    shares = Shares.model_construct(
        target_only=Quantity.model_validate(wide), both=Quantity.model_validate(wide), death=Quantity(central=0.1)
    )
    one = irradiating(0.1, 0.4)
    one = one.model_copy(update={"failure": one.failure.model_copy(update={"shares": shares})})
    drawn = draw_inputs(one, generator(), 5000)
    total = drawn.values[:, [drawn.paths.index(path) for path in SHARES[:2]]].sum(axis=1)
    assert total.max() <= 0.9 + 1e-9
    assert total.mean() == pytest.approx(0.6, abs=0.02)  # uniform on the triangle below 0.9


@pytest.mark.external
def test_the_posterior_of_a_study_replaces_the_shares() -> None:
    """Beta(1/2 + 3, 1/2 + 16) for 3 of 19 target failures, whose mean is 3.5 / 20."""
    events = {"exclusive": FirstEvents(3, 14, 2, 0), "inclusive": FirstEvents(8, 9, 2, 0)}
    posteriors = {bound: derive_share_posterior(one) for bound, one in events.items()}
    drawn = draw_inputs(irradiating(0.1, 0.4), generator(), 100_000, posteriors)
    assert drawn.paths == SHARES
    only, both, death = drawn.values.T
    assert only.mean() == pytest.approx(3.5 / 20, rel=0.01)
    assert (only + both).mean() == pytest.approx(8.5 / 20, rel=0.01)
    assert min(only.min(), both.min(), death.min()) >= 0
    assert drawn.values.sum(axis=1).max() <= 1 + 1e-9
    assert np.all((drawn.low < drawn.central) & (drawn.central < drawn.high))


@pytest.mark.unit
def test_an_end_keeps_the_shares_within_one() -> None:
    few = {"exclusive": FirstEvents(1, 1, 0, 0), "inclusive": FirstEvents(2, 0, 0, 0)}
    posteriors = {bound: derive_share_posterior(one) for bound, one in few.items()}
    one = irradiating(0.1, 0.4)
    drawn = draw_inputs(one, generator(), 2000, posteriors)
    for path in SHARES:
        shares = drawn.end_design(one, path, "high").failure.shares
        assert shares is not None
        assert shares.target_only.central + shares.both.central + shares.death.central <= 1 + 1e-9
