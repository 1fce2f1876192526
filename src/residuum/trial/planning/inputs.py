"""What a design leaves open: its ranges by dotted path, joint draws of them, and the design at one draw."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from residuum.records.design import Bound, Design, Quantity
from residuum.records.errors import CallError
from residuum.trial.planning.priors import quantile
from residuum.trial.planning.shares import LEVEL, SharePosterior
from residuum.trial.simulation.draws import design_key

SHARES: Final = ("failure.shares.target_only", "failure.shares.both", "failure.shares.death")
# Beyond the numbers of the simulation's own arrays (`simulation.draws.Stream`), so that no key is used twice.
INPUT_STREAM: Final = 100
# Quantiles are taken at uniform numbers above 0, since a log-normal has no lower end.
SMALLEST: Final = 2.0**-54
MOST_REDRAWS: Final = 1000

Part = TypeVar("Part", bound=BaseModel)


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Joint draws of what a design leaves open, k inputs.

    Attributes
    ----------
    paths : tuple of str
        Dotted keys of the design, entries of lists counted from 1.
    values : ndarray of shape (draws, k)
        Drawn together.
    low, central, high : ndarray of shape (k,)
        Declared ends and central values; of a posterior its median and 95 % interval.
    """

    paths: tuple[str, ...]
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    central: NDArray[np.float64]
    high: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.values)

    def column(self, path: str) -> NDArray[np.float64] | None:
        """Return the draws of one input, None where the design does not leave it open."""
        return self.values[:, self.paths.index(path)] if path in self.paths else None

    def design_at(self, design: Design, draw: int) -> Design:
        """Return the design at one draw."""
        return with_values(design, dict(zip(self.paths, self.values[draw].tolist(), strict=True)))

    def central_design(self, design: Design) -> Design:
        """Return the design at the central values."""
        return with_values(design, dict(zip(self.paths, self.central.tolist(), strict=True)))

    def end_design(self, design: Design, path: str, end: str) -> Design:
        """Return the design with one input at its `low` or `high` end and the others central.

        A share of failures is cut off where it and the central values of the others would pass 1.
        """
        place = self.paths.index(path)
        value = float((self.low if end == "low" else self.high)[place])
        central = dict(zip(self.paths, self.central.tolist(), strict=True))
        if path in SHARES:
            others = _shares(self.central_design(design))
            value = min(value, 1 - sum(share for name, share in others.items() if name != path))
        return with_values(design, central | {path: value})


def open_inputs(design: Design) -> dict[str, Quantity]:
    """Return the quantities of a design that are ranges, by dotted path such as ``radiotherapy.local_effect``."""
    return {path: quantity for path, quantity in _quantities(design, "") if not quantity.known}


def with_values(design: Design, values: Mapping[str, float]) -> Design:
    """Return a design with some quantities set, their ranges gone.

    Parameters
    ----------
    design : Design
        Any.
    values : mapping of str to float
        By dotted path, entries of lists counted from 1. They are taken as they are: each must be possible by itself.

    Raises
    ------
    CallError
        There is no such quantity.
    """
    for path, value in values.items():
        design = _replaced(design, path.split("."), Quantity(central=float(value)), path)
    return design


