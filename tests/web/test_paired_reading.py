"""In paired order a read says of every mark of the earlier scan whether it is still there, or it is not locked."""

import json
from typing import Any

import pytest
from people import Answer, Person
from rooms import Room, Rooms
from small_room import PATIENTS, content, focal, scan_of

from residuum.records.schemas import TABLES
from residuum.store.erasure import delete_patient

pytestmark = pytest.mark.unit

EARLY, LATER, LAST = (scan_of("PAT-ANNA", day) for day in PATIENTS["PAT-ANNA"])
OTHER = scan_of("PAT-BORIS", 0)
BOTH = content(focal("a", "femur_left"), focal("b", "sternum"))


def gone(case: str, *marks: str) -> list[dict[str, str]]:
    return [{"case": case, "mark": mark} for mark in marks]


def still(name: str, case: str, mark: str) -> dict[str, Any]:
    """Return a mark that continues an earlier one."""
    return focal(name, "femur_left", from_case=case, from_mark=mark)


def first_read(room: Room) -> tuple[Person, dict[str, str]]:
    """Return a reader who has locked the first of three scans with two marks, and her cases."""
    anne, cases = room.person("anne"), room.cases("anne")
    anne.read(cases[EARLY], BOTH)
    return anne, cases


def entries(room: Room, action: str) -> list[dict[str, Any]]:
    told = room.person("watcher").get("/api/audit?limit=1000").json["entries"]
    return [one["details"] for one in told if one["action"] == action]


def test_a_lock_waits_until_every_earlier_mark_is_settled(rooms: Rooms) -> None:
    with rooms.open(order="paired") as room:
        anne, cases = first_read(room)
        early, later = cases[EARLY], cases[LATER]
        assert anne.save(later, 0, content(focal("1", "femur_left"))).status == 200
        refused = anne.sign((later, 1))
        assert (refused.status, refused.error) == (409, "proposals_pending")
        assert (refused.json["case"], refused.json["items"]) == (later, ["a", "b"])
        assert anne.save(later, 1, content(still("1", early, "a"))).status == 200
        assert anne.sign((later, 2)).json["items"] == ["b"]
        assert room.locked("anne") == {EARLY}
        assert anne.save(later, 2, content(still("1", early, "a"), cleared=gone(early, "b"))).status == 200
        assert anne.get(f"/api/reads/{later}").json["cleared"] == gone(early, "b")
        assert anne.sign((later, 3)).status == 200
        assert anne.get(f"/api/reads/{later}").json["cleared"] == gone(early, "b")


def test_the_nearest_earlier_read_counts_and_no_other(rooms: Rooms) -> None:
    with rooms.open(order="paired") as room:
        anne, cases = first_read(room)
        early, later, last = cases[EARLY], cases[LATER], cases[LAST]
        anne.save(last, 0)
        assert anne.sign((last, 1)).json["items"] == ["a", "b"]  # nothing is said of the scan between
        anne.read(later, content(focal("c", "sternum"), cleared=gone(early, "a", "b")))
        assert anne.sign((last, 1)).json["items"] == ["c"]
        anne.save(last, 1, content(cleared=gone(early, "c")))
        assert anne.sign((last, 2)).json["items"] == ["c"]
        anne.save(last, 2, content(cleared=gone(later, "c")))
        assert anne.sign((last, 3)).status == 200


def test_a_scan_that_is_not_evaluable_is_locked_as_it_is(rooms: Rooms) -> None:
    with rooms.open(order="paired") as room:
        anne, cases = first_read(room)
        anne.save(cases[LATER], 0, content(evaluable=False))
        assert anne.sign((cases[LATER], 1)).status == 200


def test_a_batch_with_one_that_waits_is_not_locked(rooms: Rooms) -> None:
    with rooms.open(order="paired") as room:
        anne, cases = first_read(room)
        anne.save(cases[OTHER], 0)
        anne.save(cases[LATER], 0)
        refused = anne.sign((cases[OTHER], 1), (cases[LATER], 1))
        assert (refused.error, refused.json["case"]) == ("proposals_pending", cases[LATER])
        assert room.locked("anne") == {EARLY}


def test_a_consensus_waits_for_nothing(rooms: Rooms) -> None:
    with rooms.open(order="paired", design="consensus") as room:
        judge, cases = room.person("judge"), room.cases("consensus")
        for scan in (EARLY, LATER):
            judge.save(cases[scan], 0, BOTH)
            assert judge.sign((cases[scan], 1)).status == 200
        assert judge.get(f"/api/reads/{cases[LATER]}").json["prior"] != []


def test_what_is_gone_is_undone_with_the_next_save(rooms: Rooms) -> None:
    with rooms.open(order="paired") as room:
        anne, cases = first_read(room)
        early, later = cases[EARLY], cases[LATER]
        anne.save(later, 0, content(cleared=gone(early, "a", "b")))
        anne.save(later, 1, content(cleared=gone(early, "b")))
        assert anne.get(f"/api/reads/{later}").json["cleared"] == gone(early, "b")
        saves = [one["changes"] for one in entries(room, "read.save") if one["scan"] == LATER]
        assert [["cleared " + EARLY, name, None, True] for name in "ab"] == saves[0][-2:]
        assert saves[1] == [["cleared " + EARLY, "a", True, None]]


