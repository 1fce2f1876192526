"""Who is left after each eligibility step, who is lost and why, and what became of the included."""

from dataclasses import dataclass
from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, Final

from residuum.cohort.analysis import Analysis
from residuum.cohort.outcomes import OUTCOMES
from residuum.report import labels
from residuum.report.figures import style
from residuum.report.wording import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH: Final = 10.0
LINE: Final = 0.17
BOX: Final = 0.52
COLUMN: Final = 3.4
TOP_COLOUR: Final = "#e6edf5"


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the diagram: its middle and size in inches, its bold first line and the lines below."""

    x: float
    y: float
    width: float
    height: float
    head: str
    lines: tuple[str, ...]
    face: str


@style.styled
def draw_flow(analysis: Analysis, words: NullTranslations) -> "Figure":
    """Return the flow diagram of eligibility and outcome."""
    losses = count_losses(analysis)
    gaps = [max(0.4, _loss_height(reasons) + 0.16) if reasons else 0.4 for reasons in losses.values()]
    total = 0.1 + BOX * (len(gaps) + 1) + sum(gaps) + 2.25
    figure = style.new_figure(WIDTH, total)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(0, total))
    axes.set_axis_off()
    y = _draw_steps(axes, analysis, words, losses, gaps, total)
    _draw_outcomes(axes, words, count_outcomes(analysis), y)
    return figure


def describe_flow(analysis: Analysis, words: NullTranslations) -> style.Description:
    """Return the words of the flow diagram."""
    _ = words.gettext
    left = count_left(analysis)
    counts = "; ".join(f"{label(words, step, labels.STEPS)}: {count}" for step, count in left.items())
    outcomes = count_outcomes(analysis)
    parts = "; ".join(
        f"{label(words, name, labels.OUTCOMES)}: {outcomes[name]}" for name in labels.OUTCOMES if outcomes.get(name)
    )
    caption = _("Eligibility: each step keeps the patients that passed all steps before it; every loss has one reason.")
    return style.Description(_("Flow of patients"), caption, f"{counts}. {parts}.")


def count_left(analysis: Analysis) -> dict[str, int]:
    """Return the patients left after each step."""
    return {step: int(analysis.patients[step].sum()) for step in analysis.study.settings.population.steps}


def count_losses(analysis: Analysis) -> dict[str, list[tuple[str, int]]]:
    """Return for each step the reasons of loss with their counts, largest first."""
    counted = (
        analysis.patients.group_by("lost_at", "lost_because")
        .len()
        .sort("len", "lost_because", descending=[True, False])
    )
    return {
        step: [(reason, count) for _, reason, count in counted.filter(lost_at=step).iter_rows()]
        for step in analysis.study.settings.population.steps
    }


def count_outcomes(analysis: Analysis) -> dict[str, int]:
    """Return the included by outcome; `other_persistent` had uptake at the end of treatment."""
    included = analysis.included
    counts = {name: included.filter(outcome=name).height for name in OUTCOMES}
    persistent = included.filter("persistent_end_of_treatment")
    other_persistent = persistent.filter(outcome="other").height
    return counts | {
        "persistent_end_of_treatment": persistent.height,
        "other": counts["other"] - other_persistent,
        "other_persistent": other_persistent,
    }


def _loss_height(reasons: list[tuple[str, int]]) -> float:
    return 0.26 + LINE * len(reasons)


_AT_END: Final = (
    "complete_response_end_of_treatment",
    "persistent_end_of_treatment",
    "progression_during_maintenance",
    "other",
)


def _draw_steps(
    axes: "Axes",
    analysis: Analysis,
    words: NullTranslations,
    losses: dict[str, list[tuple[str, int]]],
    gaps: list[float],
    total: float,
) -> float:
    """Draw the column of steps with the losses to its right; return the middle of the last box."""
    y = total - 0.1 - BOX / 2
    head = words.gettext("Patients in the study folder")
    _draw_box(axes, Box(COLUMN, y, 3.9, BOX, head, (f"n = {analysis.patients.height}",), style.WASH))
    for (step, left), reasons, gap in zip(count_left(analysis).items(), losses.values(), gaps, strict=True):
        bottom, y = y - BOX / 2, y - BOX - gap
        _arrow(axes, (COLUMN, bottom), (COLUMN, y + BOX / 2))
        if reasons:
            _draw_losses(axes, words, reasons, bottom - gap / 2)
        _draw_box(axes, Box(COLUMN, y, 3.9, BOX, label(words, step, labels.STEPS), (f"n = {left}",), TOP_COLOUR))
    return y


def _draw_losses(axes: "Axes", words: NullTranslations, reasons: list[tuple[str, int]], middle: float) -> None:
    _arrow(axes, (COLUMN, middle), (6.0, middle))
    lost = sum(count for _, count in reasons)
    head = words.ngettext("%(count)d lost", "%(count)d lost", lost) % {"count": lost}
    lines = tuple(f"{count}  {label(words, reason, labels.LOSSES)}" for reason, count in reasons)
    _draw_box(axes, Box(7.9, middle, 3.8, _loss_height(reasons), head, lines, style.PAPER), align="left")


def _draw_outcomes(axes: "Axes", words: NullTranslations, counts: dict[str, int], y: float) -> None:
    first = {name: counts[name] for name in _AT_END if name != "other" or counts["other"]}
    second = {
        "persistent_response": counts["persistent_response"],
        "progression_after_end_of_treatment": counts["progression_after_end_of_treatment"],
    }
    if counts["other_persistent"]:
        second["other"] = counts["other_persistent"]
    places = _spread(len(first), 1.25, 8.75)
    _branch(axes, words, first, (COLUMN, y - BOX / 2), places, y - 1.1)
    parent = places[list(first).index("persistent_end_of_treatment")]
    half = 1.2 * (len(second) - 1)
    centre = min(max(parent, 1.2 + half), WIDTH - 1.2 - half)
    _branch(axes, words, second, (parent, y - 1.39), _spread(len(second), centre - half, centre + half), y - 2.15)


def _spread(count: int, low: float, high: float) -> list[float]:
    return [low + (high - low) * place / max(1, count - 1) for place in range(count)]


def _branch(
    axes: "Axes",
    words: NullTranslations,
    counts: dict[str, int],
    start: tuple[float, float],
    places: list[float],
    y: float,
) -> None:
    turn = y + 0.42
    axes.plot([start[0], start[0]], [start[1], turn], color=style.QUIET, linewidth=0.9)
    axes.plot([min(*places, start[0]), max(*places, start[0])], [turn, turn], color=style.QUIET, linewidth=0.9)
    for x, (name, count) in zip(places, counts.items(), strict=True):
        _arrow(axes, (x, turn), (x, y + 0.29))
        face = style.OUTCOME_COLOURS.get(name, TOP_COLOUR)
        head = style.wrap(label(words, name, labels.OUTCOMES), 22)
        _draw_box(axes, Box(x, y, 2.2, 0.58, head, (f"n = {count}",), face))


def _arrow(axes: "Axes", start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "",
        xy=end,
        xytext=start,
        arrowprops={"arrowstyle": "-|>", "color": style.QUIET, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0},
    )


def _draw_box(axes: "Axes", box: Box, align: str = "center") -> None:
    from matplotlib.patches import FancyBboxPatch

    corner = (box.x - box.width / 2, box.y - box.height / 2)
    axes.add_patch(
        FancyBboxPatch(
            corner,
            box.width,
            box.height,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=box.face,
            edgecolor=style.QUIET,
            linewidth=0.8,
        )
    )
    ink = style.ink_on(box.face)
    head_lines = box.head.count("\n") + 1
    lines = head_lines + len(box.lines)
    top = box.y + LINE * (lines - 1) / 2
    x = box.x if align == "center" else corner[0] + 0.12
    text: dict[str, Any] = {"ha": align, "color": ink, "va": "center", "fontsize": 8.5}
    axes.text(x, top - LINE * (head_lines - 1) / 2, box.head, fontweight="bold", linespacing=1.15, **text)
    for place, line in enumerate(box.lines):
        axes.text(x, top - LINE * (head_lines + place), line, **text)
