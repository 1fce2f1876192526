"""The posterior of the shares of first failures in a study folder."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from residuum.cohort.analysis import derive_analysis
from residuum.cohort.trial_view import derive_first_failures
from residuum.records.design import BOUNDS, Bound, Design
from residuum.records.errors import CallError
from residuum.steps.sources import open_source
from residuum.trial.planning.reach import why_undefined
from residuum.trial.planning.shares import SharePosterior, count_first_events, derive_share_posterior


@dataclass(frozen=True, slots=True)
class StudyShares:
    """f of a study under both bounds, Jeffreys' prior, and the counts that it comes from."""

    counts: dict[str, Any]
    posteriors: dict[Bound, SharePosterior]


def read_study_shares(study: Path | str, design: Design) -> StudyShares:
    """Return the posterior of the shares in a study.

    Parameters
    ----------
    study : Path or str
        Its folder, or the URL of its database.
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
    failures = derive_first_failures(derive_analysis(open_source(study).study))
    reason = why_undefined(failures)
    if reason is not None:
        raise CallError(f"{study} says nothing about where failures are: {reason}; leave --study out")
    events = {bound: count_first_events(failures, bound) for bound in BOUNDS}
    return StudyShares(
        counts={bound: asdict(one) for bound, one in events.items()},
        posteriors={bound: derive_share_posterior(one) for bound, one in events.items()},
    )
