"""The verdict first: by the criteria declared before running, for every bound of f and reading of the funnel."""

from collections.abc import Iterator
from gettext import NullTranslations
from typing import Final

from residuum.records.design import Bound, Funnelling
from residuum.report.document import Block, Cell, Fold, Heading, Paragraph, Section, Table, say
from residuum.report.numbers import Row
from residuum.report.trial_findings import (
    BOUND_WORDS,
    READING_WORDS,
    Findings,
    bound_name,
    reading_name,
)
from residuum.report.trial_labels import readable
from residuum.report.trial_printer import TrialPrinter
from residuum.report.trial_text import opening, points, share
from residuum.report.wording import N_, label

DECISIONS: Final = {
    0: N_("not as posed"),
    1: N_("feasible only under these conditions"),
    2: N_("feasible"),
}


def verdict_section(findings: Findings, printer: TrialPrinter) -> Section:
    """Return the verdict: in a sentence, in a table, then in full words with conditions and assumptions."""
    _ = printer.words.gettext
    blocks: list[Block] = [
        _lead(findings, printer),
        say("{words}", words=_declared_words(findings, printer)),
        _table(findings, printer),
    ]
    own, *others = sorted(findings.readings, key=lambda reading: not _declared(findings, reading))
    blocks.append(Heading(_("In words: numbers, conditions, assumptions")))
    blocks += list(_words(findings, printer.words, own))
    for reading in others:
        title = _("The same, with %s") % label(printer.words, reading_name(reading), READING_WORDS)
        blocks.append(Fold(title, tuple(_words(findings, printer.words, reading))))
    if len(findings.bounds) > 1:
        blocks.append(say(_caution(printer), "note"))
    return Section("summary", _("The verdict"), blocks)


def _declared(findings: Findings, reading: Funnelling | None) -> bool:
    funnel = findings.design.accrual.funnel
    return funnel is None or reading == funnel.persistent_of


def _verdict(findings: Findings, bound: Bound | None, reading: Funnelling | None) -> Row | None:
    return findings.numbers.get(f"trial.verdict.{bound_name(bound)}.{reading_name(reading)}")


def _decision(row: Row | None, printer: TrialPrinter) -> str:
    if row is None or row.value is None:
        return "–"
    return printer.words.gettext(DECISIONS[int(row.value)])


def _lead(findings: Findings, printer: TrialPrinter) -> Paragraph:
    """Return one sentence where all verdicts agree, else one that says where they differ."""
    _ = printer.words.gettext
    decided = {_decision(_verdict(findings, b, r), printer) for b in findings.bounds for r in findings.readings}
    if len(decided) > 1:
        return say("{words}", words=Cell(_("The verdict depends on assumptions that no data decide."), tone="strong"))
    (decision,) = decided
    sentence = (
        _("With the hazard ratio taken as given and these assumptions: {decision}.")
        if len(findings.bounds) == 1
        else _("Under both bounds of f, every reading of the funnel and these assumptions: {decision}.")
    )
    return say(sentence, decision=Cell(decision, tone="strong"))


def _declared_words(findings: Findings, printer: TrialPrinter) -> str:
    criteria = findings.design.criteria
    return printer.words.gettext(
        "Declared before running: a trial is feasible if its assurance, the probability of success averaged over the "
        "ranges of the assumptions, is at least %(assurance)s and it is done within %(years)g years with probability "
        "at least %(done)s; a gain of %(points)s points of EFS at %(year)g years is worthwhile."
    ) % {
        "assurance": share(criteria.assurance, 0),
        "years": criteria.done_years,
        "done": share(criteria.done_probability, 0),
        "points": points(criteria.worthwhile_points),
        "year": criteria.worthwhile_year,
    }


def _table(findings: Findings, printer: TrialPrinter) -> Table:
    _ = printer.words.gettext
    criteria = findings.design.criteria
    head = (
        "",
        _("Verdict"),
        _("Assurance"),
        _("Done in %g years") % criteria.done_years,
        _("Gain worthwhile"),
        _("Average hazard ratio"),
        _("Gain, points"),
        _("Events needed, 80 % power"),
        _("Events there are"),
    )
    rows = tuple(_row(findings, printer, bound, reading) for reading in findings.readings for bound in findings.bounds)
    note = _(
        "Assurance, done and worthwhile: probabilities over the ranges of all inputs. Hazard ratio (to 5 years), gain "
        "and events: at the central values."
    )
    if findings.reach is not None:
        note = _(
            "Assurance, done and worthwhile: probabilities over the ranges of all inputs and the posterior of f. "
            "Hazard ratio (to 5 years), gain and events needed: at the central values, f from the study. Events there "
            "are: at the values of the design."
        )
    return Table(_("Verdicts and their numbers"), head, rows, note)


def _row(
    findings: Findings, printer: TrialPrinter, bound: Bound | None, reading: Funnelling | None
) -> tuple[Cell, ...]:
    words = printer.words
    group = f"{bound_name(bound)}.{reading_name(reading)}"
    name = opening(label(words, bound_name(bound), BOUND_WORDS))
    if reading is not None:
        name += f", {label(words, reading_name(reading), READING_WORDS)}"
    central = "trial.sensitivity.central"
    at = (bound_name(bound), reading_name(reading))
    return (
        Cell(name),
        Cell(_decision(_verdict(findings, bound, reading), printer), tone="strong"),
        printer.share(f"trial.assurance.{group}"),
        printer.share(f"trial.assurance.{group}.done"),
        printer.share(f"trial.assurance.{group}.worthwhile"),
        printer.ratio(f"{central}.hazard_ratio", *at),
        printer.points(f"{central}.gain", *at),
        printer.about("trial.needed.events.power_80", group),
        printer.about("trial.buy.events", group),
    )


def _words(findings: Findings, words: NullTranslations, reading: Funnelling | None) -> Iterator[Block]:
    for bound in findings.bounds:
        row = _verdict(findings, bound, reading)
        if row is not None and row.method:
            yield say("{words}", words=readable(words, row.method))
        elif row is not None and row.reason:
            yield say("{words}", "note", words=row.reason)


def _caution(printer: TrialPrinter) -> str:
    return printer.words.gettext(
        "f is the share of first failures that irradiating the residual sites could have prevented. The exclusive "
        "bound counts failures at a target and nowhere else; the inclusive bound adds those at a target and "
        "elsewhere, as if they had begun at the target, and is the largest possible under these assumptions and if "
        "nothing that fails only elsewhere was seeded by a target. The data cannot choose between them. A small effect "
        "under the exclusive bound shows nothing about what irradiation does: it says what is left to gain if mixed "
        "failures are not preventable."
    )
