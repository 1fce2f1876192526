"""What fits together in a design, and that a section which cannot be read silences only what needs it."""

import inspect
from typing import Any

import pytest

from residuum.records.design import Design, Primary
from residuum.records.design_checks import CHECKS_BY_SECTION, check_design, check_sections

pytestmark = pytest.mark.unit

PLAIN: dict[str, Any] = {
    "format": 1,
    "id": "plain",
    "title": "Plain",
    "accrual": {"patients": 100, "years": 5.0},
    "failure": {"hazard_per_year": 0.3},
    "effect": {"hazard_ratio": 0.7},
    "primary": {"looks_years": [8.0]},
}
ILL_FITTING: dict[str, Any] = PLAIN | {
    "profiles": [{"name": "a", "share": 0.4}, {"name": "b", "share": 0.4}],
    "primary": {"looks_events": [101]},
}


def rules(declared: dict[str, Any], without: str | None = None) -> list[str]:
    sections = dict(Design.model_validate(declared))
    if without is not None:
        del sections[without]
    return [problem.rule for problem in check_sections(sections, "plain.toml")]


def test_a_plain_design_fits() -> None:
    assert check_design(Design.model_validate(PLAIN)) == []


def test_problems_name_the_file_key_and_value() -> None:
    shares, events = check_design(Design.model_validate(ILL_FITTING), "mine.toml")
    assert str(shares) == (
        "mine.toml, column profiles: the shares of the profiles add to 0.8, not to 1 (value '[0.4, 0.4]'). "
        "Correct them; they are shares of all patients. [design.profile_shares]"
    )
    assert (events.rule, events.value) == ("design.more_events_than_patients", "[101]")


@pytest.mark.parametrize(
    ("without", "left"),
    [
        (None, ["design.profile_shares", "design.more_events_than_patients"]),
        ("profiles", ["design.more_events_than_patients"]),
        ("accrual", ["design.profile_shares"]),
        ("primary", ["design.profile_shares"]),
        ("borrowing", ["design.profile_shares", "design.more_events_than_patients"]),
    ],
)
def test_a_section_that_cannot_be_read_silences_what_needs_it(without: str | None, left: list[str]) -> None:
    assert rules(ILL_FITTING, without) == left


def test_checks_are_given_the_sections_that_they_name() -> None:
    for check, needed in CHECKS_BY_SECTION.items():
        assert tuple(inspect.signature(check).parameters) == needed
        assert set(needed) <= set(Design.model_fields)


@pytest.mark.parametrize(
    "test", ["log_rank", "stratified_log_rank", "weighted_log_rank", "max_combo", "rmst", "milestone"]
)
@pytest.mark.parametrize("looks", [1, 2])
def test_only_the_log_rank_family_has_several_looks(test: str, looks: int) -> None:
    horizon = {"horizon_years": 3.0} if test in ("rmst", "milestone") else {}
    spending = {"spending": {"efficacy": "pocock"}} if looks > 1 else {}
    strata = [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5, "stratum": 1}]
    primary = {"test": test, "looks_events": [30, 60][-looks:]} | horizon | spending
    found = rules(PLAIN | {"profiles": strata, "primary": primary})
    assert found == ([] if looks == 1 or test.endswith("log_rank") else ["design.one_look_only"])


@pytest.mark.parametrize(("last", "fits"), [(0.025, True), (0.025 + 1e-12, True), (0.0251, False), (0.0249, False)])
def test_spent_ends_with_alpha(last: float, fits: bool) -> None:
    primary = {"looks_events": [30, 60], "spending": {"spent": [0.01, last]}}
    assert (rules(PLAIN | {"primary": primary}) == []) == fits


def test_an_event_look_needs_a_latest_year_only_where_events_may_not_come() -> None:
    assert rules(PLAIN | {"primary": {"looks_events": [100]}}) == []
    assert rules(PLAIN | {"primary": {"looks_events": [60]}, "dropout": {"per_year": 0.1}}) == [
        "design.latest_year_missing"
    ]
    assert rules(PLAIN | {"primary": {"looks_events": [60], "latest_year": 9.0}, "dropout": {"per_year": 0.1}}) == []


def test_defaults_written_out_change_nothing() -> None:
    written = {name: field.get_default() for name, field in Primary.model_fields.items() if not field.is_required()}
    design = Design.model_validate(PLAIN)
    assert check_design(design.model_copy(update={"primary": Primary(**written | {"looks_years": (8.0,)})})) == []
