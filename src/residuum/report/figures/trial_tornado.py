"""What each open input does by itself: power and gain at both ends of its range, under both bounds of f."""

from dataclasses import dataclass
from gettext import NullTranslations
from typing import TYPE_CHECKING, Final

from residuum.records.design import Bound
from residuum.report.figures import style
from residuum.report.figures.trial_sign import sign
from residuum.report.trial_findings import BOUND_WORDS, Findings, bound_name
from residuum.report.trial_labels import input_label
from residuum.report.trial_sensitivity import Swing, central_value, swings
from residuum.report.trial_text import opening, points
from residuum.report.wording import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_INPUTS: Final = 6
LOW: Final = "#9bb7d4"
HIGH: Final = "#1b3a6b"


@dataclass(frozen=True, slots=True)
class _Measure:
    ending: str
    wanted: float


def applies(findings: Findings) -> bool:
    """Whether anything can be varied."""
    return bool(swings(findings, findings.bounds[0], ""))


@style.styled
def draw_trial_tornado(findings: Findings, words: NullTranslations) -> "Figure":
    """Return one picture for each bound: above, EFS gained; below, power."""
    columns = len(findings.bounds)
    count = max(len(swings(findings, bound, "")[:MOST_INPUTS]) for bound in findings.bounds)
    panel = 0.25 * count + 0.55
    height = 2 * panel + 1.45
    figure = style.new_figure(10.0 if columns > 1 else 6.6, height)
    criteria = findings.design.criteria
    measures = (_Measure(".gain", criteria.worthwhile_points), _Measure("", criteria.assurance))
    for row, measure in enumerate(measures):
        bottom = 1 - (0.42 + (row + 1) * panel + 0.55 * row) / height
        ends = _ends(findings, measure)
        for column, bound in enumerate(findings.bounds):
            width = 0.262 if columns > 1 else 0.56
            left = 0.225 + 0.5 * column if columns > 1 else 0.38
            axes = figure.add_axes((left, bottom, width, (panel - 0.2) / height))
            _draw_swings(axes, findings, bound, measure, words)
            axes.set_xlim(*ends)
    _explain(figure, words)
    return sign(figure, findings, words)


def _explain(figure: "Figure", words: NullTranslations) -> None:
    from matplotlib.patches import Patch

    ends = ((LOW, words.gettext("low end of its range")), (HIGH, words.gettext("high end")))
    handles = [Patch(color=colour, label=name) for colour, name in ends]
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.0, 1.0), ncols=2)


def describe_trial_tornado(findings: Findings, words: NullTranslations) -> style.Description:
    """Return the words of the sensitivity."""
    _ = words.gettext
    caption = _(
        "Each input by itself at the low (light) and the high (dark) end of its range, all others at their central "
        "values (line). Above: EFS gained at %(year)g years, in points, with the gain declared worthwhile (dashed). "
        "Below: power, with the assurance declared for a feasible trial (dashed); small differences of power are "
        "Monte-Carlo error. Inputs in the order of how far they move it."
    ) % {"year": findings.design.criteria.worthwhile_year}
    said = [_said(findings, bound, words) for bound in findings.bounds]
    return style.Description(_("What each input does by itself"), caption, " ".join(said))


def _said(findings: Findings, bound: Bound | None, words: NullTranslations) -> str:
    found = swings(findings, bound, ".gain")[:3]
    if not found:
        return words.gettext("No input has a range.")
    parts = [
        f"{input_label(words, one.path)} {points(one.low)} {words.gettext('to')} {points(one.high)}" for one in found
    ]
    return words.gettext("%(bound)s, points of EFS gained from the low to the high end: %(inputs)s.") % {
        "bound": opening(label(words, bound_name(bound), BOUND_WORDS)),
        "inputs": "; ".join(parts),
    }


def _ends(findings: Findings, measure: _Measure) -> tuple[float, float]:
    values = [100 * measure.wanted, 0.0]
    for bound in findings.bounds:
        values += [100 * end for one in swings(findings, bound, measure.ending) for end in (one.low, one.high)]
    low, high = min(values), max(values)
    return low - 0.06 * (high - low) * (low < 0), high + 0.08 * (high - low)


def _draw_swings(
    axes: "Axes", findings: Findings, bound: Bound | None, measure: _Measure, words: NullTranslations
) -> None:
    _ = words.gettext
    found = swings(findings, bound, measure.ending)[:MOST_INPUTS]
    middle = 100 * central_value(findings, bound, measure.ending)
    for place, one in enumerate(found):
        for end, colour in ((one.low, LOW), (one.high, HIGH)):
            axes.barh(place, 100 * end - middle, left=middle, height=0.62, color=colour)
    axes.axvline(middle, color=style.INK, linewidth=0.9)
    axes.axvline(100 * measure.wanted, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2)))
    axes.set_yticks(range(len(found)), [_named(one, words) for one in found], fontsize=7.4)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    what = _("EFS gained, points") if measure.ending else _("power, %")
    axes.set_title(f"{opening(label(words, bound_name(bound), BOUND_WORDS))}: {what}", fontsize=8.8)


def _named(one: Swing, words: NullTranslations) -> str:
    return style.wrap(input_label(words, one.path), 34)
