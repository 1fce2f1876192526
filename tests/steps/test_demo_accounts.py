"""Accounts for trying out a make-believe study: who gets one, what becomes of old passwords, and who is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from residuum.records.errors import CallError
from residuum.steps.accounts import add_user
from residuum.steps.databases import import_folder
from residuum.steps.demo_accounts import renew_demo_accounts
from residuum.steps.location import Location, locate
from residuum.store import audit
from residuum.store.accounts import Account, load_accounts, load_session, save_account, save_session
from residuum.store.passwords import password_fits
from simulated_studies import SETTINGS, write_simulated_study

pytestmark = pytest.mark.unit
NAMES = ["reader_1", "reader_2", "adjudicator", "data_manager"]


def imported(folder: Path, settings: str = SETTINGS) -> Location:
    location = locate(str(write_simulated_study(folder, settings)))
    import_folder(folder, location.url)
    return location


def accounts(location: Location) -> dict[str, Account]:
    database = location.open()
    try:
        with database.reading() as connection:
            return {one.name: one for one in load_accounts(connection)}
    finally:
        database.close()


def test_everybody_whom_reading_needs_gets_an_account_and_the_trail_says_so(tmp_path: Path) -> None:
    location = imported(tmp_path / "study")
    passwords = renew_demo_accounts(location)
    assert list(passwords) == NAMES
    made = accounts(location)
    assert {name: (one.role, one.reader) for name, one in made.items()} == {
        "reader_1": ("reader", "reader_1"),
        "reader_2": ("reader", "reader_2"),
        "adjudicator": ("adjudicator", "consensus"),
        "data_manager": ("data_manager", None),
    }
    assert all(password_fits(passwords[name], one.password) for name, one in made.items())
    stored = b"".join(path.read_bytes() for path in (tmp_path / "study").rglob("*") if path.is_file())
    assert not any(password.encode() in stored for password in passwords.values())
    database = location.open()
    with database.reading() as connection:
        assert audit.count_entries(connection, "account.add") == len(NAMES)
    database.close()


def test_fresh_passwords_void_the_old_ones_their_sessions_and_nothing_else(tmp_path: Path) -> None:
    location = imported(tmp_path / "study")
    add_user(location, "boss", "administrator", None, "many small owls at noon")
    before = renew_demo_accounts(location)
    kept = accounts(location)
    database = location.open()
    with database.writing() as connection:
        save_session(connection, "token", "reader_1", "csrf", 1000.0)
        save_session(connection, "other", "boss", "csrf", 1000.0)
        save_account(connection, replace(kept["reader_2"], disabled=True))
    after = renew_demo_accounts(location)
    now = accounts(location)
    assert set(before.values()).isdisjoint(after.values())
    assert not any(password_fits(before[name], now[name].password) for name in NAMES)
    assert all(password_fits(after[name], now[name].password) for name in NAMES)
    assert not any(now[name].disabled for name in NAMES)
    assert now["reader_1"].version == kept["reader_1"].version + 1
    assert now["boss"] == kept["boss"]
    with database.reading() as connection:
        assert load_session(connection, "token", 1001.0) is None
        assert load_session(connection, "other", 1001.0) is not None
    database.close()


def test_a_study_of_patients_gets_no_such_accounts(tmp_path: Path) -> None:
    location = imported(tmp_path / "study", SETTINGS.replace("true", "false"))
    with pytest.raises(CallError, match="labelled synthetic"):
        renew_demo_accounts(location)
    assert accounts(location) == {}


def test_an_account_of_another_role_keeps_its_password(tmp_path: Path) -> None:
    location = imported(tmp_path / "study")
    add_user(location, "adjudicator", "auditor", None, "many small owls at noon")
    with pytest.raises(CallError, match="the account adjudicator exists and is no adjudicator"):
        renew_demo_accounts(location)
    assert list(accounts(location)) == ["adjudicator"]
    assert password_fits("many small owls at noon", accounts(location)["adjudicator"].password)


def test_passwords_can_be_said_and_are_all_different(tmp_path: Path) -> None:
    location = imported(tmp_path / "study")
    drawn = [password for _ in range(3) for password in renew_demo_accounts(location).values()]
    assert len(set(drawn)) == 3 * len(NAMES)
    for password in drawn:
        assert len(password.split("-")) == 3
        assert all(len(word) == 6 and set(word[1::2]) <= set("aeiou") for word in password.split("-"))
