"""trial.search.*, trial.available.*, trial.buy.*: power against time, and what the available children can buy."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from residuum.records.design import Design
from residuum.report.numbers import Row
from residuum.report.rows.builders import missing
from residuum.report.rows.trial_assurance import count_row
from residuum.trial.planning.available import Available
from residuum.trial.planning.buy import ALPHAS, POWER
from residuum.trial.planning.purchase import Purchase
from residuum.trial.planning.search import Cell, Searched, cell_year, frontier, why_left_out
from residuum.trial.planning.variants import NO_FUNNEL, Variant, left_out

NO_PLACE: Final = "without [radiotherapy], or with no failures at targets, there is no target-site control"
NO_BORROWING: Final = "the design declares no [borrowing], or too few events are expected"
NO_REGISTRY: Final = "the design has no [accrual.funnel], or too few events are expected"
LOOSE: Final = "the simulated type I error is clearly above alpha"
FEW_EVENTS: Final = "too few events are expected"
REGISTRY: Final = (
    "upper over lower limit of the 95 % interval if every eligible child is observed and half are irradiated, without "
    "randomisation: a width only, a difference in a registry is not the effect of a treatment"
)


def search_rows(
    design: Design, variant: Variant, found: Mapping[Cell, Searched | None], alphas: Sequence[float]
) -> Iterator[Row]:
    """Give power, type I error, calendar year, frontier, patients and events of every cell under one bound and reading.

    Parameters
    ----------
    design : Design
        At its central values.
    variant : Variant
        Bound and reading, the rows' mode.
    found : mapping of Cell to Searched or None
        None for cells that cannot be simulated.
    alphas : sequence of float
        Of the grid.
    """
    for place, alpha in enumerate(alphas):
        unbeaten = _frontier(design, variant, found, place, alpha)
        for cell, one in found.items():
            if one is None:
                reason = why_left_out(design, variant, cell) or ""
                yield missing("trial.search", "probability", reason, cell.label(alpha), variant.group)
            else:
                year = cell_year(design, variant, cell)
                yield from _cell_rows(cell.label(alpha), variant.group, one, place, year)
                yield _frontier_row(cell.label(alpha), variant.group, cell in unbeaten, one.keeps(place, alpha))


def _frontier(
    design: Design, variant: Variant, found: Mapping[Cell, Searched | None], place: int, alpha: float
) -> set[Cell]:
    """Return the cells that no other one beats at this alpha, those that do not keep it left aside."""
    sound = {cell: one for cell, one in found.items() if one is not None and one.keeps(place, alpha)}
    power = [one.successes[place] for one in sound.values()]
    years = [cell_year(design, variant, cell) for cell in sound]
    return {cell for cell, unbeaten in zip(sound, frontier(power, years), strict=True) if unbeaten}


def _cell_rows(group: str, mode: str, one: Searched, place: int, year: float) -> Iterator[Row]:
    yield count_row("trial.search", one.successes[place], one.trials, "power", group, mode)
    yield count_row("trial.search.type_one_error", one.errors[place], one.trials, "without effect", group, mode)
    rest = (
        ("years", year, "years", "calendar year of the analysis"),
        ("patients", one.enrolled, "patients", "mean"),
        ("events", one.events, "events", "mean"),
    )
    for name, value, unit, method in rest:
        yield Row(f"trial.search.{name}", value, unit, group=group, mode=mode, method=method)


def _frontier_row(group: str, mode: str, unbeaten: bool, keeps: bool) -> Row:
    name, method = (
        "trial.search.frontier",
        "1: no cell that keeps this alpha has more power as early, or as much earlier",
    )
    if not keeps:
        return missing(name, "flag", LOOSE, group, mode)
    return Row(name, int(unbeaten), "flag", group=group, mode=mode, method=method)


def available_rows(design: Design, found: Mapping[Variant, Available], draws: int) -> Iterator[Row]:
    """Give the children who can be randomised within the declared years, by reading of the funnel."""
    method = f"within {design.criteria.done_years:g} years; mean, median and 80 % of the draws of funnel and centres"
    by_reading = {variant.reading_name: one for variant, one in found.items()}
    for reading, one in by_reading.items():
        yield Row(
            f"trial.available.{reading}",
            one.mean,
            "patients",
            low=one.low,
            median=one.median,
            high=one.high,
            level=0.8,
            method=method,
            n=draws,
        )
    for reading in dict.fromkeys(variant.reading_name for variant in left_out(design)):
        yield missing(f"trial.available.{reading}", "patients", NO_FUNNEL)


def buy_rows(
    design: Design, variant: Variant, purchase: Purchase, simulated: Mapping[str, Mapping[str, Any]]
) -> Iterator[Row]:
    """Give what the available children can buy under one bound and reading, the rows' group.

    Parameters
    ----------
    design : Design
        At its central values.
    variant : Variant
        Bound and reading.
    purchase : Purchase
        Computed.
    simulated : mapping of str to mapping
        By endpoint: `successes` at `ALPHAS`, `events`, `trials`.
    """
    group, years = variant.group, design.criteria.done_years
    by = f"all who come, one analysis in year {years:g}, central values"
    yield Row("trial.buy.patients", purchase.patients, "patients", group=group, method=f"expected; {by}")
    yield Row("trial.buy.events", purchase.events, "events", group=group, method=f"expected; {by}")
    method = "upper over lower limit of the 95 % interval of the hazard ratio"
    yield _maybe("trial.buy.interval_ratio", purchase.interval_ratio, "ratio", group, method, FEW_EVENTS)
    method = f"hazard ratio shown with {100 * POWER:g} % power at one-sided {100 * design.primary.alpha:g} %"
    yield _maybe("trial.buy.detectable_hazard_ratio", purchase.detectable, "ratio", group, method, FEW_EVENTS)
    yield from _power_rows(group, simulated)
    yield from _borrowing_rows(design, group, purchase)
    yield _maybe("trial.buy.registry.interval_ratio", purchase.registry_ratio, "ratio", group, REGISTRY, NO_REGISTRY)


def _power_rows(group: str, simulated: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    names = {"efs": "trial.buy.power", "target_control": "trial.buy.target_control"}
    for endpoint, name in names.items():
        for place, alpha in enumerate(ALPHAS):
            mode = f"alpha={alpha:g}"
            if endpoint not in simulated:
                yield missing(name, "probability", NO_PLACE, group, mode)
                continue
            part = simulated[endpoint]
            method = f"log-rank power, endpoint {endpoint}"
            yield count_row(name, part["successes"][place], part["trials"], method, group, mode)


def _borrowing_rows(design: Design, group: str, purchase: Purchase) -> Iterator[Row]:
    borrowed = purchase.borrowed
    name, unit = "trial.buy.borrowing", "probability"
    if borrowed is None or design.borrowing is None:
        yield missing(f"{name}.power", unit, NO_BORROWING, group)
        return
    method = (
        f"power prior of weight {design.borrowing.weight:g}, {borrowed.effective_events:g} events; normal approximation"
    )
    yield Row(f"{name}.power", borrowed.power, unit, group=group, method=f"{method}; no drift")
    yield Row(
        f"{name}.power_without", borrowed.power_without, unit, group=group, method="no borrowing; same approximation"
    )
    yield Row(f"{name}.type_one_error", borrowed.type_one_error, unit, group=group, method=f"{method}; no drift")
    for drift, error in borrowed.drifting.items():
        words = f"{method}; hazard of outside controls {drift:g} times that of the trial's own"
        yield Row(f"{name}.type_one_error", error, unit, group=group, mode=f"drift={drift:g}", method=words)


def _maybe(name: str, value: float | None, unit: str, group: str, method: str, reason: str) -> Row:
    if value is None:
        return missing(name, unit, reason, group)
    return Row(name, value, unit, group=group, method=method)
