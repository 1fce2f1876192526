"""The installed command: exit codes, and what goes to stdout and stderr."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from residuum import DISCLAIMER, __version__
from residuum.cli import failures
from residuum.cli.app import COMMANDS
from residuum.records.errors import CallError, InputError, Problem

pytestmark = pytest.mark.unit
COMMAND = Path(sys.executable).with_name("residuum")


def residuum(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, check=False, env=os.environ | environment, timeout=60
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    assert residuum("init", tmp_path / "study").returncode == 0
    return tmp_path / "study"


@pytest.fixture
def bad_study(study: Path) -> Path:
    with (study / "patients.csv").open("a") as file:
        file.write("P1,F,1,2010,M,,alive,x\n")
    return study


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    began = time.perf_counter()
    done = residuum("--help", PYTHONPROFILEIMPORTTIME="1")
    assert time.perf_counter() - began < 1  # about 0.05 s when the machine is idle
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith(DISCLAIMER)
    assert all(name in done.stdout for name in COMMANDS)
    assert not {"polars", "pydantic", "numpy", "jinja2"} & {
        line.split("|")[-1].strip() for line in done.stderr.splitlines()
    }


@pytest.mark.parametrize("command", ["check", "init"])
def test_help_of_a_command(command: str) -> None:
    done = residuum(command, "--help")
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith(DISCLAIMER)
    assert "--json" in done.stdout


def test_version() -> None:
    assert residuum("--version").stdout.strip() == f"residuum, version {__version__}"


def test_a_new_study_is_accepted(study: Path) -> None:
    done = residuum("check", study)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "Accepted: 0 errors, 0 warnings, 0 notes."


def test_a_bad_study_is_refused_with_every_problem(bad_study: Path) -> None:
    done = residuum("check", bad_study)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "patients.csv"
    assert "  error: line 2, column sex: there is no such code (value 'F')." in done.stdout
    assert "  error: line 2, column last_contact_day: this is not a plain whole number (value 'x')." in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Refused: 2 errors, 0 warnings")


def test_json_lists_the_problems(bad_study: Path) -> None:
    done = residuum("check", bad_study, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert {(one["rule"], one["row"], one["value"]) for one in found} >= {("cell.unknown_code", 2, "F")}


def test_the_page_is_self_contained_and_escapes_what_the_study_says(study: Path, tmp_path: Path) -> None:
    with (study / "patients.csv").open("a") as file:
        file.write("P1,<script>alert(1)</script>,1,2010,M,,alive,5\n")
    done = residuum("check", study, "--html", tmp_path / "check.html")
    page = (tmp_path / "check.html").read_text("utf-8")
    assert done.returncode == 1
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "1 error," in page
    assert DISCLAIMER in page
    assert "src=" not in page
    assert "href=" not in page


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["check"], ["check", "/no/such/folder"], ["check", ".", "--colour"], ["init", "."]]
)
def test_a_wrong_call_leaves_with_2(arguments: list[str]) -> None:
    done = residuum(*arguments)
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_page_that_cannot_be_written_is_a_wrong_call(study: Path) -> None:
    done = residuum("check", study, "--html", study / "no" / "page.html")
    assert done.returncode == 2
    assert "No such file or directory" in done.stderr


def test_init_refuses_a_folder_with_files_and_keeps_them(study: Path) -> None:
    before = {path.name: path.read_bytes() for path in study.iterdir()}
    done = residuum("init", study)
    assert (done.returncode, done.stdout) == (2, "")
    assert {path.name: path.read_bytes() for path in study.iterdir()} == before


def test_init_json(tmp_path: Path) -> None:
    written = json.loads(residuum("init", tmp_path / "s", "--json").stdout)
    assert written["files"] == sorted(path.name for path in (tmp_path / "s").iterdir())


def test_a_reader_of_the_output_that_leaves(bad_study: Path) -> None:
    with (bad_study / "patients.csv").open("a") as file:
        file.writelines(f"Q{number},F,1,2010,M,,alive,x\n" for number in range(300))
    with subprocess.Popen(
        [COMMAND, "check", bad_study, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode == failures.NOBODY_READS


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (
            InputError("bad", [Problem("error", "a.b", "x.csv", "wrong", "Cure.", 7)] * 2),
            1,
            "x.csv, line 7: wrong. Cure. [a.b]",
        ),
        (CallError("no such thing"), 2, "no such thing"),
        (click.UsageError("no such flag"), 2, "no such flag"),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (ZeroDivisionError("secret"), 70, "RESIDUUM_DEBUG=1"),
        (OSError("secret"), 70, "RESIDUUM_DEBUG=1"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_exit_codes(
    raised: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(failures.app, "main", fail)
    assert failures.run([]) == code
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
    assert "secret" not in err
    monkeypatch.setenv("RESIDUUM_DEBUG", "1")
    failures.run([])
    assert ("Traceback" in capsys.readouterr().err) == (code == 70)


def test_an_interrupt_leaves_with_130(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "study.toml")  # not a plain file: reported, never waited for
    assert residuum("check", tmp_path).returncode == 1
    waiting = """if True:
        import os, signal, time
        from residuum.cli import failures
        failures.app.main = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT) or time.sleep(5)
        raise SystemExit(failures.run([]))"""
    done = subprocess.run([sys.executable, "-c", waiting], capture_output=True, check=False, timeout=30)
    assert done.returncode == 128 + signal.SIGINT
