"""The verdict on a trial in words: decided by the criteria declared before running, with numbers and assumptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from residuum.records.design import Criteria, Design
from residuum.trial.planning.variants import Variant

Decision: TypeAlias = Literal["feasible", "feasible only under these conditions", "not as posed"]
VALUES: Final[dict[Decision, int]] = {
    "not as posed": 0,
    "feasible only under these conditions": 1,
    "feasible": 2,
}
"""Of the decision in the row."""

BOUND_WORDS: Final = {
    "exclusive": "counting only failures at a target and nowhere else as preventable (exclusive bound)",
    "inclusive": "counting failures at a target and elsewhere as begun at the target (inclusive bound)",
    "given": "with the hazard ratio taken as given",
}
READING_WORDS: Final = {
    "evaluable": "persistent uptake read as a share of the evaluable",
    "stage_m": "persistent uptake read as a share of all stage M",
    "declared": "accrual as declared",
}
LEAVES_OUT: Final = "This bound leaves out mixed failures, so it is no upper limit of what irradiation could do."
MOST_CONDITIONS: Final = 6
CENTRAL: Final = "all inputs at their central values"
# Closer to 1 an average hazard ratio is no effect that a number of children could show.
INDISTINCT: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides one verdict: probabilities from 0 to 1."""

    variant: Variant
    assurance: float
    done: float
    worthwhile: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another way to pose or to read the trial, and how it does.

    Attributes
    ----------
    words : str
        Such as "radiotherapy.local_effect at 0.7".
    power, done : float
        Compared with the criteria; the power may be an assurance.
    """

    words: str
    power: float
    done: float


@dataclass(frozen=True, slots=True)
class Need:
    """Needed and available, at central values.

    Attributes
    ----------
    hazard_ratio : float or None
        Average to 5 years; None without events.
    needed_events : float or None
        For 80 % power (Schoenfeld); None without benefit.
    available_events, available_patients : float
        Expected within the declared years.
    """

    hazard_ratio: float | None
    needed_events: float | None
    available_events: float
    available_patients: float

    @property
    def needed_patients(self) -> float | None:
        """At the events per child of those available; None where either is 0 or unknown."""
        if self.needed_events is None or self.available_events <= 0:
            return None
        return self.needed_events * self.available_patients / self.available_events


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with everything that it rests on, in words."""

    variant: Variant
    decision: Decision
    words: str


def meets(power: float, done: float, criteria: Criteria) -> bool:
    """Whether a trial is feasible by the declared criteria."""
    return power >= criteria.assurance and done >= criteria.done_probability


def derive_verdict(
    design: Design,
    standing: Standing,
    candidates: Sequence[Candidate],
    need: Need,
    movers: Sequence[str],
) -> Verdict:
    """Return the verdict on a design under one bound and reading.

    *Feasible* where assurance and the probability of being done in time reach the declared criteria; *feasible only
    under these conditions* where a candidate does; else *not as posed*.

    Parameters
    ----------
    design : Design
        With its criteria.
    standing : Standing
        Of this bound and reading.
    candidates : sequence of Candidate
        The central values (words `CENTRAL`), ends of ranges, the other bound and readings, and cells of the search.
    need : Need
        Events and children.
    movers : sequence of str
        Inputs that move the probability of success or the gain most, in words, the first one most.
    """
    criteria = design.criteria
    met = [one for one in candidates if meets(one.power, one.done, criteria)]
    decision = decide(standing, bool(met), criteria)
    sentences = [
        f"{decision.capitalize()}, {BOUND_WORDS[standing.variant.bound_name]}, "
        f"{READING_WORDS[standing.variant.reading_name]}.",
        _standing_words(standing, criteria),
        _condition_words(decision, met, candidates),
        _need_words(need, design),
        f"What matters most: {', '.join(movers)}." if movers else "",
        LEAVES_OUT if standing.variant.bound == "exclusive" else "",
        f"Assumed: {'; '.join(assumptions(design))}.",
    ]
    return Verdict(standing.variant, decision, " ".join(filter(None, sentences)))


