"""Events and children needed beside those that there are, on a logarithmic scale."""

from collections.abc import Iterator
from dataclasses import dataclass
from gettext import NullTranslations
from typing import TYPE_CHECKING, Final, Literal

from residuum.records.design import Bound
from residuum.report.figures import style
from residuum.report.figures.trial_sign import sign
from residuum.report.numbers import Row
from residuum.report.rows.trial_power import prefix_of
from residuum.report.trial_findings import BOUND_WORDS, Findings, bound_name, reading_name
from residuum.report.trial_text import about, opening
from residuum.report.wording import N_, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Kind = Literal["events", "patients"]
KINDS: Final[dict[Kind, str]] = {"events": N_("events"), "patients": N_("children")}
SHORT_READINGS: Final = {
    "evaluable": N_("there are, of the evaluable"),
    "stage_m": N_("there are, of all stage M"),
    "declared": N_("there are, as declared"),
}
NONE: Final = N_("no number would show it")
# From here on every second power of ten is labelled.
CROWDED: Final = 20_000
NEEDED: Final = "#c8592a"
THERE: Final = "#1b3a6b"


@dataclass(frozen=True, slots=True)
class Bar:
    """One number of events or children.

    Attributes
    ----------
    words : str
        What it is.
    row : Row
        Where it stands.
    needed : bool
        Whether it is wanted, or there.
    """

    words: str
    row: Row
    needed: bool


def bars(findings: Findings, bound: Bound | None, kind: Kind, words: NullTranslations) -> list[Bar]:
    """Return what is needed under one bound, then what there is under each reading."""
    return [one for one in _all_bars(findings, bound, kind, words) if one.row.value or one.row.reason]


def _all_bars(findings: Findings, bound: Bound | None, kind: Kind, words: NullTranslations) -> Iterator[Bar]:
    _ = words.gettext
    for power in (90, 80):
        row = needed_row(findings, bound, kind, power)
        if row is not None:
            yield Bar(_("needed for %d %% power") % power, row, True)
    found = [(reading, _there(findings, bound, reading_name(reading), kind)) for reading in findings.readings]
    for reading, row in found:
        if row is not None:
            yield Bar(label(words, reading_name(reading), SHORT_READINGS), row, False)
    own = findings.numbers.get(f"{prefix_of(bound)}.{kind}")
    if own is not None and not any(row is not None for _reading, row in found):
        yield Bar(_("in the design, on average"), own, False)


def needed_row(findings: Findings, bound: Bound | None, kind: Kind, power: int) -> Row | None:
    """Return what a power needs, with the funnel as the design reads it."""
    funnel = findings.design.accrual.funnel
    group = f"{bound_name(bound)}.{reading_name(None if funnel is None else funnel.persistent_of)}"
    what = "children" if kind == "patients" else kind
    row = findings.numbers.get(f"trial.needed.{what}.power_{power}", group)
    if row is not None:
        return row
    row = findings.numbers.get(f"{prefix_of(bound)}.needed.{kind}.power_{power}")
    return row if row is not None and row.value is not None else None


def _there(findings: Findings, bound: Bound | None, reading: str, kind: Kind) -> Row | None:
    if kind == "patients":
        return findings.numbers.get(f"trial.available.{reading}")
    return findings.numbers.get("trial.buy.events", f"{bound_name(bound)}.{reading}")


@style.styled
def draw_trial_needed(findings: Findings, words: NullTranslations) -> "Figure":
    """Return events on the left and children on the right, one block of lines for each bound."""
    count = len(findings.readings) + 2
    height = 0.27 * (count + 0.9) * len(findings.bounds) + 0.95
    figure = style.new_figure(9.4, height)
    for place, kind in enumerate(KINDS):
        axes = figure.add_axes((0.215 + 0.4 * place, 0.6 / height, 0.35, 1 - 0.95 / height))
        _draw_bars(axes, findings, kind, words)
        if place:
            axes.tick_params(labelleft=False)
    return sign(figure, findings, words)


