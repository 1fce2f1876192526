"""View codes of nuclear medicine (DICOM PS3.16 CID 26, with codes that older editions had) and what they mean here."""

from typing import Final

from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.attributes import text, word
from residuum.intake.scans.dicom.parsing import items
from residuum.intake.scans.understanding.facts import View
from residuum.intake.scans.understanding.view_words import find_view

# By SNOMED RT and CT; lateral, oblique and axial views are `other`. Antero-posterior is left over from radiography, and
# cameras that use it mean the anterior view.
_CODES: Final[dict[str, View]] = {
    **dict.fromkeys(("399321004", "G-5215", "399348003", "R-10206", "G-5200"), "anterior"),
    **dict.fromkeys(("399001007", "G-5216", "272479007", "R-10214", "G-5201"), "posterior"),
    **dict.fromkeys(("399118008", "G-5223", "399297009", "G-5222", "49370004", "G-A104", "399173006"), "other"),
    **dict.fromkeys(("399074003", "G-5207", "399108003", "G-5206", "399136008", "G-5209"), "other"),
    **dict.fromkeys(("399075002", "G-5208", "399012007", "G-5220", "399300004", "G-5221"), "other"),
    **dict.fromkeys(("399268006", "G-5224", "399159002", "G-5225"), "other"),
}


def read_view_codes(source: Dataset) -> set[View]:
    """Return the views that a View Code Sequence declares, by codes and by their meanings: more than one contradict."""
    codes = items(source, "ViewCodeSequence")
    found = (view for code in codes for view in (_CODES.get(word(code, "CodeValue")), _meant(code)))
    return {view for view in found if view is not None}


def _meant(code: Dataset) -> View | None:
    return find_view(text(code, "CodeMeaning"))
