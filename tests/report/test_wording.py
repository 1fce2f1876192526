"""Words: the catalogue template names every string, and only languages with a catalogue are offered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from residuum.records.errors import CallError
from residuum.report import labels
from residuum.report.document import Cell, compose
from residuum.report.wording import label, languages, translator

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "src/residuum/report/locale/residuum.pot"


def identifiers(catalogue: Catalog) -> set[object]:
    return {message.id for message in catalogue if message.id}


def test_the_catalogue_template_is_up_to_date() -> None:
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_dir
    from babel.messages.frontend import parse_mapping_cfg
    from babel.messages.pofile import read_po

    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog()
    for _, _, message, _, _ in extract_from_dir(ROOT / "src", methods, options):
        found.add(message)
    with TEMPLATE.open("rb") as file:
        written = read_po(file)
    cure = "pybabel extract -F babel.cfg --no-location --omit-header --sort-output -w 120 -o " + str(TEMPLATE) + " src"
    assert identifiers(written) == identifiers(found), cure


def test_english_needs_no_catalogue() -> None:
    assert translator("en").gettext("Diagnosis") == "Diagnosis"
    assert languages() == ["en"]


def test_a_language_without_catalogue_is_refused() -> None:
    with pytest.raises(CallError, match="choose one of en"):
        translator("tlh")


def test_labels_of_unknown_codes_show_the_code() -> None:
    words = translator("en")
    assert label(words, "post_consolidation", labels.TIMEPOINTS) == "After HDC"
    assert label(words, "something_else", labels.TIMEPOINTS) == "something else"
    assert label(words, None, labels.TIMEPOINTS) == "–"


def test_sentences_keep_the_links_of_their_numbers() -> None:
    link = Cell("3", "s1")
    assert compose("{late} before {early}.", early="2", late=link) == (link, Cell(" before "), Cell("2"), Cell("."))
