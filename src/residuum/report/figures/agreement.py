"""Two readers side by side: total scores against each other, and their differences."""

from dataclasses import dataclass
from gettext import NullTranslations
from typing import TYPE_CHECKING, Final

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.report.figures import style
from residuum.report.rows.agreement import derive_total_pairs
from residuum.stats.agreement import BlandAltman, bland_altman

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOUR: Final = "#1b3a6b"
SMALLEST: Final = 14.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """SIOPEN totals of two readers, rows (first, second), none missing, and the readers' names."""

    readers: tuple[str, ...]
    totals: pl.DataFrame


def derive_pairs(analysis: Analysis) -> Pairs:
    """Return the totals of the first two readers on all scans with two locked evaluable reads."""
    totals = derive_total_pairs(analysis).select(first="siopen", second="siopen_2").drop_nulls()
    return Pairs(analysis.study.settings.reading.readers[:2], totals)


@style.styled
def draw_agreement(pairs: Pairs, words: NullTranslations) -> "Figure":
    """Return the two readers' totals against each other, and their differences against their means."""
    if pairs.totals.is_empty():
        return style.sentence_figure(
            words.gettext("No scan has two locked evaluable reads by the first two readers: agreement cannot be drawn.")
        )
    figure = style.new_figure(10.0, 4.4)
    identity = figure.add_axes((0.07, 0.13, 0.38, 0.76))
    _draw_identity(identity, pairs.totals, pairs.readers, words)
    differences = figure.add_axes((0.56, 0.13, 0.36, 0.76))
    _draw_differences(differences, pairs.totals, pairs.readers, words)
    return figure


def describe_agreement(pairs: Pairs, words: NullTranslations) -> style.Description:
    """Return the words of the agreement figure."""
    _ = words.gettext
    limits = _limits(pairs.totals)
    caption = _(
        "SIOPEN totals of the first two readers on every scan with two locked evaluable reads. The area of a circle "
        "counts the scans at that point. Left: the line is equality. Right: difference (first minus second) against "
        "the mean, with the bias and the 95 % limits of agreement. A pooled agreement is inflated by the spread of "
        "scores from diagnosis to remission."
    )
    same = pairs.totals.filter(pl.col("first") == pl.col("second")).height
    alt = _("%(n)d scans, the same total on %(same)d.") % {"n": pairs.totals.height, "same": same}
    if limits.low is not None:
        alt += " " + _("Bias %(bias).2f, limits of agreement %(low).1f to %(high).1f.") % {
            "bias": limits.bias,
            "low": limits.low,
            "high": limits.high,
        }
    return style.Description(_("Two readers"), caption, alt)


def _limits(pairs: pl.DataFrame) -> BlandAltman:
    return bland_altman(pairs["first"].to_numpy(), pairs["second"].to_numpy())


def _draw_identity(axes: "Axes", pairs: pl.DataFrame, readers: tuple[str, ...], words: NullTranslations) -> None:
    top = max(8.0, float(pairs.select(pl.max_horizontal("first", "second").max()).item()) * 1.05)
    axes.plot([0, top], [0, top], color=style.FAINT, linewidth=1, zorder=1)
    _draw_counts(axes, pairs.group_by(x="first", y="second").len())
    axes.set(xlim=(-0.05 * top, top), ylim=(-0.05 * top, top), aspect="equal")
    axes.set(xlabel=readers[0], ylabel=readers[1])
    axes.set_title(words.gettext("SIOPEN score by either reader"))


def _draw_differences(axes: "Axes", pairs: pl.DataFrame, readers: tuple[str, ...], words: NullTranslations) -> None:
    _ = words.gettext
    first, second = pl.col("first"), pl.col("second")
    _draw_counts(axes, pairs.group_by(x=(first + second) / 2, y=first - second).len())
    limits = _limits(pairs)
    largest = float(pairs.select((first - second).abs().max()).item())
    reach = max(3.0, 1.15 * largest, 1.15 * abs(limits.low or 0), 1.15 * abs(limits.high or 0))
    axes.set(ylim=(-reach, reach), xlabel=_("mean of the two"), ylabel=f"{readers[0]} − {readers[1]}")
    axes.set_title(_("Difference against mean"))
    axes.axhline(0, color=style.FAINT, linewidth=0.8, zorder=1)
    names = (
        (limits.bias, _("bias"), "-"),
        (limits.low, _("95 % limit"), (0, (4, 2))),
        (limits.high, _("95 % limit"), (0, (4, 2))),
    )
    for value, name, line in names:
        if value is not None:
            axes.axhline(value, color="#c8592a", linewidth=1, linestyle=line, zorder=2)
            text = f"{name}\n{value:.2f}".replace("-", "−")
            axes.annotate(
                text, (1.01, value), xycoords=axes.get_yaxis_transform(), va="center", fontsize=7, annotation_clip=False
            )


def _draw_counts(axes: "Axes", counted: pl.DataFrame) -> None:
    """Draw one circle per point, its area the number of scans, and the number where it is large."""
    counted = counted.sort("len", "x", "y", descending=[True, False, False])
    largest = int(counted["len"][0])
    # The most frequent point (mostly 0, 0) must not hide the others.
    scale = SMALLEST if largest <= 30 else SMALLEST * 30 / largest
    sizes = (counted["len"] * scale).clip(lower_bound=SMALLEST)
    axes.scatter(
        counted["x"],
        counted["y"],
        s=sizes,
        facecolor=COLOUR,
        alpha=0.55,
        edgecolor=style.PAPER,
        linewidth=0.4,
        zorder=3,
    )
    for row in counted.filter(pl.col("len") >= max(10, 0.2 * largest)).rows(named=True):
        axes.text(
            row["x"], row["y"], str(row["len"]), ha="center", va="center", color=style.PAPER, fontsize=7, zorder=4
        )
