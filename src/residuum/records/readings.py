"""Rules about reads, marks and grades."""

from typing import Final

import polars as pl

from residuum.records.cells import one_of
from residuum.records.checks import problem
from residuum.records.findings import Findings
from residuum.records.schemas import TABLES
from residuum.records.settings import FILE, Reading, Settings
from residuum.records.timeline import first_progressions
from residuum.records.vocabulary import CONSENSUS, MAXIMUM_GRADE, NOT_ASSESSABLE, SEGMENTS, SOFT_TISSUE

_READ: Final = {"scan": "scan", "reader": "reader"}


def check_reads(findings: Findings, settings: Settings | None) -> None:
    """Look for strangers among the readers, early consensus, a muddled order and unlikely negative reads."""
    if "reads" not in findings.tables:
        return
    if settings is not None:
        _check_readers(findings, settings.reading)
    if settings is not None and "scans" in findings.tables:
        _check_training(findings, settings.reading.training)
    again = pl.col("read_order").is_not_null() & ~pl.struct("reader", "read_order").is_first_distinct()
    findings.add_where("reads.duplicate_order", "reads", "read_order", again)
    if {"scans", "events", "marks", "grades"} <= findings.tables.keys():
        _check_negative_reads(findings)


def check_marks(findings: Findings, settings: Settings | None) -> None:
    """Look for marks without a read, extents that do not fit the pattern and prior marks that do not exist."""
    if "marks" not in findings.tables:
        return
    _check_entry(findings, "marks", "marks.in_grades_study", settings)
    _check_read(findings, "marks")
    pattern, extent = pl.col("pattern"), pl.col("extent")
    for check_id, column, condition in (
        ("marks.extent_missing", "extent", (pattern == "diffuse") & extent.is_null()),
        ("marks.extent_with_focal", "extent", (pattern == "focal") & extent.is_not_null()),
        ("marks.extent_outside", "extent", ~extent.is_between(0, 1, closed="right")),
        ("marks.seen_on_blank", "seen_on", pl.col("seen_on").is_null()),
    ):
        findings.add_where(check_id, "marks", column, condition)
    half = pl.col("from_scan").is_null() != pl.col("from_mark").is_null()
    findings.add_where("marks.unknown_prior", "marks", ("from_scan", "from_mark"), half)
    unknown = findings.records_without("marks", findings.tables["marks"], {"from_scan": "scan", "from_mark": "mark"})
    findings.add("marks.unknown_prior", "marks", ("from_scan", "from_mark"), unknown)
    images = findings.table("images")
    if images.height:  # they are optional
        unknown = findings.records_without("marks", images, {"scan": "scan", "image": "image"})
        findings.add("marks.unknown_image", "marks", ("scan", "image"), unknown)


def check_grades(findings: Findings, settings: Settings | None) -> None:
    """Look for grades without a read, segments of another system and grades out of range."""
    if "grades" not in findings.tables:
        return
    _check_entry(findings, "grades", "grades.in_marks_study", settings)
    _check_read(findings, "grades")
    for system, segments in SEGMENTS.items():
        this = pl.col("system") == system
        possible = [NOT_ASSESSABLE, *map(str, range(MAXIMUM_GRADE[system] + 1))]
        stranger = this & ~pl.col("segment").is_in(segments)
        findings.add_where("grades.unknown_segment", "grades", "segment", stranger, words=one_of(segments))
        findings.add_where("grades.out_of_range", "grades", "grade", this & ~pl.col("grade").is_in(possible))


def _check_readers(findings: Findings, reading: Reading) -> None:
    unknown = ~pl.col("reader").is_in([*reading.readers, CONSENSUS])
    findings.add_where("reads.unknown_reader", "reads", "reader", unknown, words=one_of(reading.readers))
    if reading.design == "independent":
        _check_consensus(findings, reading.readers)


def _check_training(findings: Findings, training: tuple[str, ...]) -> None:
    known = set(findings.tables["scans"]["scan"])
    strange = [scan for scan in training if scan not in known]
    findings.problems += [
        problem("reads.training_without_scan", FILE, None, "reading.training", scan) for scan in strange
    ]


def _check_entry(findings: Findings, table: str, check_id: str, settings: Settings | None) -> None:
    records = findings.tables[table].height
    if records and settings is not None and settings.reading.entry != table:
        findings.problems.append(problem(check_id, TABLES[table].file, value=f"{records} records"))


def _check_read(findings: Findings, table: str) -> None:
    if "reads" not in findings.tables:
        return
    reads = findings.tables["reads"]
    without = findings.records_without(table, reads, _READ)
    findings.add("key.without_read", table, tuple(_READ), without)
    unevaluable = reads.filter(evaluable="no")
    if unevaluable.height:
        rows = findings.tables[table].join(
            unevaluable.unique(list(_READ)).select(*_READ, refused=True),
            on=list(_READ),
            how="left",
            maintain_order="left",
        )
        findings.add_where(f"{table}.not_evaluable", table, "scan", pl.col("refused"), rows)


def _check_consensus(findings: Findings, readers: tuple[str, ...]) -> None:
    reads = findings.tables["reads"]
    locked = reads.filter(pl.col("reader").is_in(readers), state="locked")
    pairs = locked.group_by("scan").agg(pl.col("reader").n_unique()).filter(pl.col("reader") >= 2)
    rows = reads.join(pairs.select("scan", paired=True), on="scan", how="left", maintain_order="left")
    # a draft may outlive the unlocking of a read that it rests on; it counts for nothing
    early = (pl.col("reader") == CONSENSUS) & (pl.col("state") == "locked") & pl.col("paired").is_null()
    findings.add_where("reads.consensus_without_two_reads", "reads", "scan", early, rows)


def _check_negative_reads(findings: Findings) -> None:
    skeletal = first_progressions(findings).filter(skeletal="yes")
    scans = findings.tables["scans"].filter(timepoint="progression").join(skeletal, on="patient", how="semi")
    reads = findings.tables["reads"].filter(evaluable="yes", state="locked").join(scans, on="scan", how="semi")
    marks = findings.tables["marks"].filter(pl.col("regions") != SOFT_TISSUE).select(*_READ)
    grades = findings.tables["grades"].filter(pl.col("grade") != "0", system="siopen").select(*_READ)
    negative = reads.join(pl.concat([marks, grades]), on=list(_READ), how="anti").select(*_READ, negative=True)
    rows = findings.tables["reads"].join(negative.unique(), on=list(_READ), how="left", maintain_order="left")
    findings.add_where("reads.negative_at_skeletal_progression", "reads", "scan", pl.col("negative"), rows)
