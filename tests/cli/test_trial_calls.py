"""What every `residuum trial` command does alike: refusals as JSON, limits of options, an output that is full."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from residuum.cli.failures import run

DESIGN = Path(__file__).parents[2] / "examples" / "designs" / "s1_gs3.toml"
COMMAND = Path(sys.executable).with_name("residuum")
COMMANDS = ("assurance", "power", "report", "search")

pytestmark = pytest.mark.unit


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.toml"
    path.write_text(DESIGN.read_text("utf-8").replace("alpha = 0.025", "alpha = 5"), "utf-8")
    return path


def call(command: str, design: Path | str, folder: Path) -> list[str]:
    """Return a call of a command that needs no more."""
    if command == "reach":
        return ["trial", "reach", str(folder), "--design", str(design)]
    return ["trial", command, str(design), *(["--out", str(folder / "out")] if command == "report" else [])]


@pytest.mark.parametrize("command", [*COMMANDS, "reach"])
def test_a_refused_design_is_printed_as_json(
    command: str, bad: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*call(command, bad, tmp_path), "--json"]) == 1
    printed = capsys.readouterr()
    (problem,) = json.loads(printed.out)["problems"]
    assert (problem["rule"], problem["column"], problem["value"]) == ("design.wrong_value", "primary.alpha", "5")
    assert "primary.alpha" in printed.err
    assert run(call(command, bad, tmp_path)) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", [*COMMANDS, "reach"])
def test_the_empty_name_is_no_design(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(call(command, "", tmp_path)) == 2
    assert "the name is empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "option", "most"),
    [
        ("power", "--replicates", 100_000_000),
        ("report", "--replicates", 100_000_000),
        ("search", "--replicates", 100_000_000),
        ("assurance", "--draws", 1_000_000),
        ("report", "--draws", 1_000_000),
    ],
)
def test_a_run_that_would_never_end_is_refused(
    command: str, option: str, most: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in (most + 1, 99999999999999999999):
        assert run([*call(command, DESIGN, tmp_path), option, str(value)]) == 2
        said = capsys.readouterr().err
        assert f"<=x<={most}" in said
        assert str(value) in said


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command with what the shell makes of its output."""
    trial = f"'{COMMAND}' trial power '{DESIGN}' --replicates 300 {line}"
    return subprocess.run(["sh", "-c", trial], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_output_is_said() -> None:
    done = shell("> /dev/full")
    assert (done.returncode, done.stderr) == (2, "Error: cannot write the output: No space left on device\n")
    assert shell("> /dev/full 2> /dev/full").returncode != 0  # where nothing can be said the interpreter may choose


def test_a_closed_output_is_said() -> None:
    done = shell(">&-")
    assert (done.returncode, done.stderr) == (2, "Error: cannot write the output: standard output is closed.\n")


def test_closed_errors_change_nothing() -> None:
    done = shell("2>&-")
    assert done.returncode == 0
    assert "Power" in done.stdout
