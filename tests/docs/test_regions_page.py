"""The page on proposed regions names every fault, and shows what the program draws."""

import re
from pathlib import Path

import pytest

from residuum.steps.region_maps import FAULTS

pytestmark = pytest.mark.unit
DOCS = Path(__file__).parents[2] / "docs"
REGIONS = (DOCS / "regions.md").read_text("utf-8")


def test_every_fault_stands_on_the_page_with_its_meaning() -> None:
    faults = REGIONS.split("\n## Faults\n")[1].split("\n## ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", faults, re.MULTILINE)) == FAULTS


def test_the_page_is_found_and_its_pictures_are_there() -> None:
    assert "(regions.md)" in (DOCS / "README.md").read_text("utf-8")
    assert all((DOCS / name).is_file() for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", REGIONS))


def test_the_page_says_what_the_benchmark_measures() -> None:
    assert "make bench-regions" in REGIONS
    assert re.search(r"^bench-regions:", (DOCS.parent / "Makefile").read_text("utf-8"), re.MULTILINE)