def input_generator(design: Design, seed: int) -> np.random.Generator:
    """Return the source of the draws of a design's inputs; no array of the simulation shares its key."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, design_key(design.id), 0, INPUT_STREAM])))


def draw_inputs(
    design: Design,
    generator: np.random.Generator,
    draws: int,
    posteriors: Mapping[Bound, SharePosterior] | None = None,
) -> Inputs:
    """Draw what a design leaves open, each input by itself, from its own distribution.

    Draws in which the shares of failures would add to more than 1 are drawn again, the shares only.

    Parameters
    ----------
    design : Design
        With its ranges.
    generator : numpy.random.Generator
        Source of the draws.
    draws : int
        Number of draws.
    posteriors : mapping of bound to SharePosterior, optional
        Of f from a study, both bounds: replaces what the design says about the shares. They are drawn together from the
        same uniform numbers under both bounds: `target_only` is the exclusive f, `both` what the inclusive one adds.

    Returns
    -------
    Inputs

    Raises
    ------
    CallError
        The ranges of the shares hardly ever add to 1 or less.
    """
    ranges = open_inputs(design)
    if posteriors is not None:
        ranges = {path: quantity for path, quantity in ranges.items() if path not in SHARES}
    values = {path: quantile(quantity, _uniform(generator, draws)) for path, quantity in ranges.items()}
    ends = {path: (quantity.low, quantity.central, quantity.high) for path, quantity in ranges.items()}
    if posteriors is None:
        _redraw_shares(design, ranges, values, generator)
    else:
        shares = _posterior_shares(posteriors, _uniform(generator, (draws, 2)))
        tail = (1 - LEVEL) / 2
        values |= shares
        ends |= {path: tuple(np.quantile(share, [tail, 0.5, 1 - tail]).tolist()) for path, share in shares.items()}
    low, central, high = np.array(list(ends.values()), dtype=np.float64).reshape(-1, 3).T
    drawn = np.column_stack(list(values.values())) if values else np.empty((draws, 0))
    return Inputs(tuple(values), drawn, low, central, high)


def _quantities(part: BaseModel, prefix: str) -> Iterator[tuple[str, Quantity]]:
    for name, value in part:
        entries = enumerate(value, start=1) if isinstance(value, tuple) else [(0, value)]
        for number, entry in entries:
            path = f"{prefix}{name}[{number}]" if number else f"{prefix}{name}"
            if isinstance(entry, Quantity):
                yield path, entry
            elif isinstance(entry, BaseModel):
                yield from _quantities(entry, f"{path}.")


def _replaced(part: Part, names: list[str], quantity: Quantity, path: str) -> Part:
    name, _, rest = names[0].partition("[")
    held: Any = getattr(part, name, None)
    if not rest:
        return part.model_copy(update={name: _entry(held, names[1:], quantity, path)})
    place = int(rest.rstrip("]")) - 1
    if not (isinstance(held, tuple) and 0 <= place < len(held)):
        raise _unknown(path)
    new = _entry(held[place], names[1:], quantity, path)
    return part.model_copy(update={name: (*held[:place], new, *held[place + 1 :])})


def _entry(old: object, names: list[str], quantity: Quantity, path: str) -> BaseModel:
    if names and isinstance(old, BaseModel):
        return _replaced(old, names, quantity, path)
    if not names and isinstance(old, Quantity):
        return quantity
    raise _unknown(path)


def _unknown(path: str) -> CallError:
    return CallError(f"design has no quantity {path}; open_inputs names the ranges")


def _uniform(generator: np.random.Generator, shape: int | tuple[int, ...]) -> NDArray[np.float64]:
    return np.asarray(np.maximum(generator.random(shape), SMALLEST))


def _shares(design: Design) -> dict[str, float]:
    shares = design.failure.shares
    return {} if shares is None else {path: getattr(shares, path.rsplit(".", 1)[1]).central for path in SHARES}


def _redraw_shares(
    design: Design,
    ranges: Mapping[str, Quantity],
    values: dict[str, NDArray[np.float64]],
    generator: np.random.Generator,
) -> None:
    """Draw the shares again, in place, where they add to more than 1."""
    drawn = [path for path in SHARES if path in ranges]
    if not drawn:
        return
    known = sum(share for path, share in _shares(design).items() if path not in ranges)
    for _ in range(MOST_REDRAWS):
        again = np.flatnonzero(sum(values[path] for path in drawn) + known > 1 + 1e-9)
        if again.size == 0:
            return
        for path in drawn:
            values[path][again] = quantile(ranges[path], _uniform(generator, again.size))
    raise CallError("failure.shares hardly ever add to 1 or less; lower the ends of their ranges")


def _posterior_shares(
    posteriors: Mapping[Bound, SharePosterior], uniform: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    exclusive, elsewhere = posteriors["exclusive"].draw(uniform)
    inclusive, _ = posteriors["inclusive"].draw(uniform)
    death = np.maximum(1 - exclusive - elsewhere, 0.0)
    return dict(zip(SHARES, (exclusive, np.maximum(inclusive - exclusive, 0.0), death), strict=True))
