"""The study under other choices of reads: one reader alone, union, intersection."""
# ruff: noqa: E501 (tables: one case, one line)

from typing import Any

import polars as pl
import pytest

from residuum.cohort.alternatives import derive_alternatives
from residuum.cohort.analysis import Analysis, derive_analysis
from small_studies import By, Scan, by, child, draft, study

PAIR = ("anne", "bela")
NAMES = ("reader_1", "reader_2", "union", "intersection")


def variants(said: By, **settings: Any) -> dict[str, Analysis]:
    scans = Scan("diagnosis", 0, said), Scan("post_consolidation", 200, said, name="s")
    main = derive_analysis(study(child("P", *scans), readers=settings.pop("readers", PAIR), **settings))
    return {"contract": main, **dict(derive_alternatives(main))}


def scores(found: dict[str, Analysis], column: str = "siopen") -> dict[str, int | None]:
    """Return the total of the scan after HDC by variant, -1 where the scan counts as not evaluable."""
    by_name: dict[str, int | None] = {}
    for name, analysis in found.items():
        row = analysis.totals.filter(scan="s", mode="all")
        by_name[name] = row[column].item() if row.height else -1
    return by_name


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "said", "expected"),
    [
        ("agreed", by(anne=["sternum"], bela=["sternum"]), (1, 1, 1, 1, 1)),
        ("more foci", by(anne=["sternum"], bela=["sternum x3"]), (-1, 1, 3, 3, 1)),
        ("other regions", by(anne=["sternum"], bela=["leg_left"]), (-1, 1, 1, 2, 0)),
        ("one region in common", by(anne=["sternum", "leg_left x2"], bela=["leg_left"]), (-1, 3, 1, 3, 1)),
        ("larger extent", by(anne=["leg_left 0.3"], bela=["leg_left 0.6"]), (-1, 4, 5, 5, 4)),
        ("diffuse is more than foci", by(anne=["leg_left 0.3"], bela=["leg_left x2"]), (-1, 4, 2, 4, 2)),
        ("one negative", by(anne=["sternum"], bela=[]), (-1, 1, 0, 1, 0)),
        ("one not evaluable", by(anne=["sternum"], bela=None), (-1, 1, -1, 1, -1)),
        ("other not evaluable", by(anne=None, bela=["sternum"]), (-1, -1, 1, 1, -1)),
        ("one draft", by(anne=["sternum"], bela=draft(["leg_left"])), (-1, 1, -1, 1, -1)),
        ("nothing locked", by(anne=draft(["sternum"])), (-1, -1, -1, -1, -1)),
        ("both not evaluable", by(anne=None, bela=None), (-1, -1, -1, -1, -1)),
        ("a consensus stands", by(anne=["sternum"], bela=[], consensus=["leg_left x3"]), (3, 1, 0, 3, 3)),
        ("a third reader does not enter", by(anne=["sternum"], bela=["leg_left"], carl=["pelvis_left x3"]), (-1, 1, 1, 2, 0)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_marks(why: str, said: By, expected: tuple[int, ...]) -> None:
    found = scores(variants(said, readers=("anne", "bela", "carl")))
    assert found == dict(zip(("contract", *NAMES), expected, strict=True)), why


@pytest.mark.unit
def test_soft_tissue_takes_part() -> None:
    found = variants(by(anne=["sternum", "soft_tissue"], bela=["sternum"]))
    assert scores(found, "curie") == {"contract": -1, "reader_1": 2, "reader_2": 1, "union": 2, "intersection": 1}


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "first", "second", "expected"),
    [
        ("the larger and the smaller grade", {"spine": 3}, {"spine": 1}, (-1, 3, 1, 3, 1)),
        ("each segment for itself", {"spine": 3}, {"spine": 1, "pelvis": 2}, (-1, 3, 3, 5, 1)),
        ("a missing row is 0", {"spine": 3}, {}, (-1, 3, 0, 3, 0)),
        ("not assessable stays open", {"spine": "not_assessable"}, {"spine": 1}, (-1, None, 1, None, None)),
        ("not assessable stays open without the other", {}, {"spine": "not_assessable"}, (-1, 0, None, None, None)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_grades(why: str, first: Any, second: Any, expected: tuple[int | None, ...]) -> None:
    found = scores(variants(by(anne=first, bela=second), entry="grades"))
    assert found == dict(zip(("contract", *NAMES), expected, strict=True)), why


@pytest.mark.unit
def test_a_single_reader_study_has_no_alternative() -> None:
    assert set(variants(by(anne=["sternum"]), readers=("anne",))) == {"contract"}
    assert set(variants(by(anne=["sternum"]), design="single")) == {"contract"}


@pytest.mark.unit
def test_everything_follows_from_the_other_reads() -> None:
    found = variants(by(anne=["sternum", "leg_left"], bela=["leg_left"]))
    included = {name: analysis.included.height for name, analysis in found.items()}
    assert included == {"contract": 0, "reader_1": 1, "reader_2": 1, "union": 1, "intersection": 1}
    sites = {name: set(found[name].sites.filter(scan="s")["site"]) for name in NAMES}
    assert sites["union"] == sites["reader_1"] == {"sternum", "leg_left"}
    assert sites["intersection"] == sites["reader_2"] == {"leg_left"}
    points = found["union"].sites.filter(scan="s").select(pl.col("points").sum()).item()
    assert points == 2


@pytest.mark.unit
@pytest.mark.parametrize(("level", "other"), [("region", "lesion"), ("lesion", "region")])
@pytest.mark.parametrize("readers", [("anne",), PAIR])
def test_labels_bring_the_other_meaning_of_a_site(level: str, other: str, readers: tuple[str, ...]) -> None:
    said = Scan("diagnosis", 0, ["sternum #A", "leg_left #A"])
    main = derive_analysis(study(child("P", said), readers=readers, site_level=level))
    found = dict(derive_alternatives(main))
    assert set(found) == {f"{other}_sites", *(NAMES if len(readers) == 2 else ())}
    sites = {"region": {"sternum", "leg_left"}, "lesion": {"lesion A"}}
    assert set(main.sites["site"]) == sites[level]
    assert set(found[f"{other}_sites"].sites["site"]) == sites[other]
    assert found[f"{other}_sites"].totals.drop("sites").equals(main.totals.drop("sites"))


@pytest.mark.unit
def test_without_unresolved_scans_union_and_intersection_are_the_contract() -> None:
    found = variants(by(anne=["sternum"], bela=["sternum"]))
    assert found["union"] is found["intersection"] is found["contract"]
