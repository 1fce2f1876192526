"""The slow twin of the study: the numbers of one study folder, computed a second time in plain Python.

Written from the definitions alone, never from the product: a mistake would have to be made twice to stay unseen.
Only the standard library is used, nothing is vectorised, and each rule is one function that quotes its sentence.
"""

from __future__ import annotations

import csv
import itertools
import math
import statistics
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Key = tuple[str, str | None, str | None]
Row = dict[str, object]
Site = tuple[str, str]  # ("region", "femur_left"), ("lesion", "L3") or ("segment", "spine")
Timed = tuple[int, str | None]  # days since the origin and the event that ended them, None when censored

SINGLE_REGIONS = [
    "skull_vault",
    "skull_base",
    "face_orbit",
    "spine_cervical",
    "spine_thoracic",
    "spine_lumbar",
    "sacrum",
    "sternum",
]
PAIRED_REGIONS = ["ribs", "clavicle", "scapula", "pelvis", "humerus", "forearm", "hand", "femur", "leg", "foot"]
REGIONS = SINGLE_REGIONS + [f"{bone}_{side}" for bone in PAIRED_REGIONS for side in ("right", "left")]
SOFT_TISSUE = "soft_tissue"

LIMB_SEGMENTS = ["proximal_upper_limb", "distal_upper_limb", "proximal_lower_limb", "distal_lower_limb"]
SIOPEN_SEGMENTS = ["skull", "thoracic_cage", "spine", "pelvis"] + [
    f"{limb}_{side}" for side in ("right", "left") for limb in LIMB_SEGMENTS
]
CURIE_SKELETAL = [
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
CURIE_REGIONS = [*CURIE_SKELETAL, SOFT_TISSUE]

SCORED_TIMEPOINTS = ["diagnosis", "post_consolidation", "end_of_treatment", "progression"]
LATER_TIMEPOINTS = ["post_consolidation", "end_of_treatment", "progression"]
STATES = ["persistent", "cleared", "recurred", "new"]
PATTERNS = ["persistent_only", "recurred_only", "new_only", "mixed", "non_skeletal", "unknown"]
TRIAL_CLASSES = ["target_only", "elsewhere_only", "both", "unclear", "unknown"]
SITE_CLASSES = ["target", "prior_non_target", "never_seen"]
EFS_ORDER = ["progression", "relapse", "second_malignancy", "death"]
BONE_VERDICTS = ["CR", "PR", "SD", "PD", "NI", "NE"]
OVERALL_VERDICTS = ["CR", "PR", "MR", "SD", "PD", "NE"]
UNKNOWN_END = "unknown"


@dataclass(frozen=True)
class Mark:
    """One lesion that a reader saw."""

    regions: frozenset[str]
    diffuse: bool
    extent: float
    seen_on: frozenset[str]
    site: str


@dataclass
class Reading:
    """What one reader recorded on one scan; a grade of None is `not_assessable`."""

    evaluable: bool
    locked: bool
    marks: list[Mark] = field(default_factory=list)
    grades: dict[tuple[str, str], int | None] = field(default_factory=dict)


@dataclass
class Scan:
    """One scan with its reads; `used` is the read that stands, None when the scan is not evaluable or unresolved."""

    scan: str
    patient: str
    day: int
    timepoint: str
    reads: dict[str, Reading] = field(default_factory=dict)
    used: Reading | None = None


@dataclass
class Treatment:
    """One treatment row."""

    phase: str
    start: int
    end: int | None


@dataclass
class Event:
    """One event row."""

    day: int
    kind: str
    skeletal: str


@dataclass
class Component:
    """One verdict on a component other than bone."""

    day: int
    component: str
    timepoint: str
    verdict: str


@dataclass
class Patient:
    """One patient with everything recorded about the patient."""

    patient: str
    age: int | None
    year: int | None
    stage: str
    last_contact: int
    scans: list[Scan] = field(default_factory=list)
    treatments: list[Treatment] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)


@dataclass
class Study:
    """One study: the settings that matter and the patients."""

    minimum_age: int
    stages: list[str]
    years: list[int]
    design: str
    readers: list[str]
    by_grades: bool
    site_level: str
    sacrum_to: str
    girdle_to: str
    window: int
    oligo_max_sites: int
    milestones: list[int]
    patients: list[Patient]
    has_curie: bool
    has_seen_on: bool
    has_components: bool


