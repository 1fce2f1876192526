"""Objects that pydicom brings along: real headers, made by many programs."""

from pathlib import Path

import pydicom.data
import pytest
from pydicom import dcmread

from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Facts
from residuum.intake.scans.understanding.understand import understand

pytestmark = pytest.mark.unit
FOLDER = Path(pydicom.data.__file__).parent / "test_files"
SAMPLES = sorted(path for path in FOLDER.rglob("*") if path.is_file())


def read(name: str) -> Facts:
    return understand(parse((FOLDER / name).read_bytes()), decode)


def test_a_whole_body_bone_scan_kept_as_a_secondary_capture() -> None:
    facts = read("JPEG2000.dcm")
    assert (facts.kind, facts.rows, facts.columns, facts.frame_count) == ("planar", 1024, 256, 1)
    assert facts.spacing_mm == (2.26, 2.26)
    assert facts.flags == ("lossy", "secondary_capture", "derived", "window_unknown", "delay_unknown")
    frame = facts.frames[0]
    assert (frame.view, frame.left_at, frame.window) == (None, None, None)
    # The header of the original says 3,596,452 counts; the compression lost 2 % of them.
    assert frame.counts == pytest.approx(3596452, rel=0.03)
    assert facts.identity.date == "19970806"


@pytest.mark.parametrize(
    ("name", "kind", "contains"),
    [
        ("liver_1frame.dcm", "segmentation", {"segments": 1}),
        ("liver_expb_1frame.dcm", "segmentation", {"segments": 1}),
        ("reportsi.dcm", "report", {"items": 8}),
        ("test-SR.dcm", "report", {"items": 28}),
    ],
)
def test_objects_that_are_no_images_are_recognised(name: str, kind: str, contains: dict[str, int]) -> None:
    facts = read(name)
    assert (facts.kind, dict(facts.contains), facts.frames, facts.flags) == (kind, contains, (), ())


def test_a_structure_set_is_recognised() -> None:
    # It has no file meta information, so only its elements can be tried.
    facts = understand(dcmread(FOLDER / "rtstruct.dcm", force=True), decode)
    assert (facts.kind, facts.contains, facts.rows) == ("structure_set", {"regions": 3}, 0)


def test_a_slice_of_ct() -> None:
    facts = read("CT_small.dcm")
    assert (facts.kind, facts.rows, facts.columns, facts.frames) == ("ct", 128, 128, ())
    assert facts.spacing_mm == (0.661468, 0.661468)
    assert facts.placement is not None
    assert facts.placement.origin_mm == (-158.135803, -179.035797, -75.699997)
    assert facts.flags == ()


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("MR_small.dcm", "an MR image"),
        ("rtplan.dcm", "a radiotherapy plan"),
        ("rtdose.dcm", "a radiotherapy dose"),
        ("examples_palette.dcm", "an ultrasound image"),
        ("waveform_ecg.dcm", "another modality"),
        ("dicomdirtests/98892001/CT2N/6293", "a CT localizer"),
    ],
)
def test_other_objects_are_refused_by_what_they_are(name: str, what: str) -> None:
    with pytest.raises(ScanError) as caught:
        read(name)
    assert (caught.value.rule, caught.value.words) == ("scan.not_an_image", {"what": what})


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_every_sample_is_understood_or_refused(path: Path) -> None:
    try:
        facts = understand(parse(path.read_bytes()), decode)
    except ScanError:
        return
    assert Facts.from_json(facts.to_json()) == facts
    assert facts.kind in ("planar", "ct", "segmentation", "structure_set", "report")
