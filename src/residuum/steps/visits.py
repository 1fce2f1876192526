"""Who is asking: a request, checked against its session, becomes a visit within one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import compare_digest

import sqlalchemy as sa

from residuum.records.errors import RefusalError
from residuum.records.roles import Action, may
from residuum.records.settings import Settings
from residuum.steps.desk import Desk
from residuum.steps.openings import Openings
from residuum.steps.settings import parse_settings
from residuum.store import audit
from residuum.store.accounts import SEEN_EVERY_SECONDS, Session, load_session, touch_session


@dataclass(frozen=True, slots=True)
class Request:
    """What came with a request.

    Attributes
    ----------
    token, csrf : str or None
        The session's cookie and the header that only its own page knows.
    address : str
        Where the request comes from.
    id : str
        A random name of the request, for log and audit trail.
    safe : bool
        Whether it only looks (GET); then no CSRF token is needed.
    """

    token: str | None
    csrf: str | None
    address: str
    id: str
    safe: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """A checked request at work: its transaction, its time and session, and what happens when a case is opened."""

    connection: sa.Connection
    at: datetime
    session: Session
    request: Request
    openings: Openings

    @property
    def settings(self) -> Settings:
        """Return the settings of the study."""
        return parse_settings(self.session.settings)[0]

    @property
    def reader(self) -> str:
        """Return the reader for whom the account reads.

        Raises
        ------
        RefusalError
            The account was bound to no reader.
        """
        if self.session.reader is None:
            raise RefusalError("forbidden", "this account reads for no reader; an administrator binds it to one")
        return self.session.reader

    def note(
        self,
        action: str,
        *,
        patient: str | None = None,
        changes: Sequence[audit.Change] = (),
        why: str | None = None,
        **details: object,
    ) -> None:
        """Write into the audit trail what this visit does."""
        who = audit.Who(self.session.account, self.session.role, "web", self.request.id)
        audit.append(self.connection, who, self.at, action, patient=patient, changes=changes, why=why, **details)


def begin_visit(connection: sa.Connection, desk: Desk, request: Request, action: Action) -> Visit:
    """Return the visit of a request.

    Raises
    ------
    RefusalError
        ``unauthenticated`` without a running session, ``csrf`` without its token, ``forbidden`` for another role.
    """
    at = desk.clock()
    session = load_session(connection, request.token, at.timestamp()) if request.token else None
    if session is None:
        raise RefusalError("unauthenticated", "sign in first; a session ends after 15 minutes without use")
    if not request.safe and not compare_digest((request.csrf or "").encode(), session.csrf.encode()):
        raise RefusalError("csrf", "the header X-CSRF-Token is missing or not that of this session")
    if not may(session.role, action):
        raise RefusalError("forbidden", f"the role {session.role} may not do this")
    if at.timestamp() - session.seen_at > SEEN_EVERY_SECONDS:
        desk.write(lambda writing: touch_session(writing, session, at.timestamp()))
    return Visit(connection, at, session, request, desk.openings)
