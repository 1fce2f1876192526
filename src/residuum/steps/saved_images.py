"""Copies of objects into a study, as files and rows of images: what an import and a simulation share."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from residuum.intake.scans.image_files import ImageFiles, Source, Stored
from residuum.intake.scans.privacy.copying import Copied, CopyPlan
from residuum.intake.scans.privacy.original_uids import Originals
from residuum.intake.scans.privacy.pseudonyms import Pseudonyms
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.stored import read_uids
from residuum.intake.scans.understanding.facts import Identity
from residuum.intake.scans.understanding.grouping import Image
from residuum.records.errors import Problem
from residuum.records.schemas import TABLES
from residuum.records.vocabulary import VIEWS
from residuum.steps.study_images import StudyImages


@dataclass(frozen=True, slots=True)
class Placed:
    """An image with the scan that it belongs to."""

    image: Image
    patient: str
    day: int
    scan: str


Bundle = Sequence[Placed]
"""Images of the same objects: the views of a whole-body object; one SPECT; one CT."""


class Owners(Protocol):
    """Who stands behind pseudonyms: the patients of a key folder, or nobody."""

    @property
    def secret(self) -> str:
        """Return the secret of the pseudonyms, hexadecimal."""

    def remember(self, identity: Identity, patient: str, originals: Mapping[str, str]) -> None:
        """Keep what the pseudonyms of an object stand for."""

    def originals(self) -> Originals:
        """Return what all pseudonyms stand for."""


def plan_copy(bundle: Bundle, secret: str) -> CopyPlan:
    """Return how the objects of a bundle are copied: whose they are, and what is known of their views."""
    frames = [one.image.frame for one in bundle if one.image.is_projection and one.image.frame is not None]
    views = {frame.number: (frame.view, frame.left_at) for frame in frames if frame.view is not None}
    return CopyPlan(secret, bundle[0].patient, bundle[0].day, views)


class SavedImages:
    """Writes copies as files and rows, and remembers what was written.

    Parameters
    ----------
    images : StudyImages
    files : ImageFiles
    owners : Owners

    Attributes
    ----------
    added : list of str
        Identifiers of the images added.
    already : int
        Images that the study held already.
    """

    def __init__(self, images: StudyImages, files: ImageFiles, owners: Owners) -> None:
        self._images, self._files, self._owners = images, files, owners
        self.added: list[str] = []
        self.already = 0

    def add(self, copied: Iterable[tuple[Bundle, Sequence[Copied]]], refused: list[Problem]) -> None:
        """Write bundles of one patient: identities into the key, files, all rows at once; each may be repeated.

        Parameters
        ----------
        copied : iterable of (Bundle, sequence of Copied)
            Bundles with the copies of their objects, in the order of these.
        refused : list of Problem
            Is told why a bundle stays out.
        """
        tables = self._images.tables
        taken = set(tables["images"]["image"])
        new, patient = list[dict[str, Any]](), ""
        for bundle, copies in copied:
            stored = self._save(bundle, copies, tables, refused)
            if stored is not None:
                new += [_row(one, stored, taken) for one in bundle]
                patient = bundle[0].patient
        if new:
            self._images.add(pl.DataFrame(new, schema=TABLES["images"].schema), patient)
            self.added += [row["image"] for row in new]

    def _save(
        self, bundle: Bundle, copies: Sequence[Copied], tables: Mapping[str, pl.DataFrame], refused: list[Problem]
    ) -> Stored | None:
        """Write the file of a bundle and its identities; return nothing where it needs no rows."""
        first, stored = bundle[0], self._files.save([one.data for one in copies])
        try:
            is_there = self._is_there(first, stored.path, copies, tables)
        except ScanError as error:
            refused.append(error.at(first.image.pieces[0].place))
            if stored.path not in _paths(tables["images"]).values():
                self._files.remove(stored.path)
            return None
        self._remember(first, copies)  # again where it is there: the key may have been lost or put back since
        if is_there:
            self.already += len(bundle)
            return None
        return stored

    def _remember(self, placed: Placed, copies: Sequence[Copied]) -> None:
        for piece, copied in zip(placed.image.pieces, copies, strict=True):
            self._owners.remember(piece.facts.identity, placed.patient, copied.originals)

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
        study = Pseudonyms(self._owners.secret).uid(placed.image.facts.identity.study_uid)
        known = self._owners.originals().studies.get(study)
        patients = {placed.patient} | ({known.patient} if known is not None else set())
        scans = tables["scans"].filter(pl.col("patient").is_in(patients)).select("scan")
        held = {(scan, file) for (scan, _), file in _paths(tables["images"].join(scans, on="scan", how="semi")).items()}
        if (placed.scan, path) in held:
            return True
        for scan, file in sorted(held):
            there = read_uids(self._files.load(file))
            if not uids.instances.isdisjoint(there.instances):
                raise ScanError("scan.imported_differently", scan=scan)
            if there.patient != placed.patient and there.study == uids.study:
                raise ScanError("scan.study_of_another", patient=there.patient)
        return False


def _paths(images: pl.DataFrame) -> dict[tuple[str, str], str]:
    """Return the files of images by scan and image, but for those that other programs wrote."""
    rows = images.select("scan", "image", "source").drop_nulls("source").iter_rows()
    return {(scan, image): source.partition("#")[0] for scan, image, source in rows if ImageFiles.is_own(source)}


def _row(placed: Placed, stored: Stored, taken: set[str]) -> dict[str, Any]:
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
        "source": str(Source(stored.path, frame.number if image.is_projection and frame else None)),
        "sha256": stored.sha256,
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
