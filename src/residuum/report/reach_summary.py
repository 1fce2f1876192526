"""The reachable effect in plain words: a short table with both bounds, what it rests on, and what it does not say."""

from typing import Final

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.records.design import BOUNDS
from residuum.report.formats import number
from residuum.report.numbers import Numbers, Row

LABEL_WIDTH: Final = 50
COLUMN_WIDTH: Final = 24
HEADS: Final = (("exclusive bound:", "at a target only"), ("inclusive bound:", "and mixed ones"))
CURES: Final = {
    "cause_specific": "If the effect lasts (cause-specific reading)",
    "shared": "If those event-free at 5 years are cured (shared reading: irradiation only delays)",
}
EFFECTS: Final = {
    "hazard_ratio": ("average hazard ratio to 5 years", 1, 2),
    "gain.3y": ("EFS at 3 years, points gained", 100, 1),
    "gain.5y": ("EFS at 5 years, points gained", 100, 1),
    "gain.10y": ("EFS at 10 years, points gained", 100, 1),
    "rmst_gain.5y": ("event-free years gained, of the first 5", 1, 2),
}
"""Row, its words, the factor it is printed with, and its decimals."""
PLACES: Final = {
    "target_only": "at a target only",
    "both": "at a target and elsewhere",
    "elsewhere_only": "elsewhere only",
    "other": "death or second malignancy",
}
NOTES: Final = (
    "Median and 95 % interval of what the data and the priors leave open. The data cannot choose between the bounds,",
    "nor between the readings of cure. The inclusive bound is the largest possible under these assumptions and if",
    "nothing that fails only elsewhere was seeded by a target; the exclusive one is not, and shows nothing about",
    "whether radiotherapy works. No source identifies e: its prior decides much of this.",
)


def render_summary(
    numbers: Numbers, title: str, *, synthetic: bool, oligo_max_sites: int, design: str | None = None
) -> str:
    """Return the reachable effect as lines of text.

    Parameters
    ----------
    numbers : Numbers
        Rows of `residuum.report.rows.trial_reach`.
    title : str
        Of the study.
    synthetic : bool
        Whether the study is make-believe.
    oligo_max_sites : int
        Most sites that an eligible patient has.
    design : str, optional
        Title of the design whose beliefs about irradiation were taken.
    """
    lines = [f"What irradiating residual uptake could reach: {title}"]
    if synthetic:
        lines.append("A make-believe study: its share f is invented and says nothing about real children.")
    if design is not None:
        lines.append(f"Beliefs about irradiation: {design}")
    ratio = numbers.get("trial.reach.exclusive.cause_specific.e_prior.hazard_ratio")
    assert ratio is not None
    if ratio.value is None:
        return "\n".join([*lines, "", f"Not defined: {ratio.reason}.", "", PLANNING_FOOTER, DISCLAIMER])
    lines += ["", *_denominators(numbers, ratio, oligo_max_sites), "", *_table(numbers), "", *NOTES]
    return "\n".join([*lines, "", PLANNING_FOOTER, DISCLAIMER])


def _denominators(numbers: Numbers, ratio: Row, oligo_max_sites: int) -> list[str]:
    counts = {row.name.split(".")[3]: row for row in numbers.named("trial.reach.events.") if ".overall" in row.name}
    places = [f"{number(counts[name].value or 0)} {words}" for name, words in PLACES.items()]
    unknown = sum(counts[name].value or 0 for name in ("unclear", "unknown"))
    of = counts["target_only"].of
    return [
        f"Eligible: {ratio.n} with at most {oligo_max_sites} sites of residual uptake after HDC and no event by then.",
        f"First events: {number(of or 0)}; {', '.join(places)}, {number(unknown)} of unclear or unknown place.",
    ]


def _table(numbers: Numbers) -> list[str]:
    lines = [_line("", heads) for heads in zip(*HEADS, strict=True)]
    lines.append(_across(numbers, "f, share of first events begun at a target", "f.{bound}.jeffreys.overall"))
    lines.append(_across(numbers, "  with the sceptical prior", "f.{bound}.sceptical.overall"))
    lines.append(_across(numbers, "e, share of the hazard at a target taken away", "e_prior"))
    for cure, heading in CURES.items():
        lines += ["", heading]
        for effect, (words, factor, digits) in EFFECTS.items():
            name = f"{{bound}}.{cure}.e_prior.{effect}"
            lines.append(_across(numbers, f"  {words}", name, factor, digits))
        lines.append(
            _across(numbers, "  " + _worthwhile(numbers), f"{{bound}}.{cure}.e_prior.worthwhile", 100, 0, " %")
        )
    return lines


def _worthwhile(numbers: Numbers) -> str:
    row = numbers.get("trial.reach.exclusive.shared.e_prior.worthwhile")
    assert row is not None
    assert row.method is not None
    wanted = row.method.removeprefix("posterior probability of ").split(";")[0]
    return f"probability of {wanted}"


def _across(numbers: Numbers, words: str, name: str, factor: float = 1, digits: int = 2, unit: str = "") -> str:
    rows = [numbers.get("trial.reach." + name.format(bound=bound)) for bound in BOUNDS]
    return _line(words, tuple("–" if row is None else _text(row, factor, digits) + unit for row in rows))


def _text(row: Row, factor: float, digits: int) -> str:
    if row.value is None:
        return "–"
    text = _fixed(factor * row.value, digits)
    if row.low is None or row.high is None:
        return text
    ends = [_fixed(factor * end, digits) for end in (row.low, row.high)]
    return f"{text} ({(' to ' if ends[0].startswith('−') else '–').join(ends)})"


def _fixed(value: float, digits: int) -> str:
    """Return a number with so many decimals, never -0, and never 0 by rounding alone."""
    least = 10**-digits
    if 0 < abs(value) < least / 2:
        return f"<{least:.{digits}f}" if value > 0 else f"−<{least:.{digits}f}"
    return f"{value + 0.0:.{digits}f}".replace("-", "−")


def _line(words: str, cells: tuple[str, ...]) -> str:
    return (f"{words:<{LABEL_WIDTH}}" + "".join(f"{cell:<{COLUMN_WIDTH}}" for cell in cells)).rstrip()
