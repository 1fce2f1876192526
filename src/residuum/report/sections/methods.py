"""The definitions in force: settings, rule clauses, what was overridden, what a clinician must still confirm."""

from collections.abc import Iterator
from gettext import NullTranslations
from typing import Any

from pydantic import BaseModel

from residuum.cohort.analysis import Analysis
from residuum.records.rules import Clause
from residuum.records.settings import Settings
from residuum.report.document import Block, Cell, Fold, Section, Table, say


def methods_section(analysis: Analysis, words: NullTranslations) -> Section:
    """Return the methods: definitions in words, then settings and clauses as they were used."""
    _ = words.gettext
    blocks: list[Block] = [say(sentence) for sentence in _definitions(analysis, words)]
    clauses = list(analysis.study.rules.clauses.values())
    overridden = [clause for clause in clauses if clause.overridden]
    unconfirmed = [clause for clause in clauses if clause.evidence == "B"]
    if overridden:
        blocks.append(_clause_table(_("Clauses overridden by this study"), overridden, words))
    if unconfirmed:
        blocks.append(_clause_table(_("Clauses to be confirmed by a clinician (evidence B)"), unconfirmed, words))
    blocks.append(Fold(_("All settings"), (_settings_table(analysis.study.settings, words),)))
    blocks.append(Fold(_("All rule clauses"), (_clause_table(_("Rule clauses in force"), clauses, words),)))
    return Section("methods", _("Methods"), blocks)


def _definitions(analysis: Analysis, words: NullTranslations) -> list[str]:
    _ = words.gettext
    settings = analysis.study.settings
    return [
        _(
            "Scans are ordered by day. The read used is a locked consensus read where there is one, else the single "
            "reader's, else two reads that agree in every segment and region; all other scans are unresolved and count "
            "as not evaluable, never as negative."
        ),
        {
            "region": _("A site is a skeletal region (of 28) in which the scan has a mark."),
            "lesion": _("A site is a lesion by its label, or a region where a mark has none."),
            "segment": _("A site is a SIOPEN segment with a grade above 0."),
        }[settings.definitions.site_level]
        + " "
        + _(
            "A site is new when avid for the first time, persistent when avid on every evaluable scan since, recurred "
            "when avid again after an evaluable scan without it, cleared when seen before and not avid now."
        ),
        _(
            "Progression means progression or relapse. The first of progression, relapse, second malignancy and death "
            "is the event of event-free survival (EFS). Survival of the included starts at the scan after HDC (the "
            "landmark), so that no group is defined by its future. Intervals: exact (Clopper-Pearson) for counts, "
            "log-log for Kaplan-Meier, all 95 %% unless said otherwise. At most %(sites)d sites at the landmark are "
            "called oligo; the limit counts sites, not score."
        )
        % {"sites": settings.definitions.oligo_max_sites},
    ]


def _clause_table(caption: str, clauses: list[Clause], words: NullTranslations) -> Table:
    _ = words.gettext
    rows = tuple(
        (
            Cell(clause.id),
            Cell(
                _show(clause.value) + (f" ({_('overridden')})" if clause.overridden else ""),
                tone="strong" if clause.overridden else "",
            ),
            Cell(clause.text),
            Cell(clause.source),
            Cell(clause.evidence),
        )
        for clause in clauses
    )
    note = _(
        "Evidence: P method paper or issuing body, S secondary source, B background to be confirmed, D decision of "
        "this project."
    )
    return Table(caption, (_("Clause"), _("Value"), _("Meaning"), _("Source"), _("Evidence")), rows, note)


def _settings_table(settings: Settings, words: NullTranslations) -> Table:
    _ = words.gettext
    rows = []
    for key, value, default, meaning in _walk(settings, ""):
        changed = value != default
        shown = _show(value) + (f" ({_('changed')})" if changed else "")
        rows.append((Cell(key), Cell(shown, tone="strong" if changed else ""), Cell(_show(default)), Cell(meaning)))
    return Table(_("Settings in force"), (_("Key"), _("Value"), _("Default"), _("Meaning")), tuple(rows))


def _walk(model: BaseModel, prefix: str) -> Iterator[tuple[str, Any, Any, str]]:
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if name == "rules":
            continue
        if isinstance(value, BaseModel):
            yield from _walk(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value, info.get_default(), info.description or ""
    for name, value in (model.model_extra or {}).items():
        yield f"{prefix}{name}", value, value, "–"


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(_show, value)) or "–"
    return "–" if value is None or value == "" else str(value)
