"""The audit trail: append-only, each entry holding the hash of the one before; what concerns a patient is encrypted.

A hash chain shows any change within it, but neither that its newest entries were cut off nor that all of it was
written anew. Therefore its head, ``N:HASH``, is printed in reports, exports and backups: `verify` compares.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from residuum.records.errors import CallError
from residuum.store.keys import decrypt, encrypt, load_keys, patient_key
from residuum.store.tables import AUDIT

GENESIS: Final = "0" * 64
Change = tuple[str, str, object, object]
"""Record, field, old value, new value."""
_LAST: Final = sa.select(AUDIT.c.n, AUDIT.c.hash).order_by(AUDIT.c.n.desc()).limit(1)
_INSERT: Final = AUDIT.insert()


@dataclass(frozen=True, slots=True)
class Who:
    """Who acts: the account and its role, from where, in which request."""

    account: str
    role: str
    source: str
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, read back.

    Attributes
    ----------
    n : int
        Number in the chain, from 1.
    details : dict or None
        What was done: `patient`, `scan`, `changes`, `why`, ...; None where the patient's key was destroyed.
    """

    n: int
    at: str
    account: str
    role: str
    source: str
    request: str | None
    action: str
    details: dict[str, Any] | None
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of `verify`: entries seen, head, and what is wrong (empty where nothing is)."""

    entries: int
    head: str
    faults: tuple[str, ...]


def append(
    connection: sa.Connection,
    who: Who,
    at: datetime,
    action: str,
    *,
    patient: str | None = None,
    changes: Sequence[Change] = (),
    why: str | None = None,
    **details: object,
) -> None:
    """Add one entry at the head of the chain, within the transaction that makes the change.

    Parameters
    ----------
    patient : str, optional
        The patient concerned; then everything but who, when and which action is encrypted with the patient's key.
    changes : sequence of (record, field, old, new)
    why : str, optional
        The reason given.
    **details
        Whatever else says what was done; JSON values.
    """
    said = {"patient": patient, "changes": changes, "why": why, **details}
    payload = zlib.compress(_canonical({name: value for name, value in said.items() if value not in (None, (), [])}), 1)
    key_id = None
    if patient is not None:
        key_id, key = patient_key(connection, patient)
        payload = encrypt(key, payload)
    last = connection.execute(_LAST).first()
    row = {
        "n": last.n + 1 if last else 1,
        "at": at.isoformat(timespec="microseconds"),
        "account": who.account,
        "role": who.role,
        "source": who.source,
        "request": who.request,
        "action": action,
        "key_id": key_id,
        "payload": payload,
        "previous": last.hash if last else GENESIS,
    }
    connection.execute(_INSERT, row | {"hash": _hash(row)})


def head(connection: sa.Connection) -> str:
    """Return the head of the chain as ``N:HASH``."""
    last = connection.execute(_LAST).first()
    return f"{last.n}:{last.hash}" if last else f"0:{GENESIS}"


def count_entries(connection: sa.Connection, action: str) -> int:
    """Return how many entries of an action there are."""
    return connection.execute(sa.select(sa.func.count()).where(AUDIT.c.action == action)).scalar_one()


def load_entries(connection: sa.Connection, after: int = 0, limit: int | None = None) -> Iterator[Entry]:
    """Yield the entries after number `after`, oldest first."""
    keys = load_keys(connection)
    statement = sa.select(AUDIT).where(AUDIT.c.n > after).order_by(AUDIT.c.n).limit(limit)
    for row in connection.execute(statement):
        yield Entry(
            row.n, row.at, row.account, row.role, row.source, row.request, row.action, _details(row, keys), row.hash
        )


def verify(connection: sa.Connection, printed: Sequence[str] = ()) -> Verification:
    """Recompute the whole chain and compare it with heads printed earlier.

    Parameters
    ----------
    printed : sequence of str
        Heads as printed, ``N:HASH``.

    Raises
    ------
    CallError
        A head is not of this form.
    """
    wanted = set(map(_parse_head, printed))
    faults, previous, number = [], GENESIS, 0
    statement = sa.select(AUDIT).order_by(AUDIT.c.n)
    for row in connection.execute(statement, execution_options={"yield_per": 1000}):
        number += 1
        if row.n != number:
            faults.append(f"entry {number} is missing: the next one is {row.n}")
            number = row.n
        if row.previous != previous:
            faults.append(f"entry {row.n} does not follow the one before it")
        if row.hash != _hash(row._mapping):
            faults.append(f"entry {row.n} was changed after it was written")
        if any(n == row.n and digest != row.hash for n, digest in wanted):
            faults.append(f"entry {row.n} is not the one whose hash was printed: the chain was written anew")
        previous = row.hash
    gone = sorted({n for n, _ in wanted if n > number})
    faults += [f"entries are missing at the end: entry {n}, whose hash was printed, is gone" for n in gone]
    if any(n == 0 and digest != GENESIS for n, digest in wanted):
        faults.append("the printed head of an empty trail is not one: its digits are all 0")
    return Verification(number, f"{number}:{previous}", tuple(faults))


def _parse_head(printed: str) -> tuple[int, str]:
    number, _, digest = printed.strip().partition(":")
    if not re.fullmatch(r"[0-9]{1,18}:[0-9a-f]{64}", printed.strip()):
        raise CallError(f"{printed!r} is no head of an audit trail; it reads N:HASH with 64 hexadecimal digits")
    return int(number), digest


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str).encode()


_HASHED: Final = ("n", "at", "account", "role", "source", "request", "action", "key_id", "previous")


def _hash(row: Any) -> str:
    payload = hashlib.sha256(row["payload"]).hexdigest()
    return hashlib.sha256(_canonical([*(row[name] for name in _HASHED), payload])).hexdigest()


def _details(row: Any, keys: dict[str, bytes]) -> dict[str, Any] | None:
    payload: bytes | None = row.payload
    if row.key_id is not None:
        payload = decrypt(keys[row.key_id], row.payload) if row.key_id in keys else None
    if payload is None:
        return None
    said: dict[str, Any] = json.loads(zlib.decompress(payload))
    return said
