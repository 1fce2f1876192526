"""Random but valid study folders, rich in the edge cases of the definitions; the same seed writes the same study.

Run as a script, it prints how often every row family of the slow twin is non-zero over 50 seeds.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

SPINE_AND_SKULL = ["skull_vault", "skull_base", "face_orbit", "spine_cervical", "spine_thoracic", "spine_lumbar"]
PAIRED = ["ribs", "clavicle", "scapula", "pelvis", "humerus", "forearm", "hand", "femur", "leg", "foot"]
BONES = [*SPINE_AND_SKULL, "sacrum", "sternum", *(f"{bone}_{side}" for bone in PAIRED for side in ("right", "left"))]
LIMBS = ["proximal_upper_limb", "distal_upper_limb", "proximal_lower_limb", "distal_lower_limb"]
SEGMENTS = ["skull", "thoracic_cage", "spine", "pelvis", *(f"{limb}_{s}" for limb in LIMBS for s in ("right", "left"))]
CURIE = [
    "head",
    "cervicothoracic_spine",
    "ribs_and_sternum",
    "lumbosacral_spine",
    "pelvis",
    "arms",
    "forearms_and_hands",
    "thighs",
    "legs_and_feet",
]
# Neighbours that one mark may cover.
NEIGHBOURS = [
    ("spine_thoracic", "spine_lumbar"),
    ("spine_lumbar", "sacrum"),
    ("sacrum", "pelvis_right"),
    ("skull_base", "face_orbit"),
    ("femur_left", "pelvis_left"),
    ("scapula_right", "humerus_right"),
    ("clavicle_left", "sternum"),
    ("ribs_left", "spine_thoracic"),
    ("femur_right", "leg_right"),
]
EXTENTS = ["0.5", "0.50", "0.95", "0.49", "0.951", "0.96", "1", "1.0", "0.3", "0.10", "0.6", "0.75", "0.9"]
SEEN_ON = [
    "planar_ant",
    "planar_post",
    "planar_ant;planar_post",
    "spot",
    "spect",
    "spect",
    "planar_post;spect",
    "spot;spect",
]
SOFT = "soft_tissue"

Cells = dict[str, object]


@dataclass(frozen=True)
class Lesion:
    """One mark of the truth; `weight` is what it adds to a grade in studies with grades."""

    regions: tuple[str, ...]
    extent: str = ""
    label: str = ""
    weight: int = 1

    @property
    def soft(self) -> bool:
        """Whether it lies in soft tissue."""
        return self.regions == (SOFT,)


@dataclass
class Config:
    """What one study is like."""

    grades: bool
    with_curie: bool
    design: str
    readers: list[str]
    site_level: str
    window: int
    seen_on: str
    components: bool
    years: tuple[int, int]
    stages: list[str]
    minimum_age: int
    milestones: list[int]
    toml: str


@dataclass
class Tables:
    """The rows of every file."""

    patients: list[Cells] = field(default_factory=list)
    treatments: list[Cells] = field(default_factory=list)
    scans: list[Cells] = field(default_factory=list)
    reads: list[Cells] = field(default_factory=list)
    marks: list[Cells] = field(default_factory=list)
    grades: list[Cells] = field(default_factory=list)
    events: list[Cells] = field(default_factory=list)
    components: list[Cells] = field(default_factory=list)


def chance(rng: random.Random, probability: float) -> bool:
    """Whether something of this probability happens."""
    return rng.random() < probability


def weighted(rng: random.Random, options: dict[str, float]) -> str:
    """One option, drawn by weight."""
    return rng.choices(list(options), weights=list(options.values()))[0]


# ---------------------------------------------------------------------------------------------------------------------
# Settings


def configure(rng: random.Random) -> Config:
    """The configuration of one study, with the text of its study.toml."""
    grades = chance(rng, 0.3)
    design = weighted(rng, {"independent": 0.6, "single": 0.2, "consensus": 0.2})
    # Names that do not sort in the order of the list: "first two readers" must not mean first by name.
    readers = rng.choice([["reader_1", "reader_2"], ["reader_1", "reader_2"], ["zoe", "adam"], ["r2", "r1", "r0"]])
    if design == "single":
        readers = rng.choice([readers[:1], readers[:2]])
    elif chance(rng, 0.05):
        readers = readers[:1]
    site_level = "segment" if grades else rng.choice(["region", "region", "lesion"])
    config = Config(
        grades=grades,
        with_curie=chance(rng, 0.5),
        design=design,
        readers=readers,
        site_level=site_level,
        window=rng.choice([60, 60, 60, 60, 30, 90, 14, 0]),
        seen_on=weighted(rng, {"all": 0.4, "some": 0.45, "never": 0.15}),
        components=chance(rng, 0.35),
        years=rng.choice([(2000, 2020), (2000, 2020), (2005, 2015)]),
        stages=rng.choice([["M"], ["M"], ["M", "MS"]]),
        minimum_age=rng.choice([366, 366, 366, 547]),
        milestones=rng.choice([[1, 2, 3, 5], [1, 2, 3, 5], [4], [1, 4], [2, 4, 8]]),
        toml="",
    )

    def stated(key: str, value: str, default: bool) -> list[str]:
        # A default is sometimes written out and sometimes left out: both must mean the same.
        return [] if default and chance(rng, 0.5) else [f"{key} = {value}"]

    def listed(values: list[str]) -> str:
        return "[" + ", ".join(f'"{value}"' for value in values) + "]"

    sacrum = rng.choice(["spine", "spine", "pelvis"])
    girdle = rng.choice(["thoracic_cage", "thoracic_cage", "proximal_upper_limb"])
    oligo = rng.choice([3, 3, 1, 2, 4])
    lines = ["format = 1", 'title = "Random study"']
    lines += ["[population]"]
    lines += stated("minimum_age_days", str(config.minimum_age), config.minimum_age == 366)
    lines += stated("stages", listed(config.stages), config.stages == ["M"])
    lines += stated("diagnosis_years", str(list(config.years)), config.years == (2000, 2020))
    lines += ["[reading]"]
    lines += stated("design", f'"{design}"', design == "independent")
    lines += stated("readers", listed(readers), readers == ["reader_1", "reader_2"])
    lines += stated("entry", '"grades"' if grades else '"marks"', not grades)
    lines += ["[definitions]"]
    # A study with grades has segments as sites, whether or not it says so.
    lines += stated("site_level", f'"{site_level}"', site_level == "region" or (grades and chance(rng, 0.3)))
    lines += stated("sacrum_to", f'"{sacrum}"', sacrum == "spine")
    lines += stated("girdle_to", f'"{girdle}"', girdle == "thoracic_cage")
    lines += stated("progression_window_days", str(config.window), config.window == 60)
    lines += stated("oligo_max_sites", str(oligo), oligo == 3)
    lines += ["[analysis]"]
    lines += stated("milestones", str(config.milestones), config.milestones == [1, 2, 3, 5])
    config.toml = "\n".join(lines) + "\n"
    return config


# ---------------------------------------------------------------------------------------------------------------------
# Disease


def new_lesion(rng: random.Random, config: Config, used: list[str]) -> Lesion:
    """A bone lesion, now and then over two regions or diffuse, with a label where lesions are tracked."""
    regions: tuple[str, ...] = rng.choice(NEIGHBOURS) if chance(rng, 0.12) else (rng.choice(BONES),)
    extent = rng.choice(EXTENTS) if chance(rng, 0.2) else ""
    label = ""
    if chance(rng, 0.7 if config.site_level == "lesion" else 0.1):
        # A label may be spelled like a region and is still a label.
        label = regions[0] if chance(rng, 0.1) and regions[0] not in used else f"L{len(used) + 1}"
        used.append(label)
    return Lesion(regions, extent, label, rng.choice([1, 1, 2, 3, 5]))


def grow(rng: random.Random, lesions: list[Lesion]) -> list[Lesion]:
    """The lesions with one bone lesion grown: one more focus, a larger extent, or diffuse."""
    bones = [index for index, lesion in enumerate(lesions) if not lesion.soft]
    if not bones:
        return lesions
    index = rng.choice(bones)
    lesion = lesions[index]
    grown = replace(lesion, weight=lesion.weight + rng.choice([1, 1, 2]))
    way = rng.choice(["focus", "extent"])
    if way == "focus":
        return [*lesions[:index], grown, *lesions[index + 1 :], replace(lesion, extent="", weight=1)]
    extent = "0.99" if lesion.extent else rng.choice(EXTENTS)
    return [*lesions[:index], replace(grown, extent=extent), *lesions[index + 1 :]]


def kept(rng: random.Random, lesions: list[Lesion], probability: float) -> list[Lesion]:
    """The lesions that stay, each with a probability."""
    return [lesion for lesion in lesions if chance(rng, probability)]


def at_diagnosis(rng: random.Random, config: Config, used: list[str]) -> list[Lesion]:
    """What is avid at diagnosis: bone, bone and soft tissue, soft tissue alone, or nothing."""
    if chance(rng, 0.06):  # soft tissue alone: a bone baseline of 0
        return [Lesion((SOFT,))]
    lesions = [new_lesion(rng, config, used) for _ in range(rng.choice([0, 1, 2, 3, 3, 4, 5, 5, 6, 8, 12, 16]))]
    if chance(rng, 0.2):
        lesions.append(Lesion((SOFT,), rng.choice(["", "0.6"])))
    return lesions


def evolve(rng: random.Random, config: Config, scans: list[Cells]) -> dict[str, list[Lesion]]:
    """What is truly avid on each scan of one patient, walked through in time."""
    used: list[str] = []
    alive = at_diagnosis(rng, config, used)
    ever = list(alive)
    truth: dict[str, list[Lesion]] = {}
    previous = ""
    for scan in sorted(scans, key=lambda row: (int(str(row["day"])), rng.random())):
        label = str(scan["timepoint"])
        gone = [lesion for lesion in ever if lesion not in alive and not lesion.soft]
        if label == previous:  # a second scan of one label differs a little or not at all
            alive = grow(rng, alive) if chance(rng, 0.3) else kept(rng, alive, rng.choice([1.0, 0.8]))
        elif label in ("mid_induction", "post_induction"):
            alive = kept(rng, alive, 0.75)
        elif label == "post_consolidation":
            alive = after_hdc(rng, alive, gone, ever)
            if all(lesion.soft for lesion in ever) and chance(rng, 0.7):  # bone that was not there at diagnosis
                alive = [*alive, new_lesion(rng, config, used)]
        elif label == "end_of_treatment":
            alive = after_treatment(rng, alive, gone)
        elif label == "follow_up":
            alive = alive if chance(rng, 0.7) else kept(rng, ever, 0.3)
        elif label == "progression":
            alive = at_progression(rng, config, used, alive, gone)
        ever += [lesion for lesion in alive if lesion not in ever]
        truth[str(scan["scan"])] = list(alive)
        previous = label
    return truth


def after_treatment(rng: random.Random, alive: list[Lesion], gone: list[Lesion]) -> list[Lesion]:
    """What is left at the end of treatment: often all, sometimes nothing, now and then something that came back."""
    left = [] if chance(rng, 0.3) else kept(rng, alive, 0.8)
    return [*left, rng.choice(gone)] if gone and chance(rng, 0.1) else left


def after_hdc(rng: random.Random, alive: list[Lesion], gone: list[Lesion], ever: list[Lesion]) -> list[Lesion]:
    """What is left after HDC: usually a few lesions, sometimes none, sometimes soft tissue alone."""
    count = rng.choice([0, 0, 1, 1, 2, 2, 2, 3, 4, 6, 9])
    pool = [lesion for lesion in alive if not lesion.soft] + (gone if chance(rng, 0.4) else [])
    left = rng.sample(pool, min(count, len(pool)))
    bones = [lesion for lesion in ever if not lesion.soft]
    if count and not left and bones:
        left = [rng.choice(bones)]
    return left + [lesion for lesion in alive if lesion.soft and chance(rng, 0.4)]


def at_progression(
    rng: random.Random, config: Config, used: list[str], alive: list[Lesion], gone: list[Lesion]
) -> list[Lesion]:
    """What is avid at progression, drawn so that every failure pattern is common."""
    way = weighted(
        rng, {"targets": 0.36, "same": 0.08, "returned": 0.2, "new": 0.15, "mixed": 0.3, "none": 0.05, "soft": 0.05}
    )
    now: list[Lesion] = []
    if way in ("targets", "same", "mixed"):
        now = list(alive) if way != "mixed" or chance(rng, 0.7) else []
    if way in ("targets", "mixed") and chance(rng, 0.9):
        for _ in range(rng.choice([1, 1, 2, 3])):
            now = grow(rng, now)
    if way in ("returned", "mixed") and gone:
        now += rng.sample(gone, rng.randint(1, min(len(gone), 6)))
    if way == "new" or (way == "mixed" and chance(rng, 0.6)):
        now += [new_lesion(rng, config, used) for _ in range(rng.choice([1, 1, 2, 4]))]
    if way == "soft" or chance(rng, 0.06):
        now = [*now, Lesion((SOFT,))]
    return now


# ---------------------------------------------------------------------------------------------------------------------
# Reads


def other_side(region: str) -> str:
    """The same region on the other side, itself when unpaired."""
    if region.endswith("_right"):
        return region.removesuffix("_right") + "_left"
    return region.removesuffix("_left") + "_right" if region.endswith("_left") else region


def misread(rng: random.Random, config: Config, lesions: list[Lesion]) -> list[Lesion]:
    """The lesions as a reader with another opinion sees them."""
    seen = list(lesions)
    if not seen or chance(rng, 0.25):
        return [*seen, new_lesion(rng, config, [""] * 90)]  # a label that no other lesion has
    index = rng.randrange(len(seen))
    lesion = seen[index]
    way = rng.choice(["drop", "side", "extent", "double", "grade"])
    if way == "drop":
        del seen[index]
    elif way == "side" and not lesion.soft:  # right for left in the ribs: same grades, other regions
        # Elsewhere is another lesion, so the label goes.
        regions = tuple(dict.fromkeys(other_side(region) for region in lesion.regions))
        seen[index] = replace(lesion, regions=regions, label=lesion.label if regions == lesion.regions else "")
    elif way == "extent":  # 0.50 for 0.60: the same SIOPEN grade, another Curie grade
        seen[index] = replace(lesion, extent="0.50" if lesion.extent in ("0.6", "0.75", "0.9") else "0.6")
    elif way == "double":
        seen.append(replace(lesion, extent=""))
    else:
        seen[index] = replace(lesion, weight=lesion.weight % 6 + 1)
    return seen


def nearly(rng: random.Random, lesions: list[Lesion]) -> list[Lesion]:
    """The lesions in another order and with extents that differ inside one grade: still the same findings."""
    seen = [replace(lesion, extent="0.7") if lesion.extent in ("0.6", "0.75") else lesion for lesion in lesions]
    rng.shuffle(seen)
    return seen


def write_marks(rng: random.Random, config: Config, tables: Tables, scan: str, reader: str, seen: list[Lesion]) -> None:
    """The marks of one read."""
    numbers = rng.sample(range(1, 60), len(seen))
    for lesion, mark in zip(seen, numbers, strict=True):
        seen_on = rng.choice(SEEN_ON)
        if config.seen_on == "never" or (config.seen_on == "some" and chance(rng, 0.3)):
            seen_on = ""
        tables.marks.append(
            {
                "scan": scan,
                "reader": reader,
                "mark": str(mark),
                "regions": ";".join(lesion.regions),
                "pattern": "diffuse" if lesion.extent else "focal",
                "extent": lesion.extent,
                "seen_on": seen_on,
                "confidence": rng.choice(["definite", "definite", "probable", "equivocal"]),
                "site": lesion.label,
            }
        )


def segment_of(region: str) -> str:
    """A SIOPEN segment for a region, good enough to make grades up."""
    bone, side = region.removesuffix("_right").removesuffix("_left"), region.rpartition("_")[2]
    limb = {"humerus": 0, "forearm": 1, "hand": 1, "femur": 2, "leg": 3, "foot": 3}.get(bone)
    if limb is not None:
        return f"{LIMBS[limb]}_{side}"
    if bone.startswith(("skull", "face")):
        return "skull"
    if bone.startswith("spine") or bone == "sacrum":
        return "spine"
    return "pelvis" if bone == "pelvis" else "thoracic_cage"


def write_grades(
    rng: random.Random, config: Config, tables: Tables, scan: str, reader: str, seen: list[Lesion]
) -> None:
    """The grades of one read; zeros are sometimes written and sometimes left out."""
    siopen: Counter[str] = Counter()
    curie: Counter[str] = Counter()
    # The draw must depend on the findings alone, or two readers with the same findings would disagree.
    for lesion in seen:
        if lesion.soft:
            curie[SOFT] += 1
            continue
        for segment in {segment_of(region) for region in lesion.regions}:
            siopen[segment] += lesion.weight
        for region in lesion.regions:
            curie[CURIE[BONES.index(region) % len(CURIE)]] += 2 if lesion.extent else 1
    rows = {("siopen", segment): min(6, siopen[segment]) for segment in SEGMENTS}
    if config.with_curie:
        rows |= {("curie", region): min(3, curie[region]) for region in [*CURIE, SOFT]}
    for (system, segment), grade in rows.items():
        if grade or chance(rng, 0.2):
            tables.grades.append({"scan": scan, "reader": reader, "system": system, "segment": segment, "grade": grade})


def write_read(
    rng: random.Random,
    config: Config,
    tables: Tables,
    scan: str,
    reader: str,
    seen: list[Lesion],
    *,
    evaluable: bool = True,
    locked: bool = True,
) -> None:
    """One read with its findings; a not-evaluable read keeps marks now and then."""
    tables.reads.append(
        {
            "scan": scan,
            "reader": reader,
            "evaluable": "yes" if evaluable else "no",
            "state": "locked" if locked else "draft",
            "read_order": "",
            "seconds": rng.choice(["", str(rng.randint(30, 900))]),
            "comment": "",
        }
    )
    if not evaluable and chance(rng, 0.7):
        return
    if config.grades:
        write_grades(rng, config, tables, scan, reader, seen)
    else:
        write_marks(rng, config, tables, scan, reader, seen)


def not_assessable(rng: random.Random, tables: Tables, scan: str, readers: list[str]) -> None:
    """One segment becomes `not_assessable` on the reads of a scan; for one reader alone the reads then differ."""
    # In half of the cases a segment that has a grade, so that the total is lost although the scan is positive.
    positive = [row["segment"] for row in tables.grades if row["scan"] == scan and row["system"] == "siopen"]
    segment = rng.choice(positive) if positive and chance(rng, 0.5) else rng.choice(SEGMENTS)
    for reader in readers:
        key = {"scan": scan, "reader": reader, "system": "siopen", "segment": segment}
        tables.grades[:] = [row for row in tables.grades if any(row[name] != part for name, part in key.items())]
        tables.grades.append({**key, "grade": "not_assessable"})


def read_scan(rng: random.Random, config: Config, tables: Tables, scan: str, truth: list[Lesion]) -> None:
    """All reads of one scan under the design of the study."""
    start = len(tables.reads)
    if config.design == "single" or len(config.readers) == 1:
        read_single(rng, config, tables, scan, truth)
    elif config.design == "consensus":
        way = weighted(rng, {"locked": 0.78, "no": 0.05, "draft": 0.04, "none": 0.03, "pair": 0.1})
        if way == "pair":
            read_pair(rng, config, tables, scan, truth)
        elif way != "none":
            seen = truth if chance(rng, 0.9) else misread(rng, config, truth)
            write_read(
                rng, config, tables, scan, "consensus", seen, evaluable=way != "no", locked=way in ("locked", "no")
            )
            if chance(rng, 0.2):
                write_read(rng, config, tables, scan, config.readers[0], truth, locked=chance(rng, 0.7))
    else:
        read_pair(rng, config, tables, scan, truth)
    if config.grades and chance(rng, 0.05):
        readers = [str(row["reader"]) for row in tables.reads[start:] if row["evaluable"] == "yes"]
        if readers:
            not_assessable(rng, tables, scan, readers if chance(rng, 0.8) else readers[:1])


def read_single(rng: random.Random, config: Config, tables: Tables, scan: str, truth: list[Lesion]) -> None:
    """The reads of a single-reader study: one reader, now and then draft, not evaluable, missing, or two at once."""
    way = weighted(rng, {"locked": 0.86, "no": 0.04, "draft": 0.04, "none": 0.02, "two": 0.04})
    if way == "none":
        return
    reader = rng.choice(config.readers)
    write_read(rng, config, tables, scan, reader, truth, evaluable=way != "no", locked=way != "draft")
    others = [other for other in config.readers if other != reader]
    if others and way == "two":
        write_read(rng, config, tables, scan, others[0], nearly(rng, truth))
    elif others and chance(rng, 0.05):
        write_read(rng, config, tables, scan, others[0], truth, locked=False)


def read_pair(rng: random.Random, config: Config, tables: Tables, scan: str, truth: list[Lesion]) -> None:
    """The reads of two readers, with a consensus read only where both have locked."""
    first, second = config.readers[:2]
    way = weighted(
        rng,
        {"same": 0.72, "different": 0.13, "one": 0.03, "draft": 0.03, "none": 0.02, "both_no": 0.03, "one_no": 0.04},
    )
    if way == "none":
        return
    write_read(rng, config, tables, scan, first, truth, evaluable=way != "both_no")
    if way == "one":
        return
    seen = misread(rng, config, truth) if way == "different" else nearly(rng, truth)
    evaluable = way not in ("both_no", "one_no")
    write_read(rng, config, tables, scan, second, seen, evaluable=evaluable, locked=way != "draft")
    if len(config.readers) > 2 and chance(rng, 0.5):  # a third reader must not matter
        write_read(rng, config, tables, scan, config.readers[2], misread(rng, config, truth))
    if way != "draft" and chance(rng, 0.75 if way in ("different", "one_no") else 0.06):
        opinion = truth if chance(rng, 0.6) else misread(rng, config, truth)
        write_read(
            rng,
            config,
            tables,
            scan,
            "consensus",
            opinion,
            evaluable=chance(rng, 0.93),
            locked=chance(rng, 0.93),
        )


# ---------------------------------------------------------------------------------------------------------------------
# Patients


def treat(rng: random.Random) -> tuple[list[Cells], int | None, int | None]:
    """The planned treatment rows, the true end of HDC and the true end of maintenance."""
    rows: list[Cells] = [{"phase": "induction", "start_day": rng.randint(0, 10), "end_day": rng.randint(90, 130)}]
    if chance(rng, 0.6):
        day = rng.randint(131, 150)
        rows.append({"phase": "surgery", "start_day": day, "end_day": rng.choice(["", day])})
    hdc: int | None = None
    if chance(rng, 0.93):
        start = rng.randint(160, 220)
        for _ in range(2 if chance(rng, 0.2) else 1):  # tandem
            hdc = start + rng.randint(5, 25)
            if chance(rng, 0.1):
                rows.append({"phase": "hdc", "start_day": start, "end_day": ""})
                hdc = start
            else:
                rows.append({"phase": "hdc", "start_day": start, "end_day": hdc})
            start = hdc + rng.randint(40, 80)
    base = hdc if hdc is not None else 230
    if chance(rng, 0.4):
        start = base + rng.randint(60, 110)
        regions = rng.choice(["", "spine_lumbar", "pelvis_left;femur_left"])
        row: Cells = {"phase": "radiotherapy", "start_day": start, "end_day": start + 14, "regions": regions}
        rows.append({**row, "dose_gy": rng.choice(["", "21"])})
    end: int | None = None
    if chance(rng, 0.88):
        start = base + rng.randint(80, 125)
        for _ in range(2 if chance(rng, 0.1) else 1):
            end = start + rng.randint(60, 240)
            row = {"phase": "maintenance", "start_day": start, "end_day": end}
            if chance(rng, 0.05):
                row["end_day"] = ""
            rows.append(row)
            start = end + rng.randint(1, 30)
    return rows, hdc, end


def plan_scans(rng: random.Random, hdc: int | None, end: int | None) -> list[tuple[str, int]]:
    """Label and day of the planned scans, without those at progression."""
    plan: list[tuple[str, int]] = []
    if chance(rng, 0.97):
        plan.append(("diagnosis", rng.choice([0, 0, 3, 10, -1, -14, -60])))
        if chance(rng, 0.1):
            plan.append(("diagnosis", plan[0][1] + rng.choice([0, 0, 5])))
    if chance(rng, 0.5):
        plan.append(("mid_induction", rng.randint(50, 80)))
    if chance(rng, 0.7):
        plan.append(("post_induction", rng.randint(120, 158)))
    base = hdc if hdc is not None else 230
    last = end if end is not None else base + rng.randint(150, 260)
    plan += plan_after_hdc(rng, base)
    plan += plan_after_treatment(rng, last, base + 111)
    plan += [("follow_up", last + rng.randint(-100, 1500)) for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))]
    return plan


def plan_after_hdc(rng: random.Random, base: int) -> list[tuple[str, int]]:
    """The scans around the end of HDC, some too early to be used, some twice."""
    plan: list[tuple[str, int]] = []
    if chance(rng, 0.1):  # before or on the day on which HDC ended: must not be used
        plan.append(("post_consolidation", base - rng.choice([0, 0, 4, 20])))
    if chance(rng, 0.96):
        day = base + rng.choice([1, rng.randint(20, 110), rng.randint(20, 110), rng.randint(30, 90)])
        plan.append(("post_consolidation", day))
        if chance(rng, 0.15):
            plan.append(("post_consolidation", day + rng.choice([0, 0, 0, 7, 40])))
        if chance(rng, 0.08):
            plan.append(("follow_up", day))
    return plan


def plan_after_treatment(rng: random.Random, last: int, earliest: int) -> list[tuple[str, int]]:
    """The scans around the end of maintenance: none, one, or two that compete."""
    if chance(rng, 0.1):
        return []
    offset = rng.choice([0, rng.randint(-30, 60), rng.randint(-30, 60), rng.randint(-30, 60)])
    plan = [("end_of_treatment", max(last + offset, earliest))]
    if chance(rng, 0.15):  # another one: the same distance on the other side, the same day, or anything
        day = rng.choice([last - offset, plan[0][1], last + rng.randint(-60, 120)])
        plan.append(("end_of_treatment", max(day, earliest)))
    return plan


def plan_progression(
    rng: random.Random, hdc: int | None, end: int | None, plan: list[tuple[str, int]], maintenance: list[int]
) -> tuple[str, int | None]:
    """The course of one patient and the day of the first progression, None without."""
    base = hdc if hdc is not None else 230
    last = end if end is not None else base + 200
    courses = {"none": 0.26, "late": 0.38, "maintenance": 0.1, "early": 0.05, "at_end": 0.04, "at_scan": 0.04}
    courses |= {"at_landmark": 0.02, "at_start": 0.03, "milestone": 0.04, "death": 0.06, "second": 0.05}
    course = weighted(rng, courses)
    landmark = next((day for label, day in plan if label == "post_consolidation"), base + 60)
    scan = next((day for label, day in plan if label == "end_of_treatment"), last)
    day = {
        "late": last + rng.choice([1, rng.randint(1, 200), rng.randint(20, 700), rng.randint(20, 2000)]),
        "maintenance": rng.randint(min(landmark + 1, last), max(landmark + 1, last)),
        "early": rng.randint(40, max(41, landmark)),
        "at_end": last,
        "at_scan": scan,
        "at_landmark": landmark,
        "at_start": rng.choice(maintenance) if maintenance else last,
        "milestone": landmark + rng.choice([1461, 1461, 1462, 1460, 365, 366]),
    }.get(course)
    return course, day


def write_patient(rng: random.Random, config: Config, tables: Tables, patient: str, scan_ids: list[str]) -> None:
    """Everything about one patient."""
    treatments, hdc, end = treat(rng)
    plan = plan_scans(rng, hdc, end)
    maintenance = [int(str(row["start_day"])) for row in treatments if row["phase"] == "maintenance"]
    course, day = plan_progression(rng, hdc, end, plan, maintenance)
    base = hdc if hdc is not None else 230
    if day is not None:
        events, last, death = course_with_progression(rng, day)
        treatments += salvage(rng, day)
        if chance(rng, 0.93):
            for _ in range(2 if chance(rng, 0.15) else 1):
                plan.append(("progression", max(0, day + progression_offset(rng, config.window))))
    else:
        events, last, death = course_without_progression(rng, course, base, end)
    if death is not None:
        events.append((death, "death"))

    write_events(rng, tables, patient, sorted(set(events)))
    write_person(rng, config, tables, patient, last, death)
    write_treatments(tables, patient, treatments, last)

    tracer = rng.choice(["I123", "I123", "I123", "I131"])
    scans: list[Cells] = [
        {"scan": scan_ids.pop(), "patient": patient, "day": when, "timepoint": label, "tracer": tracer}
        for label, when in plan
        if when <= last and (when >= 0 or label == "diagnosis")
    ]
    tables.scans += scans
    for scan, lesions in evolve(rng, config, scans).items():
        read_scan(rng, config, tables, scan, lesions)
    if config.components:
        write_components(rng, config, tables, patient, scans, day, last)


def course_with_progression(rng: random.Random, day: int) -> tuple[list[tuple[int, str]], int, int | None]:
    """Events but death, last contact and the day of death of a patient with a progression."""
    kind = rng.choice(["progression", "relapse"])
    events = [(day, kind), *extra_events(rng, day, kind)]
    latest = max(when for when, _ in events)
    if chance(rng, 0.5):
        death = max(latest, day if chance(rng, 0.1) else day + rng.randint(1, 700))
        return events, death, death
    return events, latest + rng.choice([0, rng.randint(0, 90), rng.randint(30, 2500)]), None


def course_without_progression(
    rng: random.Random, course: str, base: int, end: int | None
) -> tuple[list[tuple[int, str]], int, int | None]:
    """Events but death, last contact and the day of death of a patient without a progression."""
    if course == "death":
        death = base + rng.randint(10, 1500)
        return [], death, death
    if course == "second":
        when = base + rng.randint(10, 1500)
        last = when + rng.randint(0, 800)
        return [(when, "second_malignancy")], last, last if chance(rng, 0.4) else None
    if chance(rng, 0.04):  # many censored on one day
        return [], base + 1500, None
    start = end if end is not None else base
    return [], start + rng.choice([rng.randint(0, 300), rng.randint(100, 4500), rng.randint(400, 4500)]), None


def extra_events(rng: random.Random, day: int, kind: str) -> list[tuple[int, str]]:
    """Events around the first progression: a second malignancy before or with it, a later relapse, both kinds."""
    extra: list[tuple[int, str]] = []
    if chance(rng, 0.08):
        extra.append((day, "second_malignancy"))
    elif chance(rng, 0.05):
        extra.append((max(0, day - rng.randint(1, 60)), "second_malignancy"))
    if chance(rng, 0.12):
        extra.append((day + rng.randint(1, 500), rng.choice(["progression", "relapse"])))
    if chance(rng, 0.03):
        extra.append((day, "relapse" if kind == "progression" else "progression"))
    return extra


def progression_offset(rng: random.Random, window: int) -> int:
    """Days from progression to its scan: usually none or few, sometimes at the edge of the window or past it."""
    edge = rng.choice([window, -window, window + 1, -window - 1])
    return rng.choice([0] * 10 + [rng.randint(-10, 10), rng.randint(-window, window), edge])


def write_events(rng: random.Random, tables: Tables, patient: str, events: list[tuple[int, str]]) -> None:
    """The event rows of one patient."""
    for day, kind in events:
        row: Cells = {"patient": patient, "day": day, "kind": kind, "skeletal": "", "regions": "", "cause": ""}
        if kind in ("progression", "relapse"):
            row["skeletal"] = rng.choice(["yes"] * 5 + ["unknown"] * 4 + ["no"])
            if row["skeletal"] == "yes" and chance(rng, 0.3):
                row["regions"] = ";".join(rng.sample(BONES, 2))
        elif kind == "death":
            row["cause"] = rng.choice(["disease", "treatment", "other"])
        tables.events.append(row)


def write_person(
    rng: random.Random, config: Config, tables: Tables, patient: str, last: int, death: int | None
) -> None:
    """The patient row: usually in the source, sometimes just outside of it or with a blank."""
    low, high = config.years
    age: object = rng.randint(config.minimum_age, 4000)
    year: object = rng.randint(low, high)
    stage = rng.choice(config.stages)
    if chance(rng, 0.12):
        age = rng.choice([config.minimum_age - 1, config.minimum_age, 100, ""])
    if chance(rng, 0.08):
        year = rng.choice([low - 1, high + 1, low, high, ""])
    if chance(rng, 0.08):
        stage = rng.choice(["L1", "L2", "MS", ""])
    tables.patients.append(
        {
            "patient": patient,
            "sex": rng.choice(["female", "male", "unknown"]),
            "age_at_diagnosis_days": age,
            "diagnosis_year": year,
            "stage": stage,
            "mycn": rng.choice(["amplified", "not_amplified", "unknown"]),
            "vital_status": "alive" if death is None else "dead",
            "last_contact_day": last,
        }
    )


def salvage(rng: random.Random, day: int) -> list[Cells]:
    """Treatment that starts on or after the first progression and must not move any phase."""
    rows: list[Cells] = []
    if chance(rng, 0.2):
        start = day + rng.choice([0, 0, 30])
        rows.append({"phase": "hdc", "start_day": start, "end_day": rng.choice([start + 20, ""])})
    if chance(rng, 0.2):
        start = day + rng.choice([0, 0, 60])
        rows.append({"phase": "maintenance", "start_day": start, "end_day": rng.choice([start + 150, ""])})
    if chance(rng, 0.1):
        rows.append({"phase": "mibg_therapy", "start_day": day + 20, "end_day": day + 20})
    return rows


def write_treatments(tables: Tables, patient: str, rows: list[Cells], last: int) -> None:
    """The treatment rows of one patient, cut at last contact, with one row per phase and start day."""
    taken: set[tuple[str, int]] = set()
    for row in rows:
        start = int(str(row["start_day"]))
        key = (str(row["phase"]), start)
        if start > last or key in taken:
            continue
        taken.add(key)
        end = row["end_day"] if row["end_day"] == "" else min(int(str(row["end_day"])), last)
        blank: Cells = {"regimen": "", "regions": "", "dose_gy": ""}
        tables.treatments.append({"patient": patient, **blank, **row, "end_day": end})


def write_components(
    rng: random.Random,
    config: Config,
    tables: Tables,
    patient: str,
    scans: list[Cells],
    progression: int | None,
    last: int,
) -> None:
    """The verdicts on the other components, near the scans of the patient."""
    common = {"CR": 0.36, "PR": 0.22, "SD": 0.14, "NI": 0.2, "PD": 0.05, "NE": 0.03}
    marrow = {"CR": 0.4, "MD": 0.2, "SD": 0.12, "NI": 0.2, "PD": 0.04, "NE": 0.04}
    taken: set[tuple[int, str]] = set()
    simple = chance(rng, 0.15)  # nothing but stable or never involved, for the corners of the table
    for scan in scans:
        label = str(scan["timepoint"])
        if label not in ("post_induction", "post_consolidation", "end_of_treatment", "progression"):
            continue
        for component, share in (("primary", 0.93), ("soft_tissue", 0.92), ("marrow", 0.93), ("cns", 0.08)):
            for _ in range(2 if chance(rng, 0.08) else 1):
                day = min(max(0, int(str(scan["day"])) + rng.randint(-10, 10)), last)
                if progression is not None and chance(rng, 0.05):  # on the edge of the window or just past it
                    day = min(max(0, progression + rng.choice([1, -1]) * (config.window + rng.choice([0, 1]))), last)
                if not chance(rng, share) or (day, component) in taken:
                    continue
                taken.add((day, component))
                verdict = weighted(rng, marrow if component == "marrow" else common)
                if simple:
                    verdict = rng.choice(["SD", "NI", "NI", "MD"] if component == "marrow" else ["SD", "NI", "NI"])
                tables.components.append(
                    {
                        "patient": patient,
                        "day": day,
                        "component": component,
                        "timepoint": label,
                        "verdict": verdict,
                        "longest_mm": "",
                        "sum_mm": "",
                        "marrow_percent": "",
                    }
                )


# ---------------------------------------------------------------------------------------------------------------------
# The folder

COLUMNS = {
    "patients": [
        "patient",
        "sex",
        "age_at_diagnosis_days",
        "diagnosis_year",
        "stage",
        "mycn",
        "vital_status",
        "last_contact_day",
    ],
    "treatments": ["patient", "phase", "start_day", "end_day", "regimen", "regions", "dose_gy"],
    "scans": ["scan", "patient", "day", "timepoint", "tracer"],
    "reads": ["scan", "reader", "evaluable", "state", "read_order", "seconds", "comment"],
    "marks": ["scan", "reader", "mark", "regions", "pattern", "extent", "seen_on", "confidence", "site"],
    "grades": ["scan", "reader", "system", "segment", "grade"],
    "events": ["patient", "day", "kind", "skeletal", "regions", "cause"],
    "components": [
        "patient",
        "day",
        "component",
        "timepoint",
        "verdict",
        "longest_mm",
        "sum_mm",
        "marrow_percent",
    ],
}


def write_table(rng: random.Random, folder: Path, name: str, rows: list[Cells]) -> None:
    """One CSV file with its rows and columns in random order."""
    columns = list(COLUMNS[name])
    rng.shuffle(columns)
    rng.shuffle(rows)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_random_study(folder: Path, seed: int) -> None:
    """A valid study folder, the same for the same seed."""
    rng = random.Random(seed)
    config = configure(rng)
    tables = Tables()
    count = rng.randint(12, 40)
    # Ids whose order as text is neither the order of writing nor the order as numbers.
    patients = [f"P{number}" for number in rng.sample(range(1, 200), count)]
    scan_ids = [f"{rng.choice(['S', 'S', 's', 'S-'])}{number}" for number in rng.sample(range(1, 5000), count * 40)]
    for patient in patients:
        write_patient(rng, config, tables, patient, scan_ids)

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(config.toml, encoding="utf-8")
    names = ["patients", "treatments", "scans", "reads", "marks", "events"]
    names += ["grades"] if config.grades else []
    names += ["components"] if config.components else []
    for name in names:
        write_table(rng, folder, name, getattr(tables, name))


def main(seeds: int) -> int:
    """The exit status after printing in how many studies every row of the twin is non-zero."""
    from study_twin import twin_rows  # only found beside this file, when it is run by hand

    non_zero: Counter[str] = Counter()
    present: Counter[str] = Counter()
    included: list[int] = []
    started = time.perf_counter()
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as name:
            write_random_study(Path(name), seed)
            rows = twin_rows(Path(name))
        included.append(int(str(rows["flow.persistent_after_hdc", None, None]["value"])))
        for key, row in rows.items():
            label = " ".join(part for part in key if part)
            present[label] += 1
            non_zero[label] += 1 if row["value"] else 0
    spent = time.perf_counter() - started
    for label in sorted(present):
        print(f"{non_zero[label]:4d} of {present[label]:4d}  {label}")
    print(f"included per study: {sorted(included)}")
    print(f"{spent / seeds:.2f} s per study")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
