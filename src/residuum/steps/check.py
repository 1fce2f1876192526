"""Check a study and say what was found."""

import json
from dataclasses import dataclass
from pathlib import Path

from residuum.intake.folder import check_study
from residuum.records.errors import Problem
from residuum.report.check_report import render_page, render_records, render_text
from residuum.steps.location import locate
from residuum.steps.sources import open_source


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Everything found in a study."""

    study: str
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> bool:
        """Whether the study cannot be used as it is."""
        return any(found.severity == "error" for found in self.problems)

    def text(self) -> str:
        """Return the findings as lines, grouped by file."""
        return render_text(self.problems)

    def json(self) -> str:
        """Return the findings as a JSON list."""
        return json.dumps(render_records(self.problems), indent=2, ensure_ascii=False)

    def page(self) -> str:
        """Return the findings as one HTML page."""
        return render_page(self.problems, self.study)


def check(study: Path | str) -> CheckResult:
    """Return what is wrong, doubtful or merely reported in a study folder or a database; nothing is changed."""
    location = locate(str(study))
    if location.folder is None:
        return CheckResult(str(study).rpartition("/")[2], open_source(study).problems)
    return CheckResult(location.folder.name, tuple(check_study(location.folder)[1]))