def decide(standing: Standing, any_met: bool, criteria: Criteria) -> Decision:
    """Return the decision alone."""
    if meets(standing.assurance, standing.done, criteria):
        return "feasible"
    return "feasible only under these conditions" if any_met else "not as posed"


def assumptions(design: Design) -> list[str]:
    """Return what a verdict rests on and no data can tell."""
    failure, therapy = design.failure, design.radiotherapy
    if failure.cured.central == 0 and failure.cured.known:
        cure = "nobody is cured"
    elif failure.cure == "shared":
        cure = "one group of patients never fails (shared cure)"
    else:
        cure = "the hazards of all causes fade alike (cause-specific cure)"
    said = [cure, f"dependence of causes by a frailty of variance {_span(failure.frailty_variance)}"]
    if therapy is None:
        return [*said, f"a hazard ratio of {_span(design.effect.hazard_ratio)}"] if design.effect is not None else said
    return [
        *said,
        f"local effect e {_span(therapy.local_effect)}",
        f"seeded elsewhere {_span(therapy.seeded_elsewhere)}",
        f"controls irradiated off protocol {_span(therapy.crossover)}",
    ]


def _standing_words(standing: Standing, criteria: Criteria) -> str:
    return (
        f"Assurance {standing.assurance:.3f} (declared: {criteria.assurance:g}); done within "
        f"{criteria.done_years:g} years with probability {standing.done:.3f} (declared: "
        f"{criteria.done_probability:g}); a gain of {100 * criteria.worthwhile_points:g} points or more of EFS at "
        f"{criteria.worthwhile_year:g} years has probability {standing.worthwhile:.3f}."
    )


def _condition_words(decision: Decision, met: Sequence[Candidate], candidates: Sequence[Candidate]) -> str:
    if decision == "feasible":
        return ""
    if not met:
        return (
            "No end of a range, no other bound or reading and no cell of the search meets both criteria; the nearest: "
            f"{_candidate_words(max(candidates, key=lambda one: (one.power, one.done)))}."
            if candidates
            else ""
        )
    central = [one for one in met if one.words == CENTRAL]
    if central:
        return (
            f"The criteria would be met with {_candidate_words(central[0])}: it is the ranges, not the design, that "
            "keep it from being feasible."
        )
    best = sorted(met, key=lambda one: -one.power)[:MOST_CONDITIONS]
    more = f" and {len(met) - len(best)} more" if len(met) > len(best) else ""
    return f"The criteria would be met: {'; '.join(map(_candidate_words, best))}{more}."


def _candidate_words(one: Candidate) -> str:
    return f"{one.words} ({one.power:.3f}, done in time {one.done:.3f})"


def _need_words(need: Need, design: Design) -> str:
    years = design.criteria.done_years
    there = (
        f"about {significant(need.available_events)} EFS events in {significant(need.available_patients)} children are "
        f"expected within {years:g} years"
    )
    if need.hazard_ratio is None:
        return f"At central values no events are expected; {there}."
    if need.needed_events is None:
        return (
            f"At central values the average hazard ratio is {need.hazard_ratio:.3f}: there is no benefit that any "
            f"number of children could show; {there}."
        )
    children = f" in about {significant(need.needed_patients)} children" if need.needed_patients is not None else ""
    return (
        f"At central values the average hazard ratio of EFS is {need.hazard_ratio:.3f}: for 80 % power a log-rank test "
        f"of EFS at one-sided {100 * design.primary.alpha:g} % needs about {significant(need.needed_events)} "
        f"events{children}; {there}."
    )


def significant(value: float) -> str:
    """Return a number with two significant digits, without decimals from 10 on."""
    if value < 10:
        return f"{value:.2g}"
    digits = len(f"{value:.0f}") - 2
    return f"{round(value, -digits):,.0f}"


def _span(quantity: object) -> str:
    low, central, high = (getattr(quantity, name) for name in ("low", "central", "high"))
    return f"{central:g}" if low is None or low == high else f"{central:g} ({low:g} to {high:g})"
