"""Every skeletal region of every included patient over time, as hand-made SVG: small, and quick for sixty patients."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from html import escape
from typing import Final

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.outcomes import OUTCOMES
from residuum.records.vocabulary import SIOPEN_SEGMENTS, SOFT_TISSUE
from residuum.report import labels
from residuum.report.figures import style
from residuum.report.figures.swimmer import shorten
from residuum.report.wording import label
from residuum.scores.grid import derive_grid
from residuum.sites.states import derive_site_states

CELL_WIDTH: Final = 16.0
CELL_HEIGHT: Final = 9.0
GROUP_GAP: Final = 3.0
HEAD: Final = 48.0
LABELS: Final = 92.0
PAGE_WIDTH: Final = 1180.0
BLOCK_GAP: Final = 14.0
FONT: Final = "DejaVu Sans, Verdana, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows of every matrix: codes, words and top of each, grouped by SIOPEN segment."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    tops: tuple[float, ...]

    @property
    def height(self) -> float:
        """Height of the cells."""
        return self.tops[-1] + CELL_HEIGHT


@dataclass(frozen=True, slots=True)
class Matrix:
    """One patient: scans by day as (time point, day, status), and the state of each seen row by (row, column)."""

    patient: str
    outcome: str
    scans: tuple[tuple[str, int, str], ...]
    states: dict[tuple[str, int], str]

    @property
    def width(self) -> float:
        """Width of the cells."""
        return max(CELL_WIDTH * len(self.scans), 62.0)


def derive_layout(analysis: Analysis, words: NullTranslations) -> Layout:
    """Return the rows: the 28 regions by segment, or the twelve segments in a study with grades."""
    if not analysis.study.uses_marks:
        groups = [(segment, [segment]) for segment in SIOPEN_SEGMENTS]
        return _layout(groups, words, labels.SEGMENTS)
    grid = derive_grid(analysis.study.settings.definitions).filter(system="siopen")
    by_segment = dict(grid.group_by("segment", maintain_order=True).agg("region").rows())
    return _layout([(segment, by_segment.get(segment, [])) for segment in SIOPEN_SEGMENTS], words, labels.REGIONS)


def _layout(groups: Iterable[tuple[str, list[str]]], words: NullTranslations, names: dict[str, str]) -> Layout:
    codes, tops, top = [], [], 0.0
    for _, members in groups:
        for code in members:
            codes.append(code)
            tops.append(top)
            top += CELL_HEIGHT
        top += GROUP_GAP
    return Layout(tuple(codes), tuple(label(words, code, names) for code in codes), tuple(tops))


def derive_matrices(analysis: Analysis) -> list[Matrix]:
    """Return the matrices of the first included patients (by outcome, then id), at most sixty."""
    order = pl.col("outcome").replace_strict({name: place for place, name in enumerate(OUTCOMES)}, return_dtype=pl.Int8)
    included = analysis.included.with_columns(order=order).sort("order", "patient").head(style.MOST_DRAWN)
    chosen = included.select("patient")
    scans = analysis.reads_used.join(chosen, on="patient", how="semi").sort("patient", "day", "scan")
    column = pl.int_range(pl.len()).over("patient")
    scans = scans.select("patient", "scan", "timepoint", "day", "status", column=column)
    states = _region_states(analysis, chosen).join(scans.select("scan", "column"), on="scan", how="inner")
    scans_of, states_of = (table.rows_by_key("patient", named=True) for table in (scans, states))
    return [
        Matrix(
            patient,
            outcome,
            tuple((row["timepoint"], row["day"], row["status"]) for row in scans_of.get(patient, [])),
            {(row["site"], row["column"]): row["state"] for row in states_of.get(patient, [])},
        )
        for patient, outcome in included.select("patient", "outcome").iter_rows()
    ]


def _region_states(analysis: Analysis, chosen: pl.DataFrame) -> pl.DataFrame:
    """Return the states by region (by segment with grades), whatever the level of sites is."""
    if analysis.study.settings.definitions.site_level != "lesion" or not analysis.study.uses_marks:
        return analysis.site_states.join(chosen, on="patient", how="semi")
    scans = analysis.reads_used.filter(status="evaluable").join(chosen, on="patient", how="semi")
    marked = analysis.readings.lesions.filter(pl.col("region") != SOFT_TISSUE).select("read", site="region").unique()
    return derive_site_states(scans.join(marked, on="read", how="inner").select("scan", "site"), scans)


def render_matrix(matrix: Matrix, layout: Layout, words: NullTranslations) -> str:
    """Return one patient's matrix with its row names, as an SVG element to stand in a page."""
    width, height = LABELS + matrix.width + 2, HEAD + layout.height + 2
    parts = [_row_names(layout, 0.0, HEAD), _block(matrix, layout, words, LABELS, 0.0, heading=False)]
    alt = escape(describe_matrix(matrix, words))
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{alt}" '
        f'xmlns="http://www.w3.org/2000/svg" font-family="{FONT}">{"".join(parts)}</svg>'
    )