# ---------------------------------------------------------------------------------------------------------------------
# Reading the folder


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of one CSV file, none when the file is absent; every cell is stripped text."""
    path = folder / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return [{key: (cell or "").strip() for key, cell in row.items() if key} for row in csv.DictReader(handle)]


def number(text: str) -> int | None:
    """The whole number in a cell, None when the cell is blank."""
    return int(text) if text else None


def words(text: str) -> frozenset[str]:
    """The codes of a `;`-separated cell."""
    return frozenset(part.strip() for part in text.split(";") if part.strip())


def load(folder: Path) -> Study:
    """The study in a folder, with the documented default for every missing key."""
    with (folder / "study.toml").open("rb") as handle:
        settings = tomllib.load(handle)
    population = settings.get("population", {})
    reading = settings.get("reading", {})
    definitions = settings.get("definitions", {})
    analysis = settings.get("analysis", {})

    patients: dict[str, Patient] = {}
    for row in table(folder, "patients.csv"):
        patients[row["patient"]] = Patient(
            patient=row["patient"],
            age=number(row.get("age_at_diagnosis_days", "")),
            year=number(row.get("diagnosis_year", "")),
            stage=row.get("stage", ""),
            last_contact=int(row["last_contact_day"]),
        )
    for row in table(folder, "treatments.csv"):
        treatment = Treatment(row["phase"], int(row["start_day"]), number(row.get("end_day", "")))
        patients[row["patient"]].treatments.append(treatment)
    for row in table(folder, "events.csv"):
        patients[row["patient"]].events.append(Event(int(row["day"]), row["kind"], row.get("skeletal", "")))
    component_rows = table(folder, "components.csv")
    for row in component_rows:
        patients[row["patient"]].components.append(
            Component(int(row["day"]), row["component"], row.get("timepoint", ""), row.get("verdict", ""))
        )

    scans: dict[str, Scan] = {}
    for row in table(folder, "scans.csv"):
        scan = Scan(row["scan"], row["patient"], int(row["day"]), row["timepoint"])
        scans[scan.scan] = scan
        patients[scan.patient].scans.append(scan)
    for row in table(folder, "reads.csv"):
        scans[row["scan"]].reads[row["reader"]] = Reading(row["evaluable"] == "yes", row["state"] == "locked")
    has_seen_on = False
    for row in table(folder, "marks.csv"):
        mark = Mark(
            regions=words(row["regions"]),
            diffuse=row["pattern"] == "diffuse",
            extent=float(row["extent"]) if row.get("extent") else 0.0,
            seen_on=words(row.get("seen_on", "")),
            site=row.get("site", ""),
        )
        has_seen_on = has_seen_on or bool(mark.seen_on)
        scans[row["scan"]].reads[row["reader"]].marks.append(mark)
    by_grades = reading.get("entry", "marks") == "grades"
    has_curie = not by_grades
    for row in table(folder, "grades.csv") if by_grades else []:
        grade = None if row["grade"] == "not_assessable" else int(row["grade"])
        scans[row["scan"]].reads[row["reader"]].grades[row["system"], row["segment"]] = grade
        has_curie = has_curie or row["system"] == "curie"

    study = Study(
        minimum_age=population.get("minimum_age_days", 366),
        stages=population.get("stages", ["M"]),
        years=population.get("diagnosis_years", [2000, 2020]),
        design=reading.get("design", "independent"),
        readers=reading.get("readers", ["reader_1", "reader_2"]),
        by_grades=by_grades,
        site_level="segment" if by_grades else definitions.get("site_level", "region"),
        sacrum_to=definitions.get("sacrum_to", "spine"),
        girdle_to=definitions.get("girdle_to", "thoracic_cage"),
        window=definitions.get("progression_window_days", 60),
        oligo_max_sites=definitions.get("oligo_max_sites", 3),
        milestones=analysis.get("milestones", [1, 2, 3, 5]),
        patients=sorted(patients.values(), key=lambda patient: patient.patient),
        has_curie=has_curie,
        has_seen_on=has_seen_on,
        has_components=bool(component_rows),
    )
    for scan in scans.values():
        scan.used = read_used(study, scan)
    return study


# ---------------------------------------------------------------------------------------------------------------------
# Scores


def siopen_segment(study: Study, region: str) -> str:
    """The SIOPEN segment of a region: the table of the 28 regions, with `sacrum_to` and `girdle_to`."""
    bone = region.removesuffix("_right").removesuffix("_left")
    side = region.removeprefix(bone)  # "_right", "_left" or nothing
    if bone in ("clavicle", "scapula") and study.girdle_to == "proximal_upper_limb":
        return f"proximal_upper_limb{side}"
    unpaired = {
        "skull_vault": "skull",
        "skull_base": "skull",
        "face_orbit": "skull",
        "spine_cervical": "spine",
        "spine_thoracic": "spine",
        "spine_lumbar": "spine",
        "sacrum": study.sacrum_to,
        "sternum": "thoracic_cage",
        "ribs": "thoracic_cage",
        "clavicle": "thoracic_cage",
        "scapula": "thoracic_cage",
        "pelvis": "pelvis",
    }
    if bone in unpaired:
        return unpaired[bone]
    limbs = {
        "humerus": "proximal_upper_limb",
        "forearm": "distal_upper_limb",
        "hand": "distal_upper_limb",
        "femur": "proximal_lower_limb",
        "leg": "distal_lower_limb",
        "foot": "distal_lower_limb",
    }
    return limbs[bone] + side


def curie_region(region: str) -> str:
    """The Curie region of a region: limbs pooled right and left, clavicle and scapula always with the ribs."""
    bone = region.removesuffix("_right").removesuffix("_left")
    table_of_bones = {
        "skull_vault": "head",
        "skull_base": "head",
        "face_orbit": "head",
        "spine_cervical": "cervicothoracic_spine",
        "spine_thoracic": "cervicothoracic_spine",
        "spine_lumbar": "lumbosacral_spine",
        "sacrum": "lumbosacral_spine",
        "sternum": "ribs_and_sternum",
        "ribs": "ribs_and_sternum",
        "clavicle": "ribs_and_sternum",
        "scapula": "ribs_and_sternum",
        "pelvis": "pelvis",
        "humerus": "arms",
        "forearm": "forearms_and_hands",
        "hand": "forearms_and_hands",
        "femur": "thighs",
        "leg": "legs_and_feet",
        "foot": "legs_and_feet",
        SOFT_TISSUE: SOFT_TISSUE,
    }
    return table_of_bones[bone]


def siopen_grade(marks: list[Mark]) -> int:
    """The grade of one segment: 1, 2, 3 foci; 4 above or diffuse < 0.50; 5 up to 0.95; 6 above; the higher wins."""
    foci = sum(1 for mark in marks if not mark.diffuse)
    by_foci = foci if foci <= 3 else 4
    extents = [mark.extent for mark in marks if mark.diffuse]
    if not extents:
        return by_foci
    largest = max(extents)  # never the sum
    if largest < 0.50:
        by_extent = 4
    elif largest <= 0.95:
        by_extent = 5
    else:
        by_extent = 6
    return max(by_foci, by_extent)


def curie_grade(marks: list[Mark]) -> int:
    """The grade of one Curie region: 1 one mark, 2 two or more, 3 when any diffuse extent is > 0.50."""
    if any(mark.diffuse and mark.extent > 0.50 for mark in marks):
        return 3
    return min(len(marks), 2)


def marks_in_mode(reading: Reading, mode: str) -> list[Mark]:
    """The marks that count in a mode: `planar_only` = seen_on contains a planar or spot code."""
    if mode == "all":
        return reading.marks
    return [mark for mark in reading.marks if mark.seen_on & {"planar_ant", "planar_post", "spot"}]


def siopen(study: Study, reading: Reading, mode: str = "all") -> dict[str, int | None]:
    """The twelve SIOPEN grades of a read."""
    if study.by_grades:
        return {segment: reading.grades.get(("siopen", segment), 0) for segment in SIOPEN_SEGMENTS}
    marks = marks_in_mode(reading, mode)
    grades: dict[str, int | None] = {}
    for segment in SIOPEN_SEGMENTS:
        # A lesion counts once in each segment that it touches.
        grades[segment] = siopen_grade(
            [m for m in marks if any(r != SOFT_TISSUE and siopen_segment(study, r) == segment for r in m.regions)]
        )
    return grades


def curie(study: Study, reading: Reading, mode: str = "all") -> dict[str, int | None]:
    """The ten Curie grades of a read."""
    if study.by_grades:
        return {region: reading.grades.get(("curie", region), 0) for region in CURIE_REGIONS}
    marks = marks_in_mode(reading, mode)
    return {
        region: curie_grade([m for m in marks if any(curie_region(r) == region for r in m.regions)])
        for region in CURIE_REGIONS
    }


def total(grades: Iterable[int | None]) -> int | None:
    """The sum of grades, None when one of them is `not_assessable`."""
    known = list(grades)
    return None if None in known else sum(grade or 0 for grade in known)


def score(study: Study, reading: Reading, system: str, mode: str = "all") -> int | None:
    """The total of a system: siopen (12 segments), curie (10 regions), curie_skeletal (9 regions)."""
    if system == "siopen":
        return total(siopen(study, reading, mode).values())
    grades = curie(study, reading, mode)
    return total(grades[region] for region in (CURIE_REGIONS if system == "curie" else CURIE_SKELETAL))


def siopen_at_least_one(study: Study, reading: Reading) -> bool:
    """Whether SIOPEN >= 1: also with a null total, when an assessed segment has (reading 11)."""
    return any(grade is not None and grade >= 1 for grade in siopen(study, reading).values())


def siopen_zero(study: Study, reading: Reading) -> bool:
    """Whether SIOPEN is 0: a null total never is (reading 11)."""
    return score(study, reading, "siopen") == 0


def avid(study: Study, reading: Reading) -> bool:
    """Whether a read has any mark, bone or soft tissue; with grades, any grade of any system >= 1."""
    if study.by_grades:
        return any(grade is not None and grade >= 1 for grade in reading.grades.values())
    return bool(reading.marks)


def soft_tissue_avid(study: Study, reading: Reading) -> bool:
    """Whether a read has a soft-tissue mark; with grades, a Curie soft-tissue grade >= 1."""
    if study.by_grades:
        grade = reading.grades.get(("curie", SOFT_TISSUE), 0)
        return grade is not None and grade >= 1
    return any(SOFT_TISSUE in mark.regions for mark in reading.marks)


# ---------------------------------------------------------------------------------------------------------------------
# The read used


def same_findings(study: Study, first: Reading, second: Reading) -> bool:
    """Whether two reads have the same SIOPEN grades, the same Curie grades and the same avid regions."""
    if siopen(study, first) != siopen(study, second):
        return False
    if study.has_curie and curie(study, first) != curie(study, second):
        return False
    if study.by_grades:
        return True
    return {r for m in first.marks for r in m.regions} == {r for m in second.marks for r in m.regions}


def read_used(study: Study, scan: Scan) -> Reading | None:
    """The read that stands for a scan, None when the scan is not evaluable or unresolved.

    The locked consensus read; in a single-reader study the one locked read; otherwise two locked evaluable reads that
    agree stand with the marks of reader 1. Everything else is unresolved and treated as not evaluable.
    """
    consensus = scan.reads.get("consensus")
    if consensus is not None and consensus.locked:
        return consensus if consensus.evaluable else None
    if study.design == "single" or len(study.readers) == 1:
        locked = [scan.reads[reader] for reader in study.readers if reader in scan.reads and scan.reads[reader].locked]
        if len(locked) != 1:
            return None
        return locked[0] if locked[0].evaluable else None
    pair = two_reads(study, scan)
    if pair is not None and same_findings(study, *pair):
        return pair[0]
    return None


def two_reads(study: Study, scan: Scan) -> tuple[Reading, Reading] | None:
    """The locked evaluable reads of the first two readers, None unless there are both."""
    if len(study.readers) < 2:
        return None
    first, second = (scan.reads.get(reader) for reader in study.readers[:2])
    if first is None or second is None:
        return None
    if not (first.locked and second.locked and first.evaluable and second.evaluable):
        return None
    return first, second


# ---------------------------------------------------------------------------------------------------------------------
# Times


def scan_order(scan: Scan) -> tuple[int, str]:
    """The place of a scan: by day, then id (ids compare as text)."""
    return scan.day, scan.scan


def evaluable_scans(patient: Patient) -> list[Scan]:
    """The evaluable scans of a patient in order."""
    return sorted((scan for scan in patient.scans if scan.used is not None), key=scan_order)


def first_of(patient: Patient, kinds: list[str]) -> Event | None:
    """The first event of some kinds; on one day, in the order of the kinds."""
    events = [event for event in patient.events if event.kind in kinds]
    return min(events, key=lambda event: (event.day, kinds.index(event.kind)), default=None)


def first_progression(patient: Patient) -> Event | None:
    """The first progression or relapse."""
    return first_of(patient, ["progression", "relapse"])


def efs_event(patient: Patient) -> Event | None:
    """EFS event = first of progression, relapse, second malignancy, death (on one day, in this order)."""
    return first_of(patient, EFS_ORDER)


def phase_rows(patient: Patient, phase: str) -> list[Treatment]:
    """The rows of a phase that count: those that start before the first progression or relapse."""
    progression = first_progression(patient)
    return [
        row for row in patient.treatments if row.phase == phase and (progression is None or row.start < progression.day)
    ]


def hdc_end(patient: Patient) -> int | None:
    """End of HDC: the latest of end_day (or start_day where blank) over the rows that count."""
    return max((row.start if row.end is None else row.end for row in phase_rows(patient, "hdc")), default=None)


def maintenance_end(patient: Patient) -> int | str | None:
    """End of maintenance: the latest end_day, `unknown` when a row lacks it, None without maintenance."""
    ends = [row.end for row in phase_rows(patient, "maintenance")]
    if not ends:
        return None
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(ends) else UNKNOWN_END


def nearest(scans: list[Scan], day: int) -> Scan | None:
    """The nearest scan: least distance, then earlier day, then lower scan id."""
    return min(scans, key=lambda scan: (abs(scan.day - day), scan.day, scan.scan), default=None)


def scan_used(study: Study, patient: Patient, timepoint: str) -> Scan | None:
    """The scan that stands for a time point."""
    scans = [scan for scan in evaluable_scans(patient) if scan.timepoint == timepoint]
    progression = first_progression(patient)
    if timepoint == "diagnosis":  # the earliest
        return scans[0] if scans else None
    if timepoint == "post_consolidation":  # the first after the end of the last HDC
        end = hdc_end(patient)
        after = [scan for scan in scans if end is not None and scan.day > end]
        return after[0] if after else None
    if timepoint == "end_of_treatment":  # nearest to the end of maintenance, not later than first progression
        usable = [scan for scan in scans if progression is None or scan.day <= progression.day]
        last = maintenance_end(patient)
        if last == UNKNOWN_END:
            return None
        if last is None:  # without maintenance: the earliest
            return usable[0] if usable else None
        return nearest(usable, int(last))
    if timepoint == "progression":  # nearest to the first progression or relapse, within the window on either side
        if progression is None:
            return None
        return nearest([s for s in scans if abs(s.day - progression.day) <= study.window], progression.day)
    raise ValueError(timepoint)


# ---------------------------------------------------------------------------------------------------------------------
# Sites


def mark_sites(study: Study, mark: Mark) -> set[Site]:
    """The sites of a mark: its label, or one per skeletal region; soft tissue makes no site."""
    bones = {region for region in mark.regions if region != SOFT_TISSUE}
    if study.site_level == "lesion" and mark.site and bones:
        return {("lesion", mark.site)}
    return {("region", region) for region in bones}


def avid_sites(study: Study, reading: Reading) -> set[Site]:
    """The sites that are avid on a read."""
    if study.by_grades:
        return {("segment", segment) for segment, grade in siopen(study, reading).items() if grade}
    return {site for mark in reading.marks for site in mark_sites(study, mark)}


def sites_of(study: Study, scan: Scan) -> set[Site]:
    """The avid sites of an evaluable scan."""
    assert scan.used is not None
    return avid_sites(study, scan.used)


def site_states(study: Study, patient: Patient, scan: Scan) -> dict[Site, str]:
    """The state of every site seen so far, at a scan, from all evaluable scans of earlier days.

    new = avid now, never before; persistent = avid now and on every evaluable scan since first seen; recurred = avid
    now, avid before, not avid on at least one in between; cleared = avid before, not now.
    """
    earlier = [other for other in evaluable_scans(patient) if other.day < scan.day]
    now = sites_of(study, scan)
    states: dict[Site, str] = {}
    for site in now.union(*(sites_of(study, other) for other in earlier)):
        days_seen = [other.day for other in earlier if site in sites_of(study, other)]
        if not days_seen:
            states[site] = "new"
        elif site not in now:
            states[site] = "cleared"
        else:
            between = [other for other in earlier if other.day > min(days_seen)]
            gap = any(site not in sites_of(study, other) for other in between)
            states[site] = "recurred" if gap else "persistent"
    return states


def site_points(study: Study, scan: Scan) -> dict[Site, Fraction]:
    """The score points of every avid site: each segment's SIOPEN grade shared equally among its avid sites."""
    assert scan.used is not None
    points: dict[Site, Fraction] = {site: Fraction(0) for site in sites_of(study, scan)}
    for segment, grade in siopen(study, scan.used).items():
        if not grade:
            continue
        if study.by_grades:
            sharing = {("segment", segment)}
        else:
            sharing = set()
            for mark in scan.used.marks:
                for region in mark.regions - {SOFT_TISSUE}:
                    if siopen_segment(study, region) == segment:
                        labelled = study.site_level == "lesion" and mark.site
                        sharing.add(("lesion", mark.site) if labelled else ("region", region))
        for site in sharing:
            points[site] += Fraction(grade, len(sharing))
    return points


