"""Regions that are proposed for places of a case's whole-body views; the last ones are kept."""

import threading
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from residuum.records.vocabulary import REGIONS
from residuum.steps.case_images import CaseImages, load_views
from residuum.steps.pictures import Pictures
from residuum.volumes.regions.proposals import REGION_FAULTS, STEP_MM, RegionMap, propose_regions

FAULTS: Final[Mapping[str, str]] = {
    "being_made": "the images of the case are still being made: ask again",
    "no_views": "the case has no whole-body view whose side and spacing are known",
    **REGION_FAULTS,
}
"""Why a case has no region maps."""
_KEPT: Final = 32
_Maps = tuple[str | None, list[dict[str, Any]]]


class RegionMaps:
    """Proposes regions for the cases of a study.

    Parameters
    ----------
    pictures : Pictures
    """

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._kept: OrderedDict[tuple[object, ...], _Maps] = OrderedDict()
        self._lock = threading.Lock()

    def describe(self, found: CaseImages) -> dict[str, Any]:
        """Return the region maps of a case's whole-body views, or why there are none (a key of `FAULTS`).

        Raises
        ------
        RefusalError
            ``image_unreadable``.
        """
        key = tuple(one for one in found.images if one.kind == "planar")
        fault, maps = self._recall(key) or self._keep(key, self._propose(found))
        return {"case": found.case, "fault": fault, "maps": maps}

    def _propose(self, found: CaseImages) -> _Maps:
        if found.being_made:
            return "being_made", []
        loaded = load_views(found.images, self._pictures)
        if loaded is None:
            return "no_views", []
        views, names = loaded
        proposed = propose_regions(views)
        return (proposed, []) if isinstance(proposed, str) else (None, [_describe(one, names) for one in proposed])

    def _recall(self, key: tuple[object, ...]) -> _Maps | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: tuple[object, ...], maps: _Maps) -> _Maps:
        if key:
            with self._lock:
                self._kept[key] = maps
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return maps


def _describe(one: RegionMap, names: Mapping[str, str]) -> dict[str, Any]:
    rows, columns = one.first.shape
    return {
        "image": names[one.view],
        "step_mm": STEP_MM,
        "rows": rows,
        "columns": columns,
        "regions": REGIONS,
        "first": b64encode(one.first.tobytes()).decode(),
        "second": b64encode(one.second.tobytes()).decode(),
    }
