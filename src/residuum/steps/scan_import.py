"""Scans into a study, under its codes: image files and rows of images.csv; what does not fit is refused."""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import polars as pl

from residuum.intake.scans.child import ScanChild
from residuum.intake.scans.copying import Copied, CopyPlan
from residuum.intake.scans.grouping import Image, Sides
from residuum.intake.scans.identities import Key
from residuum.intake.scans.image_files import ImageFiles, Source
from residuum.intake.scans.limits import LARGEST_SERIES_BYTES, in_words
from residuum.intake.scans.pseudonyms import Pseudonyms
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.stored import read_uids
from residuum.intake.scans.walking import Found
from residuum.records.errors import Problem
from residuum.records.schemas import TABLES
from residuum.records.vocabulary import VIEWS
from residuum.steps.progress import Advance
from residuum.steps.scan_inspection import Inspection, inspect_source, read_answers
from residuum.steps.scan_sources import ScanSource, open_source, walk_distinct
from residuum.steps.study_images import StudyImages, open_images

_TRACERS: Final[Mapping[str, tuple[str, ...]]] = {"I123": ("I123",), "I131": ("I131", "I131_post_therapy")}
"""Tracers of a scan that fit an energy window; other windows say nothing."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An image with the scan that it belongs to."""

    image: Image
    patient: str
    day: int
    scan: str


Bundle = Sequence[Placed]
"""Images of the same objects: the views of a whole-body object; one SPECT; one CT."""


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
        saved = _Saved(images, files, key)
        for bundle, copies in _copy(source, child, key, bundles, refused):
            with files.locked():
                saved.add(bundle, copies, refused)
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
    frames = [one.image.frame for one in bundle if one.image.is_projection and one.image.frame is not None]
    views = {frame.number: (frame.view, frame.left_at) for frame in frames if frame.view is not None}
    return child.copy(found.data, CopyPlan(key.secret, bundle[0].patient, bundle[0].day, views))


class _Saved:
    """Writes copies as files and rows, and remembers what was written."""

    def __init__(self, images: StudyImages, files: ImageFiles, key: Key) -> None:
        self.images, self.files, self.key = images, files, key
        self.added: list[str] = []
        self.already = 0

    def add(self, bundle: Bundle, copies: Sequence[Copied], refused: list[Problem]) -> None:
        """Write a bundle: its identities into the key, its file, its rows, in this order; each may be repeated."""
        first = bundle[0]
        tables = self.images.tables
        stored = self.files.save([one.data for one in copies])
        try:
            is_there = self._is_there(first, stored.path, copies, tables)
        except ScanError as error:
            refused.append(error.at(first.image.pieces[0].place))
            if stored.path not in _paths(tables["images"]).values():
                self.files.remove(stored.path)
            return
        self._remember(first, copies)  # again where it is there: the key may have been lost or put back since
        if is_there:
            self.already += len(bundle)
            return
        taken = set(tables["images"]["image"])
        new = [_row(one, stored.path, stored.sha256, taken) for one in bundle]
        self.images.add(pl.DataFrame(new, schema=TABLES["images"].schema), first.patient)
        self.added += [row["image"] for row in new]

    def _remember(self, placed: Placed, copies: Sequence[Copied]) -> None:
        for piece, copied in zip(placed.image.pieces, copies, strict=True):
            self.key.remember(piece.facts.identity, placed.patient, copied.originals)

    def _is_there(
        self, placed: Placed, path: str, copies: Sequence[Copied], tables: Mapping[str, pl.DataFrame]
    ) -> bool:
        """Return whether the scan holds the file already.

        Raises
        ------
        ScanError
            Another scan or another file holds one of these objects, under this patient or an earlier code.
        """
        uids = read_uids([one.data for one in copies])
        study = Pseudonyms(self.key.secret).uid(placed.image.facts.identity.study_uid)
        known = self.key.originals().studies.get(study)
        patients = {placed.patient} | ({known.patient} if known is not None else set())
        scans = tables["scans"].filter(pl.col("patient").is_in(patients)).select("scan")
        held = {(scan, file) for (scan, _), file in _paths(tables["images"].join(scans, on="scan", how="semi")).items()}
        if (placed.scan, path) in held:
            return True
        for scan, file in sorted(held):
            there = read_uids(self.files.load(file))
            if not uids.instances.isdisjoint(there.instances):
                raise ScanError("scan.imported_differently", scan=scan)
            if there.patient != placed.patient and there.study == uids.study:
                raise ScanError("scan.study_of_another", patient=there.patient)
        return False


def _paths(images: pl.DataFrame) -> dict[tuple[str, str], str]:
    """Return the files of images by scan and image, but for those that other programs wrote."""
    rows = images.select("scan", "image", "source").drop_nulls("source").iter_rows()
    return {(scan, image): source.partition("#")[0] for scan, image, source in rows if ImageFiles.is_own(source)}


def _row(placed: Placed, path: str, sha256: str, taken: set[str]) -> dict[str, Any]:
    image = placed.image
    name = base = f"{placed.scan}-{image.kind}" + (f"-{image.view}" if image.view else "")
    number = 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name)
    frame = image.frame
    return {
        "image": name,
        "scan": placed.scan,
        "kind": image.kind,
        "view": image.view if image.view in VIEWS else None,
        "source": str(Source(path, frame.number if image.is_projection and frame else None)),
        "sha256": sha256,
        "rows": image.facts.rows,
        "columns": image.facts.columns,
        "frames": image.slices,
        "spacing_mm": _spacing(image),
        "left_at": frame.left_at if image.is_projection and frame else None,
        "flags": ";".join(image.flags) or None,
    }


def _spacing(image: Image) -> str | None:
    if image.spacing_mm is None:
        return None
    step = [math.hypot(*image.placement.step_mm)] if image.placement and image.slices > 1 else []
    return ";".join(f"{value:g}" for value in (*image.spacing_mm, *step))
