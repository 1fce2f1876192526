"""What NM objects share: tracer, energy window, how the child lies, and the heads of the camera."""

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from residuum.synthetic.camera.nuclide import WINDOW_KEV
from residuum.synthetic.objects.examination import Examination
from residuum.synthetic.objects.header import SHORT, make_code, make_decimals


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of a camera and what is mounted on them.

    Attributes
    ----------
    collimator : str
        Its name; 16 characters of it are written.
    radial_position_mm : float
        From the axis of rotation to the face of the collimator.
    window_kev : tuple of float
        Lower and upper limit of the energy window.
    """

    collimator: str
    radial_position_mm: float
    window_kev: tuple[float, float] = WINDOW_KEV


def write_emission(found: Dataset, examination: Examination, heads: Heads, kind: str) -> None:
    """Write that an object shows the tracer of an examination, seen in one energy window.

    Parameters
    ----------
    found : pydicom.Dataset
        Is changed.
    examination : Examination
    heads : Heads
    kind : {"WHOLE BODY", "RECON TOMO"}
        Third value of Image Type.
    """
    found.ImageType = ["ORIGINAL", "PRIMARY", kind, "EMISSION"]
    found.NumberOfEnergyWindows = 1
    found.EnergyWindowInformationSequence = Sequence([_make_window(heads)])
    found.RadiopharmaceuticalInformationSequence = Sequence([_make_tracer(examination)])
    recumbent = make_code("102538003", "SCT", "recumbent")
    recumbent.PatientOrientationModifierCodeSequence = Sequence([make_code("40199007", "SCT", "supine")])
    found.PatientOrientationCodeSequence = Sequence([recumbent])
    found.PatientGantryRelationshipCodeSequence = Sequence([make_code("102540008", "SCT", "headfirst")])


def make_head(heads: Heads, start_angle: float, orientation: tuple[float, ...]) -> Dataset:
    """Return the Detector Information of one head with a parallel-hole collimator.

    Parameters
    ----------
    heads : Heads
    start_angle : float
        In degrees, 0 behind the patient, growing towards the patient's left (PS3.3 C.8.4.11).
    orientation : tuple of float
        Directions of rows and of columns of its image.
    """
    item = Dataset()
    item.CollimatorGridName, item.CollimatorType = heads.collimator[:SHORT].strip(), "PARA"
    item.FieldOfViewShape, item.FieldOfViewDimensions = "RECTANGLE", make_decimals(540, 400)
    item.FocalDistance, item.ZoomFactor, item.ZoomCenter = "0", make_decimals(1, 1), make_decimals(0, 0)
    (item.StartAngle,) = make_decimals(start_angle)
    item.RadialPosition = make_decimals(heads.radial_position_mm)
    item.ImageOrientationPatient, item.ImagePositionPatient = make_decimals(*orientation), None
    return item


def _make_window(heads: Heads) -> Dataset:
    limits, item = Dataset(), Dataset()
    limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = make_decimals(*heads.window_kev)
    item.EnergyWindowRangeSequence, item.EnergyWindowName = Sequence([limits]), "I123 159 keV"
    return item


def _make_tracer(examination: Examination) -> Dataset:
    item = Dataset()
    item.RadionuclideCodeSequence = Sequence([make_code("21572004", "SCT", "^123^Iodine")])
    item.RadiopharmaceuticalCodeSequence = Sequence(
        [make_code("395787009", "SCT", "Iodine^123 3-Iodobenzylguanidine MIBG")]
    )
    item.Radiopharmaceutical, item.RadiopharmaceuticalRoute = "I-123 mIBG", "Intravenous route"
    item.RadiopharmaceuticalStartDateTime = f"{examination.injected:%Y%m%d%H%M%S}"
    item.RadiopharmaceuticalStartTime = f"{examination.injected:%H%M%S}"
    # In MBq in this module, in Bq in that of PET.
    (item.RadionuclideTotalDose,) = make_decimals(examination.activity_mbq)
    return item
