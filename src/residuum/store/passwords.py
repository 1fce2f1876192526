"""Passwords: argon2id, and how strong one must be."""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from residuum.records.errors import CallError

HASHER = PasswordHasher()
MINIMUM_LENGTH: Final = 12
MAXIMUM_LENGTH: Final = 200


def hash_password(password: str, account: str) -> str:
    """Return the argon2id hash of a new password.

    Raises
    ------
    CallError
        It is too short, too long, too uniform or contains the name of the account.
    """
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        raise CallError(f"a password has {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters; choose another")
    if len(set(password)) < 6 or account.casefold() in password.casefold():
        raise CallError("the password is too easy to guess; do not repeat few characters or the account's name")
    return HASHER.hash(password)


def password_fits(password: str, stored: str | None) -> bool:
    """Return whether a password is the one stored; takes as long where there is none to compare with."""
    try:
        return HASHER.verify(stored or _nobody(), password[: MAXIMUM_LENGTH + 1]) and bool(stored)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return HASHER.hash("nobody has this password")
