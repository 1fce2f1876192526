"""Objects to images: what belongs together, which energy window is read, what is asked."""

from dataclasses import replace
from typing import Any

import pytest

from residuum.intake.scans.understanding.facts import Facts, Frame, Identity
from residuum.intake.scans.understanding.grouping import Answer, Image, Piece, answered, derive_images
from residuum.volumes.placement import Placement

AXIAL = Placement((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0))


def frame(number: int = 1, window: Any = "I123", **said: Any) -> Frame:
    given = {"view": None, "view_from": None, "left_at": None, "side_from": None, "liver_at": None, **said}
    return Frame(number, window, (143.0, 175.0), counts=4e5, **given)


def piece(kind: Any = "planar", *frames: Frame, series: str = "1.1", instance: str = "1.1.1", **said: Any) -> Piece:
    identity = Identity("P", "", "20150317", "1", series, instance, "1.2", None, {})
    facts = Facts(
        kind=kind,
        frames=frames,
        rows=512,
        columns=128,
        frame_count=max(1, len(frames)),
        spacing_mm=(2.4, 2.4),
        placement=None,
        delay_hours=(),
        instance_number=1,
        contains={},
        flags=(),
        identity=identity,
    )
    return Piece(f"{instance}.dcm", "0", replace(facts, **said))


def only(*pieces: Piece) -> Image:
    images, aside, refused = derive_images(pieces)
    assert (len(images), aside, refused) == (1, [], [])
    return images[0]


@pytest.mark.unit
def test_each_view_of_the_photopeak_is_an_image_and_scatter_is_none() -> None:
    frames = [frame(1, "I123"), frame(2, "I123"), frame(3, "other"), frame(4, "other")]
    images, _, _ = derive_images([piece("planar", *frames)])
    assert [one.place for one in images] == ["1.1.1.dcm, frame 1", "1.1.1.dcm, frame 2"]
    assert [one.place for one in derive_images([piece("planar", *reversed(frames))])[0]] == [
        "1.1.1.dcm, frame 2",
        "1.1.1.dcm, frame 1",
    ]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("windows", "read"),
    [
        (("Tc99m", "I123"), "I123"),
        (("I131", "other"), "I131"),
        (("other", "Tc99m"), "Tc99m"),
        ((None, "other"), None),
        (("I131", "I123"), "I123"),
    ],
)
def test_the_window_that_is_read(windows: tuple[Any, ...], read: str | None) -> None:
    image = only(piece("planar", *(frame(number, window) for number, window in enumerate(windows, 1))))
    assert image.frame is not None
    assert image.frame.window == read


@pytest.mark.unit
def test_an_object_met_twice_counts_once() -> None:
    assert only(piece("planar", frame()), replace(piece("planar", frame()), place="copy.dcm")).place.startswith("1.1.1")


@pytest.mark.unit
def test_different_objects_of_one_identifier_are_both_refused() -> None:
    images, _, refused = derive_images([piece("planar", frame()), replace(piece("planar", frame()), sha256="1")])
    assert (images, [one.rule for one in refused]) == ([], ["scan.same_identifier"] * 2)


@pytest.mark.unit
@pytest.mark.parametrize(
    "said", [{"patient_id": "Q"}, {"issuer": "elsewhere"}, {"date": "20150318"}, {"frame_of_reference_uid": "9"}]
)
def test_slices_of_two_people_days_or_frames_are_two_volumes(said: dict[str, str]) -> None:
    one, two = slices(0.0, 4.0), slices(8.0, 12.0)
    moved = [
        replace(
            piece,
            facts=replace(piece.facts, identity=replace(piece.facts.identity, instance_uid=f"2.{number}", **said)),
        )
        for number, piece in enumerate(two)
    ]
    images, _, _ = derive_images([*one, *moved])
    assert sorted(image.slices for image in images) == [2, 2]


@pytest.mark.unit
def test_raw_projections_are_refused_and_results_set_aside() -> None:
    images, aside, refused = derive_images(
        [piece("raw_tomo", instance="1"), piece("report", instance="2"), piece("structure_set", instance="3")]
    )
    assert images == []
    assert [one.facts.kind for one in aside] == ["report", "structure_set"]
    assert [(one.file, one.rule) for one in refused] == [("1.dcm", "scan.raw_tomo")]


def slices(*heights: float) -> list[Piece]:
    return [
        piece("ct", instance=f"1.1.{number}", placement=replace(AXIAL, origin_mm=(0.0, 0.0, height)))
        for number, height in enumerate(heights, 1)
    ]


@pytest.mark.unit
def test_slices_of_ct_are_ordered_by_place_not_by_number() -> None:
    image = only(*slices(8.0, 0.0, 16.0, 4.0, 12.0))
    heights = [one.facts.placement.origin_mm[2] for one in image.pieces if one.facts.placement]
    assert heights in ([0.0, 4.0, 8.0, 12.0, 16.0], [16.0, 12.0, 8.0, 4.0, 0.0])
    assert image.placement is not None
    assert image.placement.origin_mm[2] == heights[0]
    assert image.placement.step_mm == pytest.approx((0, 0, heights[1] - heights[0]))
    assert (image.slices, image.flags, image.refusals()) == (5, (), [])


