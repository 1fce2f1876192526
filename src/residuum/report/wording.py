"""The words of report and figures: English in the source, other languages from catalogues in `locale`."""

import gettext
from collections.abc import Mapping
from gettext import NullTranslations
from importlib import resources
from pathlib import Path
from typing import Final

from residuum.records.errors import CallError

SOURCE_LANGUAGE: Final = "en"
DOMAIN: Final = "residuum"


def translator(language: str) -> NullTranslations:
    """Return the translations of `language`; English is what the source says and needs no catalogue.

    Raises
    ------
    CallError
        There is no catalogue of this language.
    """
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    try:
        return gettext.translation(DOMAIN, _catalogues(), [language])
    except FileNotFoundError:
        raise CallError(
            f"there is no catalogue for language {language!r}; choose one of {', '.join(languages())}"
        ) from None


def languages() -> list[str]:
    """Return the languages in which reports can be written."""
    compiled = _catalogues().glob(f"*/LC_MESSAGES/{DOMAIN}.mo")
    return [SOURCE_LANGUAGE, *sorted(path.parts[-3] for path in compiled)]


def N_(message: str) -> str:  # noqa: N802 - the name by which catalogue tools find strings translated later
    """Return `message` as it is: it only marks a string that is translated where it is shown."""
    return message


def label(words: NullTranslations, code: str | None, labels: Mapping[str, str]) -> str:
    """Return the words for a code of a closed list; an unlisted code is shown as it is, a missing one as a dash."""
    if code is None:
        return "–"
    return words.gettext(labels[code]) if code in labels else code.replace("_", " ")


def _catalogues() -> Path:
    return Path(str(resources.files("residuum.report") / "locale"))
