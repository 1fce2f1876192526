"""Characters that a terminal or a page would obey instead of print."""

import unicodedata
from typing import Final

# Control characters, line and paragraph separators; letters of every script stay.
_CATEGORIES: Final = frozenset({"Cc", "Zl", "Zp"})
# Marks that let text be shown in another order than it is written.
_DIRECTIONS: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def first_unprintable(text: str, allowed: str = "") -> str | None:
    """Return the first character of a text that is no printable one, None where there is none.

    Parameters
    ----------
    text : str
        What is printed on outputs.
    allowed : str, optional
        Characters that may stand there all the same, such as line ends.
    """
    return next((character for character in text if character not in allowed and _acts(character)), None)


def without_controls(text: str) -> str:
    """Return a text with every control character written as its escape, so that naming it obeys nothing."""
    return "".join(
        character.encode("unicode_escape").decode() if unicodedata.category(character) == "Cc" else character
        for character in text
    )


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _CATEGORIES or unicodedata.bidirectional(character) in _DIRECTIONS
