"""What stands above a trial report: warnings, and what it was made from."""

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from residuum.report.document import Cell, Paragraph, Table, say
from residuum.report.trial_findings import Findings
from residuum.report.trial_grid import POWER
from residuum.report.trial_sensitivity import PREFIX, varied


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
        **_trials(findings, words),
        _("Joint draws of the ranges"): f"{about['draws']:,}",
        _("Seed"): str(about["seed"]),
        _("Program"): f"Residuum {about['residuum']}",
    }
    rows = tuple((Cell(name), Cell(value)) for name, value in facts.items())
    return Table(_("What this report was made from"), (), rows)


def _trials(findings: Findings, words: NullTranslations) -> dict[str, str]:
    """Return how many trials the search and the sensitivity simulated, as their rows say, where there is one."""
    _ = words.gettext
    numbers = findings.numbers
    simulated = {
        _("Trials in each cell of the search"): [row.n for row in numbers.named(POWER) if row.name == POWER],
        _("Trials at each end of a range"): [
            row.n for path in varied(findings) for row in numbers.named(f"{PREFIX}{path}.low")
        ],
    }
    found = {name: sorted({n for n in counts if n is not None}) for name, counts in simulated.items()}
    return {name: ", ".join(f"{n:,}" for n in counts) for name, counts in found.items() if counts}
