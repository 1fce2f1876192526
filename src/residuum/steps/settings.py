"""The settings of a study in a database; they were accepted when it was imported."""

from functools import lru_cache

import sqlalchemy as sa

from residuum.intake.settings_file import read_settings
from residuum.records.rules import Rules
from residuum.records.settings import Settings
from residuum.store.study import load_settings_text


@lru_cache(4)
def parse_settings(text: str) -> tuple[Settings, Rules]:
    """Return the settings and the rules of a stored study.toml."""
    settings, rules, _ = read_settings(text.encode())
    assert settings is not None
    assert rules is not None
    return settings, rules


def load_settings(connection: sa.Connection) -> Settings:
    """Return the settings of the study."""
    return parse_settings(load_settings_text(connection))[0]
