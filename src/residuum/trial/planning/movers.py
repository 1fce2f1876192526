"""Which inputs move a trial most: by their shares of variance, and one at a time between the ends of their ranges."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from residuum.trial.planning.assurance import ENDS, Assurance, End, Outcome
from residuum.trial.planning.inputs import Inputs

MOST_MOVERS: Final = 3
# Standard errors beyond which a simulated difference is said to be one.
CLEAR: Final = 2.0
MEASURES: Final = {"power": "power", "done": "done in time", "hazard_ratio": "average hazard ratio", "gain": "EFS gain"}
"""Of a tornado, with their words."""

Ends: TypeAlias = Mapping[tuple[str, End], Outcome]
"""Of every input and end, the others central."""


class Mover(NamedTuple):
    """An input, by how much it moves something, and that in words."""

    path: str
    amount: float
    words: str


def movers(assurance: Assurance, inputs: Inputs, ends: Ends) -> list[Mover]:
    """Return the inputs that move the probability of success most, at most three.

    By their shares of its variance. Where it hardly varies over the draws, or no share is clear, by the difference in
    power between the ends of their ranges, and where that is within the Monte-Carlo error, by the difference in gain.
    """
    found = list(_by_shares(assurance, inputs))
    for measure in ("power", "gain"):
        found = found or list(_by_ends(measure, inputs, ends))
    return sorted(found, key=_size)[:MOST_MOVERS]


def most_by_end(measure: str, inputs: Inputs, ends: Ends) -> Mover | None:
    """Return the input whose range moves one of `MEASURES` most, None where none does beyond the Monte-Carlo error."""
    return min(_by_ends(measure, inputs, ends), key=_size, default=None)


def _size(mover: Mover) -> float:
    return -abs(mover.amount)


def _by_shares(assurance: Assurance, inputs: Inputs) -> Iterator[Mover]:
    if assurance.shares is None:
        return
    parts = zip(inputs.paths, assurance.shares.shares.tolist(), assurance.shares.errors.tolist(), strict=True)
    for path, share, error in parts:
        if share > CLEAR * error:
            yield Mover(path, share, f"{100 * share:.0f} % of the variance")


def _by_ends(measure: str, inputs: Inputs, ends: Ends) -> Iterator[Mover]:
    for path in inputs.paths:
        (low, low_error), (high, high_error) = (_measured(ends[path, end], measure) for end in ENDS)
        amount = high - low
        if abs(amount) > max(CLEAR * float(np.hypot(low_error, high_error)), 1e-9):
            yield Mover(path, amount, f"{MEASURES[measure]} {low:.3f} to {high:.3f} over its range")


def _measured(outcome: Outcome, measure: str) -> tuple[float, float]:
    if measure == "hazard_ratio":
        return (1.0 if outcome.hazard_ratio is None else outcome.hazard_ratio), 0.0
    if measure == "gain":
        return outcome.gain, 0.0
    estimate = outcome.power if measure == "power" else outcome.done
    return estimate.value, estimate.error
