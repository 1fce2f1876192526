"""Where two reads differ, and what a consensus has to give a reason for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_contents import content, contents, grade, mark

from residuum.reads.differences import Difference, check_resolution, derive_differences
from residuum.records.read_content import ReadContent

FOCAL = {"pattern": "focal", "extent": None}


def items(first: ReadContent, second: ReadContent) -> list[str]:
    return [one.item for one in derive_differences(first, second)]


@pytest.mark.unit
def test_a_difference_says_what_each_read_found() -> None:
    first = content(mark("1", "femur_left"), mark("2", "sacrum femur_left", 0.5))
    second = content(mark("7", "femur_left"))
    both = {"pattern": "diffuse", "extent": 0.5, "regions": ["sacrum", "femur_left"]}
    one = FOCAL | {"regions": ["femur_left"]}
    assert derive_differences(first, second) == [
        Difference("region", "sacrum", [both], None),
        Difference("region", "femur_left", [both, one], [one]),
    ]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (content(), content(), []),
        (content(), content(evaluable=False), ["evaluable"]),
        (content(evaluable=False), content(evaluable=False), []),
        (content(mark("1", "ribs_left")), content(mark("9", "ribs_left")), []),
        (content(mark("1", "ribs_left")), content(mark("1", "ribs_right")), ["ribs_right", "ribs_left"]),
        (content(mark("1", "ribs_left")), content(mark("1", "ribs_left"), mark("2", "ribs_left")), ["ribs_left"]),
        (content(mark("1", "ribs_left")), content(mark("1", "ribs_left", 0.3)), ["ribs_left"]),
        (content(mark("1", "ribs_left", 0.2)), content(mark("1", "ribs_left", 0.3)), ["ribs_left"]),
        (content(mark("1", "sacrum ribs_left")), content(mark("1", "ribs_left sacrum")), []),
        (content(mark("1", "ribs_left")), content(mark("1", "ribs_left", site="L1", x_mm=2.0)), []),
        (content(comment="one", seconds=1.0), content(comment="other", seconds=2.0), []),
        (content(grade("spine", 0)), content(), []),
        (content(grade("spine", 2)), content(), ["siopen spine"]),
        (content(grade("spine", "not_assessable")), content(grade("spine", 0)), ["siopen spine"]),
        (
            content(grade("arms", 1, "curie"), grade("spine", 1), grade("skull", 1)),
            content(),
            ["siopen skull", "siopen spine", "curie arms"],
        ),
    ],
)  # fmt: skip
def test_what_differs(first: ReadContent, second: ReadContent, expected: list[str]) -> None:
    assert items(first, second) == expected


@pytest.mark.unit
def test_a_read_that_is_not_evaluable_has_no_findings() -> None:
    withdrawn = content(mark("1", "ribs_left"), grade("spine", 2), evaluable=False)
    assert derive_differences(withdrawn, content()) == [Difference("evaluable", "evaluable", "no", "yes")]
    assert derive_differences(withdrawn, content(evaluable=False)) == []
    assert items(withdrawn, content(mark("1", "ribs_left"))) == ["evaluable", "ribs_left"]


ONE, TWO = content(mark("1", "sacrum")), content(mark("1", "sacrum"), mark("2", "sacrum"))
NONE, LOST = content(), content(evaluable=False)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("first", "second", "consensus", "expected"),
    [
        (ONE, TWO, ONE, []),
        (ONE, TWO, TWO, []),
        (ONE, TWO, NONE, ["sacrum"]),
        (ONE, TWO, content(mark("1", "sacrum", 0.4)), ["sacrum"]),
        (ONE, ONE, content(mark("1", "sacrum"), mark("2", "sternum")), ["sternum"]),
        (ONE, TWO, LOST, ["evaluable"]),
        (ONE, LOST, LOST, []),
        (ONE, LOST, ONE, []),
        (ONE, LOST, NONE, ["sacrum"]),
        (LOST, LOST, NONE, ["evaluable"]),
        (LOST, LOST, ONE, ["evaluable", "sacrum"]),
        (content(grade("spine", 1)), content(grade("spine", 3)), content(grade("spine", 2)), ["siopen spine"]),
        (content(grade("spine", 1)), content(), content(grade("spine", 0)), []),
    ],
)
def test_a_third_value_needs_a_reason(
    first: ReadContent, second: ReadContent, consensus: ReadContent, expected: list[str]
) -> None:
    assert check_resolution(first, second, consensus, {}) == expected
    assert check_resolution(first, second, consensus, dict.fromkeys(expected, " \n")) == expected
    assert check_resolution(first, second, consensus, dict.fromkeys(expected, "seen on SPECT")) == []


@pytest.mark.property
@given(contents(), contents())
def test_differences_are_symmetric_and_can_be_written(first: ReadContent, second: ReadContent) -> None:
    found = derive_differences(first, second)
    turned = derive_differences(second, first)
    assert [(one.item, one.first, one.second) for one in found] == [(one.item, one.second, one.first) for one in turned]
    assert len({one.item for one in found}) == len(found)
    assert derive_differences(first, first) == []
    for one in found:
        assert json.loads(json.dumps([one.first, one.second])) == [one.first, one.second]


@pytest.mark.property
@given(contents(), contents(), contents(), st.booleans())
def test_a_resolution_treats_both_readers_alike(
    first: ReadContent, second: ReadContent, consensus: ReadContent, whole: bool
) -> None:
    third = check_resolution(first, second, consensus, {})
    assert third == check_resolution(second, first, consensus, {})
    # whoever is followed altogether, nothing is left to explain
    assert check_resolution(first, second, first, {}) == []
    # a third value differs from both reads
    if first.evaluable and second.evaluable and consensus.evaluable:
        assert third == [item for item in items(first, consensus) if item in items(second, consensus)]
