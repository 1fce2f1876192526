"""Needed and available: events, children, and how children come over the years."""

from residuum.report.document import Block, Cell, Fold, Pictures, Section, Table, say
from residuum.report.numbers import Row
from residuum.report.trial_findings import READING_WORDS, Findings, reading_name
from residuum.report.trial_printer import TrialPrinter
from residuum.report.trial_text import opening
from residuum.report.wording import label
from residuum.trial.planning.accrual_fan import STEPS_PER_YEAR


def needs_section(findings: Findings, printer: TrialPrinter, pictures: Pictures) -> Section:
    """Return what is needed beside what there is, and accrual by calendar year."""
    _ = printer.words.gettext
    blocks: list[Block] = [*pictures.named("trial_needed")]
    if not any(row.value is not None for row in findings.numbers.named("trial.available.")):
        blocks.append(say(_why_nothing(findings, printer), "note"))
    else:
        blocks.append(_available(findings, printer))
    blocks += [*pictures.named("trial_accrual"), Fold(_("Children by calendar year"), (_accrual(findings, printer),))]
    return Section("needs", _("Needed, and what there is"), blocks)


def _why_nothing(findings: Findings, printer: TrialPrinter) -> str:
    _ = printer.words.gettext
    if findings.design.search is None:
        return _("How many children there are is not computed: the design declares no [search].")
    return _("How many children there are cannot be said: the design gives no rate and no funnel.")


def _available(findings: Findings, printer: TrialPrinter) -> Table:
    _ = printer.words.gettext
    rows = []
    for reading in findings.readings:
        name = f"trial.available.{reading_name(reading)}"
        row = findings.numbers.get(name)
        cells = _spread(row)
        rows.append((Cell(opening(label(printer.words, reading_name(reading), READING_WORDS))), *cells))
    caption = _("Children who can be randomised within %g years") % findings.design.criteria.done_years
    note = _("Over the ranges of the funnel and the spread between centres.")
    return Table(caption, ("", _("Mean"), _("Median"), _("10\u00a0%"), _("90\u00a0%")), tuple(rows), note)


def _spread(row: Row | None) -> tuple[Cell, ...]:
    ends = (None,) * 4 if row is None else (row.value, row.median, row.low, row.high)
    return tuple(Cell("–" if end is None else f"{end:.0f}", tone="number") for end in ends)


def _accrual(findings: Findings, printer: TrialPrinter) -> Table:
    _ = printer.words.gettext
    fan = next(iter(findings.fans.values()))
    years = fan.years[STEPS_PER_YEAR::STEPS_PER_YEAR].tolist()
    rows = tuple(
        (
            Cell(opening(label(printer.words, reading_name(reading), READING_WORDS))),
            *(
                printer.spread(f"trial.accrual.{reading_name(reading)}.band_90.year_{year:g}", digits=0)
                for year in years
            ),
        )
        for reading in findings.readings
    )
    caption = _("Cumulative number of children: median and 90 % of accruals, central values")
    return Table(caption, ("", *(_("year %g") % year for year in years)), rows)
