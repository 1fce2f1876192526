"""Identifiers that follow from what they name, and texts cut to what an attribute takes."""

import dataclasses
import uuid

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import UID
from read_documents import FEMUR, SPINE, a_read

from residuum.exports.naming import compute_digest, compute_tracking_uid, compute_uid, render_label, render_person

TEXTS = st.lists(st.text(), max_size=4)


@pytest.mark.property
@given(TEXTS, TEXTS)
def test_uid_is_valid_and_tells_texts_apart(one: list[str], other: list[str]) -> None:
    uid = compute_uid(*one)
    assert UID(uid).is_valid
    assert uid.startswith("2.25.")
    number = uuid.UUID(int=int(uid.removeprefix("2.25.")))
    assert (number.version, number.variant) == (8, uuid.RFC_4122)
    assert (uid == compute_uid(*other)) == (one == other)


@pytest.mark.unit
def test_uid_stays_what_it_was() -> None:
    """Objects exported years apart must fit. `printf '["a", "b"]' | sha256sum`, then the bits of RFC 9562 by hand."""
    said = "3554d2b8a1e34099053865de8576d146"
    assert compute_uid("a", "b") == f"2.25.{int(said[:12] + '8' + said[13:16] + '8' + said[17:], 16)}"


@pytest.mark.unit
def test_tracking_follows_the_site_through_scans_and_readers() -> None:
    first, later = a_read([]), a_read([], scan="P001-2", reader="reader_2")
    assert compute_tracking_uid(first, FEMUR) == compute_tracking_uid(later, dataclasses.replace(FEMUR, mark="m9"))
    assert compute_tracking_uid(first, FEMUR) != compute_tracking_uid(a_read([], patient="P002"), FEMUR)
    assert compute_tracking_uid(first, FEMUR) != compute_tracking_uid(a_read([], study="Another"), FEMUR)


@pytest.mark.unit
def test_marks_without_a_site_are_followed_nowhere() -> None:
    reads = [a_read([]), a_read([], scan="P001-2"), a_read([], reader="reader_2")]
    assert len({compute_tracking_uid(read, SPINE) for read in reads}) == 3


@pytest.mark.unit
def test_digest_tells_shapes_and_names_apart() -> None:
    mask = np.eye(4, dtype=bool)
    assert compute_digest([("a", mask)]) == compute_digest([("a", mask.copy())])
    told = {compute_digest([("a", one)]) for one in (mask, ~mask, mask.reshape(2, 8))} | {compute_digest([("b", mask)])}
    assert len(told) == 4


@pytest.mark.property
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200))
def test_labels_fit(text: str) -> None:
    assert len(render_label(text).encode()) <= 64
    assert "\\" not in render_label(text)
    person = render_person(text)
    assert len(person.encode()) <= 64
    assert person.endswith("^")
    assert not set("\\^=") & set(person[:-1])
