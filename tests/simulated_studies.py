"""A small make-believe study whose scans are to be simulated: two children, few marks, a scan for every reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from residuum.steps.init import init

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS: Final = 'format = 1\ntitle = "Make-believe"\nsynthetic = true\n'
PATIENTS: Final = (
    "patient,sex,age_at_diagnosis_days,diagnosis_year,stage,mycn,vital_status,last_contact_day\n"
    "P1,female,1500,2015,M,amplified,alive,900\nP2,male,,2015,M,unknown,alive,900\n"
)
SCANS: Final = (
    "scan,patient,day,timepoint,tracer\n"
    "S1,P1,0,diagnosis,I123\nS2,P1,180,post_consolidation,I123\n"
    "S3,P1,400,end_of_treatment,I131\nS4,P1,500,follow_up,I123\nS5,P1,600,follow_up,I123\nS6,P2,0,diagnosis,I123\n"
)
READS: Final = (
    "scan,reader,evaluable,state\n"
    "S1,reader_1,yes,locked\nS1,reader_2,yes,locked\nS1,consensus,yes,locked\n"
    "S2,reader_1,yes,draft\nS2,reader_2,yes,locked\n"
    "S3,reader_1,yes,locked\nS4,reader_1,no,locked\nS4,reader_2,no,locked\n"
    "S5,reader_1,yes,draft\nS6,reader_1,yes,locked\n"
)
MARKS: Final = (
    "scan,reader,mark,regions,pattern,extent,seen_on\n"
    "S1,reader_1,1,femur_left,focal,,planar_ant;planar_post\n"
    "S1,reader_1,2,spine_thoracic;spine_lumbar,diffuse,0.3,planar_ant;planar_post\n"
    "S1,reader_1,3,sternum,focal,,planar_ant\n"
    "S1,reader_2,1,spine_lumbar;spine_thoracic,diffuse,0.55,planar_ant\n"
    "S1,reader_2,2,femur_left,focal,,\n"
    "S1,reader_2,3,soft_tissue,focal,,planar_post;spect\n"
    "S1,consensus,a,femur_left,focal,,planar_ant;planar_post\n"
    "S1,consensus,b,spine_thoracic;spine_lumbar,diffuse,0.404,planar_ant;planar_post\n"
    "S1,consensus,c,skull_vault,focal,,spect\n"
    "S2,reader_2,1,pelvis_right,focal,,planar_post\n"
)


def write_simulated_study(folder: Path, settings: str = SETTINGS) -> Path:
    """Write the study: images can be made of S1, from the consensus, and of S2, from the read of one."""
    init(folder)
    texts = {"study.toml": settings, "patients.csv": PATIENTS, "scans.csv": SCANS}
    for name, text in (texts | {"reads.csv": READS, "marks.csv": MARKS}).items():
        (folder / name).write_text(text, "utf-8")
    return folder
