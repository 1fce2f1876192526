"""Everything that is known about one design when its report is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from residuum.records.design import Bound, Design, Funnelling
from residuum.report.numbers import Numbers
from residuum.report.wording import N_
from residuum.trial.model.effect_curves import EffectCurves
from residuum.trial.planning.accrual_fan import AccrualFan
from residuum.trial.planning.study_reach import StudyReach
from residuum.trial.planning.variants import DECLARED, GIVEN, bounds_of, readings_of
from residuum.trial.simulation.look_spread import LookSpread
from residuum.trial.simulation.looks import Looks

BOUND_WORDS: Final = {
    "exclusive": N_("exclusive bound"),
    "inclusive": N_("inclusive bound"),
    GIVEN: N_("hazard ratio taken as given"),
}
READING_WORDS: Final = {
    "evaluable": N_("persistent uptake in a share of the evaluable"),
    "stage_m": N_("persistent uptake in a share of all stage M"),
    DECLARED: N_("accrual as declared"),
}
SHORT_READINGS: Final = {
    "evaluable": N_("of the evaluable"),
    "stage_m": N_("of all stage M"),
    DECLARED: N_("as declared"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """One bound of f, simulated.

    Attributes
    ----------
    curves : EffectCurves
        EFS and hazard ratio over time.
    looks : Looks
        With their bounds.
    spread : LookSpread
        Where Z lies then.
    """

    curves: EffectCurves
    looks: Looks
    spread: LookSpread


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What page and figures of a design are made from.

    Attributes
    ----------
    design : Design
        As declared.
    numbers : Numbers
        Every number that is printed.
    simulated : mapping of bound to Simulated
        Both bounds, or only None where a hazard ratio is taken as given.
    fans : mapping of reading to AccrualFan
        Both readings of the funnel, or only None without one.
    reach : StudyReach or None
        What irradiation could reach in a study, if one was given.
    """

    design: Design
    numbers: Numbers
    simulated: Mapping[Bound | None, Simulated]
    fans: Mapping[Funnelling | None, AccrualFan]
    reach: StudyReach | None = None

    @property
    def bounds(self) -> tuple[Bound | None, ...]:
        """The bounds of f that the design has."""
        return bounds_of(self.design)

    @property
    def readings(self) -> tuple[Funnelling | None, ...]:
        """The readings of the funnel that the design has."""
        return readings_of(self.design)

    @property
    def synthetic(self) -> bool:
        """Whether a make-believe study stands behind some of it."""
        return self.reach is not None and self.reach.synthetic


def bound_name(bound: Bound | None) -> str:
    """Return a bound as it stands in the names of rows."""
    return bound or GIVEN


def reading_name(reading: Funnelling | None) -> str:
    """Return a reading as it stands in the names of rows."""
    return reading or DECLARED
