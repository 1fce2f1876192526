"""Look at the audit trail and verify it."""

from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from residuum.reads.content import content_hash
from residuum.steps.location import Location
from residuum.steps.visits import Visit
from residuum.store import audit
from residuum.store.readings import load_read, load_signed


def verify_audit(location: Location, printed: tuple[str, ...]) -> audit.Verification:
    """Recompute the chain of a study, compare it with heads printed earlier, and every signed read with its signature.

    Raises
    ------
    InputError
        The database itself is damaged.
    """
    database = location.open()
    try:
        database.check_integrity()
        with database.reading() as connection:
            found = audit.verify(connection, printed)
            return replace(found, faults=(*found.faults, *_unsigned_changes(connection)))
    finally:
        database.close()


def _unsigned_changes(connection: sa.Connection) -> list[str]:
    """Return the signed reads that are not what was signed: by their own hash, or by that of the audit trail."""
    noted: dict[tuple[str, str, str], str] = {}
    for entry in audit.load_entries(connection):
        if entry.action == "read.sign" and entry.details is not None:
            said = entry.details
            noted[said["scan"], said["reader"], said["occasion"]] = said["content_sha256"]
    faults = []
    for key, digest in load_signed(connection):
        stored = load_read(connection, key)
        content = content_hash(stored.content, key[0], key[1]) if stored else None
        if not digest == content == noted.get(key):
            faults.append(f"the {key[2]} read of scan {key[0]} by {key[1]} is not what was signed")
    return faults


def show_audit(visit: Visit, after: int, limit: int) -> dict[str, Any]:
    """Return entries of the audit trail, oldest first; that they were looked at is an entry of its own."""
    entries = [asdict(entry) for entry in audit.load_entries(visit.connection, after, limit)]
    visit.note("audit.see", after=after, entries=len(entries))
    return {"entries": entries}


def show_audit_head(visit: Visit) -> dict[str, Any]:
    """Return the head of the chain, and whether the chain is whole."""
    found = audit.verify(visit.connection)
    return {"head": found.head, "entries": found.entries, "faults": list(found.faults)}
