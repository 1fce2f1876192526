"""Results about sites: fates, failure patterns, the trial's view; and agreement of the readers."""

from dataclasses import replace

from residuum.cohort.analysis import Analysis
from residuum.cohort.timepoints import LATER_TIMEPOINTS
from residuum.records.vocabulary import (
    AVID_STATES,
    FAILURE_PATTERNS,
    SEGMENTS,
    SITE_CLASSES,
    SITE_STATES,
    SYSTEMS,
    TIMEPOINTS,
    TRIAL_CLASSES,
)
from residuum.report import labels
from residuum.report.document import Block, Cell, Heading, Pictures, Section, Table, say
from residuum.report.formats import Printer
from residuum.report.wording import N_, label

BOUNDS = {
    "exclusive": N_("exclusive: targets only"),
    "inclusive": N_("inclusive: targets only, or targets and elsewhere"),
    "unknown_as_target": N_("inclusive, unknown and unclear counted as target"),
}
DECISIONS = {
    "sites": N_("avid regions"),
    "oligo": N_("oligo at the landmark"),
    "bone_pd": N_("progressive bone response"),
}


def sites_section(printer: Printer, pictures: Pictures) -> Section:
    """Return the tables about sites and patterns."""
    _ = printer.words.gettext
    blocks: list[Block] = [*pictures.named("body_map"), Heading(_("Fates of sites")), *pictures.named("fates")]
    blocks += [fates_table(printer), Heading(_("Failure patterns")), *pictures.named("failure_pattern")]
    blocks += [
        pattern_table(printer),
        state_table(printer),
        Heading(_("Patient by patient")),
        *pictures.named("site_matrix"),
    ]
    return Section("sites", _("Sites and failure patterns"), blocks)


def trial_section(analysis: Analysis, printer: Printer) -> Section:
    """Return the trial's view with its denominators and its caution."""
    _ = printer.words.gettext
    opening = say(
        _(
            "Radiotherapy after HDC would treat what is avid at the landmark. A target fails when it has grown; a "
            "target that is avid without growth is present, not failing; any other site fails when it is avid at "
            "progression. Sites of one patient hang together, and a large share of old sites is expected by chance "
            "alone where most regions were avid at diagnosis: the last table gives both."
        )
    )
    bounds = _(
        "Both bounds are shown because the data cannot choose between them: the exclusive bound takes mixed failures "
        "as not preventable, the inclusive one as begun at the target. Neither says that radiotherapy works or does "
        "not work."
    )
    blocks: list[Block] = [opening, trial_patients(printer), trial_sites(printer), overlap_table(printer)]
    blocks += [shares_table(analysis, printer), say(bounds, "note"), say(planning_sentence(printer), "warning")]
    return Section("trial", _("The trial's view"), blocks)


def planning_sentence(printer: Printer) -> str:
    """Return the sentence that goes with every output of the planning model."""
    return printer.words.gettext(
        "Planning model; depends on unverified assumptions about dependence, seeding and local effect; not for "
        "treatment decisions."
    )


def agreement_section(analysis: Analysis, printer: Printer, pictures: Pictures) -> Section:
    """Return the agreement of the two readers."""
    _ = printer.words.gettext
    caution = _(
        "All scans with two locked evaluable reads by the first two readers. The pooled ICC is inflated by the spread "
        "of scores from diagnosis to remission: read it by time point. Kappa of a rare grade is unstable; prevalence "
        "and Gwet's AC2 stand beside it."
    )
    blocks: list[Block] = [
        say(caution, "note"),
        *pictures.named("agreement"),
        totals_table(printer),
        decisions_table(printer),
    ]
    least = analysis.study.rules["flag.kappa_min_positive"]
    blocks += [segments_table(printer, system, least) for system in SEGMENTS]
    return Section("agreement", _("Agreement of the readers"), blocks)


def fates_table(printer: Printer) -> Table:
    """Return sites by state and time point, with and without those irradiated or treated by mIBG therapy."""
    words = printer.words
    _ = words.gettext
    rows = []
    for prefix, name in (("fate", _("all sites")), ("fate.no_site_therapy", _("without treated sites"))):
        for timepoint in LATER_TIMEPOINTS:
            cells = (printer.row(f"{prefix}.{timepoint}.{state}") for state in SITE_STATES)
            rows.append((Cell(f"{label(words, timepoint, labels.TIMEPOINTS)}, {name}"), *cells))
    head = ("", *(label(words, state, labels.STATES) for state in SITE_STATES))
    note = _(
        "Cleared describes the scan, not its cause: radiotherapy fields and 131I-mIBG therapy are given with each site "
        "in sites.csv. Treated sites are those irradiated before, or with mIBG therapy since they were first seen."
    )
    return Table(_("Sites of the included by state"), head, tuple(rows), note)


def pattern_table(printer: Printer) -> Table:
    """Return patients by failure pattern."""
    words = printer.words
    rows = [
        (Cell(label(words, name, labels.PATTERNS)), printer.row(f"pattern.patient.{name}")) for name in FAILURE_PATTERNS
    ]
    prior = "pattern.prior_site"
    after = f"{prior}.progression_after_end_of_treatment"
    rows.append((Cell(words.gettext("at least one site seen before")), printer.row(prior)))
    rows.append((Cell(words.gettext("the same, of those with uptake at end of treatment")), printer.row(after)))
    caption = words.gettext("Patients with progression or relapse, by the sites avid on the progression scan")
    return Table(caption, ("", words.gettext("Patients")), tuple(rows))


