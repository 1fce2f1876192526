"""Design files: the examples read, every refusal names key, value and cure, and nothing else ever happens."""

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from design_cases import CASES, DECLARED, EXAMPLES, GONE, NAMES, Case, changed, toml
from hypothesis import given
from hypothesis import strategies as st

from residuum.intake.design_file import read_design
from residuum.records.checks import DESIGN_CHECKS
from residuum.records.design import Design
from residuum.records.errors import CallError, InputError, Problem

UNSEEDED = {"radiotherapy.seeded_elsewhere": GONE}
GARBLED = {"design.syntax"}  # below: it needs more than a changed key


def refused(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    """Return why a design file is refused."""
    path = folder / "mine.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=r"mine\.toml cannot be used") as error:
        read_design(path)
    return error.value.problems


@pytest.mark.unit
@pytest.mark.parametrize("name", NAMES)
def test_examples_read(name: str) -> None:
    design = read_design(EXAMPLES / f"{name}.toml")
    assert design.id == name
    assert design == Design.model_validate(DECLARED[name])


@pytest.mark.unit
@pytest.mark.parametrize("name", NAMES)
def test_examples_read_when_written_in_another_way(name: str, tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(toml(DECLARED[name]), "utf-8")
    assert read_design(path) == read_design(EXAMPLES / f"{name}.toml")


@pytest.mark.unit
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.key}")
def test_every_refusal_names_key_value_and_cure(case: Case, tmp_path: Path) -> None:
    problems = refused(tmp_path, toml(changed(case.example, case.changes)))
    found = {(problem.rule, problem.column, problem.value): problem for problem in problems}
    assert (case.rule, case.key, case.value) in found, "\n".join(map(str, problems))
    problem = found[case.rule, case.key, case.value]
    assert case.cure in problem.cure
    assert (problem.file, problem.severity, problem.row) == ("mine.toml", "error", None)
    assert "{" not in problem.message
    assert problem.cure.endswith((".", "?"))


@pytest.mark.unit
def test_every_check_has_a_case() -> None:
    assert {case.rule for case in CASES} == set(DESIGN_CHECKS) - GARBLED


@pytest.mark.unit
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.key}")
def test_one_fault_is_said_once(case: Case, tmp_path: Path) -> None:
    problems = refused(tmp_path, toml(changed(case.example, case.changes)))
    keys = [problem.column for problem in problems]
    several = case.key == "primary.spending.spent"  # a list can be wrong in several ways
    assert several or keys.count(case.key) == 1, "\n".join(map(str, problems))


@pytest.mark.unit
def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    changes = {
        "titel": "x",
        "accrual.patients": -4,
        "accrual.funnel.consent": 1.7,
        "profiles.0.share": 0.4,
        "radiotherapy.crossover": {"central": 0.5, "low": 0.8, "high": 0.1},
        "failure.shape": 2.0,
        "assessment.every_months": [3],
        "primary.spending": {"efficacy": "pocock", "spent": [0.01, 0.05]},
        "primary.latest_year": 10,
        "borrowing.events": 31,
    }
    found = [
        (problem.rule, problem.column)
        for problem in refused(tmp_path, toml(changed("residual_oligo_central", changes)))
    ]
    assert sorted(found) == sorted(
        [
            ("design.unknown_key", "titel"),
            ("design.wrong_value", "accrual.patients"),
            ("design.outside", "accrual.funnel.consent"),
            ("design.profile_shares", "profiles"),
            ("design.range_order", "radiotherapy.crossover.low"),
            ("design.range_order", "radiotherapy.crossover.high"),
            ("design.no_effect", "failure.shape"),
            ("design.alpha_spent_twice", "primary.spending.spent"),
            ("design.alpha_overspent", "primary.spending.spent"),
            ("design.borrowed_events", "borrowing.events"),
        ]
    )


@pytest.mark.unit
def test_alpha_spent_twice_is_said_in_words(tmp_path: Path) -> None:
    spending = {"primary.spending": {"efficacy": "pocock", "spent": [0.01, 0.05]}}
    twice, over = refused(tmp_path, toml(changed("residual_oligo_central", spending)))
    assert twice.message == "alpha is spent twice, by the function `efficacy` (pocock) and by the list `spent`"
    assert over.message == "more than alpha (0.025) is spent, 0.05 by look 2: part of it is spent twice"


