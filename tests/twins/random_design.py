"""Random but valid trial designs that span the whole model; the same seed gives the same design.

Run as a script, it prints how many of the first 120 designs have each option.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

from residuum.records.design import Design

if TYPE_CHECKING:
    from collections.abc import Iterable

TESTS = ("log_rank", "stratified_log_rank", "weighted_log_rank", "max_combo", "rmst", "milestone")
SEVERAL_LOOKS = TESTS[:3]
SHARES = {1: [(1.0,)], 2: [(0.5, 0.5), (0.25, 0.75)], 3: [(0.5, 0.25, 0.25), (0.2, 0.3, 0.5)], 4: [(0.25,) * 4]}
SITES = {"target_power": "targets", "cleared_power": "cleared"}

Part = dict[str, Any]


def random_design(seed: int) -> Design:
    """A design; the test of the primary analysis goes round with the seed."""
    rng = random.Random(seed)
    test = TESTS[seed % len(TESTS)]
    several = test in SEVERAL_LOOKS and rng.random() < 0.75
    futile = several and rng.random() < 0.5
    patients = rng.randint(10, 60)
    accrual = random_accrual(rng, patients)
    failure = random_failure(rng)
    design: Part = {
        "format": 1,
        "id": f"random_{seed}",
        "title": f"Random design {seed}",
        "accrual": accrual,
        "allocation": rng.choice([(1, 1), (1, 1), (1, 1), (2, 1), (1, 2), (3, 2)]),
        "profiles": random_profiles(rng, strata=test == "stratified_log_rank"),
        "failure": failure,
    }
    target_control = False
    if rng.random() < 0.25:
        design["effect"] = {"hazard_ratio": rng.uniform(0.3, 0.8) if futile else rng.uniform(0.3, 1.6)}
    else:
        target_control = rng.random() < 0.3
        failure |= random_sites(rng, futile=futile)
        design["radiotherapy"] = random_radiotherapy(rng, futile=futile)
    if rng.random() < 0.4:
        design["dropout"] = {"per_year": quantity(rng, rng.choice([0.03, 0.1, 0.4]))}
    if rng.random() < 0.6:
        design["assessment"] = random_assessment(rng, irradiated="radiotherapy" in design)
    years = accrual["years"]
    looks = rng.randint(2, 4) if several else 1
    primary = random_primary(rng, test, looks, futile=futile)
    primary["endpoint"] = "target_control" if target_control else "efs"
    stalls = looks > 1 and failure.get("hazards_per_year", (1.0,))[-1] == 0  # later looks would expect nothing new
    if rng.random() < 0.35 and not stalls:
        last = years + rng.uniform(0.5, 3)
        primary["looks_years"] = tuple(last * (0.4 + 0.6 * (number + 1) / looks) for number in range(looks))
    else:
        surely = not target_control and events_are_sure(design)
        planned = max(looks + 1, int(patients * rng.uniform(0.2, 1.0 if surely else 0.8)))
        primary["looks_events"] = (*sorted(rng.sample(range(1, planned), looks - 1)), planned)
        if not surely or rng.random() < 0.5:
            primary["latest_year"] = years + rng.choice([0.1, 0.5, 1.5, 4.0])
    last_year = primary.get("latest_year") or max(primary.get("looks_years", (60.0,)))
    if "horizon_years" in primary:
        primary["horizon_years"] = min(primary["horizon_years"], 0.9 * last_year)
    design["primary"] = primary
    leave_out_what_does_nothing(design)
    return Design.model_validate(design)


def leave_out_what_does_nothing(design: Part) -> None:
    """A key without effect is refused: delete those drawn, which changes no trial."""
    profiles, failure, accrual = design["profiles"], design["failure"], design["accrual"]
    therapy, seen = design.get("radiotherapy"), design.get("assessment", {})
    if accrual.get("centres") == 1:
        del accrual["opening_years"]
    alike = {name for name in profiles[0] if len({profile[name] for profile in profiles}) == 1}
    drop(profiles, alike & {"risk", "stratum"})
    if therapy is None:
        drop(profiles, {"targets", "cleared"})
        return
    if len(profiles) == 1 and failure["target_power"] == 0:
        drop(profiles, {"targets"})
    drop([failure], {power for power in ("target_power", "cleared_power") if SITES[power] in alike})
    drop([failure], {"bound"} if failure["shares"]["both"] == 0 else set())
    drop([seen], {"clearing_days"} if therapy["compliance"] == 0 else set())
    drop([therapy], idle_in_therapy(therapy, visits=bool(seen)))


def drop(parts: Iterable[Part], names: set[str]) -> None:
    for part in parts:
        for name in names:
            part.pop(name, None)


def idle_in_therapy(therapy: Part, *, visits: bool) -> set[str]:
    """Keys of [radiotherapy] that do nothing because nobody is irradiated or nothing is prevented."""
    if therapy["compliance"] == 0:
        return {"delay_years", "seeded_elsewhere", "toxicity_per_year"}
    if therapy["local_effect"] != 0:
        return set()
    no_delay = not visits and therapy["toxicity_per_year"] == 0
    return {"seeded_elsewhere", "delay_years"} if no_delay else {"seeded_elsewhere"}


def quantity(rng: random.Random, central: float) -> float | Part:
    """Now and then a range: its central value is the one simulated."""
    if rng.random() < 0.8 or central <= 0:
        return central
    return {"central": central, "low": central / 2, "high": central + (1 - central) / 3 if central < 1 else central}


def random_accrual(rng: random.Random, patients: int) -> Part:
    years = rng.choice([1.0, 2.0, 3.5, 5.0])
    accrual: Part = {"patients": patients, "years": years}
    if rng.random() < 0.6:
        return accrual
    per_year = patients / years * rng.uniform(0.7, 2.0)
    accrual |= {"pattern": "centres", "centres": rng.choice([1, 2, 3, 5, 8])}
    accrual |= {"opening_years": min(rng.choice([0.0, 0.5, 1.5]), 0.9 * years), "shape": rng.choice([0.3, 1.2, 5.0])}
    if rng.random() < 0.5:
        return accrual | {"per_year": per_year}
    funnel = {"stage_m": 0.9, "evaluable": 0.8, "persistent": 0.3, "oligo": 0.5, "consent": 0.9}
    enrolled = per_year / (0.9 * 0.3 * 0.5 * 0.9)
    which = rng.choice(["evaluable", "stage_m"])
    return accrual | {"funnel": funnel | {"enrolled_per_year": enrolled, "persistent_of": which}}


def random_profiles(rng: random.Random, *, strata: bool) -> tuple[Part, ...]:
    number = rng.randint(2 if strata else 1, 4)
    found = []
    for place, share in enumerate(rng.choice(SHARES[number])):
        profile: Part = {"name": f"profile {place}", "share": share}
        profile |= {
            "targets": rng.randint(1, 6),
            "cleared": rng.randint(0, 8),
            "risk": rng.choice([0.5, 1.0, 1.0, 2.5]),
        }
        profile["stratum"] = place if place < 2 and strata else rng.randint(0, 3)
        found.append(profile)
    return tuple(found)


def random_failure(rng: random.Random) -> Part:
    """When first failures happen."""
    failure: Part = {"baseline": rng.choice(["exponential", "weibull", "piecewise"])}
    median = quantity(rng, rng.uniform(0.5, 3.0))
    if failure["baseline"] == "exponential":
        failure |= rng.choice(
            [
                {"hazard_per_year": quantity(rng, rng.uniform(0.2, 1.5))},
                {"efs_at": (rng.choice([1.0, 2.0, 3.0]), rng.uniform(0.2, 0.7))},
                {"median_years": median},
            ]
        )
    elif failure["baseline"] == "weibull":
        failure |= {"median_years": median, "shape": quantity(rng, rng.choice([0.5, 0.8, 1.0, 1.7, 3.0]))}
    else:
        failure["from_years"] = rng.choice([(0.0,), (0.0, 1.0), (0.0, 0.5, 2.0)])
        number = len(failure["from_years"])
        hazards = [rng.choice([0.0, 0.2, 0.6, 1.5]) for _ in range(number - 1)]
        failure["hazards_per_year"] = (*hazards, rng.choice([0.0, 0.3, 0.8]) if sum(hazards) > 0.5 else 0.7)
    if rng.random() < 0.45:
        failure |= {"cured": quantity(rng, rng.uniform(0.1, 0.5)), "cure": rng.choice(["shared", "cause_specific"])}
    if rng.random() < 0.45:
        failure["frailty_variance"] = quantity(rng, rng.choice([0.1, 0.5, 1.0, 2.5]))
    return failure


def random_sites(rng: random.Random, *, futile: bool) -> Part:
    """Where first failures are."""
    only = rng.uniform(0.4 if futile else 0.2, 0.6)
    both = rng.choice([0.0, 0.1, 0.25])
    death = rng.choice([0.0, 0.05, 0.15])
    return {
        "shares": {"target_only": quantity(rng, only) if both + death == 0 else only, "both": both, "death": death},
        "bound": rng.choice(["exclusive", "inclusive"]),
        "target_power": rng.choice([0.0, 1.0, 1.0, 0.5]),
        "cleared_power": rng.choice([0.0, 0.0, 0.7]),
    }


def random_radiotherapy(rng: random.Random, *, futile: bool) -> Part:
    compliance = 1.0 if futile else rng.choice([1.0, 0.9, 0.6, 0.0])
    crossover = rng.choice([0.0, 0.05]) if futile else rng.choice([0.0, 0.05, 0.3, 1.0])
    return {
        "local_effect": quantity(rng, rng.uniform(0.5, 0.9) if futile else rng.choice([0.0, 0.3, 0.6, 0.9, 1.0])),
        "delay_years": rng.choice([0.0, 0.25, 0.25, 0.5, rng.uniform(0.05, 0.8)]),
        "compliance": compliance,
        "crossover": min(crossover, compliance),
        "seeded_elsewhere": quantity(rng, rng.choice([0.0, 0.3, 1.0])),
        "toxicity_per_year": 0.0 if futile else rng.choice([0.0, 0.0, 0.1, 0.4]),
    }


def random_assessment(rng: random.Random, *, irradiated: bool) -> Part:
    """Visits, with intervals that do and do not divide their periods."""
    every, until = rng.choice(
        [
            ((3.0,), (2.0,)),
            ((3.0, 6.0), (2.0, 5.0)),
            ((1.0, 4.0, 12.0), (0.5, 2.0, 3.0)),
            ((2.0, 5.0), (1.25, 3.0)),
            ((1.5, 7.0), (0.8, 1.0)),
            ((0.7, 2.8), (0.7, 2.1)),
        ]
    )
    mistakes = rng.choice([0.0, 0.0, 0.02, 0.15])
    return {
        "every_months": every,
        "until_years": until,
        "sensitivity": rng.choice([1.0, 1.0, 1.0, 0.9, 0.9, 0.5, 0.15, 0.0 if mistakes else 0.3]),
        "false_positive": mistakes,
        "clearing_days": rng.choice([0.0, 42.0, 91.3125]) if irradiated else 0.0,
    }


def events_are_sure(design: Part) -> bool:
    """Whether every patient has an event some day, and it is seen."""
    accrual, failure, therapy = (design.get(name, {}) for name in ("accrual", "failure", "radiotherapy"))
    fading = "cured" in failure or failure.get("hazards_per_year", (1.0,))[-1] == 0
    some_leave = "dropout" in design or "assessment" in design or therapy.get("local_effect") == 1
    return "pattern" not in accrual and not fading and not some_leave


def random_primary(rng: random.Random, test: str, looks: int, *, futile: bool) -> Part:
    """The test and its errors; the looks are added by the caller."""
    alpha = rng.choice([0.025, 0.05, 0.1])
    primary: Part = {"test": test, "alpha": alpha}
    if test == "weighted_log_rank":
        primary |= {"rho": rng.choice([0.0, 0.0, 1.0, 0.5]), "gamma": rng.choice([0.0, 1.0, 1.0, 2.0])}
    if test in ("rmst", "milestone"):
        primary["horizon_years"] = rng.choice([1.0, 1.5, 2.0, rng.uniform(0.4, 3)])
    if looks > 1:
        functions = {
            "obrien_fleming": None,
            "pocock": None,
            "hwang_shih_decani": rng.choice([-4.0, -2.0, 0.5]),
            "power": rng.choice([1.0, 2.0, 3.0]),
        }
        efficacy, futility = rng.choice(list(functions)), rng.choice(list(functions))
        spending: Part = {"efficacy": efficacy, "efficacy_parameter": functions[efficacy]}
        if rng.random() < 0.4:
            spending = {"spent": (*sorted(alpha * rng.uniform(0.05, 0.8) for _ in range(looks - 1)), alpha)}
        if futile:
            spending |= {"futility": futility, "futility_parameter": functions[futility]}
        primary["spending"] = {name: value for name, value in spending.items() if value is not None}
    return primary


def options(design: Design) -> list[str]:
    """Names of what a design has, to count how well the designs span the model."""
    failure, therapy, seen, primary = design.failure, design.radiotherapy, design.assessment, design.primary
    found = {
        f"test {primary.test}": True,
        f"baseline {failure.baseline}": True,
        f"cure {failure.cure}": failure.cured.central > 0,
        "frailty": failure.frailty_variance.central > 0,
        "effect": design.effect is not None,
        "target control": primary.endpoint == "target_control",
        "centres": design.accrual.pattern == "centres",
        "funnel": design.accrual.funnel is not None,
        "allocation": design.allocation != (1, 1),
        "strata": len({profile.stratum for profile in design.profiles}) > 1,
        "dropout": design.dropout.per_year.central > 0,
        "several looks": len(primary.looks_events or primary.looks_years) > 1,
        "looks in years": bool(primary.looks_years),
        "latest year": primary.latest_year is not None,
        "spent": primary.spending.spent is not None,
        "futility": primary.spending.futility is not None,
        "delay": therapy is not None and therapy.delay_years > 0,
        "non-compliance": therapy is not None and therapy.compliance.central < 1,
        "crossover": therapy is not None and therapy.crossover.central > 0,
        "seeding": therapy is not None and therapy.seeded_elsewhere.central > 0,
        "toxicity": therapy is not None and therapy.toxicity_per_year.central > 0,
        "assessment": seen is not None,
        "sensitivity": seen is not None and seen.sensitivity.central < 1,
        "false positives": seen is not None and seen.false_positive.central > 0,
        "clearing": therapy is not None and seen is not None and seen.clearing_days.central > 0,
    }
    return [name for name, has in found.items() if has]


if __name__ == "__main__":
    counted = Counter(name for seed in range(120) for name in options(random_design(seed)))
    for name, count in sorted(counted.items()):
        print(f"{count:4d}  {name}")
