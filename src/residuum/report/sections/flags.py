"""Flags: what a reader must know before believing the numbers, what it means and what to do; and sensitivity."""

from residuum.report.document import Cell, Section, Table, say
from residuum.report.formats import Printer
from residuum.report.wording import N_

# What each flag means, and what to do.
MEANINGS = {
    "provisional": (
        N_("A scan that stands for one of the four time points is unresolved: the results may change."),
        N_("Finish the consensus reads; compare the sensitivity table below."),
    ),
    "unresolved": (N_("Any scan without a read that counts."), N_("Lock both reads, or read to consensus.")),
    "source_blank": (
        N_("Age, stage or year of diagnosis is blank: the patient is not in the source population."),
        N_("Complete patients.csv."),
    ),
    "not_assessable": (
        N_("A segment of a scan could not be assessed: its total is unknown."),
        N_("Look at the scan again; INRC stays not evaluable."),
    ),
    "hdc_end_assumed": (
        N_("High-dose chemotherapy has no end day; its start was taken."),
        N_("Enter end_day of the hdc rows."),
    ),
    "maintenance_end_unknown": (
        N_("Maintenance has no end day: no end-of-treatment scan can be chosen and the outcome is 'other'."),
        N_("Enter end_day of the maintenance rows."),
    ),
    "window_post_consolidation": (
        N_("The scan after HDC lies outside the expected window of days."),
        N_("Check the day and the label of the scan."),
    ),
    "post_consolidation_after_metastatic_radiotherapy": (
        N_("Metastatic sites were irradiated before the scan after HDC: uptake there may be treated already."),
        N_("Consider these patients apart."),
    ),
    "post_consolidation_after_maintenance_start": (
        N_("Maintenance began before the scan after HDC."),
        N_("Check the days; the landmark is later than intended."),
    ),
    "window_end_of_treatment": (
        N_("The end-of-treatment scan lies outside the expected window around the end of maintenance."),
        N_("Check the day and the label of the scan."),
    ),
    "progression_without_scan": (
        N_("Progression or relapse without a usable progression scan: the failure pattern is unknown."),
        N_("Look for a scan within the window, or count the pattern as unknown."),
    ),
    "progression_scan_after_salvage": (
        N_("Salvage treatment began before the progression scan: sites may have cleared."),
        N_("Prefer an earlier scan where there is one."),
    ),
    "tracer_change": (
        N_("The tracer changed within the patient: states of sites may reflect the tracer."),
        N_("Read the states of this patient with care."),
    ),
    "tracer_not_mibg": (
        N_("A scan that is used is not an mIBG-type scan."),
        N_("Check the tracer, or leave the scan out."),
    ),
    "post_therapy_scan_used": (
        N_("A scan that is used was made after a therapeutic dose of 131I-mIBG: its bone verdict is not evaluable."),
        N_("Use a diagnostic scan for this time point."),
    ),
    "no_site_avid_at_diagnosis_and_after_hdc": (
        N_("No site is avid both at diagnosis and after HDC: nothing strictly persisted."),
        N_("Check marks and sides on both scans."),
    ),
    "inrc_pd_without_event": (
        N_("The relative score says progressive disease, but no progression or relapse is recorded."),
        N_("Confirm with the clinical course."),
    ),
    "inrc_after_pd": (
        N_("Verdicts after a progressive one: they describe a response to later treatment."),
        N_("Do not count them as first-line responses."),
    ),
    "inrc_pd_unconfirmed": (
        N_("Progressive disease rests on a single new focus."),
        N_("Confirm by a second scan or another modality."),
    ),
    "possible_new_lesion": (
        N_("More foci in a region that was avid already: a new lesion is possible."),
        N_("Compare both scans; label lesions where it matters."),
    ),
    "indeterminate_after_radiotherapy": (
        N_("Uptake soon after radiotherapy of the site: it does not tell failure from healing."),
        N_("Wait for a later scan."),
    ),
    "persistent_response_score_zero": (
        N_("An event-free patient counted with persistent or complete responses has a score of 0 at end of treatment."),
        N_("Expected of complete responses; any other is a contradiction to check."),
    ),
    "persistent_response_immature": (
        N_("A persistent response with short follow-up: immature."),
        N_("Update the last contact; print the minimum follow-up."),
    ),
    "outcome_other": (N_("Included, but in none of the four outcomes."), N_("See the patient's section for why.")),
    "zero_with_bone_metastases": (
        N_("A score of 0 although a skeletal progression is recorded."),
        N_("Non-avid bone disease, or a missed mark: check."),
    ),
    "curie_denominator_assumed": (
        N_("A diffuse mark in a limb or the spine: one extent serves two denominators in the Curie score."),
        N_("Curie grades of these scans are approximate."),
    ),
    "modes_mixed": (
        N_("Some marks were seen only on SPECT, or it is not said where: totals differ between modes."),
        N_("Compare both modes in the score tables."),
    ),
    "marks_on_not_evaluable": (
        N_("Marks on a read that says not evaluable; they are kept and never scored."),
        N_("Correct the read or remove the marks."),
    ),
    "seen_on_blank": (
        N_("Marks that do not say where they were seen count in all views only."),
        N_("Fill in seen_on."),
    ),
}
SENSITIVITY = {
    "flow.persistent_after_hdc": N_("Included"),
    "outcome.complete_response_end_of_treatment": N_("Complete response at end of treatment"),
    "outcome.persistent_end_of_treatment": N_("Persistent uptake at end of treatment"),
    "outcome.event_free": N_("Event-free"),
    "pattern.prior_site": N_("At least one site seen before"),
    "pattern.patient.persistent_only": N_("Failure at persistent sites only"),
    "pattern.patient.recurred_only": N_("Failure at recurred sites only"),
    "pattern.patient.new_only": N_("Failure at new sites only"),
    "response.bone.post_consolidation.PD": N_("PD of bone after HDC"),
    "response.bone.end_of_treatment.PD": N_("PD of bone at end of treatment"),
}


