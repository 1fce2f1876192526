"""Every segment is an exact union of regions, under every setting."""

from collections import Counter

import pytest

from residuum.records.settings import Definitions
from residuum.records.vocabulary import CURIE_SEGMENTS, MARK_REGIONS, REGIONS, SIOPEN_SEGMENTS
from residuum.scores.grid import derive_grid

SETTINGS = [
    Definitions(sacrum_to=sacrum, girdle_to=girdle)
    for sacrum in ("spine", "pelvis")
    for girdle in ("thoracic_cage", "proximal_upper_limb")
]
BOTH_SIDES = ("right", "left")
AMSTERDAM_SEGMENTS = {
    "skull_dome",
    "skull_base",
    "face",
    "vertebral_column",
    "thoracic_cage",
    "pelvis",
    *(
        f"{limb}_limb_{s}"
        for limb in ("proximal_upper", "distal_upper", "proximal_lower", "distal_lower")
        for s in BOTH_SIDES
    ),
}
SIOPEN_BY_HAND = {
    "skull": {"skull_vault", "skull_base", "face_orbit"},
    "spine": {"spine_cervical", "spine_thoracic", "spine_lumbar", "sacrum"},
    "thoracic_cage": {"sternum", *(f"{bone}_{s}" for bone in ("ribs", "clavicle", "scapula") for s in BOTH_SIDES)},
    "pelvis": {"pelvis_right", "pelvis_left"},
    **{f"proximal_upper_limb_{s}": {f"humerus_{s}"} for s in BOTH_SIDES},
    **{f"distal_upper_limb_{s}": {f"forearm_{s}", f"hand_{s}"} for s in BOTH_SIDES},
    **{f"proximal_lower_limb_{s}": {f"femur_{s}"} for s in BOTH_SIDES},
    **{f"distal_lower_limb_{s}": {f"leg_{s}", f"foot_{s}"} for s in BOTH_SIDES},
}
CURIE_BY_HAND = {
    "head": SIOPEN_BY_HAND["skull"],
    "cervicothoracic_spine": {"spine_cervical", "spine_thoracic"},
    "lumbosacral_spine": {"spine_lumbar", "sacrum"},
    "ribs_and_sternum": SIOPEN_BY_HAND["thoracic_cage"],
    "pelvis": {"pelvis_right", "pelvis_left"},
    "arms": {"humerus_right", "humerus_left"},
    "forearms_and_hands": {f"{bone}_{s}" for bone in ("forearm", "hand") for s in BOTH_SIDES},
    "thighs": {"femur_right", "femur_left"},
    "legs_and_feet": {f"{bone}_{s}" for bone in ("leg", "foot") for s in BOTH_SIDES},
    "soft_tissue": {"soft_tissue"},
}


def segments(definitions: Definitions, system: str) -> dict[str, set[str]]:
    rows = derive_grid(definitions).filter(system=system)
    return {segment: set(part["region"]) for (segment,), part in rows.group_by("segment")}


@pytest.mark.unit
def test_there_are_28_regions() -> None:
    assert len(REGIONS) == len(set(REGIONS)) == 28


@pytest.mark.unit
@pytest.mark.parametrize("definitions", SETTINGS, ids=repr)
@pytest.mark.parametrize(
    ("system", "names", "regions"),
    [
        ("siopen", set(SIOPEN_SEGMENTS), REGIONS),
        ("curie", set(CURIE_SEGMENTS), MARK_REGIONS),
        ("amsterdam", AMSTERDAM_SEGMENTS, REGIONS),
    ],
)
def test_every_region_lies_in_exactly_one_segment(
    definitions: Definitions, system: str, names: set[str], regions: tuple[str, ...]
) -> None:
    grid = derive_grid(definitions).filter(system=system)
    assert Counter(grid["region"]) == dict.fromkeys(regions, 1)
    assert set(grid["segment"]) == names
    assert len(names) == {"siopen": 12, "curie": 10, "amsterdam": 14}[system]


@pytest.mark.unit
def test_the_segments_are_those_of_the_scoring_page() -> None:
    assert segments(Definitions(), "siopen") == SIOPEN_BY_HAND
    assert segments(Definitions(), "curie") == CURIE_BY_HAND


@pytest.mark.unit
@pytest.mark.parametrize(
    ("setting", "moved"),
    [
        ({"sacrum_to": "pelvis"}, {"sacrum": "pelvis"}),
        (
            {"girdle_to": "proximal_upper_limb"},
            {f"{bone}_{s}": f"proximal_upper_limb_{s}" for bone in ("clavicle", "scapula") for s in BOTH_SIDES},
        ),
    ],
)
def test_a_setting_moves_its_regions_only(setting: dict[str, str], moved: dict[str, str]) -> None:
    before, after = (
        {(system, region): segment for system, region, segment in derive_grid(definitions).iter_rows()}
        for definitions in (Definitions(), Definitions.model_validate(setting))
    )
    changed = {key: after[key] for key in before if before[key] != after[key]}
    assert changed == {(system, region): to for system in ("siopen", "amsterdam") for region, to in moved.items()}
