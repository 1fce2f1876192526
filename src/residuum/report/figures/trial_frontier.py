"""Power against the year of the answer, for every trial of the search that keeps its alpha."""

from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, Final

from residuum.records.design import Bound, Funnelling
from residuum.report.figures import style
from residuum.report.figures.trial_sign import sign
from residuum.report.trial_findings import BOUND_WORDS, READING_WORDS, Findings, bound_name, reading_name
from residuum.report.trial_grid import GridCell, alphas, grid_cells
from residuum.report.trial_text import opening, plain_share, share
from residuum.report.wording import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS: Final[Any] = (
    {"color": "#1b3a6b", "marker": "o", "linestyle": "-"},
    {"color": "#c8592a", "marker": "s", "linestyle": (0, (5, 1.5))},
    {"color": "#4f9d8a", "marker": "^", "linestyle": (0, (1, 1.2))},
    {"color": "#f0b93a", "marker": "D", "linestyle": (0, (3, 1, 1, 1))},
)
YEAR_TICKS: Final = (1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 60)


def applies(findings: Findings) -> bool:
    """Whether the design was searched."""
    return any(grid_cells(findings, bound, reading) for bound in findings.bounds for reading in findings.readings)


@style.styled
def draw_trial_frontier(findings: Findings, words: NullTranslations) -> "Figure":
    """Return one picture for each bound (column) and reading (row), on one scale."""
    columns, rows = len(findings.bounds), len(findings.readings)
    height = 2.55 * rows + 0.65
    figure = style.new_figure(8.8 if columns > 1 else 5.4, height)
    every = [cell for bound in findings.bounds for reading in findings.readings
             for cell in grid_cells(findings, bound, reading)]  # fmt: skip
    top = max(findings.design.criteria.assurance, max(cell.power for cell in every))
    years = [cell.year for cell in every] + [findings.design.criteria.done_years]
    for row, reading in enumerate(findings.readings):
        for column, bound in enumerate(findings.bounds):
            bottom = 1 - (0.62 + 2.55 * row + 1.95) / height
            left = 0.08 + 0.475 * column if columns > 1 else 0.12
            axes = figure.add_axes((left, bottom, 0.43 if columns > 1 else 0.84, 1.9 / height))
            _draw_cells(axes, findings, bound, reading, words)
            axes.set_ylim(0, 1.14 * top)
            _scale_years(axes, min(years), max(years))
            axes.tick_params(labelleft=column == 0)
            if column == 0:
                axes.set_ylabel(words.gettext("power"))
            if row == rows - 1:
                axes.set_xlabel(words.gettext("calendar year of the analysis (logarithmic)"))
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="upper left", bbox_to_anchor=(0.07, 1.0), ncols=4, columnspacing=1.4)
    return sign(figure, findings, words)


def describe_trial_frontier(findings: Findings, words: NullTranslations) -> style.Description:
    """Return the words of the search."""
    _ = words.gettext
    caption = _(
        "Each mark is a simulated trial of the declared grid with one analysis, at central values; trials whose "
        "simulated type I error is clearly above their alpha are left out. Lines join the trials of which no other one "
        "has as much power as early. Dashed: the power declared for a feasible trial, and the year by which it must be "
        "done: above and left of both a trial would be feasible by these numbers."
    )
    said = [_said(findings, bound, reading, words) for reading in findings.readings for bound in findings.bounds]
    return style.Description(_("Power, and how long it takes"), caption, " ".join(filter(None, said)))


def _said(findings: Findings, bound: Bound | None, reading: Funnelling | None, words: NullTranslations) -> str:
    cells = [cell for cell in grid_cells(findings, bound, reading) if cell.on_frontier]
    in_time = [cell for cell in cells if cell.year <= findings.design.criteria.done_years]
    best = max(in_time, key=lambda cell: cell.power, default=None)
    if best is None:
        return ""
    return words.gettext(
        "%(bound)s, %(reading)s: the strongest done in time has power %(power)s, with %(patients)d children at "
        "one-sided %(alpha)s, in year %(year).1f."
    ) % {
        "bound": opening(label(words, bound_name(bound), BOUND_WORDS)),
        "reading": label(words, reading_name(reading), READING_WORDS),
        "power": share(best.power),
        "patients": best.patients,
        "alpha": plain_share(best.alpha),
        "year": best.year,
    }


def _draw_cells(
    axes: "Axes", findings: Findings, bound: Bound | None, reading: Funnelling | None, words: NullTranslations
) -> None:
    _ = words.gettext
    criteria, cells = findings.design.criteria, grid_cells(findings, bound, reading)
    dashed: dict[str, Any] = {"color": style.INK, "linewidth": 0.9, "linestyle": (0, (4, 2))}
    axes.axhline(criteria.assurance, **dashed)
    axes.axvline(criteria.done_years, **dashed)
    for alpha, look in zip(alphas(cells), LOOKS * 3, strict=False):
        found = [cell for cell in cells if cell.alpha == alpha and cell.keeps_alpha]
        line = sorted((cell for cell in found if cell.on_frontier), key=lambda cell: (cell.year, cell.power))
        x, y = _ends(found)
        axes.plot(x, y, color=look["color"], marker=look["marker"], linestyle="", markersize=3.4, alpha=0.55)
        name = _("one-sided alpha %s") % plain_share(alpha)
        axes.plot(*_ends(line), linewidth=1.3, markersize=4.2, label=name, **look)
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0], ["0", "20 %", "40 %", "60 %", "80 %", "100 %"])
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    title = opening(label(words, bound_name(bound), BOUND_WORDS))
    if reading is not None:
        title += f"\n{label(words, reading_name(reading), READING_WORDS)}"
    axes.set_title(title, fontsize=8.2)


def _ends(cells: list[GridCell]) -> tuple[list[float], list[float]]:
    return [cell.year for cell in cells], [cell.power for cell in cells]


def _scale_years(axes: "Axes", first: float, last: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(first * 0.85, last * 1.12)
    ticks = [tick for tick in YEAR_TICKS if first * 0.85 <= tick <= last * 1.12]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
