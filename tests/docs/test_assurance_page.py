"""The page about assurance and search names every row that they give, and its own formulas hold."""

import re
from pathlib import Path

import pytest

from residuum.report.numbers import Numbers
from residuum.steps.trial_assurance import trial_assurance
from residuum.steps.trial_search import trial_search

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "trial-assurance.md").read_text("utf-8")
CENTRAL = ROOT / "examples" / "designs" / "residual_oligo_central.toml"
PURCHASES = (
    "patients|events|interval_ratio|detectable_hazard_ratio|power|target_control|borrowing.power|borrowing.power_without|"
    "borrowing.type_one_error|registry.interval_ratio"
)
PLACEHOLDERS = {
    "bound": "exclusive|inclusive|given",
    "reading": "evaluable|stage_m|declared",
    "input": "(?:accrual|failure|radiotherapy|dropout|assessment|effect)[a-z_.]+",
    "rank": "[123]",
    "end": "low|high",
    "cure": "shared|cause_specific",
    "measure": "power|done|hazard_ratio|gain",
    "cell_measure": "type_one_error|years|frontier|patients|events",
    "purchase": PURCHASES.replace(".", r"\."),
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Numbers]:
    small = tmp_path_factory.mktemp("design") / "central.toml"
    small.write_text(re.sub(r"(?m)^patients = \[.*\].*$", "patients = [20, 40]", CENTRAL.read_text("utf-8")), "utf-8")
    return [trial_assurance(small, draws=60).numbers, trial_search(small, replicates=256).numbers]


def documented() -> dict[str, re.Pattern[str]]:
    names = re.findall(r"^\| `(trial[^`]+)`", PAGE, re.MULTILINE)
    patterns = {}
    for name in names:
        parts = re.split(r"<([a-z_]+)>", name)
        parts[0::2] = map(re.escape, parts[0::2])
        parts[1::2] = [f"(?:{PLACEHOLDERS[part]})" for part in parts[1::2]]
        patterns[name] = re.compile("".join(parts))
    return patterns


def test_every_row_is_documented_and_every_documented_row_exists(rows: list[Numbers]) -> None:
    patterns = documented()
    names = {row.name for numbers in rows for row in numbers}
    assert not [name for name in names if not any(pattern.fullmatch(name) for pattern in patterns.values())]
    assert not [name for name, pattern in patterns.items() if not any(map(pattern.fullmatch, names))]
    assert all(f"`{purchase}`" in PAGE for purchase in PURCHASES.split("|"))


def test_every_number_is_finite_or_has_a_reason(rows: list[Numbers]) -> None:
    for numbers in rows:
        assert numbers.json({})
        assert not [row.name for row in numbers if row.value is None and not row.reason]


def test_constants_of_the_page_are_those_of_the_program() -> None:
    from residuum.steps.trial_parts import END_TRIALS
    from residuum.steps.trial_search import AVAILABLE_DRAWS
    from residuum.trial.planning.buy import ALPHAS, DRIFTS
    from residuum.trial.planning.inputs import INPUT_STREAM
    from residuum.trial.planning.purchase import FEWEST_EVENTS
    from residuum.trial.planning.variance_shares import DRAWS_PER_BIN, MOST_BINS

    for said in (
        f"{END_TRIALS:,} trials each",
        f"{AVAILABLE_DRAWS:,} draws",
        "one-sided " + ", ".join(f"{100 * alpha:g}" for alpha in ALPHAS) + " %",
        f"g = {DRIFTS[0]:g}, {DRIFTS[1]:g} and {DRIFTS[2]:g}",
        f"number {INPUT_STREAM}, block 0",
        f"b = D / {DRAWS_PER_BIN} bins ({MOST_BINS} at most)",
        f"below {FEWEST_EVENTS:g} nothing is given",
    ):
        assert said in PAGE
