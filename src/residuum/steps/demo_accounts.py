"""Accounts for trying out a make-believe study: everybody whom reading needs, with passwords that are shown once."""

import secrets
from dataclasses import replace
from typing import Final

import sqlalchemy as sa

from residuum.records.errors import CallError, RefusalError
from residuum.records.roles import Role
from residuum.records.settings import Reading
from residuum.steps.databases import command_user
from residuum.steps.desk import utc_now
from residuum.steps.location import Location
from residuum.steps.management import account_changes, new_account
from residuum.steps.settings import load_settings
from residuum.store import audit
from residuum.store.accounts import Account, end_sessions, load_account, save_account
from residuum.store.passwords import hash_password

_OTHERS: Final[tuple[tuple[str, Role], ...]] = (("adjudicator", "adjudicator"), ("data_manager", "data_manager"))
_CONSONANTS: Final = "bdfgklmnprstvz"
_VOWELS: Final = "aeiou"
_WORDS: Final = 3
_SYLLABLES: Final = 3
"""Of a word. Nine syllables of 70 are 55 bits."""
_LETTERS: Final = 7


def renew_demo_accounts(location: Location) -> dict[str, str]:
    """Give each reader of a synthetic study, an adjudicator and a data manager a fresh password; return these by name.

    Accounts that are missing are made. Old passwords and sessions of these accounts are void.

    Raises
    ------
    CallError
        The study is not labelled synthetic, or an account of such a name has another role.
    """
    database = location.open()
    try:
        with database.reading() as connection:
            settings = load_settings(connection)
        if not settings.synthetic:
            raise CallError("accounts of a demonstration are for a study that is labelled synthetic; nothing was done")
        passwords = {name: _draw_password() for name, _ in _wanted(settings.reading)}
        hashed = {name: hash_password(password, name) for name, password in passwords.items()}
        with database.writing() as connection:
            for name, role in _wanted(settings.reading):
                _renew(connection, name, role, hashed[name])
    finally:
        database.close()
    return passwords


def _wanted(reading: Reading) -> list[tuple[str, Role]]:
    readers: list[tuple[str, Role]] = [(name, "reader") for name in reading.readers if reading.design != "consensus"]
    return [*readers, *_OTHERS]


def _renew(connection: sa.Connection, name: str, role: Role, hashed: str) -> None:
    at = utc_now()
    old = load_account(connection, name)
    if old is not None:
        if old.role != role:
            raise CallError(f"the account {name} exists and is no {role}; nothing was done")
        account = replace(old, password=hashed, disabled=False, version=old.version + 1)
        save_account(connection, account)
        end_sessions(connection, account=name)
    else:
        account = _make(connection, name, role, hashed, at.isoformat())
    done = "account.change" if old else "account.add"
    audit.append(connection, command_user(), at, done, changes=account_changes(old, account))


def _make(connection: sa.Connection, name: str, role: Role, hashed: str, at: str) -> Account:
    try:
        return new_account(connection, name, role, None, hashed, at)
    except RefusalError as refusal:
        raise CallError(f"{refusal} ({name})") from None


def _draw_password() -> str:
    """Return a password that can be said: words without meaning, with enough different letters."""
    password = ""
    while len(set(password)) < _LETTERS:
        words = ["".join(_draw_syllable() for _ in range(_SYLLABLES)) for _ in range(_WORDS)]
        password = "-".join(words)
    return password


def _draw_syllable() -> str:
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)
