"""The page on phantom scans says what the program does: options, physics, lesions, the demonstration."""

import re
from pathlib import Path

import click
import numpy as np
import pytest

from residuum.cli.app import app
from residuum.cli.synthetic import COMMANDS
from residuum.records.vocabulary import REGIONS
from residuum.steps.planned_scans import plan_scans
from residuum.steps.scan_plans import FILE
from residuum.synthetic.camera.attenuation import compute_linear_attenuation
from residuum.synthetic.camera.collimators import COLLIMATORS, INTRINSIC_MM, Camera
from residuum.synthetic.camera.nuclide import HALF_LIFE_HOURS, HIGH_YIELD, PEAK_KEV, PEAK_YIELD, WINDOW_KEV
from residuum.synthetic.camera.planar import MATRIX_SHAPE, PIXEL_MM, Acquisition
from residuum.synthetic.camera.tomography import VOXEL_MM, Protocol
from residuum.synthetic.demonstration import UNREAD
from residuum.synthetic.phantom.organs import ORGANS
from residuum.synthetic.scans.spect_scan import FIELD_MM
from residuum.synthetic.tracer.biodistribution import compute_injected_mbq, draw_uptake
from residuum.synthetic.tracer.marks import Mark
from residuum.synthetic.tracer.planned import plan_lesions
from residuum.volumes.registration.planar import PLANAR_FAULTS
from residuum.volumes.registration.spect_ct import SPECT_FAULTS

pytestmark = pytest.mark.unit
DOCS = Path(__file__).parents[2] / "docs"
PHANTOM, REGISTRATION = (DOCS.joinpath(f"{name}.md").read_text("utf-8") for name in ("phantom", "registration"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_stands_on_the_page(command: str) -> None:
    assert f"residuum synthetic {command}" in PHANTOM
    group = app.get_command(click.Context(app), "synthetic")
    assert isinstance(group, click.Group)
    found = group.get_command(click.Context(group), command)
    assert found is not None
    options = [name for one in found.params for name in one.opts if name.startswith("--")]
    assert re.findall(r"^\| `(--\w+)` \|", PHANTOM, re.MULTILINE) == options


def test_every_collimator_stands_with_its_numbers() -> None:
    names = {one.name for one in COLLIMATORS}
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PHANTOM.splitlines()]
    said = {row[0]: row[1:] for row in rows if row[0] in names}
    expected = {}
    for one in COLLIMATORS:
        camera = Camera(one)
        widths = ", ".join(f"{camera.compute_resolution(z):.1f}" for z in (0, 100, 200))
        sensitivity = 1e6 * PEAK_YIELD * one.efficiency
        penetrating = one.penetration * HIGH_YIELD / (one.efficiency * PEAK_YIELD)
        size = ", ".join(f"{length:g}" for length in (one.hole_mm, one.septum_mm, one.length_mm))
        expected[one.name] = [size, widths, f"{sensitivity:.0f}", f"{100 * penetrating:.0f} %"]
    assert said == expected


def test_numbers_of_the_camera_are_those_of_the_program() -> None:
    acquired, protocol = Acquisition(), Protocol()
    said = [
        f"{acquired.speed_cm_per_min:g} cm/min over a matrix of {MATRIX_SHAPE[0]} x {MATRIX_SHAPE[1]} pixels of",
        f"pixels of {PIXEL_MM} mm; each row is seen for {acquired.dwell_s:.0f} s",
        f"Photons of {PEAK_KEV:g} keV",
        f"water {10 * compute_linear_attenuation('water', PEAK_KEV):.3f} per cm",
        f"of the crystal ({INTRINSIC_MM} mm)",
        f"half-life {HALF_LIFE_HOURS} h",
        f"{WINDOW_KEV[0]:g} to {WINDOW_KEV[1]:g} keV",
        f"One bed of {FIELD_MM:g} mm",
        f"{protocol.stops} stops of {protocol.seconds_per_stop:g} s",
        f"{protocol.iterations} iterations of {protocol.subsets} subsets",
        f"voxels of {VOXEL_MM} mm, smoothed by {protocol.filter_mm:g} mm",
        f"{len(REGIONS)} skeletal regions and {len(ORGANS) - 2} organs",
    ]
    assert [one for one in said if one not in PHANTOM] == []


def test_numbers_of_the_tracer_are_those_of_the_program() -> None:
    assert [compute_injected_mbq(kg) for kg in (1, 20, 200)] == [37, 104, 370]
    assert "5.2 MBq/kg of I-123 mIBG, at least 37 and at most 370 MBq" in PHANTOM
    drawn = [draw_uptake(child, 1).relative for child in range(400)]
    levels = {organ: float(np.median([one[organ] for one in drawn])) for organ in ("liver", "salivary_glands")}
    assert levels == pytest.approx({"liver": 8, "salivary_glands": 9}, rel=0.1)
    assert [np.median([one[organ] for one in drawn]) for organ in ("heart", "spleen")] == pytest.approx([3, 3], rel=0.1)
    assert (
        "Liver and salivary glands hold about 8 and 9 times as much as soft tissue, heart and spleen 3 times" in PHANTOM
    )


def test_numbers_of_lesions_are_those_of_the_program() -> None:
    marks = Mark("a", ("sternum",), "focal"), Mark("b", ("sacrum",), "diffuse", 0.5)
    planned = [plan_lesions(marks, child, 1) for child in range(400)]
    focal, diffuse = ([several[number] for several in planned] for number in (0, 1))
    said = re.search(r"about (\d+) mm wide and holds about (\d+) times .* a diffuse lesion about (\d+) times", PHANTOM)
    assert said is not None
    found = [
        np.median([one.diameter_mm for one in focal]),
        *(np.median([one.contrast for one in some]) for some in (focal, diffuse)),
    ]
    assert found == pytest.approx([float(one) for one in said.groups()], rel=0.1)


def test_files_of_the_truth_are_named() -> None:
    assert f"`truth/{FILE}`" in PHANTOM
    assert "`STUDY/truth/SCAN.npz`" in PHANTOM
    assert plan_scans.__doc__ is not None


def test_every_scan_that_is_left_to_read_stands_with_its_reason() -> None:
    assert dict(re.findall(r"^\| `(D\d+-\d)` \| (.+) \|$", PHANTOM, re.MULTILINE)) == UNREAD


def test_every_fault_of_a_registration_is_explained() -> None:
    whole_body, spect_ct = REGISTRATION.split("\n## SPECT/CT\n")
    for section, faults in ((whole_body, PLANAR_FAULTS), (spect_ct, SPECT_FAULTS)):
        assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE)) == faults
