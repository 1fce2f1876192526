"""The page: self-contained, without script, every link resolved, every string escaped, honest about what it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from residuum.cohort.alternatives import derive_alternatives
from residuum.cohort.analysis import Analysis, derive_analysis
from residuum.report.numbers import Numbers, Row
from residuum.report.page import render_report
from residuum.report.rows.flags import FLAGS
from residuum.report.sections.flags import MEANINGS
from residuum.report.whole import derive_numbers
from small_studies import Scan, child, study

if TYPE_CHECKING:
    from residuum.report.figure_set import RenderedFigure

pytestmark = pytest.mark.unit
ABOUT = {"residuum": "0.0.0", "study": {"sha256": "0" * 64}}
REACHES_OUT = {"src", "href", "srcset", "action", "data", "poster", "background", "formaction", "xlink:href"}


class Outline(HTMLParser):
    """Tags, attributes, ids and visible text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def outline(page: str) -> Outline:
    return Outline(page)


def plain_page(analysis: Analysis, numbers: Numbers | None = None) -> str:
    numbers = numbers or derive_numbers(analysis, derive_alternatives(analysis))
    return render_report(analysis, numbers, {}, ABOUT)


def test_no_script_and_nothing_from_outside(outline: Outline) -> None:
    assert not outline.tags.keys() & {"script", "iframe", "object", "embed", "link", "base", "form"}
    for tag, name, value in outline.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in REACHES_OUT:
            assert value.startswith(("#", "data:image/svg+xml;base64,")), (tag, name, value[:40])


def test_styles_load_nothing(page: str) -> None:
    styles = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in styles
    assert "@import" not in styles


def test_the_policy_forbids_everything_but_inline_styles_and_pictures(outline: Outline) -> None:
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert ("meta", "content", policy) in outline.attributes


def test_ids_are_unique_and_every_link_resolves(outline: Outline) -> None:
    assert [name for name, count in Counter(outline.ids).items() if count > 1] == []
    targets = {value[1:] for tag, name, value in outline.attributes if (tag, name) == ("a", "href")}
    assert targets <= set(outline.ids)


def test_every_number_with_patients_can_be_opened(outline: Outline, demonstration_numbers: Numbers) -> None:
    sets = {demonstration_numbers.patient_sets[row.patients] for row in demonstration_numbers if row.patients}
    links = {value[1:] for tag, name, value in outline.attributes if (tag, name) == ("a", "href")}
    assert sets <= links


def test_language_headings_captions_and_alternative_texts(outline: Outline) -> None:
    assert ("html", "lang", "en") in outline.attributes
    assert outline.tags["h1"] == 1
    assert outline.tags["table"] == outline.tags["caption"]
    alternatives = [value for tag, name, value in outline.attributes if (tag, name) == ("img", "alt")]
    assert len(alternatives) == outline.tags["img"] == 10
    assert all(len(text) > 20 for text in alternatives)


def test_the_page_says_what_it_is_not(outline: Outline) -> None:
    text = " ".join(" ".join(outline.text).split())
    assert "Research software, not a medical device." in text
    assert "Planning model; depends on unverified assumptions about dependence, seeding and local effect" in text
    assert "it is no evidence and reproduces nothing" in text


def test_row_10_of_the_published_study_is_shown_for_seven_and_for_eleven(page: str) -> None:
    assert "2 [1–4], n = 7" in page
    assert "2 [0–4], n = 11" in page


def test_published_figures_stand_only_beside_the_demonstration(demonstration_analysis: Analysis) -> None:
    whole = demonstration_analysis.study
    real = replace(whole, settings=whole.settings.model_copy(update={"synthetic": False}))
    text = plain_page(derive_analysis(real))
    assert "Published figures" not in text
    assert "SYNTHETIC" not in text


def test_strings_of_the_study_are_escaped() -> None:
    hostile = "<script>alert(1)</script>"
    scans = [Scan("diagnosis", 0, ["femur_left", "sacrum"]), Scan("post_consolidation", 200, ["femur_left"])]
    one = study(child(hostile, *scans, events=[(500, "relapse", "yes")]))
    one = replace(one, settings=one.settings.model_copy(update={"title": f'"><{hostile}'}))
    text = plain_page(derive_analysis(one))
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_provisional_study_says_so_first() -> None:
    analysis = derive_analysis(study(child("A", Scan("diagnosis", 0, ["sacrum"]))))
    rows = [Row("flag.provisional", 2, "patients", patients=("A", "B"))]
    text = plain_page(analysis, Numbers(rows))
    assert text.index("PROVISIONAL") < text.index("<main>")


def test_a_study_of_nobody_has_a_page(nobody_included: Analysis) -> None:
    assert "Research software, not a medical device." in plain_page(nobody_included)


def test_the_same_input_gives_the_same_bytes(
    demonstration_analysis: Analysis,
    demonstration_numbers: Numbers,
    rendered: dict[str, RenderedFigure],
    page: str,
) -> None:
    assert render_report(demonstration_analysis, demonstration_numbers, rendered, ABOUT) == page


def test_a_long_list_shows_its_beginning_and_its_total(nobody_included: Analysis) -> None:
    many = tuple(f"P{number:04d}" for number in range(700))
    text = plain_page(nobody_included, Numbers([Row("flow.source", 700, "patients", patients=many)]))
    assert "P0499" in text
    assert "P0500" not in text
    assert "all 700 are in numbers.json, set s1" in text


def test_every_flag_is_explained() -> None:
    assert set(MEANINGS) == set(FLAGS)


class Asked(Numbers):
    """Numbers that remember the names asked for in vain."""

    def get(self, name: str, group: str | None = None, mode: str | None = None) -> Row | None:
        found = super().get(name, group, mode)
        if found is None:
            self.missing = {*getattr(self, "missing", set()), name}
        return found


def test_every_number_asked_for_exists(demonstration_analysis: Analysis, demonstration_numbers: Numbers) -> None:
    asked = Asked(demonstration_numbers)
    plain_page(demonstration_analysis, asked)
    assert getattr(asked, "missing", set()) == set()
