"""What is doubtful in an image, and what follows from it."""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Flag:
    """A doubt about an image.

    Attributes
    ----------
    meaning : str
    refuses : {"nothing", "measuring", "reading"}
        `measuring`: the image may be read, but nothing is computed from its counts (no outline, no geometric mean).
        `reading`: it would mislead a reader and is not imported.
    """

    meaning: str
    refuses: Literal["nothing", "measuring", "reading"]


FLAGS: Final = {
    "lossy": Flag("the pixels were compressed with loss at some time", "measuring"),
    "secondary_capture": Flag("a secondary capture: it may be a copy of a screen", "measuring"),
    "derived": Flag("the image type says that it was derived from other images", "nothing"),
    "window_tc99m": Flag("the energy window is that of Tc-99m, so this is no mIBG scan", "reading"),
    "window_i131": Flag("the energy window is that of I-131", "nothing"),
    "window_other": Flag("the energy window is centred on neither the peak of I-123 nor that of I-131", "reading"),
    "window_unknown": Flag("no energy window is declared", "nothing"),
    "low_counts": Flag("a view of the object holds fewer than 100,000 counts", "nothing"),
    "delay": Flag("the scan cannot lie 18 to 30 hours after the injection", "nothing"),
    "delay_unknown": Flag("nothing says when the tracer was injected", "nothing"),
    "no_spacing": Flag("nothing says how large a pixel is", "reading"),
    "values_inverted": Flag("the background is brighter than the body: these are grey levels, not counts", "reading"),
    "side_contradicts_view": Flag("what the header says of view, orientation and text contradicts itself", "nothing"),
    "liver_side": Flag("the liver seems to lie on the patient's left", "nothing"),
    "uneven_slices": Flag("the distances between slices differ, or slices lie beside each other", "reading"),
    "missing_slices": Flag("slices are missing or lie twice at one place", "reading"),
    "nuclide_contradicts_window": Flag("the declared radionuclide and the energy window exclude each other", "reading"),
    "nuclide_other": Flag("the declared radionuclide is neither I-123 nor I-131", "reading"),
    "several_windows": Flag("a SPECT whose slices are of several energy windows", "reading"),
    "head_down": Flag("the image may be stored head down", "nothing"),
    "study_date_only": Flag("only the date of the study is known, which may be that of the injection", "nothing"),
    "synthetic": Flag("its header says that it shows no patient: a phantom, or made by a simulator", "nothing"),
}
