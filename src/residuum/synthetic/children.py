"""Make-believe children: a rough stochastic course of metastatic neuroblastoma, from diagnosis to relapse.

Nothing here is fitted to patients. Sites clear, persist, return or appear by chance, so that every path through the
rules is walked; the search in `demonstration` picks among such children.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from residuum.records.vocabulary import SOFT_TISSUE
from residuum.synthetic.disease import Disease, draw_disease, fade, faint, keep, relapse

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
    disease = {} if kind == "not_avid" else draw_disease(rng, float(rng.normal(0.3 + wider, 1.2)))
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


def _treatment(phase: str, start: int, end: int, regimen: str = "", **more: Any) -> dict[str, Any]:
    return {"phase": phase, "start_day": start, "end_day": end, "regimen": regimen, **more}


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
    middle = keep(at_diagnosis, float(rng.uniform(0.4, 0.8)), rng, residual)
    after = keep(middle, float(rng.uniform(0.2, 0.6)), rng, residual)
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
    child.scans.append(Scan(day + int(rng.integers(0, 9)), "progression", draw_disease(rng, 0.8)))
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
    residual = faint(before, _residual_left(child, rng), rng) if child.kind.startswith("residual") else {}
    if child.kind != "no_scan":
        child.scans.append(Scan(day, "post_consolidation", residual, evaluable=child.kind != "not_evaluable"))
    return _consolidate(child, rng, day, residual)


def _residual_left(child: Child, rng: np.random.Generator) -> list[str]:
    """Return the regions still avid after HDC: those avid on every scan of induction, at most about ten."""
    lasting = set.intersection(*(set(scan.disease) for scan in child.scans)) - {SOFT_TISSUE}
    wanted = int(rng.choice([1, 2, 3, 4, 6, 14], p=[0.36, 0.24, 0.14, 0.09, 0.07, 0.1]))
    return [str(region) for region in rng.permutation(sorted(lasting))[:wanted]]


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
    child.scans.append(Scan(day + int(rng.integers(280, 420)), "follow_up", fade(left, rng, 0.3)))
    return _close(child, rng, day + int(rng.integers(700, 5700)))


def _progress(child: Child, rng: np.random.Generator, day: int) -> Child:
    """Add follow-up up to a first progression on `day`, its scan, and what came after."""
    latest = child.scans[-1]
    current = latest.disease
    for visit in range(latest.day + 120, day - 45, 150):
        current = fade(current, rng, 0.5)
        child.scans.append(Scan(visit + int(rng.integers(-12, 13)), "follow_up", current))
    if child.kind == "cleared_event" and rng.random() < 0.1:
        return _end_without_progression(child, rng, day)
    seen = {region for scan in child.scans if scan.evaluable for region in scan.disease} - {SOFT_TISSUE}
    child.events.append(
        {"day": day, "kind": "progression" if child.kind == "residual_during" else "relapse", "skeletal": "yes"}
    )
    child.scans.append(Scan(day + int(rng.integers(0, 9)), "progression", relapse(seen, current, rng)))
    return _after_progression(child, rng, day)


def _end_without_progression(child: Child, rng: np.random.Generator, day: int) -> Child:
    """Add a death from treatment, or a second malignancy, as the first event."""
    if rng.random() < 0.6:
        child.events.append({"day": day, "kind": "death", "cause": "treatment"})
        return _close(child, rng, day, died=True)
    child.events.append({"day": day, "kind": "second_malignancy"})
    return _close(child, rng, day + int(rng.integers(200, 1500)))


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
