"""Which read of a scan counts: consensus first, then the one read of a single reader, then two that agree."""

import polars as pl

from residuum.records.settings import Reading
from residuum.records.vocabulary import CONSENSUS
from residuum.scores.readings import Readings

STATUSES = ("evaluable", "not_evaluable", "unresolved")


def derive_reads_used(scans: pl.DataFrame, readings: Readings, reading: Reading) -> pl.DataFrame:
    """Return one row per scan: which read counts, if any.

    Parameters
    ----------
    scans : DataFrame
        The study's scans.
    readings : Readings
        Result of `derive_readings`.
    reading : Reading
        The study's ``[reading]`` settings.

    Returns
    -------
    DataFrame
        Rows (scan, patient, day, timepoint, tracer, status, source, read) in the order (day, scan) within a patient.
        `status` is evaluable, not_evaluable or unresolved; `source` consensus, single or agreed (null when
        unresolved); `read` the read whose marks count (null unless evaluable).
    """
    return derive_scan_statuses(scans, _chosen(readings, reading))


def derive_scan_statuses(scans: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Return every scan with the read that stands for it (rows of `derive_standing`); without one it is unresolved."""
    return (
        scans.select("scan", "patient", "day", "timepoint", "tracer")
        .join(standing, on="scan", how="left")
        .with_columns(status=pl.col("status").fill_null("unresolved"))
        .sort("patient", "day", "scan")
    )


def derive_standing(reads: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return reads, one per scan, as the ones that count: rows (scan, status, source, read)."""
    return reads.select(
        "scan",
        status=pl.when("evaluable").then(pl.lit("evaluable")).otherwise(pl.lit("not_evaluable")),
        source=pl.lit(source),
        read=pl.when("evaluable").then("read"),
    )


def _chosen(readings: Readings, reading: Reading) -> pl.DataFrame:
    consensus = derive_standing(readings.reads.filter(reader=CONSENSUS), "consensus")
    others = _single(readings, reading) if is_single(reading) else _agreed(readings, reading)
    return pl.concat([consensus, others.join(consensus, on="scan", how="anti")])


def is_single(reading: Reading) -> bool:
    """Whether no pair of readers is asked for: one read per scan, or none but the consensus."""
    return reading.design == "single" or len(reading.readers) < 2


def _single(readings: Readings, reading: Reading) -> pl.DataFrame:
    listed = readings.reads.filter(pl.col("reader").is_in(list(reading.readers)))
    return derive_standing(listed.filter(pl.len().over("scan") == 1), "single")


def _agreed(readings: Readings, reading: Reading) -> pl.DataFrame:
    first, second = (readings.reads.filter(reader=reader).drop("reader") for reader in reading.readers[:2])
    findings = _findings(readings)
    pairs = (
        first.join(second, on="scan", how="inner", suffix="_2")
        .join(findings, on="read", how="left")
        .join(findings, left_on="read_2", right_on="read", how="left", suffix="_2")
    )
    both_evaluable = pl.col("evaluable") & pl.col("evaluable_2")
    neither = ~pl.col("evaluable") & ~pl.col("evaluable_2")
    same = pl.col("finding").fill_null("") == pl.col("finding_2").fill_null("")
    return derive_standing(pairs.filter(neither | (both_evaluable & same)), "agreed")


def _findings(readings: Readings) -> pl.DataFrame:
    """Return for each read with a finding one text that is equal for two reads exactly when grades and regions are."""
    grade = pl.col("grade").cast(pl.String).fill_null("?")
    graded = readings.grades.filter(mode="all").select(
        "read", finding=pl.concat_str("system", "segment", grade, separator=" ")
    )
    avid = readings.lesions.select("read", finding="region")
    return pl.concat([graded, avid]).unique().group_by("read").agg(pl.col("finding").sort().str.join(";"))


def derive_reads_paired(readings: Readings, reading: Reading) -> pl.DataFrame:
    """Return the scans with two locked evaluable reads of the first two readers, as rows (scan, read, read_2)."""
    if len(reading.readers) < 2:
        return pl.DataFrame(schema={"scan": pl.String, "read": pl.UInt32, "read_2": pl.UInt32})
    first, second = (
        readings.reads.filter(pl.col("evaluable"), reader=reader).select("scan", "read")
        for reader in reading.readers[:2]
    )
    return first.join(second, on="scan", how="inner", suffix="_2").sort("scan")


def derive_grades_paired(grades: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the grades of both reads of each pair side by side, where either gave one.

    Parameters
    ----------
    grades : DataFrame
        Rows (read, mode, system, segment, grade) as of `Readings.grades`.
    pairs : DataFrame
        Rows with `read`, `read_2` and what names the pair.

    Returns
    -------
    DataFrame
        What names the pair, `mode`, `system`, `segment`, `grade`, `grade_2`: 0 where the read left the segment out,
        null where it says not assessable.
    """
    names = [name for name in pairs.columns if name not in ("read", "read_2")]
    first, second = (
        pairs.select(*names, read=column).join(grades, on="read", how="inner").with_columns(given=pl.lit(value=True))
        for column in ("read", "read_2")
    )
    key = [*names, "mode", "system", "segment"]
    both = first.drop("read").join(second.drop("read"), on=key, how="full", coalesce=True, suffix="_2")
    return both.select(
        *key,
        grade=pl.when("given").then("grade").otherwise(0),
        grade_2=pl.when("given_2").then("grade_2").otherwise(0),
    )
