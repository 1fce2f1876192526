"""Copies of scan objects, made the way an import makes them."""

import io
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset

import scan_objects
from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.privacy.copying import Copied, CopyPlan, copy_object, pseudonymise
from residuum.intake.scans.understanding.facts import Side, View

SECRET = "5a" * 32
VIEWS: Mapping[int, tuple[View, Side | None]] = {1: ("anterior", "right"), 2: ("posterior", "left")}


def plan(
    views: Mapping[int, tuple[View, Side | None]] | None = None, *, day: int = 12, patient: str = "P01"
) -> CopyPlan:
    return CopyPlan(SECRET, patient, day, {} if views is None else views)


def copy_bytes(data: bytes, copy_plan: CopyPlan | None = None) -> Copied:
    """Return the copy of a DICOM file; a plan with CopyPlan's JSON on the way, as it crosses to the child."""
    source = parse(data)
    return copy_object(source, decode(source), CopyPlan.from_json((copy_plan or plan()).to_json()))


def pseudonymise_bytes(data: bytes, copy_plan: CopyPlan | None = None) -> Copied:
    """Return the copy of a DICOM file that may be understood by nobody."""
    source = parse(data)
    return pseudonymise(source, decode(source), copy_plan or plan())


def copied(source: Dataset, copy_plan: CopyPlan | None = None) -> FileDataset:
    """Return the copy of an object, read by pydicom alone."""
    return pydicom.dcmread(io.BytesIO(copy_bytes(scan_objects.written(source), copy_plan).data))


def errors_of(data: bytes, folder: Path) -> list[str]:
    """Return the errors that David Clunie's dciodvfy finds in a DICOM file."""
    if shutil.which("dciodvfy") is None:
        missing = "dciodvfy (Debian package dicom3tools) is needed"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    path = folder / "object.dcm"
    path.write_bytes(data)
    found = subprocess.run(("dciodvfy", str(path)), capture_output=True, text=True, check=False)
    return [line for line in (found.stdout + found.stderr).splitlines() if line.startswith("Error")]