def describe_trial_needed(findings: Findings, words: NullTranslations) -> style.Description:
    """Return the words of needed and available."""
    _ = words.gettext
    caption = _(
        "Logarithmic scale. Needed: events by Schoenfeld's formula at the average hazard ratio to 5 years, and the "
        "children who would give so many events within %(years)g years. There are (bars: 80 %% of the draws of "
        "funnel and centres): children within the same years, and the events expected among them."
    ) % {"years": findings.design.criteria.done_years}
    if not any(row.value is not None for row in findings.numbers.named("trial.available.")):
        caption = _("Logarithmic scale. Events needed by Schoenfeld's formula, and what the design has on average.")
    if findings.reach is not None:
        caption += " " + _("Events needed: with f from the study.")
    said = [_said(findings, bound, words) for bound in findings.bounds]
    return style.Description(_("Events and children: needed, and what there is"), caption, " ".join(said))


def _said(findings: Findings, bound: Bound | None, words: NullTranslations) -> str:
    parts = [
        f"{words.gettext(name)} {one.words} {about(one.row.value) if one.row.value else words.gettext(NONE)}"
        for kind, name in KINDS.items()
        for one in bars(findings, bound, kind, words)
    ]
    listed = ", ".join(parts) or words.gettext("no number of children could show it")
    return f"{opening(label(words, bound_name(bound), BOUND_WORDS))}: {listed}."


def _draw_bars(axes: "Axes", findings: Findings, kind: Kind, words: NullTranslations) -> None:
    place, ticks, highest = 0.0, [], 1.0
    # Lines stand side by side, so that both panels list the same ones.
    for bound in findings.bounds:
        axes.text(
            -0.02 if kind == "events" else 0.0, place, opening(label(words, bound_name(bound), BOUND_WORDS)),
            transform=axes.get_yaxis_transform(), ha="right", va="center", fontweight="bold", fontsize=8.4,
            visible=kind == "events",
        )  # fmt: skip
        place += 0.95
        listed = {one.words: one for one in bars(findings, bound, kind, words)}
        for name in dict.fromkeys(one.words for each in KINDS for one in bars(findings, bound, each, words)):
            ticks.append((place, name))
            if name in listed and not listed[name].row.value:
                axes.text(1.2, place, words.gettext(NONE), va="center", fontsize=7.8, color=style.QUIET)
            elif name in listed:
                _draw_bar(axes, place, listed[name])
                highest = max(highest, listed[name].row.value or 1.0)
            else:
                axes.text(0.02, place, "–", transform=axes.get_yaxis_transform(), va="center", color=style.QUIET)
            place += 1.0
        place += 0.25
    axes.set_xscale("log")
    axes.set(xlim=(1, highest * 20), ylim=(place - 0.5, -0.6))
    axes.set_yticks([at for at, _name in ticks], [name for _at, name in ticks])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    ticks_at = [10**power for power in range(9) if power % 2 == 0 or highest < CROWDED]
    ticks_at = [tick for tick in ticks_at if tick <= highest * 20]
    axes.set_xticks(ticks_at, [f"{tick:,}" for tick in ticks_at])
    axes.grid(axis="x", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.minorticks_off()
    axes.set_xlabel(words.gettext(KINDS[kind]))


def _draw_bar(axes: "Axes", place: float, one: Bar) -> None:
    colour, marker = (NEEDED, "D") if one.needed else (THERE, "s")
    value = one.row.value or 1.0
    axes.plot([1, value], [place, place], color=colour, linewidth=1.0, alpha=0.35)
    low, high = one.row.low, one.row.high
    if not one.needed and low is not None and high is not None and one.row.level is not None:
        axes.plot([max(low, 1), high], [place, place], color=colour, linewidth=3.4, solid_capstyle="butt", alpha=0.55)
        value = max(value, high)
    axes.plot(one.row.value or 1.0, place, marker, color=colour, markersize=5)
    axes.annotate(
        about(one.row.value or 0), (value, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=7.8
    )
