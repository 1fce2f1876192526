"""What a verdict names as condition."""

from pathlib import Path

import pytest

from residuum.intake.design_file import read_design
from residuum.trial.planning.variants import derive_variants
from residuum.trial.planning.verdict import CENTRAL, Candidate, Need, Standing, derive_verdict

DESIGNS = Path(__file__).parents[2] / "examples" / "designs"

pytestmark = pytest.mark.unit


def words(candidates: list[Candidate], assurance: float = 0.3) -> tuple[str, str]:
    design = read_design(DESIGNS / "residual_oligo_central.toml")
    standing = Standing(derive_variants(design)[0], assurance, 0.9, 0.1)
    verdict = derive_verdict(design, standing, candidates, Need(0.7, 247.0, 100.0, 200.0), [])
    return verdict.decision, verdict.words


def test_where_the_central_values_do_no_end_of_a_range_is_a_condition() -> None:
    decision, said = words([Candidate(CENTRAL, 0.7, 0.9), Candidate("dropout.per_year at 0.04", 0.69, 0.9)])
    assert decision == "feasible only under these conditions"
    assert CENTRAL in said
    assert "it is the ranges" in said
    assert "dropout" not in said


def test_where_they_do_not_the_ends_are_named_best_first() -> None:
    decision, said = words(
        [Candidate(CENTRAL, 0.4, 0.9), Candidate("e at 0.6", 0.65, 0.9), Candidate("e at 0.7", 0.8, 0.9)]
    )
    assert decision == "feasible only under these conditions"
    assert said.index("e at 0.7") < said.index("e at 0.6")


def test_needs_are_said_to_be_of_efs() -> None:
    assert "log-rank test of EFS" in words([Candidate(CENTRAL, 0.1, 0.9)])[1]
