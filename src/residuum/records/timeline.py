"""Rules about days, deaths and progressions."""

from typing import Final

import polars as pl

from residuum.records.findings import Findings
from residuum.records.settings import Settings

EARLIEST_DIAGNOSIS_SCAN_DAY: Final = -60
_DAYS: Final = {
    "treatments": ("start_day", "end_day"),
    "scans": ("day",),
    "components": ("day",),
    "targets": ("start_day", "end_day"),
    "events": ("day",),
}
_NOT_BEFORE_DIAGNOSIS: Final = ("treatments", "scans", "events")


def check_days(findings: Findings, table: str) -> None:
    """Look for days before diagnosis, ends before starts and days after death or the last contact."""
    for column in _DAYS.get(table, ()):
        if table in _NOT_BEFORE_DIAGNOSIS:
            _check_beginning(findings, table, column)
        if column == "end_day":
            findings.add_where("day.end_before_start", table, column, pl.col(column) < pl.col("start_day"))
        _check_ending(findings, table, column)


def check_deaths(findings: Findings) -> None:
    """Compare vital status and last contact with the deaths, and look for blanks that cost a patient."""
    if "patients" not in findings.tables:
        return
    for column in ("age_at_diagnosis_days", "diagnosis_year", "stage"):
        findings.add_where("patients.source_blank", "patients", column, pl.col(column).is_null())
    if "events" not in findings.tables:
        return
    rows = findings.tables["patients"].join(_deaths(findings), on="patient", how="left", maintain_order="left")
    died = pl.col("died").fill_null(False)
    survived = ~died & pl.col("patient").is_not_null()
    for check_id, column, condition in (
        ("patients.dead_without_death", "vital_status", (pl.col("vital_status") == "dead") & survived),
        ("patients.alive_with_death", "vital_status", (pl.col("vital_status") == "alive") & died),
        ("patients.last_contact_not_death", "last_contact_day", pl.col("last_contact_day") != pl.col("death_day")),
    ):
        findings.add_where(check_id, "patients", column, condition, rows)
    another = (pl.col("kind") == "death") & ~pl.struct("patient", "kind").is_first_distinct()
    findings.add_where("events.second_death", "events", "kind", another)


def check_progressions(findings: Findings, settings: Settings | None) -> None:
    """Look for first progressions or relapses without a progression scan within the window."""
    if settings is None or not {"events", "scans"} <= findings.tables.keys():
        return
    window = settings.definitions.progression_window_days
    first = first_progressions(findings)
    scans = findings.tables["scans"].filter(timepoint="progression").select("patient", scan_day="day")
    near = first.join(scans, on="patient").filter((pl.col("scan_day") - pl.col("day")).abs() <= window)
    alone = first.join(near, on="patient", how="anti").select("patient", "day", "kind", alone=True)
    rows = findings.tables["events"].join(alone, on=["patient", "day", "kind"], how="left", maintain_order="left")
    findings.add_where("events.no_progression_scan", "events", "day", pl.col("alone"), rows, lambda _: {"days": window})


def first_progressions(findings: Findings) -> pl.DataFrame:
    """Return the event of the first progression or relapse of every patient."""
    progressions = findings.table("events").filter(pl.col("kind").is_in(["progression", "relapse"]))
    return progressions.sort("patient", "day", "kind").unique("patient", keep="first").drop_nulls(["patient", "day"])


def _check_beginning(findings: Findings, table: str, column: str) -> None:
    earliest: pl.Expr = pl.lit(0)
    if table == "scans":
        earliest = pl.when(timepoint="diagnosis").then(EARLIEST_DIAGNOSIS_SCAN_DAY).otherwise(0)
    findings.add_where(
        "day.before_diagnosis",
        table,
        column,
        pl.col(column) < earliest,
        words=lambda _: {"days": -EARLIEST_DIAGNOSIS_SCAN_DAY},
    )


def _check_ending(findings: Findings, table: str, column: str) -> None:
    rows = findings.tables[table].join(_ends(findings), on="patient", how="left", maintain_order="left")
    day = pl.col(column)
    # a death is compared with the last contact among the patients: one error, one message
    counted = pl.col("kind") != "death" if table == "events" else pl.lit(True)
    dead = (day > pl.col("death_day")).fill_null(False)
    findings.add_where("day.after_death", table, column, counted & dead, rows)
    findings.add_where(
        "day.after_last_contact", table, column, counted & ~dead & (day > pl.col("last_contact_day")), rows
    )


def _deaths(findings: Findings) -> pl.DataFrame:
    deaths = findings.table("events").filter(kind="death").group_by("patient")
    return deaths.agg(died=True, death_day=pl.col("day").min())


def _ends(findings: Findings) -> pl.DataFrame:
    patients = findings.table("patients").unique("patient", keep="first").select("patient", "last_contact_day")
    return patients.join(_deaths(findings), on="patient", how="full", coalesce=True)