# ---------------------------------------------------------------------------------------------------------------------
# Flow, outcome, groups


def in_source(study: Study, patient: Patient) -> bool:
    """Source = age >= minimum, stage and diagnosis year in range (both ends included); a blank is not in source."""
    if patient.age is None or patient.year is None or not patient.stage:
        return False
    return (
        patient.age >= study.minimum_age
        and patient.stage in study.stages
        and study.years[0] <= patient.year <= study.years[1]
    )


def avid_at_diagnosis(study: Study, patient: Patient) -> bool:
    """Any mark, bone or soft tissue, on the diagnosis scan."""
    scan = scan_used(study, patient, "diagnosis")
    return scan is not None and scan.used is not None and avid(study, scan.used)


def evaluable_after_hdc(study: Study, patient: Patient) -> bool:
    """Has a post_consolidation scan, and no EFS event on or before its day."""
    scan = scan_used(study, patient, "post_consolidation")
    event = efs_event(patient)
    return scan is not None and (event is None or event.day > scan.day)


def persistent_after_hdc(study: Study, patient: Patient) -> bool:
    """SIOPEN >= 1 on the post_consolidation scan."""
    scan = scan_used(study, patient, "post_consolidation")
    return scan is not None and scan.used is not None and siopen_at_least_one(study, scan.used)


