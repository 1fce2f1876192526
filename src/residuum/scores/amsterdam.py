"""Amsterdam counts: how many of the 14 segments have focal, and how many have diffuse, lesions."""

import polars as pl


def derive_amsterdam_counts(lesions: pl.DataFrame, grid: pl.DataFrame) -> pl.DataFrame:
    """Return rows (read, amsterdam_focal, amsterdam_diffuse): affected segments of 14, focal and diffuse apart.

    No grade scale is published openly, so none is computed.
    """
    segments = grid.filter(system="amsterdam").select("region", "segment")
    affected = lesions.join(segments, on="region", how="inner").select("read", "segment", "pattern").unique()
    return affected.group_by("read").agg(
        amsterdam_focal=(pl.col("pattern") == "focal").sum().cast(pl.Int64),
        amsterdam_diffuse=(pl.col("pattern") == "diffuse").sum().cast(pl.Int64),
    )
