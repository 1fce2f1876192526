"""What people do in a reading room, as programmes that can be drawn at random and played again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hypothesis import strategies as st
from people import Answer, Person
from rooms import Room
from small_room import ADDRESS, SCANS, content, focal

Act = tuple[Any, ...]
Turn = tuple[str, Act]
"""Who acts, and what they do."""

NUMBERS: Final = tuple(f"{place:04d}" for place in range(1, 10))
"""Cases of a reader, and one that nobody has."""
OWN_PATHS: Final = (
    "/api/worklist",
    "/api/session",
    "/api/study",
    *(f"/api/reads/{number}" for number in NUMBERS),
    *(f"/api/reads/{number}/differences" for number in NUMBERS),
    *(f"/api/reads/{number}?scores=true" for number in NUMBERS[::3]),
    *(f"/api/cases/{number}/{what}" for number in NUMBERS[::4] for what in ("images", "proposals", "regions")),
    f"/api/cases/{NUMBERS[0]}/images/planar-anterior/pixels",
    "/api/identity",
    "/api/identity/PAT-ANNA",
    "/api/identity/PAT-NOBODY",
)
"""What a reader may ask for, also where the answer is a refusal."""
CLOSED_PATHS: Final = (
    "/api/audit",
    "/api/audit/head",
    "/api/progress",
    "/api/assignments",
    "/api/tables/reads",
    "/api/tables/marks",
    "/api/accounts",
    "/api/analyses",
    "/api/analyses/1",
    "/api/analyses/1/numbers",
    "/api/analyses/1/events",
    "/api/analyses/1/report",
    "/api/analyses/1/patients/PAT-ANNA",
)
"""What no reader gets."""
OPEN_PATHS: Final = ("/healthz", "/openapi.json", "/", "/api", "/api/reads", "/api/reads/x", "/nowhere")
FINDINGS: Final[Mapping[str, Sequence[dict[str, Any]]]] = {
    "marks": (
        content(),
        content(focal("1", "femur_left")),
        content(focal("1", "femur_left"), focal("2", "skull_vault", site="A"), comment="two foci"),
        content({"mark": "d", "regions": ["spine_lumbar"], "pattern": "diffuse", "extent": 0.5}, seconds=12.5),
        content(evaluable=False, comment="moved"),
    ),
    "grades": (
        content(),
        content(grades=[{"system": "siopen", "segment": "spine", "grade": 3}]),
        content(grades=[{"system": "siopen", "segment": "spine", "grade": "not_assessable"}], seconds=3.0),
        content(grades=[{"system": "curie", "segment": "spine", "grade": 2}]),
        content(evaluable=False),
    ),
}
_EXPIRES: Final = re.compile(rb" expires=[^;]+;")
_LOCKED: Final = (
    "SELECT a.scan FROM reads a JOIN reads b ON a.scan = b.scan WHERE a.reader = 'anne' AND b.reader = 'bela' "
    "AND a.occasion = 'main' AND b.occasion = 'main' AND a.state = 'locked' AND b.state = 'locked'"
)

_case = st.sampled_from(NUMBERS)
_off = st.sampled_from((0, 0, 0, 0, 1, -1))
READER_ACTS: Final = st.one_of(
    st.tuples(st.just("get"), st.sampled_from(OWN_PATHS)),
    st.tuples(st.just("get"), st.sampled_from(CLOSED_PATHS + OPEN_PATHS)),
    st.tuples(st.just("save"), _case, st.integers(0, 4), _off),
    st.tuples(st.just("save"), _case, st.integers(0, 4), _off),
    st.tuples(st.just("sign"), st.lists(_case, min_size=1, max_size=3), _off, st.sampled_from((True, True, False))),
    st.tuples(st.just("unlock"), _case, _off, st.sampled_from(("seen anew", "a", "   "))),
    st.tuples(st.just("finish"), st.integers(0, 3)),
    st.tuples(st.just("closed"), st.sampled_from(("assignments", "unlock", "analyses", "exports", "accounts"))),
    st.tuples(st.just("sign in"), st.sampled_from((None, None, "x", "other")), st.booleans()),
    st.sampled_from((("sign out",), ("password", True), ("password", False))),
)
OTHERS_ACTS: Final = st.one_of(
    st.tuples(st.just("manager"), st.sampled_from(("/api/progress", "/api/assignments", "/api/tables/reads"))),
    st.tuples(st.just("manager unlocks"), st.sampled_from(SCANS)),
    st.tuples(st.just("watcher"), st.sampled_from(("/api/audit", "/api/audit/head"))),
    st.tuples(st.just("boss"), st.just("/api/accounts")),
    st.tuples(st.just("counter"), st.sampled_from(("/api/analyses", "/api/tables/grades"))),
    st.tuples(st.just("judge"), st.sampled_from(("/api/worklist", "/api/reads/0001", "/api/reads/0001/differences"))),
    st.tuples(st.just("judge saves"), _case, st.integers(0, 4)),
)


def turns(longest: int) -> st.SearchStrategy[list[Turn]]:
    """Draw a programme of reader A, reader B and the others, in any order."""
    mine = st.tuples(st.just("A"), READER_ACTS)
    theirs = st.tuples(st.just("B"), READER_ACTS)
    others = st.tuples(st.just("others"), OTHERS_ACTS)
    return st.lists(st.one_of(mine, mine, theirs, theirs, others), min_size=8, max_size=longest)


@dataclass
class Player:
    """A reader who remembers what was answered: the versions of the cases, the own password."""

    person: Person
    entry: str
    versions: dict[str, int] = field(default_factory=dict)
    cleared: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    password: str | None = None
    shares_with: str | None = None

    def play(self, act: Act, left_out: Sequence[str] = ()) -> None:
        """Do one thing, but for what concerns the cases that are left out."""
        kind, *given = act
        {
            "get": self._get,
            "save": self._save,
            "sign": self._sign,
            "unlock": self._unlock,
            "finish": self._finish,
            "closed": self._closed,
            "sign in": self._sign_in,
            "sign out": lambda _: self.person.ask("DELETE", "/api/session"),
            "password": self._password,
        }[kind](left_out, *given)

    def _get(self, left_out: Sequence[str], path: str) -> None:
        if not set(path.partition("?")[0].split("/")) & set(left_out):
            self.person.get(path)

    def _save(self, left_out: Sequence[str], case: str, variant: int, off: int) -> Answer | None:
        if case in left_out:
            return None
        said = {**FINDINGS[self.entry][variant], "cleared": self.cleared.get(case, [])}
        answer = self.person.save(case, max(0, self._known(case) + off), said)
        self._learn([answer.json] if answer.status == 200 else [])
        return answer

    def _sign(self, left_out: Sequence[str], cases: Sequence[str], off: int, good: bool) -> None:
        reads = [(case, max(0, self._known(case) + off)) for case in cases if case not in left_out]
        if not reads:
            return
        answer = self.person.sign(*reads, password=self.password if good else "quite another one")
        self._learn(answer.json["signed"] if answer.status == 200 else [])

    def _unlock(self, left_out: Sequence[str], case: str, off: int, reason: str) -> None:
        if case not in left_out:
            answer = self.person.unlock(case, max(0, self._known(case) + off), reason)
            self._learn([answer.json] if answer.status == 200 else [])

    def _finish(self, left_out: Sequence[str], spared: int) -> None:
        """Read every case that is not locked, but for the last ones."""
        answer = self.person.get("/api/worklist")
        if answer.status != 200:
            return
        open_cases = [one for one in answer.json["cases"] if one["state"] != "locked" and one["case"] not in left_out]
        chosen = open_cases[: len(open_cases) - spared]
        for one in chosen:
            self.versions[one["case"]] = one["version"]
            self._clear(one["case"])
            self._save((), one["case"], int(one["case"]) % 5, 0)
        self._sign((), [one["case"] for one in chosen], 0, good=True)

    def _clear(self, case: str) -> None:
        """Say of what was there on the earlier scan that it is gone, from now on."""
        shown = self.person.get(f"/api/reads/{case}").json
        self.cleared[case] = [{"case": one["case"], "mark": one["mark"]} for one in shown["prior"]]

    def _closed(self, _: Sequence[str], what: str) -> None:
        body: object = {"name": "new", "role": "reader", "password": "long enough to be one"}
        body = {"reason": "because"} if what == "unlock" else body if what == "accounts" else None
        path = f"scans/{SCANS[0]}/reads/bela/unlock" if what == "unlock" else what
        self.person.ask("POST", f"/api/{path}", body)

    def _sign_in(self, _: Sequence[str], account: str | None, good: bool) -> None:
        """Sign in as oneself, or try another account; nobody knows the password of somebody else."""
        if account == "other":
            account = {"anne": "bela", "bela": "anne"}[self.person.name]
            if self.person.address == self.shares_with:
                return  # who guesses at an account where its owner sits, makes the owner wait
        own = self.password if account is None and good else "quite another one"
        self.person.sign_in(account, own)

    def _password(self, _: Sequence[str], good: bool) -> None:
        old = self.password if good else "quite another one"
        answer = self.person.change_password(old, new := f"new password {len(self.person.trace)}")
        if answer.status == 204:
            self.password = new

    def _known(self, case: str) -> int:
        return self.versions.get(case, 0)

    def _learn(self, told: Sequence[Mapping[str, Any]]) -> None:
        self.versions |= {one["case"]: one["version"] for one in told}


@dataclass
class Course:
    """What became of a programme: A's answers until both had locked, and what A was not to touch when."""

    answers: list[Answer] = field(default_factory=list)
    left_out: list[tuple[str, ...]] = field(default_factory=list)
    turns_of_a: int = 0
    reads: list[dict[str, Any]] = field(default_factory=list)


