"""The reachable effect of one study under every belief that is reported."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.trial_view import derive_first_failures
from residuum.records.design import Criteria, Design
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.trial.planning.reach import Irradiation, Reach, derive_reach, draw_uniform, irradiation_of, why_undefined

OVERALL: Final = "overall"
E_SOURCES: Final = ("e_prior", "e_derived")
"""e from its prior (or the design's), and from local control with and without irradiation."""


@dataclass(frozen=True, slots=True, eq=False)
class StudyReach:
    """What irradiation could reach in a study.

    Attributes
    ----------
    first_failures : DataFrame
        Of the eligible: patient, efs_time in days from the landmark, first_failure.
    synthetic : bool
        Whether the study is make-believe.
    milestones : tuple of int
        Years at which f is given.
    irradiation : Irradiation
        Beliefs, with e from its prior or the design.
    criteria : Criteria
        What is worthwhile.
    reason : str or None
        Why nothing could be drawn.
    drawn : dict of str to Reach
        By `E_SOURCES`; empty where there is a reason.
    """

    first_failures: pl.DataFrame
    synthetic: bool
    milestones: tuple[int, ...]
    irradiation: Irradiation
    criteria: Criteria
    reason: str | None
    drawn: dict[str, Reach]

    def periods(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the name of each period and the first events in it: up to each milestone, and all."""
        events = self.first_failures.drop_nulls("first_failure")
        for year in self.milestones:
            yield f"{year}y", events.filter(pl.col("efs_time") <= year * DAYS_PER_YEAR)
        yield OVERALL, events


def derive_study_reach(analysis: Analysis, design: Design | None, generator: np.random.Generator) -> StudyReach:
    """Draw what irradiation could reach in a study.

    Parameters
    ----------
    analysis : Analysis
        A whole study.
    design : Design or None
        Replaces the beliefs about irradiation and the criteria; its own f, hazards and accrual are not used.
    generator : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    StudyReach

    Raises
    ------
    CallError
        The design has no [radiotherapy].
    """
    irradiation = Irradiation() if design is None else irradiation_of(design)
    criteria = Criteria() if design is None else design.criteria
    first_failures = derive_first_failures(analysis)
    reason = why_undefined(first_failures)
    drawn = {}
    if reason is None:
        uniform = draw_uniform(generator)
        beliefs = (irradiation, replace(irradiation, local_effect=None))
        for name, belief in zip(E_SOURCES, beliefs, strict=True):
            drawn[name] = derive_reach(first_failures, belief, criteria, uniform)
    settings = analysis.study.settings
    return StudyReach(
        first_failures, settings.synthetic, settings.analysis.milestones, irradiation, criteria, reason, drawn
    )
