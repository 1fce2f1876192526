"""A search in plain words: the frontier of power against time, and what the available children can buy."""

from typing import Final

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.records.design import Design
from residuum.report.numbers import Numbers, Row
from residuum.report.plain_table import plain_table
from residuum.trial.planning.buy import ALPHAS, DRIFTS
from residuum.trial.planning.variants import Variant, derive_variants

BUY: Final = {
    "patients": ("Children expected", "{:.0f}"),
    "events": ("Events expected", "{:.1f}"),
    "interval_ratio": ("95 % interval of the hazard ratio, upper over lower", "{:.1f}"),
    "detectable_hazard_ratio": ("Hazard ratio shown with 80 % power", "{:.2f}"),
    "borrowing.power_without": ("Power, normal approximation", "{:.1%}"),
    "borrowing.power": ("  with borrowed controls", "{:.1%}"),
    "borrowing.type_one_error": ("  their type I error without drift", "{:.1%}"),
}


def render_search(numbers: Numbers, design: Design, trials: int) -> str:
    """Return a search as lines of text.

    Parameters
    ----------
    numbers : Numbers
        Rows of `residuum.report.rows.trial_search`.
    design : Design
        As declared.
    trials : int
        Simulated in each cell.
    """
    variants = derive_variants(design)
    lines = [design.title, f"{trials:,} simulated trials in each cell, all inputs at their central values."]
    for variant in variants:
        lines += ["", *_frontier(numbers, variant)]
    lines += ["", f"What the children who come within {design.criteria.done_years:g} years can buy", ""]
    lines += [*_available(numbers, variants), "", *_buy(numbers, variants)]
    if design.accrual.funnel is not None:
        lines += ["", "A registry gives a width only: a difference seen in it is not the effect of a treatment."]
    return "\n".join([*lines, "", DISCLAIMER, PLANNING_FOOTER])


def _frontier(numbers: Numbers, variant: Variant) -> list[str]:
    """Return the cells that no other one at the same alpha beats, in the order of time."""
    kept = [
        row
        for row in numbers.named("trial.search.frontier")
        if row.mode == variant.group and row.value == 1 and row.group is not None
    ]
    names = ("trial.search", ".type_one_error", ".years", ".patients")
    cells = [[_value(numbers, name, one) for name in names] for one in kept]
    rows = [
        [
            one.group or "",
            f"{100 * power:.1f} ({_limits(numbers, one)})",
            f"{100 * error:.1f}",
            f"{year:.1f}",
            f"{patients:.0f}",
        ]
        for one, (power, error, year, patients) in sorted(zip(kept, cells, strict=True), key=lambda pair: pair[1][2])
    ]
    head = [f"Frontier ({variant.group})", "power % (95 % Monte-Carlo interval)", "type I error %", "year", "children"]
    return plain_table(head, rows) + _left(numbers, variant)


def _left(numbers: Numbers, variant: Variant) -> list[str]:
    cells = [row for row in numbers.named("trial.search") if row.name == "trial.search" and row.mode == variant.group]
    left = sum(row.value is None for row in cells)
    lines = [f"{left} of {len(cells)} cells cannot be simulated; --json gives the reasons."] if left else []
    errors = [row for row in numbers.named("trial.search.type_one_error") if row.mode == variant.group]
    frontier = [numbers.get("trial.search.frontier", row.group, row.mode) for row in errors]
    loose = sum(1 for row in frontier if row is not None and row.reason)
    return [*lines, *([f"{loose} cells do not keep their alpha and are left aside."] if loose else [])]


def _value(numbers: Numbers, name: str, row: Row) -> float:
    full = name if name.startswith("trial") else f"trial.search{name}"
    found = numbers.get(full, row.group, row.mode)
    return found.value if found is not None and found.value is not None else 0.0


def _limits(numbers: Numbers, row: Row) -> str:
    """Return both ends of the interval of a cell's power: near 0 and 100 % it is lopsided, ± would go beyond."""
    power = numbers.get("trial.search", row.group, row.mode)
    if power is None or power.low is None or power.high is None:
        return "-"
    return f"{100 * power.low:.1f}–{100 * power.high:.1f}"


def _available(numbers: Numbers, variants: tuple[Variant, ...]) -> list[str]:
    rows = []
    for reading in dict.fromkeys(variant.reading_name for variant in variants):
        one = numbers.get(f"trial.available.{reading}")
        if one is not None and one.value is not None:
            rows.append(
                [reading, *(f"{number:.0f}" for number in (one.value, one.median or 0, one.low or 0, one.high or 0))]
            )
    return plain_table(["Children available", "mean", "median", "10 %", "90 %"], rows)


def _buy(numbers: Numbers, variants: tuple[Variant, ...]) -> list[str]:
    rows = [
        [label, *(_form(numbers.get(f"trial.buy.{name}", variant.group), form) for variant in variants)]
        for name, (label, form) in BUY.items()
    ]
    drifts = [
        ("borrowing.type_one_error", f"drift={drift:g}", f"  type I error, their hazard {drift:g} times")
        for drift in DRIFTS
    ]
    powers = [("power", f"alpha={alpha:g}", f"Power at one-sided {100 * alpha:g} %") for alpha in ALPHAS]
    powers += [("target_control", f"alpha={alpha:g}", f"  target-site control, {100 * alpha:g} %") for alpha in ALPHAS]
    for name, mode, label in (*drifts, *powers):
        cells = (_form(numbers.get(f"trial.buy.{name}", variant.group, mode), "{:.1%}") for variant in variants)
        rows.append([label, *cells])
    cells = (_form(numbers.get("trial.buy.registry.interval_ratio", variant.group), "{:.1f}") for variant in variants)
    rows.append(["Registry instead: 95 % interval, upper over lower", *cells])
    return plain_table(["", *(variant.group for variant in variants)], rows)


def _form(row: Row | None, form: str) -> str:
    return "-" if row is None or row.value is None else form.format(row.value)
