"""From a draft to the read that counts, through the API: locking, differences, consensus, unlocking."""

from typing import Any

import pytest
import sqlalchemy as sa
from people import Person
from rooms import Room, Rooms
from small_room import PATIENTS, SCANS, content, focal, scan_of

SCAN, OTHER = SCANS[0], SCANS[1]
LEFT, RIGHT = content(focal("1", "femur_left")), content(focal("1", "femur_right"))
THREE = ("anne", "bela", "carl")


def read_both(room: Room, first: dict[str, Any] = LEFT, second: dict[str, Any] = RIGHT) -> tuple[Person, Person]:
    """Let both readers lock SCAN and return them."""
    people = room.person("anne"), room.person("bela")
    for person, said in zip(people, (first, second), strict=True):
        person.read(room.cases(person.name)[SCAN], said)
    return people


def actions(room: Room) -> list[str]:
    return [row["action"] for row in room.rows("audit")]


@pytest.mark.unit
def test_from_a_draft_to_the_read_that_counts(rooms: Rooms) -> None:
    with rooms.open(reveal="scan") as room:
        anne, judge, manager = room.person("anne"), room.person("judge"), room.person("manager")
        case = room.cases("anne")[SCAN]
        assert anne.get(f"/api/reads/{case}").json["state"] == "unread"
        assert anne.save(case, 0, LEFT).json == {"case": case, "state": "draft", "version": 1, "scores": None}
        assert judge.get("/api/worklist").json["cases"] == []
        signed = anne.sign((case, 1))
        assert signed.json["signed"] == [{"case": case, "state": "locked", "version": 2}]
        assert anne.get(f"/api/reads/{case}").json["signed_at"] == "2026-03-02T08:00:00+00:00"
        assert anne.get(f"/api/reads/{case}/differences").error == "blinded"
        room.person("bela").read(room.cases("bela")[SCAN], RIGHT)
        found = anne.get(f"/api/reads/{case}/differences").json
        assert [one["item"] for one in found["differences"]] == ["femur_right", "femur_left"]
        assert [one["reader"] for one in found["reads"]] == ["anne", "bela"]
        assert [one["case"] for one in judge.get("/api/worklist").json["cases"]] == ["0001"]
        assert {one["state"]: one["scans"] for one in manager.get("/api/progress").json["scans"]} == {
            "different": 1,
            "open": 7,
        }
        assert judge.read("0001", RIGHT) == 2
        assert {"state": "adjudicated", "scans": 1} in manager.get("/api/progress").json["scans"]
        assert room.locked("consensus") == {SCAN}
        assert actions(room).count("read.sign") == 3


@pytest.mark.unit
def test_reads_that_agree_need_no_consensus(rooms: Rooms) -> None:
    with rooms.open(reveal="scan") as room:
        read_both(room, LEFT, LEFT)
        assert room.person("judge").get("/api/worklist").json["cases"] == []
        assert {"state": "agreed", "scans": 1} in room.person("manager").get("/api/progress").json["scans"]


@pytest.mark.unit
def test_a_consensus_that_came_with_reads_that_agree_can_be_opened(rooms: Rooms) -> None:
    with rooms.open(reveal="scan") as room:
        read_both(room, LEFT, LEFT)
        columns = list(room.rows("reads")[0])
        values = ["'consensus'" if name == "reader" else name for name in columns]
        room.raw(
            f"INSERT INTO reads ({', '.join(columns)}) SELECT {', '.join(values)} FROM reads WHERE reader = 'anne'"
        )
        judge = room.person("judge")
        assert [(one["case"], one["state"]) for one in judge.get("/api/worklist").json["cases"]] == [("0001", "locked")]
        assert judge.get("/api/reads/0001/differences").json["differences"] == []


@pytest.mark.unit
def test_a_third_reader_reads_where_two_differ_and_sees_the_others_afterwards(rooms: Rooms) -> None:
    with rooms.open(reveal="scan", readers=THREE) as room:
        carl, judge = room.person("carl"), room.person("judge")
        assert carl.get("/api/worklist").json["cases"] == []
        anne, _ = read_both(room)
        assert [one["case"] for one in carl.get("/api/worklist").json["cases"]] == ["0001"]
        assert judge.get("/api/worklist").json["cases"] == []
        assert carl.get("/api/reads/0001/differences").error == "blinded"
        assert carl.get("/api/reads/0001").json["marks"] == []
        carl.read("0001", content(focal("1", "sternum")))
        seen = carl.get("/api/reads/0001/differences").json
        assert [one["reader"] for one in seen["reads"]] == list(THREE)
        assert len(judge.get("/api/worklist").json["cases"]) == 1
        judge.read("0001", content(focal("1", "femur_left")))
        assert anne.unlock(room.cases("anne")[SCAN], 2).error == "revealed"