def test_an_unlocked_read_keeps_what_is_gone_and_its_signature_does_not_cover_it(rooms: Rooms) -> None:
    with rooms.open(order="paired") as room:
        anne, cases = first_read(room)
        later = cases[LATER]
        said = content(cleared=gone(cases[EARLY], "a", "b"))
        version = anne.read(later, said)
        (with_it,) = {row["content_sha256"] for row in room.rows("reads") if row["scan"] == LATER}
        assert anne.unlock(later, version).status == 200
        assert anne.get(f"/api/reads/{later}").json["cleared"] == said["cleared"]
        anne.save(later, version + 1, content(evaluable=True, cleared=gone(cases[EARLY], "b", "a")))
        assert anne.sign((later, version + 2)).status == 200
        (again,) = {row["content_sha256"] for row in room.rows("reads") if row["scan"] == LATER}
        assert again == with_it


def test_a_conflict_shows_what_is_gone_and_what_goes_on_in_both_contents(rooms: Rooms) -> None:
    with rooms.open(order="paired") as room:
        anne, cases = first_read(room)
        early, later = cases[EARLY], cases[LATER]
        anne.save(later, 0, content(still("1", early, "a"), cleared=gone(early, "b")))
        conflict = anne.save(later, 0, content(cleared=gone(early, "a")))
        assert conflict.error == "conflict"
        yours, stored = conflict.json["yours"], conflict.json["stored"]
        assert yours["cleared"] == gone(early, "a")
        assert stored["cleared"] == gone(early, "b")
        assert stored["marks"][0]["from_case"] == early


@pytest.mark.parametrize(("case", "error"), [("9999", "not_found"), ("mine", "blinded")])
def test_only_own_cases_are_named_and_none_in_blinded_order(rooms: Rooms, case: str, error: str) -> None:
    with rooms.open(order="blinded" if error == "blinded" else "paired") as room:
        cases = room.cases("anne")
        named = cases[EARLY] if case == "mine" else case
        refused = room.person("anne").save(cases[LATER], 0, content(cleared=gone(named, "a")))
        assert refused.error == error
        assert room.rows("reads") == []


@pytest.mark.parametrize("said", [gone("0001", "a", "a"), gone("0001", ""), [{"case": "0001"}], [{"mark": "a"}]])
def test_a_mark_is_gone_once_and_named_in_full(sqlite_rooms: Rooms, said: Any) -> None:
    with sqlite_rooms.open(order="paired") as room:
        assert room.person("anne").save("0001", 0, content(cleared=said)).error == "invalid"


def test_scores_come_with_a_read_where_they_are_asked_for(rooms: Rooms) -> None:
    with rooms.open(order="paired") as room:
        anne, case = room.person("anne"), room.cases("anne")[EARLY]
        body = {"version": 0, **BOTH}

        def scores(answer: Answer) -> Any:
            return answer.json["scores"]

        saved = scores(anne.ask("PUT", f"/api/reads/{case}?scores=true", body))
        assert (saved["siopen"]["total"], saved["curie"]["total"], saved["curie_skeletal"]["total"]) == (2, 2, 2)
        assert saved["siopen"]["segments"]["proximal_lower_limb_left"] == 1
        assert saved["siopen"]["segments"]["skull"] == 0
        assert scores(anne.get(f"/api/reads/{case}?scores=true")) == saved
        assert scores(anne.get(f"/api/reads/{case}")) is None
        anne.save(case, 1, content(evaluable=False))
        assert scores(anne.get(f"/api/reads/{case}?scores=true"))["siopen"]["total"] is None


def test_a_save_that_is_refused_has_no_scores(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open(order="paired") as room:
        anne, case = room.person("anne"), room.cases("anne")[EARLY]
        answer = anne.ask("PUT", f"/api/reads/{case}?scores=true", {"version": 3, **BOTH})
        assert (answer.error, "scores" in answer.json) == ("conflict", False)


def test_who_is_forgotten_is_forgotten_in_what_is_gone(rooms: Rooms) -> None:
    """A scan may have been given to another patient by a later import, and a locked read still name it."""
    with rooms.open(order="paired") as room:
        anne, cases = first_read(room)
        anne.read(cases[LATER], content(cleared=gone(cases[EARLY], "a", "b")))
        anne.read(cases[OTHER], content(cleared=[*gone(cases[EARLY], "a"), *gone(cases[OTHER], "x")]))
        before = next(row for row in room.rows("reads") if row["scan"] == OTHER)
        room.desk.write(lambda connection: delete_patient(connection, "PAT-ANNA")).result()
        (kept,) = room.rows("reads")
        assert kept == {**before, "cleared": json.dumps([[OTHER, "x"]])}
        assert kept["state"] == "locked"


def test_what_is_gone_stays_out_of_the_folder(rooms: Rooms) -> None:
    assert "cleared" not in TABLES["reads"].schema
    with rooms.open(order="paired") as room:
        anne, cases = first_read(room)
        anne.read(cases[LATER], content(cleared=gone(cases[EARLY], "a", "b")))
        assert "cleared" not in room.person("manager").get("/api/tables/reads").json["columns"]
