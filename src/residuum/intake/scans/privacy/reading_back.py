"""A copy read again before it is kept: what the white list leaves must be enough to understand it as its source."""

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any, Final

import numpy as np

from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Facts, Frame, Side, View, Window
from residuum.intake.scans.understanding.understand import understand

_SAME: Final = 1e-6
"""Numbers with more than 16 characters are rounded to them."""


def check_copy(data: bytes, source: Facts, views: Mapping[int, tuple[View, Side | None]]) -> None:
    """Refuse a copy that would be understood as something else than its source and what was answered.

    Parameters
    ----------
    data : bytes
        The copy.
    source : Facts
    views : mapping of int to (View, Side or None)
        As in `copying.CopyPlan`.

    Raises
    ------
    ScanError
        `scan.incomplete` with what was lost, or why the copy cannot be understood at all.
    """
    found = understand(parse(data), decode)
    frames = {frame.number: frame for frame in found.frames}
    kept = {
        "Image Type": found.kind == source.kind,
        "pixel matrix": _matrix(found) == _matrix(source),
        "Pixel Spacing": _alike(found.spacing_mm, source.spacing_mm),
        "place of its slices": _alike(*(one.placement and astuple(one.placement) for one in (found, source))),
        "energy window": _windows(found) == _windows(source),
        "scale of its values": _alike(*([frame.counts for frame in one.frames] for one in (found, source))),
        "view": all(_says(frames.get(number), known) for number, known in views.items()),
    }
    for what, same in kept.items():
        if not same:
            raise ScanError("scan.incomplete", what=f"a valid {what}")


def _matrix(facts: Facts) -> tuple[int, ...]:
    return facts.rows, facts.columns, facts.frame_count


def _windows(facts: Facts) -> list[tuple[int, Window | None]]:
    # A window that follows from the nuclide alone may stand in words that are dropped.
    return [(frame.number, frame.window if frame.window_kev else None) for frame in facts.frames]


def _alike(found: Any, expected: Any) -> bool:
    """Return whether numbers, however nested, are the same but for their last digits, or there are none."""
    if found is None or expected is None:
        return found is expected
    one, other = np.ravel(found), np.ravel(expected)
    return one.shape == other.shape and np.allclose(one, other, rtol=_SAME, atol=_SAME)


def _says(frame: Frame | None, known: tuple[View, Side | None]) -> bool:
    """Return whether a frame says what is known; no code stands for all lateral and oblique views, so none may."""
    if frame is None or known[0] == "other":
        return frame is not None and frame.view in ("other", None)
    return frame.view == known[0] and known[1] in (None, frame.left_at)
