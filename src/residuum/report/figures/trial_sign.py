"""The sentence that stands below every picture of a plan, also where a picture travels alone."""

from gettext import NullTranslations
from typing import TYPE_CHECKING, Final

from residuum import PLANNING_FOOTER
from residuum.report.figures import style
from residuum.report.trial_findings import Findings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INCHES_UP: Final = 0.05


def sign(figure: "Figure", findings: Findings, words: NullTranslations) -> "Figure":
    """Return the figure with the sentence at its lower edge, and that a study is make-believe where one is."""
    made_up = words.gettext("A make-believe study: its f is invented.")
    text = f"{made_up} {PLANNING_FOOTER}" if findings.synthetic else PLANNING_FOOTER
    figure.text(0.01, INCHES_UP / figure.get_size_inches()[1], text, fontsize=6.2, color=style.QUIET)
    return figure
