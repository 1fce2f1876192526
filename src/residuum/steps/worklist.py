"""The worklist of readers and adjudicators; looking at it hands out the cases that differences have made."""

from typing import Any

from residuum.records.vocabulary import CONSENSUS
from residuum.steps.adjudication import is_settled
from residuum.steps.reading import describe_case
from residuum.steps.visits import Visit
from residuum.store.readings import load_cases, load_own_states
from residuum.store.study import load_scans_with_images


def show_worklist(visit: Visit) -> dict[str, Any]:
    """Return the cases of this reader in the order of reading; a repeated case looks like any other."""
    reading = visit.settings.reading
    states = load_own_states(visit.connection, visit.reader)
    cases = load_cases(visit.connection, visit.reader)
    images = load_scans_with_images(visit.connection) | visit.openings.planned
    return {
        "cases": [describe_case(case, reading, images, *states.get((case.scan, case.occasion), ())) for case in cases]
    }


def show_settled_worklist(visit: Visit) -> dict[str, Any] | None:
    """Return the worklist, None where there are cases to hand out first (`adjudication.settle`)."""
    further = visit.reader == CONSENSUS or visit.reader in visit.settings.reading.readers[2:]
    return None if further and not is_settled(visit) else show_worklist(visit)
