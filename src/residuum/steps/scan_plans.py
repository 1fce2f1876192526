"""The folder of what is truly there in simulated scans: a file for each that was made, and a plan of those to come.

The plan is laid down before anybody reads, from what the study said then: nothing that readers do later, and so nothing
of what one of them says, can show in images that another one is given.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from residuum.steps.file_names import file_name

FILE: Final = "planned.json"


def write_plan(truth: Path, scans: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the plan of a study into its folder of truths, in place of an earlier one.

    Parameters
    ----------
    truth : Path
    scans : mapping of str to mapping
        By scan, as JSON values.
    """
    truth.mkdir(parents=True, exist_ok=True)
    part = truth / f".{FILE}.part"
    part.write_text(json.dumps(scans, ensure_ascii=False), "utf-8")
    part.replace(truth / FILE)


def read_plan(truth: Path) -> dict[str, Any]:
    """Return what is planned, by scan; nothing where the study has no plan."""
    file = truth / FILE
    planned: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return planned


def truth_file(truth: Path, scan: str) -> Path:
    """Return the file of what is truly there in a scan."""
    return truth / f"{file_name(scan)}.npz"


def sweep_truth(truth: Path, scans: Collection[str]) -> None:
    """Delete the truth of scans that are not in the study any more, and take them out of the plan."""
    kept = {truth_file(truth, scan).name for scan in scans}
    written = [(file, file.name) for file in truth.glob("*.npz")]
    half_written = [(file, file.stem.removeprefix(".")) for file in truth.glob(".*.npz.*")]
    for file, name in written + half_written:
        if name not in kept:
            file.unlink()
    planned = read_plan(truth)
    if planned.keys() - scans:
        write_plan(truth, {scan: one for scan, one in planned.items() if scan in scans})
