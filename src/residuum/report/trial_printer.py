"""How the rows of a trial are printed on its page: no links, since there are no patients behind them."""

from collections.abc import Callable

from residuum.report.document import Cell
from residuum.report.formats import Printer
from residuum.report.numbers import Row
from residuum.report.trial_text import about, points, ratio, share


class TrialPrinter(Printer):
    """Prints rows of planning: shares in percent, gains in points, large needs rounded."""

    def target(self, _row: Row) -> str | None:
        """Return nothing: what a study's children are behind a number is said in the study's own report."""
        return None

    def share(self, name: str, group: str | None = None, mode: str | None = None, *, error: bool = False) -> Cell:
        """Return a probability in percent, with its Monte-Carlo error or interval if asked for."""
        row = self.numbers.get(name, group, mode)
        if row is None or row.value is None:
            return self._missing(row)
        text = share(row.value)
        if error and row.low is not None and row.high is not None:
            text = f"{share(row.value, 2)} ± {100 * (row.high - row.low) / 2:.2f}"
        return Cell(text, tone="number")

    def points(self, name: str, group: str | None = None, mode: str | None = None) -> Cell:
        """Return a difference of probabilities in points."""
        return self._shown(name, group, mode, points)

    def ratio(self, name: str, group: str | None = None, mode: str | None = None) -> Cell:
        """Return a hazard ratio."""
        return self._shown(name, group, mode, ratio)

    def about(self, name: str, group: str | None = None, mode: str | None = None) -> Cell:
        """Return a number as a plan can use it: two significant digits."""
        return self._shown(name, group, mode, about)

    def spread(self, name: str, group: str | None = None, digits: int = 1) -> Cell:
        """Return a number with the ends of its interval."""
        row = self.numbers.get(name, group)
        if row is None or row.value is None:
            return self._missing(row)
        text = f"{row.value:.{digits}f}"
        if row.low is not None and row.high is not None:
            text += f" ({row.low:.{digits}f} {self.words.gettext('to')} {row.high:.{digits}f})"
        return Cell(text.replace("-", "−"), tone="number")

    def _shown(self, name: str, group: str | None, mode: str | None, text: Callable[[float], str]) -> Cell:
        row = self.numbers.get(name, group, mode)
        return self._missing(row) if row is None or row.value is None else Cell(text(row.value), tone="number")

    def _missing(self, row: Row | None) -> Cell:
        return Cell("–", tone="number", reason="" if row is None else row.reason or "")
