"""What the study would say with another choice of reads: one reader alone, the union or the intersection of two."""

from dataclasses import replace

import polars as pl

from residuum.records.study import Study
from residuum.scores.read_used import derive_grades_paired, derive_reads_paired, derive_scan_statuses, derive_standing
from residuum.scores.readings import GRADE_SCHEMA, Readings, readings_from_lesions


def derive_reader_alone(study: Study, readings: Readings, position: int) -> pl.DataFrame:
    """Return the reads used if the reader at `position` of the list of readers were the only one.

    The columns are those of `read_used.derive_reads_used`; scans without a locked read of that reader are unresolved.
    """
    mine = readings.reads.filter(reader=study.settings.reading.readers[position])
    return derive_scan_statuses(study["scans"], derive_standing(mine, "single"))


def derive_merged(
    study: Study, readings: Readings, reads_used: pl.DataFrame, *, larger: bool
) -> tuple[Readings, pl.DataFrame]:
    """Return readings and reads used with unresolved scans settled by the larger, or the smaller, finding.

    In each region (segment, in a study with grades) the reader who saw more there counts for the union
    (`larger`), the one who saw less for the intersection. Scans with one evaluable locked read take it for the union
    and stay unresolved for the intersection.
    """
    open_scans = reads_used.filter(status="unresolved").select("scan")
    pairs = derive_reads_paired(readings, study.settings.reading).join(open_scans, on="scan", how="semi")
    offset = int(readings.reads["read"].max() or 0) + 1  # type: ignore[arg-type]
    pairs = pairs.with_row_index("merged", offset=offset)
    if study.uses_marks:
        merged = _merge_lesions(study, readings, pairs, larger=larger)
    else:
        merged = _merge_grades(readings, pairs, larger=larger)
    settled = pairs.select("scan", merged_read="merged")
    if larger:
        settled = pl.concat([settled, _lone_reads(study, readings, open_scans, pairs)])
    settled_reads = reads_used.join(settled, on="scan", how="left").with_columns(
        status=pl.when(pl.col("merged_read").is_not_null()).then(pl.lit("evaluable")).otherwise("status"),
        read=pl.coalesce("merged_read", "read"),
    )
    return merged, settled_reads.drop("merged_read").sort("patient", "day", "scan")


def _lone_reads(study: Study, readings: Readings, open_scans: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    listed = list(study.settings.reading.readers[:2])
    alone = readings.reads.filter(pl.col("reader").is_in(listed), evaluable=True)
    alone = alone.join(open_scans, on="scan", how="semi").join(pairs, on="scan", how="anti")
    return alone.group_by("scan").agg(merged_read=pl.col("read").min())


def _merge_lesions(study: Study, readings: Readings, pairs: pl.DataFrame, *, larger: bool) -> Readings:
    sides = [
        pairs.select("merged", read=column).join(readings.lesions, on="read", how="inner")
        for column in ("read", "read_2")
    ]
    burden = (
        pl.concat(sides)
        .group_by("merged", "region", "read")
        .agg(extent=pl.col("extent").max().fill_null(0.0), marks=pl.len())
    )
    kept = burden.sort("extent", "marks", "read", descending=[larger, larger, False])
    kept = kept.filter(pl.len().over("merged", "region") == 2) if not larger else kept
    kept = kept.group_by("merged", "region", maintain_order=True).agg(pl.col("read").first())
    lesions = kept.join(readings.lesions, on=["read", "region"], how="inner")
    lesions = lesions.drop("read").rename({"merged": "read"}).select(readings.lesions.columns)
    merged = readings_from_lesions(readings.reads, lesions, readings.modes, study.settings.definitions, study.rules)
    return replace(
        readings,
        lesions=pl.concat([readings.lesions, merged.lesions]),
        grades=pl.concat([readings.grades, merged.grades]),
        amsterdam=pl.concat([readings.amsterdam, merged.amsterdam]),
    )


def _merge_grades(readings: Readings, pairs: pl.DataFrame, *, larger: bool) -> Readings:
    both = derive_grades_paired(readings.grades, pairs.select("merged", "read", "read_2"))
    grades = (pl.col("grade"), pl.col("grade_2"))
    known = grades[0].is_not_null() & grades[1].is_not_null()
    merged = pl.max_horizontal(*grades) if larger else pl.min_horizontal(*grades)
    rows = both.with_columns(read="merged", grade=pl.when(known).then(merged))
    rows = rows.filter(pl.col("grade").is_null() | (pl.col("grade") > 0)).select(
        pl.col(name).cast(kind) for name, kind in GRADE_SCHEMA.items()
    )
    return replace(readings, grades=pl.concat([readings.grades, rows]))
