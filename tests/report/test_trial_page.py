"""The page of a trial: both bounds side by side, numbers from numbers.json, nothing claimed that is not known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from gettext import NullTranslations
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trial_reports import GIVEN, PLACED, Outline, write_design

import residuum.report
from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.intake.design_file import read_design
from residuum.intake.folder import write_study
from residuum.records.errors import CallError
from residuum.report.document import Block, Fold, Paragraph, Pictures, Section, Table
from residuum.report.numbers import Numbers
from residuum.report.sections.trial_assumptions import assumptions_section
from residuum.report.sections.trial_buy import buy_section
from residuum.report.sections.trial_effect import effect_section
from residuum.report.sections.trial_limits import limits_section
from residuum.report.sections.trial_search import search_section
from residuum.report.sections.trial_sensitivity import sensitivity_section
from residuum.report.sections.trial_verdict import verdict_section
from residuum.report.trial_figures import FIGURES
from residuum.report.trial_findings import Findings
from residuum.report.trial_printer import TrialPrinter
from residuum.report.trial_text import about, points, ratio, share
from residuum.steps.trial_parts import END_TRIALS
from residuum.steps.trial_report import ReportCall, TrialReportResult, trial_report
from residuum.steps.trial_search import trial_search
from residuum.trial.planning.study_reach import derive_study_reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from residuum.cohort.analysis import Analysis
    from residuum.records.study import Study

pytestmark = pytest.mark.unit
FORBIDDEN = (
    r"residual disease",
    r"(radiotherapy|irradiation) (does not|doesn't|cannot) work",
    r"predicts? (response|relapse|outcome)",
    r"cut-?offs?\b",
    r"SIOPEN[^.]{0,20}(<=|≤|<)\s*\d",
    r"\bnot feasible\b|\binfeasible\b",
    r"(were|was|are) cured by",
    r"proves?\b|\bproven\b",
    r"external control",
    r"reproduces (the|published)",
)


def made(folder: Path, text: str, **options: Any) -> TrialReportResult:
    call = ReportCall(write_design(folder, text), replicates=512, draws=4, threads=1, **options)
    return trial_report(call, folder / "out")


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> TrialReportResult:
    return made(tmp_path_factory.mktemp("placed"), PLACED)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> TrialReportResult:
    return made(tmp_path_factory.mktemp("given"), GIVEN)


def outline_of(result: TrialReportResult) -> Outline:
    return Outline(result.page.read_text("utf-8"))


def printer_of(numbers: Numbers) -> TrialPrinter:
    return TrialPrinter(numbers, NullTranslations())


def words_of(section: Section) -> str:
    """Return everything that a section says, titles of folds and notes of tables included."""

    def said(blocks: Iterable[Block]) -> Iterator[str]:
        for block in blocks:
            if isinstance(block, Paragraph):
                yield "".join(cell.text for cell in block.parts)
            elif isinstance(block, Table):
                yield from (block.caption, *(f"{cell.text} {cell.reason}" for row in block.rows for cell in row))
                yield block.note
            elif isinstance(block, Fold):
                yield from (block.title, *said(block.blocks))

    return " ".join(said(section.blocks))


def sentences(text: str) -> Iterator[str]:
    yield from re.split(r"(?<=[.:;])\s+", text)


def test_the_page_is_self_contained(placed: TrialReportResult) -> None:
    outline = outline_of(placed)
    assert not {"script", "iframe", "object", "embed", "link", "base", "form"} & set(outline.tags)
    for tag, name, value in outline.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in {"src", "href"}:
            assert value.startswith(("#", "data:image/svg+xml;base64,")), (tag, value[:40])
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert ("meta", "content", policy) in outline.attributes


def test_headings_captions_and_alternative_texts(placed: TrialReportResult, given: TrialReportResult) -> None:
    for result in (placed, given):
        outline = outline_of(result)
        assert outline.tags.count("h1") == 1
        assert outline.tags.count("table") == outline.tags.count("caption")
        alternatives = [value for tag, name, value in outline.attributes if (tag, name) == ("img", "alt")]
        assert len(alternatives) == outline.tags.count("img")
        assert all(len(text) > 20 for text in alternatives)
        ids = [value for _, name, value in outline.attributes if name == "id"]
        assert len(ids) == len(set(ids))
        targets = {value[1:] for tag, name, value in outline.attributes if (tag, name) == ("a", "href")}
        assert targets <= set(ids)


def test_a_title_is_escaped(placed: TrialReportResult) -> None:
    page = placed.page.read_text("utf-8")
    assert "Irradiation &lt;of&gt; residual uptake" in page
    assert "Irradiation <of>" not in page


def test_the_footer_and_the_identity(placed: TrialReportResult) -> None:
    words = outline_of(placed).words
    assert DISCLAIMER in words
    assert PLANNING_FOOTER in words
    assert placed.about["design"]["sha256"] in words
    assert "SYNTHETIC" not in words


def test_the_identity_says_how_many_trials_stand_behind_each_part(
    placed: TrialReportResult, given: TrialReportResult
) -> None:
    words = outline_of(placed).words
    assert f"Trials in each cell of the search {signature(trial_search).parameters['replicates'].default:,} " in words
    assert f"Trials at each end of a range {END_TRIALS:,} " in words
    assert "Trials in each cell" not in outline_of(given).words
    assert "Trials at each end" not in outline_of(given).words


def test_counts_are_grammatical(placed: TrialReportResult, given: TrialReportResult) -> None:
    assert "looks at 8, 16 events;" in outline_of(placed).words
    assert "3 inputs that nobody knows" in outline_of(placed).words
    assert "one look, in calendar year 7;" in outline_of(given).words


def test_one_input_is_no_plural(given: TrialReportResult, tmp_path: Path) -> None:
    median = 'median_years = { central = 1.2, low = 1.0, high = 1.5, source = "judgement" }\ncured = 0.33'
    text = GIVEN.replace("efs_at = [3.0, 0.45]", median).replace("[7.0]", "[4.0, 7.0]")
    text += '[primary.spending]\nefficacy = "obrien_fleming"\n'
    design = read_design(write_design(tmp_path, text))
    section = assumptions_section(Findings(design, given.numbers, {}, {}), printer_of(given.numbers))
    assert "1 input that nobody knows" in words_of(section)
    assert "looks in calendar years 4, 7;" in words_of(section)


def test_a_column_without_shares_has_one_reason(placed: TrialReportResult, tmp_path: Path) -> None:
    start = "trial.assurance.share."
    shares = placed.numbers.named(start)
    numbers = Numbers(
        replace(row, value=0.3, reason=None) if row in shares and row.group == "inclusive.evaluable" else row
        for row in placed.numbers
    )
    findings = Findings(read_design(write_design(tmp_path, PLACED)), numbers, {}, {})
    words = words_of(sensitivity_section(findings, printer_of(numbers), Pictures({})))
    reason = next(row.reason for row in shares if row.reason)
    assert words.count(f"No shares under the exclusive bound: {reason}.") == 1
    assert words.count(reason) == 1
    assert "what is left to 100 %" in words


def test_with_a_study_the_page_says_where_its_posterior_is(
    placed: TrialReportResult, demonstration_analysis: Analysis, tmp_path: Path
) -> None:
    design = read_design(write_design(tmp_path, PLACED))
    reach = derive_study_reach(demonstration_analysis, design, np.random.default_rng(1))
    findings = Findings(design, placed.numbers, {}, {}, reach)
    printer, pictures = printer_of(placed.numbers), Pictures({})
    assert "what is needed and the verdict. The curves" in words_of(assumptions_section(findings, printer))
    verdict = words_of(verdict_section(findings, printer))
    assert "at the central values, f from the study" in verdict
    assert "gain and events: at the central values." not in verdict
    assert "Effect in a whole arm, at the values of the design" in words_of(effect_section(findings, printer, pictures))
    limits = words_of(limits_section(findings, printer.words))
    assert "come from one posterior" in limits
    assert "drawn again" not in limits
    for section in (search_section(findings, printer, pictures), buy_section(findings, printer)):
        assert "The study changes nothing here" in words_of(section)


def test_every_table_of_results_has_both_bounds(placed: TrialReportResult) -> None:
    page = placed.page.read_text("utf-8")
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        alone = re.search(r"<caption>(.*?)</caption>", table)
        assert alone is not None
        if not re.search(r"(Exclusive|Inclusive) bound", alone[1]):
            assert ("Exclusive bound" in table) == ("Inclusive bound" in table), alone[1]
    for title in ("Look by look", "Every input at both ends", "The unbeaten"):
        for bound in ("Exclusive bound", "Inclusive bound"):
            assert re.search(rf"<summary>{title}: {bound}", page), (title, bound)
    for figure in ("trial_effect", "trial_needed", "trial_bounds", "trial_tornado", "trial_frontier"):
        alternative = re.search(rf'id="figure-{figure}".*?alt="(.*?)"', page, re.DOTALL)
        assert alternative is not None, figure
        assert "Exclusive bound" in alternative[1]
        assert "Inclusive bound" in alternative[1]


def test_every_bound_and_reading_has_its_verdict(placed: TrialReportResult) -> None:
    words = outline_of(placed).words
    for bound in ("exclusive", "inclusive"):
        for reading in ("evaluable", "stage_m"):
            row = placed.numbers.get(f"trial.verdict.{bound}.{reading}")
            assert row is not None
            assert row.method is not None
            assert row.method.split(". ")[0] in words


def test_numbers_of_the_page_are_those_of_the_file(placed: TrialReportResult) -> None:
    written = json.loads((placed.page.parent / "numbers.json").read_text("utf-8"))
    rows = {(row["name"], row["group"], row["mode"]): row["value"] for row in written["rows"]}
    cells = set(outline_of(placed).cells)
    for bound in ("exclusive", "inclusive"):
        for year in (3, 5, 10):
            assert points(rows[f"trial.{bound}.efs_gain.{year}y", None, None]) in cells
        assert ratio(rows[f"trial.{bound}.hazard_ratio", None, None]) in cells
        power = rows[f"trial.{bound}.power", None, None]
        assert any(cell.startswith(f"{share(power, 2)} ±") for cell in cells)
        for reading in ("evaluable", "stage_m"):
            group = f"{bound}.{reading}"
            assert share(rows[f"trial.assurance.{group}", None, None]) in cells
            assert about(rows["trial.buy.events", group, None]) in cells
            assert about(rows["trial.needed.events.power_80", group, None]) in cells


def test_nothing_about_time_is_written(placed: TrialReportResult) -> None:
    assert placed.numbers.get("trial.rate") is None
    assert "per second" not in placed.json()


def test_forbidden_words_do_not_occur(placed: TrialReportResult, given: TrialReportResult) -> None:
    written = [outline_of(placed).words, outline_of(given).words]
    folder = Path(residuum.report.__file__).parent
    sources = [*folder.glob("trial_*.py"), *folder.glob("sections/trial_*.py"), *folder.glob("figures/trial_*.py")]
    for text in [*written, *(source.read_text("utf-8") for source in sources)]:
        for pattern in FORBIDDEN:
            assert not re.search(pattern, text, re.IGNORECASE), pattern


def test_strong_words_stand_only_where_they_are_true(placed: TrialReportResult) -> None:
    said = list(sentences(outline_of(placed).words))
    largest = [one for one in said if "largest possible" in one]
    assert largest
    assert all("inclusive" in one for one in largest)
    assert all("if nothing that fails only elsewhere was seeded by a target" in one for one in largest)
    assert all("Nothing" in one for one in said if "all cleared sites" in one)
    assert all("never" in one or "not" in one for one in said if "effect of radiotherapy" in one)


def test_a_given_hazard_ratio_says_why_parts_are_missing(given: TrialReportResult) -> None:
    outline = outline_of(given)
    assert "no bounds of f" in outline.words
    assert "declares no range" in outline.words
    assert "declares no [search]" in outline.words
    assert "xclusive bound" not in outline.words
    assert outline.tags.count("img") == 4


def test_figures_are_written_twice(placed: TrialReportResult) -> None:
    folder = placed.page.parent / "figures"
    for name in FIGURES:
        assert (folder / f"{name}.svg").exists() == (name != "trial_reach")
        assert (folder / f"{name}.png").exists() == (name != "trial_reach")


def test_figures_of_an_earlier_report_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "out/figures"
    folder.mkdir(parents=True)
    old = [folder / f"{name}{ending}" for name in FIGURES for ending in (".svg", ".png")]
    kept = [folder / "trial_frontier.txt", folder / "flow.svg", tmp_path / "out/trial_reach.svg"]
    for path in [*old, *kept]:
        path.write_text("old", "utf-8")
    made(tmp_path, GIVEN)
    assert all(path.read_text("utf-8") == "old" for path in kept)
    written = {path.stem for path in old if path.exists()}
    assert written == {"trial_effect", "trial_needed", "trial_accrual", "trial_bounds"}
    assert all(path.read_bytes() != b"old" for path in old if path.exists())


def test_the_same_call_writes_the_same_bytes(placed: TrialReportResult, tmp_path: Path) -> None:
    again = made(tmp_path, PLACED)
    first, second = placed.page.parent, again.page.parent
    names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    assert [name for name in names if (first / name).read_bytes() != (second / name).read_bytes()] == []


def test_threads_do_not_matter(placed: TrialReportResult, tmp_path: Path) -> None:
    call = ReportCall(write_design(tmp_path, PLACED), replicates=512, draws=4, threads=3)
    assert trial_report(call, tmp_path / "out").page.read_bytes() == placed.page.read_bytes()


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    call = ReportCall(write_design(tmp_path, GIVEN), replicates=5000, draws=4, threads=1)
    trial_report(call, tmp_path / "out", lambda doing, done: told.append((doing, done)))
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert told[-1] == ("done", 1.0)
    assert any("per second" in doing and "left" in doing for doing, _ in told)


def test_results_do_not_go_into_a_file(tmp_path: Path) -> None:
    design = write_design(tmp_path, GIVEN)
    with pytest.raises(CallError, match="cannot hold the results"):
        trial_report(ReportCall(design), design)


@pytest.mark.slow
def test_a_make_believe_study_is_called_so(demonstration: Study, tmp_path: Path) -> None:
    write_study(demonstration, tmp_path / "study")
    result = made(tmp_path, PLACED, study=tmp_path / "study")
    words = outline_of(result).words
    assert "SYNTHETIC" in words
    assert (tmp_path / "out/figures/trial_reach.svg").exists()
    assert "its posterior of f replaces the shares" in words
    assert "Computed at the values of the design, f not from the study." in words
    assert "at the central values, f from the study" in words
    assert result.about["study"]["sha256"] in words
    page = result.page.read_text("utf-8")
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))
    for pattern in FORBIDDEN:
        assert not re.search(pattern, words, re.IGNORECASE), pattern
