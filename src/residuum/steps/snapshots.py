"""One unchanging state of a study, locked reads only: what analyses and exports are made from."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from residuum import DISCLAIMER, __version__
from residuum.intake.folder import render_study
from residuum.records.study import Study
from residuum.steps.databases import to_study
from residuum.steps.desk import Desk
from residuum.steps.repeats import derive_repeat_studies
from residuum.steps.visits import Request, Visit, begin_visit
from residuum.store import audit
from residuum.store.study import load_repeats, load_study
from residuum.store.tables import READ_TABLES

_KEY: Final = ["scan", "reader"]


def take_snapshot(visit: Visit) -> Study:
    """Return the study without its drafts."""
    study = to_study(load_study(visit.connection))
    locked = study["reads"].filter(pl.col("state") == "locked").select(_KEY)
    kept = {name: study[name].join(locked, on=_KEY, how="semi", maintain_order="left") for name in READ_TABLES}
    return Study(study.settings, study.rules, {**study.tables, **kept}, study.present)


def take_snapshot_with_repeats(visit: Visit) -> tuple[Study, dict[str, Study], int]:
    """Return the study without its drafts, what each reader read twice, and how many patients were erased so far."""
    study = take_snapshot(visit)
    repeats = derive_repeat_studies(study, load_repeats(visit.connection))
    return study, repeats, audit.count_entries(visit.connection, "patient.forget")


def export_study(desk: Desk, request: Request) -> bytes:
    """Return the study, locked reads only, as a ZIP file with a manifest that names the head of the audit trail."""
    study = desk.read(lambda connection: take_snapshot(begin_visit(connection, desk, request, "export"))).result()
    files = render_study(study)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}

    def note(connection: sa.Connection) -> dict[str, Any]:
        visit = begin_visit(connection, desk, request, "export")
        visit.note("export", to="zip", sha256=hashes)
        return {"at": visit.at.isoformat(timespec="seconds"), "audit_head": audit.head(connection)}

    noted = desk.write(note).result()
    return _pack(files, {"residuum": __version__, **noted, "sha256": hashes, "disclaimer": DISCLAIMER})


def _pack(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(f"study/{name}"), content, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("manifest.json"), json.dumps(manifest, indent=2), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def describe_patient(study: Study, patient: str) -> dict[str, Any] | None:
    """Return everything that a study says of a patient, scan by scan; None where there is no such patient."""
    if not study["patients"].filter(patient=patient).height:
        return None
    scans = study["scans"].filter(patient=patient).sort("day", "scan")
    parts = {
        name: frame.filter(patient=patient).drop("patient").to_dicts()
        for name, frame in study.tables.items()
        if "patient" in frame.columns and name not in ("patients", "scans")
    }
    described = [{**scan, "reads": _reads_of(study, scan["scan"])} for scan in scans.drop("patient").to_dicts()]
    return {**study["patients"].filter(patient=patient).to_dicts()[0], **parts, "scans": described}


def _reads_of(study: Study, scan: str) -> list[dict[str, Any]]:
    reads = study["reads"].filter(scan=scan).drop("scan").to_dicts()
    for read in reads:
        for name in ("marks", "grades"):
            read[name] = study[name].filter(scan=scan, reader=read["reader"]).drop(_KEY).to_dicts()
    return reads
