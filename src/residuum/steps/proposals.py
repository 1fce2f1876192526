"""Where the marks of a reader's earlier scan are expected on the scan that is read now; the last pairs are kept."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar, cast

import numpy as np

from residuum.reads.blinding import hides_identity
from residuum.records.errors import RefusalError
from residuum.steps.case_images import CaseImages, find_images, load_ct, load_views
from residuum.steps.pictures import Pictures
from residuum.steps.reading import show_read
from residuum.steps.visits import Visit
from residuum.volumes.registration.planar import (
    PLANAR_FAULTS,
    PlanarRegistration,
    register_planar,
)
from residuum.volumes.registration.spect_ct import SPECT_FAULTS, register_spect_ct

Kind = Literal["planar", "spect"]
Found = TypeVar("Found")
Proposed = tuple[str | None, list[dict[str, Any]]]
"""Why nothing is proposed (a key of `FAULTS`), and the rows."""

FAULTS: Final[Mapping[str, str]] = {
    "being_made": "the images of one of the cases are still being made: ask again",
    "no_views": "one of the cases has no whole-body view whose side and spacing are known",
    **{str(code): text for code, text in PLANAR_FAULTS.items()},
    **{str(code): text for code, text in SPECT_FAULTS.items()},
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
        self._kept: OrderedDict[tuple[object, ...], object] = OrderedDict()
        self._lock = threading.Lock()

    def describe(self, asked: Asked, kind: Kind) -> dict[str, Any]:
        """Return where earlier marks are expected, or why that cannot be said (a key of `FAULTS`).

        Parameters
        ----------
        asked : Asked
        kind : str
            ``planar`` for marks on whole-body views, ``spect`` for marks with a place in a SPECT, which takes seconds.

        Raises
        ------
        RefusalError
            ``image_unreadable``.
        """
        fault, proposals = self._propose(asked, kind)
        return {"case": asked.case, "fault": fault, "proposals": proposals}

    def _propose(self, asked: Asked, kind: Kind) -> Proposed:
        if asked.before is None:
            return None, []
        if asked.before.being_made or asked.now.being_made:
            return "being_made", []
        carry = self._carry_planar if kind == "planar" else self._carry_spect
        return carry(asked.before, asked.now, asked.prior)

    def _carry_planar(self, earlier: CaseImages, case: CaseImages, prior: Sequence[Mapping[str, Any]]) -> Proposed:
        before, now = (load_views(one.images, self._pictures) for one in (earlier, case))
        if before is None or now is None:
            return "no_views", []
        key = tuple(tuple(one for one in scan.images if one.kind == "planar") for scan in (earlier, case))
        found = self._keep(key, lambda: register_planar(before[0], now[0]))
        if found.fault is not None:
            return found.fault, []
        return None, [row for mark in prior if (row := _carry(mark, found, before[1], now[1])) is not None]

    def _carry_spect(self, earlier: CaseImages, case: CaseImages, prior: Sequence[Mapping[str, Any]]) -> Proposed:
        places = [next((one.name for one in scan.images if one.kind == "spect"), None) for scan in (earlier, case)]
        marks = [one for one in prior if one["z_mm"] is not None and one["image"] == places[0]]
        if not marks or places[1] is None:
            return None, []
        key = tuple(tuple(one for one in scan.images if one.kind == "ct") for scan in (earlier, case))
        found = self._keep(
            key, lambda: register_spect_ct(*(load_ct(scan.images, self._pictures) for scan in (earlier, case)))
        )
        if found.fault is not None:
            return found.fault, []
        carried = found.carry([[mark["x_mm"], mark["y_mm"], mark["z_mm"]] for mark in marks])
        rows = zip(marks, carried.positions_mm, carried.error_mm, strict=True)
        return None, [
            _describe(mark, places[1], None, place, float(error))
            for mark, place, error in rows
            if np.isfinite(place).all()
        ]

    def _keep(self, key: tuple[object, ...], make: Callable[[], Found]) -> Found:
        """Return what was made for a key before, or make it; the last ones are kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast("Found", self._kept[key])
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made


def _carry(
    mark: Mapping[str, Any], registration: PlanarRegistration, before: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return the proposal for one mark; None where it has no place on a whole-body view, or none here."""
    views = {name: view for view, name in before.items()}
    view = views.get(mark["image"])
    if view is None or mark["x_mm"] is None or mark["y_mm"] is None:
        return None
    target = view if view in now else next(iter(now))
    place = [[mark["x_mm"], mark["y_mm"]]]
    carried = registration.carry(place, view, target, [mark["regions"]])  # type: ignore[arg-type]
    if not np.isfinite(carried.positions_mm).all():
        return None
    return _describe(mark, now[target], target, carried.positions_mm[0], float(carried.error_mm[0]))


def _describe(
    mark: Mapping[str, Any], image: str, view: str | None, place_mm: np.ndarray, error_mm: float
) -> dict[str, Any]:
    x_mm, y_mm, *z_mm = (round(float(one), _DECIMALS) for one in place_mm)
    return {
        "from_case": mark["case"],
        "from_mark": mark["mark"],
        "image": image,
        "view": view,
        "x_mm": x_mm,
        "y_mm": y_mm,
        "z_mm": z_mm[0] if z_mm else None,
        "error_mm": round(error_mm, _DECIMALS),
    }