def play(room: Room, programme: Sequence[Turn], reveal: str, entry: str, address: str) -> Course:
    """Play a programme until both readers have locked."""
    course, mine = Course(), room.person("anne")
    a = Player(mine, entry, shares_with=address)
    b = Player(room.person("bela", address), entry, shares_with=ADDRESS)
    others: dict[str, Person] = {}
    numbers, seen = room.cases("anne"), set[str]()
    for who, act in programme:
        if who == "A":
            _turn_of_a(room, a, act, left_out := tuple(numbers[scan] for scan in sorted(seen)))
            course.left_out.append(left_out)
        elif who == "B":
            b.play(act)
        elif who == "others":
            _play_other(room, others, act, entry)
        both = _locked_by_both(room)
        if reveal == "scan":
            seen |= both
        elif len(both) == len(numbers):
            break
        course.turns_of_a = len(course.left_out)
        if who == "A":
            course.answers, course.reads = _answers(mine), _reads_of_a(room)
    return course


def play_alone(room: Room, programme: Sequence[Turn], entry: str, until: Course, address: str) -> Course:
    """Play A's part of a programme, as far as it came, as if nobody else were there."""
    course, mine = Course(), room.person("anne")
    a = Player(mine, entry, shares_with=address)
    acts = [act for who, act in programme if who == "A"][: until.turns_of_a]
    for act, left_out in zip(acts, until.left_out, strict=False):
        _turn_of_a(room, a, act, left_out)
    course.answers, course.reads = _answers(mine), _reads_of_a(room)
    return course


