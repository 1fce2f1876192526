"""The states of a read and of a scan: what may be done when, and what refuses it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from residuum.records.errors import RefusalError
from residuum.records.settings import Reading
from residuum.records.vocabulary import CONSENSUS

State = Literal["unread", "draft", "locked"]
Action = Literal["save", "lock", "unlock", "unlock_by_manager"]
Code = Literal[
    "conflict",
    "locked",
    "not_locked",
    "reason_missing",
    "revealed",
    "consensus_exists",
    "bases_not_locked",
    "proposals_pending",
    "unread",
]
ScanState = Literal["open", "agreed", "different", "adjudicating", "adjudicated"]
LETTERS_OF_A_REASON: Final = 3
"""Fewest characters of a reason, blanks not counted."""

MESSAGES: Final[Mapping[Code, str]] = {
    "conflict": "the read has changed since it was opened; open it again, then repeat the change",
    "locked": "the read is locked; unlock it first, with a reason",
    "not_locked": "the read is not locked; it can be changed as it is",
    "reason_missing": f"the reason is missing; write at least {LETTERS_OF_A_REASON} characters",
    "revealed": "the other reads of this scan are open to its reader; a data manager can unlock the read",
    "consensus_exists": "the scan has a consensus read; a data manager can unlock this read while that is not locked",
    "bases_not_locked": "the two reads below the consensus are not both locked; have them locked first",
    "proposals_pending": "marks of the earlier scan wait for a decision; continue each with a mark, or clear it",
    "unread": "nothing is saved yet; save the read first, without marks where nothing is seen",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a read when somebody acts on it.

    Attributes
    ----------
    state : {"unread", "draft", "locked"}
        State of the read.
    version : int
        Version of the read, 0 while unread.
    given_version : int or None
        Version on which the action rests; None is not compared.
    reason : str or None
        Reason given for unlocking.
    revealed : bool
        Whether the reader may already have seen the other reads of the scan. False for the consensus read, which is
        made with them in sight.
    consensus : {"draft", "locked"} or None
        State of the scan's consensus read; None for that read itself and for occasions other than ``main``.
    bases_locked : bool
        For a consensus read whether both reads below it are locked, else True.
    pending : bool
        Whether a mark of the reader's earlier scan is neither continued nor cleared; paired order only.
    """

    state: State
    version: int
    given_version: int | None = None
    reason: str | None = None
    revealed: bool = False
    consensus: Literal["draft", "locked"] | None = None
    bases_locked: bool = True
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What an action makes of a read: its next state and version, and whether its signature becomes void."""

    state: State
    version: int
    voids_signature: bool


@dataclass(frozen=True, slots=True)
class Transition:
    """A step that may be taken unless one of `guards`, asked in this order, refuses."""

    to: State
    guards: tuple[str, ...]
    voids_signature: bool = False


GUARDS: Final[Mapping[str, tuple[Code, Callable[[Facts], bool]]]] = {
    "version": ("conflict", lambda facts: facts.given_version not in (None, facts.version)),
    "bases": ("bases_not_locked", lambda facts: not facts.bases_locked),
    "proposals": ("proposals_pending", lambda facts: facts.pending),
    "reason": ("reason_missing", lambda facts: not _is_reason(facts.reason)),
    "revealed": ("revealed", lambda facts: facts.revealed),
    "consensus": ("consensus_exists", lambda facts: facts.consensus is not None),
    "consensus locked": ("consensus_exists", lambda facts: facts.consensus == "locked"),
}
TRANSITIONS: Final[Mapping[tuple[Action, State], Transition | Code]] = {
    ("save", "unread"): Transition("draft", ("version",)),
    ("save", "draft"): Transition("draft", ("version",)),
    ("save", "locked"): "locked",
    ("lock", "unread"): "unread",
    ("lock", "draft"): Transition("locked", ("version", "bases", "proposals")),
    ("lock", "locked"): "locked",
    ("unlock", "unread"): "not_locked",
    ("unlock", "draft"): "not_locked",
    ("unlock", "locked"): Transition("draft", ("version", "reason", "revealed", "consensus"), voids_signature=True),
    ("unlock_by_manager", "unread"): "not_locked",
    ("unlock_by_manager", "draft"): "not_locked",
    ("unlock_by_manager", "locked"): Transition(
        "draft", ("version", "reason", "consensus locked"), voids_signature=True
    ),
}
"""The whole workflow: a step, or the code of the refusal, for every action in every state."""


def decide(action: Action, facts: Facts) -> Step:
    """Return what `action` makes of a read.

    Raises
    ------
    RefusalError
        The action is not allowed; nothing may then be changed.
    """
    found = TRANSITIONS[action, facts.state]
    if isinstance(found, str):
        raise RefusalError(found, MESSAGES[found])
    for guard in found.guards:
        code, refuses = GUARDS[guard]
        if refuses(facts):
            raise RefusalError(code, MESSAGES[code])
    return Step(found.to, facts.version + 1, found.voids_signature)


def _is_reason(reason: str | None) -> bool:
    return len("".join((reason or "").split())) >= LETTERS_OF_A_REASON


def derive_scan_states(
    assignments: pl.DataFrame, reads: pl.DataFrame, agreed: Collection[str], reading: Reading
) -> pl.DataFrame:
    """Return how far each scan with a main case is on its way to the read that counts.

    Parameters
    ----------
    assignments : DataFrame
        Rows with `reader`, `scan`, `occasion`.
    reads : DataFrame
        Rows with `scan`, `reader`, `occasion`, `state`.
    agreed : collection of str
        Scans on which the first two readers agree.
    reading : Reading
        The study's ``[reading]`` settings.

    Returns
    -------
    DataFrame
        Rows (scan, state), sorted by scan. `state` is ``adjudicated`` once the consensus is locked; ``open`` until
        the reads that it rests on are; ``adjudicating`` with a consensus in draft; else ``agreed`` or ``different``.
        With one reader per scan a locked read is agreed; a study read in consensus has no agreed or different scan.
    """
    main = reads.filter(occasion="main").select("scan", "reader", "state")
    states = {(scan, reader): state for scan, reader, state in main.iter_rows()}
    rows = []
    for scan, bases in sorted(_bases(assignments, reading).items()):
        ready = all(states.get((scan, reader)) == "locked" for reader in bases)
        agrees = len(bases) == 1 or scan in agreed
        rows.append((scan, _scan_state(states.get((scan, CONSENSUS)), ready, agrees, reading)))
    return pl.DataFrame(rows, schema={"scan": pl.String, "state": pl.String}, orient="row")


def _bases(assignments: pl.DataFrame, reading: Reading) -> dict[str, Collection[str]]:
    """Return for each scan the readers whose reads have to be locked."""
    main = assignments.filter(occasion="main")
    if reading.design == "single":
        given = main.group_by("scan").agg(pl.col("reader").unique()).rows()
        return {scan: [reader for reader in readers if reader in reading.readers] for scan, readers in given}
    pair = set(reading.readers[:2]) if reading.design == "independent" else ()
    return dict.fromkeys(main["scan"], pair)


def _scan_state(consensus: str | None, ready: bool, agrees: bool, reading: Reading) -> ScanState:
    if consensus == "locked":
        return "adjudicated"
    if not ready:
        return "open"
    if consensus == "draft":
        return "adjudicating"
    if reading.design == "consensus":
        return "open"
    return "agreed" if agrees else "different"
