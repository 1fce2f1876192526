"""Identities put back: results belong to their patient and refer to the archive's images, or are refused."""

import dataclasses
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import UID_dictionary, generate_uid
from read_documents import FEMUR, MADE, a_read, ct_image, faults, planar_images, reopened, spect_image

import scan_objects
from residuum.exports.original_identity import is_result, put_identity_back
from residuum.exports.segmentation import Outlined, render_segmentation
from residuum.exports.structure_set import ResidualLesion, render_structure_set
from residuum.exports.structured_report import render_structured_report
from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.privacy.copying import CopyPlan, copy_object
from residuum.intake.scans.privacy.identities import Key
from residuum.intake.scans.privacy.original_uids import Originals
from residuum.intake.scans.understanding.understand import understand
from residuum.records.errors import InputError

pytestmark = pytest.mark.unit

PATIENT = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate", "StudyTime"),
    *("StudyID", "AccessionNumber", "ReferringPhysicianName"),
)
REMOVED = (
    *("PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence"),
    *("LongitudinalTemporalInformationModified", "LongitudinalTemporalOffsetFromEvent"),
    *("LongitudinalTemporalEventType", "ClinicalTrialTimePointID"),
)


class Import:
    """Copies of objects, as an import makes them, and its key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "key"
        self._folder.mkdir(mode=0o700)
        self.correct("P001", "2014-03-02")

    def correct(self, patient: str, diagnosis_date: str) -> None:
        """Write the list of patients anew; the key is opened again, as by the next import."""
        text = f"patient_id,patient,diagnosis_date\n{scan_objects.PATIENT_ID},{patient},{diagnosis_date}\n"
        (self._folder / "patients.csv").write_text(text, "utf-8")
        self.key = Key.open(self._folder, None)

    def copy(self, source: FileDataset) -> FileDataset:
        parsed = parse(scan_objects.written(source))
        identity = understand(parsed, decode).identity
        person = self.key.find(identity.patient_id, identity.issuer)
        assert person is not None
        assert identity.date is not None
        day = self.key.day(person, identity.date)
        copied = copy_object(parsed, decode(parsed), CopyPlan(self.key.secret, person.patient, day, {}))
        self.key.remember(identity, person.patient, copied.originals)
        return pydicom.dcmread(io.BytesIO(copied.data))

    @property
    def originals(self) -> Originals:
        return self.key.originals()


@pytest.fixture
def made(tmp_path: Path) -> Import:
    return Import(tmp_path)


def uids(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Yield keyword and value of every UID in an object that is not the standard's own."""
    for element in dataset.iterall():
        if element.VR == "UI" and element.value:
            for value in [element.value] if isinstance(element.value, str) else element.value:
                if value not in UID_dictionary:
                    yield element.keyword, str(value)


def identified(dataset: Dataset, originals: Originals) -> FileDataset:
    """Return an object with its identity put back, by way of its file."""
    found = put_identity_back(dataset, originals)
    out = io.BytesIO()
    found.save_as(out, enforce_file_format=True)
    return pydicom.dcmread(io.BytesIO(out.getvalue()))


def _report(made: Import, sources: list[FileDataset]) -> Dataset:
    images = planar_images(made.copy(sources[0]))
    return render_structured_report(a_read(images), images, MADE)


def _segmentation(made: Import, sources: list[FileDataset]) -> Dataset:
    image = spect_image(made.copy(sources[0]))
    mask = np.zeros((64, 64), bool)
    mask[30:34, 30:34] = True
    return render_segmentation(a_read([image]), image, [Outlined(FEMUR, {20: mask, 21: mask})], {"fraction": 0.5}, MADE)


def _structure_set(made: Import, sources: list[FileDataset]) -> Dataset:
    image = ct_image([made.copy(one) for one in sources])
    mask = np.zeros((len(sources), 128, 128), bool)
    mask[1, 50:60, 50:60] = True
    lesion = ResidualLesion(dataclasses.replace(FEMUR, x_mm=0.0, y_mm=0.0, z_mm=-8.0), mask)
    found = render_structure_set(a_read([image]), image, [lesion], MADE).dataset
    assert found is not None
    return found


RESULTS: dict[str, tuple[Callable[[], list[FileDataset]], Callable[[Import, list[FileDataset]], Dataset]]] = {
    "report": (lambda: [scan_objects.planar()], _report),
    "segmentation": (lambda: [scan_objects.spect()], _segmentation),
    "structure set": (lambda: scan_objects.ct(slices=4), _structure_set),
}


