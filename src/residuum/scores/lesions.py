"""Marks laid out by region, for every read that may count."""

import polars as pl

from residuum.records.study import Study
from residuum.records.vocabulary import PLANAR_VIEWS

MODES = ("all", "planar_only")


def derive_countable_reads(study: Study) -> pl.DataFrame:
    """Return the locked reads as rows (read, scan, reader, evaluable); `read` is a small integer naming the read."""
    return (
        study["reads"]
        .with_row_index("read")
        .filter(pl.col("state") == "locked")
        .select("read", "scan", "reader", evaluable=pl.col("evaluable") == "yes")
    )


def derive_lesions(study: Study, reads: pl.DataFrame) -> pl.DataFrame:
    """Return one row per mark and region of the evaluable locked reads.

    Parameters
    ----------
    study : Study
        A study with marks.
    reads : DataFrame
        Result of `derive_countable_reads`.

    Returns
    -------
    DataFrame
        Rows (read, mark, region, pattern, extent, label, planar): `extent` is the reader's fraction of each segment
        touched (null for focal marks), `planar` whether a planar or spot view shows the mark, `mark` a small integer.
    """
    evaluable = reads.filter("evaluable").select("read", "scan", "reader")
    return (
        study["marks"]
        .select(
            "scan",
            "reader",
            "pattern",
            "extent",
            label="site",
            planar=_sees_planar(),
            region=pl.col("regions").str.split(";"),
        )
        .with_row_index("mark")
        .join(evaluable, on=["scan", "reader"], how="inner")
        .drop("scan", "reader")
        .explode("region", empty_as_null=True, keep_nulls=True)
    )


def _sees_planar() -> pl.Expr:
    views = pl.col("seen_on").fill_null("").str.split(";")
    return views.list.set_intersection(list(PLANAR_VIEWS)).list.len() > 0


def restrict_to_mode(lesions: pl.DataFrame, mode: str) -> pl.DataFrame:
    """Return the lesions that count in `mode`: every one in ``all``, those seen on a planar or spot view otherwise."""
    return lesions if mode == "all" else lesions.filter("planar")