@pytest.mark.unit
def test_a_consensus_that_follows_nobody_needs_a_reason_for_each_item(rooms: Rooms) -> None:
    with rooms.open(reveal="scan") as room:
        read_both(room)
        judge = room.person("judge")
        judge.get("/api/worklist")
        judge.save("0001", 0, content(focal("1", "sternum"), focal("2", "ribs_left")))
        assert judge.sign(("0001", 1)).error == "bases_changed"  # nobody has looked at them
        assert judge.get("/api/reads/0001/differences").status == 200
        refused = judge.sign(("0001", 1))
        assert (refused.status, refused.error) == (422, "reason_missing")
        assert refused.json["items"] == ["ribs_left", "sternum"]
        assert judge.sign(("0001", 1), reasons={"sternum": "seen on SPECT"}).json["items"] == ["ribs_left"]
        assert room.locked("consensus") == set()
        reasons = {"sternum": "seen on SPECT", "ribs_left": "seen on SPECT"}
        assert judge.sign(("0001", 1), reasons=reasons).status == 200
        told = room.person("watcher").get("/api/audit?limit=1000").json["entries"]
        assert reasons in [one["details"].get("reasons") for one in told if one["details"]]


@pytest.mark.unit
def test_a_consensus_waits_for_both_reads(rooms: Rooms) -> None:
    with rooms.open(reveal="scan") as room:
        read_both(room)
        judge, manager = room.person("judge"), room.person("manager")
        judge.get("/api/worklist")
        judge.save("0001", 0, LEFT)
        assert judge.get("/api/reads/0001/differences").status == 200
        unlocked = manager.ask("POST", f"/api/scans/{SCAN}/reads/bela/unlock", {"reason": "wrong scan"})
        assert unlocked.json == {"scan": SCAN, "reader": "bela", "occasion": "main", "state": "draft", "version": 3}
        assert judge.sign(("0001", 1)).error == "bases_not_locked"
        assert judge.get("/api/reads/0001/differences").error == "blinded"
        bela, case = room.person("bela"), room.cases("bela")[SCAN]
        assert bela.save(case, 3, content(focal("1", "sternum"))).status == 200
        assert bela.sign((case, 4)).status == 200
        assert judge.sign(("0001", 1)).error == "bases_changed"
        assert judge.get("/api/reads/0001/differences").status == 200
        assert judge.sign(("0001", 1)).status == 200
        refused = manager.ask("POST", f"/api/scans/{SCAN}/reads/bela/unlock", {"reason": "wrong scan"})
        assert refused.error == "consensus_exists"


@pytest.mark.unit
def test_an_adjudicator_learns_whose_scans_they_are_once_no_more_can_come(rooms: Rooms) -> None:
    with rooms.open(reveal="scan") as room:
        people, judge = read_both(room), room.person("judge")
        assert [one["case"] for one in judge.get("/api/worklist").json["cases"]] == ["0001"]
        judge.read("0001", RIGHT)
        assert judge.get("/api/identity").error == "not_open", "all of the own cases are locked, and more may come"
        for person in people:
            person.read_all(lambda case: LEFT)
        assert judge.get("/api/identity").status == 200


@pytest.mark.unit
def test_unlocking_with_a_reason_voids_the_signature(rooms: Rooms) -> None:
    with rooms.open() as room:
        anne = room.person("anne")
        version = anne.read("0001", LEFT)
        for reason in ("", "  ", "ab", "a b"):
            assert anne.unlock("0001", version, reason).status == 422
        assert anne.unlock("0001", version - 1).error == "conflict"
        assert anne.unlock("0002", 0).error == "not_locked"
        assert anne.unlock("0001", version, "missed the sternum").json["version"] == version + 1
        (read,) = room.rows("reads")
        assert (read["state"], read["signed_by"], read["signed_at"], read["content_sha256"]) == ("draft", *[None] * 3)
        shown = anne.get("/api/reads/0001").json
        assert (shown["signed_at"], shown["marks"][0]["regions"]) == (None, ["femur_left"])
        told = room.person("watcher").get("/api/audit?limit=1000").json["entries"]
        (unlocked,) = [one for one in told if one["action"] == "read.unlock"]
        assert unlocked["details"]["why"] == "missed the sternum"
        assert ["read", "signed_by", "anne", None] in unlocked["details"]["changes"]


