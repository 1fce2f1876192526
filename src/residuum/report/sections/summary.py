"""The first screen: what this is, how far it can be trusted, and the findings in a few sentences."""

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from residuum.cohort.analysis import Analysis
from residuum.records.vocabulary import AVID_STATES
from residuum.report.document import Block, Cell, Paragraph, Section, Table, compose, say
from residuum.report.formats import Printer, p_value


def banners(analysis: Analysis, printer: Printer) -> list[Paragraph]:
    """Return the warnings that stand above everything else."""
    _ = printer.words.gettext
    found = []
    if analysis.study.settings.synthetic:
        text = _(
            "SYNTHETIC. Synthetic study made to be consistent with published figures; it is no evidence and reproduces "
            "nothing."
        )
        found.append(say(text, "banner"))
    provisional = printer.numbers.get("flag.provisional")
    if provisional is not None and provisional.value:
        text = _("PROVISIONAL. Scans that the results rest on are unresolved in {count} patients; see the flags.")
        found.append(say(text, "banner", count=printer.value(provisional)))
    return found


def identity(analysis: Analysis, about: Mapping[str, Any], words: NullTranslations) -> Table:
    """Return what identifies this output: study, centres, freeze, version, input, rules."""
    _ = words.gettext
    settings, rules = analysis.study.settings, analysis.study.rules
    study = about.get("study") or {}
    facts = {
        _("Centres"): ", ".join(settings.centres) or "–",
        _("Data freeze"): str(settings.data_freeze or "–"),
        _("Patients in the study folder"): str(analysis.patients.height),
        _("Program"): f"Residuum {about.get('residuum', '')}".strip(),
        _("Input (SHA-256)"): str(study.get("sha256") or "–"),
        **({_("Audit head"): str(study["audit_head"])} if "audit_head" in study else {}),
        _("Rule set"): f"{rules.set}, {_('edition')} {rules.edition}",
    }
    rows = tuple((Cell(name), Cell(value)) for name, value in facts.items())
    return Table(_("What this report was made from"), (), rows)


def summary_section(analysis: Analysis, printer: Printer) -> Section:
    """Return the findings in a few sentences, every number linked to its patients."""
    words = printer.words
    blocks: list[Block] = [_flow(printer), _outcome(printer), _survival(analysis, printer), _pattern(printer)]
    caution = words.gettext(
        "Residual uptake is what a scan shows; it is not the same as residual disease. Groups named by what happened "
        "later describe patients; they predict nothing and give no cut-off. Nothing here is about one child."
    )
    return Section("summary", words.gettext("Summary"), [*blocks, say(caution, "note")])


def _flow(printer: Printer) -> Paragraph:
    sentence = printer.words.gettext(
        "Of {source} patients in the source population, {avid} had a positive mIBG scan at diagnosis and {evaluable} "
        "were evaluable after high-dose chemotherapy (HDC). Skeletal uptake persisted after HDC in {included} of the "
        "source population (exact 95 % interval): these are the included."
    )
    names = {
        "source": printer.value(printer.numbers.get("flow.source")),
        "avid": printer.value(printer.numbers.get("flow.avid_at_diagnosis")),
        "evaluable": printer.value(printer.numbers.get("flow.evaluable_after_hdc")),
        "included": printer.row("flow.persistent_after_hdc"),
    }
    return Paragraph(compose(sentence, **names))


def _outcome(printer: Printer) -> Paragraph:
    sentence = printer.words.gettext(
        "Of the included, {complete} had a complete response at end of treatment, {during} progressed during "
        "maintenance and {persistent} still had uptake at end of treatment; of the last, {response} had no event to "
        "last contact and {after} progressed or relapsed. {free} of the included were event-free at last contact."
    )
    names = {
        "complete": "complete_response_end_of_treatment",
        "during": "progression_during_maintenance",
        "persistent": "persistent_end_of_treatment",
        "response": "persistent_response",
        "after": "progression_after_end_of_treatment",
        "free": "event_free",
    }
    cells = {key: printer.value(printer.numbers.get(f"outcome.{name}")) for key, name in names.items()}
    return Paragraph(compose(sentence, **cells))


def _survival(analysis: Analysis, printer: Printer) -> Paragraph:
    few = analysis.study.rules["flag.few_at_risk"]
    years = analysis.study.settings.analysis.milestones
    year = 3 if 3 in years else (years[-1] if years else 3)
    efs = printer.cell(printer.numbers.get(f"efs.landmark.included.{year}y"), few)
    overall = printer.cell(printer.numbers.get(f"os.landmark.included.{year}y"), few)
    follow_up = printer.row("follow_up.included.diagnosis.reverse_km")
    sentence = printer.words.gettext(
        "From the scan after HDC, event-free survival of the included at {year} years was {efs} and overall survival "
        "{os}. Median follow-up from diagnosis (reverse Kaplan-Meier) was {follow_up} years."
    )
    return Paragraph(compose(sentence, year=str(year), efs=efs, os=overall, follow_up=follow_up))


def _pattern(printer: Printer) -> Paragraph:
    _ = printer.words.gettext
    sentence = _(
        "At first progression, {prior} of those with a scan had uptake at a site seen before. Of the avid sites then, "
        "{persistent} were persistent, {recurred} recurred after having cleared on a scan, and {new} were new."
    )
    cells = {state: printer.row(f"pattern.site.{state}") for state in AVID_STATES}
    return Paragraph(compose(sentence, prior=printer.row("pattern.prior_site"), **cells))


def log_rank_sentence(printer: Printer) -> Paragraph:
    """Return the one test of the report, named, with what it compares."""
    _ = printer.words.gettext
    row = printer.numbers.get("logrank.efs.oligo_v_more")
    if row is None or row.value is None or row.p is None:
        return say(
            _("Log-rank test of oligo v more sites: not computed ({reason})."),
            "note",
            reason=(row.reason if row else None) or "–",
        )
    sentence = _(
        "Log-rank test of event-free survival, oligo v more sites: chi-squared {value}, P {p}, n = {n}. It compares, "
        "it does not explain."
    )
    return say(sentence, "note", value=printer.value(row), p=p_value(row.p), n=str(row.n))
