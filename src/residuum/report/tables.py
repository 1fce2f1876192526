"""Tidy CSV tables of a study: one row per number, patient, scan, site, verdict or pair of reads.

Text cells that a spreadsheet would run as a formula (they start with ``=``, ``+``, ``-``, ``@``, a tab or a carriage
return) get a leading apostrophe, as OWASP advises against CSV injection; columns of numbers stay numbers, negative ones
included. The study's own files and numbers.json hold the text as it was. Files are UTF-8 with a header; a missing value
is an empty cell. The column `patients` of numbers.csv names a list of numbers.json.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from pathlib import Path
from typing import Final

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.report.numbers import Numbers
from residuum.report.rows.agreement import derive_total_pairs

FORMULA_START: Final = r"^[=+\-@\t\r]"


def write_tables(analysis: Analysis, numbers: Numbers, folder: Path) -> list[Path]:
    """Write every table as a CSV file into a folder and return the files.

    Parameters
    ----------
    analysis, numbers : Analysis, Numbers
        What is written.
    folder : Path
        Output folder; made where missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"numbers": numbers.frame()} | {name: derive(analysis) for name, derive in TABLES.items()}
    for name, table in tables.items():
        neutralise(table).write_csv(folder / f"{name}.csv")
    return [folder / f"{name}.csv" for name in tables]


def neutralise(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose text cells no spreadsheet takes for a formula; lists are joined with ``;``."""
    lists = [name for name, kind in table.schema.items() if kind == pl.List]
    table = table.with_columns(pl.col(lists).cast(pl.List(pl.String)).list.join(";"))
    text = pl.col(pl.String)
    return table.with_columns(pl.when(text.str.contains(FORMULA_START)).then("'" + text).otherwise(text).name.keep())


def derive_scan_table(analysis: Analysis) -> pl.DataFrame:
    """Return every scan with its read used and its totals, one row per mode (one without mode where not evaluable)."""
    totals = analysis.totals.drop("patient", "day", "timepoint")
    used = analysis.timepoint_scans.select("scan", used_for="timepoint")
    scans = analysis.reads_used.drop("read").join(used, on="scan", how="left").join(totals, on="scan", how="left")
    return scans.sort("patient", "day", "scan", "mode")


def derive_site_table(analysis: Analysis) -> pl.DataFrame:
    """Return the state of each seen site at each evaluable scan, with its burden and the therapy at it."""
    burden = analysis.sites.select("scan", "site", "foci", "extent", "points")
    used = analysis.timepoint_scans.select("scan", used_for="timepoint")
    states = analysis.site_states.join(used, on="scan", how="left").join(burden, on=["scan", "site"], how="left")
    return states.sort("patient", "day", "scan", "site")


def derive_response_table(analysis: Analysis) -> pl.DataFrame:
    """Return bone verdicts by scan, with the overall verdict where the scan stands for a time point."""
    used = analysis.timepoint_scans.select("scan", used_for="timepoint")
    overall = analysis.overall_responses.rename(
        {"timepoint": "used_for", "verdict": "overall", "clause": "overall_clause"}
    )
    bone = analysis.bone_responses.join(used, on="scan", how="left")
    return bone.join(overall.drop("bone"), on=["patient", "used_for"], how="left").sort("patient", "day", "scan")


TABLES: Final[Mapping[str, Callable[[Analysis], pl.DataFrame]]] = {
    "patients": attrgetter("patients"),
    "scans": derive_scan_table,
    "sites": derive_site_table,
    "responses": derive_response_table,
    "trial_sites": attrgetter("trial_sites"),
    "agreement_pairs": derive_total_pairs,
}
"""Every table but numbers.csv, with the function that derives it."""
