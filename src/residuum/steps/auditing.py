"""Look at the audit trail and verify it."""

from dataclasses import asdict
from typing import Any

from residuum.steps.location import Location
from residuum.steps.visits import Visit
from residuum.store import audit


def verify_audit(location: Location, printed: tuple[str, ...]) -> audit.Verification:
    """Recompute the chain of a study and compare it with heads printed earlier.

    Raises
    ------
    InputError
        The database itself is damaged.
    """
    database = location.open()
    try:
        database.check_integrity()
        with database.reading() as connection:
            return audit.verify(connection, printed)
    finally:
        database.close()


def show_audit(visit: Visit, after: int, limit: int) -> dict[str, Any]:
    """Return entries of the audit trail, oldest first; that they were looked at is an entry of its own."""
    entries = [asdict(entry) for entry in audit.load_entries(visit.connection, after, limit)]
    visit.note("audit.see", after=after, entries=len(entries))
    return {"entries": entries}


def show_audit_head(visit: Visit) -> dict[str, Any]:
    """Return the head of the chain, and whether the chain is whole."""
    found = audit.verify(visit.connection)
    return {"head": found.head, "entries": found.entries, "faults": list(found.faults)}
