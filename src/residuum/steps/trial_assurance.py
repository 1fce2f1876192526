"""A design file in; its assurance, what moves it, and the verdict out."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from residuum.intake.design_file import read_design
from residuum.records.design import Design
from residuum.report.assurance_summary import render_assurance
from residuum.report.numbers import Numbers, Row
from residuum.report.rows.trial_assurance import assurance_rows, sensitivity_rows, share_rows, verdict_rows
from residuum.steps.checkpoints import Checkpoints, fingerprint
from residuum.steps.progress import Advance
from residuum.steps.runners import open_runner
from residuum.steps.study_shares import StudyShares, read_study_shares
from residuum.steps.sweep import Part, run_parts
from residuum.steps.trial_parts import (
    CURE,
    END_TRIALS,
    cell_key,
    cell_part,
    draw_parts,
    end_parts,
    ends_key,
    read_cell,
)
from residuum.steps.trial_power import describe_design
from residuum.steps.trial_results import checkpoint_file, write_result
from residuum.trial.planning.assurance import (
    ENDS,
    Assurance,
    Outcome,
    Tally,
    derive_assurance,
    derive_outcome,
    promise_kept,
    worthwhile_gain,
)
from residuum.trial.planning.conditions import candidates_of, derive_need
from residuum.trial.planning.inputs import Inputs, draw_inputs, input_generator
from residuum.trial.planning.movers import Ends, movers
from residuum.trial.planning.search import Cell, cell_year, grid, why_left_out
from residuum.trial.planning.variants import Variant, derive_variants, other_cure
from residuum.trial.planning.verdict import CENTRAL, Candidate, Standing, Verdict, derive_verdict
from residuum.trial.simulation.draws import BLOCK

NAME = "assurance"
CELL_TRIALS = 10_000


@dataclass(frozen=True, slots=True)
class AssuranceResult:
    """Numbers of an assurance, what they were made from, and the same in words."""

    design: Design
    numbers: Numbers
    about: dict[str, Any]
    text: str

    def json(self) -> str:
        """Return the numbers as text, in the form of numbers.json."""
        return self.numbers.json(self.about)


@dataclass(frozen=True, slots=True, eq=False)
class _Sweep:
    """What is simulated, and at which values."""

    design: Design
    inputs: Inputs
    seed: int

    @property
    def central(self) -> Design:
        return self.inputs.central_design(self.design)

    def cells(self, variant: Variant) -> list[Cell]:
        """Return the cells of the grid that are done in time, the only ones that can be feasible."""
        if self.design.search is None:
            return []
        most = self.design.criteria.done_years
        return [
            cell
            for cell in grid(self.design.search)
            if cell_year(self.central, variant, cell) <= most and why_left_out(self.central, variant, cell) is None
        ]

    def parts(self) -> list[Part]:
        return [part for variant in derive_variants(self.design) for part in self._parts_of(variant)]

    def _parts_of(self, variant: Variant) -> list[Part]:
        cells, search = self.cells(variant), self.design.search
        # as in `trial search`, so that a cell has one power wherever it is named
        columns, alphas = (max(search.patients), search.alpha) if search is not None else (0, ())
        return [
            *draw_parts(self.design, variant, self.inputs, self.seed),
            *end_parts(self.design, variant, self.inputs, self.seed),
            *(cell_part(self.central, variant, cell, alphas, columns, self.seed, CELL_TRIALS) for cell in cells),
        ]


def trial_assurance(
    path: Path,
    *,
    study: Path | str | None = None,
    draws: int = 1000,
    seed: int = 1,
    threads: int | None = None,
    scheduler: str | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    advance: Advance = lambda _doing, _share: None,
) -> AssuranceResult:
    """Average a design's probability of success over what it leaves open, under every bound and reading.

    Parameters
    ----------
    path : Path
        The design file.
    study : Path, optional
        Study folder whose first failures replace the design's shares by their posterior.
    draws : int
        Of the inputs together, 2 or more; each is simulated with one block of 256 trials.
    seed : int
        0 or above.
    threads : int, optional
        All usable cores by default.
    scheduler : str, optional
        Address of a Dask cluster, instead of threads.
    out : Path, optional
        Folder for assurance.json, and for the finished parts that let an interrupted run go on.
    resume : Path, optional
        File for the finished parts, instead of the one in `out`.
    advance : callable
        Told what is being done and the share done.

    Raises
    ------
    InputError
        The design or the study is refused.
    CallError
        A number is out of range, the study says nothing about f, the cluster cannot be reached, or the finished parts
        belong to another design.
    """
    design = read_design(path)
    shares = None if study is None else read_study_shares(study, design)
    posteriors = None if shares is None else shares.posteriors
    inputs = draw_inputs(design, input_generator(design, seed), draws, posteriors)
    sweep = _Sweep(design, inputs, seed)
    settings = {"sweep": NAME, "draws": draws, "seed": seed, "trials": [BLOCK, END_TRIALS, CELL_TRIALS]}
    mark = fingerprint(design.model_dump(mode="json"), settings, None if shares is None else shares.counts)
    with open_runner(threads, scheduler) as runner, Checkpoints(checkpoint_file(NAME, out, resume), mark) as kept:
        found = run_parts(sweep.parts(), runner, kept, advance)
    numbers = Numbers(_rows(sweep, found))
    about = _describe(path, design, seed, draws, shares)
    result = AssuranceResult(design, numbers, about, render_assurance(numbers, design, draws))
    if out is not None:
        write_result(out, NAME, result.json())
    return result


def _describe(path: Path, design: Design, seed: int, draws: int, shares: StudyShares | None) -> dict[str, Any]:
    about = describe_design(path, design, seed, BLOCK)
    return about | {"draws": draws, "study": None if shares is None else json.loads(json.dumps(shares.counts))}


def _rows(sweep: _Sweep, found: Mapping[str, Any]) -> list[Row]:
    variants = derive_variants(sweep.design)
    inputs, design = sweep.inputs, sweep.design
    assurances = {variant: _assurance(sweep, variant, found) for variant in variants}
    posed = {variant: _posed(sweep, variant, found) for variant in variants}
    ends = {variant: _ends(sweep, variant, found) for variant in variants}
    verdicts = {variant: _verdict(sweep, variant, assurances, ends[variant], found) for variant in variants}
    return [
        *assurance_rows(design, assurances, len(inputs)),
        *share_rows(assurances, inputs, ends),
        *sensitivity_rows(design, inputs, posed, ends, END_TRIALS),
        *verdict_rows(design, verdicts),
    ]


def _assurance(sweep: _Sweep, variant: Variant, found: Mapping[str, Any]) -> Assurance:
    design, inputs = sweep.design, sweep.inputs
    parts = [found[part.key] for part in draw_parts(design, variant, inputs, sweep.seed)]
    tally = Tally(*(np.concatenate([part[name] for part in parts]) for name in ("successes", "done")))
    designs = [inputs.design_at(design, draw) for draw in range(len(inputs))]
    gains = np.array([worthwhile_gain(one, variant) for one in designs])
    promises = np.array([promise_kept(one, variant) for one in designs])
    return derive_assurance(variant, inputs, tally, gains >= design.criteria.worthwhile_points, promises)


def _posed(sweep: _Sweep, variant: Variant, found: Mapping[str, Any]) -> dict[str, Outcome]:
    """Return the design at its central values, and with the other reading of the cure, by name."""
    posed = {"central": _outcome(sweep.central, variant, found[ends_key(variant, None)], 0)}
    other = other_cure(sweep.central)
    if other is not None:
        posed[f"{CURE}.{other[0]}"] = _outcome(other[1], variant, found[ends_key(variant, CURE)], 0)
    return posed


def _ends(sweep: _Sweep, variant: Variant, found: Mapping[str, Any]) -> Ends:
    return {
        (path, end): _outcome(
            sweep.inputs.end_design(sweep.design, path, end), variant, found[ends_key(variant, path)], place
        )
        for path in sweep.inputs.paths
        for place, end in enumerate(ENDS)
    }


def _outcome(design: Design, variant: Variant, part: Mapping[str, Any], place: int) -> Outcome:
    successes, done = part["counts"][place]
    return derive_outcome(design, variant, successes, done, part["trials"])


def _verdict(
    sweep: _Sweep, variant: Variant, assurances: Mapping[Variant, Assurance], ends: Ends, found: Mapping[str, Any]
) -> Verdict:
    one, central = assurances[variant], sweep.central
    posed = _outcome(central, variant, found[ends_key(variant, None)], 0)
    cells, other = dict(_sound_cells(sweep, variant, found)), other_cure(central)
    cure = None if other is None else (other[0], _outcome(other[1], variant, found[ends_key(variant, CURE)], 0))
    return derive_verdict(
        sweep.design,
        Standing(variant, one.success.value, one.done.value, one.worthwhile.value),
        [
            Candidate(CENTRAL, posed.power.value, posed.done.value),
            *candidates_of(central, variant, assurances, sweep.inputs, ends, cells, cure),
        ],
        derive_need(central, variant),
        [f"{mover.path} ({mover.words})" for mover in movers(one, sweep.inputs, ends)],
    )


def _sound_cells(
    sweep: _Sweep, variant: Variant, found: Mapping[str, Any]
) -> Iterator[tuple[tuple[Cell, float], float]]:
    """Yield the power of every cell done in time that keeps its alpha, one no larger than the design's."""
    alphas = sweep.design.search.alpha if sweep.design.search is not None else ()
    for cell in sweep.cells(variant):
        searched = read_cell(found[cell_key(variant, cell)], CELL_TRIALS)
        for place, alpha in enumerate(alphas):
            if searched is not None and alpha <= sweep.design.primary.alpha and searched.keeps(place, alpha):
                yield (cell, alpha), searched.successes[place] / searched.trials
