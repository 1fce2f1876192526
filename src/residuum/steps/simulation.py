"""One simulated scan as an import would copy it: made, understood and pseudonymised; in any process."""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.privacy.copying import Copied, copy_object
from residuum.intake.scans.privacy.original_uids import Originals
from residuum.intake.scans.understanding.grouping import Image, Piece, derive_images
from residuum.intake.scans.understanding.understand import understand
from residuum.records.errors import CallError
from residuum.steps.saved_images import Bundle, Placed, plan_copy
from residuum.steps.scan_plans import truth_file
from residuum.synthetic.scans.planar_scan import PlannedScan
from residuum.synthetic.scans.scan import make_scan
from residuum.synthetic.scans.truth import Truth, write_truth
from residuum.synthetic.scans.wanted import Wanted

SECRET: Final = b"no patient stands behind a phantom".hex()[:64]
"""Makes the identifiers of every simulated object. It is public: it hides nothing."""


class _Nobody:
    """Who stands behind simulated objects: there is nothing to remember."""

    secret = SECRET

    def remember(self, *_: object) -> None:
        """Keep nothing."""

    def originals(self) -> Originals:
        """Return that nothing is known."""
        return Originals()


NOBODY: Final = _Nobody()


@dataclass(frozen=True, slots=True)
class Order:
    """A scan to be made.

    Attributes
    ----------
    wanted : Wanted
    with_spect : bool
    truth : Path
        Folder for what is truly there.
    """

    wanted: Wanted
    with_spect: bool
    truth: Path


@dataclass(frozen=True, slots=True)
class Made:
    """The copies of a scan that was made, or why it could not be.

    Attributes
    ----------
    wanted : Wanted
    copied : tuple of (Bundle, tuple of Copied)
    refused : str
        Empty where it was made.
    """

    wanted: Wanted
    copied: tuple[tuple[Bundle, tuple[Copied, ...]], ...] = ()
    refused: str = ""


def fill_order(order: Order) -> Made:
    """Make a scan: its truth is written, its copies are returned."""
    wanted = order.wanted
    try:
        made = make_scan(wanted.child, PlannedScan(wanted.scan, wanted.day, wanted.marks, with_spect=order.with_spect))
        copied = tuple(_copy_objects([*made.whole_body, *made.spect, *made.ct], wanted))
    except (ValueError, CallError) as error:  # marks that fit into no such body; a code that stands in no header
        return Made(wanted, refused=str(error))
    _write_whole(truth_file(order.truth, wanted.scan), made.truth)
    return Made(wanted, copied)


def _copy_objects(objects: Sequence[bytes], wanted: Wanted) -> Iterator[tuple[Bundle, tuple[Copied, ...]]]:
    """Yield the images of objects, by the objects behind them, with the copies of these."""
    by_place = {f"{wanted.scan}/{number}": data for number, data in enumerate(objects, 1)}
    pieces = [
        Piece(place, hashlib.sha256(data).hexdigest(), understand(parse(data), decode), len(data))
        for place, data in by_place.items()
    ]
    images, aside, refused = derive_images(pieces)
    faults = [str(one) for one in refused] + [str(one) for image in images for one in image.refusals()]
    asked = [one for image in images for one in image.asked]
    if aside or faults or asked:
        raise AssertionError(f"a simulated scan is not what an import takes: {faults}, {asked}, {aside}")
    for _, group in groupby(images, key=lambda image: image.pieces):
        bundle = _place_images(group, wanted)
        plan = plan_copy(bundle, SECRET)
        datasets = (parse(by_place[piece.place]) for piece in bundle[0].image.pieces)
        yield bundle, tuple(copy_object(one, decode(one), plan) for one in datasets)


def _place_images(images: Iterator[Image], wanted: Wanted) -> list[Placed]:
    return [Placed(image, wanted.child.patient, wanted.day, wanted.scan) for image in images]


def _write_whole(path: Path, truth: Truth) -> None:
    """Write a truth such that after a crash there is the whole of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write_truth(part, truth)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
