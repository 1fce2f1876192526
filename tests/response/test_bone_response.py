"""INRC for bone by mIBG: clause by clause, in the order in which they decide."""
# ruff: noqa: E501 (tables: one case, one line)

from typing import Any

import polars as pl
import pytest

from small_studies import Scan, analyse, child, named

Course = list[tuple[int, list[str]]]
WIDE = [f"{bone}_left 1" for bone in ("femur", "leg", "ribs")]
FIVE = ["femur_left x3", "skull_vault x2"]


def verdicts(*scans: Scan, **settings: Any) -> pl.DataFrame:
    return analyse(child("P", *scans, last_contact=4000), **settings).bone_responses.sort("day", "scan")


def judged(baseline: list[str], *later: tuple[int, list[str]], **settings: Any) -> tuple[str, list[str]]:
    """Return verdict and clauses of the last scan after a diagnosis scan on day 0."""
    scans = [Scan("diagnosis", 0, baseline)]
    scans += [Scan("follow_up", day, said, name=f"s{number}") for number, (day, said) in enumerate(later)]
    row = verdicts(*scans, **settings).filter(scan=f"s{len(later) - 1}").row(0, named=True)
    return row["verdict"], row["clauses"].split(";")


CASES: list[tuple[str, list[str], list[list[str]], str, list[str] | None]] = [
    ("0 then 0", [], [[]], "NI", ["not_involved", "no_avid_bone", "baseline_zero"]),
    ("0 then 0, avid in between", [], [["femur_left"], []], "NI", ["not_involved", "no_avid_bone", "baseline_zero"]),
    ("0 then avid: a new site", [], [["femur_left"]], "PD", ["new_site", "baseline_zero"]),
    ("0, avid, still avid", [], [["femur_left"], ["femur_left"]], "NE", ["baseline_zero"]),
    ("0, avid, more foci", [], [["femur_left"], ["femur_left x3"]], "NE", ["baseline_zero"]),
    ("soft tissue only at diagnosis", ["soft_tissue"], [["soft_tissue"]], "NI", None),
    ("everything gone", FIVE, [[]], "CR", ["no_avid_bone", "score_ratio_response"]),
    ("soft tissue left", FIVE, [["soft_tissue"]], "CR", ["no_avid_bone", "score_ratio_response"]),
    ("a fifth left", FIVE, [["femur_left"]], "PR", ["score_ratio_response"]),
    ("exactly half", ["femur_left x2"], [["femur_left"]], "PR", ["score_ratio_response"]),
    ("below a tenth is PR too", WIDE, [["leg_left"]], "PR", ["below_printed_response", "score_ratio_response"]),
    ("exactly a tenth", [*WIDE, "skull_vault x2"], [["leg_left x2"]], "PR", ["score_ratio_response"]),
    ("more than half", FIVE, [["femur_left x3"]], "SD", ["neither"]),
    ("unchanged", FIVE, [FIVE], "SD", ["neither"]),
    ("below 1.2", ["femur_left 0.96", "skull_vault"], [["femur_left 0.96", "skull_vault x2"]], "SD", ["neither"]),
    ("exactly 1.2", FIVE, [["femur_left 0.3", "skull_vault x2"]], "PD", ["score_ratio_progression"]),
    ("above 1.2", FIVE, [["femur_left 0.6", "skull_vault x2"]], "PD", ["score_ratio_progression"]),
    ("mixed response: new site, falling total", FIVE, [["leg_left"]], "PD", ["new_site", "score_ratio_response"]),
    ("new site and rising total", FIVE, [[*FIVE, "leg_left x3"]], "PD", ["new_site", "score_ratio_progression"]),
    ("new soft tissue is no new bone site", FIVE, [["femur_left", "soft_tissue"]], "PR", ["score_ratio_response"]),
    ("cleared and returned", FIVE, [["skull_vault"], ["femur_left"]], "PD", ["new_site", "score_ratio_response"]),
    ("new on the scan before", FIVE, [["leg_left"], ["leg_left"]], "PR", ["score_ratio_response"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def together() -> pl.DataFrame:
    """Every case of the table as one study."""
    children = []
    for why, baseline, later, _, _ in CASES:
        scans = [Scan("follow_up", 100 * number, said) for number, said in enumerate(later, start=1)]
        children.append(named(child("P", Scan("diagnosis", 0, baseline), *scans), why))
    return analyse(*children).bone_responses.sort("patient", "day")


@pytest.mark.unit
@pytest.mark.parametrize(("why", "verdict", "clauses"), [(why, *rest) for why, _, _, *rest in CASES])
def test_clauses(together: pl.DataFrame, why: str, verdict: str, clauses: list[str] | None) -> None:
    last = together.filter(patient=why).row(-1, named=True)
    assert last["verdict"] == verdict
    assert clauses is None or last["clauses"].split(";") == clauses


@pytest.mark.unit
@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ({"inrc.below_response_ratio": "SD"}, "SD"),
        ({"inrc.below_response_ratio": "NE"}, "NE"),
        ({"inrc.below_response_ratio": "SD", "inrc.response_ratio_from": 0.05}, "PR"),
    ],
)
def test_below_the_printed_range_the_verdict_can_be_set(rules: Any, verdict: str) -> None:
    assert judged(WIDE, (90, ["leg_left"]), rules=rules)[0] == verdict  # 1 / 18
    assert judged(WIDE, (90, []), rules=rules)[0] == "CR"
    assert judged(WIDE, (90, ["leg_left x2"]), rules=rules)[0] == "PR"  # 2 / 18


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "later", "verdict"),
    [
        ("the higher name of the day before counts: avid", [(50, ["skull_vault"]), (50, ["leg_left"]), (90, ["leg_left"])], "PR"),
        ("the higher name of the day before counts: absent", [(50, ["leg_left"]), (50, ["skull_vault"]), (90, ["leg_left"])], "PD"),
        ("a scan of the same day is not before", [(90, ["leg_left"]), (90, ["leg_left"])], "PD"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_previous_scan(why: str, later: Course, verdict: str) -> None:
    assert judged(FIVE, *later)[0] == verdict, why


@pytest.mark.unit
@pytest.mark.parametrize(
    ("clause", "value", "later", "before", "after"),
    [
        ("inrc.progression_ratio", 1.5, [(90, ["femur_left 0.3", "skull_vault x2"])], "PD", "SD"),
        ("inrc.progression_ratio", 1.0, [(90, FIVE)], "SD", "PD"),
        ("inrc.response_ratio", 0.6, [(90, ["femur_left x3"])], "SD", "PR"),
        ("inrc.response_ratio", 0.1, [(90, ["femur_left"])], "PR", "SD"),
        ("inrc.new_site", "never_seen_before", [(50, ["skull_vault"]), (90, ["femur_left"])], "PD", "PR"),
        ("inrc.new_site", "never_seen_before", [(90, ["leg_left"])], "PD", "PD"),
        ("inrc.new_site", "never_seen_before", [(50, ["leg_left"]), (90, ["leg_left"])], "PR", "PR"),
    ],
)
def test_every_clause_can_be_set(clause: str, value: Any, later: Course, before: str, after: str) -> None:
    assert judged(FIVE, *later)[0] == before
    assert judged(FIVE, *later, rules={clause: value})[0] == after


@pytest.mark.unit
def test_nothing_is_judged_on_or_before_the_day_of_the_diagnosis_scan_nor_without_one() -> None:
    scans = [
        Scan("follow_up", 2, ["leg_left"], name="a"),
        Scan("diagnosis", 5, FIVE, name="b"),
        Scan("follow_up", 5, ["leg_left"], name="c"),
        Scan("follow_up", 6, ["foot_left"], name="d"),
    ]
    found = dict(verdicts(*scans).select("scan", "verdict").iter_rows())
    assert found == {"a": "NE", "b": "NE", "c": "NE", "d": "PD"}
    assert verdicts(*(one for one in scans if one.timepoint != "diagnosis"))["verdict"].to_list() == ["NE"] * 3


@pytest.mark.unit
@pytest.mark.parametrize(
    ("tracer", "verdict"),
    [("I123", "PD"), ("I131", "PD"), ("F18_mFBG", "PD"), (None, "PD"), ("I131_post_therapy", "NE")],
)
def test_scans_after_a_therapeutic_dose_are_never_scored_for_response(tracer: str | None, verdict: str) -> None:
    scans = Scan("diagnosis", 0, FIVE), Scan("follow_up", 90, ["leg_left"], tracer=tracer)
    assert verdicts(*scans)["verdict"].to_list()[-1] == verdict


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "baseline", "now", "verdict"),
    [
        ("now unknown", {"spine": 4}, {"spine": "not_assessable"}, "NE"),
        ("baseline unknown", {"spine": 4, "skull": "not_assessable"}, {"spine": 1}, "NE"),
        ("baseline unknown, now nothing", {"skull": "not_assessable"}, {}, "NE"),
        ("now unknown, but a new site", {"spine": 4}, {"spine": "not_assessable", "pelvis": 1}, "NE"),
        ("baseline unknown, but a new site", {"spine": "not_assessable"}, {"pelvis": 1}, "NE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_not_assessable_segments(why: str, baseline: Any, now: Any, verdict: str) -> None:
    found = verdicts(Scan("diagnosis", 0, baseline), Scan("follow_up", 90, now), entry="grades")
    assert found["verdict"].to_list()[-1] == verdict, why


@pytest.mark.unit
def test_after_pd_holds_from_the_next_day_on() -> None:
    later = [(50, FIVE), (90, ["leg_left"]), (90, FIVE), (120, []), (200, ["femur_left"])]
    scans = [Scan("follow_up", day, said, name=f"s{number}") for number, (day, said) in enumerate(later)]
    found = verdicts(Scan("diagnosis", 0, FIVE, name="d"), *scans)
    assert found["verdict"].to_list() == ["NE", "SD", "PD", "SD", "CR", "PD"]
    assert found["after_pd"].to_list() == [False, False, False, False, True, True]


@pytest.mark.unit
def test_ratios_to_diagnosis_and_to_nadir() -> None:
    scans = [Scan("diagnosis", 0, FIVE), Scan("follow_up", 50, ["femur_left x2"]), Scan("follow_up", 90, FIVE)]
    found = verdicts(*scans)
    assert found["relative"].to_list() == [1.0, 0.4, 1.0]
    assert found["relative_to_nadir"].to_list() == [None, 0.4, 2.5]


@pytest.mark.unit
def test_the_nadir_outlasts_a_scan_without_a_total() -> None:
    said = [{"spine": 4}, {"spine": 2}, {"spine": "not_assessable"}, {"spine": 3}]
    found = verdicts(
        *(Scan("diagnosis" if not day else "follow_up", day, one) for day, one in enumerate(said)), entry="grades"
    )
    assert found["relative_to_nadir"].to_list() == [None, 0.5, None, 1.5]


@pytest.mark.unit
def test_baseline_zero_has_no_ratio() -> None:
    found = verdicts(Scan("diagnosis", 0, []), Scan("follow_up", 50, ["femur_left"]))
    assert found["relative"].to_list() == [None, None]
