"""Scans into a study, under its codes: image files and rows of images.csv; what does not fit is refused."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import polars as pl

from residuum.intake.scans.limited.child import ScanChild
from residuum.intake.scans.limits import LARGEST_SERIES_BYTES, in_words
from residuum.intake.scans.privacy.copying import Copied
from residuum.intake.scans.privacy.identities import Key
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources.walking import Found
from residuum.intake.scans.understanding.grouping import Image, Sides
from residuum.records.errors import Problem
from residuum.steps.progress import Advance
from residuum.steps.saved_images import Bundle, Placed, SavedImages, plan_copy
from residuum.steps.scan_inspection import Inspection, inspect_source, read_answers
from residuum.steps.scan_sources import ScanSource, open_source, walk_distinct
from residuum.steps.study_images import open_images

_TRACERS: Final[Mapping[str, tuple[str, ...]]] = {"I123": ("I123",), "I131": ("I131", "I131_post_therapy")}
"""Tracers of a scan that fit an energy window; other windows say nothing."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    images : tuple of str
        Identifiers of the images added.
    already : int
        Images that the study held already.
    inspection : Inspection
        What was found; its `refused` lists everything that did not come in.
    notes : tuple of Problem
        What was found in the key folder.
    """

    images: tuple[str, ...]
    already: int
    inspection: Inspection
    notes: tuple[Problem, ...] = ()

    def text(self) -> str:
        """Return what was done as lines."""
        lines = [str(note) for note in self.notes]
        lines += [f"Added: {name}" for name in self.images]
        lines += [f"Refused: {problem}" for problem in self.inspection.refused]
        summary = f"Images added: {len(self.images)}; there already: {self.already}; refused: "
        return "\n".join([*lines, f"{summary}{len(self.inspection.refused)}."])

    def records(self) -> dict[str, Any]:
        """Return what was done as JSON values."""
        return {"added": self.images, "already": self.already, "refused": self.inspection.records()["refused"]}


def import_scans(
    place: str,
    study: Path | str,
    key_folder: Path,
    *,
    answers: Path | None = None,
    sides: Sides | None = None,
    scan: str | None = None,
    advance: Advance = lambda _doing, _share: None,
) -> Imported:
    """Add the scans of a file, folder, ZIP archive or DICOMweb archive to a study.

    Every image comes in as a whole or not at all; what is refused is said and the rest comes in.

    Parameters
    ----------
    place : str
        A path, or the address of a DICOMweb archive or of one of its studies.
    study : Path or str
        A study folder or a database.
    key_folder : Path
        The key folder, outside the study: who is who, and when they were diagnosed.
    answers, sides
        As for `inspect`.
    scan : str, optional
        The scan that all images belong to, where their days do not tell.

    Raises
    ------
    CallError
        There is no such study or place, or the key lies within the study.
    InputError
        The study, the key or the answers cannot be used.
    """
    images, files, location = open_images(study)
    key = Key.open(key_folder, location.images.parent)
    with ScanChild() as child:
        source = open_source(place, key.patient_ids)
        given = read_answers(answers) if answers is not None else {}
        found = inspect_source(source, child, given, sides, advance)
        bundles, refused = _place(found.images, key, images.tables["scans"], scan)
        saved = SavedImages(images, files, key)
        for bundle, copies in _copy(source, child, key, bundles, refused):
            with files.locked():
                saved.add([(bundle, copies)], refused)
    return Imported(
        tuple(saved.added), saved.already, replace(found, refused=(*found.refused, *refused)), tuple(key.notes)
    )


def _place(
    images: Iterable[Image], key: Key, scans: pl.DataFrame, named: str | None
) -> tuple[list[Bundle], list[Problem]]:
    """Return the images that come in, by the objects behind them, and why others do not.

    Where one view of an object cannot come in, its other views stay out too: the object is copied once, as a whole.
    """
    bundles: list[Bundle] = []
    refused = []
    for _, group in groupby(images, key=lambda image: image.pieces):
        together = list(group)
        if any(image.refusals() for image in together):
            continue  # said by the inspection
        try:
            bundles.append([_place_one(image, key, scans, named) for image in together])
        except ScanError as error:
            refused.append(error.at(together[0].pieces[0].place))
    return bundles, refused


def _place_one(image: Image, key: Key, scans: pl.DataFrame, named: str | None) -> Placed:
    if sum(piece.size for piece in image.pieces) > LARGEST_SERIES_BYTES:
        raise ScanError("scan.too_large", limit=in_words(LARGEST_SERIES_BYTES))
    if image.asked:
        raise ScanError("scan.asked", what=" and ".join(_WORDS[asked] for asked in image.asked))
    identity = image.facts.identity
    person = key.find(identity.patient_id, identity.issuer)
    if person is None:
        raise ScanError("scan.unknown_patient")
    if identity.date is None:
        raise ScanError("scan.no_date")
    day = key.day(person, identity.date)
    rows = scans.filter(pl.col("patient") == person.patient, pl.col("day") == day)
    if named is not None:
        rows = rows.filter(scan=named)
    if rows.height != 1:
        rule = "scan.several_rows" if rows.height else "scan.no_row"
        raise ScanError(rule, patient=person.patient, day=day)
    _check_tracer(image, rows["tracer"][0])
    return Placed(image, person.patient, day, rows["scan"][0])


_WORDS: Final = {
    "view": "whether it is an anterior or posterior view",
    "left_at": "on which side the patient's left lies",
}


def _check_tracer(image: Image, tracer: str | None) -> None:
    window = image.frame.window if image.frame is not None else None
    if tracer is not None and window is not None and tracer not in _TRACERS.get(window, (tracer,)):
        raise ScanError("scan.tracer", window=window, tracer=tracer)


def _copy(
    source: ScanSource, child: ScanChild, key: Key, bundles: Iterable[Bundle], refused: list[Problem]
) -> Iterator[tuple[Bundle, list[Copied]]]:
    """Walk the source again and yield every bundle as soon as all of its objects are copied."""
    waiting = {piece.place: bundle for bundle in bundles for piece in bundle[0].image.pieces}
    copies: dict[str, Copied] = {}
    for found in walk_distinct(source):
        bundle = waiting.get(found.place)
        if bundle is None:
            continue
        pieces = bundle[0].image.pieces
        try:
            copies[found.place] = _copy_one(found, child, key, bundle)
        except ScanError as error:
            refused.append(error.at(found.place))
            for piece in pieces:  # the rest of it is of no use alone
                waiting.pop(piece.place, None)
                copies.pop(piece.place, None)
            continue
        if all(piece.place in copies for piece in pieces):
            yield bundle, [copies.pop(piece.place) for piece in pieces]


def _copy_one(found: Found, child: ScanChild, key: Key, bundle: Bundle) -> Copied:
    piece = next(piece for piece in bundle[0].image.pieces if piece.place == found.place)
    if found.data is None or hashlib.sha256(found.data).hexdigest() != piece.sha256:
        raise ScanError("scan.changed")
    return child.copy(found.data, plan_copy(bundle, key.secret))
