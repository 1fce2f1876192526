"""Simulated images of scans that were planned, made when a case is first opened.

`python -m residuum.steps.planned_scans` makes those of one scan; it is told which as JSON on its input.
"""

import json
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from residuum.records.errors import InputError, Problem
from residuum.steps.saved_images import SavedImages
from residuum.steps.scan_plans import read_plan, write_plan
from residuum.steps.simulation import NOBODY, Order, fill_order
from residuum.steps.sources import open_source
from residuum.steps.study_images import open_images
from residuum.steps.synthetic_scans import check_simulated
from residuum.synthetic.scans.children import ScannedChild
from residuum.synthetic.scans.wanted import Wanted, derive_wanted
from residuum.synthetic.tracer.marks import Mark

_NICENESS: Final = 10
"""Of the process: answers of the server go first."""


def plan_scans(study: Path | str, patients: Collection[str]) -> int:
    """Lay down what the scans of some patients will show once they are opened; return how many scans.

    Raises
    ------
    CallError
        There is no such study.
    InputError
        The study is refused, is not labelled synthetic, or holds no marks.
    """
    found = open_source(study).study
    check_simulated(found)
    wanted, _ = derive_wanted(found, patients)
    write_plan(open_images(study)[2].truth, {one.scan: asdict(one) for one in wanted})
    return len(wanted)


def make_scan_on_opening(study: Path | str, scan: str) -> tuple[str, ...]:
    """Make the images of a planned scan where they are missing; return the identifiers of those added.

    Marks get no positions: reads are being made, or are locked.

    Raises
    ------
    CallError
        There is no such study.
    InputError
        The study is refused or not labelled synthetic, or the marks cannot lie in such a body.
    """
    images, files, location = open_images(study)
    planned = read_plan(location.truth).get(scan)
    tables = images.tables
    if planned is None or scan in tables["images"]["scan"] or scan not in tables["scans"]["scan"]:
        return ()
    check_simulated(open_source(study).study)
    made = fill_order(Order(_read_wanted(planned), with_spect=False, truth=location.truth))
    refused = list[Problem]()
    saved = SavedImages(images, files, NOBODY)
    with files.locked():
        saved.add(made.copied, refused)
    if made.refused or refused:
        raise InputError(f"scan {scan} gets no images: {made.refused}", refused)
    return tuple(saved.added)


def _read_wanted(raw: Mapping[str, Any]) -> Wanted:
    marks = tuple(Mark(**{**one, "regions": tuple(one["regions"])}) for one in raw["marks"])
    return Wanted(ScannedChild(**raw["child"]), raw["scan"], raw["day"], raw["reader"], marks)


def main() -> None:
    """Make the images of the scan that the input names."""
    os.nice(_NICENESS)
    told = json.load(sys.stdin)
    make_scan_on_opening(told["study"], told["scan"])


if __name__ == "__main__":
    main()
