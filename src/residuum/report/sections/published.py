"""Published figures beside the computed ones, for a demonstration that was made to be consistent with them."""

import tomllib
from importlib import resources
from typing import Any

from residuum.cohort.analysis import Analysis
from residuum.report import labels
from residuum.report.document import Cell, Section, Table, say
from residuum.report.formats import Printer
from residuum.report.wording import label


def published_section(analysis: Analysis, printer: Printer) -> Section | None:
    """Return the comparison that study.toml asks for (`compare_with`), None where it asks for none.

    Only a study marked synthetic is compared: on real patients the figures of another study would read like a target.
    """
    settings = analysis.study.settings
    name = settings.compare_with
    if not (settings.synthetic and name):
        return None
    text = resources.files("residuum.report").joinpath(f"published/{name}.toml").read_text("utf-8")
    source = tomllib.loads(text)
    _ = printer.words.gettext
    opening = say(
        _(
            "This synthetic study was made to be consistent with the abstract of {citation}, {doi}: the agreement "
            "below is by construction. It is no evidence, and it reproduces nothing."
        ),
        "warning",
        citation=source["citation"],
        doi=source["doi"],
    )
    rows = tuple(line for row in source["row"] for line in _lines(row, printer))
    head = (_("Quantity"), _("Published"), _("Computed here"), _("Row of numbers.json"))
    return Section(
        "published", _("Published figures v computed"), [opening, Table(_("Published v computed"), head, rows)]
    )


def _lines(row: dict[str, Any], printer: Printer) -> list[tuple[Cell, ...]]:
    """Return one line per row shown; quantity and published figure stand on the first."""
    lines: list[tuple[Cell, ...]] = []
    for place, wanted in enumerate(row["show"]):
        group = wanted.get("group")
        name = wanted["name"] + (f" ({label(printer.words, group, labels.GROUPS)})" if group else "")
        first = (Cell(_quantity(row)), Cell(row["published"])) if place == 0 else (Cell(""), Cell(""))
        lines.append((*first, printer.row(wanted["name"], group, wanted.get("mode")), Cell(name, tone="quiet")))
    return lines


def _quantity(row: dict[str, Any]) -> str:
    note = row.get("note")
    return f"{row['number']}. {row['quantity']}" + (f". {note}" if note else "")
