"""How numbers are printed: never rounded silently to nothing, always with n, denominator and interval."""

from gettext import NullTranslations

from residuum.report.document import Cell
from residuum.report.numbers import Numbers, Row

COUNTED = ("patients", "sites", "points", "scans", "reads")
SHARES = ("probability", "proportion")
DIGITS = {"score": 1, "years": 1, "points": 1, "per site-year": 3}
"""Decimals by unit, where they are not two; numbers.json has them all."""


class Printer:
    """Prints the rows of a study as cells that link to the patients behind them."""

    def __init__(self, numbers: Numbers, words: NullTranslations) -> None:
        self.numbers = numbers
        self.words = words

    def row(self, name: str, group: str | None = None, mode: str | None = None) -> Cell:
        """Return the cell of a row, a dash where there is none."""
        return self.cell(self.numbers.get(name, group, mode))

    def cell(self, row: Row | None, few: int = 0) -> Cell:
        """Return a row in full: value, denominator, share and interval; quiet where fewer than `few` are at risk."""
        if row is None:
            return Cell("–", tone="number")
        if row.value is None:
            return Cell("–", self.target(row), "number", row.reason or "")
        at_risk = row.at_risk is not None and row.at_risk < few
        return Cell(self.text(row), self.target(row), "quiet" if at_risk else "number")

    def value(self, row: Row | None) -> Cell:
        """Return only the value of a row, linked."""
        if row is None or row.value is None:
            return self.cell(row)
        text = percent(row.value) if row.unit in SHARES else number(row.value, _digits(row))
        return Cell(text, self.target(row), "number")

    def target(self, row: Row) -> str | None:
        """Return the place of the list of patients behind a row, None where there is nobody."""
        return self.numbers.set_of(row) if row.patients else None

    def text(self, row: Row) -> str:
        """Return the words of a row with a value."""
        if row.value is None:
            return "–"
        if row.median is not None and row.min is not None and row.max is not None:
            digits = _digits(row)
            return f"{number(row.median, digits)} [{span(row.min, row.max, digits)}], n = {row.n}"
        if row.unit in COUNTED:
            return self._count(row)
        if row.unit in SHARES:
            return percent(row.value) + self._interval(row, 100, 1) + self._at_risk(row)
        return number(row.value, _digits(row)) + self._interval(row, 1, _digits(row))

    def _count(self, row: Row) -> str:
        assert row.value is not None
        digits = _digits(row)
        text = number(row.value, digits)
        if row.of is None:
            return text
        text += f"/{number(row.of, digits)}"
        return text if row.proportion is None else f"{text} = {percent(row.proportion)}{self._interval(row, 100, 1)}"

    @staticmethod
    def _interval(row: Row, scale: float, digits: int) -> str:
        if row.low is None or row.high is None:
            return ""
        return f" ({span(scale * row.low, scale * row.high, digits)})"

    def _at_risk(self, row: Row) -> str:
        if row.at_risk is None:
            return ""
        return "; " + self.words.gettext("%(count)d at risk") % {"count": row.at_risk}


def _digits(row: Row) -> int:
    return DIGITS.get(row.unit, 2)


def number(value: float, digits: int = 2) -> str:
    """Return a number with `digits` decimals, whole numbers without; never 0 by rounding."""
    return f"{value:.0f}".replace("-", "−") if value == round(value) else _fixed(value, digits)


def _fixed(value: float, digits: int) -> str:
    if value == 0:
        return f"{0:.{digits}f}"
    text = f"{value:.{digits}f}" if abs(value) >= 10**-digits else f"{value:.2g}"
    return text.replace("-", "−")


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal."""
    # A no-break space: the sign never stands alone on a line.
    return f"{100 * share:.1f}\u00a0%"


def span(low: float, high: float, digits: int = 2) -> str:
    """Return two ends of a range, both whole or both with decimals."""
    whole = low == round(low) and high == round(high)
    ends = [number(end) if whole else _fixed(end, digits) for end in (low, high)]
    separator = " to " if any(end.startswith("−") for end in ends) else "–"
    return separator.join(ends)


def p_value(p: float) -> str:
    """Return a probability of a test."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"