def landmark_zero(study: Study, patient: Patient) -> bool:
    """SIOPEN 0 on the post_consolidation scan."""
    scan = scan_used(study, patient, "post_consolidation")
    return scan is not None and scan.used is not None and siopen_zero(study, scan.used)


def outcome_of(study: Study, patient: Patient) -> set[str]:
    """The outcome names of one included patient (the partition, persistent_end_of_treatment and event_free)."""
    names: set[str] = set()
    if efs_event(patient) is None:
        names.add("event_free")
    end = maintenance_end(patient)
    if end == UNKNOWN_END:  # its end is unknown, the patient's outcome is `other`
        return names | {"other"}
    progression = first_progression(patient)
    if progression is not None:
        labelled = [scan.day for scan in patient.scans if scan.timepoint == "end_of_treatment"]
        # Not later than the end of maintenance; without maintenance, earlier than the earliest labelled scan.
        during = progression.day <= int(end) if end is not None else bool(labelled) and progression.day < min(labelled)
        if during:
            return names | {"progression_during_maintenance"}
    scan = scan_used(study, patient, "end_of_treatment")
    if scan is None or scan.used is None:
        return names | {"other"}
    if siopen_zero(study, scan.used):
        return names | {"complete_response_end_of_treatment"}
    if not siopen_at_least_one(study, scan.used):
        return names | {"other"}
    names.add("persistent_end_of_treatment")
    if efs_event(patient) is None:
        return names | {"persistent_response"}
    if progression is not None:
        return names | {"progression_after_end_of_treatment"}
    return names | {"other"}  # only death or second malignancy


# ---------------------------------------------------------------------------------------------------------------------
# Failure pattern and the trial's view


def failure_pattern(study: Study, patient: Patient) -> str:
    """The pattern of one patient of the group progression, from the progression scan alone."""
    scan = scan_used(study, patient, "progression")
    if scan is None:
        return "unknown"
    states = site_states(study, patient, scan)
    kinds = {state for state in states.values() if state != "cleared"}
    if not kinds:
        return "non_skeletal"
    if len(kinds) > 1:
        return "mixed"
    return f"{kinds.pop()}_only"


def marks_of_site(study: Study, reading: Reading, site: Site) -> list[Mark]:
    """The marks that make a site."""
    return [mark for mark in reading.marks if site in mark_sites(study, mark)]


def grown(study: Study, site: Site, before: Reading, now: Reading) -> bool:
    """Whether a target has grown: more foci, larger extent, diffuse where there was none; or a larger grade."""
    if study.by_grades:
        return (siopen(study, now)[site[1]] or 0) > (siopen(study, before)[site[1]] or 0)
    marks_before, marks_now = marks_of_site(study, before, site), marks_of_site(study, now, site)
    foci_before = sum(1 for mark in marks_before if not mark.diffuse)
    foci_now = sum(1 for mark in marks_now if not mark.diffuse)
    extent_before = max((mark.extent for mark in marks_before if mark.diffuse), default=0.0)
    extent_now = max((mark.extent for mark in marks_now if mark.diffuse), default=0.0)
    return foci_now > foci_before or extent_now > extent_before


