"""Energy windows: which photopeak each frame holds, and whether the declared radionuclide agrees."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.attributes import number, word
from residuum.intake.scans.dicom.parsing import items
from residuum.intake.scans.dicom.vectors import item_at, read_window_indices
from residuum.intake.scans.understanding.facts import Frame, Window

PEAKS_KEV: Final[tuple[tuple[Window, float], ...]] = (
    ("I123", 159.0),
    ("I131", 364.5),
    ("Tc99m", 140.5),
    ("other", 171.3),
    ("other", 245.4),
    ("other", 70.8),
    ("other", 167.4),
)
"""Main photons of iodine-123, iodine-131 and technetium-99m, then of indium-111 (two) and thallium-201 (two), whose
windows may hold 159 keV as well."""
OFF_CENTRE_KEV: Final = 6.0
"""How far the centre of a window of iodine-123 may lie from its peak."""
IODINE: Final[tuple[Window, ...]] = ("I123", "I131")
"""Nuclides of mIBG, in the order in which their windows are read."""
WIDEST: Final = 0.4
"""Width of a photopeak window over its peak at most: 0.15 to 0.3 are used, an open window holds every peak."""
PREFERRED: Final[tuple[Window, ...]] = ("I123", "I131", "Tc99m", "other")
"""Of several windows the first of these is the one the object was made for."""
Nuclide = Literal["I123", "I131", "Tc99m", "other"]

_NUCLIDES: Final[dict[str, Nuclide]] = {
    "C-114A4": "I123",
    "21572004": "I123",
    "C-114B1": "I131",
    "1368003": "I131",
    "C-163A8": "Tc99m",
    "72454006": "Tc99m",
}
"""PS3.16 CID 18, in SNOMED RT and CT."""
_ELEMENTS: Final = (("IOD", "I"), ("TECHNE", "TC"))


@dataclass(frozen=True, slots=True)
class EnergyWindow:
    """A window of the camera: the photopeak that it holds and its limits in keV, both None where nothing says them."""

    window: Window | None
    limits_kev: tuple[float, float] | None

    @property
    def width_kev(self) -> float:
        """Return how wide it is, 0 where nothing says it."""
        return 0.0 if self.limits_kev is None else self.limits_kev[1] - self.limits_kev[0]


_UNDECLARED: Final = EnergyWindow(None, None)


def classify_window(lower_kev: float, upper_kev: float) -> Window:
    """Return the photopeak that a window was made for.

    It holds the peak, is no wider than a photopeak window is, and of the peaks that it holds, this is the nearest to
    its centre: 143 to 175 keV holds 159; 126 to 154 keV does not; 130 to 160 keV holds 140 and 159 but is centred
    on the former; 154 to 188 keV holds 159 but is made for the 171 keV of indium. That of iodine-123 is centred on
    153 to 165 keV as well.
    """
    centre, width = (lower_kev + upper_kev) / 2, upper_kev - lower_kev
    held = [one for one in PEAKS_KEV if lower_kev <= one[1] <= upper_kev and width <= WIDEST * one[1]]
    name, peak_kev = min(held, key=lambda one: abs(one[1] - centre), default=("other", centre))
    return "other" if name == "I123" and abs(peak_kev - centre) > OFF_CENTRE_KEV else name


def read_energy_windows(dataset: Dataset, frame_count: int) -> tuple[EnergyWindow, ...]:
    """Return the energy window of every frame.

    Where one window of an object is that of iodine-123, the others were taken beside it: a scatter window of 126 to
    142 keV is no window of technetium. Of several windows around one peak the widest counts, the others are `other`:
    they show the same decays once more.
    """
    declared = [_window(item) for item in items(dataset, "EnergyWindowInformationSequence")]
    found = [item_at(declared, index) or _UNDECLARED for index in read_window_indices(dataset, frame_count)]
    if found.count(_UNDECLARED) == frame_count and len({one.window for one in declared}) == 1:
        # Nothing says which of several windows a frame is of, but all of them hold the same peak.
        found = [EnergyWindow(declared[0].window, None)] * frame_count
    if any(one.window == "I123" for one in found):
        found = [replace(one, window="other") if one.window not in ("I123", None) else one for one in found]
    return tuple(_without_narrower(found))


def suppose_window(frames: tuple[Frame, ...], nuclide: Nuclide | None) -> tuple[Frame, ...]:
    """Return frames of which none has a declared window in that of the radionuclide, where it is one of mIBG."""
    if nuclide not in IODINE or any(frame.window is not None for frame in frames):
        return frames
    return tuple(replace(frame, window=nuclide) for frame in frames)


def read_nuclide(dataset: Dataset) -> Nuclide | None:
    """Return the radionuclide that was given, None where nothing or several are declared.

    A code whose meaning names another nuclide declares nothing. Of several that are no iodine none is of mIBG.
    """
    found = {
        _nuclide(code) for item in items(dataset, "RadiopharmaceuticalInformationSequence") for code in _codes(item)
    }
    if found == {"Tc99m", "other"}:
        return "other"
    return found.pop() if len(found) == 1 else None


def find_energy_flags(windows: Iterable[Window | None], nuclide: Nuclide | None) -> set[str]:
    """Return what is doubtful about the best window of an object and about its radionuclide."""
    present = set(windows)
    best = next((window for window in PREFERRED if window in present), None)
    flags: set[str] = set()
    if best != "I123":
        flags.add(f"window_{best.lower() if best else 'unknown'}")
    if nuclide is not None and nuclide not in IODINE:
        flags.add("nuclide_other")
    if best not in (None, "other") and nuclide not in (None, best):
        flags.add("nuclide_contradicts_window")
    return flags


def _without_narrower(found: list[EnergyWindow]) -> list[EnergyWindow]:
    widest_kev = {one.window: 0.0 for one in found}
    for one in found:
        widest_kev[one.window] = max(widest_kev[one.window], one.width_kev)
    return [replace(one, window="other") if one.width_kev < widest_kev[one.window] else one for one in found]


def _window(item: Dataset) -> EnergyWindow:
    """Return the best of the ranges of one window."""
    found: dict[Window, tuple[float, float]] = {}
    for limits in items(item, "EnergyWindowRangeSequence"):
        lower, upper = number(limits, "EnergyWindowLowerLimit"), number(limits, "EnergyWindowUpperLimit")
        if lower is not None and upper is not None and 0 <= lower < upper:
            found.setdefault(classify_window(lower, upper), (lower, upper))
    best = next((window for window in PREFERRED if window in found), None)
    return _UNDECLARED if best is None else EnergyWindow(best, found[best])


def _codes(item: Dataset) -> tuple[Dataset, ...]:
    return items(item, "RadionuclideCodeSequence")


def _nuclide(code: Dataset) -> Nuclide | None:
    coded, meant = _NUCLIDES.get(word(code, "CodeValue")), _named(word(code, "CodeMeaning"))
    if coded is None or meant is None:
        return coded or meant
    return coded if coded == meant else None


def _named(meaning: str) -> Nuclide | None:
    """Return the nuclide that a code meaning such as ^123^Iodine or Tc-99m names."""
    words, mass = re.findall(r"[A-Z]+", meaning), re.search(r"[0-9]+", meaning)
    if mass is None:
        return None
    iodine, technetium = (any(one.startswith(stem) or one == symbol for one in words) for stem, symbol in _ELEMENTS)
    known: dict[tuple[bool, bool, str], Nuclide] = {
        (True, False, "123"): "I123",
        (True, False, "131"): "I131",
        (False, True, "99"): "Tc99m",
    }
    return known.get((iodine, technetium, mass.group()), "other")
