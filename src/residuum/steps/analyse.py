"""A study folder in; numbers.json, tables, figures and the report out."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from residuum import DISCLAIMER, __version__
from residuum.cohort.alternatives import derive_alternatives
from residuum.cohort.analysis import derive_analysis
from residuum.records.errors import Problem
from residuum.report.figure_set import render_figures
from residuum.report.numbers import Numbers
from residuum.report.page import render_report
from residuum.report.rows.agreement import within_reader_rows
from residuum.report.tables import write_tables
from residuum.report.whole import derive_numbers
from residuum.steps.progress import Advance
from residuum.steps.sources import Source, check_out, open_source


@dataclass(frozen=True, slots=True)
class AnalyseResult:
    """What an analysis wrote, and what its check found doubtful."""

    numbers: Numbers
    about: dict[str, Any]
    report: Path
    problems: tuple[Problem, ...]
    said: str | None = None

    def json(self) -> str:
        """Return numbers.json as text."""
        return self.numbers.json(self.about)


def analyse(study: Path | str, out: Path, advance: Advance = lambda _doing, _share: None) -> AnalyseResult:
    """Analyse a study and write everything into `out`.

    Parameters
    ----------
    study : Path or str
        Its folder, or the URL of its database.
    out : Path
        Folder for the results, made where it does not exist; earlier results in it are replaced.
    advance : callable
        Told what is being done and the share done.

    Raises
    ------
    InputError
        The study is refused; its `problems` list everything found. Nothing was written.
    CallError
        There is no such study, or `out` is the study folder itself or a file.
    """
    check_out(study, out)
    advance("reading", 0.02)
    source = open_source(study)
    out.mkdir(parents=True, exist_ok=True)
    return analyse_source(source, out, advance)


def analyse_source(source: Source, out: Path, advance: Advance) -> AnalyseResult:
    """Analyse a study that was opened already and write everything into the folder `out`."""
    advance("deriving every table", 0.15)
    analysis = derive_analysis(source.study)
    advance("computing numbers", 0.3)
    repeats = [
        row for reader, twice in source.repeats.items() for row in within_reader_rows(reader, derive_analysis(twice))
    ]
    numbers = Numbers([*derive_numbers(analysis, derive_alternatives(analysis)), *repeats])
    about = describe(source)

    (out / "numbers.json").write_text(numbers.json(about), "utf-8", newline="\n")
    write_tables(analysis, numbers, out / "tables")
    figures = render_figures(
        analysis, numbers, out, "en", lambda name, share: advance(f"drawing {name}", 0.5 + 0.4 * share)
    )
    advance("writing the report", 0.95)
    report = out / "report.html"
    report.write_text(render_report(analysis, numbers, figures, about, "en"), "utf-8", newline="\n")
    advance("done", 1.0)
    return AnalyseResult(numbers, about, report, source.problems, source.said)


def describe(source: Source) -> dict[str, Any]:
    """Return what the numbers were made from: versions, study, input hash, audit head, rule clauses, settings."""
    study, settings = source.study, source.study.settings
    audited = {} if source.audit_head is None else {"audit_head": source.audit_head}
    return {
        "format": 1,
        "residuum": __version__,
        "study": {"title": settings.title, "synthetic": settings.synthetic, "sha256": source.sha256, **audited},
        "rules": {
            "set": study.rules.set,
            "edition": study.rules.edition,
            "checked_by": study.rules.checked_by,
            "clauses": [asdict(clause) for clause in study.rules.clauses.values()],
        },
        "settings": json.loads(settings.model_dump_json()),
        "disclaimer": DISCLAIMER,
    }
