"""Make-believe studies of any size, for benchmarks."""

from dataclasses import replace

import numpy as np
import polars as pl

from residuum.records.settings import Settings
from residuum.records.study import Study
from residuum.records.vocabulary import CONSENSUS
from residuum.synthetic.children import Kind, draw_child
from residuum.synthetic.readings import StudyTables

LOCALISED = 0.5
"""Share without metastases, as in a registry of all stages."""
MIX: dict[Kind, float] = {
    "not_avid": 0.09,
    "early_event": 0.18,
    "no_hdc": 0.1,
    "no_scan": 0.06,
    "not_evaluable": 0.02,
    "cleared": 0.22,
    "cleared_event": 0.2,
    "residual_complete": 0.02,
    "residual_during": 0.01,
    "residual_persistent": 0.04,
    "residual_progression": 0.06,
}
"""Kinds of the children with metastases."""


def make_large_study(patients: int, seed: int = 1) -> Study:
    """Return a synthetic study of so many patients, about 40 marks each; the same seed gives the same study."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(len(MIX), size=patients, p=list(MIX.values()))
    localised = rng.random(patients) < LOCALISED
    tables = StudyTables(rng)
    for number, kind in enumerate(kinds):
        child = draw_child("not_avid" if localised[number] else list(MIX)[kind], rng)
        if localised[number]:
            child.patient["stage"] = "L2"
        tables.add(f"L{number:06d}", child)
    study = tables.study(Settings(title=f"Synthetic study of {patients} patients", synthetic=True))
    return replace(study, tables={**study.tables, "reads": _with_drafts(study["reads"])})


def _with_drafts(reads: pl.DataFrame) -> pl.DataFrame:
    """Return the reads with every hundredth consensus not yet locked, so that some scans are unresolved."""
    consensus = pl.col("reader") == CONSENSUS
    hundredth = consensus & (consensus.cum_sum() % 100 == 0)
    return reads.with_columns(state=pl.when(hundredth).then(pl.lit("draft")).otherwise("state"))
