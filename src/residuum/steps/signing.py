"""One signature locks one read or a batch, all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from residuum.reads.content import content_hash
from residuum.reads.workflow import Facts, decide
from residuum.records.errors import RefusalError
from residuum.records.vocabulary import CONSENSUS
from residuum.steps.adjudication import check_consensus
from residuum.steps.desk import Desk
from residuum.steps.reading import MAIN, UNREAD, find_case, list_pending, note_read
from residuum.steps.sessions import check_password
from residuum.steps.visits import Request, Visit, begin_visit
from residuum.store.readings import Case, load_read, sign_read


@dataclass(frozen=True, slots=True)
class ToSign:
    """A draft that is to be locked, as its reader saw it; a consensus gives reasons for what neither reader said."""

    case: str
    version: int
    reasons: Mapping[str, str] = field(default_factory=dict)


def sign_reads(desk: Desk, request: Request, password: str, reads: Sequence[ToSign]) -> dict[str, Any]:
    """Lock one read or several under one signature, all or none of them.

    Raises
    ------
    RefusalError
        ``password``, ``wait``; ``conflict``, ``locked``, ``unread``, ... for the case named in its details.
    """
    check_password(desk, request, password)

    def sign_all(connection: sa.Connection) -> dict[str, Any]:
        visit = begin_visit(connection, desk, request, "read_scans")
        return {"signed": [_sign(visit, one) for one in reads]}

    return desk.write(sign_all).result()


def _sign(visit: Visit, one: ToSign) -> dict[str, Any]:
    try:
        case = find_case(visit, one.case)
        stored = load_read(visit.connection, case.read) or UNREAD
        bases_locked = case.reader != CONSENSUS or _bases_locked(visit, case)
        pending = list_pending(visit, case, stored.content) if stored.state == "draft" else []
        facts = Facts(stored.state, stored.version, one.version, bases_locked=bases_locked, pending=bool(pending))
        try:
            step = decide("lock", facts)
        except RefusalError as refusal:
            if refusal.code == "proposals_pending":
                refusal.details = {"items": pending}
            raise
        if case.reader == CONSENSUS:
            check_consensus(visit, case, stored.content, one.reasons)
    except RefusalError as refusal:
        refusal.details = {**refusal.details, "case": one.case}
        raise
    digest = content_hash(stored.content, case.scan, case.reader)
    account = visit.session.account
    sign_read(visit.connection, case.read, step.version, account, visit.at.isoformat(timespec="seconds"), digest)
    changes = [("read", "state", "draft", "locked"), ("read", "signed_by", None, account)]
    note_read(visit, "read.sign", case, step.version, changes=changes, content_sha256=digest, reasons=dict(one.reasons))
    return {"case": case.case, "state": step.state, "version": step.version}


def _bases_locked(visit: Visit, case: Case) -> bool:
    reading = visit.settings.reading
    if reading.design != "independent" or case.occasion != MAIN:
        return True
    bases = [load_read(visit.connection, (case.scan, reader, MAIN)) for reader in reading.readers[:2]]
    return all(base is not None and base.state == "locked" for base in bases)
