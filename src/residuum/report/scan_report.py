"""What scans hold, as lines of text and as plain records; never a name, an identifier or a date of the header."""

from collections.abc import Sequence
from typing import Any, Final

from residuum.intake.scans.understanding.facts import Facts, Frame
from residuum.intake.scans.understanding.grouping import Image, Piece
from residuum.records.errors import Problem
from residuum.records.image_flags import FLAGS

KINDS: Final = {
    "planar": "whole-body view",
    "spot": "spot view",
    "spect": "SPECT",
    "ct": "CT",
    "structure_set": "structure set",
    "segmentation": "segmentation",
    "report": "structured report",
}
_ASKED: Final = {"view": "which view is it", "left_at": "on which side of the image is the patient's left"}


def render_scan_text(images: Sequence[Image], aside: Sequence[Piece], refused: Sequence[Problem], ignored: int) -> str:
    """Return what a place holds as lines, with a summary last."""
    lines = [line for image in images for line in _image_lines(image)]
    if aside:
        lines += ["Recognised, but no image to be read:", *(f"  {one.place}: {_contents(one.facts)}" for one in aside)]
    if refused:
        lines += ["Refused:", *(f"  {problem}" for problem in refused)]
    return "\n".join([*lines, _summary(images, refused, ignored)])


def render_scan_records(
    images: Sequence[Image], aside: Sequence[Piece], refused: Sequence[Problem], ignored: int
) -> dict[str, Any]:
    """Return what a place holds as JSON values."""
    return {
        "images": [_image_record(image) for image in images],
        "aside": [{"place": one.place, "kind": one.facts.kind, **one.facts.contains} for one in aside],
        "refused": [{"place": one.file, "rule": one.rule, "message": one.message, "cure": one.cure} for one in refused],
        "ignored": ignored,
    }


def _image_lines(image: Image) -> list[str]:
    lines = [f"{image.place}: {KINDS[image.kind]}{_view(image)}", f"  {_matrix(image)}"]
    if image.frame is not None:
        lines.append(f"  {_counts(image.frame)}{_delay(image.facts)}")
    if image.is_projection and image.frame is not None and image.frame.liver_at is not None:
        lines.append(f"  The liver seems to lie on the {image.frame.liver_at} of the image{_liver_fits(image)}.")
    lines += [f"  Doubtful: {FLAGS[name].meaning} [{name}]" for name in image.flags]
    return [*lines, *(f"  To be answered: {_ASKED[asked]}? [{asked}]" for asked in image.asked)]


def _view(image: Image) -> str:
    frame = image.frame
    if not image.is_projection or frame is None:
        return ""
    view = "view not known" if frame.view is None else f"{frame.view} ({frame.view_from})"
    side = "" if frame.left_at is None else f", patient's left on the {frame.left_at} of the image ({frame.side_from})"
    return f", {view}{side}"


def _matrix(image: Image) -> str:
    slices = "" if image.is_projection else f"{image.slices} slices of "
    spacing = (
        "of unknown size" if image.spacing_mm is None else "of " + " x ".join(f"{one:g}" for one in image.spacing_mm)
    )
    unit = " mm" if image.spacing_mm is not None else ""
    matrix = f"{slices}{image.facts.rows} x {image.facts.columns} pixels {spacing}{unit}"
    if image.placement is None or image.slices < 2:
        return matrix
    step = ", ".join(f"{value:g}" for value in image.placement.step_mm)
    return f"{matrix}; one slice to the next: ({step}) mm in patient coordinates"


def _counts(frame: Frame) -> str:
    window = "no energy window declared"
    if frame.window_kev is not None:
        low, high = frame.window_kev
        window = f"{frame.window or 'unknown'} window, {low:g} to {high:g} keV"
    return f"{window}; {frame.counts:,.0f} counts"


def _delay(facts: Facts) -> str:
    hours = " or ".join(f"{one:.1f}" for one in facts.delay_hours)
    return f"; {hours} h after the injection" if hours else ""


def _liver_fits(image: Image) -> str:
    if image.frame is None or image.frame.left_at is None:
        return ""
    return ", the patient's left" if image.liver_disagrees else ", the patient's right, as it should"


def _contents(facts: Facts) -> str:
    return ", ".join([KINDS[facts.kind], *(f"{count} {what}" for what, count in facts.contains.items())])


def _summary(images: Sequence[Image], refused: Sequence[Problem], ignored: int) -> str:
    asked = sum(bool(image.asked) for image in images)
    parts = [f"Images: {len(images)}", f"to be answered: {asked}", f"refused: {len(refused)}"]
    return "; ".join([*parts, f"other files: {ignored}"] if ignored else parts) + "."


def _image_record(image: Image) -> dict[str, Any]:
    frame, placement = image.frame, image.placement
    return {
        "place": image.place,
        "kind": image.kind,
        "view": image.view,
        "view_from": frame.view_from if frame else None,
        "left_at": frame.left_at if frame else None,
        "side_from": frame.side_from if frame else None,
        "liver_at": frame.liver_at if frame else None,
        "rows": image.facts.rows,
        "columns": image.facts.columns,
        "slices": image.slices,
        "spacing_mm": image.spacing_mm,
        "origin_mm": placement.origin_mm if placement else None,
        "row_direction": placement.row_direction if placement else None,
        "column_direction": placement.column_direction if placement else None,
        "step_mm": placement.step_mm if placement else None,
        "window": frame.window if frame else None,
        "window_kev": frame.window_kev if frame else None,
        "counts": frame.counts if frame else None,
        "delay_hours": image.facts.delay_hours,
        "flags": image.flags,
        "asked": image.asked,
    }
