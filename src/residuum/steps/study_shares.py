"""The posterior of the shares of first failures in a study folder."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from residuum.cohort.analysis import derive_analysis
from residuum.cohort.trial_view import derive_first_failures
from residuum.intake.folder import read_accepted_study
from residuum.records.design import BOUNDS, Bound, Design
from residuum.records.errors import CallError
from residuum.trial.planning.reach import why_undefined
from residuum.trial.planning.shares import SharePosterior, count_first_events, derive_share_posterior


@dataclass(frozen=True, slots=True)
class StudyShares:
    """f of a study under both bounds, Jeffreys' prior, and the counts that it comes from."""

    counts: dict[str, Any]
    posteriors: dict[Bound, SharePosterior]


def read_study_shares(folder: Path, design: Design) -> StudyShares:
    """Return the posterior of the shares in a study folder.

    Parameters
    ----------
    folder : Path
        The study.
    design : Design
        To be drawn with it.

    Raises
    ------
    InputError
        The study is refused.
    CallError
        The design has no [radiotherapy], or the study says nothing about f.
    """
    if design.radiotherapy is None:
        raise CallError(
            f"design {design.id} takes a hazard ratio as given: a study's shares change nothing; leave --study out"
        )
    study, _ = read_accepted_study(folder)
    failures = derive_first_failures(derive_analysis(study))
    reason = why_undefined(failures)
    if reason is not None:
        raise CallError(f"{folder} says nothing about where failures are: {reason}; leave --study out")
    events = {bound: count_first_events(failures, bound) for bound in BOUNDS}
    return StudyShares(
        counts={bound: asdict(one) for bound, one in events.items()},
        posteriors={bound: derive_share_posterior(one) for bound, one in events.items()},
    )
