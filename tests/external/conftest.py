"""What the comparisons with R share: the one place that says what happens where R is missing."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PACKAGES = ("survival", "cmprsk", "jsonlite", "MASS", "mvtnorm")


@pytest.fixture(scope="session")
def run_r() -> Callable[..., None]:
    """Runs a script of this folder. Without R the test is skipped; where CI is set it fails."""
    rscript = shutil.which("Rscript")
    checks = "; ".join(f"library({name})" for name in PACKAGES)
    if rscript is None or subprocess.run((rscript, "-e", checks), capture_output=True, check=False).returncode:
        missing = f"Rscript with the packages {', '.join(PACKAGES)} is needed; see tests/external/README.md"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)

    def run(script: str, *arguments: Path) -> None:
        command = (rscript, "--vanilla", str(HERE / script), *map(str, arguments))
        subprocess.run(command, check=True, capture_output=True, text=True)

    return run


@pytest.fixture(scope="session")
def cohort_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The make-believe cohort, written anew."""
    path = tmp_path_factory.mktemp("cohort") / "cohort.csv"
    subprocess.run((sys.executable, str(HERE / "synthetic_cohort.py"), str(path)), check=True)
    return path


@pytest.fixture(scope="session")
def cohort(cohort_file: Path) -> dict[str, list[str]]:
    return read_columns(cohort_file)


@pytest.fixture(scope="session")
def public_data(
    run_r: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, list[str]]]:
    """The data sets that ship with R, read back from a temporary folder."""
    folder = tmp_path_factory.mktemp("public_data")
    run_r("export_public_data.R", folder)
    return {path.stem: read_columns(path) for path in folder.glob("*.csv")}


@pytest.fixture(scope="session")
def survival_reference() -> dict[str, object]:
    return json.loads((HERE / "survival.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def agreement_reference() -> dict[str, object]:
    return json.loads((HERE / "agreement.json").read_text(encoding="utf-8"))


def read_columns(path: Path) -> dict[str, list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return {name: list(column) for name, column in zip(header, zip(*rows, strict=True), strict=True)}
