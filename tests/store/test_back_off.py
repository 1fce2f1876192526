"""Failed attempts slow down whoever guesses, and nobody else."""

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from undone import undone

from residuum.store.accounts import (
    FAILURES_OF_ADDRESS,
    FREE_FAILURES,
    LONGEST_WAIT_SECONDS,
    note_attempt,
    seconds_to_wait,
)
from residuum.store.database import Database
from residuum.store.tables import ATTEMPTS

NOW = 1_800_000_000.0
HOME, AWAY = "192.0.2.1", "192.0.2.2"


def fail(connection: sa.Connection, account: str, address: str, times: int, now: float = NOW) -> None:
    """Let an account fail several times at once."""
    for _ in range(times):
        note_attempt(connection, account, address, now, success=False)


@pytest.mark.unit
def test_the_first_failures_are_free(connection: sa.Connection) -> None:
    for _ in range(FREE_FAILURES):
        assert seconds_to_wait(connection, "ada", HOME, NOW) == 0
        fail(connection, "ada", HOME, 1)
    assert seconds_to_wait(connection, "ada", HOME, NOW) == 0
    fail(connection, "ada", HOME, 1)
    assert seconds_to_wait(connection, "ada", HOME, NOW) == 2


@pytest.mark.unit
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(connection: sa.Connection) -> None:
    fail(connection, "ada", HOME, FREE_FAILURES)
    waits = []
    for _ in range(25):
        fail(connection, "ada", HOME, 1)
        waits.append(seconds_to_wait(connection, "ada", HOME, NOW))
    assert waits[:9] == [2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert set(waits[9:]) == {LONGEST_WAIT_SECONDS}
    assert LONGEST_WAIT_SECONDS == 900


@pytest.mark.unit
def test_a_good_attempt_forgets_the_failures(connection: sa.Connection) -> None:
    fail(connection, "ada", HOME, 10)
    note_attempt(connection, "ada", HOME, NOW, success=True)
    assert seconds_to_wait(connection, "ada", HOME, NOW) == 0
    fail(connection, "ada", HOME, FREE_FAILURES)
    assert seconds_to_wait(connection, "ada", HOME, NOW) == 0


@pytest.mark.unit
def test_nobody_locks_out_an_account_elsewhere(connection: sa.Connection) -> None:
    fail(connection, "ada", AWAY, 1000)
    assert seconds_to_wait(connection, "ada", AWAY, NOW) == LONGEST_WAIT_SECONDS
    assert seconds_to_wait(connection, "ada", HOME, NOW) == 0


@pytest.mark.unit
def test_many_names_tried_from_one_address_slow_that_address_down(connection: sa.Connection) -> None:
    note_attempt(connection, "known", HOME, NOW, success=True)
    for number in range(FAILURES_OF_ADDRESS + 5):
        fail(connection, f"name_{number}", HOME, 1)
    assert seconds_to_wait(connection, "never_tried", HOME, NOW) == 2**5
    assert seconds_to_wait(connection, "never_tried", AWAY, NOW) == 0
    assert seconds_to_wait(connection, "known", HOME, NOW) == 0


@pytest.mark.unit
def test_failures_are_forgotten_after_an_hour(connection: sa.Connection) -> None:
    fail(connection, "ada", HOME, 20)
    later = NOW + 4 * LONGEST_WAIT_SECONDS
    fail(connection, "ada", HOME, 1, later + 1)
    assert seconds_to_wait(connection, "ada", HOME, later + 1) == 0


@pytest.mark.unit
def test_what_was_typed_as_a_name_is_stored_nowhere(connection: sa.Connection) -> None:
    fail(connection, "my secret password", HOME, 1)
    (row,) = connection.execute(sa.select(ATTEMPTS)).all()
    assert "my secret password" not in map(str, row)


@pytest.mark.unit
def test_old_failures_are_cleared_away_but_not_who_signed_in(connection: sa.Connection) -> None:
    fail(connection, "stranger", HOME, 1)
    note_attempt(connection, "ada", HOME, NOW, success=True)
    fail(connection, "other", HOME, 1, NOW + 86_401)
    assert connection.execute(sa.select(sa.func.count()).select_from(ATTEMPTS)).scalar() == 2
    fail(connection, "crowd", HOME, 50, NOW + 86_401)
    assert seconds_to_wait(connection, "ada", HOME, NOW + 86_401) == 0


NAMES, PLACES = st.sampled_from(["ada", "bo", "cy"]), st.sampled_from([HOME, AWAY])
ATTEMPT = st.tuples(NAMES, PLACES, st.booleans() | st.just(value=False), st.sampled_from([0, 0, 1, 30, 1000, 4000]))
SOME = settings(max_examples=25)


@pytest.mark.property
@SOME
@given(st.lists(ATTEMPT, max_size=40))
def test_a_wait_is_never_longer_than_a_quarter_of_an_hour_and_runs_down(
    migrated: Database, attempts: list[tuple[str, str, bool, int]]
) -> None:
    now = NOW
    with undone(migrated) as connection:
        for account, address, success, seconds in attempts:
            now += seconds
            note_attempt(connection, account, address, now, success=success)
        for account in ("ada", "bo", "cy", "dee"):
            for address in (HOME, AWAY):
                wait = seconds_to_wait(connection, account, address, now)
                assert 0 <= wait <= LONGEST_WAIT_SECONDS
                assert seconds_to_wait(connection, account, address, now + wait / 2) <= wait / 2 + 0.001
                assert seconds_to_wait(connection, account, address, now + LONGEST_WAIT_SECONDS) == 0


@pytest.mark.property
@SOME
@given(st.lists(ATTEMPT, max_size=25), NAMES, PLACES)
def test_one_more_failure_never_makes_any_wait_shorter(
    migrated: Database, attempts: list[tuple[str, str, bool, int]], account: str, address: str
) -> None:
    now, pairs = NOW, [(name, place) for name in ("ada", "bo", "cy", "dee") for place in (HOME, AWAY)]
    with undone(migrated) as connection:
        for name, place, success, seconds in attempts:
            now += seconds
            note_attempt(connection, name, place, now, success=success)
        before = [seconds_to_wait(connection, *pair, now) for pair in pairs]
        note_attempt(connection, account, address, now, success=False)
        after = [seconds_to_wait(connection, *pair, now) for pair in pairs]
    assert all(new >= old for new, old in zip(after, before, strict=True)), (before, after)


@pytest.mark.property
@SOME
@given(st.lists(ATTEMPT, max_size=60))
def test_who_signed_in_before_is_never_delayed_by_others(
    migrated: Database, attempts: list[tuple[str, str, bool, int]]
) -> None:
    now = NOW
    with undone(migrated) as connection:
        note_attempt(connection, "eva", HOME, now, success=True)
        for account, address, success, seconds in attempts:
            now += seconds
            note_attempt(connection, account, address, now, success=success)
            assert seconds_to_wait(connection, "eva", HOME, now) == 0
        fail(connection, "crowd", HOME, 100, now)
        assert seconds_to_wait(connection, "eva", HOME, now) == 0