def describe_matrix(matrix: Matrix, words: NullTranslations) -> str:
    """Return what a matrix shows: for each scan the number of sites by state."""
    parts = []
    for column, (timepoint, day, status) in enumerate(matrix.scans):
        name = f"{label(words, timepoint, labels.TIMEPOINTS)} ({words.gettext('day')} {day})"
        found = [state for (_, place), state in matrix.states.items() if place == column]
        counts = ", ".join(f"{label(words, s, labels.STATES)} {found.count(s)}" for s in labels.STATES if s in found)
        parts.append(f"{name}: {counts or label(words, status, labels.STATUSES)}")
    return "; ".join(parts)


def render_site_matrix(analysis: Analysis, words: NullTranslations) -> str:
    """Return the small multiples of the included as one SVG document."""
    matrices, layout = derive_matrices(analysis), derive_layout(analysis, words)
    lines = _break_lines(matrices)
    line_height = HEAD + layout.height + 34
    height = 30 + line_height * max(1, len(lines))
    body = [_legend(words)]
    for number, line in enumerate(lines):
        top = 34 + number * line_height
        body.append(_row_names(layout, 0.0, top + HEAD))
        x = LABELS
        for matrix in line:
            body.append(_block(matrix, layout, words, x, top, heading=True))
            x += matrix.width + BLOCK_GAP
    if not matrices:
        body = [_text(10, 30, words.gettext("Nobody is included: there is no matrix to draw."), 12)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PAGE_WIDTH:g} {height:g}" width="{PAGE_WIDTH:g}" '
        f'height="{height:g}" font-family="{FONT}"><rect width="100%" height="100%" fill="{style.PAPER}"/>'
        f"{''.join(body)}</svg>\n"
    )


def describe_site_matrix(analysis: Analysis, words: NullTranslations) -> style.Description:
    """Return the words of the small multiples."""
    _ = words.gettext
    caption = _(
        "One block per included patient, by outcome (the bar above the block): skeletal regions by SIOPEN segment in "
        "rows, scans in order of day in columns, the day from diagnosis above. Hatched columns are scans that are not "
        "evaluable or unresolved: they say nothing about any region."
    )
    total, shown = analysis.included.height, min(analysis.included.height, style.MOST_DRAWN)
    if total > shown:
        caption += " " + _("The first %(shown)d of %(total)d patients are drawn.") % {"shown": shown, "total": total}
    alt = _("Matrices of %(count)d patients; each is described in the section of its patient.") % {"count": shown}
    return style.Description(_("Sites over time, patient by patient"), caption, alt)


def _break_lines(matrices: Sequence[Matrix]) -> list[list[Matrix]]:
    lines: list[list[Matrix]] = []
    room = 0.0
    for matrix in matrices:
        if not lines or matrix.width > room:
            lines.append([])
            room = PAGE_WIDTH - LABELS
        lines[-1].append(matrix)
        room -= matrix.width + BLOCK_GAP
    return lines


def _block(matrix: Matrix, layout: Layout, words: NullTranslations, x: float, y: float, *, heading: bool) -> str:
    top = y + HEAD
    parts = []
    if heading:
        colour = style.OUTCOME_COLOURS[matrix.outcome]
        parts.append(f'<rect x="{x:g}" y="{y - 1:g}" width="{matrix.width - 1:g}" height="3" fill="{colour}"/>')
        parts.append(_text(x, y + 13, shorten(matrix.patient), 9.5, weight="bold"))
    for column, (timepoint, day, _) in enumerate(matrix.scans):
        middle = x + (column + 0.5) * CELL_WIDTH
        code = label(words, timepoint, labels.TIMEPOINT_CODES)
        parts.append(_text(middle, top - 24, code, 6.6, anchor="middle", weight="bold"))
        parts.append(_text(middle, top - 3, str(day), 6.4, anchor="middle", colour=style.QUIET, turn=-90))
    return "".join(parts) + _cells(matrix, layout, x, top)


