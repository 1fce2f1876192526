"""One analysis in a process of its own: `python -m residuum.steps.analysis_job SNAPSHOT OUT AUDIT_HEAD`.

Tells its progress as lines of JSON on standard output.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

from residuum.intake.folder import read_study, write_study
from residuum.records.study import Study
from residuum.steps.analyse import analyse_source
from residuum.steps.sources import open_source

_STUDY, _REPEATS = "study", "repeats"


def write_snapshot(folder: Path, study: Study, repeats: dict[str, Study]) -> None:
    """Write what an analysis needs: the study, and what each reader read twice as a study of its own."""
    write_study(study, folder / _STUDY)
    for number, twice in enumerate(repeats.values(), start=1):  # the name of a reader may be no name of a folder
        write_study(twice, folder / _REPEATS / str(number))


def read_snapshot(folder: Path) -> Study:
    """Return the study of a snapshot."""
    return read_study(folder / _STUDY)


def main(snapshot: str, out: str, audit_head: str) -> None:
    """Analyse a snapshot."""
    folder = Path(snapshot)
    twice = sorted((folder / _REPEATS).iterdir()) if (folder / _REPEATS).is_dir() else []
    studies = [read_study(path) for path in twice]
    repeats = {one.settings.reading.readers[0]: one for one in studies}
    Path(out).mkdir()
    source = replace(open_source(folder / _STUDY), audit_head=audit_head, repeats=repeats)
    analyse_source(source, Path(out), _tell)


def _tell(doing: str, share: float) -> None:
    print(json.dumps({"doing": doing, "share": round(share, 4)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
