"""What a data manager and an administrator do: cases, progress, tables, accounts."""

from dataclasses import replace
from typing import Any

import polars as pl
import sqlalchemy as sa

from residuum.reads.assignment import derive_assignments
from residuum.reads.workflow import derive_scan_states
from residuum.records.errors import RefusalError
from residuum.records.roles import Role
from residuum.records.schemas import TABLES
from residuum.records.settings import Reading
from residuum.records.vocabulary import CONSENSUS
from residuum.steps.adjudication import derive_agreed, settle
from residuum.steps.desk import Desk
from residuum.steps.sessions import hash_new_password
from residuum.steps.settings import load_settings
from residuum.steps.visits import Request, Visit, begin_visit
from residuum.store.accounts import (
    Account,
    end_sessions,
    load_account,
    load_account_of_subject,
    load_accounts,
    save_account,
)
from residuum.store.readings import load_assignments, load_read_states, save_assignments
from residuum.store.study import load_table
from residuum.store.tables import READ_TABLES


def draw_cases(connection: sa.Connection) -> int:
    """Give every reader the scans that they do not have yet, in an order of their own; return how many.

    Scans that come with their reads are not read twice: when they were read is not known.
    """
    reading = load_settings(connection).reading
    if not load_read_states(connection).is_empty() and load_assignments(connection).is_empty():
        reading = reading.model_copy(update={"repeat_share": 0.0})
    new = derive_assignments(load_table(connection, "scans"), reading, load_assignments(connection))
    save_assignments(connection, new)
    return new.height


def assign(visit: Visit) -> dict[str, Any]:
    """Give every reader the scans that they do not have yet."""
    new = draw_cases(visit.connection)
    visit.note("assignments.draw", cases=new)
    return {"new": new}


def show_assignments(visit: Visit) -> dict[str, Any]:
    """Return which reader reads which scan under which number; it unblinds, so it is written down."""
    visit.note("assignments.see")
    return {"assignments": load_assignments(visit.connection).to_dicts()}


def show_progress(visit: Visit) -> dict[str, Any]:
    """Return how many cases of each reader stand where, and how many scans."""
    settle(visit)
    reading = visit.settings.reading
    assignments, reads = load_assignments(visit.connection), load_read_states(visit.connection)
    joined = assignments.join(reads, on=["scan", "reader", "occasion"], how="left").with_columns(
        pl.col("state").fill_null("unread")
    )
    readers = joined.group_by("reader", "occasion", "state").agg(cases=pl.len()).sort("reader", "occasion", "state")
    agreed = derive_agreed(visit.connection, set(assignments.filter(occasion="main")["scan"]))
    scans = derive_scan_states(assignments, reads, agreed, reading)
    visit.note("progress.see")
    return {
        "readers": readers.to_dicts(),
        "scans": scans.group_by("state").agg(scans=pl.len()).sort("state").to_dicts(),
    }


def show_table(visit: Visit, name: str) -> dict[str, Any]:
    """Return a table of the study; of reads, marks and grades what is locked.

    Raises
    ------
    RefusalError
        ``not_found``.
    """
    if name not in TABLES:
        raise RefusalError("not_found", f"there is no such table; there are {', '.join(TABLES)}")
    visit.note("table.see", table=name)
    frame = load_table(visit.connection, name)
    if name in READ_TABLES:
        locked = load_table(visit.connection, "reads").filter(state="locked")
        frame = frame.join(locked, on=["scan", "reader"], how="semi", maintain_order="left")
    return {"table": name, "columns": frame.columns, "rows": frame.rows()}


def show_study(visit: Visit) -> dict[str, Any]:
    """Return what every page says of the study."""
    settings = visit.settings
    return {
        "title": settings.title,
        "synthetic": settings.synthetic,
        "design": settings.reading.design,
        "entry": settings.reading.entry,
        "order": settings.reading.order,
    }


def describe_account(account: Account) -> dict[str, Any]:
    """Return an account without its password."""
    return {name: getattr(account, name) for name in Account.__slots__ if name != "password"}


def show_accounts(visit: Visit) -> dict[str, Any]:
    """Return every account."""
    return {"accounts": [describe_account(account) for account in load_accounts(visit.connection)]}