def landmark_classes(study: Study, patient: Patient) -> dict[str, set[Site]]:
    """The sites of each class at the landmark.

    target = avid there; prior_non_target = avid on an earlier evaluable scan, not there; never_seen = every other
    region (28), segment (12), or with lesion labels every region without a mark at the landmark or earlier.
    """
    landmark = scan_used(study, patient, "post_consolidation")
    assert landmark is not None
    assert landmark.used is not None
    earlier = [scan for scan in evaluable_scans(patient) if scan.day < landmark.day]
    targets = sites_of(study, landmark)
    before: set[Site] = set()
    for scan in earlier:
        before |= sites_of(study, scan)
    if study.by_grades:
        never = {("segment", segment) for segment in SIOPEN_SEGMENTS} - targets - before
    else:
        marked = {
            region
            for scan in [landmark, *earlier]
            if scan.used is not None
            for mark in scan.used.marks
            for region in mark.regions
        }
        never = {("region", region) for region in REGIONS if region not in marked}
    return {"target": targets, "prior_non_target": before - targets, "never_seen": never}


def failed_sites(study: Study, patient: Patient) -> dict[str, set[Site]]:
    """The sites of each class that failed at the progression scan, none without one."""
    classes = landmark_classes(study, patient)
    scan = scan_used(study, patient, "progression")
    landmark = scan_used(study, patient, "post_consolidation")
    if scan is None or first_progression(patient) is None:
        return {name: set() for name in classes}
    assert scan.used is not None
    assert landmark is not None
    assert landmark.used is not None
    now = sites_of(study, scan)
    if study.by_grades:
        places = now
    else:
        # With lesion labels a never-seen place is a region, so it fails when any mark lies in it.
        places = {("region", region) for mark in scan.used.marks for region in mark.regions - {SOFT_TISSUE}}
    return {
        "target": {s for s in classes["target"] & now if grown(study, s, landmark.used, scan.used)},
        "prior_non_target": classes["prior_non_target"] & now,
        "never_seen": classes["never_seen"] & places,
    }


def trial_class(study: Study, patient: Patient) -> str:
    """The class of one patient of the group progression in the trial's view."""
    event = first_progression(patient)
    assert event is not None
    scan = scan_used(study, patient, "progression")
    if scan is None:  # only `skeletal = no` makes elsewhere_only without a scan
        return "elsewhere_only" if event.skeletal == "no" else "unknown"
    landmark = scan_used(study, patient, "post_consolidation")
    assert scan.used is not None
    assert landmark is not None
    assert landmark.used is not None
    at_target = bool(failed_sites(study, patient)["target"])
    elsewhere = bool(sites_of(study, scan) - sites_of(study, landmark))
    if soft_tissue_avid(study, scan.used) and not soft_tissue_avid(study, landmark.used):
        elsewhere = True
    if event.skeletal == "no":
        elsewhere = True
    if any(row.verdict == "PD" and abs(row.day - event.day) <= study.window for row in patient.components):
        elsewhere = True
    if at_target and elsewhere:
        return "both"
    if at_target:
        return "target_only"
    return "elsewhere_only" if elsewhere else "unclear"


# ---------------------------------------------------------------------------------------------------------------------
# Response


def bone_verdict(study: Study, patient: Patient, scan: Scan) -> str:
    """The INRC bone verdict of a scan by SIOPEN, baseline = the diagnosis scan."""
    diagnosis = scan_used(study, patient, "diagnosis")
    if diagnosis is None or scan.day <= diagnosis.day:
        return "NE"
    assert scan.used is not None
    assert diagnosis.used is not None
    baseline = score(study, diagnosis.used, "siopen")
    now = score(study, scan.used, "siopen")
    if now is None or baseline is None:
        return "NE"
    if baseline == 0 and now == 0:
        return "NI"
    # New = avid now and absent on the previous evaluable scan (latest of an earlier day, ties: highest id).
    previous = [other for other in evaluable_scans(patient) if other.day < scan.day][-1]
    if sites_of(study, scan) - sites_of(study, previous):
        return "PD"
    if baseline == 0:
        return "NE"
    relative = Fraction(now, baseline)
    if relative >= Fraction(12, 10):
        return "PD"
    if now == 0:
        return "CR"
    return "PR" if relative <= Fraction(1, 2) else "SD"


def metastases_verdict(verdicts: list[str]) -> str:
    """Metastases combined: worst wins, PD first; CR only if all are CR or NI; any NE without PD: NE."""
    for verdict in ("PD", "NE", "SD", "PR", "CR"):
        if verdict in verdicts:
            return verdict
    return "NI"


def overall_verdict(primary: str, metastases: str, marrow: str) -> str:
    """The overall response of three components, first match, with the eight open combinations at their defaults."""
    three = [primary, metastases, marrow]
    if "PD" in three:
        return "PD"
    if "NE" in three:
        return "NE"
    if "CR" in three and set(three) <= {"CR", "NI"}:
        return "CR"
    if "PR" in three and set(three) <= {"CR", "MD", "PR", "NI"}:
        return "PR"
    if {"CR", "PR"} & set(three) and "SD" in three:
        return "MR"
    if "SD" in three and set(three) <= {"SD", "NI"}:
        return "SD"
    # What the criteria leave open.
    if "CR" in three:
        return "PR"
    return "SD" if "SD" in three else "NE"


def overall_at(study: Study, patient: Patient, scan: Scan, timepoint: str) -> str:
    """The overall response at a time point; a component without a row there is NE, the latest day counts."""
    verdicts: dict[str, str] = {}
    for row in sorted(patient.components, key=lambda component: component.day):
        if row.timepoint == timepoint:
            verdicts[row.component] = row.verdict
    spread = [bone_verdict(study, patient, scan), verdicts.get("soft_tissue", "NE")]
    if "cns" in verdicts:  # joins the metastases where it is recorded
        spread.append(verdicts["cns"])
    return overall_verdict(verdicts.get("primary", "NE"), metastases_verdict(spread), verdicts.get("marrow", "NE"))


# ---------------------------------------------------------------------------------------------------------------------
# Statistics


@cache
def exact_interval(count: int, of: int) -> tuple[float | None, float | None]:
    """The exact (Clopper-Pearson) 95 % limits of count / of, by bisection on the binomial tail; null for 0 / 0."""
    if of == 0:
        return None, None

    def upper_tail(p: float, least: int) -> float:
        return math.fsum(math.comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(least, of + 1))

    def lower_tail(p: float, most: int) -> float:
        return math.fsum(math.comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(most + 1))

    low = 0.0 if count == 0 else bisect(lambda p: upper_tail(p, count) < 0.025)
    high = 1.0 if count == of else bisect(lambda p: lower_tail(p, count) > 0.025)
    return low, high


