"""Where the marks of a reader's earlier scan are expected on the scan that is read now; the last pairs are kept."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from residuum.reads.blinding import hides_identity
from residuum.records.errors import RefusalError
from residuum.steps.case_images import CaseImages, find_images, load_views
from residuum.steps.pictures import Pictures
from residuum.steps.reading import show_read
from residuum.steps.visits import Visit
from residuum.volumes.registration.planar import (
    PLANAR_FAULTS,
    PlanarRegistration,
    Views,
    register_planar,
)

FAULTS: Final[Mapping[str, str]] = {
    "being_made": "the images of one of the cases are still being made: ask again",
    "no_views": "one of the cases has no whole-body view whose side and spacing are known",
    **{str(code): text for code, text in PLANAR_FAULTS.items()},
}
"""Why nothing is proposed."""
_KEPT: Final = 32
_DECIMALS: Final = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A case with the marks of the reader's earlier one, and the images of both."""

    case: str
    prior: Sequence[Mapping[str, Any]]
    before: CaseImages | None
    now: CaseImages


def find_prior_marks(visit: Visit, number: str) -> Asked:
    """Return the earlier marks that may be proposed for a case.

    Raises
    ------
    RefusalError
        ``blinded`` in blinded order: what belongs together would be told; ``not_found``.
    """
    if hides_identity(visit.settings.reading):
        raise RefusalError("blinded", "in blinded order nothing is carried from scan to scan")
    read = show_read(visit, number)
    earlier = read["earlier"]  # registered even before it is read, so that its marks need not wait later
    return Asked(number, read["prior"], find_images(visit, earlier) if earlier else None, find_images(visit, number))


class Proposals:
    """Carries the marks of earlier cases.

    Parameters
    ----------
    pictures : Pictures
    """

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._kept: OrderedDict[tuple[object, ...], PlanarRegistration] = OrderedDict()
        self._lock = threading.Lock()

    def describe(self, asked: Asked) -> dict[str, Any]:
        """Return where earlier marks are expected, or why that cannot be said (a key of `FAULTS`).

        Raises
        ------
        RefusalError
            ``image_unreadable``.
        """
        fault, proposals = self._propose(asked)
        return {"case": asked.case, "fault": fault, "proposals": proposals}

    def _propose(self, asked: Asked) -> tuple[str | None, list[dict[str, Any]]]:
        if asked.before is None:
            return None, []
        if asked.before.being_made or asked.now.being_made:
            return "being_made", []
        before, now = (load_views(one.images, self._pictures) for one in (asked.before, asked.now))
        if before is None or now is None:
            return "no_views", []
        key = tuple(tuple(one for one in case.images if one.kind == "planar") for case in (asked.before, asked.now))
        registration = self._register(before[0], now[0], key)
        if registration.fault is not None:
            return registration.fault, []
        return None, [row for mark in asked.prior if (row := _carry(mark, registration, before[1], now[1])) is not None]

    def _register(self, before: Views, now: Views, key: tuple[object, ...]) -> PlanarRegistration:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        if found is None:
            found = register_planar(before, now)
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return found


def _carry(
    mark: Mapping[str, Any], registration: PlanarRegistration, before: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return the proposal for one mark; None where it has no place on a whole-body view, or none here."""
    views = {name: view for view, name in before.items()}
    view = views.get(mark["image"])
    if view is None or mark["x_mm"] is None or mark["y_mm"] is None:
        return None
    target = view if view in now else next(iter(now))
    carried = registration.carry([[mark["x_mm"], mark["y_mm"]]], view, target)  # type: ignore[arg-type]
    if not np.isfinite(carried.positions_mm).all():
        return None
    x_mm, y_mm = (round(float(one), _DECIMALS) for one in carried.positions_mm[0])
    return {
        "from_case": mark["case"],
        "from_mark": mark["mark"],
        "image": now[target],
        "view": target,
        "x_mm": x_mm,
        "y_mm": y_mm,
        "error_mm": round(float(carried.error_mm[0]), _DECIMALS),
    }
