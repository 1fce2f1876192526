"""What is truly where in the two views of a scan: bones, lesions and their positions; kept in one file."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from residuum.records.vocabulary import REGIONS
from residuum.synthetic.camera.planar import MATRIX_SHAPE
from residuum.synthetic.phantom.anatomy import Phantom
from residuum.synthetic.tracer.lesions import Lesions, find_voxels
from residuum.synthetic.tracer.planned import Planned
from residuum.volumes.grid import Grid
from residuum.volumes.placement import Vector

View = Literal["anterior", "posterior"]

_BIT: Final = np.array([0, *(1 << number for number in range(len(REGIONS)))], np.uint32)
"""Of each code of a region."""
_ARRAYS: Final = ("regions", "nearest", "lesions")
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class TrueLesion:
    """One lesion of a scan.

    Attributes
    ----------
    label : int
    mark : str
        Name of the mark from which it was made.
    regions : tuple of str
    pattern : str
    extent : float or None
    number : int
        Of the mark among those of its regions: number and regions name the place, the same in all scans of the child.
    contrast : float
        Activity concentration relative to soft tissue.
    voxels : int
    position_mm : tuple of float
        Centre of its voxels in the phantom, LPS.
    planar_mm : mapping of str to tuple of float
        Centre in each view: x and y in millimetres from the centre of the top-left stored pixel.
    """

    label: int
    mark: str
    regions: tuple[str, ...]
    pattern: str
    extent: float | None
    number: int
    contrast: float
    voxels: int
    position_mm: Vector
    planar_mm: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class TrueView:
    """What lies behind the pixels of one view, as it is stored.

    Attributes
    ----------
    regions : array (rows, columns) of uint32
        Bit i is set where bone of `REGIONS` [i] lies on the line of sight.
    nearest : array (rows, columns) of uint8
        1 + index in `REGIONS` of the bone that is met first from this detector, 0 for none.
    lesions : array (lesions, rows, columns / 8) of uint8
        Bit masks by label - 1, packed along rows.
    """

    regions: NDArray[np.uint32]
    nearest: NDArray[np.uint8]
    lesions: NDArray[np.uint8]

    def lesion_mask(self, label: int) -> NDArray[np.bool_]:
        """Return the pixels on whose line of sight a lesion lies.

        Raises
        ------
        ValueError
            There is no such label.
        """
        if not 1 <= label <= len(self.lesions):
            raise ValueError(f"label is {label}; the view has lesions 1 to {len(self.lesions)}")
        unpacked = np.unpackbits(self.lesions[label - 1], axis=-1, count=self.regions.shape[1])
        return unpacked.astype(bool)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is truly there in one planar scan.

    Attributes
    ----------
    views : mapping of str to TrueView
        `anterior` and `posterior`; the latter has the patient's left on its left.
    lesions : tuple of TrueLesion
        By label.
    pixel_mm : float
    """

    views: Mapping[View, TrueView]
    lesions: tuple[TrueLesion, ...]
    pixel_mm: float


def derive_truth(
    phantom: Phantom, lesions: Lesions, offset: tuple[int, int], shape: tuple[int, int] = MATRIX_SHAPE
) -> Truth:
    """Return the truth of both views of a scan without blur and noise: lines of sight are straight.

    Parameters
    ----------
    phantom : Phantom
        Its slices and columns have the size of pixels.
    lesions : Lesions
    offset : tuple of int
        Row and column of the view from the front under the phantom's first slice and column; what lies beyond the
        matrix is left out of masks, not of positions.
    shape : tuple of int
        Rows and columns of the matrix.

    Raises
    ------
    ValueError
        Pixels would not be square.
    """
    pixel_mm = float(phantom.grid.spacing_mm[1])
    if abs(np.linalg.norm(phantom.grid.placement.step_mm) - pixel_mm) > 1e-6:
        raise ValueError(f"slices lie {phantom.grid.placement.step_mm} mm apart, columns {pixel_mm}: pixels are square")
    voxels = {
        label: np.column_stack(np.unravel_index(flat, phantom.region.shape))
        for label, flat in find_voxels(lesions.labels).items()
    }
    masks = np.zeros((len(voxels), *shape), bool)
    for mask, index in zip(masks, voxels.values(), strict=True):
        seen = np.zeros(phantom.region.shape[::2], bool)
        seen[index[:, 0], index[:, 2]] = True
        _place(mask, seen, offset)
    views: dict[View, TrueView] = {
        "anterior": _see(phantom.region, masks, offset, shape),
        "posterior": _see(phantom.region[:, ::-1], masks, offset, shape, flipped=True),
    }
    table = tuple(
        _describe(planned, voxels[planned.label], phantom.grid, offset, shape[1]) for planned in lesions.table
    )
    return Truth(views, table, pixel_mm)


