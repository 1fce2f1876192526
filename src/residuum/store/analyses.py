"""The analyses that were asked for, and what became of them."""

from typing import Any

import sqlalchemy as sa

from residuum.store.tables import ANALYSES

UNFINISHED = ("queued", "running")


def load_analyses(connection: sa.Connection) -> list[dict[str, Any]]:
    """Return every analysis, the newest first."""
    rows = connection.execute(sa.select(ANALYSES).order_by(ANALYSES.c.requested_at.desc(), ANALYSES.c.id))
    return [dict(row._mapping) for row in rows]


def load_analysis(connection: sa.Connection, name: str) -> dict[str, Any] | None:
    """Return an analysis, None where there is none of this name."""
    row = connection.execute(sa.select(ANALYSES).where(ANALYSES.c.id == name)).first()
    return dict(row._mapping) if row else None


def add_analysis(connection: sa.Connection, name: str, account: str, at: str, audit_head: str) -> None:
    """Put an analysis into the queue."""
    row = {"id": name, "requested_by": account, "requested_at": at, "state": "queued", "audit_head": audit_head}
    connection.execute(ANALYSES.insert(), row)


def move_analysis(
    connection: sa.Connection, name: str, state: str, message: str | None = None, finished_at: str | None = None
) -> None:
    """Say where an analysis stands, unless it has finished."""
    unfinished = ANALYSES.update().where(ANALYSES.c.id == name, ANALYSES.c.state.in_(UNFINISHED))
    connection.execute(unfinished.values(state=state, message=message, finished_at=finished_at))


def end_interrupted(connection: sa.Connection, at: str) -> None:
    """Say of analyses that a server left unfinished that they failed."""
    unfinished = ANALYSES.update().where(ANALYSES.c.state.in_(UNFINISHED))
    message = "the server stopped before it was done; ask for it again"
    connection.execute(unfinished.values(state="failed", message=message, finished_at=at))
