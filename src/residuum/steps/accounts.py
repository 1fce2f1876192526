"""Accounts made on the command line: the first one cannot come from anywhere else."""

import re
from typing import Any

from residuum.records.errors import CallError, RefusalError
from residuum.records.roles import ACCOUNT_NAME, Role
from residuum.steps.databases import command_user, open_or_import
from residuum.steps.desk import utc_now
from residuum.steps.identity_provider import SUBJECT_FORM
from residuum.steps.location import Location
from residuum.steps.management import account_changes, describe_account, new_account
from residuum.store import audit
from residuum.store.accounts import load_accounts
from residuum.store.passwords import hash_password


def add_user(
    location: Location, name: str, role: Role, reader: str | None, password: str | None, subject: str | None = None
) -> dict[str, Any]:
    """Make an account of a study and return it without its password; it has one, a subject, or both.

    Raises
    ------
    CallError
        The name or the subject is taken, the password is weak, or a reader account names no reader of the study.
    """
    if subject is not None and not re.fullmatch(SUBJECT_FORM, subject):
        raise CallError("--subject reads ISSUER#SUB, for example https://sso.example.org/realms/ward#f3a1...")
    if not re.fullmatch(ACCOUNT_NAME, name):
        raise CallError("the name of an account has 1 to 64 letters (A to Z), digits and _ . @ -; choose another")
    if password is None and subject is None:
        raise CallError("nobody could sign in: give a password or a subject")
    hashed = hash_password(password, name) if password is not None else None
    database, _ = open_or_import(location)
    try:
        with database.writing() as connection:
            at = utc_now()
            account = new_account(connection, name, role, reader, hashed, at.isoformat(), subject)
            audit.append(connection, command_user(), at, "account.add", changes=account_changes(None, account))
    except RefusalError as refusal:
        raise CallError(f"{refusal} (--reader)" if refusal.code == "unknown_reader" else str(refusal)) from None
    finally:
        database.close()
    return describe_account(account)


def has_accounts(location: Location) -> bool:
    """Return whether anybody can sign in."""
    database = location.open()
    try:
        with database.reading() as connection:
            return bool(load_accounts(connection))
    finally:
        database.close()
