"""Locked reads out of a study, as DICOM objects under study codes and as JSON, with what had to stay and why."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from residuum import DISCLAIMER
from residuum.exports.documents import ImageEntry, ReadDocument, render_json
from residuum.exports.outlines import Outliner, place_on_ct
from residuum.exports.positions import locate as locate_mark
from residuum.exports.segmentation import Outlined, render_segmentation
from residuum.exports.structure_set import REASONS, render_structure_set
from residuum.exports.structured_report import render_structured_report
from residuum.intake.scans.image_files import ImageFiles
from residuum.records.errors import CallError, InputError
from residuum.records.vocabulary import CONSENSUS, SOFT_TISSUE
from residuum.steps.file_names import file_name
from residuum.steps.location import Location, locate
from residuum.steps.progress import Advance
from residuum.steps.scan_documents import Documents, OpenReads, find_open_reads, moment
from residuum.steps.sources import open_source

if TYPE_CHECKING:
    from pydicom import Dataset

INDEX: Final = "index.json"


@dataclass(slots=True)
class Exported:
    """What an export wrote.

    Attributes
    ----------
    files : list of dict
        `file` (below the folder), `kind`, `patient`, `scan`, `reader`.
    left_out : list of dict
        `patient`, `scan`, `reader`, `mark` where one is meant, and the `reason`.
    held_back : int
        Locked reads that stay, since another reader could meet them.
    said : str or None
        Which of folder and database was used, where there are both.
    """

    folder: Path
    held_back: int
    said: str | None = None
    files: list[dict[str, str]] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)

    def records(self) -> dict[str, Any]:
        """Return what was done as JSON values."""
        return {
            "notice": DISCLAIMER,
            "held_back": self.held_back,
            "files": self.files,
            "left_out": self.left_out,
        }

    def text(self) -> str:
        """Return what was done as lines."""
        lines = [self.said] if self.said else []
        lines += [f"Left out: {' '.join(list(one.values())[:-1])}: {one['reason']}" for one in self.left_out]
        counts = {kind: sum(one["kind"] == kind for one in self.files) for kind in _KINDS}
        lines.append("; ".join(f"{_KINDS[kind]}: {count}" for kind, count in counts.items()) + ".")
        if self.held_back:
            lines.append(
                f"Locked reads that stay, since somebody who has not finished could meet them: {self.held_back}. "
                'They leave when all cases are locked, or scan by scan with reveal = "scan".'
            )
        return "\n".join(lines)


_KINDS: Final = {
    "read": "Reads as JSON",
    "report": "structured reports",
    "segmentation": "segmentations",
    "structure_set": "structure sets",
    "image": "images",
}


def export_scans(
    study: Path | str,
    out: Path,
    *,
    images: bool = False,
    fraction: float = 0.5,
    advance: Advance = lambda _doing, _share: None,
) -> Exported:
    """Write every read that may leave into a new folder.

    Parameters
    ----------
    study : Path or str
        A study folder or a database.
    out : Path
        A folder that is empty or not there.
    images : bool
        Whether the images under study codes are written too.
    fraction : float
        Of the way from background to peak at which lesions are outlined.

    Raises
    ------
    CallError
        The folder is not empty, or there is no such study.
    InputError
        The study is refused, or an image file is missing or damaged.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CallError(f"{out} is not an empty folder; name a new one with --out")
    source, location = open_source(study), locate(str(study))
    documents = Documents(source.study, ImageFiles(location.images))
    opened = find_open_reads(source.study, location, documents.analysis)
    exporter = _Exporter(documents, out, opened, Outliner(fraction), source.said)
    scans = opened.reads["scan"].unique(maintain_order=True).to_list()
    for number, scan in enumerate(scans):
        advance(scan, number / len(scans))
        exporter.export_scan(scan, images=images)
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(exporter.done.records(), indent=2, ensure_ascii=False)
    (out / INDEX).write_text(f"{text}\n", "utf-8", newline="\n")
    if location.has_database:
        _note_export(location, exporter.done)
    return exporter.done


