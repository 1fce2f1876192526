"""The demonstration cohort: make-believe children chosen so that the analysis yields every published figure.

The search draws a pool of children, lets the rules derive each one's scores, outcome and failure pattern from the
marks, and swaps children in and out (annealing) until the medians, ranges and counts of the reference study
(Rossillon 2025, 10.1002/pbc.31350) come out. The cohort is *consistent with* the publication by construction; it is no
evidence and reproduces nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from residuum.cohort.analysis import Analysis, derive_analysis
from residuum.records.settings import Settings
from residuum.records.study import Study
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.synthetic.children import Child, Kind, draw_child, with_follow_up
from residuum.synthetic.readings import StudyTables

SEED = 72
POOL: dict[Kind, int] = {
    "residual_complete": 120,
    "residual_during": 60,
    "residual_persistent": 160,
    "residual_progression": 1500,
}
INCLUDED: dict[Kind, int] = {
    "residual_complete": 4,
    "residual_during": 2,
    "residual_persistent": 7,
    "residual_progression": 17,
}
OTHERS: dict[Kind, int] = {
    "not_avid": 18,
    "early_event": 16,
    "no_hdc": 4,
    "no_scan": 7,
    "not_evaluable": 3,
    "cleared": 52,
    "cleared_event": 71,
}
"""The other 171 of the source population: invented, nothing about them is published."""
OUTSIDE = 12
"""Children on file who are not in the source population (age, stage or year)."""
FOLLOW_UP_YEARS: dict[Kind, tuple[float, float, float]] = {
    "residual_complete": (1.8, 8.0, 11.8),
    "residual_persistent": (4.0, 8.2, 15.6),
}
"""Published shortest, median and longest follow-up from the end of treatment."""
EVENTS_BY_YEAR = {1: 9, 2: 14, 3: 17, 5: 19}
"""First events of the 30 by years from the scan after HDC: invented, near the planning values of the trial part."""
OLIGO = 20
"""About so many of the 30 with at most three sites after HDC: invented."""
SCANNED: Final = {
    "D155": "uptake after HDC that is gone at the end of treatment and stays so; the oldest of these, nearly 8",
    "D019": "uptake that stays the same for years without a progression",
    "D006": "progression where uptake had been left: the target of irradiation",
    "D005": "progression at sites that had cleared",
    "D135": "progression at sites of every history",
    "D162": "progression at new sites only; one of the youngest, just over 1",
    "D070": "progression during maintenance",
}
"""Of the 30, those whose scans get images with the demonstration: one of each course, 41 scans. Those of the others are
made when they are first opened."""
SCANNED_IN_DEPTH: Final = ("D135-1", "D135-4", "D135-6")
"""Of their scans, those with a SPECT/CT: one child at diagnosis, after HDC and at progression, so that volumes can be
compared; some of its lesions were seen on SPECT alone."""
UNREAD: Final = {
    "D135-1": "diagnosis: about thirty lesions, the most of these children; with SPECT/CT",
    "D135-4": "the same child after HDC: one lesion is left; with SPECT/CT",
    "D070-4": "after HDC: four or five lesions, on which the make-believe readers differed",
    "D155-5": "end of treatment: nothing is left",
    "D019-5": "end of treatment: one lesion is left, and stays for years",
    "D162-6": "progression: eight lesions in one of the youngest",
}
"""Of the scans with images, those that nobody has read yet in the reading room of the demonstration."""
STEPS = 40_000
HOTTEST, COLDEST = 0.7, 0.05
SETTINGS = Settings(
    title="Demonstration (synthetic, consistent with Rossillon 2025)",
    synthetic=True,
    centres=("Make-believe centre",),
    compare_with="reference_study",
)

ROOM_TITLE = "Reading room of the demonstration (synthetic)"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules derive for each candidate, as arrays of one entry per candidate."""

    after_hdc: np.ndarray
    end_of_treatment: np.ndarray
    at_progression: np.ndarray
    event_days: np.ndarray
    sites: np.ndarray
    pattern: np.ndarray


