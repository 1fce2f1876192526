"""Make-believe disease: which regions are avid, how much, and how it shrinks, fades and comes back."""

from dataclasses import dataclass

import numpy as np

from residuum.records.vocabulary import PAIRED_REGIONS, SOFT_TISSUE

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
"""Chance of a region (either side) to be avid at diagnosis when the log odds are not shifted."""


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


def draw_disease(rng: np.random.Generator, spread: float) -> Disease:
    """Return avid regions by the log odds `spread` of involvement: children differ in how widely they are ill."""
    disease: Disease = {}
    for name, chance in SITE_CHANCE.items():
        regions = [f"{name}_right", f"{name}_left"] if name in PAIRED_REGIONS else [name]
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


def keep(disease: Disease, chance: float, rng: np.random.Generator, always: set[str]) -> Disease:
    """Return what is left of a disease after a response: each region by `chance`, those of `always` for sure."""
    return {
        region: lesions.shrunk(float(rng.uniform(0.5, 1.0)))
        for region, lesions in disease.items()
        if region in always or rng.random() < chance
    }


def faint(before: Disease, regions: list[str], rng: np.random.Generator) -> Disease:
    """Return the residual uptake in `regions`, fainter than before; many regions fade less."""
    least = 0.85 if len(regions) > 4 else 0.2
    return {region: before[region].shrunk(float(rng.uniform(least, 1.0))) for region in regions}


def fade(disease: Disease, rng: np.random.Generator, chance: float) -> Disease:
    """Return what is still avid on a later scan, each region vanishing by `chance`."""
    return {region: lesions for region, lesions in disease.items() if rng.random() > chance}


def relapse(seen: set[str], current: Disease, rng: np.random.Generator) -> Disease:
    """Return the disease at relapse: mostly at places seen before, sometimes new, residual foci often still there."""
    style = rng.choice(["old", "wide", "new", "grown"], p=[0.5, 0.26, 0.18, 0.06])
    residual = set(current) - {SOFT_TISSUE}
    old = sorted(seen - residual)
    anywhere = draw_disease(rng, float(rng.normal(1.5, 0.9)))
    anywhere.pop(SOFT_TISSUE, None)
    found: Disease = {}
    if style in {"old", "wide"}:
        chance = float(rng.uniform(0.7, 1.0))
        found = {region: _draw_lesions(rng, 3.5) for region in old if rng.random() < chance}
    if style == "wide":
        found |= {region: lesions for region, lesions in anywhere.items() if rng.random() < 0.5}
    if style == "new":
        found = {region: lesions for region, lesions in anywhere.items() if region not in seen}
    if style != "new":
        grown = style == "grown"
        kept = [region for region in sorted(residual) if grown or rng.random() < 0.7]
        found |= {region: _draw_lesions(rng, 0.5) if grown else current[region] for region in kept}
    return found or {"femur_right": Lesions(foci=2)}