@pytest.mark.unit
def test_who_has_seen_the_other_read_unlocks_nothing_any_more(rooms: Rooms) -> None:
    with rooms.open(reveal="scan") as room:
        anne, _ = read_both(room)
        case = room.cases("anne")[SCAN]
        assert anne.get(f"/api/reads/{case}/differences").status == 200
        assert anne.unlock(case, 2).error == "revealed"
        room.person("manager").ask("POST", f"/api/scans/{SCAN}/reads/bela/unlock", {"reason": "wrong scan"})
        assert anne.unlock(case, 2).error == "revealed"


@pytest.mark.unit
def test_two_tabs_conflict_and_see_both_values(rooms: Rooms) -> None:
    with rooms.open() as room:
        anne = room.person("anne")
        anne.save("0001", 0, LEFT)
        for version in (0, 2):
            conflict = anne.save("0001", version, RIGHT)
            assert (conflict.status, conflict.error) == (409, "conflict")
            yours, stored = conflict.json["yours"], conflict.json["stored"]
            assert (yours["version"], yours["marks"][0]["regions"]) == (version, ["femur_right"])
            assert (stored["version"], stored["marks"][0]["regions"]) == (1, ["femur_left"])
        assert anne.get("/api/reads/0001").json["marks"][0]["regions"] == ["femur_left"]
        assert anne.save("0001", 1, RIGHT).json["version"] == 2
        assert anne.sign(("0001", 1)).error == "conflict"
        anne.sign(("0001", 2))
        assert anne.save("0001", 3, LEFT).error == "locked"


@pytest.mark.unit
def test_one_signature_locks_all_or_nothing(rooms: Rooms) -> None:
    with rooms.open() as room:
        anne = room.person("anne")
        for number in ("0001", "0002", "0003"):
            anne.save(number, 0)
        before = room.dump()["reads"]
        good = [("0001", 1), ("0002", 1)]
        for bad, error in ((("0003", 0), "conflict"), (("0004", 0), "unread"), (("0099", 0), "not_found")):
            refused = anne.sign(*good, bad)
            assert (refused.error, refused.json["case"]) == (error, bad[0])
        assert anne.sign(*good, ("0001", 1)).error == "locked"
        assert anne.sign(*good, password="wrong wrong").error == "password"
        assert room.dump()["reads"] == before
        assert "read.sign" not in actions(room)
        assert len(anne.sign(*good, ("0003", 1)).json["signed"]) == 3
        assert len(room.locked("anne")) == 3


@pytest.mark.unit
def test_a_scan_may_be_not_evaluable_and_differs_in_that(rooms: Rooms) -> None:
    with rooms.open(reveal="scan") as room:
        anne, _ = read_both(room, content(evaluable=False, comment="moved"), LEFT)
        case = room.cases("anne")[SCAN]
        shown = anne.get(f"/api/reads/{case}").json
        assert (shown["evaluable"], shown["comment"]) == (False, "moved")
        first = anne.get(f"/api/reads/{case}/differences").json["differences"][0]
        assert first == {"kind": "evaluable", "item": "evaluable", "first": "no", "second": "yes"}


@pytest.mark.unit
def test_training_comes_first_is_marked_and_never_counts(rooms: Rooms) -> None:
    with rooms.open(training=SCANS[:2], reveal="scan") as room:
        anne, bela = room.person("anne"), room.person("bela")
        cases = anne.get("/api/worklist").json["cases"]
        assert [one["training"] for one in cases] == [True] * 2 + [False] * 6
        for person in (anne, bela):
            person.read_all(lambda case: content(focal("1", "femur_left")) if case < "0003" else content())
        assert anne.get("/api/reads/0001/differences").error == "blinded"
        assert room.person("judge").get("/api/worklist").json["cases"] == []
        assert room.person("manager").get("/api/tables/marks").json["rows"] == []


