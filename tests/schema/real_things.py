"""Real identifiers, versions and passwords in place of generated ones, so that cases come past the door.

What was generated to be refused stays as it is; around it everything is real.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

import sqlalchemy as sa
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation
from seeded_servers import PASSWORD, PEOPLE, SPARE, Person, Server

from residuum.records.schemas import TABLES
from residuum.store.tables import ACCOUNTS, ANALYSES, IDENTITIES, SCANS

SHARE: Final = 0.8
"""How often real things are taken once an endpoint has done something."""
Body = dict[str, Any]
Fit = Callable[[Server, Person, Random, Body, Mapping[str, Any]], Body]
"""From server, who asks, chance, body and the path's parameters to the body that fits."""


def make_real(case: Case, server: Server, person: Person, chance: Random, share: float) -> None:
    """Put real things into a case; `share` says how often."""
    negative = _negative_at(case)
    if not negative(ParameterLocation.PATH):
        _fill_path(case, server, person, chance, share)
    if not negative(ParameterLocation.QUERY) and "name" in case.query:
        case.query |= {"name": chance.choice(("", "patients", "scans.", "survival"))}
        case.query.pop("group", None)
    fit = FIT.get(f"{case.method} {case.path}")
    if fit and isinstance(case.body, dict) and not negative(ParameterLocation.BODY) and chance.random() < share:
        case.body = fit(server, person, chance, dict(case.body), case.path_parameters)


def _negative_at(case: Case) -> Callable[[ParameterLocation], bool]:
    return case.meta.is_negative_at if case.meta else lambda _: False


def _fill_path(case: Case, server: Server, person: Person, chance: Random, share: float) -> None:
    found = None
    for name in case.path_parameters:
        if chance.random() >= share:
            continue
        if name in ("case", "scan", "reader"):
            found = found or _pick_case(case, server, person, chance)
            case.path_parameters[name] = found[name] if found else "0001"
        else:
            case.path_parameters[name] = _NAMED[name](case, server, chance)


def _pick_case(case: Case, server: Server, person: Person, chance: Random) -> Body | None:
    states = {"PUT": ("unread", "draft"), "POST": ("locked",)}.get(case.method, ("unread", "draft", "locked"))
    found = server.cases(None if "{scan}" in case.path else person.reader, states)
    found = [one for one in found if one["occasion"] == "main"] or found
    return chance.choice(found) if found else None


def _pick_analysis(case: Case, server: Server, chance: Random) -> Any:
    rows = server.rows(sa.select(ANALYSES.c.id, ANALYSES.c.state).order_by(ANALYSES.c.requested_at.desc()))
    names = {state: [row["id"] for row in rows if row["state"] == state] for state in ("queued", "running", "done")}
    unfinished = names["queued"] + names["running"]
    if case.method == "DELETE" and unfinished:
        return unfinished[0]
    return chance.choice([*names["done"], *names["done"], *unfinished[:1], *(row["id"] for row in rows[:1])])


def _pick_account(_case: Case, _server: Server, chance: Random) -> str:
    return chance.choice([*SPARE, *SPARE, *(person.account for person in PEOPLE)])


_NAMED: Final[Mapping[str, Callable[[Case, Server, Random], Any]]] = {
    "name": _pick_account,
    "analysis": _pick_analysis,
    "image": lambda _case, _server, _chance: "planar-anterior",
    "patient": lambda _case, server, chance: chance.choice(server.rows(sa.select(SCANS.c.patient)))["patient"],
    "table": lambda _case, _server, chance: chance.choice(list(TABLES)),
}


def _sign_in(server: Server, _: Person, chance: Random, body: Body, __: Mapping[str, Any]) -> Body:
    return body | {"account": chance.choice(PEOPLE).account, "password": PASSWORD}


def _new_password(server: Server, _: Person, chance: Random, body: Body, __: Mapping[str, Any]) -> Body:
    return body | {"old": PASSWORD, "new": body["new"] + chance.choice(("", "long enough"))}


