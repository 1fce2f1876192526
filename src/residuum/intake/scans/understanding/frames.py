"""Frames of planar objects and of SPECT: energy window, view, side and counts of each, and the side of its liver."""

from dataclasses import replace
from typing import Any

import numpy.typing as npt
from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.vectors import read_window_indices
from residuum.intake.scans.understanding.counts import compute_counts, read_scale
from residuum.intake.scans.understanding.energy import EnergyWindow, read_energy_windows
from residuum.intake.scans.understanding.facts import Frame, Side
from residuum.intake.scans.understanding.views import Seen
from residuum.volumes.laterality import find_liver

Pixels = npt.NDArray[Any]


def read_planar_frames(
    dataset: Dataset, stored: Pixels, windows: tuple[EnergyWindow, ...], seen: tuple[Seen, ...]
) -> tuple[Frame, ...]:
    """Return the frames of a planar or spot object, their livers not looked for.

    Parameters
    ----------
    stored : ndarray, shape (frames, rows, columns)
        Its stored values.
    windows : tuple of EnergyWindow
    seen : tuple of Seen
        What is known of the view of each frame.
    """
    scale = read_scale(dataset)
    return tuple(
        Frame(
            number=number,
            window=window.window,
            window_kev=window.limits_kev,
            view=view.view,
            view_from=view.view_from,
            left_at=view.left_at,
            side_from="declared" if view.left_at else None,
            counts=compute_counts(frame, scale),
            liver_at=None,
        )
        for number, (window, view, frame) in enumerate(zip(windows, seen, stored, strict=True), start=1)
    )


def read_spect_frames(dataset: Dataset, stored: Pixels) -> tuple[Frame, ...]:
    """Return one entry for each energy window of a SPECT, numbered by its first stored frame.

    Parameters
    ----------
    stored : ndarray, shape (frames, rows, columns)
        Its stored values.
    """
    scale, windows = read_scale(dataset), read_energy_windows(dataset, len(stored))
    indices = read_window_indices(dataset, len(stored))
    found = []
    for index in dict.fromkeys(indices):
        own = [place for place, one in enumerate(indices) if one == index]
        window, counts = windows[own[0]], compute_counts(stored[own], scale)
        found.append(Frame(own[0] + 1, window.window, window.limits_kev, None, None, None, None, counts, None))
    return tuple(found)


def find_livers(frames: tuple[Frame, ...], stored: Pixels) -> tuple[Frame, ...]:
    """Return the frames of a whole body with the sides on which their livers seem to lie."""
    return tuple(replace(frame, liver_at=_find_liver(frame, stored[frame.number - 1])) for frame in frames)


def look_turned(frames: tuple[Frame, ...], stored: Pixels) -> bool:
    """Return whether a frame of a whole body shows a liver where it is turned upside down."""
    return any(_find_liver(frame, stored[frame.number - 1][::-1, ::-1]) is not None for frame in frames)


def _find_liver(frame: Frame, pixels: Pixels) -> Side | None:
    """Return where the liver seems to lie; only a frontal view in a photopeak can show it."""
    return find_liver(pixels) if frame.view != "other" and frame.window != "other" else None
