"""The reachable effect of a design: EFS of both arms and their hazard ratio over time, under both bounds of f."""

from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from residuum.records.design import Bound
from residuum.report.figures import style
from residuum.report.figures.trial_sign import sign
from residuum.report.rows.trial_power import prefix_of
from residuum.report.trial_findings import BOUND_WORDS, Findings, bound_name
from residuum.report.trial_text import opening, points, ratio
from residuum.report.wording import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS: Final[dict[Bound | None, Any]] = {
    "exclusive": style.CURVES[0],
    "inclusive": style.CURVES[1],
    None: style.CURVES[0],
}
RATIO_TICKS: Final = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5, 2.0)
CONTROL: Final[Any] = {"color": style.QUIET, "linestyle": "-", "linewidth": 1.3}


@style.styled
def draw_trial_effect(findings: Findings, words: NullTranslations) -> "Figure":
    """Return the EFS curves, one picture for each bound, and the hazard ratios beside them."""
    both = len(findings.bounds) > 1
    figure = style.new_figure(10.0 if both else 7.6, 3.75)
    lefts, width = ((0.055, 0.345, 0.69), 0.25) if both else ((0.075, 0.59), 0.36)
    for left, bound in zip(lefts, findings.bounds, strict=False):
        axes = figure.add_axes((left, 0.15, width, 0.74))
        _draw_efs(axes, findings, bound, words)
        axes.tick_params(labelleft=left == lefts[0])
    _draw_ratios(figure.add_axes((lefts[-1], 0.15, width + 0.04, 0.74)), findings, words)
    return sign(figure, findings, words)


def describe_trial_effect(findings: Findings, words: NullTranslations) -> style.Description:
    """Return the words of the reachable effect."""
    _ = words.gettext
    where = (
        _("Computed at the central values.")
        if findings.reach is None
        else _("Computed at the values of the design, f not from the study.")
    )
    caption = where + " " + _(
        "EFS of a whole arm by intention to treat, from randomisation. The bar is the "
        "gain that was declared worthwhile, standing on the curve without irradiation. The hazard ratio is that of the "
        "arms within each window of time: it need not be constant, and above 1 the irradiated arm fails more often "
        "then because it failed less often before. Dotted: the ratio that all available children could show with 80 % "
        "power, the nearest to 1 of both bounds and readings."
    )  # fmt: skip
    if len(findings.bounds) == 1:
        caption = _(
            "Computed from the hazard ratio taken as given. The bar is the gain that was declared worthwhile, standing "
            "on the curve of the control arm."
        )
    said = [_said(findings, bound, words) for bound in findings.bounds]
    return style.Description(_("Effect that is reached if the assumptions hold"), caption, " ".join(said))


def _said(findings: Findings, bound: Bound | None, words: NullTranslations) -> str:
    criteria, curves = findings.design.criteria, findings.simulated[bound].curves
    found = findings.numbers.get(f"{prefix_of(bound)}.hazard_ratio")
    return words.gettext(
        "%(bound)s: EFS at %(year)g years %(control).0f %% in the control arm, gain %(gain)s points where %(wanted)s "
        "are worthwhile; average hazard ratio to 5 years %(ratio)s."
    ) % {
        "bound": opening(label(words, bound_name(bound), BOUND_WORDS)),
        "year": criteria.worthwhile_year,
        "control": 100 * float(np.interp(criteria.worthwhile_year, curves.years, curves.control)),
        "gain": points(_gain(findings, bound)),
        "wanted": points(criteria.worthwhile_points),
        "ratio": "–" if found is None or found.value is None else ratio(found.value),
    }


def _gain(findings: Findings, bound: Bound | None) -> float:
    curves = findings.simulated[bound].curves
    year = findings.design.criteria.worthwhile_year
    return float(np.interp(year, curves.years, curves.experimental - curves.control))