def bound_reader(role: str, reader: str | None, name: str, reading: Reading) -> str | None:
    """Return the reader for whom an account of a role reads.

    Raises
    ------
    RefusalError
        ``unknown_reader`` where a reader account names none of the study.
    """
    if role == "adjudicator":
        return CONSENSUS
    if role != "reader":
        return None
    chosen = reader or name
    if chosen not in reading.readers:
        raise RefusalError("unknown_reader", f"name one of the study's readers: {', '.join(reading.readers)}")
    return chosen


def add_account(
    desk: Desk,
    request: Request,
    name: str,
    role: Role,
    reader: str | None,
    password: str | None,
    subject: str | None = None,
) -> dict[str, Any]:
    """Make an account, with a password, or with the subject (ISSUER#SUB) whom a provider of identities signs in.

    Raises
    ------
    RefusalError
        ``exists``, ``weak_password``, ``unknown_reader``.
    """
    desk.read(lambda connection: begin_visit(connection, desk, request, "manage_accounts")).result()
    hashed = hash_new_password(password, name) if password is not None else None

    def add(connection: sa.Connection) -> dict[str, Any]:
        visit = begin_visit(connection, desk, request, "manage_accounts")
        account = new_account(connection, name, role, reader, hashed, visit.at.isoformat(), subject)
        visit.note("account.add", changes=account_changes(None, account))
        return describe_account(account)

    return desk.write(add).result()


def new_account(
    connection: sa.Connection,
    name: str,
    role: Role,
    reader: str | None,
    hashed: str | None,
    at: str,
    subject: str | None = None,
) -> Account:
    """Write a new account and return it.

    Raises
    ------
    RefusalError
        ``exists``, ``unknown_reader``.
    """
    if load_account(connection, name) is not None:
        raise RefusalError("exists", "an account of this name exists; choose another name")
    _check_subject_free(connection, subject, name)
    bound = bound_reader(role, reader, name, load_settings(connection).reading)
    account = Account(name, role, bound, hashed, disabled=False, version=1, created_at=at, subject=subject)
    save_account(connection, account)
    return account


def change_account(
    desk: Desk, request: Request, name: str, version: int, changes: dict[str, Any], password: str | None
) -> dict[str, Any]:
    """Change the role, reader, password, subject ("" takes it away) or state of an account; all of its sessions end.

    Raises
    ------
    RefusalError
        ``not_found``, ``conflict``, ``weak_password``, ``unknown_reader``, ``own_account``, ``exists``.
    """
    desk.read(lambda connection: begin_visit(connection, desk, request, "manage_accounts")).result()
    hashed = hash_new_password(password, name) if password is not None else None

    def change(connection: sa.Connection) -> dict[str, Any]:
        visit = begin_visit(connection, desk, request, "manage_accounts")
        old = load_account(connection, name)
        if old is None:
            raise RefusalError("not_found", "there is no account of this name")
        if old.version != version:
            stored = describe_account(old)
            raise RefusalError("conflict", "the account was changed meanwhile", yours=changes, stored=stored)
        if name == visit.session.account:
            raise RefusalError("own_account", "another administrator changes this account; you change your password")
        new = _changed(connection, old, changes, hashed)
        save_account(connection, new)
        end_sessions(connection, account=name)
        visit.note("account.change", changes=account_changes(old, new))
        return describe_account(new)

    return desk.write(change).result()


def _changed(connection: sa.Connection, old: Account, changes: dict[str, Any], hashed: str | None) -> Account:
    role, reader = changes.get("role", old.role), changes.get("reader", old.reader)
    subject = changes.get("subject", old.subject) or None
    _check_subject_free(connection, subject, old.name)
    return replace(
        old,
        role=role,
        reader=bound_reader(role, reader, old.name, load_settings(connection).reading),
        disabled=changes.get("disabled", old.disabled),
        password=hashed or old.password,
        version=old.version + 1,
        subject=subject,
    )


def _check_subject_free(connection: sa.Connection, subject: str | None, name: str) -> None:
    other = load_account_of_subject(connection, subject) if subject else None
    if other is not None and other.name != name:
        raise RefusalError("exists", f"this subject signs in to the account {other.name}; take it away there first")


def account_changes(old: Account | None, new: Account) -> list[tuple[str, str, object, object]]:
    """Return what changed in an account, its password only as the fact that it did."""
    record, changes = f"account {new.name}", []
    for field in ("role", "reader", "disabled", "subject"):
        was, now = getattr(old, field, None), getattr(new, field)
        if was != now:
            changes.append((record, field, was, now))
    if new.password != (old.password if old else None):
        changes.append((record, "password", None, "set"))
    return changes
