"""The states of a read and of a scan."""

from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.reads.workflow import (
    GUARDS,
    MESSAGES,
    TRANSITIONS,
    Action,
    Facts,
    State,
    Step,
    Transition,
    decide,
    derive_scan_states,
)
from residuum.records.errors import RefusalError
from residuum.records.settings import Reading

ACTIONS: tuple[Action, ...] = get_args(Action)
STATES: tuple[State, ...] = get_args(State)


def answer(action: Action, state: State, **facts: Any) -> Step | str:
    """Return the step, or the code of the refusal."""
    version = 0 if state == "unread" else 4
    try:
        return decide(action, Facts(state, version, **{"given_version": version, "reason": "wrong scan"} | facts))
    except RefusalError as refusal:
        return refusal.code


@pytest.mark.unit
@pytest.mark.parametrize(
    ("action", "state", "facts", "expected"),
    [
        ("save", "unread", {}, Step("draft", 1, False)),
        ("save", "unread", {"given_version": 1}, "conflict"),
        ("save", "draft", {}, Step("draft", 5, False)),
        ("save", "draft", {"given_version": 3}, "conflict"),
        ("save", "locked", {}, "locked"),
        ("save", "locked", {"given_version": 3}, "locked"),
        ("save", "draft", {"bases_locked": False}, Step("draft", 5, False)),
        ("save", "draft", {"revealed": True}, Step("draft", 5, False)),
        ("lock", "unread", {}, "unread"),
        ("lock", "draft", {}, Step("locked", 5, False)),
        ("lock", "draft", {"given_version": 3}, "conflict"),
        ("lock", "draft", {"bases_locked": False}, "bases_not_locked"),
        ("lock", "draft", {"pending": True}, "proposals_pending"),
        ("lock", "draft", {"pending": True, "given_version": 3}, "conflict"),
        ("save", "draft", {"pending": True}, Step("draft", 5, False)),
        ("unlock", "locked", {"pending": True}, Step("draft", 5, True)),
        ("lock", "locked", {}, "locked"),
        ("unlock", "unread", {}, "not_locked"),
        ("unlock", "draft", {}, "not_locked"),
        ("unlock", "locked", {}, Step("draft", 5, True)),
        ("unlock", "locked", {"given_version": 3}, "conflict"),
        ("unlock", "locked", {"reason": None}, "reason_missing"),
        ("unlock", "locked", {"reason": " a\tb\n "}, "reason_missing"),
        ("unlock", "locked", {"reason": "a b c"}, Step("draft", 5, True)),
        ("unlock", "locked", {"revealed": True}, "revealed"),
        ("unlock", "locked", {"consensus": "draft"}, "consensus_exists"),
        ("unlock", "locked", {"consensus": "locked"}, "consensus_exists"),
        ("unlock_by_manager", "unread", {"given_version": None}, "not_locked"),
        ("unlock_by_manager", "draft", {"given_version": None}, "not_locked"),
        ("unlock_by_manager", "locked", {"given_version": None}, Step("draft", 5, True)),
        ("unlock_by_manager", "locked", {"given_version": 3}, "conflict"),
        ("unlock_by_manager", "locked", {"reason": "  "}, "reason_missing"),
        ("unlock_by_manager", "locked", {"revealed": True}, Step("draft", 5, True)),
        ("unlock_by_manager", "locked", {"consensus": "draft"}, Step("draft", 5, True)),
        ("unlock_by_manager", "locked", {"consensus": "locked"}, "consensus_exists"),
    ],
)
def test_what_an_action_makes_of_a_read(
    action: Action, state: State, facts: dict[str, Any], expected: Step | str
) -> None:
    assert answer(action, state, **facts) == expected


