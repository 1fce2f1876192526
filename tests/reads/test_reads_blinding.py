"""Who may see what."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.reads.blinding import (
    derive_open_reads,
    derive_prior_scans,
    hides_identity,
    identity_open,
    is_revealed,
)
from residuum.records.settings import Reading

Assigned = list[tuple[str, str, str]]
Read = list[tuple[str, str, str, str]]
ASSIGNMENTS = {"reader": pl.String, "scan": pl.String, "occasion": pl.String}
READS = {"scan": pl.String, "reader": pl.String, "occasion": pl.String, "state": pl.String}
PAIR = ("anne", "bela")
BOTH: Assigned = [(reader, scan, "main") for reader in PAIR for scan in ("s1", "s2")]


def tables(assigned: Assigned, reads: Read) -> tuple[pl.DataFrame, pl.DataFrame]:
    return pl.DataFrame(assigned, schema=ASSIGNMENTS, orient="row"), pl.DataFrame(reads, schema=READS, orient="row")


def locked(*cases: str) -> Read:
    """Return locked main reads from words such as ``anne:s1``."""
    return [(scan, reader, "main", "locked") for reader, scan in (case.split(":") for case in cases)]


def seen_by(assigned: Assigned, reads: Read, **settings: Any) -> set[str]:
    """Return who may see the others' reads of s1."""
    reading = Reading(readers=(*PAIR, "carl"), **settings)
    everybody = ("anne", "bela", "carl", "consensus", "stranger", "")
    return {one for one in everybody if is_revealed(one, "s1", *tables(assigned, reads), reading)}


ALL = locked("anne:s1", "bela:s1", "anne:s2", "bela:s2")


@pytest.mark.unit
@pytest.mark.parametrize(
    ("reveal", "reads", "expected"),
    [
        ("scan", [], set()),
        ("scan", locked("anne:s1"), set()),
        ("scan", locked("anne:s1", "bela:s2"), set()),
        ("scan", locked("anne:s1", "bela:s1"), {"anne", "bela", "consensus"}),
        ("scan", [*locked("anne:s1"), ("s1", "bela", "main", "draft")], set()),
        ("scan", [*locked("anne:s1"), ("s1", "bela", "repeat", "locked")], set()),
        ("scan", locked("anne:s1", "bela:s1", "carl:s1"), {"anne", "bela", "carl", "consensus"}),
        ("study", locked("anne:s1", "bela:s1"), {"consensus"}),
        ("study", locked("anne:s1", "bela:s1", "carl:s1"), {"carl", "consensus"}),
        ("study", ALL[:3], {"consensus"}),
        ("study", ALL, {"anne", "bela", "consensus"}),
    ],
)
def test_who_sees_the_other_reads(reveal: str, reads: Read, expected: set[str]) -> None:
    assert seen_by(BOTH, reads, reveal=reveal) == expected


@pytest.mark.unit
@pytest.mark.parametrize("occasion", ["repeat", "training"])
def test_every_occasion_has_to_be_locked_before_the_study_is_revealed(occasion: str) -> None:
    assigned: Assigned = [*BOTH, ("bela", "s1", occasion)]
    assert seen_by(assigned, ALL) == {"consensus"}
    assert seen_by(assigned, [*ALL, ("s1", "bela", occasion, "locked")]) == {"anne", "bela", "consensus"}


@pytest.mark.unit
@pytest.mark.parametrize("reveal", ["scan", "study"])
def test_a_study_without_cases_or_readers_reveals_nothing(reveal: str) -> None:
    assert seen_by([], [], reveal=reveal) == set()
    reading = Reading(readers=(), reveal=reveal)
    assert not is_revealed("consensus", "s1", *tables([], []), reading)


