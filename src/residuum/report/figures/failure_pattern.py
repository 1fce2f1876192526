"""Where failures happen, always with denominators: by patient, site and score point, and as a trial would see it."""

from dataclasses import dataclass
from gettext import NullTranslations
from typing import TYPE_CHECKING, Final

from residuum.records.vocabulary import AVID_STATES, FAILURE_PATTERNS, SITE_CLASSES, TRIAL_CLASSES
from residuum.report import labels
from residuum.report.figures import style
from residuum.report.numbers import Numbers
from residuum.report.wording import N_, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLASS_COLOURS: Final = {
    "target_only": "#1b3a6b",
    "elsewhere_only": "#7fb5a5",
    "both": "#6f4b8b",
    "unclear": "#b9bfc6",
    "unknown": "#d5d9de",
    "target": "#1b3a6b",
    "prior_non_target": "#c8592a",
    "never_seen": "#7fb5a5",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, count, denominator and look."""

    name: str
    value: float
    of: float
    colour: str
    hatch: str = ""

    @property
    def share(self) -> float:
        """Value as a share of the denominator, 0 where there is none."""
        return self.value / self.of if self.of else 0.0


PANELS: Final = {
    "pattern.patient": N_("Patients by pattern at first progression"),
    "pattern.site": N_("Avid sites and score points at progression, by state"),
    "trial_view.patient": N_("The trial's view: where patients failed"),
    "trial_view.site": N_("The trial's view: sites that failed, of those at risk"),
}


def derive_bars(numbers: Numbers, words: NullTranslations) -> dict[str, list[Bar]]:
    """Return the bars of the four panels by the prefix of their rows."""
    patterns = [
        _bar(
            numbers,
            f"pattern.patient.{name}",
            label(words, name, labels.PATTERNS),
            style.PATTERN_COLOURS[name],
            style.PATTERN_HATCHES[name],
        )
        for name in FAILURE_PATTERNS
    ]
    states = []
    for kind, unit in (("site", words.gettext("sites")), ("points", words.gettext("score points"))):
        for state in AVID_STATES:
            name = f"{unit}, {label(words, state, labels.STATES)}"
            hatch = style.PATTERN_HATCHES[f"{state}_only"]
            states.append(_bar(numbers, f"pattern.{kind}.{state}", name, style.STATE_COLOURS[state], hatch))
    classes = [
        _bar(numbers, f"trial_view.patient.{name}", label(words, name, labels.TRIAL_CLASSES), CLASS_COLOURS[name])
        for name in TRIAL_CLASSES
    ]
    sites = [
        _bar(numbers, f"trial_view.site.{name}.failed", label(words, name, labels.SITE_CLASSES), CLASS_COLOURS[name])
        for name in SITE_CLASSES
    ]
    return dict(zip(PANELS, (patterns, states, classes, sites), strict=True))


@style.styled
def draw_failure_pattern(numbers: Numbers, words: NullTranslations) -> "Figure":
    """Return the failure patterns with their denominators."""
    panels = derive_bars(numbers, words)
    if not any(bar.of for bars in panels.values() for bar in bars):
        return style.sentence_figure(
            words.gettext("No included patient progressed or relapsed: there is no failure pattern.")
        )
    figure = style.new_figure(10.0, 5.4)
    for place, (prefix, bars) in enumerate(panels.items()):
        column, row = place % 2, place // 2
        axes = figure.add_axes((0.185 + 0.5 * column, 0.585 - 0.53 * row, 0.185, 0.34))
        axes.set_title(words.gettext(PANELS[prefix]), x=-0.95, fontsize=8.8)
        _draw_bars(axes, bars, words)
    return figure


def describe_failure_pattern(numbers: Numbers, words: NullTranslations) -> style.Description:
    """Return the words of the failure patterns."""
    _ = words.gettext
    parts = []
    for prefix, bars in derive_bars(numbers, words).items():
        listed = ", ".join(f"{bar.name} {_count(bar)}" for bar in bars if bar.of)
        parts.append(f"{_(PANELS[prefix])}: {listed or '–'}")
    caption = _(
        "Every bar prints its count and its denominator. By patient, of the group progression; by site and by SIOPEN "
        "score point, of what is avid on the progression scans (sites of one patient hang together). In the trial's "
        "view a target is a site avid at the landmark; it fails only when it has grown. A large share of old sites is "
        "expected by chance where most regions were avid at diagnosis."
    )
    return style.Description(_("Where failures happen"), caption, ". ".join(parts) + ".")


def _bar(numbers: Numbers, name: str, words: str, colour: str, hatch: str = "") -> Bar:
    row = numbers.get(name)
    value, of = (row.value, row.of) if row else (None, None)
    return Bar(words, value or 0.0, of or 0.0, colour, hatch)


def _count(bar: Bar) -> str:
    return "/".join(f"{number:.1f}".removesuffix(".0") for number in (bar.value, bar.of))


def _draw_bars(axes: "Axes", bars: list[Bar], words: NullTranslations) -> None:
    if not any(bar.of for bar in bars):
        style.say(axes, words.gettext("nothing to count"))
        return
    for place, bar in enumerate(bars):
        _draw_box(axes, place, 1.0, style.WASH)
        _draw_box(axes, place, bar.share, bar.colour, bar.hatch)
        percent = f"{100 * bar.share:.0f} %" if bar.of else ""
        axes.text(1.03, place, f"{_count(bar)}   {percent}", va="center", fontsize=7.8)
    axes.set(xlim=(0, 1), ylim=(len(bars) - 0.5, -0.5), yticks=range(len(bars)), xticks=(0, 0.5, 1))
    axes.set_yticklabels([style.wrap(bar.name, 26) for bar in bars], fontsize=7.8)
    axes.set_xticklabels(["0", "50 %", "100 %"], fontsize=7)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _draw_box(axes: "Axes", place: int, width: float, colour: str, hatch: str = "") -> None:
    from matplotlib.patches import Rectangle

    box = Rectangle((0, place - 0.34), width, 0.68, facecolor=colour, edgecolor=style.PAPER)
    box.set(linewidth=0.3, hatch=hatch)
    axes.add_patch(box)
