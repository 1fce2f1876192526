"""Results by family: outcome, scores, follow-up, survival, competing failures, response."""

from gettext import NullTranslations

from residuum.cohort.analysis import Analysis
from residuum.cohort.outcomes import EVENT_FREE_GROUPS, GROUPS
from residuum.cohort.survival import CAUSES
from residuum.cohort.timepoints import LATER_TIMEPOINTS, USED_TIMEPOINTS
from residuum.records.vocabulary import BONE_VERDICTS, OVERALL_VERDICTS
from residuum.report import labels
from residuum.report.document import Block, Cell, Heading, Pictures, Section, Table, say
from residuum.report.formats import Printer
from residuum.report.sections.summary import log_rank_sentence
from residuum.report.wording import N_, label

CURVES = {
    "efs.landmark.included": N_("EFS, included, from the scan after HDC"),
    "os.landmark.included": N_("OS, included, from the scan after HDC"),
    "efs.landmark.oligo": N_("EFS, oligo, from the scan after HDC"),
    "efs.landmark.more": N_("EFS, more sites, from the scan after HDC"),
    "efs.landmark.not_persistent": N_("EFS, evaluable and not persistent, from the scan after HDC"),
    "efs.fixed_landmark.included": N_("EFS, included, from a fixed day after HDC (sensitivity)"),
    "efs.diagnosis.source": N_("EFS, source population, from diagnosis"),
    "os.diagnosis.source": N_("OS, source population, from diagnosis"),
}


def results_section(analysis: Analysis, printer: Printer, pictures: Pictures) -> Section:
    """Return the tables about patients."""
    _ = printer.words.gettext
    blocks: list[Block] = [Heading(_("Outcome")), outcome_table(printer)]
    blocks += [Heading(_("Scores by group and time point")), say(_scores_caution(printer.words), "note")]
    blocks += pictures.named("score_courses")
    blocks += [score_table(printer, system) for system in labels.SYSTEMS]
    blocks += [Heading(_("Follow-up")), follow_up_table(printer)]
    blocks += [
        Heading(_("Survival")),
        *pictures.named("survival"),
        survival_table(analysis, printer),
        log_rank_sentence(printer),
    ]
    blocks += [Heading(_("Competing first failures")), *pictures.named("competing"), competing_table(analysis, printer)]
    blocks += [Heading(_("Response (INRC 2017)")), *response_tables(printer)]
    return Section("results", _("Results"), blocks)


def _scores_caution(words: NullTranslations) -> str:
    return words.gettext(
        "Medians [minimum–maximum] and n of the total of the read used. The groups are named by what happened later: "
        "differences between them describe and do not predict, and no cut-off follows from them."
    )


def outcome_table(printer: Printer) -> Table:
    """Return the outcomes of the included."""
    _ = printer.words.gettext
    names = [name for name in labels.OUTCOMES if name != "other"]
    rows = [(Cell(label(printer.words, name, labels.OUTCOMES)), printer.row(f"outcome.{name}")) for name in names]
    rows.append((Cell(_("Other course")), printer.row("outcome.other")))
    note = _(
        "Denominators: the included; for persistent response and progression after end of treatment, those with "
        "persistent uptake at end of treatment. In brackets the exact 95 % interval."
    )
    return Table(_("Outcome of the included"), ("", _("Patients")), tuple(rows), note)


def score_table(printer: Printer, system: str) -> Table:
    """Return one score by group, time point and mode."""
    words = printer.words
    rows = []
    for mode in labels.MODES:
        for timepoint in USED_TIMEPOINTS:
            name = f"{label(words, timepoint, labels.TIMEPOINTS)}, {label(words, mode, labels.MODES)}"
            cells = (printer.row(f"{system}.{timepoint}", group, mode) for group in GROUPS)
            rows.append((Cell(name), *cells))
    head = ("", *(label(words, group, labels.GROUPS) for group in GROUPS))
    return Table(label(words, system, labels.SYSTEMS), head, tuple(rows))


def follow_up_table(printer: Printer) -> Table:
    """Return follow-up by group and origin, as plain median and by reverse Kaplan-Meier."""
    words = printer.words
    _ = words.gettext
    rows = []
    for group in ("included", *EVENT_FREE_GROUPS):
        for kind, name in (("", _("median [range]")), (".reverse_km", _("reverse Kaplan-Meier (95 % CI)"))):
            cells = (printer.row(f"follow_up.{group}.{origin}{kind}") for origin in labels.ORIGINS)
            rows.append((Cell(f"{label(words, group, labels.GROUPS)}: {name}"), *cells))
    head = ("", *(_("from %s") % label(words, origin, labels.ORIGINS) for origin in labels.ORIGINS))
    note = _(
        "Reverse Kaplan-Meier in all included is the main follow-up; plain medians of event-free groups look longer "
        "than they are."
    )
    return Table(_("Follow-up in years, by origin"), head, tuple(rows), note)


def survival_table(analysis: Analysis, printer: Printer) -> Table:
    """Return survival at the milestones, quiet where few are at risk."""
    _ = printer.words.gettext
    few = analysis.study.rules["flag.few_at_risk"]
    years = analysis.study.settings.analysis.milestones
    rows = [
        (Cell(_(title)), *(printer.cell(printer.numbers.get(f"{name}.{year}y"), few) for year in years))
        for name, title in CURVES.items()
    ]
    note = _(
        "Kaplan-Meier (95 %% log-log interval) and patients at risk. Grey and italic: fewer than %(few)d at risk."
    ) % {"few": few}
    return Table(_("Survival at the milestones"), ("", *_years(printer, years)), tuple(rows), note)


def competing_table(analysis: Analysis, printer: Printer) -> Table:
    """Return the cumulative incidences of first failures at the milestones."""
    words = printer.words
    few = analysis.study.rules["flag.few_at_risk"]
    years = analysis.study.settings.analysis.milestones
    rows = [
        (
            Cell(label(words, cause, labels.PATTERNS)),
            *(printer.cell(printer.numbers.get(f"cif.landmark.{cause}.{year}y"), few) for year in years),
        )
        for cause in CAUSES
    ]
    caption = words.gettext("Cumulative incidence of the first failure of the included, from the scan after HDC")
    return Table(caption, ("", *_years(printer, years)), tuple(rows))


def response_tables(printer: Printer) -> list[Table]:
    """Return the verdicts by time point: bone, and overall where other components are recorded."""
    _ = printer.words.gettext
    tables = [_verdicts(printer, "bone", BONE_VERDICTS, _("Bone response by mIBG, relative score"))]
    if any(row.value is not None for row in printer.numbers.named("response.overall.")):
        return [*tables, _verdicts(printer, "overall", OVERALL_VERDICTS, _("Overall response"))]
    return tables


def _verdicts(printer: Printer, which: str, verdicts: tuple[str, ...], caption: str) -> Table:
    words = printer.words
    rows = [
        (Cell(verdict), *(printer.row(f"response.{which}.{timepoint}.{verdict}") for timepoint in LATER_TIMEPOINTS))
        for verdict in verdicts
    ]
    head = ("", *(label(words, timepoint, labels.TIMEPOINTS) for timepoint in LATER_TIMEPOINTS))
    note = words.gettext(
        "CR complete, PR partial, MR minor, SD stable, PD progressive, NI not involved, NE not evaluable."
    )
    return Table(caption, head, tuple(rows), note)


def _years(printer: Printer, years: tuple[int, ...]) -> list[str]:
    return [printer.words.ngettext("%(count)d year", "%(count)d years", year) % {"count": year} for year in years]
