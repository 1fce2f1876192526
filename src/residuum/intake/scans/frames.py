"""Frames of planar objects and of SPECT: energy window, view, side and counts of each, and the side of its liver."""

from typing import Any

import numpy.typing as npt
from pydicom.dataset import Dataset

from residuum.intake.scans.counts import compute_counts, read_scale
from residuum.intake.scans.energy import EnergyWindow, read_energy_windows
from residuum.intake.scans.facts import Frame, Kind, Side
from residuum.intake.scans.vectors import read_window_indices
from residuum.intake.scans.views import Seen
from residuum.volumes.laterality import find_liver

Pixels = npt.NDArray[Any]


def read_planar_frames(dataset: Dataset, kind: Kind, stored: Pixels, seen: tuple[Seen, ...]) -> tuple[Frame, ...]:
    """Return the frames of a planar or spot object.

    Parameters
    ----------
    kind : {"planar", "spot"}
    stored : ndarray, shape (frames, rows, columns)
        Its stored values.
    seen : tuple of Seen
        What is known of the view of each frame.
    """
    scale, windows = read_scale(dataset), read_energy_windows(dataset, len(stored))
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
            liver_at=_find_liver(kind, window, view, frame),
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


def _find_liver(kind: Kind, window: EnergyWindow, view: Seen, frame: Pixels) -> Side | None:
    """Return where the liver seems to lie; only a frontal view of the whole body in a photopeak can show it."""
    shows = kind == "planar" and view.view != "other" and window.window != "other"
    return find_liver(frame) if shows else None
