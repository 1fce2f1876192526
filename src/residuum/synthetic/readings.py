"""Make-believe readers: what two physicians mark on a scan, each with slips of his own, and their consensus."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl

from residuum.records.rules import Rules, apply_overrides, shipped_rules
from residuum.records.schemas import TABLES
from residuum.records.settings import Settings
from residuum.records.study import Study
from residuum.records.vocabulary import CONSENSUS, REGIONS
from residuum.synthetic.children import Child, Scan
from residuum.synthetic.disease import Disease

READERS = ("reader_1", "reader_2")
MISSED, MISJUDGED, IMAGINED = 0.14, 0.6, 0.3
"""Chance per focal mark of missing it, per diffuse mark of another extent, and per scan of one mark too many."""

Mark = tuple[str, str, float | None]
"""Regions (``;``-separated), pattern, extent."""


def marks_of(disease: Disease) -> list[Mark]:
    """Return the marks of a reader who sees exactly what is there.

    Two diffuse lesions in neighbouring parts of the spine are one confluent mark.
    """
    marks: list[Mark] = []
    confluent = _confluent_spine(disease)
    if confluent:
        extent = max(disease[region].extent or 0.0 for region in confluent)
        marks.append((";".join(confluent), "diffuse", extent))
    for region, lesions in disease.items():
        if region in confluent:
            continue
        if lesions.extent is not None:
            marks.append((region, "diffuse", lesions.extent))
        marks += [(region, "focal", None)] * lesions.foci
    return marks


def _confluent_spine(disease: Disease) -> tuple[str, ...]:
    pair = ("spine_thoracic", "spine_lumbar")
    spread = [disease[region].extent for region in pair if region in disease]
    return pair if len(spread) == 2 and None not in spread else ()


def _slip(marks: Sequence[Mark], rng: np.random.Generator) -> list[Mark]:
    """Return the marks with a reader's slips."""
    chances = rng.random(len(marks))
    seen: list[Mark] = []
    for (regions, pattern, extent), chance in zip(marks, chances, strict=True):
        if extent is None and chance < MISSED:
            continue
        if extent is not None and chance < MISJUDGED:
            seen.append((regions, pattern, round(float(np.clip(extent + rng.normal(0, 0.25), 0.05, 1.0)), 2)))
        else:
            seen.append((regions, pattern, extent))
    if rng.random() < IMAGINED * bool(marks):
        seen.append((str(rng.choice(REGIONS)), "focal", None))
    return seen


class StudyTables:
    """Rows of a study's tables, gathered child by child."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}

    def add(self, identifier: str, child: Child, *, slips: bool = True) -> None:
        """Add a child under an identifier, its scans read by both readers (without slips: exactly)."""
        self._rows["patients"].append({"patient": identifier, **child.patient})
        self._rows["treatments"] += [{"patient": identifier, **row} for row in child.treatments]
        self._rows["events"] += [{"patient": identifier, **row} for row in child.events]
        for number, scan in enumerate(sorted(child.scans, key=lambda scan: scan.day), start=1):
            self._add_scan(f"{identifier}-{number}", identifier, scan, slips=slips)

    def _add_scan(self, scan_id: str, identifier: str, scan: Scan, *, slips: bool) -> None:
        row = {"scan": scan_id, "patient": identifier, "day": scan.day, "timepoint": scan.timepoint, "tracer": "I123"}
        self._rows["scans"].append(row)
        if not scan.evaluable:
            for reader in READERS:
                self._add_read(scan_id, reader, None)
            return
        truth = marks_of(scan.disease)
        reads = [_slip(truth, self._rng) if slips else truth for _ in READERS]
        for reader, marks in zip(READERS, reads, strict=True):
            self._add_read(scan_id, reader, marks)
        if any(marks != truth for marks in reads):
            self._add_read(scan_id, CONSENSUS, truth)

    def _add_read(self, scan_id: str, reader: str, marks: Iterable[Mark] | None) -> None:
        marks_listed = [] if marks is None else list(marks)
        seconds = float(round(self._rng.lognormal(np.log(45 + 6 * len(marks_listed)), 0.35)))
        self._rows["reads"].append(
            {
                "scan": scan_id,
                "reader": reader,
                "evaluable": "no" if marks is None else "yes",
                "state": "locked",
                "seconds": seconds,
            }
        )
        views = self._rng.random(len(marks_listed))
        for number, (regions, pattern, extent) in enumerate(marks_listed, start=1):
            self._rows["marks"].append(
                {
                    "scan": scan_id,
                    "reader": reader,
                    "mark": str(number),
                    "regions": regions,
                    "pattern": pattern,
                    "extent": extent,
                    "seen_on": _seen_on(views[number - 1]),
                    "confidence": "definite",
                }
            )

    def study(self, settings: Settings) -> Study:
        """Return the gathered rows as a study; each reader reads in a random order."""
        tables = {name: pl.DataFrame(self._rows[name], schema=table.schema) for name, table in TABLES.items()}
        tables["reads"] = _with_read_order(tables["reads"], settings.reading.seed)
        core = {"patients", "treatments", "scans", "reads", "marks", "events"}
        rules: Rules = apply_overrides(shipped_rules(), settings.rules)[0]
        return Study(settings, rules, tables, frozenset(core))


def _seen_on(chance: float) -> str:
    if chance < 0.9:
        return "planar_ant;planar_post"
    return "planar_post;spect" if chance < 0.97 else "spect"


def _with_read_order(reads: pl.DataFrame, seed: int) -> pl.DataFrame:
    order = pl.int_range(1, pl.len() + 1).shuffle(seed).over("reader")
    return reads.with_columns(read_order=pl.when(pl.col("reader") != CONSENSUS).then(order).cast(pl.Int64))
