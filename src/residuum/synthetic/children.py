"""Make-believe children: a rough stochastic course of metastatic neuroblastoma, from diagnosis to relapse.

Nothing here is fitted to patients. Sites clear, persist, return or appear by chance, so that every path through the
rules is walked; the search in `demonstration` picks among such children.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from residuum.records.vocabulary import SOFT_TISSUE

Kind = Literal[
    "not_avid",
    "early_event",
    "no_hdc",
    "no_scan",
    "not_evaluable",
    "cleared",
    "cleared_event",
    "residual_complete",
    "residual_during",
    "residual_persistent",
    "residual_progression",
]
"""What is meant to become of a child; the rules decide what does."""

SITE_CHANCE = {
    "spine_thoracic": 0.65,
    "spine_lumbar": 0.7,
    "pelvis": 0.6,
    "femur": 0.6,
    "skull_vault": 0.5,
    "sacrum": 0.45,
    "humerus": 0.4,
    "skull_base": 0.35,
    "face_orbit": 0.35,
    "ribs": 0.35,
    "spine_cervical": 0.3,
    "leg": 0.3,
    "scapula": 0.25,
    "sternum": 0.2,
    "clavicle": 0.12,
    "forearm": 0.1,
    "foot": 0.05,
    "hand": 0.03,
}
UNPAIRED = {
    "spine_thoracic",
    "spine_lumbar",
    "spine_cervical",
    "sacrum",
    "sternum",
    "skull_vault",
    "skull_base",
    "face_orbit",
}


@dataclass(frozen=True, slots=True)
class Lesions:
    """Disease in one region: a number of foci, or one diffuse lesion over a fraction of the region (not both)."""

    foci: int = 0
    extent: float | None = None

    def shrunk(self, factor: float) -> "Lesions":
        """Return the same disease after a response by `factor` (0-1), at least one focus."""
        if self.extent is None:
            return Lesions(foci=max(1, round(self.foci * factor)))
        smaller = round(self.extent * factor, 2)
        return Lesions(extent=smaller) if smaller >= 0.2 else Lesions(foci=1)


Disease = dict[str, Lesions]


@dataclass(slots=True)
class Scan:
    """One scan with what is truly there."""

    day: int
    timepoint: str
    disease: Disease
    evaluable: bool = True


@dataclass(slots=True)
class Child:
    """One make-believe child: rows of the study's tables without identifiers, and scans with the truth."""

    kind: Kind
    patient: dict[str, Any]
    treatments: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)


def draw_child(kind: Kind, rng: np.random.Generator) -> Child:
    """Return one child of a kind; the same generator state gives the same child."""
    child = Child(kind, _draw_patient(rng))
    wider = 0.6 if kind in {"residual_progression", "residual_during"} else 0.0
    disease = {} if kind == "not_avid" else _draw_disease(rng, float(rng.normal(0.3 + wider, 1.2)))
    child.scans.append(Scan(int(rng.integers(-8, 12)), "diagnosis", disease))
    child.treatments.append(_treatment("induction", 7, int(rng.integers(75, 95)), "rapid COJEC-like"))
    if kind == "early_event":
        return _end_early(child, rng)
    _add_induction(child, rng)
    if kind == "no_hdc":
        return _close(child, rng, int(rng.integers(900, 4000)))
    return _after_hdc(child, rng)


def _draw_patient(rng: np.random.Generator) -> dict[str, Any]:
    age = int(np.clip(rng.lognormal(np.log(3.1 * 365), 0.55), 380, 16 * 365))
    return {
        "sex": str(rng.choice(["female", "male"], p=[0.44, 0.56])),
        "age_at_diagnosis_days": age,
        "diagnosis_year": int(rng.integers(2000, 2021)),
        "stage": "M",
        "mycn": str(rng.choice(["amplified", "not_amplified", "unknown"], p=[0.38, 0.57, 0.05])),
    }


def _draw_disease(rng: np.random.Generator, spread: float) -> Disease:
    """Return avid regions by the log odds `spread` of involvement: children differ in how widely they are ill."""
    disease: Disease = {}
    for name, chance in SITE_CHANCE.items():
        regions = [name] if name in UNPAIRED else [f"{name}_right", f"{name}_left"]
        odds = chance / (1 - chance) * np.exp(spread)
        disease |= {region: _draw_lesions(rng, spread) for region in regions if rng.random() < odds / (1 + odds)}
    if not disease:
        disease["spine_lumbar"] = Lesions(foci=1)
    if rng.random() < 0.5:
        disease[SOFT_TISSUE] = Lesions(foci=1)
    return disease


def _draw_lesions(rng: np.random.Generator, spread: float) -> Lesions:
    if rng.random() < 0.35 + 0.12 * spread:
        return Lesions(extent=round(float(rng.beta(2.2, 1.6)) * 0.98 + 0.02, 2))
    return Lesions(foci=int(rng.choice([1, 2, 3, 4, 5], p=[0.5, 0.25, 0.13, 0.08, 0.04])))


def _treatment(phase: str, start: int, end: int, regimen: str = "", **more: Any) -> dict[str, Any]:
    return {"phase": phase, "start_day": start, "end_day": end, "regimen": regimen, **more}