@pytest.mark.unit
def test_the_table_answers_every_action_in_every_state_and_knows_no_other() -> None:
    assert set(TRANSITIONS) == {(action, state) for action in ACTIONS for state in STATES}
    asked = {guard for found in TRANSITIONS.values() if isinstance(found, Transition) for guard in found.guards}
    assert asked == set(GUARDS)
    codes = {code for code, _ in GUARDS.values()} | {found for found in TRANSITIONS.values() if isinstance(found, str)}
    assert codes == set(MESSAGES)


@pytest.mark.unit
def test_a_refusal_names_the_cure() -> None:
    refusal = RefusalError("locked", MESSAGES["locked"])
    assert (refusal.code, refusal.exit_code) == ("locked", 1)
    assert "unlock it" in str(refusal)


FACTS = st.fixed_dictionaries(
    {
        "given_version": st.none() | st.integers(0, 6),
        "reason": st.none() | st.sampled_from(["", " a ", "wrong scan"]),
        "revealed": st.booleans(),
        "consensus": st.sampled_from([None, "draft", "locked"]),
        "bases_locked": st.booleans(),
        "pending": st.booleans(),
    }
)


@pytest.mark.property
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), FACTS), max_size=30))
def test_a_read_keeps_to_its_states(attempts: list[tuple[Action, dict[str, Any]]]) -> None:
    state, version = "unread", 0
    for action, facts in attempts:
        try:
            step = decide(action, Facts(state, version, **facts))
        except RefusalError:
            continue
        assert step.state in ("draft", "locked")
        assert step.version == version + 1
        assert facts["given_version"] in (None, version)
        # a locked read changes through an unlock alone, and a signature ends with it
        assert (state == "locked") == action.startswith("unlock") == step.voids_signature
        assert (step.state == "locked") == (action == "lock")
        assert action != "lock" or (facts["bases_locked"] and not facts["pending"])
        state, version = step.state, step.version


READERS = ("anne", "bela", "carl", "consensus")
ASSIGNMENTS = {"reader": pl.String, "scan": pl.String, "occasion": pl.String}
READS = {"scan": pl.String, "reader": pl.String, "occasion": pl.String, "state": pl.String}


def scan_state(reading: Reading, agreed: bool, **states: str) -> str:
    """Return the state of one scan that every reader named has as a main case."""
    assignments = [(reader, "s", "main") for reader in ("anne", *states)]
    reads = [("s", reader, "main", state) for reader, state in states.items() if state != "unread"]
    found = derive_scan_states(
        pl.DataFrame(assignments, schema=ASSIGNMENTS, orient="row"),
        pl.DataFrame(reads, schema=READS, orient="row"),
        {"s"} if agreed else (),
        reading,
    )
    assert found.columns == ["scan", "state"]
    return str(found.filter(scan="s")["state"].item())


PAIR = Reading(readers=("anne", "bela", "carl"))
SINGLE = Reading(readers=("anne", "bela"), design="single")
TOGETHER = Reading(readers=("anne", "bela"), design="consensus")


@pytest.mark.unit
@pytest.mark.parametrize(
    ("reading", "agreed", "states", "expected"),
    [
        (PAIR, False, {}, "open"),
        (PAIR, True, {"anne": "locked", "bela": "draft"}, "open"),
        (PAIR, False, {"anne": "locked", "carl": "locked"}, "open"),
        (PAIR, True, {"anne": "locked", "bela": "locked"}, "agreed"),
        (PAIR, False, {"anne": "locked", "bela": "locked"}, "different"),
        (PAIR, False, {"anne": "locked", "bela": "locked", "consensus": "unread"}, "different"),
        (PAIR, False, {"anne": "locked", "bela": "locked", "consensus": "draft"}, "adjudicating"),
        (PAIR, False, {"anne": "locked", "bela": "draft", "consensus": "draft"}, "open"),
        (PAIR, True, {"anne": "locked", "bela": "locked", "consensus": "locked"}, "adjudicated"),
        (SINGLE, False, {"anne": "draft"}, "open"),
        (SINGLE, False, {"anne": "locked"}, "agreed"),
        (SINGLE, False, {"anne": "locked", "consensus": "draft"}, "adjudicating"),
        (SINGLE, False, {"anne": "locked", "consensus": "locked"}, "adjudicated"),
        (TOGETHER, False, {"consensus": "unread"}, "open"),
        (TOGETHER, False, {"consensus": "draft"}, "adjudicating"),
        (TOGETHER, False, {"consensus": "locked"}, "adjudicated"),
        (Reading(readers=("anne",)), False, {"anne": "locked"}, "agreed"),
    ],
)
def test_how_far_a_scan_is(reading: Reading, agreed: bool, states: dict[str, str], expected: str) -> None:
    assert scan_state(reading, agreed, **states) == expected