@pytest.mark.unit
def test_identity_is_hidden_in_blinded_order_until_all_own_cases_are_locked() -> None:
    blinded, paired = Reading(readers=PAIR), Reading(readers=PAIR, order="paired")
    assert hides_identity(blinded)
    assert not hides_identity(paired)
    finished = tables(BOTH, locked("anne:s1", "anne:s2"))
    assert identity_open("anne", *finished, blinded)
    assert not identity_open("bela", *finished, blinded)
    assert not identity_open("carl", *finished, blinded)
    assert not identity_open("anne", *finished, paired)
    assert not identity_open("anne", *tables([*BOTH, ("anne", "s1", "repeat")], locked("anne:s1", "anne:s2")), blinded)


@pytest.mark.unit
def test_who_may_be_given_more_cases_stays_blind() -> None:
    blinded = Reading(readers=("anne", "bela", "carl"), reveal="scan")
    assigned: Assigned = [*BOTH, ("carl", "s1", "main"), ("consensus", "s1", "main")]
    own = ["carl:s1", "consensus:s1"]
    so_far = tables(assigned, locked("anne:s1", "bela:s1", *own))
    assert not identity_open("carl", *so_far, blinded), "the pair may differ on s2"
    assert not identity_open("consensus", *so_far, blinded)
    pair_done = tables([*assigned, ("carl", "s2", "main")], locked("anne:s1", "anne:s2", "bela:s1", "bela:s2", *own))
    assert not identity_open("consensus", *pair_done, blinded), "carl still reads s2"
    everybody = tables(assigned, locked("anne:s1", "anne:s2", "bela:s1", "bela:s2", *own))
    assert identity_open("carl", *everybody, blinded)
    assert identity_open("consensus", *everybody, blinded)
    together = Reading(readers=PAIR, design="consensus")
    assert identity_open("consensus", *tables([("consensus", "s1", "main")], locked("consensus:s1")), together)


SCANS = pl.DataFrame(
    [("s1", "P", 10), ("s2", "P", 5), ("s3", "P", 10), ("s4", "P", 20), ("q1", "Q", 1), ("s5", "P", 7)],
    schema={"scan": pl.String, "patient": pl.String, "day": pl.Int64},
    orient="row",
)
OWN: Assigned = [("anne", scan, "main") for scan in ("s1", "s2", "s3", "s4", "q1")] + [
    ("anne", "s5", "training"),
    ("bela", "s5", "main"),
    ("anne", "s2", "repeat"),
]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("scan", "expected"),
    [("s4", ["s3", "s1", "s2"]), ("s3", ["s1", "s2"]), ("s1", ["s2"]), ("s2", []), ("q1", []), ("unknown", [])],
)
def test_prior_scans_are_own_and_the_nearest_comes_first(scan: str, expected: list[str]) -> None:
    assigned, _ = tables(OWN, [])
    assert derive_prior_scans(scan, "anne", SCANS, assigned, Reading(readers=PAIR, order="paired")) == expected
    assert derive_prior_scans(scan, "anne", SCANS, assigned, Reading(readers=PAIR)) == []


def plainly_revealed(reader: str, scan: str, assigned: Assigned, reads: Read, reading: Reading) -> bool:
    """The slow twin: each sentence of the definition is one line."""
    first, second = reading.readers[:2]

    def has_locked(one: str, what: str, occasion: str) -> bool:
        return any(row == (what, one, occasion, "locked") for row in reads)

    scan_is_locked = has_locked(first, scan, "main") and has_locked(second, scan, "main")
    if reader == "consensus":
        return scan_is_locked
    if reader in (first, second) and reading.reveal == "scan":
        own = [occasion for who, what, occasion in assigned if (who, what) == (reader, scan)]
        return scan_is_locked and all(has_locked(reader, scan, occasion) for occasion in own)
    if reader in (first, second):
        for one in (first, second):
            cases = [(what, occasion) for who, what, occasion in assigned if who == one]
            if not cases:
                return False
            for what, occasion in cases:
                if not has_locked(one, what, occasion):
                    return False
        return True
    if reader in reading.readers:
        return scan_is_locked and has_locked(reader, scan, "main")
    return False


KEYS = [
    (reader, scan, occasion)
    for reader in ("anne", "bela", "carl", "consensus")
    for scan in ("s1", "s2")
    for occasion in ("main", "repeat", "training")
]


