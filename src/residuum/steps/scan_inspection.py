"""What scans are: read in a limited child, grouped into images, with what has to be asked and what is refused."""

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from residuum.intake.scans.limited.child import ScanChild
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources.walking import Found
from residuum.intake.scans.understanding.grouping import Answer, Image, Piece, Sides, answered, derive_images
from residuum.records.errors import CallError, InputError, Problem
from residuum.report.scan_report import render_scan_records, render_scan_text
from residuum.steps.progress import Advance
from residuum.steps.scan_sources import ScanSource, open_source, walk_distinct

NOT_DICOM: Final = "scan.not_dicom"
ANSWER_COLUMNS: Final = ("place", "question", "answer", "allowed", "hint", "object")
_FORMULA: Final = ("=", "+", "-", "@")
"""What makes a cell a formula in a spreadsheet; the place only tells people where to look."""
_OBJECT: Final = re.compile(r"([0-9a-f]{64})#([1-9][0-9]{0,4})")
_ALLOWED: Final = {"view": ("anterior", "posterior", "other"), "left_at": ("left", "right")}
Answers = Mapping[tuple[str, int], Answer]
"""By the hash of the object and the number of the frame: a file of another disc may have the same name."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """Everything that a place holds.

    Attributes
    ----------
    images : tuple of Image
        What a reader would see, in a fixed order.
    aside : tuple of Piece
        Objects that were recognised and are no images: structure sets, segmentations, reports.
    refused : tuple of Problem
        What cannot be read, and why.
    ignored : int
        Files among others that are no DICOM objects.
    """

    images: tuple[Image, ...]
    aside: tuple[Piece, ...]
    refused: tuple[Problem, ...]
    ignored: int

    @property
    def is_refused(self) -> bool:
        """Whether anything is refused, or nothing was understood at all."""
        return bool(self.refused) or not (self.images or self.aside)

    def text(self) -> str:
        """Return everything found as lines."""
        return render_scan_text(self.images, self.aside, self.refused, self.ignored)

    def records(self) -> dict[str, Any]:
        """Return everything found as JSON values."""
        return render_scan_records(self.images, self.aside, self.refused, self.ignored)

    def questions(self) -> str:
        """Return what has to be asked, as a CSV file to be filled in."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(ANSWER_COLUMNS)
        for image in self.images:
            for asked in image.asked:
                allowed, named = " or ".join(_ALLOWED[asked]), f"{image.key[0]}#{image.key[1]}"
                place = f"'{image.place}" if image.place.startswith(_FORMULA) else image.place
                writer.writerow((place, asked, "", allowed, _hint(image, asked), named))
        return out.getvalue()


def inspect(
    place: str,
    answers: Path | None = None,
    sides: Sides | None = None,
    advance: Advance = lambda _doing, _share: None,
) -> Inspection:
    """Return what a file, folder, ZIP archive or DICOMweb study holds; nothing is written.

    Parameters
    ----------
    answers : Path, optional
        The questions of an earlier inspection, filled in.
    sides : {"as_seen", "posterior_mirrored"}, optional
        How the camera stores its views.

    Raises
    ------
    CallError
        There is nothing of this name.
    InputError
        The answers cannot be used, or an archive cannot be asked.
    """
    given = read_answers(answers) if answers is not None else {}
    with ScanChild() as child:
        return inspect_source(open_source(place), child, given, sides, advance)


def inspect_source(
    source: ScanSource, child: ScanChild, answers: Answers, sides: Sides | None, advance: Advance
) -> Inspection:
    """Return what a source holds, each object looked at in the child."""
    pieces, refused, ignored = [], [], 0
    for number, found in enumerate(walk_distinct(source), 1):
        advance(f"object {number}", 0.0)
        looked = _look(found, child)
        if isinstance(looked, Piece):
            pieces.append(looked)
        elif looked.rule == NOT_DICOM and not source.is_single:
            ignored += 1
        else:
            refused.append(looked)
    images, aside, more = derive_images(pieces)
    images = [image for image in images if not _is_cut(image, refused)]
    _check_answers(images, answers)
    images = [answered(image, answers.get(image.key), sides) for image in images]
    flagged = [problem for image in images for problem in image.refusals()]
    return Inspection(tuple(images), tuple(aside), (*refused, *more, *flagged), ignored)


