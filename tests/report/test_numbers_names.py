"""Every public name is there for every study: with a value, or null and why."""
# ruff: noqa: E501 (tables: one case, one line)

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from residuum.report.numbers import Numbers
from small_studies import Child, Scan, by, child, draft, numbers

STEPS = ("source", "avid_at_diagnosis", "evaluable_after_hdc", "persistent_after_hdc")
TIMEPOINTS = ("diagnosis", "post_consolidation", "end_of_treatment", "progression")
LATER = TIMEPOINTS[1:]
GROUPS = ("persistent_response", "persistent_response_with_complete", "progression")
EVENT_FREE = ("persistent_response", "complete_response", "persistent_response_with_complete")
OUTCOMES = (
    "complete_response_end_of_treatment",
    "progression_during_maintenance",
    "persistent_end_of_treatment",
    "event_free",
    "persistent_response",
    "progression_after_end_of_treatment",
    "other",
)
PATTERNS = ("persistent_only", "recurred_only", "new_only", "mixed", "non_skeletal", "unknown")
AVID = ("persistent", "recurred", "new")
LIMBS = ("proximal_upper_limb", "distal_upper_limb", "proximal_lower_limb", "distal_lower_limb")
SEGMENTS = {
    "siopen": ("skull", "thoracic_cage", "spine", "pelvis", *(f"{limb}_{s}" for limb in LIMBS for s in ("right", "left"))),
    "curie": (
        *("head", "cervicothoracic_spine", "ribs_and_sternum", "lumbosacral_spine", "pelvis"),
        *("arms", "forearms_and_hands", "thighs", "legs_and_feet", "soft_tissue"),
    ),
}  # fmt: skip
YEARS = (1, 2, 3, 5)
BONE = ("CR", "PR", "SD", "PD", "NI", "NE")
OVERALL = ("CR", "PR", "MR", "SD", "PD", "NE")


def public_names() -> Iterator[str]:
    """Yield the names of the contract that have neither group nor mode."""
    yield from (f"flow.{step}" for step in STEPS)
    yield from (f"outcome.{outcome}" for outcome in OUTCOMES)
    for group in EVENT_FREE:
        for origin in ("diagnosis", "hdc", "end_of_treatment"):
            yield f"follow_up.{group}.{origin}"
            yield f"follow_up.{group}.{origin}.reverse_km"
    for year in YEARS:
        for curve in ("landmark.included", "diagnosis.source"):
            yield from (f"{endpoint}.{curve}.{year}y" for endpoint in ("efs", "os"))
        yield from (f"efs.landmark.{name}.{year}y" for name in ("oligo", "more", "not_persistent"))
        yield from (f"cif.landmark.{cause}.{year}y" for cause in (*PATTERNS, "death"))
        yield from (f"trial_view.share.{bound}.{year}y" for bound in ("exclusive", "inclusive", "unknown_as_target"))
    yield "logrank.efs.oligo_v_more"
    yield from (f"fate.{timepoint}.{state}" for timepoint in LATER for state in (*AVID, "cleared"))
    yield from (f"pattern.patient.{pattern}" for pattern in PATTERNS)
    yield from (f"pattern.{unit}.{state}" for unit in ("site", "points") for state in AVID)
    yield "pattern.prior_site"
    for system, segments in SEGMENTS.items():
        yield from (f"agreement.{system}.total.{name}" for name in ("icc", "bias"))
        yield from (f"agreement.{system}.{segment}.weighted_kappa" for segment in segments)
    for timepoint in LATER:
        yield from (f"response.bone.{timepoint}.{verdict}" for verdict in BONE)
        yield from (f"response.overall.{timepoint}.{verdict}" for verdict in OVERALL)
    yield from (
        f"trial_view.patient.{name}" for name in ("target_only", "elsewhere_only", "both", "unclear", "unknown")
    )
    yield from (f"trial_view.site.{name}.failed" for name in ("target", "prior_non_target", "never_seen"))


SCORE_KEYS = {
    (f"{score}.{timepoint}", group, mode)
    for score in ("siopen", "curie", "curie_skeletal")
    for timepoint in TIMEPOINTS
    for group in GROUPS
    for mode in ("all", "planar_only")
}
FEMUR = ["femur_left"]


def followed(patient: str, said: Any, **columns: Any) -> Child:
    days = {"diagnosis": 0, "post_consolidation": 200, "end_of_treatment": 410}
    return child(patient, *(Scan(point, day, said) for point, day in days.items()), **columns)