def bisect(below: Callable[[float], bool]) -> float:
    """The p in 0-1 up to which `below` holds."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if below(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def kaplan_meier(times: list[Timed], t: float) -> tuple[Fraction, Fraction]:
    """Survival just after t (carried on) and the Greenwood sum; an event comes before censoring on one day."""
    survival, greenwood = Fraction(1), Fraction(0)
    for day in sorted({time for time, event in times if event is not None and time <= t}):
        at_risk = sum(1 for time, _ in times if time >= day)
        events = sum(1 for time, event in times if time == day and event is not None)
        survival *= 1 - Fraction(events, at_risk)
        if events < at_risk:
            greenwood += Fraction(events, at_risk * (at_risk - events))
    return survival, greenwood


def log_log_limits(survival: Fraction, greenwood: Fraction) -> tuple[float | None, float | None]:
    """The 95 % log-log limits, null where survival is exactly 1 or 0."""
    if survival in (0, 1):
        return None, None
    s = float(survival)
    half = statistics.NormalDist().inv_cdf(0.975) * math.sqrt(float(greenwood)) / abs(math.log(s))
    return s ** math.exp(half), s ** math.exp(-half)


def cumulative_incidence(times: list[Timed], causes: set[str], t: float) -> Fraction:
    """The Aalen-Johansen cumulative incidence of some causes just after t."""
    incidence = Fraction(0)
    survival = Fraction(1)  # just before the day
    for day in sorted({time for time, event in times if event is not None and time <= t}):
        at_risk = sum(1 for time, _ in times if time >= day)
        events = [event for time, event in times if time == day and event is not None]
        incidence += survival * Fraction(sum(1 for event in events if event in causes), at_risk)
        survival *= 1 - Fraction(len(events), at_risk)
    return incidence


def log_rank(first: list[Timed], second: list[Timed]) -> tuple[float | None, float | None]:
    """The log-rank chi-squared (one degree of freedom) and its p, null where the variance is 0."""
    both = first + second
    difference, variance = Fraction(0), Fraction(0)
    for day in sorted({time for time, event in both if event is not None}):
        n = sum(1 for time, _ in both if time >= day)
        n1 = sum(1 for time, _ in first if time >= day)
        d = sum(1 for time, event in both if time == day and event is not None)
        d1 = sum(1 for time, event in first if time == day and event is not None)
        difference += d1 - Fraction(d * n1, n)
        if n > 1:
            variance += Fraction(d * n1 * (n - n1) * (n - d), n * n * (n - 1))
    if variance == 0:
        return None, None
    chi2 = float(difference * difference / variance)
    return chi2, math.erfc(math.sqrt(chi2 / 2))


def icc_2_1(pairs: list[tuple[int, int]]) -> float | None:
    """ICC(2,1), absolute agreement, two readers; null when n < 2 or nothing varies."""
    n, k = len(pairs), 2
    if n < 2:
        return None
    grand = Fraction(sum(a + b for a, b in pairs), n * k)
    columns = [Fraction(sum(pair[j] for pair in pairs), n) for j in range(k)]
    rows = [Fraction(sum(pair), k) for pair in pairs]
    ss_rows = k * sum((row - grand) ** 2 for row in rows)
    ss_columns = n * sum((column - grand) ** 2 for column in columns)
    ss_total = sum((value - grand) ** 2 for pair in pairs for value in pair)
    ms_rows = ss_rows / Fraction(n - 1)
    ms_columns = ss_columns / Fraction(k - 1)
    ms_error = (ss_total - ss_rows - ss_columns) / Fraction((n - 1) * (k - 1))
    denominator = ms_rows + (k - 1) * ms_error + k * (ms_columns - ms_error) / n
    return None if denominator == 0 else float((ms_rows - ms_error) / denominator)


def weighted_kappa(pairs: list[tuple[int, int]], highest: int) -> float | None:
    """Quadratic weighted kappa over the grades 0 to highest, null when the expected disagreement is 0."""
    n = len(pairs)
    if n == 0:
        return None
    observed = Fraction(0)
    expected = Fraction(0)
    for i, j in itertools.product(range(highest + 1), repeat=2):
        weight = Fraction((i - j) ** 2, highest**2)
        observed += weight * Fraction(sum(1 for pair in pairs if pair == (i, j)), n)
        expected += weight * Fraction(sum(1 for a, _ in pairs if a == i) * sum(1 for _, b in pairs if b == j), n * n)
    return None if expected == 0 else float(1 - observed / expected)


# ---------------------------------------------------------------------------------------------------------------------
# Rows


def names_of(patients: Iterable[Patient]) -> list[str]:
    """The identifiers of some patients, sorted."""
    return sorted(patient.patient for patient in patients)


def share_row(members: list[Patient], of: int) -> Row:
    """A count row that is a share of patients."""
    low, high = exact_interval(len(members), of)
    return {"value": len(members), "of": of, "low": low, "high": high, "patients": names_of(members)}


def median_row(values: dict[str, float]) -> Row:
    """A median row: n, median, min, max, and the patients behind it."""
    found = list(values.values())
    median = statistics.median(found) if found else None
    return {
        "value": median,
        "n": len(found),
        "median": median,
        "min": min(found, default=None),
        "max": max(found, default=None),
        "patients": sorted(values),
    }


def survival_row(population: list[Patient], times: list[Timed], years: int) -> Row:
    """A Kaplan-Meier row at t = years x 365.25 days; null with nobody in the population."""
    if not population:
        return {"value": None, "low": None, "high": None}
    t = years * 365.25
    survival, greenwood = kaplan_meier(times, t)
    low, high = log_log_limits(survival, greenwood)
    return {
        "value": float(survival),
        "low": low,
        "high": high,
        "at_risk": sum(1 for time, _ in times if time >= t),
        "n": len(population),
        "patients": names_of(population),
    }


def efs_time(patient: Patient, origin: int) -> Timed:
    """Days from an origin to the EFS event, else to last contact."""
    event = efs_event(patient)
    return (patient.last_contact - origin, None) if event is None else (event.day - origin, event.kind)


def os_time(patient: Patient, origin: int) -> Timed:
    """Days from an origin to death, else to last contact."""
    event = first_of(patient, ["death"])
    return (patient.last_contact - origin, None) if event is None else (event.day - origin, event.kind)


def flow_rows(steps: dict[str, list[Patient]]) -> dict[Key, Row]:
    """Patients left after each eligibility step; the last with of = source and exact interval."""
    rows: dict[Key, Row] = {}
    for name, members in steps.items():
        rows[f"flow.{name}", None, None] = {"value": len(members), "patients": names_of(members)}
    last = share_row(steps["persistent_after_hdc"], len(steps["source"]))
    rows["flow.persistent_after_hdc", None, None] = last
    return rows


def outcome_rows(outcomes: dict[str, set[str]], included: list[Patient]) -> dict[Key, Row]:
    """The seven outcome counts."""

    def having(name: str) -> list[Patient]:
        return [patient for patient in included if name in outcomes[patient.patient]]

    rows: dict[Key, Row] = {}
    for name in (
        "complete_response_end_of_treatment",
        "progression_during_maintenance",
        "persistent_end_of_treatment",
        "event_free",
    ):
        rows[f"outcome.{name}", None, None] = share_row(having(name), len(included))
    for name in ("persistent_response", "progression_after_end_of_treatment"):
        rows[f"outcome.{name}", None, None] = share_row(having(name), len(having("persistent_end_of_treatment")))
    other = having("other")
    rows["outcome.other", None, None] = {"value": len(other), "patients": names_of(other)}
    return rows


def score_rows(study: Study, groups: dict[str, list[Patient]]) -> dict[Key, Row]:
    """n, median, min, max of the totals by time point, group and mode."""
    rows: dict[Key, Row] = {}
    systems = ["siopen", "curie", "curie_skeletal"]
    names = ["persistent_response", "persistent_response_with_complete", "progression"]
    for system, timepoint, group in itertools.product(systems, SCORED_TIMEPOINTS, names):
        for mode in ("all", "planar_only"):
            key = (f"{system}.{timepoint}", group, mode)
            if system != "siopen" and not study.has_curie:
                rows[key] = {"value": None}
                continue
            if mode == "planar_only" and (study.by_grades or not study.has_seen_on):
                rows[key] = {"value": None}
                continue
            values: dict[str, float] = {}
            for patient in groups[group]:
                scan = scan_used(study, patient, timepoint)
                if scan is None or scan.used is None:
                    continue
                value = score(study, scan.used, system, mode)
                if value is not None:
                    values[patient.patient] = value
            rows[key] = median_row(values)
    return rows


def follow_up_rows(study: Study, groups: dict[str, list[Patient]]) -> dict[Key, Row]:
    """Last contact minus origin in years of 365.25 days, for the three event-free groups."""
    rows: dict[Key, Row] = {}
    for group in ("persistent_response", "complete_response", "persistent_response_with_complete"):
        for origin in ("diagnosis", "hdc", "end_of_treatment"):
            values: dict[str, float] = {}
            for patient in groups[group]:
                day: int | None = 0
                if origin == "hdc":
                    day = hdc_end(patient)
                elif origin == "end_of_treatment":
                    scan = scan_used(study, patient, "end_of_treatment")
                    day = None if scan is None else scan.day
                if day is not None:
                    values[patient.patient] = (patient.last_contact - day) / 365.25
            rows[f"follow_up.{group}.{origin}", None, None] = median_row(values)
    return rows


def landmark_day(study: Study, patient: Patient) -> int:
    """The day of the post_consolidation scan."""
    scan = scan_used(study, patient, "post_consolidation")
    assert scan is not None
    return scan.day


def is_oligo(study: Study, patient: Patient) -> bool:
    """Whether the landmark scan has no more sites than `oligo_max_sites`."""
    scan = scan_used(study, patient, "post_consolidation")
    assert scan is not None
    return len(sites_of(study, scan)) <= study.oligo_max_sites


def survival_rows(study: Study, steps: dict[str, list[Patient]]) -> dict[Key, Row]:
    """EFS and OS of the included from the landmark, of the source from diagnosis, and the landmark comparisons."""
    rows: dict[Key, Row] = {}
    included, source = steps["persistent_after_hdc"], steps["source"]
    oligo = [patient for patient in included if is_oligo(study, patient)]
    more = [patient for patient in included if not is_oligo(study, patient)]
    absent = [patient for patient in steps["evaluable_after_hdc"] if landmark_zero(study, patient)]

    def efs(patients: list[Patient]) -> list[Timed]:
        return [efs_time(patient, landmark_day(study, patient)) for patient in patients]

    for years in study.milestones:
        overall = [os_time(patient, landmark_day(study, patient)) for patient in included]
        rows[f"efs.landmark.included.{years}y", None, None] = survival_row(included, efs(included), years)
        rows[f"os.landmark.included.{years}y", None, None] = survival_row(included, overall, years)
        rows[f"efs.diagnosis.source.{years}y", None, None] = survival_row(
            source, [efs_time(patient, 0) for patient in source], years
        )
        rows[f"os.diagnosis.source.{years}y", None, None] = survival_row(
            source, [os_time(patient, 0) for patient in source], years
        )
        for name, members in (("oligo", oligo), ("more", more), ("not_persistent", absent)):
            rows[f"efs.landmark.{name}.{years}y", None, None] = survival_row(members, efs(members), years)

    chi2, p = log_rank(efs(oligo), efs(more))
    rows["logrank.efs.oligo_v_more", None, None] = (
        {"value": None} if chi2 is None else {"value": chi2, "p": p, "n": len(included)}
    )
    return rows


def competing_rows(study: Study, included: list[Patient], patterns: dict[str, str]) -> dict[Key, Row]:
    """Cumulative incidence of the competing first failures of the included, from the landmark."""
    times: list[Timed] = []
    for patient in included:
        time, kind = efs_time(patient, landmark_day(study, patient))
        times.append((time, patterns[patient.patient] if kind in ("progression", "relapse") else kind))
    rows: dict[Key, Row] = {}
    for cause, years in itertools.product([*PATTERNS, "death", "second_malignancy"], study.milestones):
        key = (f"cif.landmark.{cause}.{years}y", None, None)
        if not included:
            rows[key] = {"value": None}
            continue
        t = years * 365.25
        rows[key] = {
            "value": float(cumulative_incidence(times, {cause}, t)),
            "at_risk": sum(1 for time, _ in times if time >= t),
            "n": len(included),
        }
    return rows


def site_rows(study: Study, included: list[Patient], progression: list[Patient]) -> dict[Key, Row]:
    """Fates over the included; sites, points and prior sites at progression over the group progression."""
    rows: dict[Key, Row] = {}
    for timepoint in LATER_TIMEPOINTS:
        fates: Counter[str] = Counter()
        for patient in included:
            scan = scan_used(study, patient, timepoint)
            if scan is not None:
                fates.update(site_states(study, patient, scan).values())
        for state in STATES:
            rows[f"fate.{timepoint}.{state}", None, None] = {"value": fates[state]}

    sites: Counter[str] = Counter()
    points = {state: Fraction(0) for state in STATES}
    with_scan: list[Patient] = []
    with_prior: list[Patient] = []
    for patient in progression:
        scan = scan_used(study, patient, "progression")
        if scan is None:
            continue
        with_scan.append(patient)
        states = site_states(study, patient, scan)
        now = {site: state for site, state in states.items() if state != "cleared"}
        sites.update(now.values())
        for site, share in site_points(study, scan).items():
            points[states[site]] += share
        if set(now.values()) & {"persistent", "recurred"}:
            with_prior.append(patient)
    for state in ("persistent", "recurred", "new"):
        rows[f"pattern.site.{state}", None, None] = {"value": sites[state], "of": sum(sites.values())}
        rows[f"pattern.points.{state}", None, None] = {
            "value": float(points[state]),
            "of": float(sum(points.values())),
        }
    rows["pattern.prior_site", None, None] = share_row(with_prior, len(with_scan))
    return rows


def trial_rows(study: Study, included: list[Patient], progression: list[Patient]) -> dict[Key, Row]:
    """The trial's view: patients by class, sites by class, the share f of first events."""
    rows: dict[Key, Row] = {}
    classes = {patient.patient: trial_class(study, patient) for patient in progression}
    for name in TRIAL_CLASSES:
        members = [patient for patient in progression if classes[patient.patient] == name]
        rows[f"trial_view.patient.{name}", None, None] = share_row(members, len(progression))
    for name in SITE_CLASSES:
        at_risk = sum(len(landmark_classes(study, patient)[name]) for patient in included)
        failed = sum(len(failed_sites(study, patient)[name]) for patient in included)
        rows[f"trial_view.site.{name}.failed", None, None] = {"value": failed, "of": at_risk}

    times: list[Timed] = []
    for patient in included:
        if is_oligo(study, patient):
            time, kind = efs_time(patient, landmark_day(study, patient))
            times.append((time, classes[patient.patient] if kind in ("progression", "relapse") else kind))
    bounds = {
        "exclusive": {"target_only"},
        "inclusive": {"target_only", "both"},
        "unknown_as_target": {"target_only", "both", "unknown", "unclear"},
    }
    everything = set(TRIAL_CLASSES) | set(EFS_ORDER)
    for (bound, causes), years in itertools.product(bounds.items(), study.milestones):
        t = years * 365.25
        any_event = cumulative_incidence(times, everything, t)
        share = None if any_event == 0 else float(cumulative_incidence(times, causes, t) / any_event)
        rows[f"trial_view.share.{bound}.{years}y", None, None] = {"value": share}
    return rows