def plain_scan_states(
    assignments: list[tuple[str, ...]], reads: list[tuple[str, ...]], agreed: list[str], reading: Reading
) -> dict[str, str]:
    """The slow twin: each sentence of the definition is one line."""
    answers = {}
    for scan in {scan for _, scan, occasion in assignments if occasion == "main"}:

        def is_in(reader: str, state: str, scan: str = scan) -> bool:
            return (scan, reader, "main", state) in reads

        if is_in("consensus", "locked"):
            answers[scan] = "adjudicated"
        elif reading.design == "consensus":
            answers[scan] = "adjudicating" if is_in("consensus", "draft") else "open"
        elif reading.design == "single":
            holders = [one for one, what, occasion in assignments if (what, occasion) == (scan, "main")]
            waiting = [one for one in holders if one in reading.readers and not is_in(one, "locked")]
            draft = is_in("consensus", "draft")
            answers[scan] = "open" if waiting else "adjudicating" if draft else "agreed"
        elif not (is_in(reading.readers[0], "locked") and is_in(reading.readers[1], "locked")):
            answers[scan] = "open"
        elif is_in("consensus", "draft"):
            answers[scan] = "adjudicating"
        else:
            answers[scan] = "agreed" if scan in agreed else "different"
    return answers


SCANS = ("s1", "s2", "s3")
OCCASIONS = ("main", "repeat", "training")


@st.composite
def studies(draw: st.DrawFn) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]], list[str], Reading]:
    design = draw(st.sampled_from(["independent", "single", "consensus"]))
    keys = [(reader, scan, occasion) for reader in READERS for scan in SCANS for occasion in OCCASIONS]
    assignments = draw(st.lists(st.sampled_from(keys), unique=True, max_size=20))
    if design == "single":  # a scan has one reader, and perhaps a consensus
        main = [key for key in assignments if key[2] == "main" and key[0] != "consensus"]
        owner = {scan: reader for reader, scan, _ in main}
        assignments = [key for key in assignments if key not in main]
        assignments += [(reader, scan, "main") for scan, reader in owner.items()]
        alone = {scan for _, scan, occasion in assignments if occasion == "main"} - owner.keys()
        assignments = [key for key in assignments if key[1] not in alone]
    chosen = draw(st.lists(st.sampled_from(assignments), unique=True)) if assignments else []
    reads = [(scan, reader, occasion, draw(st.sampled_from(["draft", "locked"]))) for reader, scan, occasion in chosen]
    agreed = draw(st.lists(st.sampled_from(SCANS), unique=True))
    return assignments, reads, agreed, Reading(readers=READERS[:3], design=design)


@pytest.mark.twin
@given(studies())
def test_scan_states_are_those_of_the_slow_twin(
    study: tuple[list[tuple[str, ...]], list[tuple[str, ...]], list[str], Reading],
) -> None:
    assignments, reads, agreed, reading = study
    found = derive_scan_states(
        pl.DataFrame(assignments, schema=ASSIGNMENTS, orient="row"),
        pl.DataFrame(reads, schema=READS, orient="row"),
        agreed,
        reading,
    )
    assert dict(found.iter_rows()) == plain_scan_states(assignments, reads, agreed, reading)
    assert found["scan"].is_sorted()
