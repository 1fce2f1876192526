"""A small valid study as the text of its files, and ways to spoil it."""

from collections.abc import Callable
from pathlib import Path

Files = dict[str, bytes]
Mutation = Callable[[Files], None]

STUDY_TOML = """\
format = 1
title = "Two children"
[reading]
readers = ["anne", "bela"]
"""
VALID = {
    "study.toml": STUDY_TOML,
    "patients.csv": """\
patient,sex,age_at_diagnosis_days,diagnosis_year,stage,mycn,vital_status,last_contact_day
P1,female,800,2010,M,amplified,alive,1500
P2,male,900,2011,M,unknown,dead,700
""",
    "treatments.csv": """\
patient,phase,start_day,end_day,regimen,regions,dose_gy
P1,hdc,150,160,"busulfan, melphalan",,
P1,radiotherapy,220,240,,femur_left;sacrum,21.6
P2,maintenance,300,480,,,
""",
    "scans.csv": """\
scan,patient,day,timepoint,tracer,dicom_study_uid
S1,P1,-3,diagnosis,I123,
S2,P1,200,post_consolidation,I123,
S3,P2,0,diagnosis,I123,
S4,P2,610,progression,I123,
""",
    "reads.csv": """\
scan,reader,evaluable,state,read_order,seconds,comment
S1,anne,yes,locked,1,60,
S1,bela,yes,locked,1,61.5,"two
lines"
S1,consensus,yes,locked,,,
S2,anne,yes,locked,2,,
S3,anne,no,draft,3,,
S4,anne,yes,locked,4,,
""",
    "marks.csv": """\
scan,reader,mark,regions,pattern,extent,seen_on,confidence,site,from_scan,from_mark,image,view,x_mm,y_mm,z_mm
S1,anne,1,femur_left,focal,,planar_ant;planar_post,definite,,,,,,,,
S1,bela,1,femur_left;femur_right,diffuse,0.5,spect,,,,,,,,,
S2,anne,1,femur_left,focal,,spot,,,S1,1,,,1.5,-2,
S4,anne,1,sacrum,focal,,spot,,,,,,,,,
""",
    "images.csv": """\
image,scan,kind,view,source,sha256,rows,columns,frames,spacing_mm,left_at,flags
I1,S1,planar,anterior,,,256,256,1,2.4;2.4,right,low_counts;delay
""",
    "components.csv": """\
patient,day,component,timepoint,verdict,longest_mm,sum_mm,marrow_percent
P1,210,marrow,post_consolidation,CR,,,0
""",
    "targets.csv": """\
patient,target,regions,basis,diameter_mm,irradiable,reason,dose_gy,fractions,start_day,end_day
P1,T1,femur_left,mri,20,yes,,21.6,12,220,240
""",
    "events.csv": "patient,day,kind,skeletal,regions,cause\nP2,600,progression,yes,sacrum,\nP2,700,death,,,disease\n",
}
GRADES_TOML = STUDY_TOML + 'entry = "grades"\n[definitions]\nsite_level = "segment"\n'
GRADES = """\
scan,reader,system,segment,grade
S1,anne,siopen,skull,2
S1,bela,curie,head,not_assessable
S4,anne,siopen,spine,6
"""


def valid_files(*, entry: str = "marks") -> Files:
    """Return the valid study, with marks or with grades."""
    files = {name: text.encode() for name, text in VALID.items()}
    if entry == "grades":
        del files["marks.csv"]
        files |= {"study.toml": GRADES_TOML.encode(), "grades.csv": GRADES.encode()}
    return files


def write_files(files: Files, folder: Path) -> Path:
    """Write the files of a study into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def swap(name: str, old: str, new: str) -> Mutation:
    """Replace a text of a file that occurs in it exactly once."""

    def mutate(files: Files) -> None:
        assert files[name].count(old.encode()) == 1, (name, old)
        files[name] = files[name].replace(old.encode(), new.encode())

    return mutate


def add(name: str, line: str) -> Mutation:
    """Append one line to a file."""

    def mutate(files: Files) -> None:
        files[name] += f"{line}\n".encode()

    return mutate


def recode(name: str, change: Callable[[bytes], bytes]) -> Mutation:
    """Change the bytes of a file."""

    def mutate(files: Files) -> None:
        files[name] = change(files[name])

    return mutate


def drop(name: str) -> Mutation:
    """Leave a file out."""
    return lambda files: files.__delitem__(name)


def rename(name: str, other: str) -> Mutation:
    """Give a file another name."""

    def mutate(files: Files) -> None:
        files[other] = files.pop(name)

    return mutate
