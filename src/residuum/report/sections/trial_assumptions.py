"""What is asked, and everything that is assumed: each input with its range and source."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from residuum.records.design import Quantity
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
        title = _("%d inputs that nobody knows, with range and source") % len(unknown)
        blocks.append(Fold(title, (_range_table(unknown, printer),)))
    else:
        blocks.append(say(_("The design declares no range: every input is taken as known."), "note"))
    rest = [leaf for leaf in leaves if leaf not in unknown]
    blocks.append(Fold(_("%d inputs taken as they are") % len(rest), (_fixed_table(rest, printer),)))
    return Section("assumptions", _("The question, and what is assumed"), blocks)


def _study_words(printer: TrialPrinter) -> str:
    return printer.words.gettext(
        "With the study, its posterior of f replaces the shares of the design in the assurance, the sensitivity and "
        "the verdict; power, needs and search stay at the values of the design."
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
    looks = primary.looks_events or primary.looks_years
    unit = _("events") if primary.looks_events else _("calendar years")
    return asked + " " + _(
        "At most %(patients)d children, %(control)d:%(experimental)d, by intention to treat; %(test)s at one-sided "
        "%(alpha)g %%, looks at %(looks)s %(unit)s; endpoint: %(endpoint)s."
    ) % {
        "patients": design.accrual.patients,
        "control": control,
        "experimental": experimental,
        "test": label(words, primary.test, TESTS),
        "alpha": 100 * primary.alpha,
        "looks": ", ".join(f"{one:g}" for one in looks),
        "unit": unit,
        "endpoint": label(words, primary.endpoint, ENDPOINTS),
    }  # fmt: skip


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
