"""A study served with fresh accounts at a terminal: the page is opened, old passwords are void; never for patients."""

import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from simulated_studies import SETTINGS, write_simulated_study
from terminals import COMMAND, SERVING, Terminal, passwords_on

pytestmark = pytest.mark.unit


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


@pytest.fixture
def opened() -> Iterator[list[Terminal]]:
    terminals: list[Terminal] = []
    yield terminals
    for terminal in terminals:
        terminal.close()


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
