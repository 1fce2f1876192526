"""The demonstration: a synthetic study with images of some of its scans, its analysis, and a reading room of it."""

import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from residuum.cohort.analysis import derive_analysis
from residuum.intake.folder import read_study, write_study
from residuum.records.errors import CallError
from residuum.steps.analyse import AnalyseResult, analyse
from residuum.steps.location import IMAGES, TRUTH, locate
from residuum.steps.planned_scans import plan_scans
from residuum.steps.progress import Advance
from residuum.steps.serving import alone
from residuum.steps.synthetic_scans import Simulated, simulate_scans
from residuum.synthetic.demonstration import SCANNED, SCANNED_IN_DEPTH, make_demonstration, make_room

STUDY: Final = "study"
REPORT: Final = "report"
ROOM: Final = "room"
_SHARES: Final = (0.15, 0.9)
_SHARES_WITHOUT_SCANS: Final = (0.6, 0.6)
"""Of the time, when the study is written and when its scans have images."""


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """What a demonstration wrote.

    Attributes
    ----------
    result : AnalyseResult
    simulated : Simulated or None
    room : Path or None
        The folder of its reading room; without images there is none.
    """

    result: AnalyseResult
    simulated: Simulated | None = None
    room: Path | None = None


def demo(out: Path, *, scans: bool = True, advance: Advance = lambda _doing, _share: None) -> Demonstrated:
    """Write the demonstration to `out`: the folders study, report and, with images, room; return what was done.

    Parameters
    ----------
    out : Path
    scans : bool
        Whether the scans of some patients get images, and those of all others who are included are planned.

    Raises
    ------
    CallError
        `out` holds something that an earlier demonstration did not write, or a study in it is being served.
    """
    _clear(out)
    shares = _SHARES if scans else _SHARES_WITHOUT_SCANS
    study = make_demonstration(lambda share: advance("choosing make-believe children", shares[0] * share))
    folder = out / STUDY
    write_study(study, folder)
    simulated = room = None
    if scans:
        plan_scans(folder, set(derive_analysis(study).included["patient"]))
        simulated = simulate_scans(
            folder,
            patients=SCANNED,
            spect=SCANNED_IN_DEPTH,
            advance=lambda doing, share: advance(doing, shares[0] + (shares[1] - shares[0]) * share),
        )
        room = out / ROOM
        _write_room(folder, room)
    result = analyse(folder, out / REPORT, lambda doing, share: advance(doing, shares[1] + (1 - shares[1]) * share))
    return Demonstrated(result, simulated, room)


def _clear(out: Path) -> None:
    """Delete what an earlier demonstration wrote, all of it or nothing."""
    found = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    if out.is_file() or not {STUDY, REPORT, ROOM}.issuperset(found):
        raise CallError(f"{out} holds something else; name another folder with --out, nothing was written")
    with ExitStack() as locks:
        for location in (locate(str(out / name)) for name in found if name != REPORT):
            if location.has_database:
                locks.enter_context(alone(location))
        for name in found:
            shutil.rmtree(out / name)


def _write_room(study: Path, room: Path) -> None:
    """Write the reading room of a study: less reads, the same images and truths."""
    write_study(make_room(read_study(study)), room)
    for name in (IMAGES, TRUTH):
        shutil.copytree(study / name, room / name, copy_function=_link, ignore=shutil.ignore_patterns(".*"))


def _link(source: str, target: str) -> None:
    """Give a file a second name, or a copy where the disk knows no second names; neither is ever written again."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
