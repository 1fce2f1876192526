"""INRC overall: all 125 combinations, against a table of its own."""

from collections import Counter
from itertools import product
from typing import Any

import polars as pl
import pytest

from residuum.records.rules import apply_overrides, shipped_rules
from residuum.response.overall import combine_metastases, judge_overall
from small_studies import Scan, analyse, child

PRIMARY = METASTASES = ("CR", "PR", "SD", "PD", "NI")
MARROW = ("CR", "MD", "SD", "PD", "NI")
COMBINATIONS = list(product(PRIMARY, METASTASES, MARROW))
RULES = shipped_rules()

# Every combination without PD, one line for each pair of primary and metastases; columns: marrow CR, MD, SD, NI.
# The criteria leave eight open; in small letters the documented default.
TABLE = """
CR CR  CR pr MR CR
CR PR  PR PR MR PR
CR SD  MR MR MR MR
CR NI  CR pr MR CR
PR CR  PR PR MR PR
PR PR  PR PR MR PR
PR SD  MR MR MR MR
PR NI  PR PR MR PR
SD CR  MR MR MR MR
SD PR  MR MR MR MR
SD SD  MR sd SD SD
SD NI  MR sd SD SD
NI CR  CR pr MR CR
NI PR  PR PR MR PR
NI SD  MR sd SD SD
NI NI  CR ne SD ne
"""
EXPECTED = {
    (primary, metastases, marrow): verdict
    for primary, metastases, *verdicts in map(str.split, TABLE.strip().splitlines())
    for marrow, verdict in zip(("CR", "MD", "SD", "NI"), verdicts, strict=True)
}
OPEN = {combination for combination, verdict in EXPECTED.items() if verdict.islower()}


@pytest.mark.unit
@pytest.mark.parametrize("combination", COMBINATIONS, ids=" ".join)
def test_every_combination(combination: tuple[str, str, str]) -> None:
    expected = "PD" if "PD" in combination else EXPECTED[combination].upper()
    assert judge_overall(*combination, RULES)[0] == expected


@pytest.mark.unit
def test_the_counts_of_the_criteria_and_the_eight_open_ones() -> None:
    found = Counter(judge_overall(*one, RULES)[0] for one in COMBINATIONS if one not in OPEN)
    assert found == {"PD": 61, "MR": 27, "PR": 15, "CR": 7, "SD": 7}
    assert len(OPEN) == 8
    clauses = {judge_overall(*one, RULES)[1] for one in OPEN}
    assert clauses == {"open_response", "open_stable", "open_not_involved"}
    assert clauses.isdisjoint(judge_overall(*one, RULES)[1] for one in COMBINATIONS if one not in OPEN)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("clause", "value", "moved"),
    [
        ("inrc.open_with_minimal_disease_response", "CR", {("CR", "CR", "MD"), ("CR", "NI", "MD"), ("NI", "CR", "MD")}),
        ("inrc.open_with_minimal_disease_stable", "MR", {("SD", "SD", "MD"), ("SD", "NI", "MD"), ("NI", "SD", "MD")}),
        ("inrc.open_not_involved", "SD", {("NI", "NI", "MD"), ("NI", "NI", "NI")}),
    ],
)
def test_the_open_ones_can_be_set(clause: str, value: str, moved: set[tuple[str, str, str]]) -> None:
    rules, problems = apply_overrides(RULES, {clause: value})
    assert problems == []
    changed = {one for one in COMBINATIONS if judge_overall(*one, rules) != judge_overall(*one, RULES)}
    assert changed == moved
    assert {judge_overall(*one, rules)[0] for one in moved} == {value}


@pytest.mark.unit
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("others", [(a, b) for a in PRIMARY for b in PRIMARY], ids=" ".join)
def test_not_evaluable_without_progression_elsewhere(place: int, others: tuple[str, str]) -> None:
    combination = [*others]
    combination.insert(place, "NE")
    assert judge_overall(*combination, RULES)[0] == ("PD" if "PD" in others else "NE")