def _keep(disease: Disease, chance: float, rng: np.random.Generator, always: set[str]) -> Disease:
    return {
        region: lesions.shrunk(float(rng.uniform(0.5, 1.0)))
        for region, lesions in disease.items()
        if region in always or rng.random() < chance
    }


def _residual_regions(disease: Disease, kind: Kind, rng: np.random.Generator) -> set[str]:
    if not kind.startswith("residual"):
        return set()
    bone = [region for region in disease if region != SOFT_TISSUE]
    many = kind == "residual_progression" and rng.random() < 0.3
    count = int(rng.integers(4, 15)) if many else int(rng.choice([1, 2, 3, 4], p=[0.45, 0.3, 0.15, 0.1]))
    return {str(region) for region in rng.choice(bone, size=min(count, len(bone)), replace=False)}


def _add_induction(child: Child, rng: np.random.Generator) -> None:
    at_diagnosis = child.scans[0].disease
    residual = _residual_regions(at_diagnosis, child.kind, rng)
    middle = _keep(at_diagnosis, float(rng.uniform(0.4, 0.8)), rng, residual)
    after = _keep(middle, float(rng.uniform(0.2, 0.6)), rng, residual)
    after.pop(SOFT_TISSUE, None)
    if rng.random() < 0.75:
        child.scans.append(Scan(int(rng.integers(40, 56)), "mid_induction", middle))
    day = int(rng.integers(96, 112))
    child.scans.append(Scan(day, "post_induction", after))
    surgery = int(rng.integers(113, 128))
    child.treatments.append(_treatment("surgery", surgery, surgery, "resection of the primary"))


def _end_early(child: Child, rng: np.random.Generator) -> Child:
    day = int(rng.integers(60, 200))
    if rng.random() < 0.35:
        child.treatments[0]["end_day"] = min(day, child.treatments[0]["end_day"])
        child.events.append({"day": day, "kind": "death", "cause": str(rng.choice(["treatment", "disease"]))})
        return _close(child, rng, day, died=True)
    child.events.append({"day": day, "kind": "progression", "skeletal": "yes"})
    child.scans.append(Scan(day + int(rng.integers(0, 9)), "progression", _draw_disease(rng, 0.8)))
    return _after_progression(child, rng, day)


def _after_hdc(child: Child, rng: np.random.Generator) -> Child:
    start = int(rng.integers(135, 175))
    if rng.random() < 0.15:
        child.treatments.append(_treatment("hdc", start, start + 12, "thiotepa"))
        start += int(rng.integers(55, 75))
    end = start + int(rng.integers(8, 14))
    child.treatments.append(_treatment("hdc", start, end, "busulfan-melphalan"))
    day = end + int(rng.integers(38, 75))
    before = child.scans[-1].disease
    residual = _faint(before, _residual_left(child, rng), rng) if child.kind.startswith("residual") else {}
    if child.kind != "no_scan":
        child.scans.append(Scan(day, "post_consolidation", residual, evaluable=child.kind != "not_evaluable"))
    return _consolidate(child, rng, day, residual)


def _residual_left(child: Child, rng: np.random.Generator) -> list[str]:
    """Return the regions still avid after HDC: those avid on every scan of induction, at most about ten."""
    lasting = set.intersection(*(set(scan.disease) for scan in child.scans)) - {SOFT_TISSUE}
    wanted = int(rng.choice([1, 2, 3, 4, 6, 14], p=[0.36, 0.24, 0.14, 0.09, 0.07, 0.1]))
    return [str(region) for region in rng.permutation(sorted(lasting))[:wanted]]


def _faint(before: Disease, regions: list[str], rng: np.random.Generator) -> Disease:
    least = 0.85 if len(regions) > 4 else 0.2
    return {region: before[region].shrunk(float(rng.uniform(least, 1.0))) for region in regions}


def _consolidate(child: Child, rng: np.random.Generator, landmark: int, residual: Disease) -> Child:
    """Add local radiotherapy and maintenance, then what comes at their end."""
    radiotherapy = landmark + int(rng.integers(4, 20))
    start = landmark + int(rng.integers(25, 50))
    end = start + int(rng.integers(165, 200))
    last_event_free = 10_000
    if child.kind == "residual_during":
        last_event_free = int(rng.integers(start + 30, end - 20))
        end = last_event_free + int(rng.integers(0, 8))
    elif child.kind == "cleared_event" or (child.kind in {"no_scan", "not_evaluable"} and rng.random() < 0.6):
        last_event_free = landmark + int(rng.gamma(2.0, 330)) + 60
    if radiotherapy + 20 < last_event_free:
        child.treatments.append(
            _treatment("radiotherapy", radiotherapy, radiotherapy + 18, "primary", regions=SOFT_TISSUE, dose_gy=21.6)
        )
    if start < last_event_free:
        child.treatments.append(
            _treatment("maintenance", start, min(end, last_event_free + 6), "dinutuximab-isotretinoin")
        )
    if last_event_free < 10_000:
        return _progress(child, rng, last_event_free)
    return _at_end_of_treatment(child, rng, end, residual)


