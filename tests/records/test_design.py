"""Parts of a design are possible from birth."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from residuum.records.checks import CHECKS, DESIGN_CHECKS
from residuum.records.design import Accrual, Design, Dropout, Effect, Failure, Profile, Quantity, Radiotherapy, Shares

NUMBERS = st.floats(-2, 2)


@pytest.mark.unit
def test_a_number_is_a_quantity_without_a_range() -> None:
    therapy = Radiotherapy.model_validate({"local_effect": 0.4})
    assert therapy.local_effect == Quantity(central=0.4)
    assert therapy.local_effect.known
    assert Quantity(central=0.4, low=0.4, high=0.4).known
    assert not Quantity(central=0.4, low=0.1, high=0.4).known


@pytest.mark.property
@given(central=NUMBERS, low=st.none() | NUMBERS, high=st.none() | NUMBERS)
def test_a_range_is_whole_and_in_order(central: float, low: float | None, high: float | None) -> None:
    possible = (low is None and high is None) or (low is not None and high is not None and low <= central <= high)
    assert accepted(Quantity, {"central": central, "low": low, "high": high}) == possible


@pytest.mark.property
@given(value=NUMBERS)
def test_limits_hold_for_every_part_of_a_range(value: float) -> None:
    possible = 0 <= value <= 1
    assert accepted(Radiotherapy, {"local_effect": value}) == possible
    ends = {"central": 0.5, "low": min(value, 0.5), "high": max(value, 0.5)}
    assert accepted(Radiotherapy, {"local_effect": ends}) == possible
    assert accepted(Dropout, {"per_year": value}) == (value == 0 or value >= 1e-9)
    assert accepted(Failure, {"cured": value}) == (0 <= value < 1)
    assert accepted(Effect, {"hazard_ratio": value}) == (value >= 0.01)


@pytest.mark.unit
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_number_is_missing_or_infinite(value: float) -> None:
    assert not accepted(Radiotherapy, {"local_effect": value})
    assert not accepted(Radiotherapy, {"local_effect": {"central": 0.4, "low": 0.0, "high": value}})
    assert not accepted(Accrual, {"patients": 10, "years": value})


@pytest.mark.property
@given(
    shares=st.tuples(*[st.floats(0, 1)] * 3),
    room=st.tuples(*[st.floats(0, 1)] * 3),
)
def test_shares_leave_room_for_each_other(shares: tuple[float, ...], room: tuple[float, ...]) -> None:
    names = ("target_only", "both", "death")
    ends = [share + (1 - share) * part for share, part in zip(shares, room, strict=True)]
    ranges = {
        name: {"central": share, "low": 0.0, "high": max(end, share)}
        for name, share, end in zip(names, shares, ends, strict=True)
    }
    assert accepted(Shares, dict(zip(names, shares, strict=True))) == (sum(shares) <= 1 + 1e-9)
    assert accepted(Shares, ranges) == (max(sum(shares), sum(ends)) <= 1 + 1e-9)


@pytest.mark.unit
def test_faults_of_a_range_are_all_named_with_their_place() -> None:
    with pytest.raises(ValidationError) as error:
        Radiotherapy.model_validate({"local_effect": {"central": 0.5, "low": -1, "high": 2}})
    found = [(detail["loc"], detail["type"], detail["input"]) for detail in error.value.errors()]
    assert found == [
        (("local_effect", "low"), "design.outside", -1.0),
        (("local_effect", "high"), "design.outside", 2.0),
    ]


@pytest.mark.unit
def test_parts_do_not_change() -> None:
    profile = Profile(name="all", share=1.0)
    with pytest.raises(ValidationError, match="frozen"):
        profile.share = 0.5  # type: ignore[misc]


@pytest.mark.unit
def test_every_key_says_what_it_means() -> None:
    silent = [
        (model.__name__, name)
        for model in models(Design)
        for name, field in model.model_fields.items()
        if not field.description
    ]
    assert silent == []


@pytest.mark.unit
def test_checks_of_designs_and_of_studies_have_names_of_their_own() -> None:
    assert set(CHECKS).isdisjoint(DESIGN_CHECKS)
    assert all(name.startswith("design.") for name in DESIGN_CHECKS)
    assert {check.severity for check in DESIGN_CHECKS.values()} == {"error"}


def accepted(part: type[BaseModel], declared: dict[str, Any]) -> bool:
    """Whether a part of a design can be made."""
    try:
        part.model_validate(declared)
    except ValidationError:
        return False
    return True


def models(model: type[BaseModel]) -> set[type[BaseModel]]:
    """Return a model and all models of its fields."""
    found = {model}
    waiting: list[Any] = [field.annotation for field in model.model_fields.values()]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= models(kind)
        else:
            waiting.extend(getattr(kind, "__args__", ()))
    return found
