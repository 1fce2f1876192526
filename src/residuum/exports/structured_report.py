"""A read as a DICOM structured report: Comprehensive SR with an imaging measurement report (TID 1500)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from residuum import DISCLAIMER
from residuum.exports.codes import read_term
from residuum.exports.documents import ImageEntry, ReadDocument
from residuum.exports.headers import (
    PRODUCT,
    compute_object_uid,
    copy_header,
    copy_patient,
    render_description,
    stamp,
)
from residuum.exports.naming import render_label, render_person
from residuum.records.errors import InputError

if TYPE_CHECKING:
    from highdicom.sr import MeasurementReport, ObservationContext
    from pydicom import Dataset

SERIES_NUMBER = 9001


def render_structured_report(
    document: ReadDocument, images: Sequence[ImageEntry], made: datetime, predecessors: Sequence["Dataset"] = ()
) -> "Dataset":
    """Return the structured report of a locked read or of the consensus; the same arguments give the same bytes.

    A placed mark is a point on its frame (TID 1410); SPECT marks lie on the nearest slice. A mark without a position,
    a grade and a total are groups without region (TID 1501); what is not assessable is said so and is never a number.
    The comment of the read is not in it, and its observer is the study name of the reader.

    Parameters
    ----------
    document : ReadDocument
        Of a locked read: the report is complete, final and verified.
    images : sequence of ImageEntry
        The imported images of the scan; the first says whose report it is.
    made : datetime
        When the read was locked; written as it stands.
    predecessors : sequence of Dataset
        For the consensus: the readers' reports.

    Raises
    ------
    InputError
        No image of the scan was imported, or a mark does not lie on its image.
    """
    if not images:
        raise InputError(f"scan {document.scan} has no imported image, so it has no DICOM report; export it as JSON")
    import highdicom.sr as sr

    reader = render_person(document.reader)
    found = sr.ComprehensiveSR(
        evidence=_evidence(images),
        content=_content(document, images, reader)[0],
        series_instance_uid=compute_object_uid(document, made, "report", "series"),
        series_number=SERIES_NUMBER,
        sop_instance_uid=compute_object_uid(document, made, "report"),
        instance_number=1,
        is_complete=True,
        is_final=True,
        is_verified=True,
        verifying_observer_name=reader,
        verifying_organization=_organization(document),
        previous_versions=list(predecessors) or None,
        series_description=render_description(document),
        **PRODUCT,
    )
    stamp(found, made)
    found.VerifyingObserverSequence[0].VerificationDateTime = f"{made:%Y%m%d%H%M%S}"
    copy_patient(images[0].objects[0], found)
    return found


def _evidence(images: Sequence[ImageEntry]) -> list["Dataset"]:
    distinct = {one.SOPInstanceUID: one for entry in images for one in entry.objects}
    return [copy_header(one) for one in distinct.values()]


def _content(document: ReadDocument, images: Sequence[ImageEntry], reader: str) -> "MeasurementReport":
    import highdicom.sr as sr
    from pydicom.sr.codedict import codes

    from residuum.exports.measurement_groups import make_groups

    report = sr.MeasurementReport(
        observation_context=_observer(document, reader),
        procedure_reported=read_term("nuclear_medicine"),
        imaging_measurements=make_groups(document, images),
        title=codes.DCM.ImagingMeasurementReport,
    )
    # TID 1500 is extensible; a comment at its root is read by everybody
    notice = sr.TextContentItem(codes.DCM.Comment, DISCLAIMER, sr.RelationshipTypeValues.CONTAINS)
    report[0].ContentSequence.append(notice)
    return report


def _observer(document: ReadDocument, reader: str) -> "ObservationContext":
    import highdicom.sr as sr
    from pydicom.sr.codedict import codes

    identity = sr.PersonObserverIdentifyingAttributes(
        reader,
        login_name=document.reader,
        organization_name=_organization(document),
        role_in_procedure=read_term("adjudicator" if document.adjudicated else "reader"),
    )
    return sr.ObservationContext(sr.ObserverContext(codes.DCM.Person, identity))


def _organization(document: ReadDocument) -> str:
    return render_label(document.study or "") or "Residuum"
