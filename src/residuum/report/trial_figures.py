"""The figures of a trial report, drawn, described and written as SVG and PNG."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

from residuum.report.figure_set import FOLDER, RenderedFigure, render_figure
from residuum.report.trial_findings import Findings
from residuum.report.wording import translator

FIGURES: Final = (
    "trial_effect",
    "trial_reach",
    "trial_needed",
    "trial_accrual",
    "trial_bounds",
    "trial_tornado",
    "trial_frontier",
)
"""Every figure in the order of the report; each is a file of that name in `figures`."""


def render_trial_figures(
    findings: Findings,
    folder: Path,
    language: str = "en",
    progress: Callable[[str, float], None] = lambda _name, _share: None,
) -> dict[str, RenderedFigure]:
    """Draw every figure that applies, write its SVG and PNG below ``folder/figures`` and return them by name.

    Files of figures that do not apply, left there by an earlier report, are removed.

    Parameters
    ----------
    findings : Findings
        What is drawn.
    folder : Path
        Output folder; made where missing.
    language : str
        Language of all words in the figures.
    progress : callable
        Called with the name of each figure before it is drawn, and the share of figures done.
    """
    words = translator(language)
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    rendered = {}
    for place, name in enumerate(FIGURES):
        source = findings.reach if name == "trial_reach" else findings
        if source is None or not _applies(name, findings):
            _remove(target, name)
            continue
        progress(f"drawing {name}", place / len(FIGURES))
        rendered[name] = render_figure(name, source, words, target)
    return rendered


def _remove(target: Path, name: str) -> None:
    for ending in (".svg", ".png"):
        path = target / f"{name}{ending}"
        if path.is_file() or path.is_symlink():
            path.unlink()


def _applies(name: str, findings: Findings) -> bool:
    applies = getattr(import_module(f"residuum.report.figures.{name}"), "applies", None)
    return applies is None or bool(applies(findings))
