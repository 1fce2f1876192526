"""A campaign: generated requests by everybody against every operation, and what became of them."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import Any, Final

from generated_cases import SWITCH, draw_cases, draw_valid, find_operation, labels
from real_things import SHARE, make_real
from schemathesis import Case
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, coverage_scenario
from seeded_servers import NOBODY, PEOPLE, Person, Server

CHECK_NAMES: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
OPEN: Final = ("GET /healthz", "POST /api/session", "GET /api/oidc/begin", "GET /api/oidc/return")
"""What answers without a session; the last two say 404 where no provider of identities is configured."""


@dataclass
class Tally:
    """What became of the cases of one operation."""

    statuses: Counter[int] = field(default_factory=Counter)
    valid: int = 0
    """Valid cases of somebody who may."""
    done: int = 0
    """Those of them that were answered with 2xx."""
    unsaid: Counter[str] = field(default_factory=Counter)
    """Why valid cases were refused with 422: rules that the description does not say."""


@dataclass
class Campaign:
    """Cases against a server; failures are collected, each kind of them once."""

    server: Server
    seed: int
    tallies: dict[str, Tally] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        SWITCH.app = self.server.app
        self.operations = [find_operation(label) for label in labels()]
        self.chance = Random(self.seed)
        load_all_checks()
        self._checks = CHECKS.get_by_names(list(CHECK_NAMES))
        self._turns = {one.label: _turns(_roles(one), self.chance) for one in self.operations}

    @property
    def cases(self) -> int:
        """Return how many cases were sent."""
        return sum(tally.statuses.total() for tally in self.tallies.values())

    def run(self, cases: int, impossible: Set[str], longest_round: int = 10) -> None:
        """Send at least so many cases, in rounds over all operations in an order of their own.

        What few cases never brought to anything is insisted upon, but for what is `impossible` on this server.
        """
        each = -(-cases // len(self.operations))
        rounds = -(-each // longest_round)
        for _ in range(rounds):
            for operation in self.chance.sample(self.operations, len(self.operations)):
                self._prepare(operation.label)
                for case in draw_cases(operation.label, -(-each // rounds), self.chance):
                    self.send(case)
        for label in sorted(self.never_done() - impossible):
            self._insist(label)

    def send(self, case: Case) -> None:
        """Send one case as whoever's turn it is, and check the answer."""
        label, shape = case.operation.label, coverage_scenario(case) in REQUEST_SHAPE_PROBES
        person = next(self._turns[label])
        done = label in self.tallies and self.tallies[label].done > 0
        make_real(case, self.server, person, self.chance, SHARE if done else 1.0)
        positive = case.meta is not None and case.meta.generation.mode.is_positive and not shape
        given = {"headers": person.headers, "cookies": person.cookies}
        response = case.call(**given)
        self._count(case, person, response, positive)
        try:
            case.validate_response(response, checks=self._checks, headers=person.headers, transport_kwargs=given)
            self._check_role(case, person, response.status_code, positive)
        except* (Failure, AssertionError) as group:
            for failure in _leaves(group):
                kind = f"{type(failure).__name__} {response.status_code}"
                said = f"{label} as {person.role}: {kind}\n{failure}\n{case}\n{response.content[:500]!r}"
                self.failures.setdefault((label, kind), said)
        self._mend(person, case, response.status_code)

    def report(self) -> str:
        """Return a table: cases by operation, the share of 2xx among valid ones of who may, and the statuses."""
        lines = [f"{self.server.entry}: {self.cases} cases, seed {self.seed}, {len(self.failures)} kinds of failure"]
        for label, tally in sorted(self.tallies.items()):
            share = f"{tally.done:4d} of {tally.valid:4d} valid: 2xx"
            statuses = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
            lines.append(f"  {label:50s}{tally.statuses.total():5d} cases {share}   ({statuses})")
        unsaid = sum((tally.unsaid for tally in self.tallies.values()), Counter[str]())
        lines += ["  valid, yet refused with 422:", *(f"  {count:5d}  {why}" for why, count in unsaid.most_common())]
        return "\n".join(lines)

    def never_done(self) -> set[str]:
        """Return the operations that were never answered with 2xx."""
        return {label for label, tally in self.tallies.items() if not tally.done}

    def _insist(self, label: str) -> None:
        self._prepare(label)
        for case in draw_valid(label, 40, self.chance):
            if not self.tallies[label].done:
                self.send(case)

    def _prepare(self, label: str) -> None:
        method, path = label.split(" ")
        self.server.mend()
        if method == "DELETE" and "analyses" in path:
            self.server.ask_analyses(3)
        if path.startswith(("/api/reads", "/api/signatures", "/api/identity", "/api/scans")):
            self.server.mend_reads(finished=path.endswith("/differences"))

    def _count(self, case: Case, person: Person, response: Any, positive: bool) -> None:
        tally, status = self.tallies.setdefault(case.operation.label, Tally()), response.status_code
        tally.statuses[status] += 1
        if positive and (person.role in _roles(case.operation) or case.operation.label in OPEN):
            tally.valid += 1
            tally.done += 200 <= status < 300
        if positive and status == 422:
            refused = response.json()
            tally.unsaid.update(one["message"] for one in refused.get("problems", [refused]))

    def _check_role(self, case: Case, person: Person, status: int, positive: bool) -> None:
        """Check that only who may is answered; what is not valid is refused before it is known who asks."""
        if case.operation.label in OPEN:
            return
        if person is NOBODY:
            assert status in (401, 413, 422) if positive else 400 <= status < 500, "answered without a session"
        elif person.role not in _roles(case.operation):
            assert status in (403, 422) if positive else 400 <= status < 500, "answered to a role that may not"

    def _mend(self, person: Person, case: Case, status: int) -> None:
        """Put back what the case took away, and mostly forget failed attempts, so that not all have to wait."""
        ends = "/session" in case.path or "/accounts" in case.path
        if (ends and case.method != "GET") or (status == 401 and person is not NOBODY) or status in (403, 429):
            self.server.mend() if self.chance.random() < 0.9 or status == 401 else None


def _roles(operation: Any) -> Sequence[str]:
    return tuple(operation.definition.raw.get("x-roles", ()))


def _turns(roles: Sequence[str], chance: Random) -> Iterator[Person]:
    """Return who asks, case by case: two of three times who may, else in turn nobody and somebody who may not."""
    allowed = [person for person in PEOPLE if person.role in roles] or [*PEOPLE, NOBODY]
    strangers = [person for person in PEOPLE if person not in allowed] or [NOBODY]
    own, others = cycle(allowed), cycle(chance.sample(strangers, len(strangers)))
    while True:
        yield from (next(own), NOBODY, next(own), next(own), next(others), next(own))


def _leaves(group: BaseExceptionGroup[Any]) -> Iterator[BaseException]:
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _leaves(one)
        else:
            yield one
