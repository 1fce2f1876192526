"""The demonstration at a terminal: served, opened, tried out by its people, and ended with Ctrl+C."""

import http.client
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from residuum.synthetic.demonstration import UNREAD
from simulated_studies import SETTINGS, write_simulated_study

pytestmark = pytest.mark.unit

COMMAND: Final = Path(sys.executable).with_name("residuum")
PEOPLE: Final = ("reader_1", "reader_2", "adjudicator", "data_manager")
SERVING: Final = re.compile(r"Serving on http://127\.0\.0\.1:(\d+) ")
BESIDE_SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY")


class Terminal:
    """A command that takes its standard streams for a terminal."""

    def __init__(self, *arguments: str | Path, **environment: str) -> None:
        self.master, slave = pty.openpty()
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("RESIDUUM_") and name not in BESIDE_SCREENS
        }
        self.process = subprocess.Popen(
            [COMMAND, *arguments], stdin=slave, stdout=slave, stderr=slave, env=clean | environment
        )
        os.close(slave)
        self.text = ""

    def wait_for(self, pattern: re.Pattern[str], seconds: float) -> re.Match[str]:
        """Return what stands on the screen."""
        end = time.monotonic() + seconds
        while not (found := pattern.search(self.text)):
            assert time.monotonic() < end, self.text
            assert self._read(), self.text
        return found

    def interrupt(self) -> int:
        """Press Ctrl+C and return with what the command leaves."""
        self.process.send_signal(signal.SIGINT)
        while self._read():
            pass
        return self.process.wait(30)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def _read(self) -> bool:
        """Read what comes within a second; return whether more may come."""
        if not select.select([self.master], [], [], 1)[0]:
            return True
        try:
            read = os.read(self.master, 65536)
        except OSError:  # nobody has the other end any more
            return False
        self.text += read.decode(errors="replace").replace("\r\n", "\n")
        return bool(read)


