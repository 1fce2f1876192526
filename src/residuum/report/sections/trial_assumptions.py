"""What is asked, and everything that is assumed: each input with its range and source."""

from collections.abc import Iterator
from gettext import NullTranslations
from typing import Any, Final

from pydantic import BaseModel

from residuum.records.design import Design, Quantity
from residuum.report.document import Block, Cell, Fold, Section, Table, say
from residuum.report.trial_findings import Findings
from residuum.report.trial_labels import ENDPOINTS, TESTS, input_label
from residuum.report.trial_printer import TrialPrinter
from residuum.report.wording import label

SKIPPED: Final = ("format", "id", "title", "notes")
PLACED: Final = ("failure.bound", "failure.target_power", "failure.cleared_power")
"""Keys without meaning where a hazard ratio is taken as given."""
Leaf = tuple[str, Any, str]


def assumptions_section(findings: Findings, printer: TrialPrinter) -> Section:
    """Return the question, the notes of the design, the inputs that are not known, and all others folded."""
    words = printer.words
    _ = words.gettext
    design = findings.design
    leaves = [leaf for leaf in _leaves(design, "") if design.radiotherapy is not None or leaf[0] not in PLACED]
    unknown = [leaf for leaf in leaves if isinstance(leaf[1], Quantity) and not leaf[1].known]
    blocks: list[Block] = [say("{question}", question=_question(findings, printer))]
    blocks += [say("{note}", "warning", note=design.notes.strip())] if design.notes.strip() else []
    if findings.reach is not None:
        blocks.append(say(_study_words(printer)))
    if unknown:
        title = words.ngettext(
            "%d input that nobody knows, with range and source",
            "%d inputs that nobody knows, with range and source",
            len(unknown),
        ) % len(unknown)
        blocks.append(Fold(title, (_range_table(unknown, printer),)))
    else:
        blocks.append(say(_("The design declares no range: every input is taken as known."), "note"))
    rest = [leaf for leaf in leaves if leaf not in unknown]
    title = words.ngettext("%d input taken as it is", "%d inputs taken as they are", len(rest)) % len(rest)
    blocks.append(Fold(title, (_fixed_table(rest, printer),)))
    return Section("assumptions", _("The question, and what is assumed"), blocks)


def _study_words(printer: TrialPrinter) -> str:
    return printer.words.gettext(
        "With the study, its posterior of f replaces the shares of the design in the assurance, the sensitivity, what "
        "is needed and the verdict. The curves of the effect, power, accrual, search and what the children can buy "
        "stay at the values of the design."
    )


def _question(findings: Findings, printer: TrialPrinter) -> str:
    words, design = printer.words, findings.design
    _ = words.gettext
    primary, (control, experimental) = design.primary, design.allocation
    asked = (
        _(
            "Would irradiating residual uptake after high-dose therapy prolong the time to failure, and could this "
            "trial show it?"
        )
        if design.radiotherapy is not None
        else _("Could this trial show a hazard ratio that is taken as given?")
    )
    return asked + " " + _(
        "At most %(patients)d children, %(control)d:%(experimental)d, by intention to treat; %(test)s at one-sided "
        "%(alpha)g %%, %(looks)s; endpoint: %(endpoint)s."
    ) % {
        "patients": design.accrual.patients,
        "control": control,
        "experimental": experimental,
        "test": label(words, primary.test, TESTS),
        "alpha": 100 * primary.alpha,
        "looks": _looks(design, words),
        "endpoint": label(words, primary.endpoint, ENDPOINTS),
    }  # fmt: skip


def _looks(design: Design, words: NullTranslations) -> str:
    """Return when the trial looks, such as *one look, in calendar year 7*."""
    events, years = design.primary.looks_events, design.primary.looks_years
    said = (
        words.ngettext("one look, at %(at)s events", "looks at %(at)s events", len(events))
        if events
        else words.ngettext("one look, in calendar year %(at)s", "looks in calendar years %(at)s", len(years))
    )
    return said % {"at": ", ".join(f"{one:g}" for one in events or years)}


def _leaves(part: BaseModel, prefix: str) -> Iterator[Leaf]:
    """Yield every value of a design by its path, with what it means."""
    for name, info in type(part).model_fields.items():
        value, path, meaning = getattr(part, name), f"{prefix}{name}", info.description or ""
        if value is None or value == () or (not prefix and name in SKIPPED):
            continue
        if isinstance(value, Quantity) or not isinstance(value, BaseModel | tuple):
            yield path, value, meaning
        elif isinstance(value, BaseModel):
            yield from _leaves(value, f"{path}.")
        else:
            yield from _entries(value, path, meaning)


def _entries(values: tuple[Any, ...], path: str, meaning: str) -> Iterator[Leaf]:
    if not any(isinstance(one, BaseModel) for one in values):
        yield path, values, meaning
        return
    for place, one in enumerate(values, start=1):
        if isinstance(one, Quantity):
            yield f"{path}[{place}]", one, meaning
        else:
            yield from _leaves(one, f"{path}[{place}].")


def _range_table(leaves: list[Leaf], printer: TrialPrinter) -> Table:
    _ = printer.words.gettext
    rows = tuple(
        (
            Cell(input_label(printer.words, path)),
            Cell(f"{value.central:g}", tone="number"),
            Cell(f"{value.low:g} {_('to')} {value.high:g}", tone="number"),
            Cell(value.distribution.replace("_", "-")),
            Cell(value.source or _("no source is given")),
            Cell(path),
        )
        for path, value, _meaning in leaves
    )
    head = (_("Input"), _("Central"), _("Range"), _("Drawn from"), _("Source, as the design file says"), _("Key"))
    return Table(_("Inputs with a range"), head, rows)


def _fixed_table(leaves: list[Leaf], printer: TrialPrinter) -> Table:
    _ = printer.words.gettext
    rows = tuple((Cell(path), Cell(_shown(value)), Cell(meaning)) for path, value, meaning in leaves)
    return Table(_("Inputs without a range"), (_("Key"), _("Value"), _("Meaning")), rows)


def _shown(value: Any) -> str:
    if isinstance(value, Quantity):
        return f"{value.central:g}" + (f" ({value.source})" if value.source else "")
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
