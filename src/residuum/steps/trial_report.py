"""A design file in; the whole answer for a trial committee out: numbers.json, figures and one page."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from residuum.cohort.analysis import derive_analysis
from residuum.intake.design_file import read_design
from residuum.records.design import Bound, Design
from residuum.report.numbers import Numbers, Row
from residuum.report.rows.builders import SEED
from residuum.report.rows.trial_power import power_rows, prefix_of
from residuum.report.rows.trial_reach import trial_reach_rows
from residuum.report.rows.trial_report import accrual_rows, efs_rows, look_rows, needed_rows
from residuum.report.trial_figures import render_trial_figures
from residuum.report.trial_findings import Findings, Simulated, bound_name, reading_name
from residuum.report.trial_page import render_trial_page
from residuum.steps.progress import Advance
from residuum.steps.runners import open_runner, watched
from residuum.steps.sources import check_out, open_source
from residuum.steps.trial_assurance import trial_assurance
from residuum.steps.trial_power import describe_design
from residuum.steps.trial_search import trial_search
from residuum.trial.model.effect_curves import derive_effect_curves
from residuum.trial.planning.accrual_fan import derive_accrual_fan
from residuum.trial.planning.analytic import derive_analytic
from residuum.trial.planning.study_reach import StudyReach, derive_study_reach
from residuum.trial.planning.variants import bounds_of, readings_of
from residuum.trial.simulation.characteristics import derive_characteristics, without_effect
from residuum.trial.simulation.look_spread import derive_look_spread
from residuum.trial.simulation.scenario import Scenario, derive_scenario
from residuum.trial.simulation.simulate import Replicates, Runner, simulate

PAGE = "report.html"


@dataclass(frozen=True, slots=True)
class TrialReportResult:
    """What a report wrote."""

    numbers: Numbers
    about: dict[str, Any]
    page: Path

    def json(self) -> str:
        """Return numbers.json as text."""
        return self.numbers.json(self.about)


@dataclass(frozen=True, slots=True)
class ReportCall:
    """How a report is asked for.

    Attributes
    ----------
    design, study : Path
        The design file, and a study folder or None.
    replicates : int
        Trials simulated under each bound, and again without effect.
    draws : int
        Of what the design leaves open, for the assurance.
    seed : int
        0 or above.
    threads, scheduler : int, str or None
        Where the trials run; all usable cores by default.
    """

    design: Path
    study: Path | str | None = None
    replicates: int = 100_000
    draws: int = 1000
    seed: int = 1
    threads: int | None = None
    scheduler: str | None = None

    def where(self) -> dict[str, Any]:
        """Return the seed and the machines, as the other commands about a trial take them."""
        return {"seed": self.seed, "threads": self.threads, "scheduler": self.scheduler}


def trial_report(call: ReportCall, out: Path, advance: Advance = lambda _doing, _share: None) -> TrialReportResult:
    """Answer the trial question for one design, in numbers, figures and a page.

    Parameters
    ----------
    call : ReportCall
        Design, study and how much to simulate.
    out : Path
        Folder for the results, made where it does not exist; earlier results in it are replaced.
    advance : callable
        Told what is being done and the share done.

    Raises
    ------
    InputError
        The design or the study is refused. Nothing was written.
    CallError
        A number is out of range, the cluster cannot be used, or `out` cannot hold the results.
    """
    design = read_design(call.design)
    check_out(call.study, out)
    study = None if call.study is None else _Study.read(call.study, design)
    findings, about = _findings(design, call, study, advance)
    out.mkdir(parents=True, exist_ok=True)
    result = TrialReportResult(findings.numbers, about, out / PAGE)
    (out / "numbers.json").write_text(result.json(), "utf-8", newline="\n")
    figures = render_trial_figures(findings, out, "en", _within(advance, 0.92, 0.99))
    result.page.write_text(render_trial_page(findings, figures, about, "en"), "utf-8", newline="\n")
    advance("done", 1.0)
    return result


@dataclass(frozen=True, slots=True)
class _Study:
    """What a study folder adds."""

    about: dict[str, Any]
    reach: StudyReach | None

    @classmethod
    def read(cls, folder: Path | str, design: Design) -> "_Study":
        source = open_source(folder)
        study = source.study
        about = {
            "title": study.settings.title,
            "synthetic": study.settings.synthetic,
            "sha256": source.sha256,
        }
        return cls(about, derive_study_reach(derive_analysis(study), design, np.random.default_rng(SEED)))


def _findings(
    design: Design, call: ReportCall, study: _Study | None, advance: Advance
) -> tuple[Findings, dict[str, Any]]:
    """Return everything known about a design, and what it was made from."""
    simulated, rows = {}, []
    with open_runner(call.threads, call.scheduler) as runner:
        trials = 2 * call.replicates * len(bounds_of(design))
        told = watched(runner, trials, _within(advance, 0.0, 0.2, "power: "))
        for bound in bounds_of(design):
            simulated[bound], found = _simulate(design, bound, call, told)
            rows += found
    fans = {reading: derive_accrual_fan(design, reading, call.seed) for reading in readings_of(design)}
    rows += [row for reading, fan in fans.items() for row in accrual_rows(fan, reading_name(reading), design)]
    rows += list(_other_commands(design, call, advance))
    groups = [(bound_name(bound), reading_name(reading)) for bound in simulated for reading in fans]
    rows += needed_rows(Numbers(rows), groups, design)
    reach = None if study is None else study.reach
    rows += [] if reach is None else trial_reach_rows(reach)
    about = describe_design(call.design, design, call.seed, call.replicates)
    about |= {"draws": call.draws, "study": None if study is None else study.about}
    return Findings(design, Numbers(rows), simulated, fans, reach), about


def _simulate(design: Design, bound: Bound | None, call: ReportCall, runner: Runner) -> tuple[Simulated, list[Row]]:
    """Simulate one bound with its effect and without."""
    scenario = derive_scenario(design, bound or "exclusive")
    null = derive_scenario(without_effect(design), bound or "exclusive", looks=scenario.looks)
    trials, untreated = (_trials(one, call, runner) for one in (scenario, null))
    curves, spread = derive_effect_curves(scenario.hazards), derive_look_spread(trials)
    prefix = prefix_of(bound)
    rows = [
        *power_rows(
            scenario,
            derive_characteristics(scenario, trials),
            derive_characteristics(null, untreated),
            derive_analytic(scenario),
            prefix,
        ),
        *look_rows(spread, prefix),
        *efs_rows(curves, bound_name(bound)),
    ]
    return Simulated(curves, scenario.looks, spread), rows


def _trials(scenario: Scenario, call: ReportCall, runner: Runner) -> Replicates:
    return simulate(scenario, seed=call.seed, replicates=call.replicates, runner=runner)


def _other_commands(design: Design, call: ReportCall, advance: Advance) -> Iterator[Row]:
    """Give the rows of `trial assurance` and `trial search`."""
    told = _within(advance, 0.2, 0.6, "assurance: ")
    yield from trial_assurance(call.design, study=call.study, draws=call.draws, advance=told, **call.where()).numbers
    if design.search is not None:
        told = _within(advance, 0.6, 0.92, "search: ")
        yield from trial_search(call.design, advance=told, **call.where()).numbers


def _within(advance: Advance, start: float, end: float, what: str = "") -> Advance:
    """Return a progress that fills a part of another one."""
    return lambda doing, share: advance(f"{what}{doing}", start + share * (end - start))
