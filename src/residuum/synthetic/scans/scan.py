"""A whole scan of an invented child: DICOM objects as a camera would have written them, and the truth behind them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from residuum.synthetic.camera.planar import MATRIX_SHAPE, PIXEL_MM
from residuum.synthetic.camera.tomography import Protocol
from residuum.synthetic.objects.computed_tomography import write_ct
from residuum.synthetic.objects.examination import Examination
from residuum.synthetic.objects.nuclear import Heads
from residuum.synthetic.objects.spect import Rotation, write_spect
from residuum.synthetic.objects.whole_body import Passage, write_whole_body
from residuum.synthetic.scans.children import ScannedChild, compute_seed
from residuum.synthetic.scans.planar_scan import PlanarScan, PlannedScan, make_planar_scan
from residuum.synthetic.scans.spect_scan import scan_spect
from residuum.synthetic.scans.truth import Truth, derive_truth

_DELAY_HOURS: Final = 24.0


@dataclass(frozen=True, slots=True, eq=False)
class MadeScan:
    """One visit to the camera.

    Attributes
    ----------
    whole_body, spect, ct : list of bytes
        DICOM files; none where no such images were taken.
    truth : Truth
        Of the planar views.
    """

    whole_body: list[bytes]
    spect: list[bytes]
    ct: list[bytes]
    truth: Truth


def make_scan(child: ScannedChild, planned: PlannedScan) -> MadeScan:
    """Return the objects of one scan of a child and its truth; the same words give the same bytes.

    Parameters
    ----------
    child : ScannedChild
    planned : PlannedScan

    Raises
    ------
    ValueError
        The marks cannot lie in such a body, or the child does not fit the field of view.
    """
    scanned = make_planar_scan(child, planned)
    examination = _examine(child, planned, scanned)
    posed = scanned.posed
    heads = Heads(posed.camera.collimator.name, _measure_radius(scanned))
    passage = Passage(planned.acquisition.speed_cm_per_min, MATRIX_SHAPE[0] * PIXEL_MM)
    whole_body = write_whole_body(
        examination, scanned.anterior.counts, scanned.posterior.counts, (PIXEL_MM, PIXEL_MM), heads, passage
    )
    truth = derive_truth(posed.phantom, posed.lesions, scanned.offset)
    spect, ct = _write_spect(child, planned, examination, scanned) if planned.with_spect else ([], [])
    return MadeScan(whole_body, spect, ct, truth)


def _write_spect(
    child: ScannedChild, planned: PlannedScan, examination: Examination, scanned: PlanarScan
) -> tuple[list[bytes], list[bytes]]:
    random = np.random.default_rng(compute_seed(child.patient, planned.scan, "spect noise"))
    protocol = Protocol()
    made = scan_spect(scanned.posed, protocol, random)
    heads = Heads(scanned.posed.camera.collimator.name, _measure_radius(scanned))
    rotation = Rotation(protocol.stops, protocol.seconds_per_stop)
    return (
        [write_spect(examination, made.spect, made.spect_grid, heads, rotation)],
        write_ct(examination, made.ct, made.ct_grid),
    )


def _examine(child: ScannedChild, planned: PlannedScan, scanned: PlanarScan) -> Examination:
    body = scanned.posed.anatomy.body
    return Examination(
        patient=child.patient,
        scan=planned.scan,
        sex=child.sex,
        age_at_diagnosis_days=child.age_at_diagnosis_days,
        day=planned.day,
        weight_kg=body.weight_kg,
        size_m=body.stature_mm / 1000,
        activity_mbq=scanned.posed.injected_mbq,
        delay_hours=_DELAY_HOURS,
    )


def _measure_radius(scanned: PlanarScan) -> float:
    """Return half the way from one collimator to the other."""
    grid = scanned.posed.phantom.grid
    return (sum(scanned.posed.gaps_mm) + (grid.shape[1] - 1) * grid.spacing_mm[0]) / 2