class _Exporter:
    """Writes the results of one scan after the other."""

    def __init__(
        self, documents: Documents, out: Path, opened: OpenReads, outliner: Outliner, said: str | None
    ) -> None:
        self.documents, self.out, self.opened, self.outliner = documents, out, opened, outliner
        self.done = Exported(out, opened.held_back, said)

    def export_scan(self, scan: str, *, images: bool) -> None:
        """Write what the open reads of a scan say: readers first, since the consensus names their reports."""
        entries = self.documents.images(scan)
        reads = self.opened.reads.filter(scan=scan).select("reader", "made").rows()
        reports: list[Dataset] = []
        for reader, made in sorted(reads, key=lambda row: (row[0] == CONSENSUS, row[0])):
            document = self.documents.document(scan, reader, entries)
            when = moment(made, document.day)
            self._write_text(document, render_json(document))
            if not entries:
                self._leave_out(document, "the scan has no imported image, so the read leaves as JSON only")
                continue
            document = self._with_places(document, entries)
            report = render_structured_report(document, entries, when, reports if document.adjudicated else ())
            reports.append(report)
            self._write(document, "report", f"report-{reader}", report)
            if document.evaluable:
                outlined = self._outline(document, entries)
                self._segment(document, outlined, when)
                if reader == self.documents.residual_reader(scan):
                    self._residual(document, outlined, entries, when)
            elif document.marks:
                self._leave_out(document, "the read is not evaluable, so nothing is outlined")
        if self.documents.is_unresolved_landmark(scan):
            self.done.left_out.append(self._about_landmark(scan))
        if images:
            self._copy_images(scan, entries)

    def _with_places(self, document: ReadDocument, entries: list[ImageEntry]) -> ReadDocument:
        """Return a document whose marks keep only positions that lie on an imported image."""
        by_image = {entry.image: entry for entry in entries}
        marks = []
        for mark in document.marks:
            try:
                if mark.is_placed:
                    locate_mark(mark, self._imported(mark.image, by_image))
                marks.append(mark)
            except InputError as reason:
                self._leave_out(document, f"reported without its position: {reason}", mark.mark)
                marks.append(replace(mark, image=None, x_mm=None, y_mm=None, z_mm=None))
        return replace(document, marks=tuple(marks))

    def _outline(self, document: ReadDocument, entries: list[ImageEntry]) -> list[tuple[ImageEntry, Outlined]]:
        """Return the lesions that can be outlined, by the object that they lie on; the others are left out."""
        by_image = {entry.image: entry for entry in entries}
        measurable = []
        for mark in document.marks:
            try:
                measurable.append((mark, self._measurable(mark.image, by_image)))
            except InputError as reason:
                self._leave_out(document, str(reason), mark.mark)
        outlined, left_out = self.outliner.outline_all(measurable)
        for mark, why in left_out:
            self._leave_out(document, why, mark.mark)
        return sorted(outlined, key=_object)

    def _segment(self, document: ReadDocument, outlined: list[tuple[ImageEntry, Outlined]], made: datetime) -> None:
        """Write one segmentation for each object with outlined lesions."""
        for number, (_, group) in enumerate(groupby(outlined, key=_object), 1):
            together = list(group)
            lesions = [lesion for _, lesion in together]
            found = render_segmentation(document, together[0][0], lesions, self.outliner.parameters, made)
            self._write(document, "segmentation", f"segmentation-{document.reader}-{number}", found)

    def _residual(
        self,
        document: ReadDocument,
        outlined: list[tuple[ImageEntry, Outlined]],
        entries: list[ImageEntry],
        made: datetime,
    ) -> None:
        """Write the skeletal lesions of a landmark scan as structure sets, one for each CT that they lie on."""
        skeletal = [one for one in outlined if set(one[1].mark.regions) != {SOFT_TISSUE}]
        placed, left_out = place_on_ct(skeletal, entries)
        for mark, why in left_out:
            self._leave_out(document, f"not in a structure set: {why}", mark.mark)
        placed.sort(key=lambda one: one[0].image)
        for number, (_, group) in enumerate(groupby(placed, key=lambda one: one[0].image), 1):
            together = list(group)
            found = render_structure_set(document, together[0][0], [lesion for _, lesion in together], made)
            for mark, reason in found.left_out:
                self._leave_out(document, f"not in a structure set: {REASONS[reason]}", mark.mark)
            if found.dataset is not None:
                self._write(document, "structure_set", f"residual-lesions-{number}", found.dataset)

    def _measurable(self, image: str | None, by_image: Mapping[str, ImageEntry]) -> ImageEntry:
        """Return the image of a mark, unless nothing may be computed from its counts."""
        found = self._imported(image, by_image)
        doubts = self.documents.doubts(found.image)
        if doubts:
            raise InputError(f"nothing is computed from the counts of image {image}: {doubts}")
        return found

    def _imported(self, image: str | None, by_image: Mapping[str, ImageEntry]) -> ImageEntry:
        if image is None:
            raise InputError("the mark has no position on an image")
        if image not in by_image:
            raise InputError(f"its image {image} was not imported")
        return by_image[image]

    def _copy_images(self, scan: str, entries: list[ImageEntry]) -> None:
        """Write the images of a scan as single objects, each once."""
        patient = self.documents.patient(scan)
        objects = {str(one.SOPInstanceUID): one for entry in entries for one in entry.objects}
        for number, one in enumerate(objects.values(), 1):
            path = self._path(patient, scan, f"image-{number:04}.dcm")
            one.save_as(path, enforce_file_format=True)
            self._note(path, "image", patient, scan, "")

    def _write(self, document: ReadDocument, kind: str, name: str, found: "Dataset") -> None:
        path = self._path(document.patient, document.scan, f"{name}.dcm")
        found.save_as(path, enforce_file_format=True)
        self._note(path, kind, document.patient, document.scan, document.reader)

    def _write_text(self, document: ReadDocument, text: str) -> None:
        path = self._path(document.patient, document.scan, f"read-{document.reader}.json")
        path.write_text(text, "utf-8", newline="\n")
        self._note(path, "read", document.patient, document.scan, document.reader)

    def _path(self, *names: str) -> Path:
        """Return a path below the folder, made ready; codes of a study may hold what is no name of a file."""
        path = self.out.joinpath(*(file_name(name) for name in names))
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _note(self, path: Path, kind: str, patient: str, scan: str, reader: str) -> None:
        file = path.relative_to(self.out).as_posix()
        self.done.files.append({"file": file, "kind": kind, "patient": patient, "scan": scan, "reader": reader})

    def _about_landmark(self, scan: str) -> dict[str, str]:
        reason = "not in a structure set: the reads of this landmark scan differ and no consensus is locked"
        return {"patient": self.documents.patient(scan), "scan": scan, "reader": "", "mark": "", "reason": reason}

    def _leave_out(self, document: ReadDocument, reason: str, mark: str = "") -> None:
        self.done.left_out.append(
            {
                "patient": document.patient,
                "scan": document.scan,
                "reader": document.reader,
                "mark": mark,
                "reason": reason,
            }
        )


def _object(one: tuple[ImageEntry, Outlined]) -> str:
    """Return the object that an outline lies on; several views may."""
    return str(one[0].objects[0].SOPInstanceUID)


def _note_export(location: Location, done: Exported) -> None:
    """Write into the audit trail what left, patient by patient."""
    from residuum.steps.databases import command_user
    from residuum.steps.desk import utc_now
    from residuum.store import audit

    database = location.open()
    try:
        with database.writing() as connection:
            for patient, group in groupby(
                sorted(done.files, key=lambda one: one["patient"]), key=lambda one: one["patient"]
            ):
                names = [one["file"] for one in group]
                audit.append(connection, command_user(), utc_now(), "scans.export", patient=patient, files=names)
    finally:
        database.close()