PAIR: dict[str, Any] = {"readers": ("anne", "bela")}
ROWS = [{"day": 200, "component": "marrow", "timepoint": "post_consolidation", "verdict": "CR"}]
STUDIES: dict[str, tuple[list[Child], dict[str, Any]]] = {
    "of nobody": ([], {}),
    "of nobody, two readers": ([], PAIR),
    "nobody included": ([followed("P", [])], PAIR),
    "nobody in the source": ([followed("P", FEMUR, stage="L1")], PAIR),
    "single reader": ([followed("P", FEMUR), followed("Q", FEMUR, events=[(900, "relapse")])], {}),
    "two readers": ([followed("P", FEMUR), followed("Q", ["sternum x2"], components=ROWS)], PAIR),
    "two readers who differ": ([followed("P", by(anne=FEMUR, bela=["sternum"]))], PAIR),
    "consensus only": ([followed("P", by(consensus=FEMUR))], PAIR | {"design": "consensus"}),
    "nothing locked": ([followed("P", by(anne=draft(FEMUR)))], PAIR),
    "grades": ([followed("P", {"spine": 1, "curie:head": 1}), followed("Q", {})], PAIR | {"entry": "grades"}),
    "grades without curie": ([followed("P", {"spine": "not_assessable", "skull": 1})], PAIR | {"entry": "grades"}),
    "grades, single": ([followed("P", {"spine": 1})], {"entry": "grades"}),
    "no view stated": ([followed("P", ["femur_left @"])], PAIR),
    "lesions": ([followed("P", ["femur_left #A"], events=[(900, "relapse")])], {"site_level": "lesion"}),
    "children without scans": (
        [child("P", hdc=None, maintenance=None), child("Q", maintenance=None, events=[(300, "death")])],
        PAIR,
    ),
    "no origins": ([followed("P", FEMUR)], {"analysis": {"origins": []}}),
}


@cache
def numbers_by(name: str) -> Numbers:
    children, settings = STUDIES[name]
    return numbers(*children, **settings)


@pytest.fixture(params=STUDIES, ids=str)
def found(request: pytest.FixtureRequest) -> Numbers:
    return numbers_by(request.param)


@pytest.mark.unit
def test_every_public_name_is_there_with_a_value_or_a_reason(found: Numbers) -> None:
    keys = {row.key for row in found}
    assert {(name, None, None) for name in public_names()} <= keys
    assert {key for key in keys if key[1] or key[2]} == SCORE_KEYS
    silent = [row.name for row in found if row.value is None and not row.reason]
    # agreement rows beside the contract say by n = 0 that nothing was compared
    assert [name for name in silent if name in set(public_names()) or not name.startswith("agreement.")] == []


@pytest.mark.unit
def test_keys_are_unique(found: Numbers) -> None:
    assert len({row.key for row in found}) == len(found.rows)


@pytest.mark.unit
@pytest.mark.parametrize("years", [(1, 2, 3, 5), (4,), (10, 20)])
def test_milestones_are_a_setting(years: tuple[int, ...]) -> None:
    found = numbers(followed("P", FEMUR), analysis={"milestones": years})
    names = {row.name for row in found if row.name.startswith(("efs.", "os.", "cif.", "trial_view.share."))}
    assert {name.rsplit(".", 1)[1] for name in names} == {f"{year}y" for year in years}
    assert f"efs.landmark.included.{years[0]}y" in names


@pytest.mark.unit
@pytest.mark.parametrize(
    ("name", "key", "reason"),
    [
        ("no view stated", ("siopen.diagnosis", "progression", "planar_only"), "no mark says where it was seen"),
        ("grades", ("siopen.diagnosis", "progression", "planar_only"), "no mark says where it was seen"),
        ("grades without curie", ("curie.diagnosis", "progression", "all"), "the study has no Curie grades"),
        ("grades without curie", ("agreement.curie.total.icc", None, None), "the study has no Curie grades"),
        ("single reader", ("response.overall.progression.CR", None, None), "the study has no components.csv"),
        ("nobody included", ("efs.landmark.included.1y", None, None), "nobody is left at the origin"),
        ("nobody included", ("trial_view.share.exclusive.1y", None, None), "nobody is oligo at the landmark"),
        ("nobody included", ("outcome.event_free", None, None), "the denominator is 0"),
        ("two readers", ("trial_view.share.exclusive.1y", None, None), "no event by then"),
        ("two readers", ("logrank.efs.oligo_v_more", None, None), "one of the groups is empty"),
        ("no origins", ("follow_up.complete_response.hdc", None, None), "the study does not ask for this origin"),
        ("single reader", ("agreement.oligo.positive", None, None), "a single-reader study"),
    ],
)
def test_why_a_number_does_not_apply(name: str, key: tuple[str, str | None, str | None], reason: str) -> None:
    row = numbers_by(name).get(*key)
    assert row is not None
    assert row.value in (None, 0)
    assert row.reason == reason