def state_table(printer: Printer) -> Table:
    """Return sites and score points at progression by state, with shares that respect patients."""
    words = printer.words
    _ = words.gettext
    measures = {
        "pattern.site.mean_share": _("mean of per-patient shares (each child weighs 1)"),
        "pattern.site.pooled_share": _("pooled share of sites"),
        "pattern.site": _("sites"),
        "pattern.points": _("SIOPEN score points"),
        "pattern.site.no_site_therapy": _("sites, without treated ones"),
        "pattern.points.no_site_therapy": _("score points, without treated sites"),
    }
    rows = [
        (Cell(name), *(printer.row(f"{prefix}.{state}") for state in AVID_STATES)) for prefix, name in measures.items()
    ]
    head = ("", *(label(words, state, labels.STATES) for state in AVID_STATES))
    note = _(
        "Shares: 95 % bootstrap interval over patients; none below the least number of patients. Score points are "
        "descriptive."
    )
    return Table(_("Avid sites on the progression scans, by state"), head, tuple(rows), note)


def trial_patients(printer: Printer) -> Table:
    """Return patients with progression by where they failed."""
    words = printer.words
    rows = [
        (Cell(label(words, name, labels.TRIAL_CLASSES)), printer.row(f"trial_view.patient.{name}"))
        for name in TRIAL_CLASSES
    ]
    caption = words.gettext("Patients with progression or relapse, by what failed")
    return Table(caption, ("", words.gettext("Patients")), tuple(rows))


def trial_sites(printer: Printer) -> Table:
    """Return sites that failed by class, with denominators, rates and the ratio."""
    words = printer.words
    _ = words.gettext
    rows = [
        (
            Cell(label(words, name, labels.SITE_CLASSES)),
            printer.row(f"trial_view.site.{name}.failed"),
            printer.row(f"trial_view.site.{name}.rate"),
        )
        for name in SITE_CLASSES
    ]
    ratio = (Cell(_("ratio of rates, targets v avid earlier")), Cell(""), printer.row("trial_view.site.rate_ratio"))
    head = ("", _("Failed / at risk"), _("Failures per site-year"))
    return Table(_("Sites that failed, by their class at the landmark"), head, (*rows, ratio))


def overlap_table(printer: Printer) -> Table:
    """Return the overlap of failing sites with old ones beside what chance gives."""
    _ = printer.words.gettext
    rows = (
        (Cell(_("observed")), printer.row("trial_view.overlap.observed")),
        (Cell(_("expected by chance alone")), printer.row("trial_view.overlap.by_chance")),
    )
    return Table(_("Failing sites that had been avid before"), ("", _("Sites")), rows)


def shares_table(analysis: Analysis, printer: Printer) -> Table:
    """Return the share of first events that are target failures, by bound and year."""
    words = printer.words
    years = analysis.study.settings.analysis.milestones
    few = analysis.study.rules["flag.few_at_risk"]
    rows = [
        (
            Cell(words.gettext(name)),
            *(printer.cell(printer.numbers.get(f"trial_view.share.{bound}.{year}y"), few) for year in years),
        )
        for bound, name in BOUNDS.items()
    ]
    head = ("", *(words.ngettext("%(count)d year", "%(count)d years", y) % {"count": y} for y in years))
    return Table(
        words.gettext("Share of first events that are target failures, oligo patients, from the landmark"),
        head,
        tuple(rows),
    )


def totals_table(printer: Printer) -> Table:
    """Return ICC and bias of the totals, pooled and by time point."""
    words = printer.words
    _ = words.gettext
    rows = [
        (
            Cell(_("bias, reader 1 minus reader 2 (95 % limits of agreement)")),
            *(printer.row(f"agreement.{s}.total.bias") for s in SYSTEMS),
        ),
        (Cell(_("ICC(2,1), all scans pooled")), *(printer.row(f"agreement.{s}.total.icc") for s in SYSTEMS)),
    ]
    for timepoint in TIMEPOINTS:
        name = f"ICC(2,1), {label(words, timepoint, labels.TIMEPOINTS)}"
        rows.append((Cell(name), *(printer.row(f"agreement.{s}.total.icc.{timepoint}") for s in SYSTEMS)))
    head = ("", *(label(words, system, labels.SYSTEMS) for system in SYSTEMS))
    return Table(_("Agreement of totals"), head, tuple(rows), _("ICC with 95 % bootstrap interval over patients."))


def decisions_table(printer: Printer) -> Table:
    """Return positive and negative agreement on sites and on what follows from the reads."""
    _ = printer.words.gettext
    rows = [
        (Cell(_(name)), *(printer.row(f"agreement.{decision}.{sign}") for sign in ("positive", "negative")))
        for decision, name in DECISIONS.items()
    ]
    return Table(
        _("Agreement of yes/no decisions"), ("", _("Positive agreement"), _("Negative agreement")), tuple(rows)
    )


def segments_table(printer: Printer, system: str, least: int) -> Table:
    """Return kappa, AC2 and prevalence by segment, kappa quiet where fewer than `least` reads are not zero."""
    words = printer.words
    _ = words.gettext
    rows = []
    for segment in SEGMENTS[system]:
        name = f"agreement.{system}.{segment}"
        kappa, ac2, prevalence = (printer.row(f"{name}.{what}") for what in ("weighted_kappa", "ac2", "prevalence"))
        positive = printer.numbers.get(f"{name}.prevalence")
        if positive is not None and positive.value is not None and positive.value < least:
            kappa = replace(kappa, tone="quiet")
        rows.append((Cell(label(words, segment, labels.SEGMENTS)), kappa, ac2, prevalence))
    note = _("Quadratic weights. Grey and italic: too few non-zero reads for a kappa to be interpreted.")
    caption = _("Agreement by segment: %s") % label(words, system, labels.SYSTEMS)
    return Table(caption, ("", _("Weighted kappa"), _("AC2"), _("Non-zero reads")), tuple(rows), note)
