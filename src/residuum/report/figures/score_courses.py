"""SIOPEN scores over the four time points, patient by patient, with the medians of each group."""

from gettext import NullTranslations
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.timepoints import USED_TIMEPOINTS
from residuum.report import labels
from residuum.report.figures import style
from residuum.report.wording import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

GROUPS: Final = ("persistent_response", "complete_response", "progression")
COLOURS: Final = {
    "persistent_response": "#2f7fb0",
    "complete_response": "#3d9481",
    "progression": style.OUTCOME_COLOURS["progression_after_end_of_treatment"],
}
MARKERS: Final = {"persistent_response": "o", "complete_response": "s", "progression": "^"}
TICKS: Final = (0, 1, 2, 4, 8, 16, 32, 48, 72)


def derive_score_courses(analysis: Analysis) -> pl.DataFrame:
    """Return the scores used, one row per group, patient and time point (group, patient, place, timepoint, siopen)."""
    scored = analysis.totals.filter(mode="all").select("scan", "siopen")
    used = analysis.timepoint_scans.join(scored, on="scan", how="inner").filter(pl.col("siopen").is_not_null())
    places = {timepoint: place for place, timepoint in enumerate(USED_TIMEPOINTS)}
    used = used.with_columns(place=pl.col("timepoint").replace_strict(places, return_dtype=pl.Int8))
    parts = [
        used.join(analysis.included.filter(group).select("patient"), on="patient", how="semi").select(
            "patient", "place", "timepoint", "siopen", group=pl.lit(group)
        )
        for group in GROUPS
    ]
    return pl.concat(parts).sort("group", "patient", "place")


@style.styled
def draw_score_courses(analysis: Analysis, words: NullTranslations) -> "Figure":
    """Return one panel per group with its patients' scores and medians."""
    courses = derive_score_courses(analysis)
    if courses.is_empty():
        return style.sentence_figure(words.gettext("No included patient of these groups has a score: nothing to draw."))
    figure = style.new_figure(10.0, 4.2)
    for place, group in enumerate(GROUPS):
        axes = figure.add_axes((0.06 + 0.315 * place, 0.17, 0.29, 0.7))
        axes.set_yscale("function", functions=(_root, np.square))
        axes.set(xlim=(-0.35, 3.45), ylim=(0, 72), yticks=TICKS, xticks=range(4))
        axes.set_xticklabels([style.wrap(label(words, t, labels.TIMEPOINTS), 10) for t in USED_TIMEPOINTS])
        axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
        axes.set_axisbelow(True)
        axes.set_title(label(words, group, labels.GROUPS))
        if place:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel(words.gettext("SIOPEN score (square-root scale)"))
        _draw_group(axes, courses.filter(group=group), group, words)
    return figure


def describe_score_courses(analysis: Analysis, words: NullTranslations) -> style.Description:
    """Return the words of the score courses."""
    _ = words.gettext
    courses = derive_score_courses(analysis)
    medians = _medians(courses)
    parts = []
    for group in GROUPS:
        listed = ", ".join(
            f"{label(words, row['timepoint'], labels.TIMEPOINTS)} {row['median']:g} (n {row['n']})"
            for row in medians.filter(group=group).rows(named=True)
        )
        parts.append(f"{label(words, group, labels.GROUPS)}: {listed or '–'}")
    caption = _(
        "Each thin line is one patient, on the scans used for the four time points; the thick line joins the medians, "
        "which are printed. The groups are named by what happened later: the picture describes them and predicts "
        "nothing."
    )
    if courses.group_by("group").agg(pl.col("patient").n_unique() > style.MOST_DRAWN)["patient"].any():
        caption += " " + _("Of larger groups the first %(count)d patients are drawn; medians are of all.") % {
            "count": style.MOST_DRAWN
        }
    return style.Description(_("SIOPEN scores over time"), caption, _("Median scores.") + " " + ". ".join(parts) + ".")


def _medians(courses: pl.DataFrame) -> pl.DataFrame:
    grouped = courses.group_by("group", "place", "timepoint").agg(median=pl.col("siopen").median(), n=pl.len())
    return grouped.sort("group", "place")


def _draw_group(axes: "Axes", courses: pl.DataFrame, group: str, words: NullTranslations) -> None:
    from matplotlib.collections import LineCollection

    if courses.is_empty():
        axes.text(0.5, 0.5, words.gettext("nobody"), transform=axes.transAxes, ha="center", color=style.QUIET)
        return
    colour, marker = COLOURS[group], MARKERS[group]
    drawn = courses["patient"].unique(maintain_order=True).head(style.MOST_DRAWN)
    lines = courses.filter(pl.col("patient").is_in(drawn.implode()))
    paths = [part.select("place", "siopen").to_numpy() for part in lines.partition_by("patient")]
    axes.add_collection(LineCollection(paths, colors=colour, linewidths=0.8, alpha=0.4, clip_on=False))
    axes.plot(lines["place"], lines["siopen"], marker, color=colour, markersize=3, alpha=0.45, clip_on=False)
    medians = _medians(courses)
    axes.plot(
        medians["place"],
        medians["median"],
        marker=marker,
        color=colour,
        linewidth=2.4,
        markersize=7,
        markeredgecolor=style.PAPER,
        clip_on=False,
        zorder=5,
    )
    for row in medians.rows(named=True):
        _print_median(axes, row["place"], row["median"], row["n"])


def _root(score: "NDArray[np.float64]") -> "NDArray[np.float64]":
    return np.sqrt(np.maximum(score, 0))


def _print_median(axes: "Axes", place: int, median: float, n: int) -> None:
    axes.annotate(
        f"{median:g}",
        (place, median),
        xytext=(7, 4),
        textcoords="offset points",
        fontsize=9,
        fontweight="bold",
        zorder=6,
        bbox={"boxstyle": "round,pad=0.1", "fc": style.PAPER, "ec": "none", "alpha": 0.8},
    )
    axes.text(
        place,
        0.985,
        f"n = {n}",
        transform=axes.get_xaxis_transform(),
        ha="center",
        va="top",
        fontsize=7,
        color=style.QUIET,
    )
