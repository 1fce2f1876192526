"""How many children come by when: a fan of simulated accruals for each reading of the funnel."""

from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, Final

from residuum.records.design import Funnelling
from residuum.report.figures import style
from residuum.report.figures.trial_sign import sign
from residuum.report.trial_findings import READING_WORDS, Findings, reading_name
from residuum.report.trial_text import opening
from residuum.report.wording import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE: Final = "#cfdae6"
NARROW: Final = "#8fabc8"
MIDDLE: Final = "#1b3a6b"


@style.styled
def draw_trial_accrual(findings: Findings, words: NullTranslations) -> "Figure":
    """Return the fans side by side on one scale."""
    both = len(findings.readings) > 1
    figure = style.new_figure(8.6 if both else 5.6, 3.6)
    top = max(max(fan.quantiles.max() for fan in findings.fans.values()), findings.design.accrual.patients)
    width = 0.42 if both else 0.82
    for place, reading in enumerate(findings.readings):
        axes = figure.add_axes(((0.075 if both else 0.1) + 0.475 * place, 0.16, width, 0.7))
        _draw_fan(axes, findings, reading, words)
        axes.set_ylim(0, 1.12 * top)
        axes.tick_params(labelleft=place == 0)
        if place == 0:
            axes.set_ylabel(words.gettext("children randomised"))
            axes.legend(loc="upper left" if findings.design.accrual.patients < 0.7 * top else "lower right")
    return sign(figure, findings, words)


def describe_trial_accrual(findings: Findings, words: NullTranslations) -> style.Description:
    """Return the words of accrual."""
    _ = words.gettext
    accrual = findings.design.accrual
    caption = _(
        "Simulated accrual at the central values: centres open one after the other and recruit at rates that differ "
        "between centres by a gamma distribution, patients come at random (Poisson). Nobody is turned away here, so "
        "that what could come can be compared with the number wanted (dashed). The ranges of the "
        "funnel add to this: see the children who can be randomised."
    )
    if accrual.pattern == "uniform" and accrual.funnel is None:
        caption = _(
            "The design declares even accrual and gives no rate: that so many children come is an assumption, and the "
            "band shows chance alone."
        )
    said = [_said(findings, reading, words) for reading in findings.readings]
    return style.Description(_("How many children come, and when"), caption, " ".join(said))


def _said(findings: Findings, reading: Funnelling | None, words: NullTranslations) -> str:
    fan = findings.fans[reading]
    low, _lower, median, _upper, high = fan.quantiles[:, -1].tolist()
    return words.gettext(
        "%(reading)s: by year %(year)g, %(median).0f children (90 %% of accruals: %(low).0f to %(high).0f), where the "
        "design wants %(wanted)d."
    ) % {
        "reading": opening(label(words, reading_name(reading), READING_WORDS)),
        "year": fan.years[-1],
        "median": median,
        "low": low,
        "high": high,
        "wanted": findings.design.accrual.patients,
    }


def _draw_fan(axes: "Axes", findings: Findings, reading: Funnelling | None, words: NullTranslations) -> None:
    _ = words.gettext
    fan, wanted = findings.fans[reading], findings.design.accrual.patients
    low, lower, median, upper, high = fan.quantiles
    axes.fill_between(fan.years, low, high, color=WIDE, linewidth=0, label=_("90 % of accruals"))
    axes.fill_between(fan.years, lower, upper, color=NARROW, linewidth=0, label=_("50 %"))
    axes.plot(fan.years, median, color=MIDDLE, linewidth=1.8, label=_("median"))
    axes.axhline(wanted, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2)))
    # At the left the fan is always below the line.
    beside: dict[str, Any] = {"xytext": (3, 2), "textcoords": "offset points", "va": "bottom", "fontsize": 7.6}
    axes.annotate(_("wanted: %d") % wanted, (0, wanted), **beside)
    axes.set(xlim=(0, fan.years[-1]), xticks=range(int(fan.years[-1]) + 1))
    axes.set_xlabel(_("years since the first centre opened"))
    axes.set_title(style.wrap(opening(label(words, reading_name(reading), READING_WORDS)), 48), fontsize=8.8)
