"""Kaplan-Meier curves by what was known at the origin, and the competing first failures."""

from collections.abc import Mapping
from dataclasses import dataclass
from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.populations import derive_population_times
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.report import labels
from residuum.report.figures import style
from residuum.report.rows.survival import estimate_survival
from residuum.report.wording import label
from residuum.stats.survival import KaplanMeier

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LONGEST_YEARS: Final = 10
MOST_STEPS: Final = 400


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes: its title and the curves on it by name (columns of `derive_times`)."""

    title: str
    endpoint: str
    populations: Mapping[str, pl.DataFrame]


def derive_panels(analysis: Analysis, words: NullTranslations) -> list[Panel]:
    """Return the four panels with the times of their populations."""
    _ = words.gettext
    times = derive_population_times(analysis)
    source, included = ({name: times[name]} for name in ("source", "included"))
    compared: dict[str, pl.DataFrame] = {
        name: times[name] for name in ("oligo", "more", "not_persistent") if name in times
    }
    return [
        Panel(_("Event-free survival of the included, from the scan after HDC"), "efs", included),
        Panel(_("Overall survival of the included, from the scan after HDC"), "os", included),
        Panel(_("Event-free survival of the source population, from diagnosis"), "efs", source),
        Panel(_("Event-free survival by uptake on the scan after HDC"), "efs", compared),
    ]


@style.styled
def draw_survival(analysis: Analysis, words: NullTranslations) -> "Figure":
    """Return the Kaplan-Meier curves with confidence bands and numbers at risk."""
    figure = style.new_figure(10.0, 7.8)
    few = analysis.study.rules["flag.few_at_risk"]
    for place, panel in enumerate(derive_panels(analysis, words)):
        column, row = place % 2, place // 2
        lines = max(1, len(panel.populations))
        bottom = 0.61 - 0.5 * row + 0.022 * (lines - 1)
        axes = figure.add_axes((0.1 + 0.5 * column, bottom, 0.38, 0.925 - 0.5 * row - bottom))
        axes.set_title(panel.title, fontsize=8.5, pad=19)
        _draw_panel(axes, panel, few, words)
    return figure


def describe_survival(analysis: Analysis, words: NullTranslations) -> style.Description:
    """Return the words of the survival curves."""
    _ = words.gettext
    few = analysis.study.rules["flag.few_at_risk"]
    caption = _(
        "Kaplan-Meier estimates with pointwise 95 %% log-log intervals and numbers at risk; ticks are censorings. "
        "Grey: fewer than %(few)d at risk. Groups are formed by what was known at the origin; oligo means at most "
        "%(sites)d sites on the scan after HDC. No cut-off is proposed and no treatment effect is shown."
    ) % {"few": few, "sites": analysis.study.settings.definitions.oligo_max_sites}
    parts = []
    for panel in derive_panels(analysis, words):
        for name, times in panel.populations.items():
            if times.is_empty():
                continue
            curve = estimate_survival(times, panel.endpoint)
            parts.append(
                _("%(title)s, %(group)s: n = %(n)d, 3-year estimate %(percent).0f %%.")
                % {
                    "title": panel.title,
                    "group": label(words, name, labels.GROUPS),
                    "n": times.height,
                    "percent": 100 * curve.value(3 * DAYS_PER_YEAR),
                }
            )
    return style.Description(_("Survival"), caption, " ".join(parts) or _("Nobody is at risk."))


def _draw_panel(axes: "Axes", panel: Panel, few: int, words: NullTranslations) -> None:
    known = {name: times for name, times in panel.populations.items() if times.height}
    if not known:
        style.say(axes, words.gettext("Nobody is at risk at the origin."))
        return
    longest = max(float(times[f"{panel.endpoint}_time"].max() or 0) for times in known.values()) / DAYS_PER_YEAR  # type: ignore[arg-type]  # days are whole numbers
    right = max(1, min(LONGEST_YEARS, int(np.ceil(longest))))
    axes.set(
        xlim=(0, right), ylim=(0, 1.02), yticks=np.linspace(0, 1, 5), xticks=range(0, right + 1, 1 if right < 8 else 2)
    )
    axes.set_yticklabels(["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel(words.gettext("years"), labelpad=1)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    for place, (name, times) in enumerate(known.items()):
        look = style.CURVES[place]
        _draw_curve(
            axes, estimate_survival(times, panel.endpoint), times, panel.endpoint, look, few, 0.15 / len(known) ** 0.5
        )
        text = f"{label(words, name, labels.GROUPS)} (n = {times.height})"
        axes.plot([], [], label=text, linewidth=1.8, **look)
    above: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.02, 0.985), "ncols": 3, "columnspacing": 0.9}
    axes.legend(fontsize=7, handlelength=2.2, handletextpad=0.5, **above)
    _print_at_risk(axes, known, panel.endpoint, right, few, words)


def _draw_curve(
    axes: "Axes",
    curve: KaplanMeier,
    times: pl.DataFrame,
    endpoint: str,
    look: Mapping[str, Any],
    few: int,
    shade: float,
) -> None:
    days, heights, low, high = _steps(curve)
    last = float(curve.observed_days[-1])
    # At risk means time >= t, so `few` patients are still there up to and on this day.
    enough = float(curve.observed_days[-few]) if curve.observed_days.size >= few else 0.0
    for start, end, colour in ((0.0, enough, look["color"]), (enough, last, style.FAINT)):
        inside = (days > start) & (days <= end)
        x = np.concatenate([[start], days[inside], [end]]) / DAYS_PER_YEAR
        y = _carry(heights, days, start, inside)
        axes.step(x, y, where="post", color=colour, linewidth=1.7, linestyle=look["linestyle"], zorder=3)
        lower, upper = (_carry(limit, days, start, inside) for limit in (low, high))
        axes.fill_between(x, lower, upper, step="post", color=colour, alpha=shade, linewidth=0)
    _draw_censorings(axes, curve, times, endpoint, look["color"])


def _steps(curve: KaplanMeier) -> tuple[np.ndarray, ...]:
    """Return days, survival and limits of the steps, thinned where there are more than a line can show."""
    low, high = curve.band()
    every = max(1, curve.time_days.size // MOST_STEPS)
    return tuple(values[::every] for values in (curve.time_days, curve.survival, low, high))


def _carry(heights: np.ndarray, days: np.ndarray, start: float, inside: np.ndarray) -> np.ndarray:
    """Return the heights from `start` on: the one carried to it, those inside, and the last once more."""
    earlier = int(np.searchsorted(days, start, side="right"))
    first = heights[earlier - 1] if earlier else 1.0
    body = np.concatenate([[first], heights[inside]])
    return np.append(body, body[-1])


def _draw_censorings(axes: "Axes", curve: KaplanMeier, times: pl.DataFrame, endpoint: str, colour: str) -> None:
    censored = times.filter(~pl.col(f"{endpoint}_event"))[f"{endpoint}_time"].unique().to_numpy()
    if censored.size > MOST_STEPS:
        return
    heights = [curve.value(day) for day in censored]
    axes.plot(censored / DAYS_PER_YEAR, heights, "|", color=colour, markersize=4.5, markeredgewidth=0.7, zorder=4)


def _print_at_risk(
    axes: "Axes", known: Mapping[str, pl.DataFrame], endpoint: str, right: int, few: int, words: NullTranslations
) -> None:
    height = axes.get_position().height * 7.8 * 72
    years = [int(year) for year in axes.get_xticks()]
    across = axes.get_xaxis_transform()
    small: dict[str, Any] = {"fontsize": 7, "va": "center", "transform": across, "clip_on": False}
    axes.text(0, -33 / height, words.gettext("At risk"), ha="center", color=style.QUIET, **small)
    for place, times in enumerate(known.values()):
        y = -(33 + 11 * (place + 1)) / height
        axes.plot(
            [-0.155 * right, -0.105 * right],
            [y, y],
            transform=across,
            clip_on=False,
            linewidth=1.8,
            **style.CURVES[place],
        )
        values = times[f"{endpoint}_time"]
        for year in years:
            left = int((values >= year * DAYS_PER_YEAR).sum())
            axes.text(year, y, str(left), ha="center", color=style.INK if left >= few else "#98a1ab", **small)
