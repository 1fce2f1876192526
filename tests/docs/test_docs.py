"""The pages name what the program knows, and their examples run."""

import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from pydantic import BaseModel
from test_server_pages import written_actions

from residuum.cli.app import COMMANDS
from residuum.cohort import outcomes
from residuum.cohort.alternatives import ALTERNATIVES, derive_alternatives
from residuum.cohort.analysis import derive_analysis
from residuum.cohort.survival import CAUSES
from residuum.cohort.timepoints import LATER_TIMEPOINTS, USED_TIMEPOINTS
from residuum.cohort.trial_view import BOUNDS, FIRST_FAILURES
from residuum.intake.folder import read_study
from residuum.records import design, vocabulary
from residuum.records.checks import CHECKS
from residuum.records.rules import Clause, apply_overrides, shipped_rules
from residuum.records.settings import STEPS, Settings
from residuum.report.labels import LOSSES
from residuum.report.numbers import COLUMNS, Numbers
from residuum.report.rows.flags import FLAGS
from residuum.report.rows.follow_up import ORIGIN_DAY
from residuum.report.rows.trial_reach import INTERVALS, UNKNOWNS, trial_reach_rows
from residuum.report.whole import derive_numbers
from residuum.response.bone import VERDICT_OF_CLAUSE
from residuum.scores.grid import derive_grid
from residuum.trial.planning.reach import CURES
from residuum.trial.planning.shares import PRIORS
from residuum.trial.planning.study_reach import E_SOURCES, derive_study_reach
from twins.random_study import write_random_study

pytestmark = pytest.mark.unit

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGES: Final = sorted(DOCS.rglob("*.md"))
RULES, NUMBERS, GUIDE, DIFFERENCES = (
    DOCS.joinpath(f"{name}.md").read_text("utf-8") for name in ("rules", "numbers", "guide", "differences")
)
CLAUSES: Final = shipped_rules().clauses
SEEDS: Final = range(6)
MARKED: Final = re.compile(r"`([^`]+)`")

PLACEHOLDERS: Final = {
    "step": STEPS,
    "timepoint": USED_TIMEPOINTS,
    "later": LATER_TIMEPOINTS,
    "label": vocabulary.TIMEPOINTS,
    "followed": (*outcomes.EVENT_FREE_GROUPS, "included"),
    "origin": ORIGIN_DAY,
    "state": vocabulary.SITE_STATES,
    "avid": vocabulary.AVID_STATES,
    "pattern": vocabulary.FAILURE_PATTERNS,
    "cause": CAUSES,
    "class": vocabulary.SITE_CLASSES,
    "trial_class": vocabulary.TRIAL_CLASSES,
    "bound": BOUNDS,
    "bone_verdict": vocabulary.BONE_VERDICTS,
    "overall_verdict": vocabulary.OVERALL_VERDICTS,
    "system": vocabulary.SYSTEMS,
    "siopen_segment": vocabulary.SIOPEN_SEGMENTS,
    "curie_segment": vocabulary.CURIE_SEGMENTS,
    "first_failure": FIRST_FAILURES,
    "f_bound": design.BOUNDS,
    "prior": PRIORS,
    "unknowns": UNKNOWNS,
    "cure": CURES,
    "e_source": E_SOURCES,
    "interval": INTERVALS,
    "choice": ALTERNATIVES,
    "reason": [re.sub("[ -]", "_", reason.lower().replace(",", "")) for reason in LOSSES],
}