def _turn_of_a(room: Room, a: Player, act: Act, left_out: Sequence[str]) -> None:
    room.clock.forward(70)  # time passes by what A does alone, else B would be seen in it
    a.play(act, left_out)


def _answers(person: Person) -> list[Answer]:
    """Return what somebody was answered, without the date at which a cookie that is deleted expires: it is now."""
    return [
        replace(one, headers=tuple((name, _EXPIRES.sub(b"", value)) for name, value in one.headers))
        for one in person.trace
    ]


def _locked_by_both(room: Room) -> set[str]:
    with room.desk.database.reading() as connection:
        rows = connection.exec_driver_sql(_LOCKED).all()
    return {row.scan for row in rows}


def _reads_of_a(room: Room) -> list[dict[str, Any]]:
    return [row for row in room.rows("reads") if row["reader"] == "anne"]


def _play_other(room: Room, others: dict[str, Person], act: Act, entry: str) -> None:
    kind, *given = act
    name = kind.split()[0]
    someone = others.get(name) or others.setdefault(name, room.person(name, "192.0.2.99"))
    if kind == "manager unlocks":
        someone.ask("POST", f"/api/scans/{given[0]}/reads/bela/unlock", {"reason": "wrong scan"})
    elif kind == "judge saves":
        someone.save(given[0], 0, FINDINGS[entry][given[1]])
    else:
        someone.get(given[0])
