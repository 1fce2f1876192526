"""Two small designs and their reports: irradiation with a funnel and a search, and a hazard ratio taken as given."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PLACED = """
format = 1
id = "small_placed"
title = "Irradiation <of> residual uptake: a small design"
notes = "Made for a test."
[accrual]
patients = 40
pattern = "centres"
years = 6.0
centres = 10
[accrual.funnel]
enrolled_per_year = 160
stage_m = 0.87
evaluable = 0.65
persistent = 0.15
oligo = 0.6
consent = { central = 0.7, low = 0.5, high = 0.9, source = "judgement" }
[failure]
median_years = 1.2
cured = 0.33
[failure.shares]
target_only = { central = 0.10, low = 0.02, high = 0.20, source = "judgement" }
both = 0.25
death = 0.10
[radiotherapy]
local_effect = { central = 0.4, low = 0.0, high = 0.7, source = "judgement" }
[primary]
looks_events = [8, 16]
latest_year = 9.0
[primary.spending]
efficacy = "obrien_fleming"
futility = "pocock"
[search]
patients = [20, 60]
follow_up_years = [1.0]
alpha = [0.025, 0.1]
[borrowing]
patients = 30
events = 19
"""
GIVEN = """
format = 1
id = "small_given"
title = "A hazard ratio taken as given"
[accrual]
patients = 100
years = 4.0
[failure]
efs_at = [3.0, 0.45]
[effect]
hazard_ratio = 0.6
[primary]
looks_years = [7.0]
"""


def write_design(folder: Path, text: str) -> Path:
    """Write a design file and return it."""
    path = folder / "design.toml"
    path.write_text(text, "utf-8")
    return path


class Outline(HTMLParser):
    """Tags, attributes, ids, cells of tables and visible text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.cells: list[str] = []
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" in self._inside:
            return
        self.text.append(data)
        if "td" in self._inside:
            self.cells[-1] += data

    @property
    def words(self) -> str:
        """Everything that is read, alternative texts included, on one line."""
        said = [value for tag, name, value in self.attributes if name in {"alt", "aria-label"}]
        return " ".join(" ".join([*self.text, *said]).split())
