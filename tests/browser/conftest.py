"""A real server and Debian's Chromium; each person has a browser of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from browser.studies import PEOPLE, copy_unread, password_of, render_settings, write_scanned_study
from validators import tool

CHROMIUM: Final = "/usr/bin/chromium"
ROOM: Final = Path(__file__).parents[2] / "src" / "residuum" / "web" / "room" / "index.html"
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
PATIENCE_MS: Final = 15_000
RESIDUUM: Final = (str(Path(sys.executable).with_name("residuum")),)


@dataclass
class Served:
    """A study behind a server that can be stopped and started again."""

    study: Path
    process: "subprocess.Popen[str] | None" = None
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("RESIDUUM_")}
        self.process = subprocess.Popen(
            [*RESIDUUM, "serve", str(self.study), "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=clean | {"PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        line = next(line for line in self.process.stdout if "Serving on" in line)
        self.port = int(line.split("http://127.0.0.1:")[1].split()[0])

    def stop(self, kill: bool = False) -> None:
        if self.process is not None:
            (self.process.kill if kill else self.process.terminate)()
            self.process.communicate()
            self.process = None


@dataclass
class Person:
    """Somebody in front of a browser; `errors` are what the page told its console."""

    page: Any
    url: str
    account: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def sign_in(self, password: str | None = None) -> None:
        self.page.goto(self.url)
        self.page.get_by_label("Name").fill(self.account)
        self.page.get_by_label("Password").fill(password or password_of(self.account))
        self.page.get_by_role("button", name="Sign in").click()


@pytest.fixture(scope="session")
def scanned_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scanned_study(tmp_path_factory.mktemp("scanned") / "study")


@pytest.fixture
def serve(scanned_study: Path, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serve the unread study with some settings to everybody who has an account."""
    running: list[Served] = []

    def begin(**settings: str) -> Served:
        study = copy_unread(scanned_study, tmp_path / f"study{len(running)}", render_settings(**settings))
        served = Served(study)
        running.append(served)
        served.start()  # which imports the folder
        for account, (role, reader) in PEOPLE.items():
            command = [*RESIDUUM, "user", "add", account, "--role", role, "--password-stdin", "--study", str(study)]
            command += ["--reader", reader] if reader else []
            subprocess.run(command, input=password_of(account), text=True, check=True, capture_output=True)
        return served

    yield begin
    for one in running:
        one.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    tool("chromium", "chromium")
    if not ROOM.is_file():
        pytest.fail("the page is not built: make web") if os.environ.get("CI") else pytest.skip("the page is not built")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def enter(chromium: Any) -> Iterator[Callable[..., Person]]:
    """Open a browser of its own for somebody and sign them in."""
    contexts: list[Any] = []
    people: list[Person] = []

    def begin(served: Served, account: str, language: str = "en", *, signed_in: bool = True, **context: Any) -> Person:
        own = chromium.new_context(
            **{"viewport": {"width": 1366, "height": 768}, "locale": language, "reduced_motion": "reduce"} | context
        )
        contexts.append(own)
        page = own.new_page()
        page.set_default_timeout(PATIENCE_MS)
        person = Person(page, served.url, account)
        page.on("request", lambda request: person.requests.append(request.url))
        page.on("pageerror", lambda error: person.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and person.errors.append(message.text))
        people.append(person)
        if signed_in:
            person.sign_in()
        return person

    yield begin
    for one in contexts:
        one.close()
    for person in people:
        assert all(url.startswith(person.url) for url in person.requests), "nothing is asked of another host"
        assert not [error for error in person.errors if "Content Security Policy" in error or "TypeError" in error]
