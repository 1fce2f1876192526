"""One design under one bound of f, ready to simulate."""

from dataclasses import dataclass

from residuum.records.design import Bound, Design
from residuum.trial.model.hazards import Hazards, derive_hazards
from residuum.trial.simulation.draws import Draws, Workspace, design_key
from residuum.trial.simulation.looks import Looks, derive_looks


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """What the simulation of a trial needs; small enough to be sent to other machines.

    Attributes
    ----------
    design : Design
        Simulated at the central values of its ranges.
    bound : {"exclusive", "inclusive"}
        Of f.
    hazards : Hazards
        Of every kind of patient.
    looks : Looks
        With their bounds.
    columns : int
        Patients drawn; at least those of the design.
    """

    design: Design
    bound: Bound
    hazards: Hazards
    looks: Looks
    columns: int

    @property
    def stratified(self) -> bool:
        """Whether the test tells strata apart."""
        return self.design.primary.test == "stratified_log_rank"

    @property
    def tied(self) -> bool:
        """Whether two patients may have the same time, or strata of their own."""
        return self.design.assessment is not None or self.stratified

    def draws(self, seed: int, block: int, workspace: Workspace) -> Draws:
        """Return the random arrays of a block."""
        return Draws(design_key(self.design.id), seed, block, self.columns, self.design.accrual.patients, workspace)


def derive_scenario(
    design: Design, bound: Bound = "exclusive", *, columns: int | None = None, looks: Looks | None = None
) -> Scenario:
    """Return a design under one bound of f, ready to simulate.

    Parameters
    ----------
    design : Design
        Checked (`residuum.records.design_checks`).
    bound : {"exclusive", "inclusive"}
        Of f; without [radiotherapy] both are the same.
    columns : int, optional
        Patients drawn, where designs with more patients are to share the random numbers.
    looks : Looks, optional
        Where the bounds are already known, since they depend on the effect only through expected events.

    Raises
    ------
    CallError
        The spending cannot be turned into bounds.
    """
    hazards = derive_hazards(design, bound)
    patients = design.accrual.patients
    return Scenario(
        design=design,
        bound=bound,
        hazards=hazards,
        looks=derive_looks(design, hazards) if looks is None else looks,
        columns=max(patients, columns or 0),
    )
