"""Scans to give out, and who was given them."""

from typing import Any

import polars as pl

from residuum.records.settings import Reading

PAIR = ("anne", "bela")
THREE = (*PAIR, "carl")


def reading(**settings: Any) -> Reading:
    return Reading(**{"readers": PAIR} | settings)


def scans(count: int, per_patient: int = 3) -> pl.DataFrame:
    """Return scans s000, s001, ... of patients in turn; a later name is an earlier day."""
    rows = [(f"s{place:03d}", f"p{place // per_patient:02d}", 1000 - place) for place in range(count)]
    return pl.DataFrame(rows, schema={"scan": pl.String, "patient": pl.String, "day": pl.Int64}, orient="row")


def read_by(assigned: pl.DataFrame, reader: str, occasion: str | None = None) -> list[str]:
    own = assigned.filter(reader=reader).sort("position")
    return own["scan"].to_list() if occasion is None else own.filter(occasion=occasion)["scan"].to_list()


def names(count: int) -> list[str]:
    return scans(count)["scan"].to_list()