@st.composite
def studies(draw: st.DrawFn) -> tuple[Assigned, Read]:
    assigned = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=14))
    mostly_locked = st.sampled_from(["locked", "locked", "locked", "locked", "locked", "draft", "unread"])
    states = [(key, draw(mostly_locked)) for key in assigned]
    reads = [(scan, reader, occasion, state) for (reader, scan, occasion), state in states if state != "unread"]
    return assigned, reads


@pytest.mark.twin
@given(
    studies(),
    st.sampled_from(["anne", "bela", "carl", "consensus", "dora"]),
    st.sampled_from(["scan", "study"]),
    st.sampled_from([PAIR, (*PAIR, "carl"), ("bela", "carl", "anne")]),
)
def test_what_is_revealed_is_what_the_slow_twin_reveals(
    study: tuple[Assigned, Read], reader: str, reveal: str, readers: tuple[str, ...]
) -> None:
    assigned, reads = study
    reading = Reading(readers=readers, reveal=reveal)
    for scan in ("s1", "s2"):
        shown = is_revealed(reader, scan, *tables(assigned, reads), reading)
        assert shown == plainly_revealed(reader, scan, assigned, reads, reading)


@pytest.mark.property
@given(studies(), st.sampled_from(["scan", "study"]))
def test_whoever_has_not_locked_a_scan_sees_nothing_of_it(study: tuple[Assigned, Read], reveal: str) -> None:
    assigned, reads = study
    for reader in PAIR:
        if (reader, "s1", "main") in assigned and ("s1", reader, "main", "locked") not in reads:
            assert not seen_by(assigned, reads, reveal=reveal)


def leaving(assigned: Assigned, reads: Read, **settings: Any) -> set[tuple[str, ...]]:
    """Return the reads that may leave, as (scan, reader)."""
    reading = Reading(readers=(*PAIR, "carl"), **settings)
    return set(derive_open_reads(*tables(assigned, reads), reading).rows())


@pytest.mark.unit
@pytest.mark.parametrize(
    ("reveal", "reads", "expected"),
    [
        ("scan", locked("anne:s1"), set()),
        ("scan", locked("anne:s1", "bela:s1", "anne:s2"), {("s1", "anne"), ("s1", "bela")}),
        ("scan", locked("anne:s1", "bela:s1", "consensus:s1"), {("s1", one) for one in (*PAIR, "consensus")}),
        ("scan", [*locked("anne:s1", "bela:s1"), ("s1", "carl", "main", "draft")], {("s1", one) for one in PAIR}),
        ("study", ALL[:3], set()),
        ("study", ALL, {(scan, reader) for scan in ("s1", "s2") for reader in PAIR}),
    ],
)
def test_no_read_leaves_before_both_have_locked(reveal: str, reads: Read, expected: set[tuple[str, ...]]) -> None:
    assert leaving(BOTH, reads, reveal=reveal) == expected


@pytest.mark.unit
@pytest.mark.parametrize("reveal", ["scan", "study"])
@pytest.mark.parametrize("reader", ["anne", "carl"])
def test_a_case_still_to_be_read_holds_the_reads_of_its_scan_back(reveal: str, reader: str) -> None:
    occasion = "repeat" if reader == "anne" else "main"
    assigned: Assigned = [*BOTH, (reader, "s1", occasion)]
    left = leaving(assigned, ALL, reveal=reveal)
    assert left == (set() if reveal == "study" else {("s2", "anne"), ("s2", "bela")})
    assert leaving(assigned, [*ALL, ("s1", reader, occasion, "locked")], reveal=reveal) >= leaving(BOTH, ALL)


@pytest.mark.unit
def test_where_one_reads_alone_every_locked_read_may_leave() -> None:
    reads = [*locked("anne:s1"), ("s2", "anne", "main", "draft")]
    assert leaving([], reads, design="single") == {("s1", "anne")}
    assert leaving([], locked("consensus:s1"), design="consensus") == {("s1", "consensus")}
