"""The reachable effect: posterior of f under both bounds, and the effects beside what would be worthwhile."""

from collections.abc import Callable, Mapping
from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from residuum import PLANNING_FOOTER
from residuum.records.design import BOUNDS, Bound
from residuum.report.figures import style
from residuum.report.wording import N_
from residuum.trial.planning.reach import CURES, Cure, Effects
from residuum.trial.planning.shares import SharePosterior, count_first_events, derive_share_posterior
from residuum.trial.planning.study_reach import E_SOURCES, StudyReach

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BOUND_WORDS: Final[Mapping[Bound, str]] = {
    "exclusive": N_("exclusive: at a target only"),
    "inclusive": N_("inclusive: and mixed failures"),
}
CURE_WORDS: Final[Mapping[Cure, str]] = {
    "cause_specific": N_("the effect lasts"),
    "shared": N_("only delays: cured at 5 years"),
}
LOOKS: Final[Mapping[Bound, Mapping[str, Any]]] = dict(zip(BOUNDS, style.CURVES[:2], strict=True))
MARKERS: Final[Mapping[Bound, str]] = {"exclusive": "o", "inclusive": "s"}
SHARES: Final = np.linspace(0.0025, 0.9975, 400)


@style.styled
def draw_trial_reach(reach: StudyReach, words: NullTranslations) -> "Figure":
    """Return the posterior of f, and the hazard ratio and the gain in EFS that irradiation reaches."""
    if reach.reason is not None:
        return style.sentence_figure(words.gettext("The reachable effect is not defined: %s.") % reach.reason)
    figure = style.new_figure(10.0, 3.9)
    shares = figure.add_axes((0.05, 0.2, 0.3, 0.66))
    ratios = figure.add_axes((0.535, 0.2, 0.205, 0.66))
    gains = figure.add_axes((0.775, 0.2, 0.205, 0.66))
    _draw_shares(shares, reach, words)
    year = reach.criteria.worthwhile_year
    _draw_intervals(ratios, reach, lambda effects: effects.hazard_ratio)
    ratios.set_title(words.gettext("Average hazard ratio to 5 years"), fontsize=8.8)
    ratios.axvline(1, color=style.QUIET, linewidth=0.8)
    _label_effects(ratios, words)
    _draw_intervals(gains, reach, lambda effects: 100 * effects.gains[year])
    gains.set_title(words.gettext("EFS gained at %g years, points") % year, fontsize=8.8)
    gains.axvline(0, color=style.QUIET, linewidth=0.8)
    _mark_worthwhile(gains, 100 * reach.criteria.worthwhile_points, words)
    gains.set_yticks([])
    figure.text(0.05, 0.02, _footer(reach, words), fontsize=6.8, color=style.QUIET)
    return figure


def describe_trial_reach(reach: StudyReach, words: NullTranslations) -> style.Description:
    """Return the words of the reachable effect."""
    _ = words.gettext
    title = _("What irradiating residual uptake could reach")
    caption = _(
        "Left, posterior of f, the share of first events of the eligible that began at a target (Jeffreys prior). "
        "Right, median and 95 %% interval of the effect when f, the local effect e and EFS are drawn together, "
        "under both bounds of f and both readings of cure. Dashed: what was declared worthwhile. The data choose "
        "neither between the bounds nor between the readings. %s"
    ) % _footer(reach, words)
    if reach.reason is not None:
        return style.Description(title, caption, _("Not defined: %s.") % reach.reason)
    parts = []
    for (bound, cure), effects in reach.drawn[E_SOURCES[0]].effects.items():
        low, median, high = _limits(effects.hazard_ratio)
        parts.append(
            _("%(bound)s, %(cure)s: hazard ratio %(median).2f (%(low).2f to %(high).2f).")
            % {
                "bound": _(BOUND_WORDS[bound]),
                "cure": _(CURE_WORDS[cure]),
                "median": median,
                "low": low,
                "high": high,
            }
        )
    return style.Description(title, caption, " ".join(parts))


def _footer(reach: StudyReach, words: NullTranslations) -> str:
    made_up = words.gettext("A make-believe study: its f is invented.")
    return f"{made_up} {PLANNING_FOOTER}" if reach.synthetic else PLANNING_FOOTER


def _posterior(reach: StudyReach, bound: Bound) -> SharePosterior:
    return derive_share_posterior(count_first_events(reach.first_failures, bound))


def _draw_shares(axes: "Axes", reach: StudyReach, words: NullTranslations) -> None:
    top = 0.0
    for bound, look in LOOKS.items():
        posterior, events = _posterior(reach, bound), count_first_events(reach.first_failures, bound)
        density = posterior.density(SHARES)
        # A density may rise without limit at 0 or 1.
        top = max(top, float(density[8:-8].max()))
        axes.plot(SHARES, density, linewidth=1.7, **look)
        axes.fill_between(SHARES, density, color=look["color"], alpha=0.1, linewidth=0)
        text = f"{words.gettext(BOUND_WORDS[bound])}, {events.target}/{events.known}"
        axes.plot([], [], label=text, linewidth=1.7, **look)
    for place, (bound, look) in enumerate(LOOKS.items()):
        median, low, high = _posterior(reach, bound).summary()
        height = -0.06 * top * (place + 1)
        axes.plot((low, high), (height, height), color=look["color"], linewidth=1.4, clip_on=False)
        axes.plot(median, height, MARKERS[bound], color=look["color"], markersize=4, clip_on=False)
    axes.set(xlim=(0, 1), ylim=(-0.17 * top, 1.3 * top), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.set_title(words.gettext("Share f of first events begun at a target"), fontsize=8.8)
    axes.set_xlabel(words.gettext("f; below the curves median and 95 % interval"))
    axes.legend(loc="upper right", fontsize=7, handlelength=2.2)


def _draw_intervals(axes: "Axes", reach: StudyReach, measure: Callable[[Effects], NDArray[np.float64]]) -> None:
    for place, (bound, cure) in enumerate(_order()):
        look = LOOKS[bound]
        low, median, high = _limits(measure(reach.drawn[E_SOURCES[0]].effects[bound, cure]))
        axes.plot((low, high), (place, place), color=look["color"], linewidth=1.8, solid_capstyle="butt")
        axes.plot(median, place, MARKERS[bound], color=look["color"], markersize=5)
    axes.set_ylim(len(_order()) - 0.4, -0.6)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _order() -> list[tuple[Bound, Cure]]:
    return [(bound, cure) for cure in CURES for bound in BOUNDS]


def _label_effects(axes: "Axes", words: NullTranslations) -> None:
    names = [f"{words.gettext(CURE_WORDS[cure])}\n{words.gettext(BOUND_WORDS[bound])}" for bound, cure in _order()]
    axes.set_yticks(range(len(names)), names, fontsize=7.6)


def _mark_worthwhile(axes: "Axes", points: float, words: NullTranslations) -> None:
    axes.axvline(points, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2)))
    look: dict[str, Any] = {"fontsize": 7, "color": style.INK, "ha": "left", "va": "bottom"}
    axes.annotate(
        words.gettext("worthwhile"), (points, axes.get_ylim()[0]), xytext=(3, 2), textcoords="offset points", **look
    )
    left, right = axes.get_xlim()
    axes.set_xlim(min(left, 0.0), max(right, 1.35 * points))


def _limits(draws: NDArray[np.float64]) -> tuple[float, float, float]:
    low, median, high = np.quantile(draws, (0.025, 0.5, 0.975))
    return float(low), float(median), float(high)