@pytest.mark.unit
def test_a_case_read_again_looks_like_any_other(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("residuum.reads.assignment.FEWEST_WITH_REPEATS", 2)
    with rooms.open(repeat_share=0.25, seed=3) as room:
        anne = room.person("anne")
        main, again = room.cases("anne"), room.cases("anne", "repeat")
        assert len(again) == 2
        shown = [{**one, "case": 0, "position": 0} for one in anne.get("/api/worklist").json["cases"]]
        assert len(shown) == 10
        assert all(one == shown[0] for one in shown)
        scan = next(iter(again))
        anne.read(main[scan], LEFT)
        fresh = anne.get(f"/api/reads/{again[scan]}").json
        other = anne.get(f"/api/reads/{next(case for one, case in main.items() if one != scan)}").json
        assert {**fresh, "case": 0, "position": 0} == {**other, "case": 0, "position": 0}
        anne.read(again[scan], RIGHT)
        assert anne.get(f"/api/reads/{main[scan]}").json["marks"][0]["regions"] == ["femur_left"]
        assert anne.get(f"/api/reads/{again[scan]}").json["marks"][0]["regions"] == ["femur_right"]
        rows = room.person("manager").get("/api/tables/marks").json["rows"]
        assert [row[2:4] for row in rows] == [["1", "femur_left"]]


@pytest.mark.unit
def test_paired_order_shows_the_own_earlier_marks_only(rooms: Rooms) -> None:
    early, later = (scan_of("PAT-ANNA", day) for day in PATIENTS["PAT-ANNA"][:2])
    with rooms.open(order="paired") as room:
        anne, bela = room.person("anne"), room.person("bela")
        mine, theirs = room.cases("anne"), room.cases("bela")
        bela.save(theirs[early], 0, content(focal("b", "sternum")))
        unread = anne.get(f"/api/reads/{mine[later]}").json
        assert (unread["earlier"], unread["prior"]) == (mine[early], [])
        anne.save(mine[early], 0, content(focal("a", "femur_left")))
        shown = anne.get(f"/api/reads/{mine[later]}").json
        assert [(one["case"], one["mark"]) for one in shown["prior"]] == [(mine[early], "a")]
        assert (shown["patient"], shown["timepoint"]) == ("PAT-ANNA", "post_induction")
        assert shown["earlier"] == mine[early]
        linked = content(focal("a", "femur_left", from_case=mine[early], from_mark="a"))
        assert anne.save(mine[later], 0, linked).status == 200
        assert anne.get(f"/api/reads/{mine[later]}").json["marks"][0]["from_case"] == mine[early]
        strange = content(focal("a", "femur_left", from_case="0099", from_mark="a"))
        assert anne.save(mine[later], 1, strange).error == "not_found"
        first = anne.get(f"/api/reads/{mine[early]}").json
        assert (first["earlier"], first["prior"]) == (None, [])


@pytest.mark.unit
def test_blinded_order_shows_neither_patient_nor_prior(rooms: Rooms) -> None:
    with rooms.open() as room:
        anne = room.person("anne")
        anne.read_all(lambda case: content(focal(case, "femur_left")))
        for path in ("/api/worklist", *(f"/api/reads/{number:04d}" for number in range(1, 9))):
            shown = anne.get(path).body.decode()
            assert not [word for word in (*PATIENTS, *SCANS, "diagnosis", "post_induction") if word in shown]
        linked = content(focal("a", "femur_left", from_case="0002", from_mark="a"))
        with rooms.open() as fresh:
            assert fresh.person("anne").save("0001", 0, linked).error == "blinded"


@pytest.mark.unit
def test_a_study_records_marks_or_grades(rooms: Rooms) -> None:
    graded = content(grades=[{"system": "siopen", "segment": "spine", "grade": 3}])
    with rooms.open() as marks, rooms.open(entry="grades") as grades:
        assert marks.person("anne").save("0001", 0, graded).error == "wrong_entry"
        assert grades.person("anne").save("0001", 0, LEFT).error == "wrong_entry"
        assert grades.person("anne").save("0001", 0, graded).status == 200
        assert grades.person("anne").get("/api/reads/0001").json["grades"] == graded["grades"]


@pytest.mark.unit
@pytest.mark.parametrize(("design", "counts"), [("single", (4, 4, 0)), ("consensus", (0, 0, 8))])
def test_where_nobody_reads_beside_another_there_are_no_differences(
    rooms: Rooms, design: str, counts: tuple[int, ...]
) -> None:
    with rooms.open(design=design) as room:
        for name, count in zip(("anne", "bela", "judge"), counts, strict=True):
            person = room.person(name)
            person.read_all(lambda case: LEFT)
            cases = person.get("/api/worklist").json["cases"]
            assert len(cases) == count
            for one in cases:
                assert person.get(f"/api/reads/{one['case']}/differences").error == "blinded"


REFUSED_BY_THE_DATABASE = (
    "UPDATE reads SET evaluable = 'no'",
    "UPDATE reads SET comment = 'changed'",
    "UPDATE reads SET seconds = 1",
    "UPDATE reads SET cleared = '[]'",
    "DELETE FROM reads",
    "UPDATE marks SET regions = 'sternum'",
    "UPDATE marks SET reader = 'bela'",
    "DELETE FROM marks",
    "INSERT INTO marks (scan, reader, mark, occasion) SELECT scan, reader, 'new', occasion FROM reads",
    "INSERT INTO grades (scan, reader, system, segment, grade, occasion) "
    "SELECT scan, reader, 'siopen', 'spine', '3', occasion FROM reads",
    "UPDATE audit SET account = 'nobody'",
    "DELETE FROM audit",
)
SIGNATURE_AND_KEY = (
    "UPDATE reads SET signed_by = 'bela'",
    "UPDATE reads SET signed_at = '2020-01-01'",
    "UPDATE reads SET content_sha256 = 'x'",
    "UPDATE reads SET scan = 'another'",
    "UPDATE reads SET reader = 'another'",
    "UPDATE reads SET occasion = 'repeat'",
    "UPDATE reads SET evaluable = 'no', state = 'draft'",
)
ONLY_SQLITE = (
    "INSERT OR REPLACE INTO audit SELECT n, at, 'nobody', role, source, request, action, key_id, payload, previous, "
    "hash FROM audit WHERE n = 2",
    "INSERT OR REPLACE INTO marks SELECT scan, reader, mark, 'sternum', pattern, extent, seen_on, confidence, site, "
    "from_scan, from_mark, image, view, x_mm, y_mm, z_mm, occasion, position, more FROM marks",
    "INSERT OR REPLACE INTO reads SELECT scan, reader, 'no', state, read_order, seconds, comment, occasion, position, "
    "more, version, signed_by, signed_at, content_sha256, cleared FROM reads",
)


def locked_room(room: Room) -> None:
    room.person("anne").read(room.cases("anne")[SCAN], LEFT)


def accepted(rooms: Rooms, statements: tuple[str, ...]) -> list[str]:
    """Return the statements that the database accepts; nothing of them stays."""
    found: list[str] = []
    refusals: list[str] = []
    with rooms.open(locked_room) as room:
        before = room.dump()
        for statement in statements:
            try:
                room.raw(statement, undo=True)
            except sa.exc.DBAPIError as error:
                refusals.append(str(error))
            else:
                found.append(statement)
        assert room.dump() == before
    assert all("locked" in refusal or "append-only" in refusal for refusal in refusals)
    return found


@pytest.mark.unit
def test_the_database_itself_refuses_to_change_what_is_locked_or_logged(rooms: Rooms) -> None:
    assert accepted(rooms, REFUSED_BY_THE_DATABASE) == []
    assert accepted(rooms, ("UPDATE marks SET site = 'a'",)) != []  # which site a mark is may be said later


@pytest.mark.unit
def test_the_database_itself_keeps_signature_and_key_of_a_locked_read(rooms: Rooms) -> None:
    assert accepted(rooms, SIGNATURE_AND_KEY) == []


@pytest.mark.unit
def test_sqlite_refuses_to_replace_rows(sqlite_rooms: Rooms) -> None:
    assert accepted(sqlite_rooms, ONLY_SQLITE) == []


@pytest.mark.unit
def test_the_audit_trail_is_whole_after_everything(rooms: Rooms) -> None:
    with rooms.open(reveal="scan") as room:
        read_both(room)
        room.person("judge").get("/api/worklist")
        head = room.person("watcher").get("/api/audit/head").json
        assert head["faults"] == []
        assert head["entries"] == len(room.rows("audit"))
