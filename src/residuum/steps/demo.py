"""The demonstration: write the synthetic study, check it, analyse it."""

import shutil
from pathlib import Path

from residuum.intake.folder import write_study
from residuum.records.errors import CallError
from residuum.steps.analyse import AnalyseResult, analyse
from residuum.steps.progress import Advance
from residuum.synthetic.demonstration import make_demonstration


def demo(out: Path, advance: Advance = lambda _doing, _share: None) -> AnalyseResult:
    """Write the demonstration study to `out`/study and its analysis to `out`/report.

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
    study = make_demonstration(lambda share: advance("choosing make-believe children", 0.6 * share))
    (out / "study").mkdir(parents=True)
    write_study(study, out / "study")
    return analyse(out / "study", out / "report", lambda doing, share: advance(doing, 0.6 + 0.4 * share))