def make_demonstration(progress: Callable[[float], None] = lambda _: None) -> Study:
    """Return the demonstration study; always the same.

    Parameters
    ----------
    progress : callable
        Told the share done, from 0 to 1.

    Raises
    ------
    RuntimeError
        The search ends without meeting every published figure (a rule has changed).
    """
    rng = np.random.default_rng(SEED)
    pool = [draw_child(kind, rng) for kind, count in POOL.items() for _ in range(count)]
    progress(0.1)
    facts = _derive_facts(pool)
    slots = [kind for kind, count in INCLUDED.items() for _ in range(count)]
    kinds = np.array([child.kind for child in pool])
    chosen = _search(slots, kinds, facts, rng, lambda share: progress(0.2 + 0.6 * share))
    included = _with_published_follow_up([pool[index] for index in chosen], rng)
    others = [draw_child(kind, rng) for kind, count in OTHERS.items() for _ in range(count)]
    outside = [_outside(draw_child("cleared", rng), number) for number in range(OUTSIDE)]
    everybody = included + others + outside
    tables = StudyTables(rng)
    for number, index in enumerate(rng.permutation(len(everybody)), start=1):
        tables.add(f"D{number:03d}", everybody[index])
    progress(1.0)
    return tables.study(SETTINGS)


def make_room(study: Study) -> Study:
    """Return the demonstration as a study at work: the scans of `UNREAD` wait for its readers.

    A scan is revealed to those who have both locked it, so that an adjudicator need not wait for all of them.
    """
    reading = study.settings.reading.model_copy(update={"reveal": "scan"})
    # what the publication says stands beside a study that was read to its end only
    changes = {"title": ROOM_TITLE, "reading": reading, "compare_with": ""}
    read = {name: study[name].filter(~pl.col("scan").is_in(list(UNREAD))) for name in ("reads", "marks", "grades")}
    tables = {**study.tables, **read}
    return Study(study.settings.model_copy(update=changes), study.rules, tables, study.present)


def _derive_facts(pool: Sequence[Child]) -> Facts:
    tables = StudyTables(np.random.default_rng(SEED))
    for index, child in enumerate(pool):
        tables.add(f"{index:05d}", child, slips=False)
    analysis = derive_analysis(tables.study(SETTINGS))
    derived = _derived(analysis)
    return Facts(
        after_hdc=derived["landmark_score"].to_numpy(),
        end_of_treatment=derived["end_of_treatment_score"].to_numpy(),
        at_progression=derived["progression_score"].to_numpy(),
        event_days=derived["event_days"].to_numpy(),
        sites=derived["landmark_sites"].to_numpy(),
        pattern=derived["pattern"].fill_null("").to_numpy(),
    )


def _derived(analysis: Analysis) -> pl.DataFrame:
    scores = analysis.totals.filter(mode="all").select(progression_scan="scan", progression_score="siopen")
    return (
        analysis.patients.join(scores, on="progression_scan", how="left")
        .with_columns(event_days=pl.col("efs_day") - pl.col("landmark_day"))
        .sort("patient")
    )


def _search(
    slots: Sequence[Kind],
    kinds: np.ndarray,
    facts: Facts,
    rng: np.random.Generator,
    progress: Callable[[float], None],
) -> np.ndarray:
    """Return one candidate per slot such that every published figure holds, by annealing."""
    candidates = {kind: np.flatnonzero(kinds == kind) for kind in INCLUDED}
    chosen = np.concatenate([candidates[kind][:count] for kind, count in INCLUDED.items()])
    best = _distance(chosen, kinds, facts)
    for step in range(STEPS):
        if best == 0:
            return chosen
        if step % 1000 == 0:
            progress(step / STEPS)
        slot = int(rng.integers(len(slots)))
        replacement = int(rng.choice(candidates[slots[slot]]))
        if replacement in chosen:
            continue
        trial = chosen.copy()
        trial[slot] = replacement
        distance = _distance(trial, kinds, facts)
        if rng.random() < np.exp((best - distance) / (HOTTEST * (1 - step / STEPS) + COLDEST)):
            chosen, best = trial, distance
    message = f"the search for the demonstration cohort ended {best} away from the published figures"
    raise RuntimeError(message)


