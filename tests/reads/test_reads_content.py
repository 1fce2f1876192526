"""What a signature covers, and what a save changes."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_contents import cleared, content, contents, grade, mark

from residuum.reads.content import content_hash, derive_changes
from residuum.records.read_content import ReadContent

SIGNED = content(
    mark("10", "sacrum femur_left", 0.5, seen_on=("spot", "spect"), x_mm=1.0),
    mark("2", "sternum", site="L1", from_scan="s0", from_mark="1"),
    grade("spine", "not_assessable"),
    grade("arms", 2, "curie"),
    comment="movement",
    seconds=61.5,
)


def signature(read: ReadContent = SIGNED) -> str:
    return content_hash(read, "s1", "anne")


def changed(name: str, **fields: Any) -> ReadContent:
    """Return the signed read with fields of one mark changed."""
    raw = SIGNED.model_dump()
    raw["marks"] = [one | fields if one["mark"] == name else one for one in raw["marks"]]
    return ReadContent.model_validate(raw)


@pytest.mark.unit
def test_the_hash_is_that_of_canonical_json() -> None:
    text = '{"comment":null,"evaluable":true,"grades":[["siopen","spine",2]],"marks":[],"reader":"anne","scan":"s1"}'
    assert signature(content(grade("spine", 2))) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.unit
def test_scan_and_reader_are_signed() -> None:
    assert len({signature(), content_hash(SIGNED, "s2", "anne"), content_hash(SIGNED, "s1", "bela")}) == 3


@pytest.mark.unit
@pytest.mark.parametrize("field", ["site", "from_scan", "from_mark"])
def test_naming_sites_leaves_a_signature_valid(field: str) -> None:
    assert signature(changed("2", **{field: None})) == signature()


@pytest.mark.unit
@pytest.mark.parametrize(
    "fields",
    [
        {"mark": "11"},
        {"regions": ("sacrum",)},
        {"extent": 0.51},
        {"pattern": "focal", "extent": None},
        {"seen_on": ("spot",)},
        {"confidence": "definite"},
        {"image": "I1"},
        {"view": "anterior"},
        {"x_mm": 1.5},
        {"y_mm": 0.0},
        {"z_mm": 0.0},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_every_other_field_of_a_mark_is_signed(fields: dict[str, Any]) -> None:
    assert signature(changed("10", **fields)) != signature()


@pytest.mark.unit
def test_the_rest_of_a_read_is_signed_but_for_its_time() -> None:
    gone = ReadContent.model_validate({**SIGNED.model_dump(), "cleared": [cleared("s0", "1")]})
    others = [
        SIGNED.model_copy(update=update)
        for update in ({"evaluable": False}, {"comment": "other"}, {"marks": SIGNED.marks[:1]}, {"grades": ()})
    ]
    assert len({signature(other) for other in [SIGNED, *others]}) == 5
    assert signature(SIGNED.model_copy(update={"seconds": None})) == signature(gone) == signature()


@pytest.mark.unit
def test_what_a_database_may_change_is_not_signed() -> None:
    assert signature(changed("10", x_mm=0.0)) == signature(changed("10", x_mm=-0.0))
    assert signature(content(comment="")) == signature(content())


@pytest.mark.property
@given(contents(), st.randoms(use_true_random=False))
def test_a_hash_knows_no_order(read: ReadContent, shuffle: Any) -> None:
    raw = read.model_dump()
    raw |= {name: shuffle.sample(raw[name], len(raw[name])) for name in ("marks", "grades", "cleared")}
    for one in raw["marks"]:
        one |= {field: shuffle.sample(one[field], len(one[field])) for field in ("regions", "seen_on")}
    assert signature(ReadContent.model_validate(raw)) == signature(read)
    assert signature(ReadContent.model_validate_json(read.model_dump_json())) == signature(read)


@pytest.mark.unit
def test_a_first_save_changes_what_it_says() -> None:
    assert derive_changes(None, content()) == [("read", "evaluable", None, True)]
    first = content(mark("1", "sacrum", x_mm=0.0), grade("spine", 0), comment="movement")
    assert derive_changes(None, first) == [
        ("read", "evaluable", None, True),
        ("read", "comment", None, "movement"),
        ("mark 1", "regions", None, ("sacrum",)),
        ("mark 1", "pattern", None, "focal"),
        ("mark 1", "x_mm", None, 0.0),
        ("grade siopen spine", "grade", None, 0),
    ]


@pytest.mark.unit
def test_changes_are_told_field_by_field() -> None:
    old = content(mark("1", "sacrum"), mark("2", "sternum", 0.5), grade("spine", 1), grade("skull", 2), seconds=3.0)
    new = content(mark("1", "sacrum", 0.2), mark("3", "sternum"), grade("skull", 0), evaluable=False, seconds=3.0)
    assert derive_changes(old, new) == [
        ("read", "evaluable", True, False),
        ("mark 1", "pattern", "focal", "diffuse"),
        ("mark 1", "extent", None, 0.2),
        ("mark 3", "regions", None, ("sternum",)),
        ("mark 3", "pattern", None, "focal"),
        ("mark 2", "regions", ("sternum",), None),
        ("mark 2", "pattern", "diffuse", None),
        ("mark 2", "extent", 0.5, None),
        ("grade siopen skull", "grade", 2, 0),
        ("grade siopen spine", "grade", 1, None),
    ]


@pytest.mark.unit
def test_what_is_gone_is_told_mark_by_mark() -> None:
    old, new = (content(cleared=[cleared("s0", name) for name in names]) for names in (("1", "2"), ("2", "3")))
    assert derive_changes(old, new) == [("cleared s0", "3", None, True), ("cleared s0", "1", True, None)]
    assert derive_changes(new, content(cleared=new.cleared[::-1])) == []


def flat(read: ReadContent | None) -> dict[tuple[str, str], Any]:
    """Return everything recorded, by record and field."""
    if read is None:
        return {}
    raw = read.model_dump()
    found = {("read", field): raw[field] for field in ("evaluable", "comment", "seconds")}
    for one in raw["marks"]:
        found |= {(f"mark {one['mark']}", field): value for field, value in one.items() if field != "mark"}
    found |= {(f"grade {one['system']} {one['segment']}", "grade"): one["grade"] for one in raw["grades"]}
    found |= {(f"cleared {one['from_scan']}", one["mark"]): True for one in raw["cleared"]}
    return {key: value for key, value in found.items() if value not in (None, ())}


@pytest.mark.property
@given(st.none() | contents(), contents())
def test_changes_lead_from_the_old_content_to_the_new(old: ReadContent | None, new: ReadContent) -> None:
    replayed = flat(old)
    for record, field, was, now in derive_changes(old, new):
        assert was != now
        assert replayed.pop((record, field), None) == was
        if now is not None:
            replayed[record, field] = now
    assert replayed == flat(new)
    assert derive_changes(new, new) == []