@pytest.mark.unit
def test_a_latest_year_is_wanted_for_every_reason(tmp_path: Path) -> None:
    changes = {"primary.latest_year": 10.0, "primary.endpoint": "target_control"}
    declared = changed("residual_oligo_central", changes)
    del declared["primary"]["latest_year"]
    (problem,) = refused(tmp_path, toml(declared))
    for reason in ("accrual by centres", "failure.cured", "dropout.per_year", "visits", "primary.endpoint"):
        assert reason in problem.message


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "row", "reason"),
    [
        ('format = 1\ntitle = "x\n', 2, "Illegal character"),
        ("format = 1\n\n[accrual\n", 3, "Expected ']'"),
        ("format = 1\nformat = 1\n", 2, "Cannot overwrite a value"),
        ("format = 1\nid =", 2, "Invalid value"),
        ("format = 1\rid =", 2, "Invalid value"),
        ("a = " + "[" * 5000, None, ""),
        ("a = " + "9" * 5000, None, ""),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(tmp_path: Path, text: str, row: int | None, reason: str) -> None:
    (problem,) = refused(tmp_path, text)
    assert (problem.rule, problem.row) == ("design.syntax", row)
    assert reason in problem.message


@pytest.mark.unit
@pytest.mark.parametrize(
    ("data", "rule"),
    [(b"title = 'caf\xe9'", "file.not_utf8"), (b"title\0", "file.nul_byte"), (b"", "design.missing_key")],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, rule: str) -> None:
    assert {problem.rule for problem in refused(tmp_path, data)} == {rule}


@pytest.mark.unit
@pytest.mark.parametrize("line_end", [b"\r\n", b"\r", b"\n"])
def test_a_byte_order_mark_and_other_line_ends_are_understood(tmp_path: Path, line_end: bytes) -> None:
    path = tmp_path / "s1_fixed.toml"
    written = (EXAMPLES / "s1_fixed.toml").read_bytes().replace(b"\r\n", b"\n")
    path.write_bytes(b"\xef\xbb\xbf" + written.replace(b"\n", line_end))
    assert read_design(path) == read_design(EXAMPLES / "s1_fixed.toml")


@pytest.mark.unit
def test_no_file_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"nowhere\.toml cannot be read"):
        read_design(tmp_path / "nowhere.toml")
    with pytest.raises(CallError, match="name the design file"):
        read_design(tmp_path)


@pytest.mark.unit
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CallError, match=r"pipe is not a plain file; name the design file"):
        read_design(tmp_path / "pipe")


