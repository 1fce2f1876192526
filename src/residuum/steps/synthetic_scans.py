"""Images for a synthetic study, made from its marks by a simulator; whoever had images keeps them."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from residuum.intake.scans.image_files import ImageFiles
from residuum.records.errors import CallError, InputError, Problem
from residuum.records.settings import FILE
from residuum.records.study import Study
from residuum.steps.location import Location
from residuum.steps.progress import Advance
from residuum.steps.runners import usable_cores
from residuum.steps.saved_images import SavedImages
from residuum.steps.simulated_marks import write_positions
from residuum.steps.simulation import NOBODY, Made, Order, fill_order
from residuum.steps.sources import open_source
from residuum.steps.study_images import FolderImages, StudyImages, open_images
from residuum.synthetic.scans.wanted import Skipped, Wanted, derive_wanted

ALL: Final = "all"
_Run = Callable[[Iterable[Order]], Iterable[Made]]
_DATABASE_NOTE: Final = "The study lies in a database: its reads stay as they were locked, so no mark got a position."


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a simulation did.

    Attributes
    ----------
    images : tuple of str
        Identifiers of the images added.
    already : int
        Scans that had images and kept them.
    placed : int
        Marks that got a position.
    skipped : tuple of Skipped
        Scans of which no images are made.
    refused : tuple of Problem
        Scans of which images could not be made.
    note : str
        What else there is to say.
    """

    images: tuple[str, ...]
    already: int
    placed: int
    skipped: tuple[Skipped, ...]
    refused: tuple[Problem, ...]
    note: str = ""

    def text(self) -> str:
        """Return what was done as lines."""
        lines = [f"Added: {name}" for name in self.images]
        lines += [f"Skipped: scan {one.scan}: {one.reason}." for one in self.skipped]
        lines += [f"Refused: {problem}" for problem in self.refused]
        lines += [self.note] if self.note else []
        return "\n".join(
            [
                *lines,
                f"Images added: {len(self.images)}; scans that had some: {self.already}; skipped: {len(self.skipped)}; "
                f"refused: {len(self.refused)}; marks placed: {self.placed}.",
            ]
        )

    def records(self) -> dict[str, Any]:
        """Return what was done as JSON values."""
        return {
            "added": self.images,
            "already": self.already,
            "placed": self.placed,
            "skipped": [{"scan": one.scan, "reason": one.reason} for one in self.skipped],
            "refused": [{"scan": one.value, "reason": one.message} for one in self.refused],
            "note": self.note,
        }


def simulate_scans(
    study: Path | str,
    *,
    patients: Collection[str] | None = None,
    spect: Collection[str] = (),
    processes: int | None = None,
    advance: Advance = lambda _doing, _share: None,
) -> Simulated:
    """Give the scans of a synthetic study images that show what its reads say.

    Scans that have images are left alone, so the step may be repeated, also after it was killed. The result does not
    depend on the number of processes. In a study folder the marks of these scans get their positions.

    Parameters
    ----------
    study : Path or str
        A study folder or a database; the newer counts.
    patients : collection of str, optional
        Whose scans; everybody's by default.
    spect : collection of str
        Scans that get a SPECT/CT as well; `ALL` for every one.
    processes : int, optional
        All usable cores by default; 1 makes everything in the calling process.

    Raises
    ------
    CallError
        There is no such study or patient.
    InputError
        The study is refused, is not labelled synthetic, or holds no marks.
    """
    images, files, location = open_images(study)
    found = open_source(study).study
    check_simulated(found)
    _check_patients(found, patients)
    wanted, skipped = derive_wanted(found, patients)
    having = set(images.tables["images"]["scan"])
    orders = [Order(one, spect == ALL or one.scan in spect, location.truth) for one in wanted if one.scan not in having]
    saved, refused = SavedImages(images, files, NOBODY), list[Problem]()
    with _open_processes(min(processes or usable_cores(), len(orders))) as run:
        for number, made in enumerate(run(orders), 1):
            _save(made, saved, files, refused)
            advance(f"scan {made.wanted.scan}", number / len(orders))
    placed, note = _place(images, files, location, wanted)
    return Simulated(tuple(saved.added), len(wanted) - len(orders), placed, tuple(skipped), tuple(refused), note)


def check_simulated(study: Study) -> None:
    """Refuse a study that may get no simulated images.

    Raises
    ------
    InputError
        It is not labelled synthetic, or its readers gave grades.
    """
    if not study.settings.synthetic:
        message = "simulated images may lie in a study that is labelled synthetic only"
        cure = "Write synthetic = true where everybody in it is invented; leave a study of patients alone."
        raise _refused("synthetic.label", message, cure, "synthetic", "false")
    if not study.uses_marks:
        message = "grades do not say where uptake lies, so no image can be made of them"
        cure = "Simulate scans for a study whose readers mark lesions."
        raise _refused("synthetic.entry", message, cure, "reading.entry", study.settings.reading.entry)


def _refused(rule: str, message: str, cure: str, key: str, value: str) -> InputError:
    problem = Problem("error", rule, FILE, message, cure, column=key, value=value)
    return InputError("no scans are simulated for this study", [problem])


def _check_patients(study: Study, patients: Collection[str] | None) -> None:
    unknown = sorted(set(patients or ()) - set(study["patients"]["patient"]))
    if unknown:
        raise CallError(f"the study has no patient {', '.join(unknown)}; nothing was made")


def _save(made: Made, saved: SavedImages, files: ImageFiles, refused: list[Problem]) -> None:
    scan = made.wanted.scan
    if made.refused:
        cure = "Correct the marks of the scan, or leave it without images."
        refused.append(Problem("error", "synthetic.impossible", "scans.csv", made.refused, cure, None, "scan", scan))
        return
    with files.locked():
        saved.add(made.copied, refused)


def _place(images: StudyImages, files: ImageFiles, location: Location, wanted: Sequence[Wanted]) -> tuple[int, str]:
    if not isinstance(images, FolderImages):
        return 0, _DATABASE_NOTE
    return write_positions(images.folder, images.tables, wanted, files, location.truth), ""


@contextmanager
def _open_processes(count: int) -> Iterator[_Run]:
    """Give what makes scans one after another, in their order, on so many processes."""
    if count <= 1:
        yield lambda orders: map(fill_order, orders)
        return
    # Started anew: threads of this process, such as those of polars, do not survive a fork.
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=_begin_process)
    try:
        yield lambda orders: _make_ahead(pool, orders, count)
    finally:
        pool.shutdown(cancel_futures=True)


def _make_ahead(pool: ProcessPoolExecutor, orders: Iterable[Order], count: int) -> Iterator[Made]:
    """Yield what is made in its order; few scans are made ahead, which would take memory and delay an interrupt."""
    waiting = deque[Future[Made]]()
    try:
        for order in orders:
            waiting.append(pool.submit(fill_order, order))
            if len(waiting) > count + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        message = (
            "a process that makes scans was killed, perhaps for want of memory; call it again with fewer processes"
        )
        raise CallError(message) from None


def _begin_process() -> None:
    """Leave an interrupt of the terminal to the process that waits for this one, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
