"""The bounds of Z at every look, and where Z lies then, under both bounds of f."""

from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from residuum.records.design import Bound
from residuum.report.figures import style
from residuum.report.figures.trial_sign import sign
from residuum.report.rows.trial_power import prefix_of
from residuum.report.trial_findings import BOUND_WORDS, Findings, bound_name
from residuum.report.trial_text import opening, share
from residuum.report.wording import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EFFICACY: Final[Any] = {"color": "#1b3a6b", "marker": "^", "linestyle": "-", "linewidth": 1.3, "markersize": 5}
FUTILITY: Final[Any] = {
    "color": "#c8592a",
    "marker": "v",
    "linestyle": (0, (5, 1.5)),
    "linewidth": 1.3,
    "markersize": 5,
}
FLOOR: Final = -3.0
MOST_TICKS: Final = 8


@style.styled
def draw_trial_bounds(findings: Findings, words: NullTranslations) -> "Figure":
    """Return one picture for each bound of f."""
    both = len(findings.bounds) > 1
    figure = style.new_figure(8.6 if both else 5.6, 3.5)
    ends = _ends(findings)
    for place, bound in enumerate(findings.bounds):
        axes = figure.add_axes(((0.075 if both else 0.11) + 0.475 * place, 0.16, 0.42 if both else 0.84, 0.73))
        _draw_looks(axes, findings, bound, words)
        axes.set_ylim(*ends)
        axes.tick_params(labelleft=place == 0)
        if place == 0:
            axes.set_ylabel(words.gettext("Z, above 0 where irradiation is better") if both else words.gettext("Z"))
            axes.legend(loc="lower left", fontsize=7.4)
    return sign(figure, findings, words)


def describe_trial_bounds(findings: Findings, words: NullTranslations) -> style.Description:
    """Return the words of the bounds."""
    _ = words.gettext
    caption = _(
        "Triangles: the trial stops for efficacy at or above the upper bound, and for futility at or below the lower "
        "one where there is one. Bars: median of Z and the middle 90 % of the simulated trials that make the look. A "
        "last look forced for want of time, at fewer events, has the bound of the error that is left."
    )
    said = [_said(findings, bound, words) for bound in findings.bounds]
    return style.Description(_("Looks, bounds, and where Z will lie"), caption, " ".join(said))


def _said(findings: Findings, bound: Bound | None, words: NullTranslations) -> str:
    _ = words.gettext
    found = findings.simulated[bound]
    parts = []
    for k, efficacy in enumerate(found.looks.efficacy.tolist()):
        row = findings.numbers.get(f"{prefix_of(bound)}.power.look_{k + 1}")
        parts.append(
            _("look %(look)d: bound %(bound).2f, median Z %(z).2f, stopped for efficacy by then %(power)s")
            % {
                "look": k + 1,
                "bound": efficacy,
                "z": found.spread.z[1, k],
                "power": "–" if row is None or row.value is None else share(row.value),
            }
        )
    return f"{opening(label(words, bound_name(bound), BOUND_WORDS))}: {'; '.join(parts)}."


def _ends(findings: Findings) -> tuple[float, float]:
    found = [np.concatenate([one.spread.z.ravel(), one.looks.efficacy]) for one in findings.simulated.values()]
    values = np.concatenate(found)
    values = values[np.isfinite(values)]
    return min(float(values.min()) - 0.4, FLOOR), float(values.max()) + 0.4


def _draw_looks(axes: "Axes", findings: Findings, bound: Bound | None, words: NullTranslations) -> None:
    _ = words.gettext
    found = findings.simulated[bound]
    events = found.looks.information
    low, median, high = found.spread.z
    axes.axhline(0, color=style.QUIET, linewidth=0.8)
    axes.errorbar(
        events,
        median,
        yerr=(median - low, high - median),
        fmt="o",
        color=style.INK,
        ecolor=style.QUIET,
        elinewidth=2.2,
        markersize=4.5,
        label=_("Z: median, middle 90 %"),
    )
    axes.plot(events, found.looks.efficacy, label=_("efficacy bound"), **EFFICACY)
    futile = np.isfinite(found.looks.futility)
    if futile.any():
        axes.plot(events[futile], found.looks.futility[futile], label=_("futility bound, not binding"), **FUTILITY)
    for x, y in zip(events, found.looks.efficacy, strict=True):
        axes.annotate(f"{y:.2f}", (x, y), xytext=(5, 3), textcoords="offset points", ha="left", fontsize=7.4)
    axes.set_xlim(0, 1.14 * events[-1])
    if events.size <= MOST_TICKS:
        axes.set_xticks(events, [f"{one:.0f}" for one in events])
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel(_("events at the look"))
    axes.set_title(opening(label(words, bound_name(bound), BOUND_WORDS)))
