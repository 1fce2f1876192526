"""What the available children can buy under one bound and reading: the trial of all of them, and what it could show."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from residuum.records.design import Design
from residuum.trial.model.accrual import expected_patients
from residuum.trial.model.effect import average_hazard_ratio
from residuum.trial.model.hazards import derive_hazards
from residuum.trial.planning.analytic import HORIZON_YEARS
from residuum.trial.planning.available import available_design, events_by_arm
from residuum.trial.planning.buy import Borrowed, borrow, detectable_hazard_ratio, interval_ratio
from residuum.trial.planning.variants import Variant

# Fewer expected events than this give no interval that a normal approximation describes.
FEWEST_EVENTS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Purchase:
    """Computed for the trial of all children who come within the declared years, at central values.

    Attributes
    ----------
    patients, events : float
        Expected.
    interval_ratio, detectable : float or None
        Upper over lower limit of the 95 % interval, and the hazard ratio shown with 80 % power; None with too few
        events.
    borrowed : Borrowed or None
        Outside controls, where declared and there are enough events.
    registry_ratio : float or None
        Upper over lower limit where every eligible child is observed without randomisation, half of them irradiated;
        a width only. None without a funnel or with too few events.
    """

    patients: float
    events: float
    interval_ratio: float | None
    detectable: float | None
    borrowed: Borrowed | None
    registry_ratio: float | None


def derive_purchase(design: Design, variant: Variant) -> Purchase:
    """Return what the available children can buy at the central values of a design.

    Parameters
    ----------
    design : Design
        With criteria.done_years, by which the analysis is made.
    variant : Variant
        Bound of f and reading of the funnel.
    """
    one, years = available_design(variant.read(design)), design.criteria.done_years
    hazards = derive_hazards(one, variant.simulated_bound)
    control, experimental = events_by_arm(one, hazards, years)
    events, share = control + experimental, design.allocation[1] / sum(design.allocation)
    enough = events >= FEWEST_EVENTS
    return Purchase(
        patients=float(expected_patients(one.accrual, years)),
        events=events,
        interval_ratio=interval_ratio(events, share) if enough else None,
        detectable=detectable_hazard_ratio(events, design.primary.alpha, experimental_share=share) if enough else None,
        borrowed=_borrowed(design, control, experimental, average_hazard_ratio(hazards, HORIZON_YEARS)),
        registry_ratio=_registry_ratio(design, events),
    )


def _borrowed(design: Design, control: float, experimental: float, hazard_ratio: float) -> Borrowed | None:
    known = np.isfinite(hazard_ratio) and hazard_ratio > 0
    if design.borrowing is None or not known or min(control, experimental) < FEWEST_EVENTS / 2:
        return None
    return borrow(design.borrowing, control, experimental, hazard_ratio, design.primary.alpha)


def _registry_ratio(design: Design, events: float) -> float | None:
    funnel = design.accrual.funnel
    if funnel is None or funnel.consent.central == 0 or events < FEWEST_EVENTS:
        return None
    return interval_ratio(events / funnel.consent.central)