@pytest.fixture(params=RESULTS)
def case(request: pytest.FixtureRequest, made: Import) -> tuple[list[FileDataset], Dataset, Originals]:
    """Sources, a result under study codes that was made from their copies, and what the key knows."""
    sources, render = RESULTS[request.param]
    found = sources()
    return found, render(made, found), made.originals


def test_result_belongs_to_the_patient_and_study_of_the_archive(
    case: tuple[list[FileDataset], Dataset, Originals],
) -> None:
    sources, result, originals = case
    assert result.PatientID == "P001"
    found = identified(result, originals)
    assert {name: str(found[name].value) for name in PATIENT} == {name: str(sources[0][name].value) for name in PATIENT}
    assert not [name for name in REMOVED if name in found]


def test_result_refers_to_the_images_of_the_archive_and_to_no_pseudonym(
    case: tuple[list[FileDataset], Dataset, Originals],
) -> None:
    sources, result, originals = case
    found = identified(result, originals)
    values = {value for _, value in uids(found)}
    assert not values & set(originals.uids)
    referenced = {value for keyword, value in uids(found) if keyword == "ReferencedSOPInstanceUID"}
    instances, studies = ({str(one[name].value) for one in sources} for name in ("SOPInstanceUID", "StudyInstanceUID"))
    assert referenced & instances
    assert referenced <= instances | studies  # a structure set refers to its study as an instance
    frames = {value for keyword, value in uids(found) if keyword.endswith("FrameOfReferenceUID")}
    assert frames <= {str(one.FrameOfReferenceUID) for one in sources}


def test_result_keeps_its_own_identifiers_and_moment(case: tuple[list[FileDataset], Dataset, Originals]) -> None:
    _, result, originals = case
    found = identified(result, originals)
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "ContentDate", "StructureSetDate", "SeriesDate"):
        assert found.get(keyword) == result.get(keyword)
    assert found.file_meta.MediaStorageSOPInstanceUID == result.SOPInstanceUID


def test_result_that_is_given_stays_as_it_is(case: tuple[list[FileDataset], Dataset, Originals]) -> None:
    _, result, originals = case
    before = reopened(result).getvalue()
    put_identity_back(result, originals)
    assert reopened(result).getvalue() == before


@pytest.mark.external
def test_result_stays_valid(case: tuple[list[FileDataset], Dataset, Originals], tmp_path: Path) -> None:
    _, result, originals = case
    before = [fault for fault in faults(result, tmp_path) if fault.startswith("Error")]
    assert before == []
    assert [fault for fault in faults(identified(result, originals), tmp_path) if fault.startswith("Error")] == []


@pytest.mark.parametrize("source", [scan_objects.planar, scan_objects.spect, lambda: scan_objects.ct(slices=1)[0]])
def test_copy_of_an_image_does_not_go_back(made: Import, source: Callable[[], FileDataset]) -> None:
    """It lacks what was dropped, and an archive may take it for the image that it holds."""
    copy = made.copy(source())
    assert not is_result(copy)
    assert "the clinical archive has this image already" in _refused(copy, made.originals)


def test_results_are_results(case: tuple[list[FileDataset], Dataset, Originals]) -> None:
    assert is_result(case[1])
    assert not is_result(Dataset())


def test_scan_on_the_day_after_its_study_began_gets_back_both_dates(made: Import) -> None:
    images = planar_images(made.copy(scan_objects.planar(StudyDate="20150316")))
    result = render_structured_report(a_read(images), images, datetime(2001, 1, 15, 12, 0))
    found = identified(result, made.originals)
    assert (found.StudyDate, found.ContentDate) == ("20150316", "20150317")


@pytest.mark.parametrize("corrected_first", [False, True], ids=["made before", "made after"])
def test_dates_are_right_after_the_date_of_diagnosis_was_corrected(made: Import, corrected_first: bool) -> None:
    source, day_of_scan = scan_objects.planar(), datetime(2001, 1, 15, 12, 0)
    first = planar_images(made.copy(source))
    made.correct("P001", "2014-03-01")
    second = planar_images(made.copy(source))
    images = second if corrected_first else first
    day = day_of_scan.replace(day=16 if corrected_first else 15)
    result = render_structured_report(a_read(images), images, day)
    assert result.StudyDate == f"{day:%Y%m%d}"
    found = identified(result, made.originals)
    assert (found.StudyDate, found.ContentDate) == ("20150317", "20150317")


def test_result_of_a_patient_whose_code_was_corrected(made: Import) -> None:
    source = scan_objects.planar()
    wrong = _report(made, [source])
    made.correct("P002", "2014-03-02")
    right = _report(made, [source])
    assert identified(right, made.originals).PatientID == scan_objects.PATIENT_ID
    assert "different patients" in _refused(wrong, made.originals)


