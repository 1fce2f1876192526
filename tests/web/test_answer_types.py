"""The types of the page are those that the server describes: names and fields, both ways."""

import re
from pathlib import Path

import pytest
from rooms import Rooms

from residuum.records.vocabulary import CONFIDENCE, MARK_REGIONS

FRONTEND = Path(__file__).parents[2] / "frontend" / "src"
_INTERFACE = re.compile(r"export interface (\w+)(?: extends (\w+))? \{\n(.*?)\n\}", re.DOTALL)
_FIELD = re.compile(r"^  (\w+)\??: ", re.MULTILINE)
NOT_DESCRIBED = {"NumberRow", "ComparedMark"}
"""Rows and values that the server describes as anything."""


def page_types() -> dict[str, set[str]]:
    """Return the fields of every interface, those that it extends included."""
    found: dict[str, set[str]] = {}
    for name, base, body in _INTERFACE.findall((FRONTEND / "api" / "answers.ts").read_text("utf-8")):
        found[name] = set(_FIELD.findall(body)) | found.get(base, set())
    return found


@pytest.fixture
def described(sqlite_rooms: Rooms) -> dict[str, set[str]]:
    with sqlite_rooms.open() as room:
        schemas = room.visitor().get("/openapi.json").json["components"]["schemas"]
    return {name: set(schema.get("properties", {})) for name, schema in schemas.items()}


@pytest.mark.parametrize("name", sorted(set(page_types()) - NOT_DESCRIBED))
def test_an_answer_has_the_fields_that_the_page_expects(name: str, described: dict[str, set[str]]) -> None:
    assert name in described, f"the server describes no {name}"
    assert page_types()[name] == described[name]


def test_the_page_offers_every_region_and_confidence() -> None:
    text = (FRONTEND / "parts" / "codes.ts").read_text("utf-8")
    paired = re.search(r"PAIRED = \[(.*?)\]", text)
    assert paired is not None
    named = set(re.findall(r'"(\w+)"', text))
    parts = re.findall(r'"(\w+)"', paired[1])
    offered = named - set(parts) - set(CONFIDENCE) | {f"{part}_{side}" for part in parts for side in ("right", "left")}
    assert offered == set(MARK_REGIONS)
    assert set(CONFIDENCE) <= named