def flags_section(printer: Printer) -> Section:
    """Return every flag with its patients, those raised first, and the sensitivity to the choice of reads."""
    _ = printer.words.gettext
    flags = printer.numbers.named("flag.")
    raised = [row for row in flags if row.value]
    rows = []
    for row in sorted(flags, key=lambda one: not one.value):
        name = row.name.removeprefix("flag.")
        meaning, cure = MEANINGS[name]
        rows.append(
            (
                Cell(name.replace("_", " "), tone="strong" if row.value else ""),
                printer.value(row),
                Cell(_(meaning)),
                Cell(_(cure)),
            )
        )
    opening = say(
        _("{raised} of {all} flags concern at least one patient. A flag is a question, not a verdict."),
        raised=str(len(raised)),
        all=str(len(flags)),
    )
    table = Table(_("Flags"), (_("Flag"), _("Patients"), _("What it means"), _("What to do")), tuple(rows))
    return Section("flags", _("Flags and sensitivity"), [opening, table, sensitivity_table(printer)])


def sensitivity_table(printer: Printer) -> Table:
    """Return the headline numbers under other choices of reads, beside those of this report."""
    _ = printer.words.gettext
    names = dict.fromkeys(row.name.split(".")[1] for row in printer.numbers.named("sensitivity."))
    rows = [
        (
            Cell(_(title)),
            printer.row(what),
            *(printer.row(f"sensitivity.{name}.{what}") for name in names),
        )
        for what, title in SENSITIVITY.items()
    ]
    head = ("", _("this report"), *(name.replace("_", " ") for name in names))
    note = "" if names else _("A single-reader study has no other choice of reads.")
    return Table(_("Headline numbers under other choices of reads"), head, tuple(rows), note)