def _new_account(server: Server, _: Person, chance: Random, body: Body, __: Mapping[str, Any]) -> Body:
    return _bound(body, chance) | {"name": f"new-{chance.randrange(10**6)}", "password": PASSWORD[::-1]}


def _account(server: Server, _: Person, chance: Random, body: Body, path: Mapping[str, Any]) -> Body:
    stored = server.rows(sa.select(ACCOUNTS.c.version).where(ACCOUNTS.c.name == str(path["name"]).replace("\0", "")))
    body = _bound(body, chance) | {"version": stored[0]["version"] if stored else 0}
    return body | ({"password": PASSWORD[::-1]} if body.get("password") else {})


def _bound(body: Body, chance: Random) -> Body:
    """Return the body of an account whose reader, where it has one, is of the study."""
    return body | {"reader": chance.choice(("anne", "bela"))}


def _draft(server: Server, person: Person, _: Random, body: Body, path: Mapping[str, Any]) -> Body:
    body = body | {"version": _version(server, person, path), "marks": body.get("marks", ())}
    body |= {{"marks": "grades", "grades": "marks"}[server.entry]: []}
    marks = {mark["mark"]: _without_scan(mark) for mark in body["marks"]}
    grades = {(grade["system"], grade["segment"]): _whole(grade) for grade in body.get("grades", ())}
    return body | {"marks": list(marks.values()), "grades": list(grades.values())}


def _without_scan(mark: Body) -> Body:
    """Return a mark without the other scan that it names, which in blinded order no reader knows."""
    return {name: value for name, value in mark.items() if name not in ("from_case", "from_mark")}


def _whole(grade: Body) -> Body:
    """Return a grade as people write it: 2.0 is a whole number in a JSON schema, and none to the server."""
    given = grade["grade"]
    return grade | {"grade": int(given) if isinstance(given, float) else given}


def _unlocking(server: Server, person: Person, _: Random, body: Body, path: Mapping[str, Any]) -> Body:
    return body | {"version": _version(server, person, path)}


def _of_reader(server: Server, _: Person, __: Random, body: Body, path: Mapping[str, Any]) -> Body:
    same = [one for one in server.cases(None) if all(one[name] == path[name] for name in ("scan", "reader"))]
    return body | ({"occasion": same[0]["occasion"]} if same else {})


def _signature(server: Server, person: Person, chance: Random, body: Body, _: Mapping[str, Any]) -> Body:
    drafts = server.cases(person.reader, ("draft",)) or [{"case": "0001", "version": 1}]
    chosen = chance.sample(drafts, min(len(drafts), chance.choice((1, 1, 2))))
    reads = [{**body["reads"][0], "case": one["case"], "version": one["version"]} for one in chosen]
    return {"password": PASSWORD, "reads": reads}


def _identity(server: Server, person: Person, chance: Random, body: Body, path: Mapping[str, Any]) -> Body:
    patient = str(path["patient"]).replace("\0", "")
    marks = server.marks(person.reader, patient)
    mine = IDENTITIES.c.reader == person.reader, IDENTITIES.c.patient == patient
    stored = server.rows(sa.select(IDENTITIES.c.version).where(*mine))
    links = [link | chance.choice(marks) for link in body["links"]] if marks else []
    for link in links:
        link |= {"from_case": chance.choice(marks)["case"]} if link.get("from_case") else {}
    return {"version": stored[0]["version"] if stored else 0, "links": links}


def _version(server: Server, person: Person, path: Mapping[str, Any]) -> int:
    found = [one for one in server.cases(person.reader) if one["case"] == path["case"]]
    return int(found[0]["version"]) if found else 0


FIT: Final[Mapping[str, Fit]] = {
    "POST /api/session": _sign_in,
    "POST /api/session/password": _new_password,
    "POST /api/accounts": _new_account,
    "PATCH /api/accounts/{name}": _account,
    "PUT /api/reads/{case}": _draft,
    "POST /api/reads/{case}/unlock": _unlocking,
    "POST /api/scans/{scan}/reads/{reader}/unlock": _of_reader,
    "POST /api/signatures": _signature,
    "PUT /api/identity/{patient}": _identity,
}
"""What makes the body of an endpoint fit, by method and path."""
