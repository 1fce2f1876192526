"""A real server and Debian's Chromium; each person has a browser of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from browser.client import Client
from browser.studies import PEOPLE, THIRD, copy_unread, password_of, render_settings, write_scanned_study
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
SIGN_IN: Final = {
    "en": ("Name", "Password", "Sign in"),
    "fr": ("Nom", "Mot de passe", "Se connecter"),
    "zh": ("用户名", "密码", "登录"),
}
"""Labels of name, password and button."""
PATIENCE_MS: Final = 15_000
RESIDUUM: Final = (str(Path(sys.executable).with_name("residuum")),)


Enter = Callable[..., "Person"]


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


def add_accounts(served: Served, people: Mapping[str, tuple[str, str | None]] = PEOPLE) -> None:
    """Make everybody's account."""
    for account, (role, reader) in people.items():
        command = [*RESIDUUM, "user", "add", account, "--role", role, "--password-stdin", "--study", str(served.study)]
        command += ["--reader", reader] if reader else []
        subprocess.run(command, input=password_of(account), text=True, check=True, capture_output=True)


@dataclass
class Person:
    """Somebody in front of a browser; `errors` are what the page told its console."""

    page: Any
    url: str
    account: str
    language: str = "en"
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def sign_in(self, password: str | None = None) -> None:
        self.page.goto(self.url)
        name, secret, button = SIGN_IN[self.language]
        self.page.get_by_label(name).fill(self.account)
        self.page.get_by_label(secret).fill(password or password_of(self.account))
        self.page.get_by_role("button", name=button).click()


@pytest.fixture(scope="session")
def scanned_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scanned_study(tmp_path_factory.mktemp("scanned") / "study")


@pytest.fixture(scope="session")
def prepared(scanned_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a study that is imported and has everybody's account; each kind of settings is prepared once."""
    made: dict[str, Path] = {}

    def prepare(**settings: Any) -> Path:
        text = render_settings(**settings)
        if text not in made:
            served = Served(copy_unread(scanned_study, tmp_path_factory.mktemp("prepared") / "study", text))
            served.start()  # which imports the folder
            add_accounts(served, PEOPLE | (THIRD if settings.get("readers") == 3 else {}))
            served.stop()
            made[text] = served.study
        return made[text]

    return prepare


@pytest.fixture
def serve(prepared: Callable[..., Path], tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serve the unread study with some settings to everybody who has an account."""
    running: list[Served] = []

    def begin(**settings: Any) -> Served:
        study = tmp_path / f"study{len(running)}"
        shutil.copytree(prepared(**settings), study)
        served = Served(study)
        running.append(served)
        served.start()
        return served

    yield begin
    for one in running:
        one.stop()


@pytest.fixture
def talk() -> Iterator[Callable[[Served, str], Client]]:
    """Sign a program in; its connections are closed afterwards."""
    made: list[Client] = []

    def begin(served: Served, account: str) -> Client:
        made.append(Client(served.url, account))
        return made[-1]

    yield begin
    for one in made:
        one.http.close()


# for one file: Playwright keeps an event loop running until it is stopped, and other tests need their own
@pytest.fixture(scope="module")
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

    def begin(
        served: Served | str,
        account: str,
        language: str = "en",
        *,
        signed_in: bool = True,
        password: str | None = None,
        **context: Any,
    ) -> Person:
        own = chromium.new_context(
            **{"viewport": {"width": 1366, "height": 768}, "locale": language, "reduced_motion": "reduce"} | context
        )
        contexts.append(own)
        page = own.new_page()
        page.set_default_timeout(PATIENCE_MS)
        person = Person(page, served if isinstance(served, str) else served.url, account, language)
        page.on("request", lambda request: person.requests.append(request.url))
        page.on("pageerror", lambda error: person.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and person.errors.append(message.text))
        people.append(person)
        if signed_in:
            person.sign_in(password)
        return person

    yield begin
    for one in contexts:
        one.close()
    for person in people:
        assert all(url.startswith(person.url) for url in person.requests), "nothing is asked of another host"
        assert not [error for error in person.errors if "Content Security Policy" in error or "TypeError" in error]