@pytest.mark.unit
@pytest.mark.parametrize(
    ("heights", "flag"),
    [
        ((0.0, 4.0, 9.0, 13.0), "uneven_slices"),
        ((0.0, 4.0, 8.0, 16.0), "missing_slices"),
        ((0.0, 4.0, 4.0, 8.0), "missing_slices"),
    ],
)
def test_slices_with_gaps_or_repeats_are_refused(heights: tuple[float, ...], flag: str) -> None:
    image = only(*slices(*heights))
    assert image.flags == (flag,)
    assert [one.rule for one in image.refusals()] == [f"flag.{flag}"]


@pytest.mark.unit
def test_slices_that_do_not_fit_one_grid_are_refused() -> None:
    first, second = slices(0.0, 4.0)
    larger = replace(second, facts=replace(second.facts, rows=256))
    assert only(first, larger).flags == ("missing_slices",)
    tilted = replace(AXIAL, origin_mm=(0.0, 0.0, 4.0), column_direction=(0.0, 0.8, 0.6))
    assert only(first, replace(second, facts=replace(second.facts, placement=tilted))).flags == ("missing_slices",)
    assert only(first, replace(second, facts=replace(second.facts, placement=None))).flags == ("missing_slices",)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({}, ("view", "left_at")),
        ({"view": "anterior"}, ("left_at",)),
        ({"left_at": "right"}, ("view",)),
        ({"view": "other"}, ()),
        ({"view": "posterior", "left_at": "left"}, ()),
    ],
)
def test_what_nothing_says_is_asked(said: dict[str, Any], asked: tuple[str, ...]) -> None:
    assert only(piece("planar", frame(**said))).asked == asked
    assert only(piece("spot", frame(**said))).asked == asked
    assert only(piece("spect", frame(**said))).asked == ()


def sided(view: str, sides: Any, **said: Any) -> Image:
    return answered(only(piece("planar", frame(view=view, **said))), None, sides)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("view", "sides", "left_at"),
    [
        ("anterior", "as_seen", "right"),
        ("posterior", "as_seen", "left"),
        ("anterior", "posterior_mirrored", "right"),
        ("posterior", "posterior_mirrored", "right"),
    ],
)
def test_how_a_camera_stores_views_answers_the_side(view: str, sides: str, left_at: str) -> None:
    image = sided(view, sides)
    assert image.frame is not None
    assert (image.frame.left_at, image.frame.side_from, image.asked) == (left_at, "answered", ())
    assert sided(view, None).asked == ("left_at",)


@pytest.mark.unit
def test_a_side_that_the_liver_contradicts_stays_open_until_it_is_answered_by_itself() -> None:
    # as seen, the liver lies on the left of an anterior view
    assert sided("anterior", "as_seen", liver_at="left").flags == ()
    doubtful = sided("anterior", "as_seen", liver_at="right")
    assert (doubtful.asked, doubtful.flags) == (("left_at",), ("liver_side",))
    image = only(piece("planar", frame(view="anterior", liver_at="right")))
    settled = answered(image, Answer(left_at="right"), "as_seen")
    assert (settled.asked, settled.flags) == ((), ("liver_side",))
    assert answered(image, Answer(left_at="left"), "as_seen").flags == ()


@pytest.mark.unit
def test_what_the_header_declares_is_not_answered_away() -> None:
    declared = frame(view="anterior", view_from="declared", left_at="right", side_from="declared", liver_at="right")
    image = answered(only(piece("planar", declared)), Answer("posterior", "left"), "posterior_mirrored")
    assert image.frame == declared
    assert image.flags == ("liver_side",)


@pytest.mark.unit
def test_an_answered_view_gets_its_side_with_it() -> None:
    image = answered(only(piece("planar", frame())), Answer(view="posterior"), "as_seen")
    assert image.frame is not None
    assert (image.frame.view, image.frame.view_from, image.frame.left_at) == ("posterior", "answered", "left")


@pytest.mark.unit
def test_facts_cross_as_json() -> None:
    facts = piece("planar", frame(view="anterior"), placement=AXIAL, delay_hours=(24.25,), flags=("lossy",)).facts
    assert Facts.from_json(facts.to_json()) == facts


@pytest.mark.unit
def test_beds_of_a_spect_are_images_of_their_own_and_separate_slices_none() -> None:
    beds = [piece("spect", frame(), series="1.1", instance=f"1.1.{bed}", frame_count=40) for bed in (1, 2)]
    images, _, refused = derive_images(beds)
    assert [(image.slices, len(image.pieces)) for image in images] == [(40, 1), (40, 1)]
    assert refused == []
    single = [piece("spect", frame(), instance=f"1.1.{number}", frame_count=1) for number in range(1, 4)]
    images, _, refused = derive_images(single)
    assert (images, [one.rule for one in refused]) == ([], ["scan.separate_slices"])


@pytest.mark.unit
def test_what_is_said_of_a_camera_does_not_hold_for_an_image_that_may_be_head_down() -> None:
    image = only(piece("planar", frame(view="anterior"), flags=("head_down",)))
    assert answered(image, None, "as_seen").asked == ("left_at",)
    assert answered(image, Answer(left_at="left"), "as_seen").asked == ()
