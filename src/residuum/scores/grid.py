"""Which skeletal region belongs to which segment of each scoring system."""

import tomllib
from importlib import resources

import polars as pl

from residuum.records.settings import Definitions

MOVABLE_SYSTEMS = ("siopen", "amsterdam")


def derive_grid(definitions: Definitions) -> pl.DataFrame:
    """Return the grid as rows (system, region, segment) under the study's definitions of sacrum and girdle.

    Source: `grid.toml` beside this file.
    """
    raw = tomllib.loads(resources.files(__package__).joinpath("grid.toml").read_text("utf-8"))
    moved: dict[str, str] = {}
    for setting in raw["moved"]:
        moved |= raw["moved"][setting].get(getattr(definitions, setting), {})
    rows = [
        (system, region, moved.get(region, segment) if system in MOVABLE_SYSTEMS else segment)
        for system in ("siopen", "curie", "amsterdam")
        for segment, regions in raw[system].items()
        for region in regions
    ]
    return pl.DataFrame(rows, schema=["system", "region", "segment"], orient="row")
