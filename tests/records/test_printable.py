"""What a terminal would obey is found; letters of every script are not."""

import pytest

from residuum.records.printable import first_unprintable, without_controls

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("text", ["Größe 𝛼", "研究", "عصبي", "a\u00a0b\u00ad", "ne\u0301", "", "👩\u200d🔬"])
def test_text_of_every_script_is_printable(text: str) -> None:
    assert first_unprintable(text) is None
    assert without_controls(text) == text


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066", "\n", "\t"])
def test_what_acts_is_found(character: str) -> None:
    assert first_unprintable(f"a{character}b") == character


def test_what_is_allowed_is_passed_over() -> None:
    assert first_unprintable("a\nb\tc", "\n\t") is None
    assert first_unprintable("a\nb\rc", "\n\t") == "\r"


def test_controls_are_named_by_their_escape() -> None:
    assert without_controls("a\x1b[31m\nb") == "a\\x1b[31m\\nb"