def _is_cut(image: Image, refused: Sequence[Problem]) -> bool:
    """Whether it is a volume of slices from an archive or a series of which the rest could not be read."""
    broken = tuple(f"{problem.file}/" for problem in refused)
    return len(image.pieces) > 1 and any(piece.place.startswith(broken) for piece in image.pieces)


def read_answers(file: Path) -> dict[tuple[str, int], Answer]:
    """Return the answers of a file of questions; blank ones are left out.

    Raises
    ------
    InputError
        A column is missing, an answer is none of those allowed, or one question has two answers.
    """
    found: dict[tuple[str, int], dict[str, str]] = {}
    problems = []
    for line, row in enumerate(_read_rows(file), 2):
        question, answer, named = (str(row.get(name) or "").strip() for name in ("question", "answer", "object"))
        key = _OBJECT.fullmatch(named)
        if question not in _ALLOWED or key is None:
            column, value = ("object", named) if key is None else ("question", question)
            problems.append(_wrong(file, line, column, value, "Keep the lines that the inspection wrote."))
        elif answer and answer not in _ALLOWED[question]:
            problems.append(_wrong(file, line, "answer", answer, f"Write {' or '.join(_ALLOWED[question])}."))
        elif answer:
            said = found.setdefault((key[1], int(key[2])), {})
            if said.setdefault(question, answer) != answer:
                problems.append(_wrong(file, line, "answer", answer, "An earlier line answers otherwise. Keep one."))
    if problems:
        raise InputError(f"{file} cannot be used", problems)
    return {key: Answer(**said) for key, said in found.items()}  # type: ignore[arg-type]  # checked above


def _read_rows(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        raise CallError(f"{file} is no file; name the questions that were answered")
    try:
        return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    except UnicodeDecodeError:
        raise InputError(f"{file} is not written in UTF-8; save it as CSV UTF-8") from None
    except csv.Error as error:
        raise InputError(f"{file} is no table of answers: {error}") from None


def _check_answers(images: Sequence[Image], answers: Answers) -> None:
    """Refuse answers that contradict what a header declares: they would be taken for one half of the truth."""
    problems = []
    for image in images:
        given, frame = answers.get(image.key), image.frame
        if given is None or frame is None or not image.is_projection:
            continue
        declared = {"view": (frame.view, given.view), "left_at": (frame.left_at, given.left_at)}
        problems += [
            Problem(
                "error",
                "answers.contradicts_header",
                image.place,
                f"its header declares {name} {there}",
                "Take the answer out; where the header is wrong, correct it at the camera's workstation.",
                value=said,
            )
            for name, (there, said) in declared.items()
            if None not in (there, said) and there != said
        ]
    if problems:
        raise InputError("answers contradict what images declare", problems)


def _look(found: Found, child: ScanChild) -> Piece | Problem:
    if found.data is None:
        return (found.refused or ScanError("scan.unreadable")).at(found.place)
    try:
        return Piece(found.place, hashlib.sha256(found.data).hexdigest(), child.look(found.data), len(found.data))
    except ScanError as error:
        return error.at(found.place)


def _hint(image: Image, asked: str) -> str:
    liver = image.frame.liver_at if image.frame is not None else None
    if asked != "left_at" or liver is None:
        return ""
    return f"the liver, on the patient's right, seems to lie on the {liver} of the image"


def _wrong(file: Path, line: int, column: str, value: str, cure: str) -> Problem:
    return Problem("error", f"answers.{column}", file.name, f"this is no {column}", cure, line, column, value)
