"""What would change the answer: each input by itself, and how much of the uncertainty each explains."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from residuum.records.design import Bound
from residuum.report.document import Block, Cell, Fold, Pictures, Section, Table, say
from residuum.report.numbers import Row
from residuum.report.sections.trial_effect import heads
from residuum.report.trial_findings import BOUND_WORDS, Findings, bound_name
from residuum.report.trial_labels import input_label
from residuum.report.trial_printer import TrialPrinter
from residuum.report.trial_sensitivity import PREFIX, sensitivity_reading, swings, varied
from residuum.report.wording import label

MOST_SHARES: Final = 8
SHARE: Final = "trial.assurance.share."


def sensitivity_section(findings: Findings, printer: TrialPrinter, pictures: Pictures) -> Section:
    """Return the picture of one input at a time, its numbers folded, and the shares of variance."""
    _ = printer.words.gettext
    title = _("What would change the answer")
    if not varied(findings):
        return Section(
            "change", title, [say(_("The design declares no range, so that nothing can be varied."), "note")]
        )
    blocks: list[Block] = [*pictures.named("trial_tornado"), *_shares(findings, printer)]
    for bound, head in zip(findings.bounds, heads(findings, printer), strict=True):
        blocks.append(Fold(_("Every input at both ends: %s") % head, (_ends(findings, printer, bound, head),)))
    return Section("change", title, blocks)


def _shares(findings: Findings, printer: TrialPrinter) -> list[Block]:
    """Return how much of the variance of the probability of success each input explains by itself."""
    _ = printer.words.gettext
    reading = sensitivity_reading(findings)
    groups = [f"{bound_name(bound)}.{reading}" for bound in findings.bounds]
    found = {path: [findings.numbers.get(f"{SHARE}{path}", group) for group in groups] for path in varied(findings)}
    largest = {
        path: max((row.value or 0.0 for row in rows if row is not None), default=0.0) for path, rows in found.items()
    }
    if not any(row is not None and row.value is not None for rows in found.values() for row in rows):
        reasons = {row.reason for rows in found.values() for row in rows if row is not None and row.reason}
        text = _("How much each input explains of the probability of success cannot be said: {reason}.")
        return [say(text, "note", reason="; ".join(sorted(reasons)) or "–")]
    order = sorted(largest, key=lambda path: -largest[path])[:MOST_SHARES]
    rows = tuple(
        (
            Cell(input_label(printer.words, path)),
            *(replace(printer.share(f"{SHARE}{path}", group), reason="") for group in groups),
        )
        for path in order
    )
    note = " ".join([_shares_note(findings, printer), *_reasons(findings, printer, found)])
    caption = _("Share of the variance of the probability of success that each input explains by itself")
    return [Table(caption, ("", *heads(findings, printer)), rows, note)]


def _shares_note(findings: Findings, printer: TrialPrinter) -> str:
    _ = printer.words.gettext
    if findings.reach is None:
        return _("First-order shares; what is left to 100 % is inputs acting together. Below 0 is Monte-Carlo error.")
    return _(
        "First-order shares. The shares of failures come from one posterior and hang together, so that these shares of "
        "variance may add to more than 100 %. Below 0 is Monte-Carlo error."
    )


def _reasons(findings: Findings, printer: TrialPrinter, found: Mapping[str, Sequence[Row | None]]) -> Iterator[str]:
    """Give for each bound without shares the reason, which is the same for all its inputs."""
    words = printer.words
    for bound, column in zip(findings.bounds, zip(*found.values(), strict=True), strict=True):
        reasons = sorted({row.reason for row in column if row is not None and row.value is None and row.reason})
        if reasons:
            yield words.gettext("No shares under the %(bound)s: %(reason)s.") % {
                "bound": label(words, bound_name(bound), BOUND_WORDS),
                "reason": "; ".join(reasons),
            }


def _ends(findings: Findings, printer: TrialPrinter, bound: Bound | None, head: str) -> Table:
    _ = printer.words.gettext
    at = (bound_name(bound), sensitivity_reading(findings))
    order = [one.path for one in swings(findings, bound, ".gain")]
    rows = tuple(
        (
            Cell(input_label(printer.words, path)),
            *(
                _pair(printer, path, ending, form, at)
                for ending, form in (("", "share"), (".done", "share"), (".hazard_ratio", "ratio"), (".gain", "points"))
            ),
        )
        for path in order
    )
    head_row = (
        _("Input, low – high end"),
        _("Power"),
        _("Done in time"),
        _("Average hazard ratio"),
        _("EFS gained, points"),
    )
    return Table(_("One input at a time, %s") % head, head_row, rows)


def _pair(printer: TrialPrinter, path: str, ending: str, form: str, at: tuple[str, str]) -> Cell:
    low, high = (getattr(printer, form)(f"{PREFIX}{path}.{end}{ending}", *at) for end in ("low", "high"))
    return Cell(f"{low.text} – {high.text}", tone="number")
