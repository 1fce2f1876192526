"""Sign in to an account as the one whom a provider of identities names; accounts are never made here."""

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from residuum.records.errors import RefusalError
from residuum.steps.desk import Desk
from residuum.steps.identity_provider import Flow, IdentityProvider, refusal
from residuum.steps.sessions import begin_session
from residuum.steps.visits import Request
from residuum.store import audit
from residuum.store.accounts import Account, load_account_of_subject, note_attempt, seconds_to_wait


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brings back from the provider."""

    state: str | None
    code: str | None
    error: str | None
    sealed: str | None


def begin_flow(desk: Desk, request: Request, provider: IdentityProvider) -> tuple[str, str]:
    """Return where at the provider the browser goes, and the sealed cookie that it brings back.

    Raises
    ------
    RefusalError
        The provider does not answer as it should.
    """
    flow = Flow(desk.tokens(), desk.tokens(), desk.tokens(), request.token)
    return provider.address_of(flow, desk.clock()), provider.seal(flow, desk.clock())


def end_flow(desk: Desk, request: Request, provider: IdentityProvider, returned: Returned) -> str:
    """Return the token of a new session of the account whose subject the provider names.

    Raises
    ------
    RefusalError
        ``unauthenticated``, with the `subject` where the provider was believed; ``wait`` after too many failures.
    """
    desk.read(lambda connection: _check_wait(connection, desk, request)).result()
    try:
        flow = provider.open_flow(returned.sealed, returned.state, desk.clock())
        if returned.code is None or returned.error is not None:
            raise refusal("provider", reason="error")
        subject = provider.identify(returned.code, flow, desk.clock())
    except RefusalError as refused:
        details = refused.details
        desk.write(lambda connection: _note(connection, desk, request, None, details)).result()
        raise
    # coming from a page of another site, the browser keeps its session's cookie back; the flow remembers it
    asked = replace(request, token=request.token or flow.session)
    token = desk.write(lambda connection: _enter(connection, desk, asked, subject)).result()
    if token is None:
        raise refusal("subject", subject=subject)
    return token


def _enter(connection: sa.Connection, desk: Desk, request: Request, subject: str) -> str | None:
    account = load_account_of_subject(connection, subject)
    if account is None or account.disabled:
        _note(connection, desk, request, account, {"fault": "subject", "subject": subject})
        return None
    return begin_session(connection, desk, request, account)[0]


def _check_wait(connection: sa.Connection, desk: Desk, request: Request) -> None:
    wait = seconds_to_wait(connection, _attempt(request), request.address, desk.clock().timestamp())
    if wait:
        raise RefusalError("wait", "too many failed attempts; wait and try again", seconds=int(wait) + 1)


def _note(
    connection: sa.Connection, desk: Desk, request: Request, account: Account | None, details: dict[str, Any]
) -> None:
    """Write a refused sign-in down; an outage of the provider is nobody's failed attempt."""
    now = desk.clock()
    if details["fault"] != "unreachable":
        note_attempt(connection, _attempt(request), request.address, now.timestamp(), success=False)
    who = audit.Who(account.name if account else "unknown", account.role if account else "none", "web", request.id)
    audit.append(connection, who, now, "session.refused", through="oidc", **details)


def _attempt(request: Request) -> str:
    """Return whose attempt it is: nobody's yet, so that failures count for the address alone."""
    return f"oidc {request.id}"
