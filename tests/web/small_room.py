"""The study that is read in the tests of the server, its people, and what a reader says."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from residuum.records.roles import ROLES
from residuum.records.rules import shipped_rules
from residuum.records.schemas import TABLES
from residuum.records.settings import Settings
from residuum.records.study import Study
from residuum.steps.openings import Openings

PATIENTS: Final = {"PAT-ANNA": (0, 200, 400), "PAT-BORIS": (0, 210), "PAT-CLARA": (0, 190, 380)}
"""Days of the scans of each patient; eight scans."""
TIMEPOINTS: Final = ("diagnosis", "post_induction", "post_consolidation")
ACCOUNTS: Final[Mapping[str, str]] = {
    "anne": "reader",
    "bela": "reader",
    "carl": "reader",
    "judge": "adjudicator",
    "manager": "data_manager",
    "boss": "administrator",
    "counter": "statistician",
    "watcher": "auditor",
}
"""Role by account; the readers of the study are named as their accounts."""
ACCOUNT_OF: Final = {role: name for name, role in reversed(ACCOUNTS.items())}
ADDRESS: Final = "192.0.2.1"
BEGIN: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def password_of(account: str) -> str:
    """Return the password with which an account was made."""
    return f"quiet-winter-{hashlib.sha256(account.encode()).hexdigest()[:8]}"


def focal(mark: str, region: str, **more: Any) -> dict[str, Any]:
    """Return a focal mark as a request holds it."""
    return {"mark": mark, "regions": [region], "pattern": "focal", **more}


def content(*marks: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the content of a read as a request holds it, without its version."""
    return {"evaluable": True, "seconds": 60.0, "comment": None, "marks": list(marks), "grades": [], **more}


def small_study(**reading: Any) -> Study:
    """Return three patients with eight scans and no reads."""
    given = {"readers": ("anne", "bela"), **reading}
    level = {"definitions": {"site_level": "segment"}} if given.get("entry") == "grades" else {}
    settings = Settings.model_validate({"title": "Small study", "synthetic": True, "reading": given, **level})
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for patient, days in PATIENTS.items():
        rows["patients"].append(
            {
                "patient": patient,
                "sex": "female",
                "age_at_diagnosis_days": 1000,
                "diagnosis_year": 2010,
                "stage": "M",
                "vital_status": "alive",
                "last_contact_day": 2000,
            }
        )
        rows["treatments"].append({"patient": patient, "phase": "hdc", "start_day": 250, "end_day": 260})
        for timepoint, day in zip(TIMEPOINTS, days, strict=False):
            scan = {"scan": scan_of(patient, day), "patient": patient, "day": day, "timepoint": timepoint}
            rows["scans"].append(scan | {"tracer": "I123"})
    tables = {name: pl.DataFrame(rows[name], schema=table.schema) for name, table in TABLES.items()}
    return Study(settings, shipped_rules(), tables)


def scan_of(patient: str, day: int) -> str:
    """Return the name of a scan."""
    return f"SCAN-{patient.removeprefix('PAT-')}-{day}"


SCANS: Final = tuple(scan_of(patient, day) for patient, days in PATIENTS.items() for day in days)


assert set(ACCOUNTS.values()) == set(ROLES)


class Planned(Openings):
    """Promises images of every scan and makes none."""

    def __init__(self) -> None:
        self.planned = frozenset(SCANS)
        self.asked: list[str] = []

    def ask(self, scan: str) -> None:
        self.asked.append(scan)
