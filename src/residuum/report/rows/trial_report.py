"""trial.efs.*, trial.*.z.*, trial.accrual.*, trial.needed.*: what the pictures of a trial report show, as numbers."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from residuum.records.design import Design
from residuum.report.numbers import Numbers, Row
from residuum.trial.model.effect_curves import EffectCurves
from residuum.trial.planning.accrual_fan import STEPS_PER_YEAR, AccrualFan
from residuum.trial.planning.verdict import INDISTINCT
from residuum.trial.simulation.look_spread import LookSpread
from residuum.trial.theory.sample_size import schoenfeld_events

EFS_YEARS: Final = (1, 2, 3, 5, 10)
POWERS: Final = (80, 90)
SCHOENFELD: Final = "Schoenfeld, at the average hazard ratio to 5 years"


def efs_rows(curves: EffectCurves, bound: str) -> list[Row]:
    """Return the EFS of both arms under one bound, in calendar order.

    Parameters
    ----------
    curves : EffectCurves
        Of the bound.
    bound : str
        As it stands in the names.
    """
    arms = {"control": curves.control, "experimental": curves.experimental}
    return [
        Row(
            f"trial.efs.{bound}.{arm}.{year}y",
            float(np.interp(year, curves.years, efs)),
            "probability",
            method="computed, central values",
        )
        for arm, efs in arms.items()
        for year in EFS_YEARS
    ]


def look_rows(spread: LookSpread, prefix: str) -> list[Row]:
    """Return where Z lies at each look under one bound.

    Parameters
    ----------
    spread : LookSpread
        Of the bound.
    prefix : str
        How the names begin.
    """
    method = "median and 90 % of the simulated trials that make the look"
    rows = []
    for k, made in enumerate(spread.made.tolist()):
        name = f"{prefix}.z.look_{k + 1}"
        if not made:
            rows.append(Row(name, None, "z", reason="no trial makes this look", n=0))
            continue
        low, median, high = spread.z[:, k].tolist()
        rows.append(Row(name, median, "z", low=low, high=high, level=0.9, method=method, n=made))
    return rows


def accrual_rows(fan: AccrualFan, reading: str, design: Design) -> list[Row]:
    """Return how many children have come by each whole year under one reading of the funnel.

    Parameters
    ----------
    fan : AccrualFan
        Of the reading.
    reading : str
        As it stands in the names.
    design : Design
        With its number of patients.
    """
    rows = []
    for place in range(STEPS_PER_YEAR, fan.years.size, STEPS_PER_YEAR):
        low, lower, median, upper, high = fan.quantiles[:, place].tolist()
        name, year = f"trial.accrual.{reading}", fan.years[place]
        words = "median and {} of simulated accruals, centre by centre, central values; nobody is turned away"
        if design.accrual.pattern == "uniform" and design.accrual.funnel is None:
            words = "median and {} of simulated accruals, evenly as declared"
        for band, ends, level in (("band_90", (low, high), 0.9), ("band_50", (lower, upper), 0.5)):
            rows.append(
                Row(
                    f"{name}.{band}.year_{year:g}",
                    median,
                    "patients",
                    low=ends[0],
                    high=ends[1],
                    level=level,
                    method=words.format(f"{level:.0%}".replace("%", " %")),
                )
            )
    return rows


def needed_rows(numbers: Numbers, groups: Iterable[tuple[str, str]], design: Design) -> list[Row]:
    """Return events needed at the central values of the assurance, and the children who would give them.

    Parameters
    ----------
    numbers : Numbers
        With the sensitivity, and the children and events there are.
    groups : iterable of (str, str)
        Bound and reading, as in the names of rows.
    design : Design
        With its alpha, allocation and declared years.
    """
    rows = []
    for bound, reading in groups:
        found = numbers.get("trial.sensitivity.central.hazard_ratio", bound, reading)
        ratio = None if found is None else found.value
        each = _children_per_event(numbers, f"{bound}.{reading}")
        for power in POWERS:
            needed = _needed_events(design, ratio, power / 100)
            group = f"{bound}.{reading}"
            rows += [_needed_row(f"events.power_{power}", needed, "events", group, SCHOENFELD)]
            if each is not None:
                wanted = None if needed is None else needed * each
                method = f"events needed x children per event within {design.criteria.done_years:g} years"
                rows += [_needed_row(f"children.power_{power}", wanted, "patients", group, method)]
    return rows


def _children_per_event(numbers: Numbers, group: str) -> float | None:
    children, events = (numbers.get(f"trial.buy.{what}", group) for what in ("patients", "events"))
    if children is None or children.value is None or events is None or not events.value:
        return None
    return children.value / events.value


def _needed_events(design: Design, ratio: float | None, power: float) -> float | None:
    """Return None where the experimental arm is not better by more than nothing."""
    if ratio is None or ratio >= 1 - INDISTINCT:
        return None
    return schoenfeld_events(ratio, design.primary.alpha, power, design.allocation[1] / sum(design.allocation))


def _needed_row(name: str, value: float | None, unit: str, group: str, method: str) -> Row:
    if value is None:
        return Row(f"trial.needed.{name}", None, unit, group=group, reason="there is no benefit to show")
    return Row(f"trial.needed.{name}", value, unit, group=group, method=f"{method}, central values")
