"""The readings of one design: bound of f by what the persistent are a share of."""

from dataclasses import dataclass
from typing import Final, Literal

from residuum.records.design import BOUNDS, FUNNELLINGS, Accrual, Bound, Design, Funnelling

GIVEN: Final = "given"
"""Stands for the bound where a hazard ratio is taken as given."""
DECLARED: Final = "declared"
"""Stands for the reading where accrual is declared without a funnel."""
NO_FUNNEL: Final = "the design has no [accrual.funnel]: there is one reading of accrual, the declared one"


@dataclass(frozen=True, slots=True)
class Variant:
    """One bound of f with one reading of the funnel.

    Attributes
    ----------
    bound : {"exclusive", "inclusive"} or None
        None where a hazard ratio is taken as given.
    reading : {"evaluable", "stage_m"} or None
        None without a funnel.
    """

    bound: Bound | None
    reading: Funnelling | None

    @property
    def bound_name(self) -> str:
        """As it stands in the names of rows."""
        return self.bound or GIVEN

    @property
    def reading_name(self) -> str:
        """As it stands in the names of rows."""
        return self.reading or DECLARED

    @property
    def group(self) -> str:
        """Both names."""
        return f"{self.bound_name}.{self.reading_name}"

    @property
    def simulated_bound(self) -> Bound:
        """Of the simulation; it changes nothing where a hazard ratio is given."""
        return self.bound or "exclusive"

    def read(self, design: Design) -> Design:
        """Return the design with its funnel read this way."""
        return design.model_copy(update={"accrual": read_accrual(design.accrual, self.reading)})


def derive_variants(design: Design) -> tuple[Variant, ...]:
    """Return every bound and reading that a design has, bounds first."""
    return tuple(Variant(bound, reading) for bound in bounds_of(design) for reading in readings_of(design))


def bounds_of(design: Design) -> tuple[Bound | None, ...]:
    """Return the bounds of f that a design has."""
    return BOUNDS if design.radiotherapy is not None else (None,)


def readings_of(design: Design) -> tuple[Funnelling | None, ...]:
    """Return the readings of the funnel that a design has."""
    return FUNNELLINGS if design.accrual.funnel is not None else (None,)


def left_out(design: Design) -> tuple[Variant, ...]:
    """Return the readings that do not apply, `NO_FUNNEL` being the reason."""
    if design.accrual.funnel is not None:
        return ()
    return tuple(Variant(bound, reading) for bound in bounds_of(design) for reading in FUNNELLINGS)


def other_cure(design: Design) -> tuple[str, Design] | None:
    """Return the other reading of the cure and the design with it, None where nobody is cured.

    Whether the cured never fail of any cause, or the hazards of all causes fade alike, no data can tell either.
    """
    failure = design.failure
    if failure.cured.central == 0 and failure.cured.known:
        return None
    other: Literal["shared", "cause_specific"] = "cause_specific" if failure.cure == "shared" else "shared"
    return other, design.model_copy(update={"failure": failure.model_copy(update={"cure": other})})


def read_accrual(accrual: Accrual, reading: Funnelling | None) -> Accrual:
    """Return the accrual with its funnel read one way, unchanged without a funnel."""
    if accrual.funnel is None or reading is None:
        return accrual
    return accrual.model_copy(update={"funnel": accrual.funnel.model_copy(update={"persistent_of": reading})})
