"""All the numbers of a study."""

from collections.abc import Iterable

from residuum.cohort.analysis import Analysis
from residuum.report.numbers import Numbers
from residuum.report.rows.agreement import agreement_rows
from residuum.report.rows.decisions import decision_rows, derive_decisions
from residuum.report.rows.flags import flag_rows
from residuum.report.rows.flow import flow_rows, outcome_rows
from residuum.report.rows.follow_up import follow_up_rows
from residuum.report.rows.response import response_rows
from residuum.report.rows.scores import score_rows
from residuum.report.rows.sensitivity import sensitivity_rows
from residuum.report.rows.sites import fate_rows, pattern_rows
from residuum.report.rows.survival import survival_rows
from residuum.report.rows.trial_view import trial_view_rows

FAMILIES = (
    flow_rows,
    outcome_rows,
    score_rows,
    follow_up_rows,
    survival_rows,
    fate_rows,
    pattern_rows,
    agreement_rows,
    response_rows,
    trial_view_rows,
    flag_rows,
)


def derive_numbers(analysis: Analysis, alternatives: Iterable[tuple[str, Analysis]]) -> Numbers:
    """Return the one long table of a study.

    Parameters
    ----------
    analysis : Analysis
        The study by the contract's reads.
    alternatives : iterable of (str, Analysis)
        The same study under other choices of reads (`cohort.alternatives`), taken one at a time.
    """
    rows = [row for family in FAMILIES for row in family(analysis)]
    decisions, sensitivity = {}, []
    for name, alternative in alternatives:
        decisions[name] = derive_decisions(alternative)
        sensitivity += sensitivity_rows(name, alternative)
    return Numbers([*rows, *decision_rows(decisions), *sensitivity])
