"""Where the uptake is: share of the included with each skeletal region avid, one skeleton per time point."""

from gettext import NullTranslations
from typing import TYPE_CHECKING, Final

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.timepoints import USED_TIMEPOINTS
from residuum.records.vocabulary import REGIONS
from residuum.report import labels
from residuum.report.figures import style
from residuum.report.figures.skeleton import HALF_WIDTH, HEIGHT, label_places, skeleton
from residuum.report.wording import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

BONE: Final = "#fbfbf9"
SCALE: Final = ("#f3ece4", "#f0c9a0", "#e2924f", "#b9501f", "#6d1f0c")


def derive_region_shares(analysis: Analysis) -> pl.DataFrame:
    """Return how many of the included had each region avid on the scan used, rows (timepoint, region, avid, scans)."""
    used = analysis.among_included(analysis.timepoint_scans)
    scans = used.group_by("timepoint").agg(scans=pl.len())
    regions = _marked_regions(analysis, used) if analysis.study.uses_marks else _regions_of_sites(analysis, used)
    counted = regions.group_by("timepoint", "region").agg(avid=pl.len())
    grid = scans.join(pl.DataFrame({"region": REGIONS}), how="cross")
    return grid.join(counted, on=["timepoint", "region"], how="left").select(
        "timepoint", "region", pl.col("avid").fill_null(0), "scans"
    )


@style.styled
def draw_body_map(analysis: Analysis, words: NullTranslations) -> "Figure":
    """Return one skeleton per time point, coloured by the share of scans with each region avid."""
    shares = derive_region_shares(analysis)
    if shares.is_empty():
        return style.sentence_figure(words.gettext("None of the included has an evaluable scan: there is no map."))
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("burden", SCALE)
    figure = style.new_figure(11.0, 5.9)
    for place, timepoint in enumerate(USED_TIMEPOINTS):
        axes = figure.add_axes((0.005 + place * 0.249, 0.11, 0.245, 0.815))
        _draw_skeleton(axes, timepoint, shares.filter(timepoint=timepoint), colours, words)
    _draw_scale(figure, colours, words)
    return figure


def describe_body_map(analysis: Analysis, words: NullTranslations) -> style.Description:
    """Return the words of the body map."""
    _ = words.gettext
    shares = derive_region_shares(analysis).sort("avid", "region", descending=[True, False])
    parts = []
    for timepoint in USED_TIMEPOINTS:
        rows = shares.filter(pl.col("avid") > 0, timepoint=timepoint).head(5).rows(named=True)
        most = ", ".join(f"{label(words, row['region'], labels.REGIONS)} {row['avid']}/{row['scans']}" for row in rows)
        parts.append(f"{label(words, timepoint, labels.TIMEPOINTS)}: {most or _('no avid region')}")
    caption = _(
        "Share of the included patients with a scan used for the time point in whom the region was avid, in percent; "
        "regions without a number were avid in nobody. Seen from the front: the patient's right (R) is on the left of "
        "the picture. A schematic of the 28 regions, not an image of a patient."
    )
    if not analysis.study.uses_marks:
        caption += " " + _("This study grades segments: every region of an avid segment is coloured.")
    return style.Description(_("Where the uptake is"), caption, _("Most often avid") + ". " + ". ".join(parts) + ".")


def _regions_of_sites(analysis: Analysis, used: pl.DataFrame) -> pl.DataFrame:
    sites = used.join(analysis.sites.select("scan", "site"), on="scan", how="inner")
    regions = sites.join(analysis.site_regions, on=["patient", "site"], how="inner")
    return regions.select("timepoint", "scan", "region").unique()


def _marked_regions(analysis: Analysis, used: pl.DataFrame) -> pl.DataFrame:
    reads = used.join(analysis.reads_used.select("scan", "read"), on="scan", how="inner")
    marked = analysis.readings.lesions.select("read", "region").unique()
    return reads.join(marked, on="read", how="inner").select("timepoint", "scan", "region").unique()


def _draw_skeleton(
    axes: "Axes", timepoint: str, shares: pl.DataFrame, colours: "Colormap", words: NullTranslations
) -> None:
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_hex

    axes.set(xlim=(-HALF_WIDTH - 0.15, HALF_WIDTH + 0.15), ylim=(-0.1, HEIGHT + 0.15), aspect="equal")
    axes.set_axis_off()
    scans = int(shares["scans"].max() or 0)  # type: ignore[arg-type]  # a count of scans is a whole number
    title = label(words, timepoint, labels.TIMEPOINTS)
    axes.text(0, HEIGHT + 0.38, title, ha="center", fontweight="bold", fontsize=10)
    if not scans:
        axes.text(0, HEIGHT / 2, words.gettext("no scan used"), ha="center", color=style.QUIET)
        return
    axes.text(0, HEIGHT + 0.18, f"n = {scans}", ha="center", fontsize=8.5, color=style.QUIET)
    share = {row["region"]: row["avid"] / row["scans"] for row in shares.rows(named=True)}
    faces = {region: to_hex(colours(share[region])) if share[region] else BONE for region in REGIONS}
    polygons = [(region, polygon) for region in _BACK_TO_FRONT for polygon in skeleton()[region]]
    axes.add_collection(
        PolyCollection(
            [polygon for _, polygon in polygons],
            facecolors=[faces[region] for region, _ in polygons],
            edgecolors="#6b6258",
            linewidths=0.45,
        )
    )
    _print_shares(axes, share, faces)
    for x, side in ((-HALF_WIDTH + 0.1, "R"), (HALF_WIDTH - 0.1, "L")):
        axes.text(x, 4.5, side, ha="center", va="center", fontweight="bold", fontsize=11, color=style.QUIET)


_FRONT: Final = ("clavicle_right", "clavicle_left", "sternum")
_BACK: Final = ("scapula_right", "scapula_left")
_BACK_TO_FRONT: Final = (*_BACK, *(region for region in REGIONS if region not in (*_FRONT, *_BACK)), *_FRONT)
_INSIDE: Final = ("skull_vault", "skull_base", "face_orbit", "pelvis_left", "pelvis_right")


def _print_shares(axes: "Axes", share: dict[str, float], faces: dict[str, str]) -> None:
    for region, (x, y, align) in label_places().items():
        if not share[region]:
            continue
        inside = region in _INSIDE
        behind = (
            None
            if inside or align != "center"
            else {"boxstyle": "round,pad=0.12", "fc": "#ffffff", "ec": "none", "alpha": 0.86}
        )
        colour = style.ink_on(faces[region]) if inside else style.INK
        percent = f"{max(1, round(100 * share[region]))}"
        axes.text(x, y, percent, ha=align, va="center", fontsize=6.8, color=colour, bbox=behind)


def _draw_scale(figure: "Figure", colours: "Colormap", words: NullTranslations) -> None:
    import numpy as np

    axes = figure.add_axes((0.3, 0.075, 0.4, 0.02))
    axes.imshow(np.linspace(0, 1, 128)[np.newaxis], aspect="auto", cmap=colours, extent=(0, 100, 0, 1))
    axes.set(yticks=[], xticks=range(0, 101, 20))
    axes.tick_params(length=2)
    axes.set_xlabel(words.gettext("patients with the region avid, percent of those with a scan"), labelpad=2)
    for spine in axes.spines.values():
        spine.set_visible(False)