@pytest.mark.unit
@pytest.mark.parametrize(
    "changes",
    [
        {"effect.hazard_ratio": 1},
        {"accrual.funnel": DECLARED["residual_oligo_central"]["accrual"]["funnel"]},
        {"primary.rho": 0.0, "primary.spending": {"beta": 0.2}},  # defaults written out
        {"primary.test": "weighted_log_rank", "primary.gamma": 1.0},
        {"primary.test": "milestone", "primary.horizon_years": 3},
        {"primary.looks_years": [4, 8], "primary.spending": {"spent": [0, 0.025]}},
        {"primary.looks_years": [4, 8], "primary.spending": {"efficacy": "power", "efficacy_parameter": 3}},
        {"failure": {"baseline": "piecewise", "from_years": [0, 2], "hazards_per_year": [0.4, 0]}},
        {"failure": {"baseline": "weibull", "median_years": 1.2, "shape": 0.9, "cured": 0.3}},
        {"failure": {"hazard_per_year": 0.27, "cured": 0.3, "cure": "cause_specific"}},
        {"allocation": [1, 2], "title": "Größe 𝛼"},
        {"notes": "one\n\ttwo"},
        {"primary.looks_years": [4, 6, 8], "primary.spending": {"spent": [0, 0.01, 0.025]}},
        {"primary.looks_years": [2, 2.01, 8], "primary.spending": {"efficacy": "pocock"}},
        {"primary.looks_years": [4, 8], "primary.spending": {"efficacy": "pocock", "futility": "pocock", "beta": 0.97}},
        {"effect.hazard_ratio": {"central": 0.8, "low": 0.5, "high": 1.0, "distribution": "log_normal"}},
    ],
    ids=str,
)
def test_what_is_possible_is_read(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(toml(changed("s1_fixed", changes)), "utf-8")
    assert isinstance(read_design(path), Design)


@pytest.mark.unit
@pytest.mark.parametrize(
    "changes",
    [
        {"failure.bound": "inclusive", "failure.shares.both": {"central": 0, "low": 0, "high": 0.2}},
        {"radiotherapy.seeded_elsewhere": 0.2, "radiotherapy.local_effect": {"central": 0, "low": 0, "high": 0.5}},
        {
            "radiotherapy.seeded_elsewhere": 0.2,
            "failure.shares": {"target_only": {"central": 0.9, "low": 0.5, "high": 0.9}, "death": 0.1},
        },
        {"radiotherapy.seeded_elsewhere": 0.2, "failure.shares": {"target_only": 0.5, "both": 0.5}},
        {"radiotherapy.compliance": {"central": 0, "low": 0, "high": 0.9}, "radiotherapy.crossover": 0},
        UNSEEDED
        | {"radiotherapy.local_effect": 0, "radiotherapy.toxicity_per_year": 0},  # visits: the delay hides failures
        UNSEEDED | {"assessment": GONE, "radiotherapy.local_effect": 0},  # toxicity begins after the delay
        {"failure.target_power": 0.0},  # the numbers of targets say what does not matter
        {"accrual.centres": 1},
    ],
    ids=str,
)
def test_a_key_that_may_act_is_read(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(toml(changed("residual_oligo_central", changes)), "utf-8")
    assert isinstance(read_design(path), Design)


@pytest.mark.unit
def test_an_empty_name_is_the_only_fault_of_its_list(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, toml(changed("s1_fixed", {"profiles": [{"name": "", "share": 1.0}]})))
    assert problem.column == "profiles[1].name"


def places(declared: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place in a design file, sections and entries of lists too."""
    inside = (
        declared.items() if isinstance(declared, dict) else enumerate(declared) if isinstance(declared, list) else ()
    )
    return [found for name, value in inside for found in [(*place, name), *places(value, (*place, name))]]


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
SCALARS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.integers(-2, 50),
    st.floats(),
    st.floats(0, 2),
    st.booleans(),
    WORDS,
    st.sampled_from(["power", "rmst", "weibull", "piecewise", "uniform", "centres", "target_control", "log_normal"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["central", "low", "high", "share", "name", "x"]), inner, max_size=3),
    ),
    max_leaves=5,
)


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an example with up to four changes anywhere."""
    declared = deepcopy(DECLARED[draw(st.sampled_from(NAMES))])
    for _ in range(draw(st.integers(1, 4))):
        everywhere = places(declared)
        *sections, name = draw(st.sampled_from(everywhere))
        section: Any = declared
        for part in sections:
            section = section[part]
        change = draw(st.sampled_from(["delete", "replace", "move", "add"]))
        if change == "delete" and len(everywhere) > 1:
            del section[name]
        elif change == "move":
            section[name] = deepcopy(draw(st.sampled_from(list(declared.values()))))
        elif change == "add" and isinstance(section, dict):
            section[draw(WORDS)] = draw(VALUES)
        else:
            section[name] = draw(VALUES)
    return declared


NOTHING_SAID = Problem("error", "", "", "", "")


def outcome(folder: Path, data: bytes) -> tuple[Problem, ...]:
    """Return the problems of a file, none where it is read; anything else escapes."""
    path = folder / "random.toml"
    path.write_bytes(data)
    try:
        read_design(path)
    except InputError as error:
        return error.problems or (NOTHING_SAID,)
    return ()


@pytest.mark.property
@given(declared=spoiled())
def test_a_spoiled_example_reads_or_names_a_key(
    tmp_path_factory: pytest.TempPathFactory, declared: dict[str, Any]
) -> None:
    known = {*Design.model_fields, *declared}
    for problem in outcome(tmp_path_factory.getbasetemp(), toml(declared).encode()):
        assert problem.column is not None
        assert any(problem.column.startswith(name) for name in known)
        assert problem.message
        assert problem.cure
        json.dumps(str(problem))


@pytest.mark.property
@given(
    name=st.sampled_from(NAMES),
    start=st.floats(0, 1),
    length=st.integers(0, 30),
    instead=st.one_of(st.binary(max_size=6), st.text('[]{}=".,\n#0', max_size=6).map(str.encode)),
)
def test_a_damaged_example_reads_or_names_a_place(
    tmp_path_factory: pytest.TempPathFactory, name: str, start: float, length: int, instead: bytes
) -> None:
    data = (EXAMPLES / f"{name}.toml").read_bytes()
    at = int(start * len(data))
    damaged = data[:at] + instead + data[at + length :]
    for problem in outcome(tmp_path_factory.getbasetemp(), damaged):
        assert problem.column is not None or problem.row is not None
