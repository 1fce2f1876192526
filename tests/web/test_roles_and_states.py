"""Every endpoint is asked by every role, and by nobody, in every state of the reading."""

from collections.abc import Callable
from typing import Any

import pytest
from endpoints import ENDPOINTS, STATES, body_of, path_of
from people import Answer, Person
from rooms import Room, Rooms
from small_room import ACCOUNT_OF

from residuum.records.roles import ROLES
from residuum.steps.analyses import AnalysisQueue
from residuum.web.app import ROUTERS

METHODS = ("get", "put", "post", "patch", "delete")
State = Callable[[Room], None]
in_every_state = pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)


@pytest.fixture(autouse=True)
def _no_analyses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an analysis end at once; here it matters who may ask for one."""
    monkeypatch.setattr(AnalysisQueue, "_execute", lambda self, run: ("failed", "not run in this test"))


def described(room: Room) -> dict[str, Any]:
    """Return every operation of the OpenAPI description."""
    paths = room.visitor().get("/openapi.json").json["paths"]
    return {
        f"{method.upper()} {path}": one[method] for path, one in paths.items() for method in METHODS if method in one
    }


def ask(someone: Person, operation: str, account: str, **headers: str | None) -> Answer:
    path, body = path_of(operation, someone.room, account), body_of(operation, someone.room, account)
    return someone.ask(
        operation.partition(" ")[0], path, body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


@pytest.mark.unit
def test_every_endpoint_is_classified_with_its_roles(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        operations = described(room)
    roles = {name: tuple(one["x-roles"]) if "x-roles" in one else None for name, one in operations.items()}
    meant = {
        name: None if one.everybody else tuple(role for role in ROLES if role in one.answers)
        for name, one in ENDPOINTS.items()
    }
    assert roles == meant


@pytest.mark.unit
def test_no_endpoint_is_left_out_of_the_description() -> None:
    assert [route.path for router in ROUTERS for route in router.routes if not route.include_in_schema] == []


@pytest.mark.unit
@in_every_state
def test_who_may_not_is_refused_and_leaves_no_trace(sqlite_rooms: Rooms, state: State) -> None:
    _check_refusals(sqlite_rooms, state)


@pytest.mark.unit
@pytest.mark.slow
@in_every_state
def test_who_may_not_is_refused_and_leaves_no_trace_on_postgresql(postgresql_rooms: Rooms, state: State) -> None:
    _check_refusals(postgresql_rooms, state)


@pytest.mark.unit
@in_every_state
def test_who_may_is_answered_as_classified(sqlite_rooms: Rooms, state: State) -> None:
    _check_answers(sqlite_rooms, state)


@pytest.mark.unit
@pytest.mark.slow
@in_every_state
def test_who_may_is_answered_as_classified_on_postgresql(postgresql_rooms: Rooms, state: State) -> None:
    _check_answers(postgresql_rooms, state)


def _check_refusals(rooms: Rooms, state: State) -> None:
    wrong = []
    with rooms.open(state) as room:
        people = {role: room.person(ACCOUNT_OF[role]) for role in ROLES}
        before = room.dump()
        for operation, endpoint in ENDPOINTS.items():
            if endpoint.everybody:
                continue
            asked = {"nobody": (ask(room.visitor(), operation, "nobody"), 401, "unauthenticated")}
            forged = ask(room.visitor(), operation, "nobody", cookie="__Host-residuum=forged")
            asked["forged"] = (forged, 401, "unauthenticated")
            for role, person in people.items():
                if role not in endpoint.answers:
                    asked[role] = (ask(person, operation, person.name), 403, "forbidden")
                elif not operation.startswith("GET"):
                    for name, token in (("none", None), ("forged", "forged"), ("another's", people["auditor"].csrf)):
                        if token != person.csrf:
                            refused = ask(person, operation, person.name, x_csrf_token=token)
                            asked[f"{role}, CSRF token {name}"] = (refused, 403, "csrf")
            wrong += [
                f"{operation} as {who}: {answer.status} {answer.error}"
                for who, (answer, status, error) in asked.items()
                if (answer.status, answer.error) != (status, error)
            ]
        assert wrong == []
        assert room.dump() == before


def _check_answers(rooms: Rooms, state: State) -> None:
    """Look in one room; whoever changes something does it in a room of their own."""
    place, wrong = STATES.index(state), []
    with rooms.open(state) as room:
        people = {role: room.person(ACCOUNT_OF[role]) for role in ROLES}
        for operation in filter(_looks, ENDPOINTS):
            for role in ENDPOINTS[operation].answers:
                wrong += _answers(people[role], operation, role, place)
    for operation in ENDPOINTS:
        for role in () if _looks(operation) else ENDPOINTS[operation].answers:
            with rooms.open(state) as room:
                wrong += _answers(room.person(ACCOUNT_OF[role]), operation, role, place)
            rooms.clear()
    assert wrong == []


def _looks(operation: str) -> bool:
    return operation.startswith("GET")


def _answers(person: Person, operation: str, role: str, place: int) -> list[str]:
    """Return what was answered otherwise than classified."""
    endpoint, answer = ENDPOINTS[operation], ask(person, operation, person.name)
    wrong = []
    if answer.status != endpoint.status(role, place):
        wrong.append(f"{operation} as {role}: {answer.status} {answer.body[:200]!r}")
    if endpoint.everybody and ask(person.room.visitor(), operation, "nobody").status != answer.status:
        wrong.append(f"{operation} as nobody")
    return wrong
