"""What stands above a trial report: warnings, and what it was made from."""

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from residuum.report.document import Cell, Paragraph, Table, say
from residuum.report.trial_findings import Findings


def banners(findings: Findings, words: NullTranslations) -> list[Paragraph]:
    """Return the warnings that stand above everything else."""
    _ = words.gettext
    found = [
        say(
            _(
                "PLANNING. Nothing here is about one child. Every number depends on the assumptions below, of which "
                "several cannot be checked with any data."
            ),
            "banner",
        )
    ]
    if findings.synthetic:
        text = _(
            "SYNTHETIC. The study behind the posterior of f is make-believe: its f is invented, consistent with "
            "published figures by construction, and is no evidence."
        )
        found.insert(0, say(text, "banner"))
    return found


def identity(findings: Findings, about: Mapping[str, Any], words: NullTranslations) -> Table:
    """Return what identifies this output: design, study, seed, trials, version."""
    _ = words.gettext
    study = about.get("study")
    facts = {
        _("Design"): findings.design.id,
        _("Design file (SHA-256)"): str(about["design"]["sha256"]),
        _("Study"): _("none") if study is None else str(study["title"] or "–"),
        **({} if study is None else {_("Study folder (SHA-256)"): str(study["sha256"])}),
        _("Simulated trials for each bound, with effect and again without"): f"{about['replicates']:,}",
        _("Joint draws of the ranges"): f"{about['draws']:,}",
        _("Seed"): str(about["seed"]),
        _("Program"): f"Residuum {about['residuum']}",
    }
    rows = tuple((Cell(name), Cell(value)) for name, value in facts.items())
    return Table(_("What this report was made from"), (), rows)
