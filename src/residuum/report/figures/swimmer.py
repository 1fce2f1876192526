"""The course of every included patient: phases of treatment, scans, events and last contact."""

from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.outcomes import OUTCOMES
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.report import labels
from residuum.report.figures import style
from residuum.report.wording import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PHASE_COLOURS: Final = {
    "induction": "#dfe5ea",
    "hdc": "#1b3a6b",
    "maintenance": "#a9d3c4",
    "radiotherapy": "#e8b23a",
    "mibg_therapy": "#8a63ad",
}
EVENT_MARKERS: Final = {
    "progression": ("v", "#c8592a"),
    "relapse": ("v", "#ffffff"),
    "second_malignancy": ("D", "#8f8f8f"),
    "death": ("X", "#1f2933"),
}
LONGEST_ID: Final = 14


def derive_swimmers(analysis: Analysis) -> pl.DataFrame:
    """Return the included in the order of drawing (outcome, then follow-up), with their line (row)."""
    order = pl.col("outcome").replace_strict({name: place for place, name in enumerate(OUTCOMES)}, return_dtype=pl.Int8)
    included = analysis.included.with_columns(order=order).sort("order", "last_contact_day", "patient")
    return (
        included.head(style.MOST_DRAWN)
        .select("patient", "outcome", "last_contact_day", "vital_status")
        .with_row_index("row")
    )


@style.styled
def draw_swimmer(analysis: Analysis, words: NullTranslations) -> "Figure":
    """Return the swimmer plot of the included."""
    rows = derive_swimmers(analysis)
    if rows.is_empty():
        return style.sentence_figure(words.gettext("Nobody is included: there is no course to draw."))
    height = 1.45 + 0.17 * rows.height
    figure = style.new_figure(10.0, height)
    axes = figure.add_axes((0.12, 0.5 / height, 0.86, 1 - 1.3 / height))
    _draw_follow_up(axes, rows)
    _draw_phases(axes, analysis, rows)
    _draw_scans(axes, analysis, rows)
    _draw_events(axes, analysis, rows)
    axes.set(ylim=(rows.height - 0.3, -0.7), xlabel=words.gettext("years from diagnosis"), yticks=range(rows.height))
    axes.set_yticklabels([shorten(patient) for patient in rows["patient"]], fontsize=6.8)
    axes.tick_params(axis="y", length=0, pad=9)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.margins(x=0.01)
    _draw_outcome_strip(axes, rows)
    _add_legends(figure, words, set(rows["outcome"]))
    return figure


def describe_swimmer(analysis: Analysis, words: NullTranslations) -> style.Description:
    """Return the words of the swimmer plot."""
    _ = words.gettext
    rows = derive_swimmers(analysis)
    caption = _(
        "One line per included patient, sorted by outcome, then by follow-up. A line ends at the last contact; an "
        "arrow means alive then. Filled circles are scans with skeletal uptake, open ones without; a cross is a scan "
        "that is not evaluable or unresolved."
    )
    total = analysis.included.height
    if total > rows.height:
        caption += " " + _("The first %(shown)d of %(total)d patients are drawn.") % {
            "shown": rows.height,
            "total": total,
        }
    counted = rows["outcome"].value_counts().sort("count", "outcome", descending=[True, False]).rows()
    parts = "; ".join(f"{label(words, name, labels.OUTCOMES)}: {count}" for name, count in counted)
    longest = (rows["last_contact_day"].max() or 0) / DAYS_PER_YEAR  # type: ignore[operator]  # a whole number of days
    alt = _("Courses of %(count)d patients over up to %(years).1f years.") % {"count": rows.height, "years": longest}
    return style.Description(_("Courses of the included"), caption, f"{alt} {parts}.")


def shorten(patient: str) -> str:
    """Return an identifier short enough for an axis."""
    return patient if len(patient) <= LONGEST_ID else patient[: LONGEST_ID - 1] + "…"


def _draw_follow_up(axes: "Axes", rows: pl.DataFrame) -> None:
    ends = rows["last_contact_day"] / DAYS_PER_YEAR
    axes.hlines(rows["row"], 0, ends, color=style.FAINT, linewidth=1.2, zorder=1)
    alive = rows.filter(vital_status="alive")
    axes.plot(alive["last_contact_day"] / DAYS_PER_YEAR, alive["row"], ">", color=style.QUIET, markersize=4, zorder=3)


