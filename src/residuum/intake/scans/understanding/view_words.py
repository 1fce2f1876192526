"""Views in the words of cameras and technologists, in English, French and German; a doubtful text says nothing."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from residuum.intake.scans.understanding.facts import View

_VIEWS: Final[dict[str, View]] = {
    **dict.fromkeys(("ANT", "ANTERIOR", "ANTERIEUR", "ANTERIEURE"), "anterior"),
    **dict.fromkeys(("POST", "POSTERIOR", "POSTERIEUR", "POSTERIEURE"), "posterior"),
    **dict.fromkeys(("LAT", "LATERAL", "LATERALE", "PROFIL", "SEITLICH", "VERTEX"), "other"),
    **dict.fromkeys(("LAO", "RAO", "LPO", "RPO", "LLAT", "RLAT", "OAG", "OAD", "OPG", "OPD"), "other"),
}
_FACES: Final[dict[str, View]] = {
    **dict.fromkeys(("VENTRAL", "VENTRALE"), "anterior"),
    **dict.fromkeys(("DORSAL", "DORSALE"), "posterior"),
}
"""Views only beside a word for a view: they may also mean the thoracic spine, or how the patient lies."""
_VIEW: Final = {"VUE", "VIEW", "FACE", "INCIDENCE", "ANSICHT"}
_OBLIQUE: Final = {"OBL", "OBLIQUE", "SCHRAG", "SCHRAEG"}
"""An anterior oblique view is no anterior one."""
_PHRASES: Final = (
    (re.compile(r"\bANTERO ?POSTERIOR\b"), "ANTERIOR"),
    (re.compile(r"\bPOSTERO ?ANTERIOR\b"), "POSTERIOR"),
)
_AROUND: Final = """
VIEW VIEWS VUE FACE INCIDENCE PROJECTION PROJECTIONS AUFNAHME ANSICHT IMAGE BILD FRAME DET DETECTOR DETECTEUR DETEKTOR
HEAD TETE KOPF WB WBS WHOLE BODY WHOLEBODY CORPS ENTIER CE BALAYAGE GANZKORPER GANZKOERPER GK SCAN SCINTI SCINTIGRAPHY
SCINTIGRAPHIE SZINTIGRAPHIE SZINTI BONE STATIC STATIQUE STATISCH SPOT PLANAR PLANAIRE EMISSION MIBG IMIBG IODE IODINE
JOD IOBENGUANE ADREVIEW THORAX CHEST ABDOMEN ABDO PELVIS BASSIN BECKEN SKULL CRANE SCHADEL TRUNK TRONC LEGS LEG JAMBES
BEINE KNEES GENOUX KNIE FEET PIEDS FUSSE ARMS BRAS ARME LEFT RIGHT GAUCHE DROITE LINKS RECHTS L R G D E
"""
"""Words that stand beside a view in the name of an image. Any other makes it prose ("prior exam", "POST CHEMO")."""
_TRACERS: Final = {"MIBG", "IMIBG", "IODE", "IODINE", "JOD", "IOBENGUANE", "ADREVIEW"}
_AMOUNT: Final = re.compile(r"[0-9]+[A-Z]*|[A-Z]+[0-9]+[A-Z]*")
"""Such as 24H, I131, or the bare number of hours or of a course of therapy."""


def find_view(text: str) -> View | None:
    """Return the view that a text names, None where it names none or several, or may mean something else.

    POST beside a number or before a tracer ("24H POST", "POST 2", "POST MIBG") may mean after the injection, or after
    therapy.
    """
    words = _words(text)
    views = _VIEWS | _FACES if _VIEW & set(words) else _VIEWS
    if not all(word in views or _is_known(word) for word in words):
        return None
    if _OBLIQUE & set(words):
        return "other"
    found = {views[word] for word in words if word in views}
    return found.pop() if len(found) == 1 and not _may_mean_after(words) else None


def find_views(found: Iterable[str]) -> set[View]:
    """Return the views that several texts name, each for itself."""
    return {view for view in map(find_view, found) if view is not None}


def _words(text: str) -> list[str]:
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.upper()) if not unicodedata.combining(one))
    joined = " ".join(re.findall(r"[^\W_]+", plain))
    for phrase, instead in _PHRASES:
        joined = phrase.sub(instead, joined)
    return joined.split()


def _may_mean_after(words: list[str]) -> bool:
    pairs = list(pairwise(words))
    timed = any("POST" in pair and any(map(_AMOUNT.fullmatch, pair)) for pair in pairs)
    return timed or any(before == "POST" and word in _TRACERS for before, word in pairs)


def _is_known(word: str) -> bool:
    return word in _OBLIQUE or word in _AROUND.split() or any(sign.isdigit() for sign in word)
