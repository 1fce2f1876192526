"""Operating characteristics: what the trial as declared would do, and where its looks lie."""

from typing import Final

from residuum.records.design import Bound
from residuum.report.document import Block, Cell, Fold, Pictures, Section, Table
from residuum.report.rows.trial_power import prefix_of
from residuum.report.sections.trial_effect import design_note, heads
from residuum.report.trial_findings import Findings
from residuum.report.trial_printer import TrialPrinter
from residuum.report.wording import N_

LINES: Final = {
    "power": (N_("Power"), "error"),
    "type_one_error": (N_("Type I error, without any effect"), "error"),
    "power.schoenfeld": (N_("Power by formula, at the planned events (Schoenfeld)"), "share"),
    "hazard_ratio.estimated": (N_("Hazard ratio estimated at the end, geometric mean"), "ratio"),
    "events": (N_("Events at the end, mean"), "spread"),
    "patients": (N_("Children at the end, mean"), "spread"),
    "duration": (N_("Years to the end, mean (middle 90 %)"), "spread"),
    "done_in_time": (N_("Ended within the declared years"), "share"),
    "short": (N_("Last look forced, at fewer events"), "share"),
}
"""Ending of the row's name, its words, and how it is printed."""


def power_section(findings: Findings, printer: TrialPrinter, pictures: Pictures) -> Section:
    """Return the table of both bounds, the looks one by one, and the picture of their bounds."""
    _ = printer.words.gettext
    blocks: list[Block] = [
        _table(findings, printer),
        *design_note(findings, printer),
        *pictures.named("trial_bounds"),
    ]
    for bound, head in zip(findings.bounds, heads(findings, printer), strict=True):
        blocks.append(Fold(_("Look by look: %s") % head, (_looks(findings, printer, bound, head),)))
    return Section("power", _("What the trial would do"), blocks)


def _table(findings: Findings, printer: TrialPrinter) -> Table:
    _ = printer.words.gettext
    rows = [
        (Cell(_(name)), *(_cell(printer, f"{prefix_of(bound)}.{ending}", form) for bound in findings.bounds))
        for ending, (name, form) in LINES.items()
        if not (form == "share" and _empty(findings, ending))
    ]
    if findings.design.radiotherapy is None:
        exact = tuple(printer.share(f"{prefix_of(bound)}.power.analytic") for bound in findings.bounds)
        rows.insert(2, (Cell(_("Power, asymptotic, constant hazards")), *exact))
    note = _(
        "Simulated at the central values, with the funnel read as the design declares it. ± is half the 95 % interval "
        "of the Monte-Carlo error. A power near the type I error means that the trial would find no more "
        "than chance does."
    )
    return Table(_("Operating characteristics"), ("", *heads(findings, printer)), tuple(rows), note)


def _empty(findings: Findings, ending: str) -> bool:
    rows = [findings.numbers.get(f"{prefix_of(bound)}.{ending}") for bound in findings.bounds]
    return all(row is None or row.value is None for row in rows)


def _cell(printer: TrialPrinter, name: str, form: str) -> Cell:
    if form == "error":
        return printer.share(name, error=True)
    cell: Cell = getattr(printer, form)(name)
    return cell


def _looks(findings: Findings, printer: TrialPrinter, bound: Bound | None, head: str) -> Table:
    _ = printer.words.gettext
    prefix = prefix_of(bound)
    count = findings.simulated[bound].looks.count
    rows = tuple(
        (
            Cell(str(k)),
            printer.share(f"{prefix}.made.look_{k}"),
            printer.spread(f"{prefix}.events.look_{k}"),
            printer.spread(f"{prefix}.time.look_{k}"),
            printer.spread(f"{prefix}.bound.look_{k}", digits=3),
            printer.spread(f"{prefix}.futility_bound.look_{k}", digits=3),
            printer.spread(f"{prefix}.z.look_{k}", digits=2),
            printer.share(f"{prefix}.power.look_{k}"),
            printer.share(f"{prefix}.futility.look_{k}"),
        )
        for k in range(1, count + 1)
    )
    head_row = (
        _("Look"),
        _("Made"),
        _("Events"),
        _("Calendar year"),
        _("Efficacy bound"),
        _("Futility bound"),
        _("Z, median (90 %)"),
        _("Efficacy by then"),
        _("Futility by then"),
    )
    return Table(
        _("Looks, %s") % head, head_row, rows, _("Events and year: means, trials that stopped before included.")
    )