def agreement_rows(study: Study) -> dict[Key, Row]:
    """Agreement of the first two readers over all scans with two locked evaluable reads."""
    pairs = []
    for patient in study.patients:
        for scan in patient.scans:
            pair = two_reads(study, scan)
            if pair is not None:
                pairs.append(pair)
    rows: dict[Key, Row] = {}
    for system, segments, highest in (("siopen", SIOPEN_SEGMENTS, 6), ("curie", CURIE_REGIONS, 3)):
        if system == "curie" and not study.has_curie:
            for name in ["total.icc", "total.bias", *(f"{segment}.weighted_kappa" for segment in segments)]:
                rows[f"agreement.{system}.{name}", None, None] = {"value": None}
            continue
        grade = siopen if system == "siopen" else curie
        graded = [(grade(study, first), grade(study, second)) for first, second in pairs]
        totals = [
            (one, two)
            for one, two in ((total(first.values()), total(second.values())) for first, second in graded)
            if one is not None and two is not None
        ]
        bias = float(Fraction(sum(one - two for one, two in totals), len(totals))) if totals else None
        rows[f"agreement.{system}.total.icc", None, None] = {"value": icc_2_1(totals), "n": len(totals)}
        rows[f"agreement.{system}.total.bias", None, None] = {"value": bias, "n": len(totals)}
        for segment in segments:
            grades = [
                (one, two)
                for one, two in ((first[segment], second[segment]) for first, second in graded)
                if one is not None and two is not None
            ]
            rows[f"agreement.{system}.{segment}.weighted_kappa", None, None] = {
                "value": weighted_kappa(grades, highest),
                "n": len(grades),
            }
    # Without any double read there is no agreement; whether n is 0 or null then is not laid down.
    for row in rows.values():
        if row.get("n") == 0:
            del row["n"]
    return rows


