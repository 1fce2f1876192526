"""What does not fit together in a design although each of its keys is possible."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from residuum.records import design_analysis as analysis
from residuum.records import design_idle as idle
from residuum.records import design_patients as patients
from residuum.records.checks import problem
from residuum.records.design import Design
from residuum.records.design_faults import Fault, shown
from residuum.records.errors import Problem

Check = Callable[..., Iterator[Fault]]

CHECKS_BY_SECTION: Final[Mapping[Check, tuple[str, ...]]] = {
    patients.check_accrual: ("accrual",),
    patients.check_allocation: ("allocation",),
    patients.check_block: ("accrual", "allocation"),
    patients.check_profiles: ("profiles",),
    patients.check_failure: ("failure",),
    patients.check_effect: ("failure", "effect", "radiotherapy"),
    patients.check_radiotherapy: ("radiotherapy",),
    patients.check_assessment: ("assessment", "radiotherapy"),
    idle.check_alike: ("profiles",),
    idle.check_sites: ("profiles", "failure", "effect", "radiotherapy"),
    idle.check_centres: ("accrual",),
    idle.check_bound: ("failure", "radiotherapy"),
    idle.check_seeding: ("failure", "radiotherapy"),
    idle.check_irradiated: ("radiotherapy", "assessment"),
    analysis.check_looks: ("primary",),
    analysis.check_events: ("accrual", "primary"),
    analysis.check_delay: ("radiotherapy", "primary"),
    analysis.check_latest_year: ("accrual", "failure", "dropout", "assessment", "primary"),
    analysis.check_spending: ("primary",),
    analysis.check_test: ("profiles", "primary", "search"),
    analysis.check_horizon: ("accrual", "primary", "search"),
    analysis.check_endpoint: ("failure", "radiotherapy", "primary"),
    analysis.check_search: ("search",),
    analysis.check_borrowing: ("borrowing",),
}
"""Each check with the sections that it is given, in this order."""


def check_design(design: Design, file: str = "design") -> list[Problem]:
    """Return what does not fit together in a design, empty where it can be simulated.

    Parameters
    ----------
    design : Design
        Each part of it is possible by itself.
    file : str, optional
        Name of the file, for the problems.
    """
    return check_sections(dict(design), file)


def check_sections(sections: Mapping[str, Any], file: str) -> list[Problem]:
    """Return what does not fit together in the sections that could be read.

    Parameters
    ----------
    sections : mapping of str to object
        Values of a `Design` by name. Checks that need a section which is not there are left out.
    file : str
        Name of the file, for the problems.
    """
    faults = [
        fault
        for check, needed in CHECKS_BY_SECTION.items()
        if sections.keys() >= set(needed)
        for fault in check(*(sections[name] for name in needed))
    ]
    return [problem(fault.rule, file, None, fault.key, shown(fault.value), **fault.words) for fault in faults]
