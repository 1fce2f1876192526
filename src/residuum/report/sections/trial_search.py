"""The search: how much power which trial has, and when it answers."""

from typing import Final

from residuum.records.design import Bound, Funnelling
from residuum.report.document import Block, Cell, Fold, Pictures, Section, Table, say
from residuum.report.sections.trial_effect import design_note
from residuum.report.trial_findings import BOUND_WORDS, READING_WORDS, Findings, bound_name, reading_name
from residuum.report.trial_grid import GridCell, grid_cells
from residuum.report.trial_labels import TESTS
from residuum.report.trial_printer import TrialPrinter
from residuum.report.trial_text import opening, plain_share, share
from residuum.report.wording import label

MOST_ROWS: Final = 40


def search_section(findings: Findings, printer: TrialPrinter, pictures: Pictures) -> Section:
    """Return the picture of the frontier, and the frontiers as folded tables."""
    _ = printer.words.gettext
    title = _("Other trials: power, and how long it takes")
    if findings.design.search is None:
        return Section(
            "search", title, [say(_("The design declares no [search]: no other trials were tried."), "note")]
        )
    blocks: list[Block] = [*pictures.named("trial_frontier"), *design_note(findings, printer)]
    for reading in findings.readings:
        for bound in findings.bounds:
            cells = [cell for cell in grid_cells(findings, bound, reading) if cell.on_frontier]
            if cells:
                blocks.append(_fold(printer, bound, reading, cells))
    return Section("search", title, blocks)


def _fold(printer: TrialPrinter, bound: Bound | None, reading: Funnelling | None, cells: list[GridCell]) -> Fold:
    words = printer.words
    _ = words.gettext
    named = opening(label(words, bound_name(bound), BOUND_WORDS))
    if reading is not None:
        named += f", {label(words, reading_name(reading), READING_WORDS)}"
    rows = tuple(
        (
            Cell(str(cell.patients)),
            Cell(f"{cell.follow_up_years:g}", tone="number"),
            Cell(label(words, cell.test, TESTS)),
            Cell(plain_share(cell.alpha), tone="number"),
            Cell(f"{cell.year:.1f}", tone="number"),
            Cell(f"{share(cell.power)} ({100 * cell.low:.1f}–{100 * cell.high:.1f})", tone="number"),
        )
        for cell in sorted(cells, key=lambda cell: (cell.alpha, cell.year))[:MOST_ROWS]
    )
    head = (
        _("Children at most"),
        _("Follow-up, years"),
        _("Test"),
        _("One-sided alpha"),
        _("Answer in year"),
        _("Power"),
    )
    return Fold(_("The unbeaten: %s") % named, (Table(_("Unbeaten trials, %s") % named, head, rows),))
