"""Modified Curie grades: nine skeletal regions and soft tissue, 0 to 3."""

import polars as pl

from residuum.records.rules import Rules


def derive_curie_grades(lesions: pl.DataFrame, grid: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return the Curie grades above 0 as rows (read, segment, grade).

    A mark counts once in each Curie region that it touches, focal and diffuse alike.

    Parameters
    ----------
    lesions : DataFrame
        Rows (read, mark, region, pattern, extent).
    grid : DataFrame
        Result of `grid.derive_grid`.
    rules : Rules
        Clauses ``curie.*``.
    """
    segments = grid.filter(system="curie").select("region", "segment")
    several = pl.col("marks") >= rules["curie.several_from"]
    spread = pl.col("extent") > rules["curie.grade_3_above"]
    return (
        lesions.join(segments, on="region", how="inner")
        .select("read", "segment", "mark", "extent")
        .unique()
        .group_by("read", "segment")
        .agg(marks=pl.len(), extent=pl.col("extent").max())
        .select("read", "segment", grade=pl.when(spread).then(3).when(several).then(2).otherwise(1).cast(pl.Int64))
    )
