"""The one long table of numbers, each with the patients behind it: the only source of report, tables and figures."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Row:
    """One number, or one group of numbers that belong together.

    Attributes
    ----------
    name : str
        Public name, for example ``flow.source``.
    value : float, int or None
        The number; None where it does not apply, `reason` then says why.
    unit : str
        ``patients``, ``sites``, ``points``, ``scans``, ``score``, ``years``, ``probability``, ...
    group, mode : str or None
        Group of patients and mode of scoring, for the rows about scores.
    of, proportion : float or None
        Denominator, and value / denominator.
    low, high, level, method : float, float, float, str or None
        Interval, its level and how it was computed.
    n, median, min, max : float or None
        Size and spread behind a median.
    at_risk : int or None
        Patients with time >= t, for survival at t.
    p : float or None
        Probability of a test; `method` names the test.
    patients : tuple of str or None
        Identifiers behind the number, sorted.
    """

    name: str
    value: float | None
    unit: str
    group: str | None = None
    mode: str | None = None
    of: float | None = None
    proportion: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    method: str | None = None
    n: int | None = None
    median: float | None = None
    min: float | None = None
    max: float | None = None
    at_risk: int | None = None
    p: float | None = None
    reason: str | None = None
    patients: tuple[str, ...] | None = None

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        """What identifies the row: name, group, mode."""
        return self.name, self.group, self.mode


COLUMNS = tuple(field.name for field in fields(Row))


class Numbers:
    """The rows of a study in their order, found by name, group and mode."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = tuple(rows)
        self._by_key = {row.key: row for row in self.rows}
        if len(self._by_key) != len(self.rows):
            twice = [key for key, count in Counter(row.key for row in self.rows).items() if count > 1]
            message = f"rows of one name, group and mode: {twice}"
            raise ValueError(message)
        self.patient_sets = _number_sets(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, name: str, group: str | None = None, mode: str | None = None) -> Row | None:
        """Return the row of this name, group and mode, None where there is none."""
        return self._by_key.get((name, group, mode))

    def named(self, prefix: str) -> list[Row]:
        """Return the rows whose name starts with `prefix`, in order."""
        return [row for row in self.rows if row.name.startswith(prefix)]

    def set_of(self, row: Row) -> str | None:
        """Return the key in `patient_sets` values of the patients behind a row, None without a list."""
        return None if row.patients is None else self.patient_sets[row.patients]

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as plain mappings, `patients` replaced by the key of the set."""
        return [asdict(row) | {"patients": self.set_of(row)} for row in self.rows]

    def frame(self) -> "pl.DataFrame":
        """Return the rows as a table."""
        import polars as pl  # most commands print rows without a table, and start in half the time without polars

        kinds = {
            column: pl.String if column in _TEXT else pl.Int64 if column in {"n", "at_risk"} else pl.Float64
            for column in COLUMNS
        }
        return pl.DataFrame(self.records(), schema=kinds)

    def json(self, about: Mapping[str, Any]) -> str:
        """Return numbers.json: `about` (what the numbers were made from), `rows` and `patient_sets`."""
        sets = {key: list(patients) for patients, key in self.patient_sets.items()}
        whole = {**about, "rows": self.records(), "patient_sets": sets}
        return json.dumps(whole, ensure_ascii=False, allow_nan=False)


_TEXT = {"name", "unit", "group", "mode", "method", "reason", "patients"}


def _number_sets(rows: Sequence[Row]) -> dict[tuple[str, ...], str]:
    sets: dict[tuple[str, ...], str] = {}
    for row in rows:
        if row.patients is not None:
            sets.setdefault(row.patients, f"s{len(sets) + 1}")
    return sets
