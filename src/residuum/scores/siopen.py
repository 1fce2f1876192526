"""SIOPEN grades (Lewington 2017): 12 segments, 0 to 6 by extension, intensity not scored."""

import polars as pl

from residuum.records.rules import Rules


def derive_siopen_grades(lesions: pl.DataFrame, grid: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return the SIOPEN grades above 0 as rows (read, segment, grade).

    Parameters
    ----------
    lesions : DataFrame
        Rows (read, mark, region, pattern, extent).
    grid : DataFrame
        Result of `grid.derive_grid`.
    rules : Rules
        Clauses ``siopen.*``.
    """
    segments = grid.filter(system="siopen").select("region", "segment")
    return (
        lesions.join(segments, on="region", how="inner")
        .select("read", "segment", "mark", "extent")
        .unique()
        .group_by("read", "segment")
        .agg(foci=pl.col("extent").is_null().sum(), extent=pl.col("extent").max())
        .select("read", "segment", grade=grade_segment(pl.col("foci"), pl.col("extent"), rules))
    )


def grade_segment(foci: pl.Expr, extent: pl.Expr, rules: Rules) -> pl.Expr:
    """Return the grade of a segment from its number of foci and its largest diffuse extent (null without one)."""
    most = rules["siopen.single_foci_max"]
    by_foci = pl.min_horizontal(foci.cast(pl.Int64), most + 1)
    half, nearly_all = rules["siopen.grade_5_from"], rules["siopen.grade_6_above"]
    from_half = extent >= half if rules["siopen.grade_5_includes_limit"] else extent > half
    whole = extent >= nearly_all if rules["siopen.grade_6_includes_limit"] else extent > nearly_all
    by_extent = pl.when(whole).then(6).when(from_half).then(5).when(extent.is_not_null()).then(4).otherwise(0)
    return pl.max_horizontal(by_foci, by_extent.cast(pl.Int64))
