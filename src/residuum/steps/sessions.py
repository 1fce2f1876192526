"""Sign in, sign out, change the password."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from residuum.records.errors import CallError, RefusalError
from residuum.steps.desk import Desk
from residuum.steps.visits import Request, Visit, begin_visit
from residuum.store import audit
from residuum.store.accounts import (
    Account,
    Session,
    end_sessions,
    load_account,
    load_session,
    note_attempt,
    save_account,
    save_session,
    seconds_to_wait,
)
from residuum.store.database import hash_token
from residuum.store.passwords import hash_password, password_fits

_HASHING: Final = threading.BoundedSemaphore(2)  # each check of a password takes 64 MiB


def sign_in(desk: Desk, request: Request, account: str, password: str) -> tuple[str, dict[str, Any]]:
    """Return the token of a new session and what its page needs to know.

    Raises
    ------
    RefusalError
        ``wait`` after too many failures, ``unauthenticated`` for a wrong name or password.
    """
    known = desk.write(lambda connection: _ask(connection, desk, request, account)).result()
    good = _fits(password, known)
    token, csrf = desk.tokens(), desk.tokens()
    answer = desk.write(lambda connection: _answer(connection, desk, request, account, good, token, csrf)).result()
    if answer is None:
        raise RefusalError("unauthenticated", "the name or the password is wrong")
    return token, describe_session(answer)


def begin_session(connection: sa.Connection, desk: Desk, request: Request, account: Account) -> tuple[str, Session]:
    """Begin a session of an account that has shown who it is; a session that the browser held before is ended."""
    token, csrf = desk.tokens(), desk.tokens()
    return token, _begin(connection, desk, request, account, token, csrf)


def describe_session(session: Session) -> dict[str, Any]:
    """Return what a page needs to know of its session."""
    return {
        "account": session.account,
        "role": session.role,
        "reader": session.reader,
        "csrf": session.csrf,
        "expires": session.expires_at,
    }


def show_session(visit: Visit) -> dict[str, Any]:
    """Return what the page needs to know of its session."""
    return describe_session(visit.session)


def sign_out(visit: Visit) -> None:
    """End this session."""
    end_sessions(visit.connection, token_sha256=visit.session.token_sha256)
    visit.note("session.end")


def change_password(desk: Desk, request: Request, old: str, new: str) -> None:
    """Change the password of the session's account and end all of its sessions.

    Raises
    ------
    RefusalError
        ``password`` where the old one is wrong, ``weak_password`` where the new one is refused.
    """
    account = check_password(desk, request, old)
    made = hash_new_password(new, account.name)

    def change(connection: sa.Connection) -> None:
        visit = begin_visit(connection, desk, request, "own_session")
        current = load_account(connection, account.name) or account
        save_account(connection, replace(current, password=made, version=current.version + 1))
        visit.note("account.password", account=account.name)
        end_sessions(connection, account=account.name)

    desk.write(change).result()


def hash_new_password(password: str, account: str) -> str:
    """Return the hash of a new password.

    Raises
    ------
    RefusalError
        ``weak_password``.
    """
    try:
        with _HASHING:
            return hash_password(password, account)
    except CallError as error:
        raise RefusalError("weak_password", str(error)) from None


def check_password(desk: Desk, request: Request, password: str) -> Account:
    """Return the account of a session whose password was typed again.

    Raises
    ------
    RefusalError
        ``password`` where it is wrong, ``wait`` after too many failures.
    """

    def ask(connection: sa.Connection) -> Account | None:
        visit = begin_visit(connection, desk, request, "own_session")
        return _ask(connection, desk, request, visit.session.account)

    account = desk.write(ask).result()
    good = _fits(password, account)
    if account is not None:
        desk.write(_note(desk, request, account, good)).result()
    if account is None or not good:
        raise RefusalError("password", "the password is wrong; nothing was done")
    return account


def _note(desk: Desk, request: Request, account: Account, good: bool) -> Callable[[sa.Connection], None]:
    def note(connection: sa.Connection) -> None:
        if good:
            note_attempt(connection, account.name, request.address, desk.clock().timestamp(), success=True)
        else:
            who = audit.Who(account.name, account.role, "web", request.id)
            audit.append(connection, who, desk.clock(), "password.refused")

    return note


def _fits(password: str, account: Account | None) -> bool:
    with _HASHING:
        return password_fits(password, account.password if account else None)


def _ask(connection: sa.Connection, desk: Desk, request: Request, account: str) -> Account | None:
    """Return an account that may try now; the attempt counts as failed until it succeeds, so that many at once do."""
    now = desk.clock().timestamp()
    wait = seconds_to_wait(connection, account, request.address, now)
    if wait:
        raise RefusalError("wait", "too many failed attempts; wait and try again", seconds=int(wait) + 1)
    note_attempt(connection, account, request.address, now, success=False)
    known = load_account(connection, account)
    return known if known and not known.disabled else None


def _answer(
    connection: sa.Connection, desk: Desk, request: Request, account: str, good: bool, token: str, csrf: str
) -> Session | None:
    known = load_account(connection, account)
    if not good or known is None or known.disabled:
        # the name that was typed may be a password
        who = audit.Who(known.name if known else "unknown", known.role if known else "none", "web", request.id)
        audit.append(connection, who, desk.clock(), "session.refused")
        return None
    note_attempt(connection, account, request.address, desk.clock().timestamp(), success=True)
    return _begin(connection, desk, request, known, token, csrf)


def _begin(connection: sa.Connection, desk: Desk, request: Request, account: Account, token: str, csrf: str) -> Session:
    now = desk.clock()
    if request.token:
        end_sessions(connection, token_sha256=hash_token(request.token))
    save_session(connection, token, account.name, csrf, now.timestamp())
    audit.append(connection, audit.Who(account.name, account.role, "web", request.id), now, "session.begin")
    session = load_session(connection, token, now.timestamp())
    assert session is not None
    return session
