"""What the children there are can buy, where the effect is out of reach."""

from collections.abc import Sequence
from typing import Final

from residuum.report.document import Block, Cell, Fold, Section, Table, say
from residuum.report.sections.trial_effect import design_note
from residuum.report.trial_findings import BOUND_WORDS, SHORT_READINGS, Findings, bound_name, reading_name
from residuum.report.trial_printer import TrialPrinter
from residuum.report.trial_text import opening, plain_share
from residuum.report.wording import N_, label

Line = tuple[str, str, str | None, str]
MAIN: Final[tuple[Line, ...]] = (
    (N_("Children who come"), "trial.buy.patients", None, "about"),
    (N_("Events among them"), "trial.buy.events", None, "about"),
    (N_("95 % interval of the hazard ratio: upper limit over lower"), "trial.buy.interval_ratio", None, "ratio"),
    (N_("Hazard ratio shown with 80 % power"), "trial.buy.detectable_hazard_ratio", None, "ratio"),
    (N_("Power, EFS"), "trial.buy.power", "alpha", "share"),
    (N_("Registry without randomisation: upper limit over lower"), "trial.buy.registry.interval_ratio", None, "ratio"),
)
"""Words, row, what its mode varies, and how it is printed."""
FURTHER: Final[tuple[Line, ...]] = (
    (N_("Power, control of the targets"), "trial.buy.target_control", "alpha", "share"),
    (N_("Power with borrowed controls"), "trial.buy.borrowing.power", None, "share"),
    (N_("Power without them, by the same approximation"), "trial.buy.borrowing.power_without", None, "share"),
    (N_("Type I error with borrowed controls, if they are alike"), "trial.buy.borrowing.type_one_error", None, "share"),
    (N_("Type I error, outside hazard"), "trial.buy.borrowing.type_one_error", "drift", "share"),
)
"""The same for other endpoints and borrowed controls."""


def buy_section(findings: Findings, printer: TrialPrinter) -> Section:
    """Return the table of everything that the available children can buy, with what it does not say."""
    _ = printer.words.gettext
    title = _("What the children there are can buy")
    groups = [
        f"{bound_name(bound)}.{reading_name(reading)}" for reading in findings.readings for bound in findings.bounds
    ]
    if not any(findings.numbers.get("trial.buy.patients", group) for group in groups):
        return Section("buy", title, [say(_("Not computed: the design declares no [search]."), "note")])
    criteria = findings.design.criteria
    opened = say(
        _("All children who come within %g years, one log-rank analysis then, at the central values.")
        % criteria.done_years
    )
    caption = _("What all who come can buy, by bound of f and by what persistent uptake is a share of")
    blocks: list[Block] = [
        opened,
        *design_note(findings, printer),
        _table(findings, printer, groups, MAIN, caption),
    ]
    title_further = _("Another endpoint, and borrowed controls")
    further = _table(findings, printer, groups, FURTHER, title_further)
    blocks += [Fold(title_further, (further,))] if further.rows else []
    blocks += _limits(findings, printer)
    return Section("buy", title, blocks)


def _table(
    findings: Findings, printer: TrialPrinter, groups: Sequence[str], lines: Sequence[Line], caption: str
) -> Table:
    _ = printer.words.gettext
    rows = []
    for name, row_name, varied, form in lines:
        for mode in _modes(findings, row_name, varied):
            cells = tuple(getattr(printer, form)(row_name, group, mode) for group in groups)
            if any(cell.text != "–" for cell in cells):
                rows.append((Cell(_(name) + _suffix(printer, mode)), *cells))
    return Table(caption, ("", *_heads(findings, printer)), tuple(rows))


def _modes(findings: Findings, name: str, varied: str | None) -> list[str | None]:
    if varied is None:
        return [None]
    modes = dict.fromkeys(row.mode for row in findings.numbers.named(name) if row.name == name and row.mode)
    return [mode for mode in modes if mode.startswith(varied)]


def _suffix(printer: TrialPrinter, mode: str | None) -> str:
    if mode is None:
        return ""
    kind, value = mode.split("=")
    if kind == "alpha":
        return ", " + printer.words.gettext("one-sided alpha %s") % plain_share(float(value))
    return " " + printer.words.gettext("%s times that of the trial's own") % value


def _heads(findings: Findings, printer: TrialPrinter) -> list[str]:
    words = printer.words
    return [
        opening(label(words, bound_name(bound), BOUND_WORDS))
        + (f", {label(words, reading_name(reading), SHORT_READINGS)}" if reading is not None else "")
        for reading in findings.readings
        for bound in findings.bounds
    ]


def _limits(findings: Findings, printer: TrialPrinter) -> list[Block]:
    _ = printer.words.gettext
    said = [
        _("A larger alpha buys power with false claims of benefit: with a one-sided 10 %, one trial in ten of a "
          "treatment without effect would claim one."),
    ]  # fmt: skip
    if findings.design.radiotherapy is not None:
        said.append(
            _("Control of the targets is another question: it says whether irradiated sites stay quiet, not whether "
              "children live longer without an event.")
        )  # fmt: skip
        said.append(
            _("A registry gives the width of an interval only. A difference seen there is never called an effect of "
              "radiotherapy: who is irradiated was chosen.")
        )  # fmt: skip
    if findings.design.borrowing is not None:
        said.append(
            _("Borrowed controls come from other years and centres. If their hazard differs, the type I error moves as "
              "the table shows; what they add is no effect of a treatment either.")
        )  # fmt: skip
    return [say(one, "note") for one in said]
