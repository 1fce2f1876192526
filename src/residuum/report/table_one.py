"""Table 1: who the patients are, by population."""

from gettext import NullTranslations
from typing import Final

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.populations import derive_populations
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.report import labels
from residuum.report.document import Cell, Table
from residuum.report.formats import number, percent, span
from residuum.report.wording import label

COLUMNS: Final = ("source", "included", "not_persistent")


def table_one(analysis: Analysis, words: NullTranslations) -> Table:
    """Return table 1 with one column per population."""
    _ = words.gettext
    derived = derive_populations(analysis)
    populations: dict[str, pl.DataFrame] = {name: derived[name] for name in COLUMNS if name in derived}
    rows = [_row(_("Patients"), [str(people.height) for people in populations.values()])]
    rows.append(_medians(_("Age at diagnosis, years"), populations, pl.col("age_at_diagnosis_days") / DAYS_PER_YEAR))
    rows.append(_medians(_("Year of diagnosis"), populations, pl.col("diagnosis_year")))
    rows += _shares(_("Sex"), populations, pl.col("sex"), {k: _(v) for k, v in labels.SEXES.items()})
    rows += _shares(_("MYCN"), populations, pl.col("mycn"), {k: _(v) for k, v in labels.MYCN.items()})
    courses = pl.col("hdc_count").clip(0, 2).cast(pl.String)
    rows += _shares(
        _("High-dose chemotherapy"), populations, courses, {"0": _("none"), "1": _("single"), "2": _("tandem or more")}
    )
    rows.append(_medians(_("SIOPEN score at diagnosis"), populations, pl.col("diagnosis_score")))
    rows.append(_medians(_("SIOPEN score after HDC"), populations, pl.col("landmark_score")))
    rows.append(_medians(_("Avid sites after HDC"), populations, pl.col("landmark_sites")))
    head = ("", *(label(words, name, labels.GROUPS) for name in populations))
    note = _(
        "Medians [minimum–maximum] of known values, n where some are missing; counts with percent of the column. No "
        "tests."
    )
    return Table(_("Table 1. Patients"), head, tuple(rows), note)


def _row(name: str, texts: list[str]) -> tuple[Cell, ...]:
    return (Cell(name), *(Cell(text, tone="number") for text in texts))


def _medians(name: str, populations: dict[str, pl.DataFrame], value: pl.Expr) -> tuple[Cell, ...]:
    texts = []
    for people in populations.values():
        known = people.select(value=value).to_series().drop_nulls().cast(pl.Float64)
        if known.is_empty():
            texts.append("–")
            continue
        low, middle, high = known.min(), known.median(), known.max()
        text = f"{number(middle, 1)} [{span(low, high, 1)}]"  # type: ignore[arg-type]  # numbers, the column being one
        texts.append(text if known.len() == people.height else f"{text}, n = {known.len()}")
    return _row(name, texts)


def _shares(
    name: str, populations: dict[str, pl.DataFrame], value: pl.Expr, levels: dict[str, str]
) -> list[tuple[Cell, ...]]:
    counted = [dict(people.select(value=value)["value"].value_counts().rows()) for people in populations.values()]
    known = [*levels, None]
    rows = []
    for level in known:
        counts = [counts.get(level, 0) for counts in counted]
        # "unknown" and blanks take a line only where there are any.
        if not any(counts) and level in ("unknown", "0", None):
            continue
        sizes = [people.height for people in populations.values()]
        texts = [f"{c} ({percent(c / size)})" if size else "0" for c, size in zip(counts, sizes, strict=True)]
        rows.append(_row(f"{name}: {levels[level] if level is not None else '–'}", texts))
    return rows
