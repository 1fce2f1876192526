"""Measurement groups (TID 1501, TID 1410) of a structured report: the read, its marks, its grades and totals."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import highdicom.sr as sr
import numpy as np
from pydicom.sr.codedict import codes

from residuum.exports.codes import Place, read_region, read_segment, read_term
from residuum.exports.documents import ImageEntry, MarkEntry, ReadDocument, has_frames
from residuum.exports.naming import compute_tracking_uid, compute_uid
from residuum.exports.positions import locate
from residuum.records.errors import InputError

if TYPE_CHECKING:
    from pydicom.sr.coding import Code

Group = sr.MeasurementsAndQualitativeEvaluations | sr.PlanarROIMeasurementsAndQualitativeEvaluations


def make_groups(document: ReadDocument, images: Sequence[ImageEntry]) -> list[Group]:
    """Return the measurement groups of a read: the read itself, marks by name, grades, totals."""
    sources = _sources(images)
    by_name = {entry.image: entry for entry in images}
    return [
        _read_group(document, sources),
        *(_mark_group(document, mark, by_name) for mark in sorted(document.marks, key=lambda mark: mark.mark)),
        *(_grade_group(document, *row, sources) for row in document.sorted_grades()),
        *(_total_group(document, *row, sources) for row in document.sorted_totals()),
    ]


def _read_group(document: ReadDocument, sources: list[sr.SourceImageForMeasurementGroup]) -> Group:
    said = [_evaluation("evaluable", read_term("yes" if document.evaluable else "no"))]
    if document.tracer is not None:
        said.append(_evaluation("tracer", read_term(document.tracer)))
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(document, "read"),
        time_point_context=sr.TimePointContext(
            document.timepoint,
            subject_time_point_identifier=document.scan,
            protocol_time_point_identifier=document.timepoint,
        ),
        finding_type=read_term("read"),
        measurements=[_whole("day", document.day, codes.UCUM.Day)],
        qualitative_evaluations=said,
        source_images=sources,
    )


def _mark_group(document: ReadDocument, mark: MarkEntry, images: Mapping[str, ImageEntry]) -> Group:
    places = [read_region(region) for region in sorted(mark.regions)]
    identifier = mark.site or mark.mark
    tracking = sr.TrackingIdentifier(compute_tracking_uid(document, mark), identifier)
    sites = _sites(places)
    measurements = [] if mark.extent is None else [_extent(mark.extent)]
    said = [_evaluation("region", place.exact) for place in places] + _said_of(mark)
    lesion = read_term("lesion")
    if not mark.is_placed:
        return sr.MeasurementsAndQualitativeEvaluations(
            tracking,
            finding_type=lesion,
            finding_sites=sites,
            measurements=measurements,
            qualitative_evaluations=said,
        )
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking,
        referenced_region=_point(mark, images),
        finding_type=lesion,
        finding_sites=sites,
        measurements=measurements,
        qualitative_evaluations=said,
    )


def _said_of(mark: MarkEntry) -> list[sr.QualitativeEvaluation]:
    said = [_evaluation("pattern", read_term(mark.pattern))]
    if mark.confidence is not None:
        said.append(_evaluation("confidence", read_term(mark.confidence)))
    return said + [_evaluation("seen_on", read_term(view)) for view in sorted(mark.seen_on)]


def _extent(extent: float) -> sr.Measurement:
    # binary fractions such as 0.55 would else be 55.00000000000001 %
    return sr.Measurement(read_term("extent"), round(extent * 100, 6), codes.UCUM.Percent)


def _point(mark: MarkEntry, images: Mapping[str, ImageEntry]) -> sr.ImageRegion:
    entry = images.get(mark.image or "")
    if entry is None:
        raise InputError(f"mark {mark.mark} lies on image {mark.image}, which is not there; import the scan again")
    found = locate(mark, entry)
    source = sr.SourceImageForRegion(
        found.target.SOPClassUID, found.target.SOPInstanceUID, None if found.frame is None else [found.frame]
    )
    return sr.ImageRegion(sr.GraphicTypeValues.POINT, np.array([[found.column, found.row]]), source)


def _grade_group(
    document: ReadDocument,
    system: str,
    segment: str,
    grade: int | None,
    sources: list[sr.SourceImageForMeasurementGroup],
) -> Group:
    place = read_segment(system, segment)
    measurements, said = _score(f"{system}_grade", grade)
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(document, f"{system} {segment}"),
        finding_type=read_term(system),
        finding_sites=_sites([place]),
        measurements=measurements,
        qualitative_evaluations=[_evaluation("segment", place.exact), *said],
        source_images=sources,
    )


def _total_group(
    document: ReadDocument, system: str, total: int | None, sources: list[sr.SourceImageForMeasurementGroup]
) -> Group:
    measurements, said = _score(f"{system}_total", total)
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(document, f"{system} total"),
        finding_type=read_term(system),
        measurements=measurements,
        qualitative_evaluations=said,
        source_images=sources,
    )


def _score(name: str, value: int | None) -> tuple[list[sr.Measurement], list[sr.QualitativeEvaluation]]:
    if value is None:
        return [], [_evaluation(name, read_term("not_assessable"))]
    return [_whole(name, value, codes.UCUM.NoUnits)], []


def _whole(name: str, value: int, unit: "Code") -> sr.Measurement:
    found = sr.Measurement(read_term(name), value, unit)
    # highdicom writes 3.0, which no grade is
    found[0].MeasuredValueSequence[0].NumericValue = str(value)
    return found


def _tracking(document: ReadDocument, what: str) -> sr.TrackingIdentifier:
    uid = compute_uid("score", document.study or "", document.patient, document.scan, document.reader, what)
    return sr.TrackingIdentifier(uid, what)


def _evaluation(name: str, value: "Code") -> sr.QualitativeEvaluation:
    return sr.QualitativeEvaluation(read_term(name), value)


def _sites(places: Sequence[Place]) -> list[sr.FindingSite]:
    # two regions may share a structure that is wider than both
    distinct = {(structure, place.side, place.part): None for place in places for structure in place.structures}
    return [sr.FindingSite(structure, side, part) for structure, side, part in distinct]


def _sources(images: Sequence[ImageEntry]) -> list[sr.SourceImageForMeasurementGroup]:
    """Return the images that a read is about; a CT only shows where the uptake lies."""
    frames: dict[str, list[int]] = {}
    objects = {}
    for entry in images:
        if entry.kind != "ct":
            first = entry.objects[0]
            objects[first.SOPInstanceUID] = first
            numbered = has_frames(entry) and entry.kind != "spect"
            frames.setdefault(first.SOPInstanceUID, []).extend([entry.frame] if numbered else [])
    return [
        sr.SourceImageForMeasurementGroup(one.SOPClassUID, uid, sorted(set(frames[uid])) or None)
        for uid, one in objects.items()
    ]
