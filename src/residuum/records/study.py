"""A study in memory: its settings, its rules and its tables."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from residuum.records.rules import Rules
from residuum.records.schemas import TABLES
from residuum.records.settings import Settings


@dataclass(frozen=True, slots=True)
class Study:
    """A checked study. Tables follow `schemas.TABLES`, unknown columns at their end as text; absent tables are empty.

    Attributes
    ----------
    settings : Settings
        study.toml with defaults filled in.
    rules : Rules
        The rule set with the study's overrides.
    tables : mapping of str to polars.DataFrame
        Every table of format 1 by name.
    present : frozenset of str
        Names of the tables whose file was there.
    """

    settings: Settings
    rules: Rules
    tables: Mapping[str, pl.DataFrame]
    present: frozenset[str] = frozenset(TABLES)

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    @property
    def uses_marks(self) -> bool:
        """Whether the readers mark lesions (else they give grades)."""
        return self.settings.reading.entry == "marks"
