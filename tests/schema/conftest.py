"""Cheap passwords: what their hash costs in truth is a matter of the store."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from residuum.store import passwords


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()