@pytest.mark.unit
@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (("CR", "CR"), "CR"),
        (("CR", "NI"), "CR"),
        (("NI", "NI"), "NI"),
        (("CR", "PR"), "PR"),
        (("NI", "PR"), "PR"),
        (("CR", "SD"), "SD"),
        (("PR", "SD"), "SD"),
        (("SD", "PD"), "PD"),
        (("CR", "PD"), "PD"),
        (("NE", "PD"), "PD"),
        (("NE", "CR"), "NE"),
        (("NE", "NI"), "NE"),
        (("NE", "SD"), "NE"),
    ],
)
def test_metastases_take_the_worst(verdicts: tuple[str, str], expected: str) -> None:
    assert combine_metastases(verdicts) == combine_metastases(reversed(verdicts)) == expected


GONE = [Scan("diagnosis", 0, ["femur_left x4"]), Scan("end_of_treatment", 410, [])]


def overall(*components: dict[str, Any], scans: Any = GONE, **settings: Any) -> pl.DataFrame:
    return analyse(child("P", *scans, components=components), **settings).overall_responses


def at_end(component: str, verdict: str, day: int = 410) -> dict[str, Any]:
    return {"component": component, "timepoint": "end_of_treatment", "verdict": verdict, "day": day}


ALL_GONE = [at_end(name, "CR") for name in ("primary", "soft_tissue", "marrow")]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "components", "expected"),
    [
        ("all complete", ALL_GONE, "CR"),
        ("no marrow: not evaluable", ALL_GONE[:2], "NE"),
        ("no soft tissue: not evaluable", [ALL_GONE[0], ALL_GONE[2]], "NE"),
        ("no component at all", [], "NE"),
        ("central nervous system joins the metastases", [*ALL_GONE, at_end("cns", "SD")], "MR"),
        ("central nervous system progresses", [*ALL_GONE, at_end("cns", "PD")], "PD"),
        ("the latest of a time point counts", [*ALL_GONE, at_end("marrow", "SD", day=400)], "CR"),
        ("the latest of a time point counts, worse", [*ALL_GONE, at_end("marrow", "SD", day=420)], "MR"),
        ("another time point does not", [*ALL_GONE, at_end("marrow", "PD", day=5) | {"timepoint": "follow_up"}], "CR"),
        ("without time point neither", [*ALL_GONE, at_end("marrow", "PD", day=420) | {"timepoint": None}], "CR"),
        ("minimal disease of the marrow", [*ALL_GONE[:2], at_end("marrow", "MD")], "PR"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_overall_by_components(why: str, components: Any, expected: str) -> None:
    assert overall(*components)["verdict"].to_list() == [expected], why


@pytest.mark.unit
def test_bone_counts_among_the_metastases() -> None:
    scans = [GONE[0], Scan("end_of_treatment", 410, ["femur_left x4"])]
    assert overall(*ALL_GONE, scans=scans).select("bone", "metastases", "verdict").row(0) == ("SD", "SD", "MR")


@pytest.mark.unit
@pytest.mark.parametrize("component", ["primary", "soft_tissue", "cns", "marrow"])
@pytest.mark.parametrize("verdict", ["CR", "PR", "MD", "SD", "PD", "NI", "NE"])
def test_any_verdict_that_the_format_allows_is_judged(component: str, verdict: str) -> None:
    rows = [one for one in ALL_GONE if one["component"] != component]
    assert overall(*rows, at_end(component, verdict))["verdict"].item() in {"CR", "PR", "MR", "SD", "PD", "NE"}


@pytest.mark.unit
@pytest.mark.parametrize("component", ["primary", "soft_tissue", "cns"])
def test_minimal_disease_is_a_verdict_of_the_marrow_alone(component: str) -> None:
    rows = [one for one in ALL_GONE if one["component"] != component]
    assert overall(*rows, at_end(component, "MD"))["verdict"].item() == "NE"


@pytest.mark.unit
def test_partial_response_is_no_verdict_of_the_marrow() -> None:
    assert overall(*ALL_GONE[:2], at_end("marrow", "PR"))["verdict"].item() == "NE"
