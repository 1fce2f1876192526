"""The pages about the server name every role, setting, step, endpoint, refusal and action, and its example runs."""

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher

import residuum
from residuum.reads.workflow import GUARDS, TRANSITIONS, ScanState
from residuum.records.roles import ALLOWED, ROLES
from residuum.records.settings import Reading
from residuum.steps.accounts import add_user
from residuum.steps.databases import import_folder
from residuum.steps.desk import Desk
from residuum.steps.init import init
from residuum.steps.location import locate
from residuum.store import passwords
from residuum.store.database import Database
from residuum.store.tables import AUDIT
from residuum.web.app import make_server_app
from residuum.web.command import serve
from residuum.web.faults import STATUS

pytestmark = pytest.mark.unit

DOCS: Final = Path(__file__).parents[2] / "docs"
SERVER, WORKFLOW, API, AUDITING = (
    DOCS.joinpath(f"{name}.md").read_text("utf-8") for name in ("server", "reading-workflow", "api", "audit")
)
MARKED: Final = re.compile(r"`([^`]+)`")
OF_THE_SHELL: Final = {
    "foreign_origin": 403,
    "method_not_allowed": 405,
    "too_large": 413,
    "invalid": 422,
    "fault": 500,
    "unavailable": 503,
}
"""Refusals that no step makes."""
WRITERS: Final = ("visit.note", "note_read", "audit.append")
OF_ANY_REQUEST: Final = {"unauthenticated", "csrf", "forbidden", *OF_THE_SHELL} - {"method_not_allowed"}


def rows(page: str, title: str) -> list[list[str]]:
    """Return the cells of the table rows below a heading, heads left out."""
    text = re.split(r"\n#+ ", page.split(f" {title}\n", 1)[1])[0]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


# server.md


def test_roles_are_as_the_page_says() -> None:
    head = next(line for line in SERVER.splitlines() if line.startswith("| action |"))
    assert [cell.strip() for cell in head.split("|")][2:-2] == list(ROLES)
    said = {row[0].strip("`"): row[1:-1] for row in rows(SERVER, "Roles")}
    assert said == {action: ["yes" if role in allowed else "" for role in ROLES] for action, allowed in ALLOWED.items()}


def test_every_setting_of_the_server_has_its_row() -> None:
    said = {row[0].strip("`"): (row[1].strip("`"), row[2].strip("`")) for row in rows(SERVER, "Settings")}
    options = {one.name: one for one in serve.params}
    hidden = options.pop("oidc_client_secret")
    assert f"| none | `{hidden.envvar}` | none |" in SERVER
    assert list(said) == [option.opts[0] if option.opts[0] != "study" else "STUDY" for option in options.values()]
    for option, (variable, default) in zip(options.values(), said.values(), strict=True):
        assert (option.envvar or "none") == variable
        assert default in (str(option.default), "none", "no", "required")


# reading-workflow.md


def test_every_step_of_a_read_is_described() -> None:
    said = {(row[0].strip("`"), row[1]): (row[2], MARKED.findall(row[3])) for row in rows(WORKFLOW, "A read")}
    found = {
        key: ("", [step]) if isinstance(step, str) else (step.to, [GUARDS[guard][0] for guard in step.guards])
        for key, step in TRANSITIONS.items()
    }
    assert said == found


def test_every_state_of_a_scan_is_described() -> None:
    states = rows(WORKFLOW, "From two reads to the one that counts")
    assert [row[0].strip("`") for row in states] == list(get_args(ScanState))


def test_every_way_of_reading_is_described() -> None:
    named = [row[0].strip("`") for row in rows(WORKFLOW, "Cases and their order")]
    ways = [get_args(Reading.model_fields[name].annotation) for name in ("design", "order")]
    assert named == [name for names in ways for name in names]
    assert [name for name in Reading.model_fields if f"`reading.{name}" not in WORKFLOW] == ["entry"]


# audit.md


def written_actions() -> set[str]:
    """Return every action that some step writes into the audit trail, read off the calls in the source."""
    found = set()
    for module in Path(residuum.__file__).parent.joinpath("steps").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in WRITERS:
                said = [one.value for one in node.args if isinstance(one, ast.Constant)]
                found |= {text for text in said if isinstance(text, str)}
    return found


def test_every_action_is_described() -> None:
    table = AUDITING.split("| action | when |")[1].split("\n\n")[0]
    said = [
        name for line in table.splitlines() if line.startswith("| `") for name in MARKED.findall(line.split("|")[1])
    ]
    assert len(written_actions()) > 20
    assert sorted(said) == sorted(written_actions())


def test_every_field_of_an_entry_is_described() -> None:
    fields = AUDITING.split("| field | content |")[1].split("\n\n")[0]
    named = {
        name for line in fields.splitlines() if line.startswith("| `") for name in MARKED.findall(line.split("|")[1])
    }
    inside = {"key_id", "payload", "previous"}  # of the stored row; a reader sees `details`
    assert named == {column.name for column in AUDIT.columns} - inside | {"details"}


# api.md