def _see(
    region: NDArray[np.uint8],
    masks: NDArray[np.bool_],
    offset: tuple[int, int],
    shape: tuple[int, int],
    *,
    flipped: bool = False,
) -> TrueView:
    """Return the view of a detector beyond the first row of a volume of regions."""
    crossed, nearest = np.zeros(shape, np.uint32), np.zeros(shape, np.uint8)
    _place(crossed, np.bitwise_or.reduce(_BIT[region], axis=1), offset)
    first = np.argmax(region > 0, axis=1)[:, None]
    _place(nearest, np.take_along_axis(region, first, axis=1)[:, 0], offset)
    across = slice(None, None, -1 if flipped else 1)
    return TrueView(
        np.ascontiguousarray(crossed[:, across]),
        np.ascontiguousarray(nearest[:, across]),
        np.packbits(masks[:, :, across], axis=-1),
    )


def _place(matrix: NDArray[Any], image: NDArray[Any], offset: tuple[int, int]) -> None:
    """Write an image into a matrix at an offset; what lies beyond is left out."""
    into, of = [], []
    for first, size, length in zip(offset, matrix.shape, image.shape, strict=True):
        low, high = max(0, first), min(size, first + length)
        into.append(slice(low, max(low, high)))
        of.append(slice(low - first, max(low, high) - first))
    matrix[tuple(into)] = image[tuple(of)]


def _describe(
    planned: Planned, voxels: NDArray[np.int64], grid: Grid, offset: tuple[int, int], columns: int
) -> TrueLesion:
    middle, pixel_mm = voxels.mean(axis=0), grid.spacing_mm[1]
    row, column = float(middle[0]) + offset[0], float(middle[2]) + offset[1]
    x, y, z = grid.position_mm(*middle).tolist()
    across = {"anterior": column, "posterior": columns - 1 - column}
    return TrueLesion(
        label=planned.label,
        mark=planned.mark.label,
        regions=planned.mark.regions,
        pattern=planned.mark.pattern,
        extent=planned.mark.extent,
        number=planned.number,
        contrast=planned.contrast,
        voxels=len(voxels),
        position_mm=(x, y, z),
        planar_mm={view: (place * pixel_mm, row * pixel_mm) for view, place in across.items()},
    )


def write_truth(path: Path, truth: Truth) -> None:
    """Write a truth as a compressed NumPy archive; the same truth gives the same bytes."""
    arrays = {f"{view}_{name}": getattr(seen, name) for view, seen in truth.views.items() for name in _ARRAYS}
    table = {"pixel_mm": truth.pixel_mm, "lesions": [asdict(lesion) for lesion in truth.lesions]}
    arrays["table"] = np.frombuffer(json.dumps(table, sort_keys=True).encode(), np.uint8)
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in sorted(arrays.items()):
            held = io.BytesIO()
            np.lib.format.write_array(held, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _ZIP_TIME)
            archive.writestr(entry, held.getvalue(), zipfile.ZIP_DEFLATED, 6)


def read_truth(path: Path) -> Truth:
    """Return a truth from the file that `write_truth` wrote."""
    with np.load(path, allow_pickle=False) as held:
        views: dict[View, TrueView] = {
            view: TrueView(*(held[f"{view}_{name}"] for name in _ARRAYS)) for view in ("anterior", "posterior")
        }
        table = json.loads(held["table"].tobytes())
    return Truth(views, tuple(_read_lesion(row) for row in table["lesions"]), table["pixel_mm"])


def _read_lesion(row: dict[str, Any]) -> TrueLesion:
    planar = {view: tuple(position) for view, position in row["planar_mm"].items()}
    lists = {"regions": tuple(row["regions"]), "position_mm": tuple(row["position_mm"]), "planar_mm": planar}
    return TrueLesion(**row | lists)
