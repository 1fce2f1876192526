"""The effect that can be reached: from the design, and from a study where there is one."""

from typing import Final

from residuum.report.document import Block, Cell, Fold, Pictures, Section, Table, say
from residuum.report.rows.trial_power import prefix_of
from residuum.report.trial_findings import BOUND_WORDS, Findings, bound_name
from residuum.report.trial_printer import TrialPrinter
from residuum.report.trial_text import opening
from residuum.report.wording import N_, label

CURES: Final = {
    "cause_specific": N_("the effect lasts"),
    "shared": N_("irradiation only delays"),
}
GAIN_YEARS: Final = (3, 5, 10)
EFS_YEARS: Final = (1, 2, 3, 5, 10)


def effect_section(findings: Findings, printer: TrialPrinter, pictures: Pictures) -> Section:
    """Return curves and hazard ratios, their numbers, and what a study says of f."""
    _ = printer.words.gettext
    blocks: list[Block] = [*pictures.named("trial_effect"), _effects(findings, printer)]
    blocks.append(Fold(_("EFS of both arms, year by year"), (_efs(findings, printer),)))
    if findings.reach is not None:
        blocks += [*pictures.named("trial_reach"), *_study(findings, printer)]
    elif findings.design.radiotherapy is not None:
        blocks.append(say(_("No study was given: f is what the design declares, not an estimate."), "note"))
    else:
        blocks.append(
            say(_("The hazard ratio is taken as given: nothing says by what it would come about, so there are no "
                  "bounds of f and no local effect to vary."), "note")
        )  # fmt: skip
    return Section("effect", _("Reachable effect"), blocks)


def _effects(findings: Findings, printer: TrialPrinter) -> Table:
    _ = printer.words.gettext
    wanted = {
        _("share f of first failures"): ("share", "share"),
        _("average hazard ratio to 5 years"): ("hazard_ratio", "ratio"),
        **{_("EFS gained at %d years, points") % year: (f"efs_gain.{year}y", "points") for year in GAIN_YEARS},
    }
    if findings.design.radiotherapy is None:
        wanted.pop(_("share f of first failures"))
    rows = [
        (Cell(name), *(getattr(printer, form)(f"{prefix_of(bound)}.{key}") for bound in findings.bounds))
        for name, (key, form) in wanted.items()
    ]
    years = (printer.spread(f"{prefix_of(bound)}.rmst_gain.5y", digits=2) for bound in findings.bounds)
    rows.append((Cell(_("years free of events gained, of the first 5")), *years))
    caption = (
        _("Effect in a whole arm, central values")
        if findings.reach is None
        else _("Effect in a whole arm, at the values of the design")
    )
    return Table(caption, ("", *heads(findings, printer)), tuple(rows))


def heads(findings: Findings, printer: TrialPrinter) -> list[str]:
    """Return the names of the bounds as heads of columns."""
    return [opening(label(printer.words, bound_name(bound), BOUND_WORDS)) for bound in findings.bounds]


def design_note(findings: Findings, printer: TrialPrinter) -> list[Block]:
    """Return that a section keeps the values of the design, where a study replaces them elsewhere on the page."""
    if findings.reach is None:
        return []
    text = printer.words.gettext("The study changes nothing here: these numbers are at the values of the design.")
    return [say(text, "note")]


def _efs(findings: Findings, printer: TrialPrinter) -> Table:
    _ = printer.words.gettext
    arms = {"control": _("control"), "experimental": _("experimental")}
    rows = tuple(
        (
            Cell(f"{head}, {name}"),
            *(printer.share(f"trial.efs.{bound_name(bound)}.{arm}.{year}y") for year in EFS_YEARS),
        )
        for bound, head in zip(findings.bounds, heads(findings, printer), strict=True)
        for arm, name in arms.items()
    )
    return Table(_("EFS by year"), ("", *(_("year %d") % year for year in EFS_YEARS)), rows)


def _study(findings: Findings, printer: TrialPrinter) -> list[Block]:
    _ = printer.words.gettext
    assert findings.reach is not None
    if findings.reach.reason is not None:
        return [say(_("The study says nothing about the reachable effect: {reason}."), reason=findings.reach.reason)]
    rows = [
        (
            Cell(_("share f of first failures (Jeffreys)")),
            *(printer.spread(f"trial.reach.f.{bound}.jeffreys.overall", digits=2) for bound in findings.bounds),
        ),
        *(
            (
                Cell(f"{name}, {printer.words.gettext(cure_words)}"),
                *(printer.spread(f"trial.reach.{b}.{cure}.e_prior.{key}", digits=2) for b in findings.bounds),
            )
            for cure, cure_words in CURES.items()
            for key, name in (("hazard_ratio", _("average hazard ratio")),)
        ),
        *(
            (
                Cell(_("gain worthwhile, %s") % printer.words.gettext(cure_words)),
                *(printer.share(f"trial.reach.{b}.{cure}.e_prior.worthwhile") for b in findings.bounds),
            )
            for cure, cure_words in CURES.items()
        ),
    ]
    caption = _("What the study leaves open: median and 95 % interval")
    note = _("e is not identified by this or any other study: its prior decides much of this.")
    return [Table(caption, ("", *heads(findings, printer)), tuple(rows), note)]
