"""Every endpoint, classified: who may, and what they are answered in every state of the reading. One line for each.

A new endpoint, or one with other roles, fails `test_roles_and_states.py` until it stands here as it is meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rooms import Room
from small_room import SCANS, content, focal, password_of

from residuum.records.roles import ROLES

SCAN: Final = SCANS[0]
PATIENT: Final = "PAT-ANNA"
PATH: Final = {
    "scan": SCAN,
    "reader": "anne",
    "table": "reads",
    "name": "counter",
    "patient": PATIENT,
    "analysis": "none",
    "image": "planar-anterior",
}
"""What stands for the parameters of a path; {case} is the number of SCAN for whoever asks."""


def nothing_read(room: Room) -> None:
    """Leave everything as it is."""


def one_locked(room: Room) -> None:
    """Let the first reader lock everything."""
    mine = room.cases("anne")[SCAN]
    room.person("anne").read_all(lambda case: content(focal("1", "skull_vault")) if case == mine else content())


def both_locked(room: Room) -> None:
    """Let both readers lock everything; they differ on SCAN, which is handed to the adjudicator."""
    one_locked(room)
    room.person("bela").read_all()
    assert len(room.person("judge").get("/api/worklist").json["cases"]) == 1


def consensus_locked(room: Room) -> None:
    """Let the adjudicator lock the consensus as well."""
    both_locked(room)
    room.person("judge").read("0001")


STATES: Final = (nothing_read, one_locked, both_locked, consensus_locked)


@dataclass(frozen=True)
class Endpoint:
    """Who may, and what they are answered: by role one status, or one for each of the four states.

    Attributes
    ----------
    body : mapping or None
        Body of a request that is right in itself.
    everybody : bool
        Whether no session is needed; then nobody is refused.
    """

    answers: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    everybody: bool = False

    def status(self, role: str, state: int) -> int:
        """Return what a role that may is answered in a state."""
        statuses = self.answers[role].split()
        return int(statuses[state if len(statuses) > 1 else 0])


def to(*roles: str, answer: str = "200", body: Mapping[str, Any] | None = None) -> Endpoint:
    """Classify an endpoint that answers all the roles that may alike."""
    return Endpoint(dict.fromkeys(roles, answer), body)


def to_readers(reader: str, adjudicator: str, body: Mapping[str, Any] | None = None) -> Endpoint:
    """Classify an endpoint for readers and adjudicators."""
    return Endpoint({"reader": reader, "adjudicator": adjudicator}, body)


def to_everybody(answer: str, body: Mapping[str, Any] | None = None) -> Endpoint:
    """Classify an endpoint that needs no session."""
    return Endpoint(dict.fromkeys(ROLES, answer), body, everybody=True)


_ANALYSE: Final = ("data_manager", "statistician")
_HEAD: Final = ("administrator", "data_manager", "statistician", "auditor")
_ACCOUNT: Final = {"name": "new", "role": "auditor", "password": "long enough to be one"}
_REASON: Final = {"reason": "why"}
_DRAFT: Final = {"version": 0, "marks": [], "grades": []}
_SIGNATURE: Final = {"password": None, "reads": [{"case": None, "version": 0}]}

#                                                           nothing read, one locked, both locked, consensus locked
ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    "GET /healthz": to_everybody("200"),
    "POST /api/session": to_everybody("401", {"account": "nobody", "password": "wrong"}),
    "GET /api/session": to(*ROLES),
    "DELETE /api/session": to(*ROLES, answer="204"),
    "POST /api/session/password": to(*ROLES, answer="204", body={"old": None, "new": "another of these"}),
    "GET /api/oidc/begin": to_everybody("404"),
    "GET /api/oidc/return": to_everybody("404"),
    "GET /api/study": to(*ROLES),
    "GET /api/worklist": to_readers("200", "200"),
    "GET /api/reads/{case}": to_readers("200", "404 404 200 200"),
    "GET /api/cases/{case}/images": to_readers("200", "404 404 200 200"),
    "GET /api/cases/{case}/images/{image}/pixels": to_readers("404", "404"),
    "GET /api/cases/{case}/proposals": to_readers("403", "403"),
    "GET /api/cases/{case}/regions": to_readers("200", "404 404 200 200"),
    "PUT /api/reads/{case}": to_readers("200 409 409 409", "404 404 200 409", _DRAFT),
    "POST /api/signatures": to_readers("409", "404 404 409 409", _SIGNATURE),
    "POST /api/reads/{case}/unlock": to_readers("409 200 409 409", "404 404 409 200", _REASON | {"version": 2}),
    "GET /api/reads/{case}/differences": to_readers("403 403 200 200", "404 404 200 200"),
    "GET /api/identity": to_readers("409 200 200 200", "409 409 409 200"),
    "GET /api/identity/{patient}": to_readers("409 200 200 200", "409 409 409 200"),
    "PUT /api/identity/{patient}": to_readers("409 200 200 200", "409 409 409 200", {"version": 0, "links": []}),
    "GET /api/tables/{table}": to(*_ANALYSE),
    "GET /api/accounts": to("administrator"),
    "POST /api/accounts": to("administrator", answer="201", body=_ACCOUNT),
    "PATCH /api/accounts/{name}": to("administrator", body={"version": 1, "disabled": True}),
    "GET /api/progress": to("data_manager"),
    "GET /api/assignments": to("data_manager"),
    "POST /api/assignments": to("data_manager"),
    "POST /api/scans/{scan}/reads/{reader}/unlock": to(
        "data_manager", answer="409 200 200 409", body={"reason": "why"}
    ),
    "GET /api/analyses": to(*_ANALYSE),
    "POST /api/analyses": to(*_ANALYSE, answer="202"),
    "GET /api/analyses/{analysis}": to(*_ANALYSE, answer="404"),
    "DELETE /api/analyses/{analysis}": to(*_ANALYSE, answer="404"),
    "GET /api/analyses/{analysis}/events": to(*_ANALYSE, answer="404"),
    "GET /api/analyses/{analysis}/numbers": to(*_ANALYSE, answer="404"),
    "GET /api/analyses/{analysis}/patients/{patient}": to(*_ANALYSE, answer="404"),
    "GET /api/analyses/{analysis}/report": to(*_ANALYSE, answer="404"),
    "POST /api/exports": to(*_ANALYSE),
    "GET /api/audit": to("auditor"),
    "GET /api/audit/head": to(*_HEAD),
}


def path_of(operation: str, room: Room, account: str) -> str:
    """Return the path of an operation for whoever asks."""
    reader = {"judge": "consensus"}.get(account, account)
    case = room.cases(reader).get(SCAN, "0001")
    return operation.partition(" ")[2].format(**PATH, case=case)


def body_of(operation: str, room: Room, account: str) -> dict[str, Any] | None:
    """Return the body of an operation for whoever asks: the own password, the number of the own case."""
    endpoint = ENDPOINTS[operation]
    if endpoint.body is None:
        return None
    body = dict(endpoint.body)
    own = {"password": password_of(account), "old": password_of(account)}
    body |= {name: own[name] for name, value in body.items() if value is None}
    if "reads" in body:
        number = path_of("GET {case}", room, account)
        body["reads"] = [{**one, "case": number} for one in body["reads"]]
    return body
