"""The demonstration: write the synthetic study, make the images of some of its scans, check it, analyse it."""

import shutil
from pathlib import Path
from typing import Final

from residuum.cohort.analysis import derive_analysis
from residuum.intake.folder import write_study
from residuum.records.errors import CallError
from residuum.steps.analyse import AnalyseResult, analyse
from residuum.steps.planned_scans import plan_scans
from residuum.steps.progress import Advance
from residuum.steps.synthetic_scans import Simulated, simulate_scans
from residuum.synthetic.demonstration import SCANNED, SCANNED_IN_DEPTH, make_demonstration

_SHARES: Final = (0.15, 0.9)
_SHARES_WITHOUT_SCANS: Final = (0.6, 0.6)
"""Of the time, when the study is written and when its scans have images."""


def demo(
    out: Path, *, scans: bool = True, advance: Advance = lambda _doing, _share: None
) -> tuple[AnalyseResult, Simulated | None]:
    """Write the demonstration study to `out`/study and its analysis to `out`/report; return what was done.

    Parameters
    ----------
    out : Path
    scans : bool
        Whether the scans of some patients get images, and those of all others who are included are planned.

    Raises
    ------
    CallError
        `out` holds something that an earlier demonstration did not write.
    """
    foreign = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    if out.is_file() or not {"study", "report"}.issuperset(foreign):
        raise CallError(f"{out} holds something else; name another folder with --out, nothing was written")
    for part in foreign:
        shutil.rmtree(out / part)
    shares = _SHARES if scans else _SHARES_WITHOUT_SCANS
    study = make_demonstration(lambda share: advance("choosing make-believe children", shares[0] * share))
    folder = out / "study"
    folder.mkdir(parents=True)
    write_study(study, folder)
    simulated = None
    if scans:
        plan_scans(folder, set(derive_analysis(study).included["patient"]))
        simulated = simulate_scans(
            folder,
            patients=SCANNED,
            spect=SCANNED_IN_DEPTH,
            advance=lambda doing, share: advance(doing, shares[0] + (shares[1] - shares[0]) * share),
        )
    result = analyse(folder, out / "report", lambda doing, share: advance(doing, shares[1] + (1 - shares[1]) * share))
    return result, simulated