@dataclass
class Visitor:
    """Somebody who has signed in with a password from the screen."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def with_password(cls, port: int, account: str, password: str) -> "Visitor":
        visitor = cls(port)
        answer, headers = visitor.request("POST", "/api/session", {"account": account, "password": password})
        assert answer["account"] == account, answer
        visitor.headers = {"Cookie": headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": answer["csrf"]}
        return visitor

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.request(method, path, body)[0]

    def request(self, method: str, path: str, body: Any) -> tuple[Any, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json", **self.headers})
        answer = connection.getresponse()
        read, headers = answer.read(), answer.headers
        connection.close()
        return json.loads(read), headers

    def read(self, case: str, password: str, *marks: dict[str, Any]) -> None:
        """Save a read and lock it."""
        saved = self.ask("PUT", f"/api/reads/{case}", {"version": 0, "marks": list(marks)})
        assert saved["state"] == "draft", saved
        reads = [{"case": case, "version": saved["version"]}]
        signed = self.ask("POST", "/api/signatures", {"password": password, "reads": reads})
        assert [one["state"] for one in signed["signed"]] == ["locked"], signed


def passwords_on(text: str) -> dict[str, str]:
    """Return the passwords that stand on the screen, by account."""
    shown = text.split("Accounts and their passwords", 1)[1]
    return dict(re.findall(r"^  (\w+) +([a-z-]{20})$", shown, re.MULTILINE))


@pytest.fixture
def opened() -> Iterator[list[Terminal]]:
    terminals: list[Terminal] = []
    yield terminals
    for terminal in terminals:
        terminal.close()


@pytest.mark.slow
def test_at_a_terminal_the_demonstration_is_served_and_read_until_ctrl_c(
    tmp_path: Path, opened: list[Terminal]
) -> None:
    out = tmp_path / "out"
    for part in ("study", "report", "room"):  # what an earlier one left
        (out / part).mkdir(parents=True)
        (out / part / "old.txt").write_text("old")
    terminal = Terminal("demo", "--no-open", "--out", out)
    opened.append(terminal)
    port = int(terminal.wait_for(SERVING, 300)[1])
    passwords = passwords_on(terminal.text)
    assert tuple(passwords) == PEOPLE
    assert f"Reading room, later again: residuum serve {out / 'room'} --demo-accounts --open" in " ".join(
        terminal.text.replace(str(COMMAND), "residuum").split()
    )
    assert not list(out.rglob("old.txt"))
    assert Visitor(port).ask("GET", "/healthz") == {"status": "ready"}
    try_out(port, passwords)
    assert terminal.interrupt() in (0, 130)
    assert "Traceback" not in terminal.text
    written = b"".join(path.read_bytes() for path in (out / "room" / ".residuum").rglob("*") if path.is_file())
    assert not any(password.encode() in written for password in passwords.values())


def try_out(port: int, passwords: dict[str, str]) -> None:
    """Read one scan as each person would, to the adjudicator and the analysis."""
    people = {name: Visitor.with_password(port, name, password) for name, password in passwords.items()}
    cases = {
        (one["reader"], one["scan"]): one["case"]
        for one in people["data_manager"].ask("GET", "/api/assignments")["assignments"]
    }
    for reader in ("reader_1", "reader_2"):
        unread = [one for one in people[reader].ask("GET", "/api/worklist")["cases"] if one["state"] == "unread"]
        assert {one["case"] for one in unread} == {cases[reader, scan] for scan in UNREAD}
        assert all(one["images"] and one["patient"] is None for one in unread)
    scan = "D019-5"
    mark = {"mark": "a", "regions": ["femur_left"], "pattern": "focal", "seen_on": ["planar_ant"]}
    before = people["adjudicator"].ask("GET", "/api/worklist")["cases"]
    people["reader_1"].read(cases["reader_1", scan], passwords["reader_1"], mark)
    people["reader_2"].read(cases["reader_2", scan], passwords["reader_2"])
    after = people["adjudicator"].ask("GET", "/api/worklist")["cases"]
    assert len(after) == len(before) + 1
    assert [one["state"] for one in after if one["case"] not in {old["case"] for old in before}] == ["unread"]


def test_serving_with_fresh_accounts_opens_the_page(tmp_path: Path, opened: list[Terminal]) -> None:
    study = write_simulated_study(tmp_path / "study")
    tools = tmp_path / "tools"
    tools.mkdir()
    note = tools / "opened.txt"
    (tools / "xdg-open").write_text(f'#!/bin/sh\necho "$1" >"{note}.part" && mv "{note}.part" "{note}"\n')
    (tools / "xdg-open").chmod(0o755)
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    arguments = ("serve", study, "--demo-accounts", "--open", "--port", "0")
    shown = []
    for screen in ({"DISPLAY": ":9"}, {}):
        terminal = Terminal(*arguments, PATH=path, **screen)
        opened.append(terminal)
        port = int(terminal.wait_for(SERVING, 60)[1])
        shown.append(passwords_on(terminal.text))
        assert Visitor.with_password(port, "adjudicator", shown[-1]["adjudicator"]).headers
        if screen:
            wait_until(note.is_file)
            assert note.read_text().strip() == f"http://127.0.0.1:{port}"
            note.unlink()
        assert terminal.interrupt() in (0, 130)
        assert "Traceback" not in terminal.text
    assert not note.exists()  # where nothing can be shown, nothing is opened
    assert set(shown[0].values()).isdisjoint(shown[1].values())


def wait_until(is_so: Any) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_study_of_patients_is_not_served_with_such_accounts(tmp_path: Path) -> None:
    study = write_simulated_study(tmp_path / "study", SETTINGS.replace("true", "false"))
    command = [COMMAND, "serve", study, "--demo-accounts", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "labelled synthetic" in done.stderr
    assert "Serving on" not in done.stdout
