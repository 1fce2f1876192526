"""The verdict: rules, words, and what must never be said."""

from itertools import product

import pytest

from residuum.records.design import BOUNDS, Design
from residuum.trial.planning.variants import Variant
from residuum.trial.planning.verdict import VALUES, Candidate, Need, Standing, Verdict, derive_verdict, significant
from trial.designs import design, irradiating

EXCLUSIVE = Variant("exclusive", "evaluable")
NEED = Need(0.8, 631.0, 20.0, 40.0)
NEEDS = (NEED, Need(1.01, None, 20.0, 40.0), Need(None, None, 0.0, 0.0), Need(0.9, 2829.0, 0.0, 40.0))
FORBIDDEN = (
    "residual disease",
    "cured by chemotherapy",
    "does not work",
    "largest possible",
    "not feasible",
    "infeasible",
    "predicts response",
    "siopen",
    "external control",
    "patient will",
    "this child",
    "cleared sites",
    "nan",
    "inf",
)


def verdict(
    assurance: float,
    done: float,
    *candidates: Candidate,
    variant: Variant = EXCLUSIVE,
    need: Need = NEED,
    one: Design | None = None,
) -> Verdict:
    standing = Standing(variant, assurance, done, 0.1)
    return derive_verdict(one or irradiating(0.2, 0.4), standing, candidates, need, ["e (50 %)"])


@pytest.mark.unit
@pytest.mark.parametrize(
    ("assurance", "done", "end", "decision"),
    [
        (0.6, 0.8, None, "feasible"),
        (0.599, 0.8, None, "not as posed"),
        (0.6, 0.799, None, "not as posed"),
        (0.1, 0.1, (0.6, 0.8), "feasible only under these conditions"),
        (0.1, 0.1, (0.6, 0.79), "not as posed"),
        (0.1, 0.1, (0.59, 1.0), "not as posed"),
    ],
)
def test_the_declared_criteria_decide(
    assurance: float, done: float, end: tuple[float, float] | None, decision: str
) -> None:
    found = verdict(assurance, done, *([Candidate("e at 0.7", *end)] if end else []))
    assert found.decision == decision
    assert found.words.startswith(decision.capitalize())


@pytest.mark.unit
def test_the_words_have_numbers_assumptions_and_what_would_change_it() -> None:
    words = verdict(0.123, 0.456, Candidate("e at 0.7", 0.3, 0.9)).words
    for said in (
        "0.123",
        "0.456",
        "0.6",
        "0.8",
        "exclusive bound",
        "e at 0.7",
        "630 events",
        "1,300 children",
        "e (50 %)",
    ):
        assert said in words
    assert "Assumed:" in words
    assert "no upper limit" in words
    assert "no upper limit" not in verdict(0.1, 0.1, variant=Variant("inclusive", "stage_m")).words


@pytest.mark.property
def test_forbidden_wordings_never_occur() -> None:
    variants = [Variant(bound, reading) for bound in (*BOUNDS, None) for reading in ("evaluable", "stage_m", None)]
    candidates = ((), (Candidate("e at 0.7", 0.3, 0.9),), (Candidate("e at 0.7", 0.9, 0.9),) * 9)
    effect = design(effect={"hazard_ratio": {"central": 0.7, "low": 0.5, "high": 0.9}})
    curing = {"hazard_per_year": 0.3, "cured": 0.3, "cure": "cause_specific"}
    designs = (irradiating(0.2, 0.4), irradiating(0.2, 0.4, curing), effect)
    for variant, some, need, one, assurance in product(variants, candidates, NEEDS, designs, (0.1, 0.9)):
        found = verdict(assurance, 0.9, *some, variant=variant, need=need, one=one)
        words = found.words.lower()
        assert not [said for said in FORBIDDEN if said in words]
        assert "assumed:" in words
        assert found.decision in VALUES


@pytest.mark.unit
def test_numbers_are_printed_with_two_digits() -> None:
    assert [significant(value) for value in (0.123, 3.21, 12.3, 631.2, 2829)] == ["0.12", "3.2", "12", "630", "2,800"]
