"""Independent programs that judge DICOM objects: where one is missing a test is skipped, in CI it fails."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def tool(name: str, package: str) -> str:
    """Return the path of a program of a Debian package."""
    found = shutil.which(name)
    if found is None:
        reason = f"{name} is not installed (Debian package {package})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def dciodvfy(path: Path) -> list[str]:
    """Return the errors that dciodvfy finds in an object."""
    told = subprocess.run([tool("dciodvfy", "dicom3tools"), str(path)], capture_output=True, text=True, check=False)
    lines = (told.stdout + told.stderr).splitlines()
    assert lines, "the validator says nothing, not even the class of the object"
    return [line for line in lines if line.startswith("Error")]