def response_rows(study: Study, included: list[Patient]) -> dict[Key, Row]:
    """Patients by INRC verdict: bone, and overall where components.csv has a row at all."""
    rows: dict[Key, Row] = {}
    for timepoint in LATER_TIMEPOINTS:
        bone: dict[str, list[Patient]] = {verdict: [] for verdict in BONE_VERDICTS}
        overall: dict[str, list[Patient]] = {verdict: [] for verdict in OVERALL_VERDICTS}
        with_scan = 0
        for patient in included:
            scan = scan_used(study, patient, timepoint)
            if scan is None:
                continue
            with_scan += 1
            bone[bone_verdict(study, patient, scan)].append(patient)
            overall[overall_at(study, patient, scan, timepoint)].append(patient)
        for verdict, members in bone.items():
            rows[f"response.bone.{timepoint}.{verdict}", None, None] = share_row(members, with_scan)
        for verdict, members in overall.items():
            rows[f"response.overall.{timepoint}.{verdict}", None, None] = (
                share_row(members, with_scan) if study.has_components else {"value": None}
            )
    return rows


def twin_rows(folder: Path) -> dict[Key, Row]:
    """The expected fields of every row of the twin's families, by (name, group, mode).

    A field that is absent from a row is one that the definitions leave open.
    """
    study = load(folder)
    source = [patient for patient in study.patients if in_source(study, patient)]
    avid_first = [patient for patient in source if avid_at_diagnosis(study, patient)]
    evaluable = [patient for patient in avid_first if evaluable_after_hdc(study, patient)]
    included = [patient for patient in evaluable if persistent_after_hdc(study, patient)]
    steps = {
        "source": source,
        "avid_at_diagnosis": avid_first,
        "evaluable_after_hdc": evaluable,
        "persistent_after_hdc": included,
    }
    outcomes = {patient.patient: outcome_of(study, patient) for patient in included}
    progression = [patient for patient in included if first_progression(patient) is not None]
    responders = [patient for patient in included if "persistent_response" in outcomes[patient.patient]]
    complete = [
        patient
        for patient in included
        if "complete_response_end_of_treatment" in outcomes[patient.patient] and efs_event(patient) is None
    ]
    groups = {
        "persistent_response": responders,
        "complete_response": complete,
        "persistent_response_with_complete": responders + complete,
        "progression": progression,
    }
    patterns = {patient.patient: failure_pattern(study, patient) for patient in progression}

    rows = flow_rows(steps)
    rows.update(outcome_rows(outcomes, included))
    rows.update(score_rows(study, groups))
    rows.update(follow_up_rows(study, groups))
    rows.update(survival_rows(study, steps))
    rows.update(competing_rows(study, included, patterns))
    rows.update(site_rows(study, included, progression))
    for pattern in PATTERNS:
        members = [patient for patient in progression if patterns[patient.patient] == pattern]
        rows[f"pattern.patient.{pattern}", None, None] = share_row(members, len(progression))
    rows.update(agreement_rows(study))
    rows.update(response_rows(study, included))
    rows.update(trial_rows(study, included, progression))
    return rows
