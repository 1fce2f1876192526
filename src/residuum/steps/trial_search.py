"""A design file in; power against time over its grid, and what the available children can buy, out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from residuum.intake.design_file import read_design
from residuum.records.design import Design, Search
from residuum.report.numbers import Numbers, Row
from residuum.report.rows.trial_search import available_rows, buy_rows, search_rows
from residuum.report.search_summary import render_search
from residuum.steps.checkpoints import Checkpoints, fingerprint
from residuum.steps.progress import Advance
from residuum.steps.runners import open_runner
from residuum.steps.sweep import Part, run_parts
from residuum.steps.trial_parts import buy_key, buy_parts, cell_key, cell_part, endpoints_of, read_cell
from residuum.steps.trial_power import describe_design
from residuum.steps.trial_results import checkpoint_file, write_result
from residuum.trial.planning.available import draw_available, summarise_available
from residuum.trial.planning.inputs import draw_inputs, input_generator
from residuum.trial.planning.purchase import derive_purchase
from residuum.trial.planning.search import grid, searched, why_left_out
from residuum.trial.planning.variants import Variant, derive_variants

NAME: Final = "search"
AVAILABLE_DRAWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Numbers of a search, what they were made from, and the same in words."""

    design: Design
    numbers: Numbers
    about: dict[str, Any]
    text: str

    def json(self) -> str:
        """Return the numbers as text, in the form of numbers.json."""
        return self.numbers.json(self.about)


def trial_search(
    path: Path,
    *,
    replicates: int = 10_000,
    seed: int = 1,
    threads: int | None = None,
    scheduler: str | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    advance: Advance = lambda _doing, _share: None,
) -> SearchResult:
    """Simulate every cell of a design's grid under every bound and reading, and what the available children can buy.

    Parameters
    ----------
    path : Path
        The design file, with [search].
    replicates : int
        Trials simulated in each cell.
    seed : int
        0 or above.
    threads : int, optional
        All usable cores by default.
    scheduler : str, optional
        Address of a Dask cluster, instead of threads.
    out : Path, optional
        Folder for search.json, and for the finished parts that let an interrupted run go on.
    resume : Path, optional
        File for the finished parts, instead of the one in `out`.
    advance : callable
        Told what is being done and the share done.

    Raises
    ------
    InputError
        The design is refused.
    CallError
        The design has no [search], a number is out of range, the cluster cannot be reached, or the finished parts
        belong to another design.
    """
    design = read_design(path)
    search = searched(design)
    settings = {"sweep": NAME, "replicates": replicates, "seed": seed}
    mark = fingerprint(design.model_dump(mode="json"), settings)
    parts = [part for variant in derive_variants(design) for part in _parts(design, search, variant, seed, replicates)]
    with open_runner(threads, scheduler) as runner, Checkpoints(checkpoint_file(NAME, out, resume), mark) as kept:
        found = run_parts(parts, runner, kept, advance)
    numbers = Numbers(_rows(design, search, seed, replicates, found))
    about = describe_design(path, design, seed, replicates)
    result = SearchResult(design, numbers, about, render_search(numbers, design, replicates))
    if out is not None:
        write_result(out, NAME, result.json())
    return result


def _parts(design: Design, search: Search, variant: Variant, seed: int, replicates: int) -> Iterator[Part]:
    columns = max(search.patients)
    for cell in grid(search):
        if why_left_out(design, variant, cell) is None:
            yield cell_part(design, variant, cell, search.alpha, columns, seed, replicates)
    yield from buy_parts(design, variant, seed, replicates)


def _rows(design: Design, search: Search, seed: int, replicates: int, found: Mapping[str, Any]) -> Iterator[Row]:
    available = {}
    for variant in derive_variants(design):
        cells = {cell: read_cell(found.get(cell_key(variant, cell)), replicates) for cell in grid(search)}
        yield from search_rows(design, variant, cells, search.alpha)
        generator = input_generator(design, seed)
        inputs = draw_inputs(design, generator, AVAILABLE_DRAWS)
        years = design.criteria.done_years
        available[variant] = summarise_available(draw_available(variant.read(design), inputs, years, generator))
    yield from available_rows(design, available, AVAILABLE_DRAWS)
    for variant in derive_variants(design):
        simulated = {endpoint: found[buy_key(variant, endpoint)] for endpoint in endpoints_of(design, variant)}
        yield from buy_rows(design, variant, derive_purchase(design, variant), simulated)
