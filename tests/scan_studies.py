"""A small study with a key folder beside it, and scans on a disc: two children, SPECT/CT for one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydicom.uid import generate_uid

import scan_objects as made
from residuum.steps.init import init

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

DIAGNOSIS: Final = "2015-03-17"
"""Of both children; `scan_objects.DATE` is that day."""
LATER: Final = "20150913"
"""180 days after it."""
OTHER_ID: Final = "IPP-0077"
MARKS: Final = "scan,reader,mark,regions,pattern,extent,seen_on,site,image,view,x_mm,y_mm,z_mm\n"


def write_study(folder: Path, reads: str = "", marks: str = "", settings: str = "") -> Path:
    """Write a study of two children with scans at diagnosis and, for the first, after consolidation."""
    init(folder)
    (folder / "patients.csv").write_text(
        "patient,sex,age_at_diagnosis_days,diagnosis_year,stage,mycn,vital_status,last_contact_day\n"
        "P1,female,1137,2015,M,amplified,alive,900\nP2,male,900,2015,M,unknown,alive,900\n"
    )
    (folder / "scans.csv").write_text(
        "scan,patient,day,timepoint,tracer,dicom_study_uid\n"
        "S1,P1,0,diagnosis,I123,\nS2,P1,180,post_consolidation,I123,\nS3,P2,0,diagnosis,I123,\n"
    )
    (folder / "treatments.csv").write_text(
        "patient,phase,start_day,end_day,regimen,regions,dose_gy\nP1,hdc,140,150,,,\nP2,hdc,140,150,,,\n"
    )
    if reads:
        (folder / "reads.csv").write_text("scan,reader,evaluable,state\n" + reads)
    if marks:
        (folder / "marks.csv").write_text(MARKS + marks)
    if settings:
        (folder / "study.toml").write_text(settings)
    return folder


def write_key(folder: Path) -> Path:
    """Write a key folder that knows both children."""
    folder.mkdir(mode=0o700)
    (folder / "patients.csv").write_text(
        f"patient_id,patient,diagnosis_date\n{made.PATIENT_ID},P1,{DIAGNOSIS}\n{OTHER_ID},P2,{DIAGNOSIS}\n"
    )
    return folder


def write_disc(folder: Path) -> Path:
    """Write the scans of both children as a disc of a hospital would hold them, with a file that is no scan."""
    folder.mkdir()
    study, reference = generate_uid(), generate_uid()
    injected = {"RadiopharmaceuticalInformationSequence": [made.injection("20150912100000")]}
    dated = {"StudyDate": LATER, "SeriesDate": LATER, "AcquisitionDate": LATER, "ContentDate": LATER}
    emission = {"study": study, **dated, **injected}
    objects: dict[str, Dataset] = {
        "first/whole-body": made.planar(),
        "second/anterior": made.planar(("anterior",), **emission),
        "second/posterior": made.planar(("posterior",), **emission),
        "second/spect": made.spect(frame_of_reference=reference, **emission),
        "other/whole-body": made.planar(PatientID=OTHER_ID, PatientName="Nonesuch^Ulric"),
    }
    slices = made.ct(study=study, frame_of_reference=reference)
    for number, one in enumerate(slices, 1):
        for keyword, value in dated.items():
            setattr(one, keyword, value)
        objects[f"second/ct/{number:03}"] = one
    for name, one in objects.items():
        path = folder / f"{name}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made.written(one))
    (folder / "viewer.txt").write_text("no scan")
    return folder