def _draw_phases(axes: "Axes", analysis: Analysis, rows: pl.DataFrame) -> None:
    from matplotlib.collections import PolyCollection

    last = pl.min_horizontal(pl.coalesce("end_day", "start_day"), "last_contact_day")
    phases = analysis.study["treatments"].join(rows, on="patient", how="inner").with_columns(last=last)
    for phase, colour in PHASE_COLOURS.items():
        bars = phases.filter(phase=phase).select("row", "start_day", "last").rows()
        boxes = [
            _bar(row, start / DAYS_PER_YEAR, max(end / DAYS_PER_YEAR, start / DAYS_PER_YEAR + 0.025))
            for row, start, end in bars
        ]
        axes.add_collection(PolyCollection(boxes, facecolors=colour, edgecolors="none", zorder=2))


def _bar(row: int, start: float, end: float) -> list[tuple[float, float]]:
    return [(start, row - 0.34), (end, row - 0.34), (end, row + 0.34), (start, row + 0.34)]


def _draw_scans(axes: "Axes", analysis: Analysis, rows: pl.DataFrame) -> None:
    scored = analysis.totals.filter(mode="all").select("scan", "sites")
    scans = analysis.reads_used.join(rows.select("patient", "row"), on="patient", how="inner")
    scans = scans.join(scored, on="scan", how="left")
    kinds: tuple[tuple[pl.Expr, dict[str, Any]], ...] = (
        (pl.col("sites") > 0, {"marker": "o", "markerfacecolor": style.INK, "markeredgecolor": style.PAPER}),
        (pl.col("sites") == 0, {"marker": "o", "markerfacecolor": style.PAPER, "markeredgecolor": style.INK}),
        (pl.col("status") != "evaluable", {"marker": "x", "markeredgecolor": style.QUIET}),
    )
    for condition, look in kinds:
        some = scans.filter(condition)
        axes.plot(
            some["day"] / DAYS_PER_YEAR,
            some["row"],
            linestyle="",
            markersize=3.6,
            markeredgewidth=0.6,
            zorder=4,
            **look,
        )


def _draw_events(axes: "Axes", analysis: Analysis, rows: pl.DataFrame) -> None:
    events = analysis.study["events"].join(rows.select("patient", "row"), on="patient", how="inner")
    for kind, (marker, face) in EVENT_MARKERS.items():
        some = events.filter(kind=kind)
        look: dict[str, Any] = {
            "markerfacecolor": face,
            "markeredgecolor": style.INK,
            "markersize": 6,
            "markeredgewidth": 0.7,
        }
        axes.plot(
            some["day"] / DAYS_PER_YEAR, some["row"] - (0.0 if kind == "death" else 0.12), marker, zorder=5, **look
        )


def _draw_outcome_strip(axes: "Axes", rows: pl.DataFrame) -> None:
    from matplotlib.collections import PolyCollection

    # In axes coordinates across, in data coordinates down: a strip between the names and the lines.
    across = axes.get_yaxis_transform()
    boxes = [
        [(-0.010, row - 0.5), (-0.002, row - 0.5), (-0.002, row + 0.5), (-0.010, row + 0.5)] for row in rows["row"]
    ]
    colours = [style.OUTCOME_COLOURS[name] for name in rows["outcome"]]
    axes.add_collection(
        PolyCollection(boxes, facecolors=colours, edgecolors="none", transform=across, clip_on=False), autolim=False
    )


def _add_legends(figure: "Figure", words: NullTranslations, outcomes: set[str]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    strip = [
        Patch(facecolor=style.OUTCOME_COLOURS[name], label=label(words, name, labels.OUTCOMES))
        for name in OUTCOMES
        if name in outcomes
    ]
    phases = [Patch(facecolor=c, label=label(words, name, labels.PHASES)) for name, c in PHASE_COLOURS.items()]
    look: dict[str, Any] = {"linestyle": "", "markeredgecolor": style.INK, "markersize": 6}
    events = [
        Line2D([], [], marker=marker, markerfacecolor=face, label=label(words, name, labels.EVENTS), **look)
        for name, (marker, face) in EVENT_MARKERS.items()
    ]
    height = figure.get_figheight()
    for handles, y in ((strip, 0.02), (phases, 0.24), (events, 0.46)):
        legend = figure.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(0.1, 1 - y / height),
            ncols=5,
            handlelength=1.1,
            columnspacing=1.4,
            fontsize=7.5,
            borderpad=0.2,
        )
        figure.add_artist(legend)