def _draw_efs(axes: "Axes", findings: Findings, bound: Bound | None, words: NullTranslations) -> None:
    _ = words.gettext
    curves, criteria = findings.simulated[bound].curves, findings.design.criteria
    experimental = _("irradiation") if bound is not None else _("experimental arm")
    axes.plot(curves.years, curves.control, label=_("control arm"), **CONTROL)
    axes.plot(curves.years, curves.experimental, label=experimental, linewidth=1.9, **LOOKS[bound])
    axes.set(xlim=(0, curves.years[-1]), ylim=(0, 1), yticks=np.linspace(0, 1, 5), xticks=range(0, 11, 2))
    axes.set_yticklabels(["0", "25 %", "50 %", "75 %", "100 %"])
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_xlabel(_("years from randomisation"))
    axes.set_title(_("EFS, %s") % label(words, bound_name(bound), BOUND_WORDS))
    axes.legend(loc="upper right", handlelength=2.6)
    foot = float(np.interp(criteria.worthwhile_year, curves.years, curves.control))
    top = min(foot + criteria.worthwhile_points, 1.0)
    cap: dict[str, Any] = {"color": style.INK, "linewidth": 1.1}
    axes.plot([criteria.worthwhile_year] * 2, [foot, top], **cap)
    axes.plot(np.array([-0.14, 0.14]) + criteria.worthwhile_year, [top, top], **cap)
    text = _("worthwhile at %(year)g years: %(wanted)s\nreached: %(gain)s points") % {
        "year": criteria.worthwhile_year,
        "wanted": points(criteria.worthwhile_points),
        "gain": points(_gain(findings, bound)),
    }
    beside = (criteria.worthwhile_year, top)
    axes.annotate(text, beside, xytext=(6, 3), textcoords="offset points", fontsize=7.4, va="bottom", color=style.INK)


def _draw_ratios(axes: "Axes", findings: Findings, words: NullTranslations) -> None:
    _ = words.gettext
    axes.axhline(1, color=style.QUIET, linewidth=0.8)
    seen = [1.0]
    for bound in findings.bounds:
        curves = findings.simulated[bound].curves
        axes.stairs(curves.hazard_ratios, curves.edges_years, baseline=None, linewidth=1.8, **_stair(bound))
        axes.plot([], [], label=label(words, bound_name(bound), BOUND_WORDS), linewidth=1.8, **LOOKS[bound])
        seen += [one for one in curves.hazard_ratios.tolist() if np.isfinite(one) and one > 0]
    shown = _shown(findings)
    if shown is not None:
        axes.axhline(shown, color=style.INK, linewidth=1.0, linestyle=(0, (1, 1.6)))
        text = _("what the available children could show: %s") % ratio(shown)
        beside: dict[str, Any] = {"xytext": (-1, 3), "textcoords": "offset points", "ha": "right", "fontsize": 7.4}
        ground = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.6}
        axes.annotate(text, (10, shown), bbox=ground, **beside)
        seen.append(shown)
    axes.set_yscale("log")
    # Room for the legend above the curves.
    low, high = min(seen) / 1.12, max(seen) * max(1.12, (max(seen) / min(seen)) ** 0.25)
    ticks = [
        tick
        for tick in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5, 2.0)
        if low <= tick <= high
    ]
    axes.set(xlim=(0, 10), ylim=(low, high), xticks=range(0, 11, 2))
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_xlabel(_("years from randomisation"))
    axes.set_title(_("Hazard ratio within each window"))
    if len(findings.bounds) > 1:
        axes.legend(loc="upper left", handlelength=2.6)


def _stair(bound: Bound | None) -> dict[str, Any]:
    look = LOOKS[bound]
    return {"color": look["color"], "linestyle": look["linestyle"]}


def _shown(findings: Findings) -> float | None:
    """Return the hazard ratio that the available children could show, the nearer to 1 of the readings."""
    rows = findings.numbers.named("trial.buy.detectable_hazard_ratio")
    found = [row.value for row in rows if row.value is not None]
    return max(found, default=None)
