"""Which read of a scan counts: the whole table of cases."""
# ruff: noqa: E501 (tables: one case, one line)

from typing import Any

import pytest

from residuum.scores.read_used import derive_reads_paired, derive_reads_used
from residuum.scores.readings import derive_readings
from small_studies import By, Scan, by, child, draft, study

ONE, TWO = ["femur_left"], ["femur_left x2"]
PAIR = ("anne", "bela")
# in a list of three readers, only the first two are the pair
THREE = ("anne", "bela", "carl")


def used(said: By, **settings: Any) -> tuple[str, str | None, str | None]:
    """Return status, source and the reader whose marks count."""
    whole = study(child("P", Scan("diagnosis", 0, said)), **settings)
    readings = derive_readings(whole)
    row = derive_reads_used(whole["scans"], readings, whole.settings.reading).row(0, named=True)
    reader = None if row["read"] is None else readings.reads.filter(read=row["read"])["reader"].item()
    return row["status"], row["source"], reader


UNRESOLVED = ("unresolved", None, None)
AGREED = ("evaluable", "agreed", "anne")
CONSENSUS = ("evaluable", "consensus", "consensus")


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "said", "expected"),
    [
        ("none", by(), UNRESOLVED),
        ("one locked", by(anne=ONE), UNRESOLVED),
        ("the other locked", by(bela=ONE), UNRESOLVED),
        ("same", by(anne=ONE, bela=ONE), AGREED),
        ("both negative", by(anne=[], bela=[]), AGREED),
        ("one negative", by(anne=ONE, bela=[]), UNRESOLVED),
        ("other one negative", by(anne=[], bela=ONE), UNRESOLVED),
        ("both not evaluable", by(anne=None, bela=None), ("not_evaluable", "agreed", None)),
        ("one not evaluable", by(anne=ONE, bela=None), UNRESOLVED),
        ("one not evaluable, the other negative", by(anne=None, bela=[]), UNRESOLVED),
        ("one draft", by(anne=ONE, bela=draft(ONE)), UNRESOLVED),
        ("two drafts", by(anne=draft(ONE), bela=draft(ONE)), UNRESOLVED),
        ("different grades", by(anne=ONE, bela=TWO), UNRESOLVED),
        ("same grades, different regions", by(anne=["forearm_left"], bela=["hand_left"]), UNRESOLVED),
        ("same grades and regions, other marks", by(anne=["femur_left x4"], bela=["femur_left x5"]), AGREED),
        ("same SIOPEN, different Curie", by(anne=["femur_left x3", "femur_left 0.2"], bela=["femur_left 0.2"]), UNRESOLVED),
        ("same Curie, different SIOPEN", by(anne=["femur_left 0.49"], bela=["femur_left 0.5"]), UNRESOLVED),
        ("soft tissue differs", by(anne=[*ONE, "soft_tissue"], bela=ONE), UNRESOLVED),
        ("soft tissue agreed", by(anne=["soft_tissue"], bela=["soft_tissue"]), AGREED),
        (
            "same grades and regions, shared out otherwise",
            by(anne=["spine_thoracic;spine_lumbar", "spine_lumbar", "spine_thoracic"], bela=["spine_thoracic x2", "spine_lumbar x2"]),
            UNRESOLVED,
        ),
        ("consensus over difference", by(anne=ONE, bela=TWO, consensus=TWO), CONSENSUS),
        ("consensus over agreement", by(anne=ONE, bela=ONE, consensus=TWO), CONSENSUS),
        ("consensus not evaluable", by(anne=ONE, bela=ONE, consensus=None), ("not_evaluable", "consensus", None)),
        ("consensus over not evaluable", by(anne=None, bela=None, consensus=ONE), CONSENSUS),
        ("negative consensus", by(anne=ONE, bela=TWO, consensus=[]), CONSENSUS),
        ("draft of consensus, agreed", by(anne=ONE, bela=ONE, consensus=draft(TWO)), AGREED),
        ("draft of consensus, different", by(anne=ONE, bela=TWO, consensus=draft(TWO)), UNRESOLVED),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_two_readers(why: str, said: By, expected: tuple[str, str | None, str | None]) -> None:
    assert used(said, readers=PAIR) == expected, why


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "said", "expected"),
    [
        ("first two agree", by(anne=ONE, bela=ONE, carl=TWO), AGREED),
        ("first and third agree", by(anne=ONE, bela=TWO, carl=ONE), UNRESOLVED),
        ("second and third agree", by(bela=ONE, carl=ONE), UNRESOLVED),
        ("consensus", by(anne=ONE, bela=TWO, carl=ONE, consensus=ONE), CONSENSUS),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_three_readers_listed(why: str, said: By, expected: tuple[str, str | None, str | None]) -> None:
    assert used(said, readers=THREE) == expected, why


@pytest.mark.unit
def test_the_marks_of_the_first_listed_reader_stand_as_agreed() -> None:
    said = by(anne=ONE, bela=ONE)
    assert used(said, readers=("bela", "anne")) == ("evaluable", "agreed", "bela")


@pytest.mark.unit
@pytest.mark.parametrize(
    ("readers", "said", "expected"),
    [
        (("anne",), by(anne=ONE), ("evaluable", "single", "anne")),
        (("anne",), by(anne=None), ("not_evaluable", "single", None)),
        (("anne",), by(anne=draft(ONE)), UNRESOLVED),
        (("anne",), by(), UNRESOLVED),
        (("anne",), by(anne=ONE, consensus=TWO), CONSENSUS),
        (PAIR, by(bela=ONE), ("evaluable", "single", "bela")),
        (PAIR, by(anne=ONE, bela=ONE), UNRESOLVED),
        (PAIR, by(anne=ONE, bela=draft(TWO)), ("evaluable", "single", "anne")),
        (PAIR, by(anne=None, bela=draft(TWO)), ("not_evaluable", "single", None)),
    ],
)
def test_single_reader_study(readers: tuple[str, ...], said: By, expected: tuple[str, str | None, str | None]) -> None:
    assert used(said, readers=readers, design="single") == expected


@pytest.mark.unit
@pytest.mark.parametrize("design", ["independent", "consensus"])
def test_one_listed_reader_makes_a_single_reader_study_of_any_design(design: str) -> None:
    assert used(by(anne=ONE), readers=("anne",), design=design) == ("evaluable", "single", "anne")


@pytest.mark.unit
def test_consensus_design_needs_no_two_reads() -> None:
    assert used(by(consensus=ONE), readers=PAIR, design="consensus") == CONSENSUS
    assert used(by(anne=ONE), readers=PAIR, design="consensus") == UNRESOLVED
    assert used(by(anne=ONE, bela=ONE), readers=PAIR, design="consensus") == AGREED
    assert used(by(consensus=ONE), readers=(), design="consensus") == CONSENSUS


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "first", "second", "agreed"),
    [
        ("same", {"spine": 3}, {"spine": 3}, True),
        ("a missing row is grade 0", {"spine": 3, "skull": 0}, {"spine": 3}, True),
        ("different", {"spine": 3}, {"spine": 4}, False),
        ("other segment", {"spine": 3}, {"pelvis": 3}, False),
        ("Curie differs", {"spine": 3, "curie:head": 1}, {"spine": 3}, False),
        ("not assessable equals itself", {"spine": "not_assessable"}, {"spine": "not_assessable"}, True),
        ("not assessable is not 0", {"spine": "not_assessable"}, {}, False),
        ("not assessable is no grade", {"spine": "not_assessable"}, {"spine": 1}, False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_grades_agree_in_every_segment(why: str, first: Any, second: Any, agreed: bool) -> None:
    expected = AGREED if agreed else UNRESOLVED
    assert used(by(anne=first, bela=second), readers=PAIR, entry="grades") == expected, why


@pytest.mark.unit
def test_marks_of_a_read_that_is_not_evaluable_or_not_locked_are_never_scored() -> None:
    whole = study(child("P", Scan("diagnosis", 0, by(anne=ONE, bela=draft(TWO)))), readers=PAIR)
    reads = whole["reads"].with_columns(evaluable=whole["reads"]["evaluable"].replace("yes", "no"))
    refused = type(whole)(whole.settings, whole.rules, {**whole.tables, "reads": reads})
    assert derive_readings(whole).lesions.height == 1
    assert derive_readings(refused).lesions.height == derive_readings(refused).grades.height == 0


@pytest.mark.unit
def test_pairs_are_the_scans_with_two_locked_evaluable_reads_of_the_first_two_readers() -> None:
    said = [
        by(anne=ONE, bela=TWO),
        by(anne=[], bela=[]),
        by(anne=ONE, bela=None),
        by(anne=ONE, bela=draft(ONE)),
        by(anne=ONE, carl=ONE),
        by(anne=ONE, bela=ONE, carl=TWO, consensus=TWO),
    ]
    whole = study(child("P", *(Scan("follow_up", day, one) for day, one in enumerate(said))), readers=THREE)
    readings = derive_readings(whole)
    pairs = derive_reads_paired(readings, whole.settings.reading)
    assert pairs["scan"].to_list() == ["P-1", "P-2", "P-6"]
    names = dict(readings.reads.select("read", "reader").iter_rows())
    assert {names[read] for read in pairs["read"]} == {"anne"}
    assert {names[read] for read in pairs["read_2"]} == {"bela"}
