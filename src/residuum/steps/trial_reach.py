"""A study folder in; what irradiating residual uptake could reach out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from residuum import PLANNING_FOOTER
from residuum.cohort.analysis import derive_analysis
from residuum.intake.design_file import read_design
from residuum.records.design import Design
from residuum.records.study import Study
from residuum.report.figure_set import render_svg, write_png
from residuum.report.figures.trial_reach import draw_trial_reach
from residuum.report.numbers import Numbers
from residuum.report.reach_summary import render_summary
from residuum.report.rows.builders import SEED
from residuum.report.rows.trial_reach import trial_reach_rows
from residuum.report.wording import SOURCE_LANGUAGE, translator
from residuum.steps.analyse import describe
from residuum.steps.progress import Advance
from residuum.steps.sources import Source, check_out, open_source
from residuum.trial.planning.study_reach import StudyReach, derive_study_reach

FIGURE = "reach"


@dataclass(frozen=True, slots=True)
class ReachResult:
    """What irradiation could reach in a study, as numbers and in words."""

    numbers: Numbers
    about: dict[str, Any]
    text: str

    def json(self) -> str:
        """Return numbers.json as text."""
        return self.numbers.json(self.about)


def reach(
    study: Path | str,
    design_file: Path | None = None,
    out: Path | None = None,
    advance: Advance = lambda _doing, _share: None,
) -> ReachResult:
    """Compute what irradiating residual uptake could reach in a study.

    Parameters
    ----------
    study : Path or str
        Its folder, or the URL of its database.
    design_file : Path, optional
        Design whose [radiotherapy] and [criteria] replace the built-in beliefs.
    out : Path, optional
        Folder for numbers.json and the figure, made where it does not exist.
    advance : callable
        Told what is being done and the share done.

    Raises
    ------
    InputError
        The study or the design is refused. Nothing was written.
    CallError
        The design has no [radiotherapy], or `out` is the study folder itself or a file.
    """
    if out is not None:
        check_out(study, out)
    design = None if design_file is None else read_design(design_file)
    advance("reading", 0.05)
    source = open_source(study)
    advance("deriving every table", 0.3)
    analysis = derive_analysis(source.study)
    advance("drawing f, e and EFS", 0.6)
    found = derive_study_reach(analysis, design, np.random.default_rng(SEED))
    numbers = Numbers(trial_reach_rows(found))
    result = ReachResult(numbers, _describe(source, design), _summarise(numbers, source.study, design))
    if out is not None:
        advance("drawing the figure", 0.8)
        _write(result, found, out)
    advance("done", 1.0)
    return result


def _describe(source: Source, design: Design | None) -> dict[str, Any]:
    beliefs = (
        None if design is None else design.model_dump(mode="json", include={"id", "title", "radiotherapy", "criteria"})
    )
    return describe(source) | {"design": beliefs, "seed": SEED, "planning": PLANNING_FOOTER}


def _summarise(numbers: Numbers, study: Study, design: Design | None) -> str:
    settings = study.settings
    return render_summary(
        numbers,
        settings.title,
        synthetic=settings.synthetic,
        oligo_max_sites=settings.definitions.oligo_max_sites,
        design=None if design is None else design.title,
    )


def _write(result: ReachResult, found: StudyReach, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "numbers.json").write_text(result.json(), "utf-8", newline="\n")
    figure = draw_trial_reach(found, translator(SOURCE_LANGUAGE))
    (out / f"{FIGURE}.svg").write_text(render_svg(figure), "utf-8", newline="\n")
    write_png(figure, out / f"{FIGURE}.png")