def endpoints() -> dict[str, tuple[str, list[str]]]:
    """Return for each endpoint of the page who may use it and which refusals it names."""
    found = {}
    for part in API.split("\n### ")[1:]:
        title, _, text = part.partition("\n")
        (who,) = re.findall(r"^Who: ([^.]*)\.", text, re.MULTILINE)
        refusals = re.findall(r"Refusals: ([^.]*)\.", text)
        found[title.strip("`")] = who, MARKED.findall(refusals[0]) if refusals else []
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a server whose study has one scan that reader_1 has not read."""
    folder = tmp_path_factory.mktemp("served")
    init(folder / "study")
    for name, record in (
        ("patients", "C001,female,1200,2012,M,amplified,alive,2500"),
        ("scans", "C001-1,C001,0,diagnosis,I123,"),
    ):
        with folder.joinpath("study", f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write(f"{record}\n")
    location = locate(str(folder / "study"))
    import_folder(folder / "study", location.url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        passwords._nobody.cache_clear()
        add_user(location, "reader_1", "reader", None, "many small owls at noon")
        yield from _serve(location.url, folder)
    passwords._nobody.cache_clear()


def _serve(url: str, folder: Path) -> Iterator[str]:
    desk = Desk(Database(url))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        app: Any = make_server_app(desk, folder)
        running = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not running.started and thread.is_alive():
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join()
            app.app.state.analyses.close()
            desk.close()


@pytest.fixture(scope="module")
def operations(server: str) -> dict[str, dict[str, Any]]:
    """Return every operation of the OpenAPI document as ``METHOD PATH``."""
    described = httpx.get(f"{server}/openapi.json").json()
    return {
        f"{method.upper()} {path}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_every_endpoint_has_its_section(operations: dict[str, dict[str, Any]]) -> None:
    assert sorted(endpoints()) == sorted(operations)


def test_who_may_is_as_the_page_says(operations: dict[str, dict[str, Any]]) -> None:
    words = {None: "everybody", tuple(ROLES): "every role"}
    for name, (who, _) in endpoints().items():
        roles = operations[name].get("x-roles")
        key = tuple(roles) if roles else None
        assert who == (words[key] if key in words else ", ".join(roles)), name


def test_refusals_are_as_the_page_says(operations: dict[str, dict[str, Any]]) -> None:
    for name, (_, codes) in endpoints().items():
        possible = {int(status) for status in operations[name]["responses"]}
        assert [code for code in codes if STATUS[code] not in possible] == [], name
        assert not OF_ANY_REQUEST & set(codes), name
        own = {404, 409, 429} & possible  # 401, 403, 413 and 422 may come from any request
        assert own <= {STATUS[code] for code in codes}, name


@pytest.mark.parametrize(
    ("action", "endpoint"),
    [
        ("save", "PUT /api/reads/{case}"),
        ("lock", "POST /api/signatures"),
        ("unlock", "POST /api/reads/{case}/unlock"),
        ("unlock_by_manager", "POST /api/scans/{scan}/reads/{reader}/unlock"),
    ],
)
def test_refusals_of_the_workflow_are_named(action: str, endpoint: str) -> None:
    steps = [step for (of, _), step in TRANSITIONS.items() if of == action]
    codes = {step for step in steps if isinstance(step, str)}
    codes |= {GUARDS[guard][0] for step in steps if not isinstance(step, str) for guard in step.guards}
    if action == "unlock_by_manager":
        codes.remove("conflict")  # a data manager names no version
    assert codes <= set(endpoints()[endpoint][1])


def test_every_refusal_has_its_status() -> None:
    said = {row[0].strip("`"): int(row[1]) for row in rows(API, "Refusals")}
    assert said == STATUS | OF_THE_SHELL
    general = API.split("Any request may be refused with ")[1].split(". ")[0]
    assert set(MARKED.findall(general)) == OF_ANY_REQUEST
    named = {code for _, codes in endpoints().values() for code in codes}
    assert named == set(said) - OF_ANY_REQUEST - {"method_not_allowed"}


def test_refusals_of_the_shell_are_what_a_server_answers(server: str) -> None:
    json_body = {"content-type": "application/json"}
    answers = [
        httpx.post(f"{server}/api/session", headers={"origin": "https://elsewhere.example"}, json={}),
        httpx.put(f"{server}/api/study"),
        httpx.post(f"{server}/api/session", headers=json_body, content=b" " * (2 * 1024 * 1024 + 1)),
        httpx.post(f"{server}/api/session", json={"account": "reader_1"}),
    ]
    assert [(one.json()["error"], one.status_code) for one in answers] == list(OF_THE_SHELL.items())[:4]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_example_prints_what_the_page_says(server: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```console\n(.*?)```", API.split("\n## An example\n")[1].split("\n## ")[0], re.DOTALL)
    lines = "".join(blocks).splitlines()
    commands = "\n".join(line.removeprefix("$ ") for line in lines if line.startswith("$ "))
    done = subprocess.run(
        ["bash", "-euc", f"exec 2>&1\n{commands}"],
        cwd=tmp_path,
        env=os.environ | {"SERVER": server, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.splitlines() == [line for line in lines if not line.startswith("$ ")]
    conflict = json.loads(tmp_path.joinpath("conflict.json").read_text("utf-8"))
    assert {"error", "message", "yours", "stored"} == set(conflict)
