"""An assurance in plain words: a short table, what moves it, and the verdicts."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Final

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.records.design import Design
from residuum.report.numbers import Numbers, Row
from residuum.report.plain_table import plain_table
from residuum.trial.planning.assurance import ENDS
from residuum.trial.planning.variants import Variant, derive_variants

WIDTH: Final = 110
MOST_INPUTS: Final = 8
SENSITIVITY: Final = "trial.sensitivity."


def render_assurance(numbers: Numbers, design: Design, draws: int) -> str:
    """Return an assurance as lines of text.

    Parameters
    ----------
    numbers : Numbers
        Rows of `residuum.report.rows.trial_assurance`.
    design : Design
        As declared.
    draws : int
        Of its inputs.
    """
    variants = derive_variants(design)
    lines = [design.title, f"{draws:,} joint draws of what is not known, 256 simulated trials of each.", ""]
    lines += _averages(numbers, design, variants)
    lines += ["", *_ends(numbers, design, variants[0])]
    lines += ["", "Verdicts"]
    for variant in variants:
        row = numbers.get(f"trial.verdict.{variant.group}")
        words = row.method or "" if row is not None else ""
        lines += textwrap.wrap(f"- {words}", WIDTH, subsequent_indent="  ")
    return "\n".join([*lines, "", DISCLAIMER, PLANNING_FOOTER])


def _averages(numbers: Numbers, design: Design, variants: tuple[Variant, ...]) -> list[str]:
    years, points = design.criteria.done_years, 100 * design.criteria.worthwhile_points
    labels = {
        "": "Assurance (mean probability of success)",
        ".worthwhile": f"Gain of {points:g} points or more",
        ".both": "Success and such a gain",
        ".done": f"Done within {years:g} years",
    }
    rows = [
        [label, *(_percent(numbers.get(f"trial.assurance.{variant.group}{ending}")) for variant in variants)]
        for ending, label in labels.items()
    ]
    lines = plain_table(["", *(variant.group for variant in variants)], rows)
    for variant in variants:
        lines += ["", f"Moves most ({variant.group})", *_most(numbers, variant)]
    return lines


def _most(numbers: Numbers, variant: Variant) -> list[str]:
    rows = {
        "success": numbers.get("trial.assurance.moves_most.1", variant.group),
        "done in time": numbers.get("trial.sensitivity.moves_most.done", variant.bound_name, variant.reading_name),
    }
    nothing = "nothing beyond the Monte-Carlo error"
    return [f"  {label}: {row.method if row is not None and row.method else nothing}" for label, row in rows.items()]


def _ends(numbers: Numbers, design: Design, variant: Variant) -> list[str]:
    """Return the ends of the ranges that move the power most, under one bound and reading."""
    group, mode = variant.bound_name, variant.reading_name
    rows = {
        row.name.removeprefix(SENSITIVITY): row for row in numbers.named(SENSITIVITY) if row.key[1:] == (group, mode)
    }
    paths = [name.removesuffix(".low") for name in rows if name.endswith(".low")]
    if not paths:
        return ["The design has no ranges: there is nothing to vary."]
    cure = next((name for name in rows if name.startswith("failure.cure.") and name.count(".") == 2), None)
    lines = [[path, *_both_ends(rows, path)] for path in sorted(paths, key=lambda path: -_moved(rows, path))]
    year = design.criteria.worthwhile_year
    head = [
        f"One at a time, low - high ({variant.group})",
        "power %",
        "done %",
        "hazard ratio",
        f"gain, {year:g} years",
    ]
    lines = lines[:MOST_INPUTS]
    if cure is not None:
        lines.append([f"{cure} instead", *(printed(rows.get(f"{cure}{ending}")) for ending, printed in MEASURES)])
    return plain_table(head, lines)


def _moved(rows: Mapping[str, Row], path: str) -> float:
    return abs((rows[f"{path}.high"].value or 0) - (rows[f"{path}.low"].value or 0))


def _both_ends(rows: Mapping[str, Row], path: str) -> Iterator[str]:
    for ending, printed in MEASURES:
        low, high = (printed(rows.get(f"{path}.{end}{ending}")) for end in ENDS)
        yield f"{low} - {high}"


def _percent(row: Row | None) -> str:
    return "-" if row is None or row.value is None else f"{100 * row.value:.1f}"


def _number(row: Row | None) -> str:
    return "-" if row is None or row.value is None else f"{row.value:.3f}"


MEASURES: Final = (("", _percent), (".done", _percent), (".hazard_ratio", _number), (".gain", _number))
"""How the rows of one value are printed, by the ending of their names."""