def _at_end_of_treatment(child: Child, rng: np.random.Generator, end: int, residual: Disease) -> Child:
    lasting = float(rng.uniform(0.4, 1.0))
    left = {
        region: lesions.shrunk(float(rng.uniform(0.5, 1.0)))
        for region, lesions in residual.items()
        if rng.random() < lasting
    }
    if child.kind == "residual_complete":
        left = {}
    elif not left and residual:
        region = next(iter(residual))
        left = {region: residual[region].shrunk(0.4)}
    day = end + int(rng.integers(4, 35))
    child.scans.append(Scan(day, "end_of_treatment", left))
    if child.kind == "residual_progression":
        return _progress(child, rng, day + 20 + int(rng.gamma(1.3, 330)))
    child.scans.append(Scan(day + int(rng.integers(280, 420)), "follow_up", _fade(left, rng, 0.3)))
    return _close(child, rng, day + int(rng.integers(700, 5700)))


def _fade(disease: Disease, rng: np.random.Generator, chance: float) -> Disease:
    return {region: lesions for region, lesions in disease.items() if rng.random() > chance}


def _progress(child: Child, rng: np.random.Generator, day: int) -> Child:
    """Add follow-up up to a first progression on `day`, its scan, and what came after."""
    latest = child.scans[-1]
    current = latest.disease
    for visit in range(latest.day + 120, day - 45, 150):
        current = _fade(current, rng, 0.5)
        child.scans.append(Scan(visit + int(rng.integers(-12, 13)), "follow_up", current))
    if child.kind == "cleared_event" and rng.random() < 0.1:
        return _end_without_progression(child, rng, day)
    seen = {region for scan in child.scans if scan.evaluable for region in scan.disease} - {SOFT_TISSUE}
    child.events.append(
        {"day": day, "kind": "progression" if child.kind == "residual_during" else "relapse", "skeletal": "yes"}
    )
    child.scans.append(Scan(day + int(rng.integers(0, 9)), "progression", _relapse(seen, current, rng)))
    return _after_progression(child, rng, day)


def _end_without_progression(child: Child, rng: np.random.Generator, day: int) -> Child:
    """Add a death from treatment, or a second malignancy, as the first event."""
    if rng.random() < 0.6:
        child.events.append({"day": day, "kind": "death", "cause": "treatment"})
        return _close(child, rng, day, died=True)
    child.events.append({"day": day, "kind": "second_malignancy"})
    return _close(child, rng, day + int(rng.integers(200, 1500)))


def _relapse(seen: set[str], current: Disease, rng: np.random.Generator) -> Disease:
    """Return the disease at relapse: mostly at places seen before, sometimes new, residual foci often still there."""
    style = rng.choice(["old", "wide", "new", "grown"], p=[0.5, 0.26, 0.18, 0.06])
    residual = set(current) - {SOFT_TISSUE}
    old = sorted(seen - residual)
    anywhere = _draw_disease(rng, float(rng.normal(1.5, 0.9)))
    anywhere.pop(SOFT_TISSUE, None)
    relapse: Disease = {}
    if style in {"old", "wide"}:
        chance = float(rng.uniform(0.7, 1.0))
        relapse = {region: _draw_lesions(rng, 3.5) for region in old if rng.random() < chance}
    if style == "wide":
        relapse |= {region: lesions for region, lesions in anywhere.items() if rng.random() < 0.5}
    if style == "new":
        relapse = {region: lesions for region, lesions in anywhere.items() if region not in seen}
    if style != "new":
        grown = style == "grown"
        kept = [region for region in sorted(residual) if grown or rng.random() < 0.7]
        relapse |= {region: _draw_lesions(rng, 0.5) if grown else current[region] for region in kept}
    return relapse or {"femur_right": Lesions(foci=2)}


def _after_progression(child: Child, rng: np.random.Generator, day: int) -> Child:
    died = bool(rng.random() < 0.85)
    end = day + 30 + int(rng.gamma(1.4, 320))
    if end - day > 60:
        child.treatments.append(_treatment("other", day + 25, min(end, day + 120), "second line"))
    if died:
        child.events.append({"day": end, "kind": "death", "cause": "disease"})
    else:
        end = max(end, day + 400)
    return _close(child, rng, end, died=died)


def _close(child: Child, rng: np.random.Generator, day: int, *, died: bool = False) -> Child:
    """Set the end of follow-up, never before anything that already happened unless the child died then."""
    happened = [scan.day for scan in child.scans] + [row["end_day"] for row in child.treatments]
    child.patient |= {"vital_status": "dead" if died else "alive", "last_contact_day": max(day, 0)}
    if not died:
        child.patient["last_contact_day"] = max(day, *happened) + int(rng.integers(0, 30))
    else:
        child.scans = [scan for scan in child.scans if scan.day <= day]
        child.treatments = [
            row | {"end_day": min(row["end_day"], day)} for row in child.treatments if row["start_day"] < day
        ]
    return child


def with_follow_up(child: Child, last_contact_day: int) -> Child:
    """Return an event-free child followed to another day."""
    return replace(child, patient=child.patient | {"last_contact_day": last_contact_day})