def section(page: str, title: str) -> str:
    """Return what stands below a heading of level 2."""
    return page.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table_rows(text: str) -> list[list[str]]:
    """Return the cells of the rows whose first cell begins with a code, heads left out."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def documented_names() -> dict[str, re.Pattern[str]]:
    """Return every row name of numbers.md with the names that it stands for."""
    described = {row[0].strip("`<>"): MARKED.findall(row[1]) for row in table_rows(section(NUMBERS, "Placeholders"))}
    values = described | {"years": [r"[0-9]+"]}
    names = [row[0].strip("`") for row in table_rows(NUMBERS.split("\n## Flow and outcome\n")[1])]
    patterns = {}
    for name in names:
        parts = re.split("<([a-z_]+)>", name)
        parts[0::2] = map(re.escape, parts[0::2])
        parts[1::2] = [f"(?:{'|'.join(values[part])})" for part in parts[1::2]]
        patterns[name] = re.compile("".join(parts))
    return patterns


@pytest.fixture(scope="module")
def random_numbers(tmp_path_factory: pytest.TempPathFactory) -> list[Numbers]:
    folder = tmp_path_factory.mktemp("random")
    found = []
    for seed in SEEDS:
        write_random_study(folder / str(seed), seed)
        analysis = derive_analysis(read_study(folder / str(seed)))
        found.append(derive_numbers(analysis, derive_alternatives(analysis)))
        found.append(Numbers(trial_reach_rows(derive_study_reach(analysis, None, np.random.default_rng(seed)))))
    return found


# rules.md


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=lambda clause: clause.id)
def test_every_clause_has_its_row(clause: Clause) -> None:
    rows = {row[0].strip("`"): row for row in table_rows(section(RULES, "Clauses"))}
    assert list(rows) == list(CLAUSES)
    _, value, meaning, source, evidence, override = rows[clause.id]
    written = tomllib.loads(f"value = {value.strip('`')}")["value"]
    assert (tuple(written) if isinstance(written, list) else written) == clause.value
    assert evidence == clause.evidence
    assert meaning
    assert source
    assert all(f'`"{choice}"`' in override for choice in clause.choices)
    assert clause.choices or override.startswith(f"`{clause.id} = ")


@pytest.mark.parametrize("clause", [one for one in CLAUSES.values() if one.evidence == "B"], ids=lambda one: one.id)
def test_every_background_clause_is_to_be_confirmed(clause: Clause) -> None:
    assert f"- `{clause.id}`" in section(RULES, "To be confirmed by a clinician")


@pytest.mark.parametrize("structure", ["sacrum", "girdle", "Mandible", "Patella", "fraction of the segment"])
def test_open_questions_of_the_grid_are_to_be_confirmed(structure: str) -> None:
    assert structure in section(RULES, "To be confirmed by a clinician")


def test_overrides_of_the_example_are_taken() -> None:
    example = re.findall(r"```toml\n(.*?)```", RULES, re.DOTALL)[0]
    rules, problems = apply_overrides(shipped_rules(), tomllib.loads(example)["rules"])
    assert problems == []
    assert sum(clause.overridden for clause in rules.clauses.values()) == 3


@pytest.mark.parametrize("region", vocabulary.MARK_REGIONS)
def test_every_region_stands_in_the_grid_as_it_is(region: str) -> None:
    rows = [row for row in table_rows(section(RULES, "Regions and segments")) if f"`{region}`" in row[0]]
    assert len(rows) == 1
    siopen, curie, amsterdam = rows[0][1:]
    cells = {"siopen": siopen, "curie": curie, "amsterdam": siopen if amsterdam == "as SIOPEN" else amsterdam}
    default = {(s, r): segment for s, r, segment in derive_grid(Settings().definitions).iter_rows()}
    moved = Settings.model_validate({"definitions": {"sacrum_to": "pelvis", "girdle_to": "proximal_upper_limb"}})
    other = {(s, r): segment for s, r, segment in derive_grid(moved.definitions).iter_rows()}
    for system, cell in cells.items():
        named = list(dict.fromkeys([default.get((system, region)), other.get((system, region))]))
        assert [code for code in MARKED.findall(cell) if not code.endswith("_to")] == ([] if named == [None] else named)


def test_every_bone_clause_stands_in_its_order() -> None:
    lines = [line for line in section(RULES, "INRC 2017: bone by mIBG").splitlines() if re.match(r"\| \d", line)]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert {row[1].strip("`"): row[3] for row in cells} == VERDICT_OF_CLAUSE
    assert [row[1].strip("`") for row in cells] == list(VERDICT_OF_CLAUSE)


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Outcomes and groups", (*outcomes.OUTCOMES, *outcomes.GROUPS, *outcomes.EVENT_FREE_GROUPS, "oligo", "more")),
        ("Failure pattern", vocabulary.FAILURE_PATTERNS),
        ("The trial's view", (*vocabulary.TRIAL_CLASSES, *vocabulary.SITE_CLASSES, *BOUNDS)),
        ("Sites and their states", vocabulary.SITE_STATES),
        ("Scan used for a time point", vocabulary.TIMEPOINTS),
        ("Eligibility", STEPS),
    ],
)
def test_every_code_is_explained(title: str, names: tuple[str, ...]) -> None:
    text = section(RULES, title)
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_reason_of_a_loss_is_named() -> None:
    text = section(RULES, "Eligibility")
    assert [reason for reason in LOSSES if reason not in text] == []


# numbers.md


def test_every_column_is_described() -> None:
    rows = table_rows(section(NUMBERS, "The file"))
    assert [row[0].strip("`") for row in rows][-len(COLUMNS) :] == list(COLUMNS)


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_placeholders_stand_for_what_the_program_uses(name: str) -> None:
    rows = {row[0]: MARKED.findall(row[1]) for row in table_rows(section(NUMBERS, "Placeholders"))}
    assert rows[f"`<{name}>`"] == list(PLACEHOLDERS[name])


def test_every_number_has_its_place(random_numbers: list[Numbers]) -> None:
    patterns = documented_names().values()
    names = {row.name for numbers in random_numbers for row in numbers}
    assert sorted(name for name in names if not any(p.fullmatch(name) for p in patterns)) == []


def test_no_number_is_described_that_is_gone(random_numbers: list[Numbers]) -> None:
    names = {row.name for numbers in random_numbers for row in numbers}
    unused = [name for name, pattern in documented_names().items() if not any(map(pattern.fullmatch, names))]
    assert unused == []


def test_every_flag_has_meaning_and_cure() -> None:
    rows = {row[0].strip("`").removeprefix("flag."): row[1:] for row in table_rows(section(NUMBERS, "Flags"))}
    assert list(rows) == list(FLAGS)
    assert all(who in {"all", "source", "included"} and means and cure for who, means, cure in rows.values())


def test_flags_look_at_the_patients_that_the_page_says(tmp_path: Path) -> None:
    who = {row[0].strip("`").removeprefix("flag."): row[1] for row in table_rows(section(NUMBERS, "Flags"))}
    for seed in SEEDS:
        write_random_study(tmp_path / str(seed), seed)
        analysis = derive_analysis(read_study(tmp_path / str(seed)))
        step = analysis.study.settings.population.steps[0]
        members = {
            "all": set(analysis.patients["patient"]),
            "source": set(analysis.patients.filter(step)["patient"]),
            "included": set(analysis.included["patient"]),
        }
        outside = [name for name, find in FLAGS.items() if not set(find(analysis)) <= members[who[name]]]
        assert outside == []


def test_python_examples_run(
    tmp_path: Path, random_numbers: list[Numbers], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.joinpath("report").mkdir()
    tmp_path.joinpath("report", "numbers.json").write_text(random_numbers[0].json({}), "utf-8")
    monkeypatch.chdir(tmp_path)
    for page in (NUMBERS, DIFFERENCES):
        for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
            exec(example, {})
            assert capsys.readouterr().out


# guide.md


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_appears(command: str) -> None:
    assert f"residuum {command}" in GUIDE


def test_every_check_named_exists() -> None:
    known = set(CHECKS)
    rows = table_rows(section(GUIDE, "Common refusals and their cures"))
    named = [code for row in rows for code in MARKED.findall(row[0])]
    assert named
    assert [code for code in named if code not in known] == []


def test_console_examples_print_what_the_page_says(tmp_path: Path) -> None:
    blocks = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
    assert sum("$ residuum check" in block for block in blocks) >= 3
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for block in blocks:
        assert "$ echo $?" in block
        commands = "\n".join(line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ "))
        expected = "\n".join(line for line in block.splitlines() if not line.startswith("$ "))
        done = subprocess.run(
            ["bash", "-c", f"exec 2>&1\n{commands}"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.stdout.rstrip("\n") == expected


# every page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _without_code(page.read_text("utf-8"))):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        linked = page.parent / name if name else page
        assert linked.exists(), target
        assert not anchor or anchor in _anchors(linked), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_path_of_a_machine(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.findall(r"(?<![\w.])/(?:home|root|tmp|usr|opt|mnt|Users)\b|[A-Z]:\\", text) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_and_clauses_named_exist(page: Path) -> None:
    known = {*_settings(Settings), *CLAUSES, *(f"flag.{name}" for name in FLAGS), *CHECKS, *written_actions()}
    prefixes = ("population.", "reading.", "definitions.", "analysis.", "siopen.", "curie.", "inrc.")
    codes = {code.split(" = ")[0] for code in MARKED.findall(_without_code(page.read_text("utf-8")))}
    named = {code for code in codes if code.startswith(prefixes) and re.fullmatch(r"[a-z_0-9.]+", code)}
    rows = {f"{score}.{timepoint}" for score in ("siopen", "curie") for timepoint in USED_TIMEPOINTS}
    assert sorted(named - known - rows) == []


def test_every_folder_stands_in_the_house() -> None:
    house = DOCS.joinpath("architecture.md").read_text("utf-8")
    folders = [path.name for path in DOCS.with_name("src").joinpath("residuum").iterdir() if path.is_dir()]
    described = [row[0].strip("`") for row in table_rows(house.split("## Contracts")[0])]
    assert sorted(described) == sorted(name for name in folders if name != "__pycache__")


def test_every_page_is_in_the_index() -> None:
    index = DOCS.joinpath("README.md").read_text("utf-8")
    missing = [page.name for page in PAGES if page.name != "README.md" and page.name not in index]
    assert missing == []


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def _anchors(page: Path) -> set[str]:
    """Return the anchors that a forge makes of the headings."""
    titles = re.findall(r"^#+ (.*)$", _without_code(page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _settings(model: type[BaseModel], prefix: str = "") -> list[str]:
    names: list[str] = []
    for name, field in model.model_fields.items():
        kind: Any = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names += _settings(kind, f"{prefix}{name}.")
        else:
            names.append(prefix + name)
    return names
