"""Rules within and across the tables of a study, applied to typed tables as a whole."""

from collections.abc import Mapping

import polars as pl

from residuum.records.cells import check_cells
from residuum.records.checks import problem
from residuum.records.errors import Problem
from residuum.records.findings import Findings, Unread
from residuum.records.readings import check_grades, check_marks, check_reads
from residuum.records.schemas import TABLES
from residuum.records.settings import FILE, STEPS, Settings
from residuum.records.timeline import check_days, check_deaths, check_progressions
from residuum.records.vocabulary import CONSENSUS


def check_settings(settings: Settings) -> list[Problem]:
    """Return what is wrong among the settings themselves."""
    readers, level = settings.reading.readers, settings.definitions.site_level
    first, last = settings.population.diagnosis_years
    marks = settings.reading.entry == "marks"
    steps, languages = settings.population.steps, settings.analysis.languages
    in_order = steps == tuple(step for step in STEPS if step in steps) and steps[:1] == STEPS[:1]
    found = {
        ("settings.years_reversed", "population.diagnosis_years", f"{first}, {last}"): first > last,
        ("settings.steps", "population.steps", ", ".join(steps)): not in_order,
        ("settings.language", "analysis.languages", ", ".join(languages)): languages != ("en",),
        ("settings.consensus_listed", "reading.readers", CONSENSUS): CONSENSUS in readers,
        ("settings.duplicate_reader", "reading.readers", ", ".join(readers)): len(set(readers)) < len(readers),
        ("settings.segment_level_with_marks", "definitions.site_level", level): marks and level == "segment",
        ("settings.site_level_unused", "definitions.site_level", level): not marks and level != "segment",
    }
    return [problem(check_id, FILE, None, key, value) for (check_id, key, value), wrong in found.items() if wrong]


def check_tables(
    tables: Mapping[str, pl.DataFrame], settings: Settings | None, unread: Unread | None = None
) -> list[Problem]:
    """Return everything wrong or doubtful within and across tables.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Typed tables by name. Rules that need a table which is not there are left out.
    settings : Settings or None
        The study's settings; without them the rules that depend on a setting are left out.
    unread : mapping, optional
        0-based records by table and column whose cell is null because it could not be understood.

    Returns
    -------
    list of Problem
        `row` is the 0-based record of the table.
    """
    findings = Findings({name: frame.select(list(TABLES[name].schema)) for name, frame in tables.items()}, unread or {})
    for name in findings.tables:
        check_cells(findings, name)
        _check_key(findings, name)
        _check_references(findings, name)
        check_days(findings, name)
    check_deaths(findings)
    check_progressions(findings, settings)
    check_reads(findings, settings)
    check_marks(findings, settings)
    check_grades(findings, settings)
    _check_components(findings)
    return findings.problems


def _check_components(findings: Findings) -> None:
    if "components" not in findings.tables:
        return
    marrow, verdict = pl.col("component") == "marrow", pl.col("verdict")
    foreign = (marrow & (verdict == "PR")) | (~marrow & (verdict == "MD"))
    findings.add_where("components.foreign_verdict", "components", "verdict", foreign)


def _check_key(findings: Findings, table: str) -> None:
    key = TABLES[table].key
    whole = pl.all_horizontal(pl.col(key).is_not_null())
    mask = findings.tables[table].select(whole & ~pl.struct(key).is_first_distinct()).to_series()
    findings.add("key.duplicate", table, key, mask.arg_true())


def _check_references(findings: Findings, table: str) -> None:
    """Look for unknown patients and scans; marks and grades refer to a read instead."""
    if table in ("marks", "grades"):
        return
    for column, other, check_id in (
        ("patient", "patients", "key.unknown_patient"),
        ("scan", "scans", "key.unknown_scan"),
    ):
        if table != other and column in TABLES[table].schema and other in findings.tables:
            records = findings.records_without(table, findings.tables[other], {column: column})
            findings.add(check_id, table, column, records)
