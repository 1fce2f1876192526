"""Signing in and out: how long a session lasts, what ends it, and what slows down guessing."""

import pytest
from people import COOKIE, Person
from rooms import Room, Rooms
from small_room import ACCOUNTS, ADDRESS, password_of

MINUTE, HOUR = 60, 3600
NEW = "another of these"


def is_in(someone: Person) -> bool:
    return someone.get("/api/session").status == 200


def accounts_of(room: Room) -> dict[str, int]:
    return {row["name"]: row["version"] for row in room.rows("accounts")}


@pytest.mark.unit
def test_a_session_ends_after_fifteen_minutes_without_use(rooms: Rooms) -> None:
    with rooms.open() as room:
        anne, bela = room.person("anne"), room.person("bela")
        room.clock.forward(14 * MINUTE)
        assert is_in(anne)
        room.clock.forward(14 * MINUTE)
        assert is_in(anne)
        assert not is_in(bela)
        room.clock.forward(15 * MINUTE - 1)
        assert is_in(anne)
        room.clock.forward(15 * MINUTE)
        assert not is_in(anne)
        assert anne.get("/api/worklist").error == "unauthenticated"


@pytest.mark.unit
def test_a_session_ends_after_twelve_hours_even_in_use(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        anne = room.person("anne")
        for _ in range(72):
            assert is_in(anne)
            room.clock.forward(10 * MINUTE)
        assert not is_in(anne)


@pytest.mark.unit
def test_the_answer_says_when_the_session_ends(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        anne = room.person("anne")
        expires = anne.get("/api/session").json["expires"]
        assert expires == room.clock().timestamp() + 15 * MINUTE
        for _ in range(71):
            room.clock.forward(10 * MINUTE)
            anne.get("/api/session")
        assert anne.get("/api/session").json["expires"] == room.clock().timestamp() + 10 * MINUTE


@pytest.mark.unit
def test_looking_with_a_wrong_token_or_without_rights_keeps_no_session_alive(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        anne = room.person("anne")
        room.clock.forward(10 * MINUTE)
        assert anne.save("0001", 0).status == 200
        room.clock.forward(10 * MINUTE)
        assert anne.ask("DELETE", "/api/session", headers={"x-csrf-token": "wrong"}).error == "csrf"
        room.clock.forward(5 * MINUTE)
        assert not is_in(anne)


@pytest.mark.unit
def test_every_sign_in_gives_a_new_session_and_ends_the_one_of_the_browser(rooms: Rooms) -> None:
    with rooms.open() as room:
        anne = room.visitor("anne")
        anne.cookie = "planted"  # a session that somebody else chose
        assert anne.sign_in().status == 200
        assert anne.cookie != "planted"
        first, csrf = anne.cookie, anne.csrf
        assert anne.sign_in().status == 200
        assert (anne.cookie, anne.csrf) != (first, csrf)
        old = room.visitor("anne")
        old.cookie = first
        assert not is_in(old)
        assert is_in(anne)


@pytest.mark.unit
def test_only_the_hash_of_a_token_is_stored(rooms: Rooms) -> None:
    with rooms.open() as room:
        anne = room.person("anne")
        assert anne.cookie is not None
        assert anne.cookie not in str(room.dump())
        assert password_of("anne") not in str(room.dump())


@pytest.mark.unit
def test_the_cookie_belongs_to_this_host_and_to_no_script(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        anne = room.visitor("anne")
        answer = anne.sign_in()
        (cookie,) = answer.all_headers("set-cookie")
        value, *attributes = cookie.split("; ")
        assert value == f"{COOKIE}={anne.cookie}"
        assert {one.lower() for one in attributes} == {"path=/", "secure", "httponly", "samesite=strict"}
        assert anne.cookie not in answer.body.decode()
        (gone,) = anne.ask("DELETE", "/api/session").all_headers("set-cookie")
        assert {"max-age=0", "secure", "path=/"} <= {one.lower() for one in gone.split("; ")}


@pytest.mark.unit
def test_no_other_answer_sets_a_cookie(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        anne = room.person("anne")
        anne.read("0001")
        anne.get("/api/worklist")
        anne.get("/nowhere")
        anne.sign_in(password="wrong")
        anne.change_password(None, NEW)
        anne.get("/api/session")
        assert [one.status for one in anne.trace[1:] if one.all_headers("set-cookie")] == []


@pytest.mark.unit
def test_signing_out_ends_this_session_only(rooms: Rooms) -> None:
    with rooms.open() as room:
        here, there = room.person("anne"), room.person("anne", "192.0.2.2")
        stolen = room.visitor("anne")
        stolen.cookie = here.cookie
        assert here.ask("DELETE", "/api/session").status == 204
        assert not is_in(stolen)
        assert is_in(there)


@pytest.mark.unit
def test_a_new_password_ends_every_session_of_the_account(rooms: Rooms) -> None:
    with rooms.open() as room:
        here, there, other = room.person("anne"), room.person("anne", "192.0.2.2"), room.person("bela")
        assert here.change_password("wrong", NEW).error == "password"
        assert here.change_password(None, "short").error == "weak_password"
        assert here.change_password(None, "anne-" * 4).error == "weak_password"
        assert is_in(here)
        assert here.change_password(None, NEW).status == 204
        assert not is_in(here)
        assert not is_in(there)
        assert is_in(other)
        assert here.sign_in().status == 401
        assert here.sign_in(password=NEW).status == 200


@pytest.mark.unit
@pytest.mark.parametrize("change", [{"role": "auditor"}, {"disabled": True}, {"password": NEW}, {"reader": "bela"}])
def test_a_changed_account_ends_its_sessions(rooms: Rooms, change: dict[str, object]) -> None:
    with rooms.open() as room:
        anne, boss = room.person("anne"), room.person("boss")
        version = accounts_of(room)["anne"]
        stale = boss.ask("PATCH", "/api/accounts/anne", {"version": version + 1, **change})
        assert stale.error == "conflict"
        assert stale.json["stored"]["version"] == version
        assert is_in(anne)
        assert boss.ask("PATCH", "/api/accounts/anne", {"version": version, **change}).status == 200
        assert not is_in(anne)


@pytest.mark.unit
def test_a_disabled_account_is_answered_as_an_unknown_one(rooms: Rooms) -> None:
    with rooms.open() as room:
        boss = room.person("boss")
        assert boss.ask("PATCH", "/api/accounts/anne", {"version": 1, "disabled": True}).status == 200
        disabled = room.visitor("anne").sign_in()
        assert disabled.status == 401
        assert disabled == room.visitor("nobody").sign_in()
        assert boss.ask("PATCH", "/api/accounts/anne", {"version": 2, "disabled": False}).status == 200
        assert room.visitor("anne").sign_in().status == 200


@pytest.mark.unit
def test_nobody_gives_themselves_another_role(rooms: Rooms) -> None:
    with rooms.open() as room:
        boss = room.person("boss")
        assert boss.ask("PATCH", "/api/accounts/boss", {"version": 1, "role": "auditor"}).error == "own_account"


@pytest.mark.unit
def test_guessing_waits_longer_and_longer_for_known_and_unknown_accounts_alike(rooms: Rooms) -> None:
    with rooms.open() as room:
        known, unknown = room.visitor("anne", "192.0.2.3"), room.visitor("zara", "192.0.2.4")
        waits = []
        for _ in range(14):
            answers = [one.sign_in(password="wrong wrong") for one in (known, unknown)]
            while answers[0].status == 429:
                assert answers[0] == answers[1]
                waits.append(int(answers[0].header("retry-after") or 0))
                assert answers[0].json["seconds"] == waits[-1]
                room.clock.forward(waits[-1])
                answers = [one.sign_in(password="wrong wrong") for one in (known, unknown)]
            assert answers[0] == answers[1]
            assert answers[0].status == 401
        assert waits == sorted(waits)
        assert len(waits) >= 9
        assert waits[0] <= 4
        assert 14 * MINUTE <= waits[-1] <= 15 * MINUTE + 1


@pytest.mark.unit
def test_the_right_password_waits_as_well(rooms: Rooms) -> None:
    with rooms.open() as room:
        thief = room.visitor("anne", "192.0.2.3")
        while thief.sign_in(password="wrong wrong").status != 429:
            pass
        assert thief.sign_in().status == 429
        assert len(thief.trace) < 10
        room.clock.forward(15 * MINUTE)
        assert thief.sign_in().status == 200


@pytest.mark.unit
def test_whoever_guesses_locks_nobody_else_out(rooms: Rooms) -> None:
    with rooms.open() as room:
        room.person("anne")
        thief, beside = room.visitor("anne", "192.0.2.3"), room.visitor("bela", ADDRESS)
        for _ in range(40):
            thief.sign_in(password="wrong wrong")
            beside.sign_in(password="wrong wrong")
        assert thief.trace[-1].status == 429
        assert beside.trace[-1].status == 429
        assert room.visitor("anne", ADDRESS).sign_in().status == 200
        assert room.visitor("anne", "192.0.2.5").sign_in().status == 200


@pytest.mark.unit
def test_guessing_many_accounts_from_one_address_is_slowed_down(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        thief = room.visitor("thief", "192.0.2.3")
        statuses = [thief.sign_in(f"name{number}", "wrong wrong").status for number in range(40)]
        assert statuses[:25] == [401] * 25
        assert statuses[-1] == 429


@pytest.mark.unit
def test_wrong_passwords_at_signing_are_slowed_down(rooms: Rooms) -> None:
    with rooms.open() as room:
        anne = room.person("anne")
        saved = anne.save("0001", 0).json["version"]
        statuses = [anne.sign(("0001", saved), password="wrong wrong").status for _ in range(8)]
        assert statuses[:3] == [403] * 3
        assert statuses[-1] == 429
        assert room.locked("anne") == set()


@pytest.mark.unit
def test_a_name_that_is_a_password_is_written_nowhere(rooms: Rooms) -> None:
    with rooms.open() as room:
        assert room.visitor().sign_in(password_of("anne"), "anne").status == 401
        watcher = room.person("watcher")
        assert password_of("anne") not in str(room.dump())
        assert password_of("anne") not in watcher.get("/api/audit").body.decode()


@pytest.mark.unit
@pytest.mark.parametrize("origin", ["https://evil.test", "null", "https://residuum.test.evil.test", "residuum.test"])
def test_pages_of_other_sites_change_nothing(sqlite_rooms: Rooms, origin: str) -> None:
    with sqlite_rooms.open() as room:
        anne = room.person("anne")
        body = {"version": 0, "marks": []}
        assert anne.ask("PUT", "/api/reads/0001", body, headers={"origin": origin}).error == "foreign_origin"
        sign_in = {"account": "anne", "password": password_of("anne")}
        assert anne.ask("POST", "/api/session", sign_in, headers={"origin": origin}).error == "foreign_origin"
        assert room.rows("reads") == []
        assert anne.ask("PUT", "/api/reads/0001", body, headers={"origin": "https://residuum.test"}).status == 200


@pytest.mark.unit
def test_a_csrf_token_belongs_to_its_session(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        anne, bela = room.person("anne"), room.person("bela")
        for token in (None, "", "x", bela.csrf, "\xff"):
            refused = anne.ask("PUT", "/api/reads/0001", {"version": 0}, headers={"x-csrf-token": token})
            assert (refused.status, refused.error) == (403, "csrf")
        assert room.rows("reads") == []


@pytest.mark.unit
def test_every_account_may_sign_in_and_learns_its_role(rooms: Rooms) -> None:
    with rooms.open(readers=("anne", "bela", "carl")) as room:
        for name, role in ACCOUNTS.items():
            shown = room.person(name).get("/api/session").json
            assert (shown["account"], shown["role"]) == (name, role)
            assert shown["reader"] == {"reader": name, "adjudicator": "consensus"}.get(role)


@pytest.mark.unit
def test_a_name_that_no_database_can_hold_is_unknown(rooms: Rooms) -> None:
    with rooms.open() as room:
        for name in ("\x00", "anne\x00", "'; DROP TABLE accounts; --", "\N{SNOWMAN}" * 200):
            assert room.visitor().sign_in(name, "wrong wrong").status in (401, 422)
        manager = room.person("manager")
        for scan in ("%00", "\x00", "'"):
            refused = manager.ask("POST", f"/api/scans/{scan}/reads/{scan}/unlock", {"reason": "because"})
            assert refused.status in (404, 422)
