"""Where readers put their marks on simulated images: at the lesion, with a hand's tremor, or beside one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from residuum.records.vocabulary import REGIONS, SOFT_TISSUE
from residuum.synthetic.scans.children import compute_seed
from residuum.synthetic.scans.truth import TrueLesion, Truth
from residuum.volumes.grid import Grid

View = Literal["anterior", "posterior"]
_CODES: Final[Mapping[View, str]] = {"anterior": "planar_ant", "posterior": "planar_post"}
_TREMOR_MM: Final = (2.5, 6.0)
"""Standard deviation along each axis, and the most: of two people who point at the same spot. Assumed."""
_BESIDE_SPINE_MM: Final = (25.0, 45.0)
"""To either side of the lumbar spine: where a reader points who sees soft tissue that is not there."""
_DECIMALS: Final = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """The images of a scan on which marks may lie.

    Attributes
    ----------
    views : mapping of str to str
        Name of the planar image by view.
    spect : str or None
    grid : Grid or None
        Of the SPECT, in the frame of the truth.
    """

    views: Mapping[str, str]
    spect: str | None = None
    grid: Grid | None = None


def place_marks(
    marks: Iterable[Mapping[str, Any]], truth: Truth, reader: str, shown: Shown
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the positions of the marks of one scan, by reader and mark; those that get none are left out.

    Parameters
    ----------
    marks : iterable of mapping
        Rows of marks.csv.
    truth : Truth
    reader : str
        From whose marks the lesions were made: those lie exactly at them.
    shown : Shown

    Returns
    -------
    dict of (str, str) to dict
        `image`, `view`, `x_mm`, `y_mm` and, on a SPECT, `z_mm`, as in marks.csv.
    """
    unmet: dict[str, list[TrueLesion]] = {}
    found = {}
    for mark in marks:
        lesion = _take_lesion(mark, unmet.setdefault(mark["reader"], list(truth.lesions)))
        rng = None if mark["reader"] == reader and lesion else _make_rng(mark)
        place = _place_at(mark, lesion, truth, shown, rng) if lesion else _place_anywhere(mark, truth, shown, rng)
        if place is not None:
            found[mark["reader"], mark["mark"]] = place
    return found


def _make_rng(mark: Mapping[str, Any]) -> np.random.Generator:
    return np.random.default_rng(compute_seed(mark["scan"], mark["reader"], mark["mark"], "hand"))


def _take_lesion(mark: Mapping[str, Any], unmet: list[TrueLesion]) -> TrueLesion | None:
    """Return the lesion that a reader means: the one of this name, else the next of these regions and this pattern."""
    regions = set(mark["regions"].split(";"))
    alike = [one for one in unmet if set(one.regions) == regions and one.pattern == mark["pattern"]]
    named = [one for one in alike if one.mark == mark["mark"]]
    if not alike:
        return None
    lesion = (named or alike)[0]
    unmet.remove(lesion)
    return lesion


def _place_at(
    mark: Mapping[str, Any], lesion: TrueLesion, truth: Truth, shown: Shown, rng: np.random.Generator | None
) -> dict[str, Any] | None:
    # The body lies around y = 0, which grows to the back.
    nearer: View = "anterior" if lesion.position_mm[1] < 0 else "posterior"
    view = _choose_view(mark, nearer, shown)
    tremor = np.clip(rng.normal(0, _TREMOR_MM[0], 3), -_TREMOR_MM[1], _TREMOR_MM[1]) if rng else np.zeros(3)
    if view is not None:
        x, y = _find_point(lesion, truth, view) + tremor[:2]
        return _on_view(view, x, y, truth, shown)
    return _on_spect(mark, np.array(lesion.position_mm) + tremor, shown)


def _find_point(lesion: TrueLesion, truth: Truth, view: View) -> Any:
    """Return the centre of a lesion in a view, or where that lies beside it the nearest pixel on it."""
    centre = np.array(lesion.planar_mm[view])
    pixels = np.argwhere(truth.views[view].lesion_mask(lesion.label))[:, ::-1] * truth.pixel_mm
    away = np.abs(pixels - centre).max(axis=1, initial=0.0)
    if not len(pixels) or away.min() <= truth.pixel_mm / 2:
        return centre
    return pixels[np.argmin(np.hypot(*(pixels - centre).T))]


def _place_anywhere(
    mark: Mapping[str, Any], truth: Truth, shown: Shown, rng: np.random.Generator | None
) -> dict[str, Any] | None:
    """Return a place in the region of a mark that means no lesion; none in a volume."""
    assert rng is not None
    region = mark["regions"].split(";")[0]
    seen: dict[View, int] = {view: int(np.sum(_find_pixels(region, truth, view))) for view in _CODES}
    view = _choose_view(mark, max(seen, key=lambda one: seen[one]), shown)
    if view is None or not seen[view]:
        return None
    pixels = np.argwhere(_find_pixels(region, truth, view))
    row, column = pixels[rng.integers(len(pixels))] * truth.pixel_mm
    aside = rng.choice([-1, 1]) * rng.uniform(*_BESIDE_SPINE_MM) if region == SOFT_TISSUE else 0.0
    return _on_view(view, column + aside, row, truth, shown)


def _find_pixels(region: str, truth: Truth, view: View) -> Any:
    """Return the pixels on which a region is met first from the detector; of soft tissue those of the lumbar spine."""
    bone = "spine_lumbar" if region == SOFT_TISSUE else region
    return truth.views[view].nearest == 1 + REGIONS.index(bone)


def _choose_view(mark: Mapping[str, Any], nearer: View, shown: Shown) -> View | None:
    """Return the nearer view where the mark was seen on it or nothing says where, else the other one."""
    seen = (mark["seen_on"] or ";".join(_CODES.values())).split(";")
    farther: View = "posterior" if nearer == "anterior" else "anterior"
    return next((view for view in (nearer, farther) if _CODES[view] in seen and view in shown.views), None)


def _on_view(view: View, x: float, y: float, truth: Truth, shown: Shown) -> dict[str, Any] | None:
    rows, columns = truth.views[view].nearest.shape
    if not (0 <= x <= (columns - 1) * truth.pixel_mm and 0 <= y <= (rows - 1) * truth.pixel_mm):
        return None
    return {
        "image": shown.views[view],
        "view": view,
        "x_mm": round(float(x), _DECIMALS),
        "y_mm": round(float(y), _DECIMALS),
    }


def _on_spect(mark: Mapping[str, Any], position_mm: Any, shown: Shown) -> dict[str, Any] | None:
    if shown.spect is None or shown.grid is None or "spect" not in (mark["seen_on"] or "").split(";"):
        return None
    index = shown.grid.index(position_mm)
    if np.any(index < 0) or np.any(index > np.array(shown.grid.shape) - 1):
        return None
    x, y, z = (round(float(one), _DECIMALS) for one in position_mm)
    return {"image": shown.spect, "x_mm": x, "y_mm": y, "z_mm": z}
