"""Why an object is refused: a closed list, each with what is wrong and what to do about it."""

from typing import Final

from residuum.records.errors import InputError, Problem

REFUSALS: Final = {
    "scan.not_dicom": (
        "this is no DICOM object",
        "Name a DICOM file, a folder or ZIP archive of them, or an archive.",
    ),
    "scan.unreadable": ("the file cannot be opened", "Check its permissions, or copy it again."),
    "scan.damaged": ("the DICOM object is damaged: {what}", "Export it again from the archive."),
    "scan.too_large": ("the object holds more than {limit}", "Export single scans; a whole-body scan takes a few MB."),
    "scan.too_deep": ("its sequences are nested deeper than {limit}", "Export it again without private attributes."),
    "scan.too_slow": ("reading it took more than {limit} s", "Export it again uncompressed; it may be damaged."),
    "scan.too_much_memory": ("reading it takes more than {limit}", "Export single scans, uncompressed."),
    "scan.crash": ("its decoder failed", "Export it again uncompressed (Explicit VR Little Endian)."),
    "scan.no_reader": (
        "the process that reads objects does not start",
        "Run `python -m residuum.intake.scans.limited.worker`: it must wait for input and print nothing.",
    ),
    "scan.link": ("this is a link that leads out of the folder", "Name what it leads to, or copy it into the folder."),
    "scan.deflated": ("deflated transfer syntax is never unpacked", "Export it as Explicit VR Little Endian."),
    "scan.no_decoder": ("nothing here decodes {what}", "Export it uncompressed (Explicit VR Little Endian)."),
    "scan.not_an_image": ("this object is of no kind that is read here ({what})", "Leave it out."),
    "scan.raw_tomo": ("these are raw SPECT projections", "Import the reconstructed SPECT of the same series."),
    "scan.same_identifier": (
        "another object has the same identifier and other content",
        "Leave one of the two out.",
    ),
    "scan.study_of_another": (
        "its study came in before under patient {patient}",
        "Correct the key, and take the rows of the other patient's images out of images.csv.",
    ),
    "scan.separate_slices": (
        "the slices of this SPECT are separate objects",
        "Export the SPECT as one multi-frame object.",
    ),
    "scan.incomplete": ("the header lacks {what}", "Export it again with the whole header."),
    "scan.contradiction": ("the header contradicts itself: {what}", "Ask the camera's workstation; export it again."),
    "scan.zip": ("the archive cannot be read safely: {what}", "Unpack it and name the folder."),
    "scan.burned_in": ("names may be burnt into its pixels", "Export the original image instead of a screenshot."),
    "scan.asked": (
        "nothing in it says {what}",
        "Write the questions with `residuum scan inspect --questions FILE`, answer them and give --answers FILE.",
    ),
    "scan.unknown_patient": ("the key has no such patient", "Add the patient to patients.csv of the key folder."),
    "scan.no_date": ("it has no acquisition date", "Export it again with its dates."),
    "scan.no_row": (
        "the study has no scan of patient {patient} on day {day}",
        "Add it to scans.csv with its time point, or correct the day of the scan or the diagnosis date in the key.",
    ),
    "scan.several_rows": (
        "the study has several scans of patient {patient} on day {day}",
        "Give them days of their own, or import each with --scan.",
    ),
    "scan.tracer": ("it was made with {window}, but the study says {tracer}", "Correct one of the two."),
    "scan.imported_differently": (
        "scan {scan} holds this object already, with other answers or as another scan",
        "Remove its rows from images.csv first; marks on it lose their place.",
    ),
    "scan.changed": ("the file changed while it was read", "Import it again."),
    "scan.archive": ("the archive {what}", "Check its address and account."),
}
"""Rule: message, cure."""


class ScanError(InputError):
    """The one error of reading scans; it names no value of the header.

    Attributes
    ----------
    rule : str
        Entry of `REFUSALS`.
    words : dict
        Fill in its message.
    """

    def __init__(self, rule: str, **words: object) -> None:
        message, self.cure = REFUSALS[rule]
        self.rule, self.words = rule, words
        super().__init__(message.format(**words))

    def at(self, place: str) -> Problem:
        """Return the problem that it is at a place (a path within what was named, or an address)."""
        return Problem("error", self.rule, place, str(self), self.cure)
