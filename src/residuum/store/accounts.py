"""Accounts, their sessions, and the failed attempts that slow down guessing."""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from residuum.store.database import hash_token
from residuum.store.tables import ACCOUNTS, ATTEMPTS, SESSIONS, STUDY

IDLE_SECONDS: Final = 15 * 60
LONGEST_SECONDS: Final = 12 * 3600
SEEN_EVERY_SECONDS: Final = 60
FREE_FAILURES: Final = 3
LONGEST_WAIT_SECONDS: Final = 15 * 60
FAILURES_OF_ADDRESS: Final = 30
"""Failed attempts from one address before accounts that never signed in from there have to wait as well."""


@dataclass(frozen=True, slots=True)
class Account:
    """One login.

    Attributes
    ----------
    reader : str or None
        The reader of study.toml for whom a reader account reads; `consensus` for an adjudicator.
    subject : str or None
        ``ISSUER#SUB``: whom a provider of identities signs in to this account.
    """

    name: str
    role: str
    reader: str | None
    password: str | None
    disabled: bool
    version: int
    created_at: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A running session, what its account may do now, and the text of the study's study.toml."""

    token_sha256: str
    account: str
    role: str
    reader: str | None
    csrf: str
    created_at: float
    seen_at: float
    settings: str

    @property
    def expires_at(self) -> float:
        """Return the second (since 1970) at which the session ends when nothing more is asked."""
        return min(self.seen_at + IDLE_SECONDS, self.created_at + LONGEST_SECONDS)


_SESSION: Final = (
    sa.select(SESSIONS, ACCOUNTS.c.role, ACCOUNTS.c.reader, STUDY.c.settings)
    .join(ACCOUNTS, ACCOUNTS.c.name == SESSIONS.c.account)
    .join(STUDY, STUDY.c.id == 1)
    .where(SESSIONS.c.token_sha256 == sa.bindparam("token"), ~ACCOUNTS.c.disabled)
)


def load_account(connection: sa.Connection, name: str) -> Account | None:
    """Return an account, None where there is no such name."""
    row = connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.name == name)).first()
    return Account(**row._mapping) if row else None


def load_account_of_subject(connection: sa.Connection, subject: str) -> Account | None:
    """Return the account of whom a provider of identities calls `subject`, None where there is none."""
    row = connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.subject == subject)).first()
    return Account(**row._mapping) if row else None


def load_accounts(connection: sa.Connection) -> list[Account]:
    """Return every account, by name."""
    rows = connection.execute(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.name))
    return [Account(**row._mapping) for row in rows]


def save_account(connection: sa.Connection, account: Account) -> None:
    """Write an account, new or changed."""
    values: dict[str, Any] = {name: getattr(account, name) for name in Account.__slots__}
    changed = connection.execute(ACCOUNTS.update().where(ACCOUNTS.c.name == account.name).values(values))
    if not changed.rowcount:
        connection.execute(ACCOUNTS.insert(), values)


def save_session(connection: sa.Connection, token: str, account: str, csrf: str, now: float) -> None:
    """Begin a session; only the hash of its token is stored. Sessions that have ended are cleared away."""
    ended = (SESSIONS.c.seen_at < now - IDLE_SECONDS) | (SESSIONS.c.created_at < now - LONGEST_SECONDS)
    connection.execute(SESSIONS.delete().where(ended))
    row = {"token_sha256": hash_token(token), "account": account, "csrf": csrf, "created_at": now, "seen_at": now}
    connection.execute(SESSIONS.insert(), row)


def load_session(connection: sa.Connection, token: str, now: float) -> Session | None:
    """Return the session of a token, None where it has ended or its account is disabled."""
    row = connection.execute(_SESSION, {"token": hash_token(token)}).first()
    if row is None:
        return None
    session = Session(**row._mapping)
    return session if now < session.expires_at else None


def touch_session(connection: sa.Connection, session: Session, now: float) -> None:
    """Keep a session from ending while it is used."""
    connection.execute(SESSIONS.update().where(SESSIONS.c.token_sha256 == session.token_sha256).values(seen_at=now))


def end_sessions(connection: sa.Connection, *, account: str | None = None, token_sha256: str | None = None) -> None:
    """End every session of an account, or one session."""
    of = SESSIONS.c.account == account if account is not None else SESSIONS.c.token_sha256 == token_sha256
    connection.execute(SESSIONS.delete().where(of))


def seconds_to_wait(connection: sa.Connection, account: str, address: str, now: float) -> float:
    """Return how long an account must wait at an address before its next attempt, 0 where it need not.

    Failures count for the pair of account and address, so that nobody can lock out somebody else. An account that
    never signed in from the address waits as well after many failures from there, whosever they were.
    """
    pair = connection.execute(sa.select(ATTEMPTS).where(*_pair(account, address))).first()
    if pair and (wait := _wait(pair.failures - FREE_FAILURES, pair.failed_at, now)):
        return wait
    if pair and pair.succeeded_at is not None:
        return 0.0
    recent = ATTEMPTS.c.failed_at > now - LONGEST_WAIT_SECONDS
    total = connection.execute(
        sa.select(sa.func.sum(ATTEMPTS.c.failures), sa.func.max(ATTEMPTS.c.failed_at)).where(
            ATTEMPTS.c.address == address, recent
        )
    ).one()
    return _wait(int(total[0] or 0) - FAILURES_OF_ADDRESS, total[1] or 0.0, now)


def note_attempt(connection: sa.Connection, account: str, address: str, now: float, *, success: bool) -> None:
    """Count a failed attempt, or forget the failures after a good one."""
    pair = connection.execute(sa.select(ATTEMPTS).where(*_pair(account, address))).first()
    values: dict[str, Any] = {"failures": 0, "succeeded_at": now}
    if not success:
        old = pair.failures if pair and pair.failed_at > now - 4 * LONGEST_WAIT_SECONDS else 0
        values = {"failures": old + 1, "failed_at": now}
    if pair:
        connection.execute(ATTEMPTS.update().where(*_pair(account, address)).values(values))
        return
    connection.execute(ATTEMPTS.delete().where(ATTEMPTS.c.failed_at < now - 86_400, ATTEMPTS.c.succeeded_at.is_(None)))
    key = {"account_sha256": hash_token(account), "address": address, "failed_at": 0.0}
    connection.execute(ATTEMPTS.insert(), key | values)


def _pair(account: str, address: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return ATTEMPTS.c.account_sha256 == hash_token(account), ATTEMPTS.c.address == address


def _wait(over: int, failed_at: float, now: float) -> float:
    """Return what is left of a wait that doubles with every failure over the free ones."""
    if over <= 0:
        return 0.0
    return max(0.0, failed_at + min(2.0 ** min(over, 20), LONGEST_WAIT_SECONDS) - now)
