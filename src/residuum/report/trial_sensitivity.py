"""The sensitivity rows of a design put in order: which input moves the answer, and how far."""

from dataclasses import dataclass
from typing import Final

from residuum.records.design import Bound
from residuum.report.numbers import Row
from residuum.report.trial_findings import Findings, bound_name, reading_name

PREFIX: Final = "trial.sensitivity."
ENDINGS: Final = (".done", ".hazard_ratio", ".gain")


@dataclass(frozen=True, slots=True)
class Swing:
    """One input at both ends of its range.

    Attributes
    ----------
    path : str
        Of the design, such as ``radiotherapy.local_effect``.
    low, high : float
        The measure there, all other inputs at their central values.
    """

    path: str
    low: float
    high: float

    @property
    def size(self) -> float:
        """How far the input moves the measure."""
        return abs(self.high - self.low)


def sensitivity_reading(findings: Findings) -> str:
    """Return the reading of the funnel under which inputs are varied on the page: the one that the design declares."""
    funnel = findings.design.accrual.funnel
    return reading_name(None if funnel is None else funnel.persistent_of)


def varied(findings: Findings) -> list[str]:
    """Return the inputs that have a range, in the order of the design."""
    names = [row.name for row in findings.numbers.named(PREFIX) if row.name.endswith(".low")]
    return list(dict.fromkeys(name.removeprefix(PREFIX).removesuffix(".low") for name in names))


def swings(findings: Findings, bound: Bound | None, ending: str) -> list[Swing]:
    """Return the inputs under one bound, the one that moves the measure most first.

    Parameters
    ----------
    findings : Findings
        With the sensitivity rows.
    bound : {"exclusive", "inclusive"} or None
        Of f.
    ending : {"", ".done", ".gain"}
        Power, probability of being done in time, or EFS gained.
    """
    found = []
    for path in varied(findings):
        low, high = (_row(findings, bound, f"{path}.{end}{ending}") for end in ("low", "high"))
        if low is not None and high is not None and low.value is not None and high.value is not None:
            found.append(Swing(path, low.value, high.value))
    return sorted(found, key=lambda one: -one.size)


def central_value(findings: Findings, bound: Bound | None, ending: str) -> float:
    """Return the measure at the central values, 0 where it is not known."""
    row = _row(findings, bound, f"central{ending}")
    return 0.0 if row is None or row.value is None else row.value


def _row(findings: Findings, bound: Bound | None, name: str) -> Row | None:
    return findings.numbers.get(PREFIX + name, bound_name(bound), sensitivity_reading(findings))