def _cells(matrix: Matrix, layout: Layout, x: float, top: float) -> str:
    """Return all cells of a block: one path for each state, whatever the number of cells."""
    boxes: dict[str, list[str]] = {state: [] for state in ("never", *style.STATE_COLOURS)}
    marks: dict[str, list[str]] = {"recurred": [], "new": [], "cleared": []}
    hatched = []
    for column, (_, _, status) in enumerate(matrix.scans):
        left = x + column * CELL_WIDTH
        if status != "evaluable":
            hatched.append(_hatch(left, top, layout.height))
            continue
        for code, offset in zip(layout.codes, layout.tops, strict=True):
            state = matrix.states.get((code, column), "never")
            boxes[state].append(
                f"M{left:g} {top + offset:g}h{CELL_WIDTH - 1:g}v{CELL_HEIGHT - 1:g}h{1 - CELL_WIDTH:g}z"
            )
            if state in marks:
                marks[state].append(_MARKS[state](left + (CELL_WIDTH - 1) / 2, top + offset + (CELL_HEIGHT - 1) / 2))
    fills = {"never": "#f7f8fa"} | style.STATE_COLOURS
    parts = [f'<path d="{"".join(path)}" fill="{fills[state]}"/>' for state, path in boxes.items() if path]
    inks = {"recurred": style.PAPER, "new": style.INK, "cleared": style.QUIET}
    for state, path in marks.items():
        if path:
            parts.append(f'<path d="{"".join(path)}" fill="none" stroke="{inks[state]}" stroke-width="1.3"/>')
    if hatched:
        parts.append(f'<path d="{"".join(hatched)}" fill="none" stroke="{style.FAINT}" stroke-width="0.9"/>')
    return "".join(parts)


def _slash(x: float, y: float) -> str:
    return f"M{x - 3.5:g} {y + 3:g}l7 -6"


def _plus(x: float, y: float) -> str:
    return f"M{x - 3:g} {y:g}h6M{x:g} {y - 3:g}v6"


def _dot(x: float, y: float) -> str:
    return f"M{x - 0.8:g} {y:g}h1.6"


_MARKS: Final = {"recurred": _slash, "new": _plus, "cleared": _dot}


def _hatch(left: float, top: float, height: float) -> str:
    """Return slanted strokes over a column, inside it."""
    width = CELL_WIDTH - 1
    strokes = [f"M{left:g} {top:g}h{width:g}v{height:g}h{-width:g}z"]
    y = width
    while y <= height:
        strokes.append(f"M{left:g} {top + y:g}l{width:g} {-width:g}")
        y += 6
    return "".join(strokes)


def _row_names(layout: Layout, x: float, top: float) -> str:
    names = zip(layout.names, layout.tops, strict=True)
    return "".join(
        _text(x + LABELS - 5, top + offset + CELL_HEIGHT - 2, name, 7.4, anchor="end") for name, offset in names
    )


def _legend(words: NullTranslations) -> str:
    parts, x = [], LABELS
    for state in style.STATE_COLOURS:
        box = f'<path d="M{x:g} 6h{CELL_WIDTH:g}v9h{-CELL_WIDTH:g}z" fill="{style.STATE_COLOURS[state]}"/>'
        mark = _MARKS[state](x + CELL_WIDTH / 2, 10.5) if state in _MARKS else ""
        ink = {"recurred": style.PAPER, "new": style.INK}.get(state, style.QUIET)
        parts.append(f'{box}<path d="{mark}" fill="none" stroke="{ink}" stroke-width="1.3"/>' if mark else box)
        name = label(words, state, labels.STATES)
        parts.append(_text(x + CELL_WIDTH + 5, 14, name, 9))
        x += CELL_WIDTH + 30 + 6 * len(name)
    parts.append(
        f'<path d="{_hatch(x, 5, 11)}M{x:g} 16l11 -11M{x + 4:g} 16l11 -11" stroke="{style.FAINT}" fill="none"/>'
    )
    parts.append(_text(x + CELL_WIDTH + 5, 14, words.gettext("scan not evaluable or unresolved"), 9))
    return "".join(parts)


def _text(
    x: float,
    y: float,
    text: str,
    size: float,
    anchor: str = "start",
    weight: str = "normal",
    colour: str = style.INK,
    turn: int = 0,
) -> str:
    place = f'transform="translate({x + size * 0.35:g} {y:g}) rotate({turn})"' if turn else f'x="{x:g}" y="{y:g}"'
    anchor = "start" if turn else anchor
    return (
        f'<text {place} font-size="{size:g}" text-anchor="{anchor}" font-weight="{weight}" fill="{colour}">'
        f"{escape(text)}</text>"
    )
