"""What became of each skeletal site of the included, from one time point to the next."""

from gettext import NullTranslations
from typing import TYPE_CHECKING, Final

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.timepoints import USED_TIMEPOINTS
from residuum.records.vocabulary import AVID_STATES
from residuum.report import labels
from residuum.report.figures import style
from residuum.report.wording import N_, label

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

STRATA: Final = {
    "persistent": N_("persistent"),
    "recurred": N_("recurred"),
    "new": N_("first seen"),
    "cleared": N_("cleared"),
    "not_seen": N_("not seen yet"),
    "no_progression": N_("no progression"),
    "no_scan": N_("no scan used"),
}
COLOURS: Final = style.STATE_COLOURS | {"not_seen": "#f6f7f8", "no_progression": "#eceff2", "no_scan": "#eceff2"}
HATCHES: Final = {"recurred": "//", "no_scan": "..", "no_progression": ""}
STRATUM_WIDTH: Final = 0.13
GAP: Final = 0.025


def derive_fates(analysis: Analysis) -> pl.DataFrame:
    """Return every site of the included with its stratum: patient, site, and one column per time point."""
    included = analysis.included.select("patient", pl.col("progression").fill_null(value=False))
    sites = analysis.site_states.select("patient", "site").unique().join(included, on="patient", how="inner")
    for timepoint in USED_TIMEPOINTS:
        used = analysis.timepoint_scans.filter(timepoint=timepoint).select("patient", "scan")
        states = analysis.site_states.select("scan", "site", "state")
        sites = sites.join(used, on="patient", how="left").join(states, on=["scan", "site"], how="left")
        without = pl.lit("no_scan")
        if timepoint == "progression":
            without = pl.when("progression").then(without).otherwise(pl.lit("no_progression"))
        stratum = pl.when(pl.col("scan").is_null()).then(without).otherwise(pl.col("state").fill_null("not_seen"))
        sites = sites.with_columns(stratum.alias(timepoint)).drop("scan", "state")
    return sites.sort("patient", "site")


@style.styled
def draw_fates(analysis: Analysis, words: NullTranslations) -> "Figure":
    """Return the alluvial diagram of the fates of sites."""
    fates = derive_fates(analysis)
    if fates.is_empty():
        return style.sentence_figure(words.gettext("The included have no skeletal site: there are no fates to draw."))
    figure = style.new_figure(10.0, 5.4)
    axes = figure.add_axes((0.01, 0.02, 0.98, 0.96))
    axes.set(xlim=(-0.42, len(USED_TIMEPOINTS) - 0.45), ylim=(1.0 + GAP * len(STRATA), -0.08))
    axes.set_axis_off()
    spans = [_stack(fates, timepoint) for timepoint in USED_TIMEPOINTS]
    for place in range(len(USED_TIMEPOINTS) - 1):
        _draw_flows(axes, fates, place, spans)
    for place, timepoint in enumerate(USED_TIMEPOINTS):
        _draw_strata(axes, place, spans[place], fates, words)
        axes.text(
            place, -0.035, label(words, timepoint, labels.TIMEPOINTS), ha="center", fontweight="bold", fontsize=9.5
        )
    return figure


def describe_fates(analysis: Analysis, words: NullTranslations) -> style.Description:
    """Return the words of the alluvial diagram."""
    _ = words.gettext
    fates = derive_fates(analysis)
    parts = []
    for timepoint in USED_TIMEPOINTS:
        counts = _counts(fates, timepoint)
        listed = ", ".join(f"{_(STRATA[name])} {count}" for name, count in counts.items())
        parts.append(f"{label(words, timepoint, labels.TIMEPOINTS)}: {listed or '–'}")
    caption = _(
        "The %(sites)d skeletal sites ever seen in the %(patients)d included patients, followed over the scans used "
        "for the four time points. Persistent: avid now and on every evaluable scan since first seen; recurred: avid "
        "again after a scan without it; cleared: seen before, not avid now. Cleared describes the scan, not its cause."
    ) % {"sites": fates.height, "patients": analysis.included.height}
    return style.Description(_("Fates of the sites"), caption, ". ".join(parts) + ".")


def _counts(fates: pl.DataFrame, timepoint: str) -> dict[str, int]:
    counted = dict(fates[timepoint].value_counts().rows())
    return {name: counted[name] for name in STRATA if name in counted}


def _stack(fates: pl.DataFrame, timepoint: str) -> dict[str, tuple[float, float]]:
    """Return top and bottom of each stratum, the whole being 1 plus the gaps."""
    spans, top = {}, 0.0
    for name, count in _counts(fates, timepoint).items():
        spans[name] = (top, top + count / fates.height)
        top = spans[name][1] + GAP
    return spans


def _draw_strata(
    axes: "Axes", place: int, spans: dict[str, tuple[float, float]], fates: pl.DataFrame, words: NullTranslations
) -> None:
    from matplotlib.patches import Rectangle

    for name, (top, bottom) in spans.items():
        half = STRATUM_WIDTH / 2
        box = Rectangle((place - half, top), 2 * half, bottom - top, facecolor=COLOURS[name], edgecolor=style.QUIET)
        box.set(linewidth=0.6, hatch=HATCHES.get(name), zorder=3)
        if name in ("no_scan", "not_seen"):
            box.set_edgecolor(style.FAINT)
        axes.add_patch(box)
        count = round((bottom - top) * fates.height)
        side, align = (-1, "right") if place == 0 else (1, "left")
        text = f"{words.gettext(STRATA[name])} {count}"
        axes.text(
            place + side * (half + 0.02),
            (top + bottom) / 2,
            text,
            ha=align,
            va="center",
            fontsize=7.8,
            zorder=4,
            bbox={"boxstyle": "round,pad=0.15", "fc": style.PAPER, "ec": "none", "alpha": 0.8},
        )


def _draw_flows(axes: "Axes", fates: pl.DataFrame, place: int, spans: list[dict[str, tuple[float, float]]]) -> None:
    """Draw the bands from one time point to the next, coloured by where they arrive."""
    from matplotlib.collections import PolyCollection

    left, right = USED_TIMEPOINTS[place], USED_TIMEPOINTS[place + 1]
    counted = {(a, b): count for a, b, count in fates.group_by(left, right).len().rows()}
    start = {name: span[0] for name, span in spans[place].items()}
    end = {name: span[0] for name, span in spans[place + 1].items()}
    for source in spans[place]:
        for target in spans[place + 1]:
            size = counted.get((source, target), 0) / fates.height
            if not size:
                continue
            band = _band(place, (start[source], end[target]), size)
            start[source] += size
            end[target] += size
            avid = target in AVID_STATES
            axes.add_collection(
                PolyCollection(
                    [band], facecolors=COLOURS[target], alpha=0.6 if avid else 0.85, edgecolors="none", zorder=1 + avid
                )
            )


def _band(place: int, tops: tuple[float, float], size: float) -> "NDArray[np.float64]":
    import numpy as np

    t = np.linspace(0, 1, 24)
    x = place + STRATUM_WIDTH / 2 + t * (1 - STRATUM_WIDTH)
    y = tops[0] + (tops[1] - tops[0]) * t**2 * (3 - 2 * t)
    return np.concatenate([np.stack([x, y], axis=1), np.stack([x, y + size], axis=1)[::-1]])
