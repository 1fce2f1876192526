"""Outlined lesions as a DICOM segmentation (BINARY) of a planar, spot or SPECT object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from residuum import DISCLAIMER, __version__
from residuum.exports.codes import read_region, read_term
from residuum.exports.documents import ImageEntry, MarkEntry, ReadDocument
from residuum.exports.headers import (
    PRODUCT,
    compute_object_uid,
    copy_patient,
    render_description,
    stamp,
)
from residuum.exports.naming import compute_digest, compute_tracking_uid, render_label
from residuum.records.errors import InputError

if TYPE_CHECKING:
    from highdicom.seg import SegmentDescription
    from pydicom import Dataset
    from pydicom.sr.coding import Code

Mask = npt.NDArray[np.bool_]
SERIES_NUMBER: Final = 9002
ALGORITHM: Final = "Residuum outline at a part of the peak"


@dataclass(frozen=True, slots=True)
class Outlined:
    """A lesion that was outlined around its mark.

    Attributes
    ----------
    mark : MarkEntry
    frames : mapping of int to ndarray of bool
        Mask (rows, columns) on each frame that it reaches; frames of the stored object, from 1.
    """

    mark: MarkEntry
    frames: Mapping[int, Mask]


def render_segmentation(
    document: ReadDocument,
    image: ImageEntry,
    lesions: Sequence[Outlined],
    parameters: Mapping[str, float],
    made: datetime,
) -> "Dataset":
    """Return the segmentation of one object, a segment per lesion; the same arguments give the same bytes.

    Segments may overlap.

    Parameters
    ----------
    document : ReadDocument
    image : ImageEntry
        Of the object; of a planar object with several views any of them.
    lesions : sequence of Outlined
        All on this object.
    parameters : mapping of str to float
        Of the outline, as `fraction`; they are written into the object.
    made : datetime
        When the read was locked; written as it stands.

    Raises
    ------
    InputError
        Nothing is outlined, or a mask does not fit the object.
    """
    import highdicom.seg as seg

    from residuum.exports.proxies import make_proxies, remove_place, restore_references

    source = image.objects[0]
    frames = _frames(image, lesions)
    made_of = (str(source.SOPInstanceUID), repr(sorted(parameters.items())), _digest(lesions))
    found = seg.Segmentation(
        source_images=make_proxies(image, frames),
        pixel_array=_stack(lesions, frames, (source.Rows, source.Columns)),
        segmentation_type=seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_segment(document, *one, parameters) for one in enumerate(lesions, 1)],
        series_instance_uid=compute_object_uid(document, made, "segmentation series", *made_of),
        series_number=SERIES_NUMBER,
        sop_instance_uid=compute_object_uid(document, made, "segmentation", *made_of),
        instance_number=1,
        content_label="RESIDUUM",
        content_description=DISCLAIMER,
        series_description=render_description(document),
        **PRODUCT,
    )
    restore_references(found, source, frames)
    if image.placement is None:
        remove_place(found, source)
    _name_dimensions(found, compute_object_uid(document, made, "dimensions", *made_of))
    stamp(found, made)
    copy_patient(source, found)
    return found


def _frames(image: ImageEntry, lesions: Sequence[Outlined]) -> list[int]:
    """Return the frames to describe: all that hold a mask, and for a volume those between them."""
    numbers = sorted({number for one in lesions for number, mask in one.frames.items() if mask.any()})
    if not numbers:
        raise InputError(f"nothing is outlined on image {image.image}, so it has no segmentation")
    return list(range(numbers[0], numbers[-1] + 1)) if image.placement else numbers


def _stack(lesions: Sequence[Outlined], frames: Sequence[int], shape: tuple[int, int]) -> Mask:
    """Return masks (frames, rows, columns, segments)."""
    stacked = np.zeros((len(frames), *shape, len(lesions)), bool)
    for segment, lesion in enumerate(lesions):
        if not any(mask.any() for mask in lesion.frames.values()):
            raise InputError(f"the outline of mark {lesion.mark.mark} is empty; leave it out")
        for number, mask in lesion.frames.items():
            if mask.shape != shape:
                raise InputError(f"the outline of mark {lesion.mark.mark} does not fit its image")
            if number in frames:
                stacked[frames.index(number), :, :, segment] = mask
    return stacked


def _segment(
    document: ReadDocument, number: int, lesion: Outlined, parameters: Mapping[str, float]
) -> "SegmentDescription":
    import highdicom as hd

    mark = lesion.mark
    places = [read_region(region) for region in sorted(mark.regions)]
    # two regions may share a structure that is wider than both
    structures = list(dict.fromkeys((structure, place.side) for place in places for structure in place.structures))
    algorithm = hd.AlgorithmIdentificationSequence(
        ALGORITHM,
        read_term("neighborhood_analysis"),
        __version__,
        parameters={name: f"{value:g}" for name, value in sorted(parameters.items())},
    )
    found = hd.seg.SegmentDescription(
        number,
        render_label(f"{', '.join(place.exact.meaning for place in places)} {mark.site or mark.mark}"),
        read_term("abnormal_structure"),
        read_term("lesion"),
        hd.seg.SegmentAlgorithmTypeValues.SEMIAUTOMATIC,
        algorithm_identification=algorithm,
        tracking_uid=compute_tracking_uid(document, mark),
        tracking_id=mark.site or mark.mark,
        anatomic_regions=[structure for structure, _ in structures],
    )
    _set_sides(found, [side for _, side in structures])
    found.SegmentDescription = "Outlined by threshold; to be checked by a physician; research use."
    return found


def _set_sides(description: "SegmentDescription", sides: Sequence["Code | None"]) -> None:
    for item, side in zip(description.AnatomicRegionSequence, sides, strict=True):
        if side is not None:
            item.AnatomicRegionModifierSequence = [_coded(side)]


def _coded(code: "Code") -> "Dataset":
    from highdicom.sr import CodedConcept

    return CodedConcept.from_code(code)


def _name_dimensions(segmentation: "Dataset", uid: str) -> None:
    """Replace the random identifier of the order of frames."""
    for item in (*segmentation.DimensionOrganizationSequence, *segmentation.DimensionIndexSequence):
        item.DimensionOrganizationUID = uid


def _digest(lesions: Sequence[Outlined]) -> str:
    return compute_digest(
        (f"{one.mark.mark}, frame {number}", mask) for one in lesions for number, mask in sorted(one.frames.items())
    )
