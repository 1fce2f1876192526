"""The worklist of readers and adjudicators; looking at it hands out the cases that differences have made."""

from typing import Any

from residuum.records.vocabulary import CONSENSUS
from residuum.steps.adjudication import settle
from residuum.steps.reading import describe_case
from residuum.steps.visits import Visit
from residuum.store.readings import load_cases, load_read_states


def show_worklist(visit: Visit) -> dict[str, Any]:
    """Return the cases of this reader in the order of reading; a repeated case looks like any other."""
    reading = visit.settings.reading
    if visit.reader == CONSENSUS or visit.reader in reading.readers[2:]:
        settle(visit)
    reads = load_read_states(visit.connection, visit.reader)
    states = {(row["scan"], row["occasion"]): row for row in reads.iter_rows(named=True)}
    cases = load_cases(visit.connection, visit.reader)
    return {"cases": [describe_case(case, reading, states.get((case.scan, case.occasion), {})) for case in cases]}
