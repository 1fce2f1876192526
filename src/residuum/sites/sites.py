"""The avid skeletal sites of a read: by region, by lesion label, or by segment where only grades exist."""

import polars as pl

from residuum.records.settings import Definitions
from residuum.records.vocabulary import SOFT_TISSUE
from residuum.scores.grid import derive_grid
from residuum.scores.readings import Readings

LESION_PREFIX = "lesion "
"""Keeps a label apart from a region that is spelled alike."""


def derive_site_parts(readings: Readings, scans: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Return where each avid site of the reads used lies, as rows (scan, site, region, segment, mark, extent, grade).

    `scans` names the read used of each evaluable scan, columns `scan` and `read`.

    Marks give one row per mark, site and region (`grade` null); grades give one row per SIOPEN segment above 0
    (`region`, `mark` and `extent` null). Soft tissue makes no site.
    """
    if not readings.marked:
        return _parts_of_grades(readings, scans)
    segments = derive_grid(definitions).filter(system="siopen").select("region", "segment")
    site = pl.col("region")
    if definitions.site_level == "lesion":
        site = pl.when(pl.col("label").is_null()).then("region").otherwise(LESION_PREFIX + pl.col("label"))
    return (
        readings.lesions.filter(pl.col("region") != SOFT_TISSUE)
        .join(scans.select("scan", "read"), on="read", how="inner")
        .join(segments, on="region", how="inner")
        .select("scan", "region", "segment", "mark", "extent", site=site, grade=pl.lit(None, pl.Int64))
    )


def _parts_of_grades(readings: Readings, scans: pl.DataFrame) -> pl.DataFrame:
    siopen = readings.grades.filter(pl.col("grade") > 0, system="siopen", mode="all")
    return siopen.join(scans.select("scan", "read"), on="read", how="inner").select(
        "scan",
        region=pl.lit(None, pl.String),
        segment="segment",
        mark=pl.lit(None, pl.UInt32),
        extent=pl.lit(None, pl.Float64),
        site="segment",
        grade="grade",
    )


def derive_sites(parts: pl.DataFrame) -> pl.DataFrame:
    """Return one row per scan and avid site, with its burden (scan, site, foci, extent, grade).

    `foci` counts the focal marks, `extent` is the largest diffuse extent (null without one), `grade` the SIOPEN grade
    in a study with grades.
    """
    focal = pl.col("mark").filter(pl.col("extent").is_null())
    return parts.group_by("scan", "site").agg(
        foci=focal.n_unique().cast(pl.Int64), extent=pl.col("extent").max(), grade=pl.col("grade").max()
    )


def derive_site_regions(parts: pl.DataFrame, scans: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Return the regions in which each site of a patient was ever seen, as rows (patient, site, region).

    A site that is a segment lies in all regions of the segment. Labels belong to their patient: two children may use
    the same one.
    """
    seen = parts.join(scans.select("scan", "patient"), on="scan", how="inner")
    if parts["region"].is_null().all():
        grid = derive_grid(definitions).filter(system="siopen").select("region", site="segment")
        return seen.select("patient", "site").unique().join(grid, on="site", how="inner")
    return seen.select("patient", "site", "region").unique()
