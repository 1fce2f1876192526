"""Competing first failures of the included: stacked cumulative incidences from the landmark."""

from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from residuum.cohort.analysis import Analysis
from residuum.cohort.populations import derive_population_times
from residuum.cohort.survival import CAUSES
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.report import labels
from residuum.report.figures import style
from residuum.report.rows.survival import estimate_incidence
from residuum.report.wording import label
from residuum.stats.competing_risks import CumulativeIncidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LONGEST_YEARS: Final = 10


def estimate(analysis: Analysis) -> CumulativeIncidence | None:
    """Return the cumulative incidences of the included, None where nobody is at risk."""
    times = derive_population_times(analysis)["included"]
    return None if times.is_empty() else estimate_incidence(times)


@style.styled
def draw_competing(analysis: Analysis, words: NullTranslations) -> "Figure":
    """Return the stacked cumulative incidences of the first failures."""
    curve = estimate(analysis)
    if curve is None:
        return style.sentence_figure(words.gettext("Nobody is at risk from the scan after HDC: no failure to draw."))
    figure = style.new_figure(8.6, 3.9)
    axes = figure.add_axes((0.085, 0.2, 0.63, 0.76))
    right = max(1, min(LONGEST_YEARS, int(np.ceil(curve.observed_days[-1] / DAYS_PER_YEAR))))
    axes.set(xlim=(0, right), ylim=(0, 1), yticks=np.linspace(0, 1, 5), xticks=range(right + 1))
    axes.set_yticklabels(["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel(words.gettext("years from the scan after HDC"))
    _stack(axes, curve, words)
    _mark_few(axes, curve, analysis.study.rules["flag.few_at_risk"], words)
    small: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "ha": "center", "fontsize": 7, "clip_on": False}
    for year in range(right + 1):
        axes.text(year, -0.225, str(curve.at_risk(year * DAYS_PER_YEAR)), **small)
    axes.text(
        -0.055, -0.225, words.gettext("At risk"), transform=axes.transAxes, ha="right", fontsize=7, color=style.QUIET
    )
    handles, names = axes.get_legend_handles_labels()
    figure.legend(
        handles[::-1], names[::-1], loc="center left", bbox_to_anchor=(0.73, 0.58), handleheight=1.2, labelspacing=0.7
    )
    return figure


def describe_competing(analysis: Analysis, words: NullTranslations) -> style.Description:
    """Return the words of the competing failures."""
    _ = words.gettext
    caption = _(
        "Cumulative incidence (Aalen-Johansen) of the first event of the included, from the scan after HDC, by the "
        "pattern of sites on the progression scan or by kind of event; the bands add up to the probability of any "
        "event."
    )
    curve = estimate(analysis)
    if curve is None:
        return style.Description(_("Competing first failures"), caption, _("Nobody is at risk."))
    listed = ", ".join(
        f"{label(words, str(cause), labels.PATTERNS)} {100 * value:.0f} %"
        for cause in CAUSES
        if (value := curve.value(cause, 3 * DAYS_PER_YEAR))
    )
    alt = _("At 3 years: %(incidences)s.") % {"incidences": listed or _("no event")}
    return style.Description(_("Competing first failures"), caption, alt)


def _stack(axes: "Axes", curve: CumulativeIncidence, words: NullTranslations) -> None:
    x = np.concatenate([[0.0], curve.time_days, [curve.observed_days[-1]]]) / DAYS_PER_YEAR
    floor = np.zeros_like(x)
    for cause, incidence in zip(CAUSES, curve.incidence.T, strict=True):
        if not incidence.any():
            continue
        top = floor + np.concatenate([[0.0], incidence, incidence[-1:]])
        name = label(words, cause, labels.PATTERNS)
        band = axes.fill_between(x, floor, top, step="post", facecolor=style.PATTERN_COLOURS[cause], label=name)
        band.set(hatch=style.PATTERN_HATCHES[cause], edgecolor=style.PAPER, linewidth=0.5)
        floor = top
    axes.fill_between(x, floor, 1.0, step="post", color=style.WASH, linewidth=0, label=words.gettext("no event"))


def _mark_few(axes: "Axes", curve: CumulativeIncidence, few: int, words: NullTranslations) -> None:
    start = curve.observed_days[-few] / DAYS_PER_YEAR if curve.observed_days.size >= few else 0.0
    if start >= axes.get_xlim()[1]:
        return
    axes.axvspan(start, axes.get_xlim()[1], color=style.PAPER, alpha=0.55, linewidth=0)
    axes.axvline(start, color=style.QUIET, linewidth=0.8, linestyle=(0, (3, 2)))
    text = words.gettext("fewer than %(few)d at risk") % {"few": few}
    left_of_line = start > 0.7 * axes.get_xlim()[1]
    axes.annotate(
        text,
        (start, 0.985),
        xytext=(-4 if left_of_line else 4, 0),
        textcoords="offset points",
        ha="right" if left_of_line else "left",
        va="top",
        fontsize=7,
        color=style.QUIET,
    )
