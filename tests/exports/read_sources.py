"""Scans in every form in which they are stored, each with its images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from read_documents import ct_image, planar_images, spect_image

import scan_objects
from residuum.exports.documents import ImageEntry

if TYPE_CHECKING:
    from collections.abc import Callable


def two_views() -> list[ImageEntry]:
    return planar_images(scan_objects.planar())


def one_view() -> list[ImageEntry]:
    return planar_images(scan_objects.planar(("anterior",)), ("anterior",))


def posterior_first() -> list[ImageEntry]:
    views = ("posterior", "anterior")
    return planar_images(scan_objects.planar(views), views)


def two_instances() -> list[ImageEntry]:
    study = "1.2.3.4.5"
    return [
        image
        for view in ("anterior", "posterior")
        for image in planar_images(scan_objects.planar((view,), study=study), (view,))
    ]


def spot() -> list[ImageEntry]:
    # 75 x 101 pixels fill no whole bytes in a segmentation
    frames = [scan_objects.body(view, shape=(75, 101)) for view in ("anterior", "posterior")]
    source = scan_objects.planar(kind="STATIC", frames=frames)
    return [
        ImageEntry(f"scan1.{view}", "spot", view, (source,), frame)
        for frame, view in enumerate(("anterior", "posterior"), 1)
    ]


def spect_downwards() -> list[ImageEntry]:
    return [spect_image(scan_objects.spect(-4.0))]


def spect_upwards() -> list[ImageEntry]:
    return [spect_image(scan_objects.spect(4.0))]


def spect_ct() -> list[ImageEntry]:
    study, frame = "1.2.3.4.5", "1.2.3.4.6"
    spect = scan_objects.spect(study=study, frame_of_reference=frame)
    return [spect_image(spect), ct_image(scan_objects.ct(study=study, frame_of_reference=frame))]


SOURCES: Final[dict[str, Callable[[], list[ImageEntry]]]] = {
    made.__name__: made
    for made in (
        two_views,
        one_view,
        posterior_first,
        two_instances,
        spot,
        spect_downwards,
        spect_upwards,
        spect_ct,
    )
}
