"""Which marks of the earlier scan hold up the lock of a read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_contents import cleared, content, mark

from residuum.reads.prior_marks import derive_pending
from residuum.records.read_content import ReadContent

PRIOR = content(mark("1", "sacrum"), mark("2", "sternum", 0.5)).marks


def pending(*entries: dict[str, Any], **more: Any) -> list[str]:
    """Return the marks of scan s0 that a read with these marks leaves open."""
    return derive_pending("s0", PRIOR, content(*entries, **more))


@pytest.mark.unit
def test_a_mark_is_settled_by_one_that_continues_it_or_by_saying_that_it_is_gone() -> None:
    assert pending() == ["1", "2"]
    assert pending(mark("7", "sacrum", from_scan="s0", from_mark="1")) == ["2"]
    assert pending(cleared=[cleared("s0", "2")]) == ["1"]
    assert pending(mark("7", "sacrum", from_scan="s0", from_mark="1"), cleared=[cleared("s0", "2")]) == []


@pytest.mark.unit
def test_marks_of_another_scan_and_marks_of_the_same_name_settle_nothing() -> None:
    assert pending(mark("1", "sacrum"), mark("2", "sternum", from_scan="s9", from_mark="2")) == ["1", "2"]
    assert pending(cleared=[cleared("s9", "1"), cleared("s0", "3")]) == ["1", "2"]


@pytest.mark.unit
def test_of_a_scan_that_is_not_evaluable_nothing_has_to_be_said() -> None:
    assert pending(evaluable=False) == []


NAMES = st.lists(st.sampled_from(["1", "2", "3", "4"]), unique=True)


@pytest.mark.property
@given(NAMES, NAMES, NAMES)
def test_what_is_open_is_what_was_there_less_what_was_said(before: list[str], on: list[str], gone: list[str]) -> None:
    marks = content(*(mark(name, "sacrum") for name in before)).marks
    continued = [mark(f"n{name}", "sacrum", from_scan="s0", from_mark=name) for name in on]
    read = content(*continued, cleared=[cleared("s0", name) for name in gone])
    assert derive_pending("s0", marks, read) == [name for name in before if name not in {*on, *gone}]
    assert derive_pending("s0", marks, ReadContent.model_validate_json(read.model_dump_json())) == derive_pending(
        "s0", marks, read
    )
