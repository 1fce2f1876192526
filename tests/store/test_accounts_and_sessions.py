"""Accounts, sessions and their end."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from residuum.records.errors import CallError
from residuum.store import passwords
from residuum.store.accounts import (
    IDLE_SECONDS,
    LONGEST_SECONDS,
    Account,
    end_sessions,
    load_account,
    load_accounts,
    load_session,
    save_account,
    save_session,
    touch_session,
)
from residuum.store.database import hash_token
from residuum.store.tables import ACCOUNTS, SESSIONS, STUDY

pytestmark = pytest.mark.unit
NOW = 1_800_000_000.0
ADA = Account("ada", "reader", "reader_1", "hash", disabled=False, version=1, created_at="2026-01-01T00:00:00+00:00")


@pytest.fixture
def room(connection: sa.Connection) -> sa.Connection:
    """A study with two accounts."""
    at = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    study = {"id": 1, "settings": "format = 1\n", "present": "[]", "unknown": "{}", "created_at": at}
    connection.execute(STUDY.insert(), study)
    save_account(connection, ADA)
    save_account(connection, replace(ADA, name="bo", role="auditor", reader=None))
    return connection


def test_an_account_reads_back(room: sa.Connection) -> None:
    assert load_account(room, "ada") == ADA
    assert load_account(room, "Ada") is None
    assert [account.name for account in load_accounts(room)] == ["ada", "bo"]


def test_a_changed_account_takes_the_place_of_the_old_one(room: sa.Connection) -> None:
    changed = replace(ADA, role="statistician", reader=None, password=None, disabled=True, version=2)
    save_account(room, changed)
    assert load_account(room, "ada") == changed
    assert room.execute(sa.select(sa.func.count()).select_from(ACCOUNTS)).scalar() == 2


def test_accounts_come_by_code_point_in_either_database(room: sa.Connection) -> None:
    for name in ("Zoe", "éva", "zoe", "_x"):
        save_account(room, replace(ADA, name=name))
    assert [account.name for account in load_accounts(room)] == ["Zoe", "_x", "ada", "bo", "zoe", "éva"]


def test_a_session_knows_what_its_account_may_do_now(room: sa.Connection) -> None:
    save_session(room, "token", "ada", "csrf", NOW)
    session = load_session(room, "token", NOW)
    assert session is not None
    assert (session.account, session.role, session.reader, session.csrf) == ("ada", "reader", "reader_1", "csrf")
    assert session.settings == "format = 1\n"
    save_account(room, replace(ADA, role="auditor", reader=None))
    changed = load_session(room, "token", NOW)
    assert changed is not None
    assert (changed.role, changed.reader) == ("auditor", None)


def test_the_token_itself_is_stored_nowhere(room: sa.Connection) -> None:
    save_session(room, "a-secret-token", "ada", "csrf", NOW)
    (row,) = room.execute(sa.select(SESSIONS)).all()
    assert row.token_sha256 == hash_token("a-secret-token")
    assert "a-secret-token" not in map(str, row)
    assert load_session(room, row.token_sha256, NOW) is None


def test_an_unknown_token_has_no_session(room: sa.Connection) -> None:
    save_session(room, "token", "ada", "csrf", NOW)
    assert load_session(room, "other", NOW) is None
    assert load_session(room, "", NOW) is None


def test_a_session_ends_when_nothing_is_asked(room: sa.Connection) -> None:
    save_session(room, "token", "ada", "csrf", NOW)
    assert load_session(room, "token", NOW + IDLE_SECONDS - 1) is not None
    assert load_session(room, "token", NOW + IDLE_SECONDS) is None


def test_a_session_that_is_used_goes_on_but_not_for_ever(room: sa.Connection) -> None:
    save_session(room, "token", "ada", "csrf", NOW)
    later = NOW
    while (session := load_session(room, "token", later)) is not None:
        touch_session(room, session, later)
        later += IDLE_SECONDS - 1
        assert later < NOW + LONGEST_SECONDS + IDLE_SECONDS
    assert later >= NOW + LONGEST_SECONDS


def test_a_disabled_account_has_no_session(room: sa.Connection) -> None:
    save_session(room, "token", "ada", "csrf", NOW)
    save_account(room, replace(ADA, disabled=True))
    assert load_session(room, "token", NOW) is None


def test_one_session_is_ended_or_all_of_an_account(room: sa.Connection) -> None:
    for token, account in (("a1", "ada"), ("a2", "ada"), ("a3", "ada"), ("b1", "bo")):
        save_session(room, token, account, "csrf", NOW)
    end_sessions(room, token_sha256=hash_token("a1"))
    assert [load_session(room, token, NOW) is None for token in ("a1", "a2", "a3", "b1")] == [True, False, False, False]
    end_sessions(room, account="ada")
    assert [load_session(room, token, NOW) is None for token in ("a2", "a3", "b1")] == [True, True, False]


def test_ended_sessions_are_cleared_away(room: sa.Connection) -> None:
    save_session(room, "idle", "ada", "csrf", NOW)
    save_session(room, "old", "ada", "csrf", NOW)
    save_session(room, "new", "ada", "csrf", NOW + IDLE_SECONDS + 1)
    assert [row.token_sha256 for row in room.execute(sa.select(SESSIONS))] == [hash_token("new")]


def test_a_password_fits_its_own_hash_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobody.cache_clear()
    stored = passwords.hash_password("correct horse battery", "ada")
    assert stored.startswith("$argon2id$")
    assert passwords.hash_password("correct horse battery", "ada") != stored
    assert passwords.password_fits("correct horse battery", stored)
    for wrong in ("", "correct horse batterY", "correct horse battery ", "x" * 10_000, "correct horse battery\0"):
        assert not passwords.password_fits(wrong, stored)
    for nothing in (None, "", "no hash at all"):
        assert not passwords.password_fits("nobody has this password", nothing)
    passwords._nobody.cache_clear()


@pytest.mark.parametrize(
    "password",
    ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "abcdeabcdeabcde", "my name is AdA lovelace", "x1y2z3" * 34],
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(CallError):
        passwords.hash_password(password, "ada")
