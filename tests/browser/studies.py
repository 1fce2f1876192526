"""Studies that are read in the browser: two make-believe children with simulated scans, as yet unread."""

import hashlib
import shutil
from pathlib import Path
from typing import Final

from residuum.steps.init import init
from residuum.steps.synthetic_scans import simulate_scans

PATIENTS: Final = (
    "patient,sex,age_at_diagnosis_days,diagnosis_year,stage,mycn,vital_status,last_contact_day\n"
    "P1,female,1500,2015,M,amplified,alive,900\nP2,male,1100,2015,M,unknown,alive,900\n"
)
TREATMENTS: Final = "patient,phase,start_day,end_day\nP1,hdc,150,160\nP2,hdc,150,160\n"
SCANS: Final = (
    "scan,patient,day,timepoint,tracer\n"
    "SECRET-A,P1,0,diagnosis,I123\nSECRET-B,P1,200,post_consolidation,I123\nSECRET-C,P2,0,diagnosis,I123\n"
)
_TRUTH: Final = {
    "reads.csv": "scan,reader,evaluable,state\n"
    + "".join(f"{scan},reader_1,yes,locked\n" for scan in ("SECRET-A", "SECRET-B", "SECRET-C")),
    "marks.csv": "scan,reader,mark,regions,pattern,extent,seen_on\n"
    "SECRET-A,reader_1,1,femur_left,focal,,planar_ant;planar_post\n"
    "SECRET-A,reader_1,2,spine_lumbar,focal,,planar_post;spect\n"
    "SECRET-A,reader_1,3,skull_vault,focal,,planar_ant\n"
    "SECRET-B,reader_1,1,femur_left,focal,,planar_ant\n"
    "SECRET-C,reader_1,1,pelvis_right,diffuse,0.6,planar_ant;planar_post\n",
}
"""What the simulated scans show."""
READERS: Final = {"anne": ("reader", "reader_1"), "bela": ("reader", "reader_2")}
PEOPLE: Final[dict[str, tuple[str, str | None]]] = {
    **READERS,
    "judge": ("adjudicator", None),
    "manager": ("data_manager", None),
}
"""Role and reader of each account."""
THIRD: Final[dict[str, tuple[str, str | None]]] = {"carl": ("reader", "reader_3")}
"""The account that a study of three readers has besides."""


def password_of(account: str) -> str:
    """Return the password of an account."""
    return f"quiet winter {hashlib.sha256(account.encode()).hexdigest()[:8]}"


def write_scanned_study(folder: Path) -> Path:
    """Write the study and simulate its scans, one of them with SPECT/CT; its reads are the truth."""
    init(folder)
    texts = {
        "study.toml": render_settings(),
        "patients.csv": PATIENTS,
        "treatments.csv": TREATMENTS,
        "scans.csv": SCANS,
    }
    for name, text in (texts | _TRUTH).items():
        (folder / name).write_text(text, "utf-8")
    simulate_scans(folder, spect=["SECRET-A"])
    return folder


def copy_unread(scanned: Path, folder: Path, settings: str) -> Path:
    """Copy a study with its images and without a read."""
    shutil.copytree(scanned, folder)
    for name, text in _TRUTH.items():
        (folder / name).write_text(text.partition("\n")[0] + "\n", "utf-8")
    (folder / "study.toml").write_text(settings, "utf-8")
    return folder


def render_settings(title: str = "Make-believe", readers: int = 2, **reading: str) -> str:
    """Return a study.toml; two independent readers in blinded order who mark, unless said otherwise."""
    named = ", ".join(f'"reader_{number + 1}"' for number in range(readers))
    given = {"design": "independent", "entry": "marks", "order": "blinded", "reveal": "scan"} | reading
    lines = "".join(f'{name} = "{value}"\n' for name, value in given.items())
    site_level = '[definitions]\nsite_level = "segment"\n' if given["entry"] == "grades" else ""
    return (
        f'format = 1\ntitle = "{title}"\nsynthetic = true\n'
        f"[reading]\nreaders = [{named}]\nrepeat_share = 0.0\n{lines}{site_level}"
    )
