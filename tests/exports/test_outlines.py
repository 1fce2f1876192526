"""Outlines around marks on invented scans: what comes out, and what is left out with its reason."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from read_documents import FEMUR, ct_image, planar_images, spect_image
from read_sources import spect_ct

import scan_objects
from residuum.exports.outlines import Outliner, place_on_ct
from residuum.records.errors import InputError
from residuum.volumes.grid import Grid

if TYPE_CHECKING:
    from pydicom import Dataset

    from residuum.exports.documents import ImageEntry, MarkEntry
    from residuum.exports.segmentation import Outlined

OUTLINER = Outliner(0.5)
X, Y, Z = scan_objects.LESION_LPS_MM


def on_view(row: int, column: int, mark: str = "a", **said: Any) -> MarkEntry:
    """Return a mark on a pixel of a planar view."""
    x_mm, y_mm = column * scan_objects.SPACING_MM, row * scan_objects.SPACING_MM
    return dataclasses.replace(FEMUR, mark=mark, x_mm=x_mm, y_mm=y_mm, **said)


def on_spect(x_mm: float = X, y_mm: float = Y, z_mm: float = Z, mark: str = "a") -> MarkEntry:
    return dataclasses.replace(FEMUR, mark=mark, image="scan1.spect", view=None, x_mm=x_mm, y_mm=y_mm, z_mm=z_mm)


def planar_with(*spots: tuple[int, int, float], width_mm: float = 5.0, level: float = 5.0) -> list[ImageEntry]:
    """Return two views with spots (row, column, height) on noise; the posterior view holds the noise only."""
    rows, columns = np.mgrid[: scan_objects.SHAPE[0], : scan_objects.SHAPE[1]]
    counts = np.full(scan_objects.SHAPE, level)
    for row, column, height in spots:
        away_mm = np.hypot(rows - row, columns - column) * scan_objects.SPACING_MM
        counts += height * np.exp(-((away_mm / width_mm) ** 2) / 2)
    draw = np.random.default_rng(1)
    frames = [draw.poisson(one).astype(np.uint16) for one in (counts, np.full_like(counts, level))]
    return planar_images(scan_objects.planar(frames=frames))


def spect_with(*spots: tuple[float, float, float, float, float]) -> ImageEntry:
    """Return a SPECT with spots (x, y, z, width, height) on noise."""
    found = scan_objects.spect()
    depth, row, column = np.mgrid[0:40, 0:64, 0:64]
    x, y, z = (column - 31.5) * 4.0, (row - 31.5) * 4.0, depth * -4.0
    counts = np.full(x.shape, 10.0)
    for x_mm, y_mm, z_mm, width_mm, height in spots:
        counts += height * np.exp(-((x - x_mm) ** 2 + (y - y_mm) ** 2 + (z - z_mm) ** 2) / (2 * width_mm**2))
    found.PixelData = np.random.default_rng(2).poisson(counts).astype(np.uint16).tobytes()
    return spect_image(found)


def reason(mark: MarkEntry, image: ImageEntry) -> str:
    with pytest.raises(InputError) as raised:
        OUTLINER.outline(mark, image)
    return str(raised.value)


def said(marks: list[tuple[MarkEntry, ImageEntry]], outliner: Outliner = OUTLINER) -> tuple[list[str], dict[str, str]]:
    outlined, left_out = outliner.outline_all(marks)
    return [one.mark.mark for _, one in outlined], {mark.mark: why for mark, why in left_out}


@pytest.mark.unit
def test_the_lesion_of_the_femur() -> None:
    image = planar_images(scan_objects.planar())[0]
    [(entry, found)], left_out = OUTLINER.outline_all([(on_view(300, 50), image)])
    assert (entry, left_out, list(found.frames)) == (image, [], [1])
    rows, columns = np.nonzero(found.frames[1])
    assert (rows.mean(), columns.mean()) == pytest.approx((300, 50), abs=0.5)
    assert found.frames[1].sum() == pytest.approx(np.pi * 8 * 5, rel=0.1)  # the ellipse that was drawn


@pytest.mark.unit
@pytest.mark.parametrize("step_mm", [-4.0, 4.0])
def test_the_lesion_of_a_spect(step_mm: float) -> None:
    image = spect_image(scan_objects.spect(step_mm))
    found = OUTLINER.outline(on_spect(), image)
    voxels = np.array([(n - 1, *pixel) for n, mask in found.frames.items() for pixel in np.argwhere(mask)])
    assert image.placement is not None
    centre = Grid((40, 64, 64), (4.0, 4.0), image.placement).position_mm(*voxels.T).mean(axis=0)
    assert centre == pytest.approx((X, Y, Z), abs=1)
    assert len(voxels) * 4.0**3 == pytest.approx(4 / 3 * np.pi * 12**3, rel=0.25)


@pytest.mark.unit
def test_a_lesion_beside_a_hotter_source_does_not_leave_as_that_source() -> None:
    image = planar_with((330, 50, 300), (330, 58, 3000), width_mm=7.0)[0]
    assert reason(on_view(330, 50), image) == "it cannot be told apart from something hotter beside it"
    assert OUTLINER.outline(on_view(330, 58), image).frames[1][330, 58]
    volume = spect_with((12, 24, -80, 6, 200), (12, 48, -80, 8, 2000))
    assert "something hotter" in reason(on_spect(12, 24, -80), volume)
    assert OUTLINER.outline(on_spect(12, 48, -80), volume).frames


@pytest.mark.unit
def test_an_outline_holds_its_mark() -> None:
    image = planar_with((330, 54, 3000), width_mm=3.0)[0]
    assert "does not reach the marked point" in reason(on_view(330, 50), image)


@pytest.mark.unit
def test_two_marks_on_the_same_pixels_are_both_left_out() -> None:
    image = planar_with((330, 50, 400), (330, 53, 420), (200, 40, 300))[0]
    marks = [(on_view(330, 50, "a"), image), (on_view(330, 53, "b"), image), (on_view(200, 40, "c"), image)]
    assert said(marks) == (
        ["c"],
        {"a": "it cannot be told apart from mark b", "b": "it cannot be told apart from mark a"},
    )
    assert said(marks[:1])[0] == ["a"]


@pytest.mark.unit
def test_of_two_outlines_that_share_pixels_none_is_kept() -> None:
    """The bridge lies above half of the way to a and below that to b, so only the outline of a holds both points."""
    frame = np.full(scan_objects.SHAPE, 10, np.uint16)
    frame[330, 55:60], frame[328:333, 50:55], frame[328:333, 60:65] = 210, 400, 430
    image = planar_images(scan_objects.planar(("anterior",), frames=[frame]), ("anterior",))[0]
    a, b = on_view(330, 52, "a"), on_view(330, 62, "b")
    assert OUTLINER.outline(a, image).frames[1][330, 62]
    assert not OUTLINER.outline(b, image).frames[1][330, 52]
    assert said([(a, image), (b, image)]) == (
        [],
        {"a": "it cannot be told apart from mark b", "b": "it cannot be told apart from mark a"},
    )


@pytest.mark.unit
def test_an_outline_that_holds_a_mark_without_an_outline_is_left_out() -> None:
    """At 0.2 of the way the lesion b reaches the point of a, which cannot be told apart from b itself."""
    image = planar_with((330, 50, 400), (330, 58, 900), width_mm=6.0)[0]
    names, why = said([(on_view(330, 50, "a"), image), (on_view(330, 58, "b"), image)], Outliner(0.2))
    assert names == []
    assert "something hotter" in why["a"]
    assert why["b"] == "it cannot be told apart from mark a"


@pytest.mark.unit
def test_marks_on_other_frames_objects_or_of_diffuse_uptake_do_not_compete() -> None:
    lesion = (330, 50, 400)
    views, other = planar_with(lesion), planar_with(lesion)
    marks = [
        (on_view(330, 50, "a"), views[0]),
        (on_view(330, 50, "b", image="scan1.posterior", view="posterior"), views[1]),
        (on_view(330, 50, "c", image="scan2.anterior"), other[0]),
        (on_view(330, 51, "d", pattern="diffuse"), views[0]),
    ]
    names, why = said(marks)
    assert names == ["a", "c"]
    assert why == {
        "b": "it does not stand out from its surroundings",
        "d": "a diffuse mark has no outline",
    }


@pytest.mark.unit
def test_two_marks_on_a_spect_that_share_voxels_are_both_left_out() -> None:
    image = spect_image(scan_objects.spect())
    names, why = said([(on_spect(), image), (on_spect(X + 4, mark="b"), image)])
    assert (names, set(why)) == ([], {"a", "b"})


@pytest.mark.unit
def test_what_touches_the_border_is_left_out() -> None:
    image = planar_with((0, 50, 300))[0]
    assert "touches the border" in reason(on_view(0, 50), image)
    # the first slice lies at z 0
    assert "touches the border" in reason(on_spect(12, 24, 0), spect_with((12, 24, 0, 8, 500)))
    assert "touches the border" in reason(on_spect(12, 24, -156), spect_with((12, 24, -156, 8, 500)))
    assert OUTLINER.outline(on_spect(12, 24, -20), spect_with((12, 24, -20, 8, 500))).frames


@pytest.mark.unit
@pytest.mark.parametrize(("row", "column"), [(40, 8), (330, 78), (200, 64), (430, 50)])
def test_empty_tissue_has_no_outline(row: int, column: int) -> None:
    """Marks on air, thigh, trunk and calf."""
    image = planar_images(scan_objects.planar())[0]
    assert OUTLINER.outline_all([(on_view(row, column), image)])[0] == []


@pytest.mark.unit
def test_images_too_small_for_a_background_are_left_out() -> None:
    frame = scan_objects.body()[300:312, 44:56]
    image = planar_images(scan_objects.planar(("anterior",), frames=[frame]), ("anterior",))[0]
    assert "too small" in reason(on_view(5, 5), image)
    volume = spect_image(scan_objects.spect())
    assert volume.placement is not None
    volume.objects[0].NumberOfFrames = 1
    volume.objects[0].PixelData = volume.objects[0].PixelData[: 64 * 64 * 2]
    flat = dataclasses.replace(volume, placement=dataclasses.replace(volume.placement, step_mm=(0.0, 0.0, 0.0)))
    assert "touches the border" in reason(on_spect(z_mm=0), flat)


@pytest.mark.unit
def test_a_ct_has_no_counts() -> None:
    assert reason(on_spect(), ct_image(scan_objects.ct())) == "it lies on a CT, which has no counts"


def outlined_on(image: ImageEntry) -> list[tuple[ImageEntry, Outlined]]:
    outlined, left_out = OUTLINER.outline_all([(on_spect(), image)])
    assert left_out == []
    return outlined


def another_ct(like: ImageEntry, name: str, off_mm: float, slices: int = 32) -> ImageEntry:
    """Return a CT in the frame of reference of another one, moved along z."""
    reference = like.objects[0].FrameOfReferenceUID
    found: list[Dataset] = scan_objects.ct(frame_of_reference=reference, slices=slices)
    for one in found:
        x, y, z = (float(value) for value in one.ImagePositionPatient)
        one.ImagePositionPatient = [x, y, z + off_mm]
    return dataclasses.replace(ct_image(found), image=name)


@pytest.mark.unit
def test_an_outline_lies_on_the_ct() -> None:
    spect, ct = spect_ct()
    [(found, lesion)], left_out = place_on_ct(outlined_on(spect), [spect, ct])
    assert (found, left_out, lesion.mark) == (ct, [], on_spect())
    assert lesion.mask is not None
    assert ct.placement is not None
    centre = Grid((32, 128, 128), (3.0, 3.0), ct.placement).position_mm(*np.nonzero(lesion.mask)).mean(axis=0)
    assert centre == pytest.approx((X, Y, Z), abs=2)
    assert lesion.mask.sum() * 3 * 3 * 8 == pytest.approx(4 / 3 * np.pi * 12**3, rel=0.25)


@pytest.mark.unit
def test_the_ct_that_covers_the_outline_is_taken() -> None:
    """The lesion reaches from z -142 to -118; the first CT ends above it, the second inside."""
    spect, ct = spect_ct()
    above, cut = another_ct(ct, "above", 200.0, 20), another_ct(ct, "cut", 0.0, 17)
    [(found, lesion)], _ = place_on_ct(outlined_on(spect), [above, cut, spect, ct])
    assert found is ct
    assert lesion.mask is not None
    assert lesion.mask.any()
    lesions, [(mark, why)] = place_on_ct(outlined_on(spect), [above, cut, spect])
    assert (lesions, mark.mark, why) == ([], "a", "the CT does not cover it: above, cut")


@pytest.mark.unit
@pytest.mark.parametrize(
    ("first_mm", "covers"),
    [(-122.0, True), (-122.1, False), (31 * 8.0 - 138.0, True), (31 * 8.0 - 137.9, False)],
)
def test_a_ct_covers_to_the_faces_of_its_outermost_slices(first_mm: float, covers: bool) -> None:
    """Slices of CT are 8 mm thick, 32 of them downwards; voxels of SPECT in the outline reach from z -118 to -142."""
    spect, ct = spect_ct()
    numbers = {number for _, one in outlined_on(spect) for number in one.frames}
    assert (min(numbers), max(numbers)) == (31, 36)  # centres at -120 and -140
    assert bool(place_on_ct(outlined_on(spect), [another_ct(ct, "ct", first_mm)])[0]) == covers


@pytest.mark.unit
def test_without_a_ct_or_depth_there_is_no_volume() -> None:
    spect, ct = spect_ct()
    foreign = ct_image(scan_objects.ct())
    [(_, why)] = place_on_ct(outlined_on(spect), [spect, foreign])[1]
    assert why == "no CT in the frame of reference of image scan1.spect was imported"
    view = planar_images(scan_objects.planar())[0]
    [(_, why)] = place_on_ct([(view, OUTLINER.outline(on_view(300, 50), view))], [view, ct])[1]
    assert why == "it was marked on a planar view, which has no depth"
