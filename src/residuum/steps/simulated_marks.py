"""Positions for the marks of simulated scans in a study folder, written once; positions that are there stay."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from residuum.intake.folder import write_table
from residuum.intake.scans.image_files import ImageFiles, Source
from residuum.intake.scans.stored import read_stored
from residuum.records.schemas import TABLES
from residuum.steps.scan_plans import truth_file
from residuum.synthetic.scans.placing import Shown, place_marks
from residuum.synthetic.scans.truth import read_truth
from residuum.synthetic.scans.wanted import Wanted
from residuum.volumes.grid import Grid

_KEY: Final = ["scan", "reader", "mark"]
_PLACE: Final = ("image", "view", "x_mm", "y_mm", "z_mm")


def write_positions(
    folder: Path, tables: Mapping[str, pl.DataFrame], scans: Iterable[Wanted], files: ImageFiles, truth: Path
) -> int:
    """Write into marks.csv where the marks of simulated scans lie; return how many got a position.

    A scan of which any mark has a position already is left as it is, and so is one whose truth is not there: its images
    are no simulated ones.

    Parameters
    ----------
    folder : Path
    tables : mapping of str to DataFrame
        Of the folder as it is.
    scans : iterable of Wanted
    files : ImageFiles
    truth : Path
    """
    marks = tables["marks"]
    new: list[dict[str, Any]] = []
    for wanted in scans:
        file, own = truth_file(truth, wanted.scan), marks.filter(scan=wanted.scan)
        shown = _find_shown(tables["images"].filter(scan=wanted.scan), files, wanted.child.patient)
        if not file.is_file() or not shown.views or any(own[name].is_not_null().any() for name in _PLACE):
            continue
        places = place_marks(own.to_dicts(), read_truth(file), wanted.reader, shown)
        new += [{"scan": wanted.scan, "reader": reader, "mark": mark, **at} for (reader, mark), at in places.items()]
    if new:
        write_table(_with_places(marks, new), "marks", folder)
    return len(new)


def _with_places(marks: pl.DataFrame, new: list[dict[str, Any]]) -> pl.DataFrame:
    types = {name: TABLES["marks"].schema[name] for name in (*_KEY, *_PLACE)}
    complete = [dict.fromkeys(types) | row for row in new]
    return marks.update(pl.DataFrame(complete, schema=types), on=_KEY, how="left")


def _find_shown(images: pl.DataFrame, files: ImageFiles, patient: str) -> Shown:
    """Return the simulated images of a scan on which marks may lie."""
    simulated = images.filter(pl.col("flags").fill_null("").str.split(";").list.contains("synthetic")).to_dicts()
    views = {row["view"]: row["image"] for row in simulated if row["kind"] == "planar" and row["view"]}
    for row in simulated:
        if row["kind"] == "spect":
            return Shown(views, row["image"], _read_grid(row, files, patient))
    return Shown(views)


def _read_grid(row: Mapping[str, Any], files: ImageFiles, patient: str) -> Grid | None:
    _, placement = read_stored(files.load(Source.parse(row["source"]).path, row["sha256"]), patient)
    spacing = tuple(float(one) for one in row["spacing_mm"].split(";")[:2])
    shape = (row["frames"], row["rows"], row["columns"])
    return None if placement is None else Grid(shape, (spacing[0], spacing[1]), placement)
