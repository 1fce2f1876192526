"""A study folder in; numbers.json, tables, figures and the report out."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from residuum import DISCLAIMER, __version__
from residuum.cohort.alternatives import derive_alternatives
from residuum.cohort.analysis import derive_analysis
from residuum.intake.folder import FILES, read_accepted_study
from residuum.records.errors import CallError, Problem
from residuum.records.study import Study
from residuum.report.figure_set import render_figures
from residuum.report.numbers import Numbers
from residuum.report.page import render_report
from residuum.report.tables import write_tables
from residuum.report.whole import derive_numbers
from residuum.steps.progress import Advance


@dataclass(frozen=True, slots=True)
class AnalyseResult:
    """What an analysis wrote, and what its check found doubtful."""

    numbers: Numbers
    about: dict[str, Any]
    report: Path
    problems: tuple[Problem, ...]

    def json(self) -> str:
        """Return numbers.json as text."""
        return self.numbers.json(self.about)


def analyse(folder: Path, out: Path, advance: Advance = lambda _doing, _share: None) -> AnalyseResult:
    """Analyse a study folder and write everything into `out`.

    Parameters
    ----------
    folder : Path
        The study.
    out : Path
        Folder for the results, made where it does not exist; earlier results in it are replaced.
    advance : callable
        Told what is being done and the share done.

    Raises
    ------
    InputError
        The study is refused; its `problems` list everything found. Nothing was written.
    CallError
        `out` is the study folder itself, or a file.
    """
    if out.resolve() == folder.resolve() or (out.exists() and not out.is_dir()):
        raise CallError(f"{out} cannot hold the results; name another folder with --out")
    advance("reading", 0.02)
    study, problems = read_accepted_study(folder)
    advance("deriving every table", 0.15)
    analysis = derive_analysis(study)
    advance("computing numbers", 0.3)
    numbers = derive_numbers(analysis, derive_alternatives(analysis))
    about = describe(study, folder)

    out.mkdir(parents=True, exist_ok=True)
    (out / "numbers.json").write_text(numbers.json(about), "utf-8", newline="\n")
    write_tables(analysis, numbers, out / "tables")
    figures = render_figures(
        analysis, numbers, out, "en", lambda name, share: advance(f"drawing {name}", 0.5 + 0.4 * share)
    )
    advance("writing the report", 0.95)
    report = out / "report.html"
    report.write_text(render_report(analysis, numbers, figures, about, "en"), "utf-8", newline="\n")
    advance("done", 1.0)
    return AnalyseResult(numbers, about, report, tuple(problems))


def describe(study: Study, folder: Path) -> dict[str, Any]:
    """Return what the numbers were made from: versions, study and input hash, rule clauses, settings."""
    settings = study.settings
    return {
        "format": 1,
        "residuum": __version__,
        "study": {"title": settings.title, "synthetic": settings.synthetic, "sha256": hash_folder(folder)},
        "rules": {
            "set": study.rules.set,
            "edition": study.rules.edition,
            "checked_by": study.rules.checked_by,
            "clauses": [asdict(clause) for clause in study.rules.clauses.values()],
        },
        "settings": json.loads(settings.model_dump_json()),
        "disclaimer": DISCLAIMER,
    }


def hash_folder(folder: Path) -> str:
    """Return one SHA-256 over the names and bytes of the study's files."""
    digest = hashlib.sha256()
    for name in FILES:
        path = folder / name
        if path.is_file():
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