def _distance(chosen: np.ndarray, kinds: np.ndarray, facts: Facts) -> float:
    """Return how far a choice is from the published figures (and from the invented course of events); 0 meets all."""
    kind = kinds[chosen]
    complete, persistent = kind == "residual_complete", kind == "residual_persistent"
    after = kind == "residual_progression"
    failed = after | (kind == "residual_during")
    hdc, end, late = (values[chosen] for values in (facts.after_hdc, facts.end_of_treatment, facts.at_progression))
    pattern = facts.pattern[chosen]
    distance = _off(hdc[persistent], (1, 2, 6)) + _off(hdc[persistent | complete], (1, 2, 6))
    distance += _off(hdc[failed], (1, 4, 28)) + _off(hdc[after], (1, 4, 28))
    distance += _off(end[persistent | complete], (0, 2, 4)) + _off(end[after], (1, 2, 17))
    distance += _off(late[failed], (2, 34, 56)) + _off(late[after], (2, 34, 56))
    prior = np.isin(pattern, ("persistent_only", "recurred_only", "mixed"))
    distance += 3 * abs(int((prior & after).sum()) - 13)
    distance += 3 * max(0, 1 + int((pattern == "mixed").sum()) - int((pattern == "recurred_only").sum()))
    days = facts.event_days[chosen]
    by_year = {year: int((days <= year * DAYS_PER_YEAR).sum()) for year in EVENTS_BY_YEAR}
    distance += sum(max(0, abs(by_year[year] - events) - 1) for year, events in EVENTS_BY_YEAR.items())
    return distance + max(0, abs(int((facts.sites[chosen] <= SETTINGS.definitions.oligo_max_sites).sum()) - OLIGO) - 2)


def _off(values: np.ndarray, wanted: tuple[float, float, float]) -> float:
    low, median, high = wanted
    return float(abs(values.min() - low) + abs(np.median(values) - median) + abs(values.max() - high))


def _with_published_follow_up(children: Sequence[Child], rng: np.random.Generator) -> list[Child]:
    """Return the children with follow-up from end of treatment drawn so that the published ranges and medians hold."""
    followed = list(children)
    for kind, (shortest, median, longest) in FOLLOW_UP_YEARS.items():
        members = [index for index, child in enumerate(followed) if child.kind == kind]
        days = _spread(len(members), shortest, median, longest, rng)
        for index, follow_up in zip(members, rng.permutation(days), strict=True):
            end = next(scan.day for scan in followed[index].scans if scan.timepoint == "end_of_treatment")
            followed[index] = with_follow_up(followed[index], end + int(follow_up))
    return followed


def _spread(count: int, shortest: float, median: float, longest: float, rng: np.random.Generator) -> list[int]:
    """Return whole days with the given extremes and median (years), the rest at random on either side."""
    low, middle, high = (round(years * DAYS_PER_YEAR) for years in (shortest, median, longest))
    half = (count - 1) // 2
    below = [low, *rng.integers(low, middle, half - 1).tolist()]
    above = [high, *rng.integers(middle, high, half - 1).tolist()]
    if count % 2:
        return [*below, middle, *above]
    gap = int(rng.integers(30, 400))
    return [*below, middle - gap, middle + gap, *above]


def _outside(child: Child, number: int) -> Child:
    changes = ({"age_at_diagnosis_days": 200 + 9 * number}, {"stage": "L2"}, {"stage": "MS"}, {"diagnosis_year": 1999})
    child.patient |= changes[number % len(changes)]
    return child