def test_result_of_a_day_that_the_key_does_not_know_is_refused(made: Import) -> None:
    result = _report(made, [scan_objects.planar()])
    result.StudyDate = "20010114"
    assert "does not know the day" in _refused(result, made.originals)


@pytest.mark.parametrize("made_at", [MADE, datetime(2001, 1, 15, 12, 0)], ids=["moment of the lock", "day of the scan"])
def test_result_is_dated_by_its_lock_or_else_by_the_day_of_the_scan(made: Import, made_at: datetime) -> None:
    images = planar_images(made.copy(scan_objects.planar()))
    result = render_structured_report(a_read(images), images, made_at)
    assert result.StudyDate == "20010115"  # 380 days after 2 March 2014, the diagnosis, lies 17 March 2015
    found = identified(result, made.originals)
    expected = "20261122" if made_at == MADE else "20150317"
    assert found.ContentDate == found.InstanceCreationDate == expected
    moments = [str(one.value) for one in found.iterall() if one.VR in ("DA", "DT") and one.value]
    assert not [moment for moment in moments if moment.startswith("2001")]


def test_names_come_back_in_their_own_letters(made: Import) -> None:
    source = scan_objects.planar(PatientName="Quisquilía^Zéphyrine", IssuerOfPatientID="HÔPITAL")
    found = identified(_report(made, [source]), made.originals)
    assert (str(found.PatientName), found.IssuerOfPatientID) == ("Quisquilía^Zéphyrine", "HÔPITAL")


def test_values_that_break_the_standard_come_back_as_they_were(made: Import) -> None:
    source = scan_objects.planar()
    odd = {"StudyDate": "2015.03.17", "StudyTime": "10:15:00", "StudyID": "seventeen long signs", "PatientSex": "W"}
    for keyword, value in odd.items():
        tag, vr = source[keyword].tag, source[keyword].VR
        source[tag] = pydicom.DataElement(tag, vr, value, validation_mode=pydicom.config.IGNORE)
    found = identified(_report(made, [source]), made.originals)
    assert {keyword: str(found[keyword].value) for keyword in odd} == odd


# --- refusals


def _refused(dataset: Dataset, originals: Originals) -> str:
    with pytest.raises(InputError) as caught:
        put_identity_back(dataset, originals)
    for value in (scan_objects.PATIENT_ID, "Quisquilia", "P001", *originals.uids.values()):
        assert value not in str(caught.value)
    return str(caught.value)


def test_key_of_another_import_is_refused(case: tuple[list[FileDataset], Dataset, Originals], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert "does not know the study" in _refused(case[1], Import(tmp_path / "other").originals)


def test_another_patient_than_the_keys_is_refused(case: tuple[list[FileDataset], Dataset, Originals]) -> None:
    _, result, originals = case
    result.PatientID = "P002"
    assert "different patients" in _refused(result, originals)


def test_unknown_reference_is_refused(case: tuple[list[FileDataset], Dataset, Originals]) -> None:
    _, result, originals = case
    known = {value for keyword, value in uids(result) if keyword == "ReferencedSOPInstanceUID"} & set(originals.uids)
    assert known
    for missing in known:
        fewer = Originals({new: old for new, old in originals.uids.items() if new != missing}, originals.studies)
        assert "does not know what this object refers to" in _refused(result, fewer)


@pytest.mark.parametrize("prefix", ["1.2.826.0.1.3680043.8.498.", None], ids=["root of a vendor", "random UUID"])
@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID", "ReferencedSOPInstanceUID"])
def test_foreign_reference_deep_in_the_object_is_refused(made: Import, keyword: str, prefix: str | None) -> None:
    result = _report(made, [scan_objects.planar()])
    (study,) = result.CurrentRequestedProcedureEvidenceSequence
    series = study.ReferencedSeriesSequence[0]
    item: Any = {"StudyInstanceUID": study, "SeriesInstanceUID": series}.get(keyword, series.ReferencedSOPSequence[0])
    setattr(item, keyword, generate_uid(prefix))
    assert f"({keyword})" in _refused(result, made.originals)


def test_consensus_still_follows_the_reports_of_its_readers(made: Import) -> None:
    images = planar_images(made.copy(scan_objects.planar()))
    first = render_structured_report(a_read(images), images, MADE)
    consensus = render_structured_report(a_read(images, reader="consensus"), images, MADE, [first])
    (before,) = identified(consensus, made.originals).PredecessorDocumentsSequence
    assert before.StudyInstanceUID in made.originals.uids.values()
    assert before.ReferencedSeriesSequence[0].SeriesInstanceUID == first.SeriesInstanceUID
    assert before.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == first.SOPInstanceUID
