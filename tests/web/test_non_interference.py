"""Until both readers have locked, nothing that a reader is answered depends on what the other one does."""

import os
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from programmes import CLOSED_PATHS, NUMBERS, OWN_PATHS, Turn, play, play_alone, turns
from rooms import Rooms
from small_room import ADDRESS, SCANS

import residuum.web.routes.reading as routes
from residuum.records.errors import RefusalError
from residuum.store.tables import AUDIT, READS

STUDIES = (
    {"reveal": "study"},
    {"reveal": "scan"},
    {"reveal": "study", "order": "paired"},
    {"reveal": "scan", "order": "paired", "entry": "grades"},
    {"reveal": "study", "entry": "grades", "readers": ("anne", "bela", "carl")},
    {"reveal": "scan", "training": SCANS[:2]},
)
EXAMPLES = {"sqlite": 12, "postgresql": 2}
LONGER = int(os.environ.get("RESIDUUM_PROGRAMMES", "4"))


def _difference(rooms: Rooms, programme: list[Turn], study: dict[str, Any], address: str = ADDRESS) -> object:
    """Return the first answer, or read, of A that is not the same with and without all the others; None for none."""
    reveal, entry = study["reveal"], study.get("entry", "marks")
    with rooms.open(**study) as together, rooms.open(**study) as alone:
        course = play(together, programme, reveal, entry, address)
        expected = play_alone(alone, programme, entry, course, address)
    rooms.clear()
    assert course.answers or not course.turns_of_a
    for answer, other in zip(course.answers, expected.answers, strict=False):
        if answer != other:
            return answer, other
    return None if course.reads == expected.reads else (course.reads, expected.reads)


def _check(rooms: Rooms, examples: int, longest: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), phases=(Phase.generate,), database=None)
    @given(turns(longest), st.sampled_from(STUDIES), st.sampled_from((ADDRESS, "192.0.2.7")))
    def check(programme: list[Turn], study: dict[str, Any], address: str) -> None:
        assert _difference(rooms, programme, study, address) is None

    check()


@pytest.mark.property
def test_whatever_one_reader_does_the_other_sees_the_same(rooms: Rooms) -> None:
    _check(rooms, EXAMPLES[rooms.kind], 30)


@pytest.mark.property
@pytest.mark.slow
def test_whatever_one_reader_does_the_other_sees_the_same_in_long_programmes(rooms: Rooms) -> None:
    _check(rooms, EXAMPLES[rooms.kind] * LONGER, 60)


@pytest.mark.unit
@pytest.mark.parametrize("reveal", ["study", "scan"])
def test_a_reader_who_has_one_case_left_sees_nothing_of_one_who_has_read_all(rooms: Rooms, reveal: str) -> None:
    looks: list[Turn] = [
        ("A", ("get", path)) for path in ("/api/worklist", *map("/api/reads/{}/differences".format, NUMBERS))
    ]
    programme: list[Turn] = [("A", ("finish", 1)), *looks, ("B", ("finish", 0)), *looks]
    programme += [
        ("A", ("unlock", "0002", 0, "seen anew")),
        ("A", ("save", "0008", 1, 0)),
        ("A", ("get", "/api/reads/0008")),
    ]
    assert _difference(rooms, programme, {"reveal": reveal}) is None


@pytest.mark.unit
def test_a_consensus_begun_early_tells_nothing(rooms: Rooms) -> None:
    programme: list[Turn] = [
        ("A", ("finish", 1)),
        ("B", ("finish", 1)),
        ("others", ("judge", "/api/worklist")),
        *(("others", ("judge saves", number, 1)) for number in NUMBERS),
        *(("A", ("unlock", number, 0, "seen anew")) for number in NUMBERS),
    ]
    assert _difference(rooms, programme, {"reveal": "study"}) is None


READ_ALL: list[Turn] = [
    ("B", ("finish", 0)),
    *(("A", ("get", path)) for path in OWN_PATHS),
    ("A", ("save", "0001", 0, 3)),
]


@pytest.mark.unit
@pytest.mark.parametrize("leak", ["versions", "messages", "order"])
def test_the_comparison_notices_a_leak(sqlite_rooms: Rooms, leak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _difference(sqlite_rooms, READ_ALL, {"reveal": "study"}) is None
    show_worklist, save_draft = routes.show_settled_worklist, routes.save_draft

    def leaking_worklist(visit: Any) -> Any:
        entries = visit.connection.execute(sa.select(sa.func.count()).select_from(AUDIT)).scalar_one()
        reads = visit.connection.execute(sa.select(sa.func.count()).select_from(READS)).scalar_one()
        shown = show_worklist(visit)
        shown["cases"][0]["version"] += entries if leak == "versions" else 0
        if leak == "order":
            shown["cases"].sort(key=lambda case: (int(case["case"]) + reads) % 5)
        return shown

    def leaking_save(visit: Any, *given: Any) -> Any:
        reads = visit.connection.execute(sa.select(sa.func.count()).select_from(READS)).scalar_one()
        try:
            return save_draft(visit, *given)
        except RefusalError as refusal:
            raise RefusalError(refusal.code, f"{refusal} {reads if leak == 'messages' else ''}") from None

    monkeypatch.setattr(routes, "show_settled_worklist", leaking_worklist)
    monkeypatch.setattr(routes, "save_draft", leaking_save)
    assert _difference(sqlite_rooms, READ_ALL, {"reveal": "study"}) is not None


@pytest.mark.unit
def test_a_reader_gets_neither_audit_nor_progress_nor_analysis(rooms: Rooms) -> None:
    with rooms.open() as room:
        a, b = room.person("anne"), room.person("bela")
        before = [a.get(path) for path in CLOSED_PATHS]
        b.read_all()
        for path in CLOSED_PATHS:
            room.person("counter").get(path)
        after = [a.get(path) for path in CLOSED_PATHS]
    assert {answer.status for answer in before} == {403}
    assert before == after


@pytest.mark.unit
def test_order_and_numbers_of_cases_come_from_the_seed_alone(rooms: Rooms) -> None:
    with rooms.open(seed=7) as one, rooms.open(seed=7) as other:
        other.person("bela").read_all()
        other.person("manager").ask("POST", "/api/assignments")
        numbers = one.cases("anne")
        assert numbers == other.cases("anne") != other.cases("bela")
        assert one.person("anne").get("/api/worklist").body == other.person("anne").get("/api/worklist").body
    with rooms.open(seed=8) as another:
        assert another.cases("anne") != numbers
