"""The demonstration at a terminal, from the command to the result of the study, by what is written on the page."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from browser.conftest import Enter
from residuum.synthetic.demonstration import UNREAD
from terminals import COMMAND, SERVING, Terminal, passwords_on

pytestmark = pytest.mark.slow
PEOPLE: Final = ("reader_1", "reader_2", "adjudicator", "data_manager")
PATIENCE_MS: Final = 180_000
"""For the analysis of 201 patients on a busy machine."""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    for part in ("study", "report", "room"):  # what an earlier one left
        (tmp_path / "out" / part).mkdir(parents=True)
        (tmp_path / "out" / part / "old.txt").write_text("old")
    begun = Terminal("demo", "--no-open", "--out", tmp_path / "out")
    yield begun
    begun.close()


def test_the_demonstration_is_read_adjudicated_and_analysed(terminal: Terminal, tmp_path: Path, enter: Enter) -> None:
    room = tmp_path / "out" / "room"
    url = f"http://127.0.0.1:{terminal.wait_for(SERVING, 300)[1]}"
    passwords = passwords_on(terminal.text)
    assert tuple(passwords) == PEOPLE
    shown = " ".join(terminal.text.replace(str(COMMAND), "residuum").split())
    assert f"Reading room, later again: residuum serve {room} --demo-accounts --open" in shown
    assert not list(tmp_path.rglob("old.txt"))

    for reader in ("reader_1", "reader_2"):
        page = enter(url, reader, password=passwords[reader]).page
        page.get_by_role("button", name="Open the case").click()
        for place in range(len(UNREAD)):
            page.get_by_role("heading", name=re.compile(r"^Case \d+")).wait_for()
            expect(page.get_by_label("whole body, anterior", exact=True)).to_be_visible()
            if reader == "reader_1" and place == 0:
                click_on_a_bone(page)
            elif reader == "reader_1":
                page.get_by_label("Add by name").select_option("left femur")
                page.get_by_role("button", name="Add", exact=True).click()
            sign(page, passwords[reader])
        page.get_by_text("Everything is locked. Thank you.").wait_for()

    page = enter(url, "adjudicator", password=passwords["adjudicator"]).page
    waiting = page.get_by_role("row", name=re.compile("unread"))
    waiting.first.wait_for()
    assert waiting.count() == len(UNREAD), "on each of these scans the readers differ"
    page.get_by_role("button", name="Open the case").click()
    for _ in UNREAD:
        page.get_by_text("1 of 1 differences open").wait_for()
        page.get_by_role("button", name=re.compile("Reader 2")).click()
        page.get_by_text("0 of 1 differences open").wait_for()
        sign(page, passwords["adjudicator"])
    page.get_by_text("Everything is locked. Thank you.").wait_for()

    page = enter(url, "data_manager", password=passwords["data_manager"]).page
    page.get_by_role("button", name="Analyse what is locked").click()
    link = page.get_by_role("link", name="Open the whole report")
    link.wait_for(timeout=PATIENCE_MS)
    page.get_by_role("row", name=re.compile("^source population 201")).wait_for()
    with page.context.expect_page() as opened:
        link.click()
    opened.value.get_by_text("Research software").first.wait_for()

    assert terminal.interrupt() in (0, 130)
    assert "Traceback" not in terminal.text
    written = b"".join(path.read_bytes() for path in (room / ".residuum").rglob("*") if path.is_file())
    assert not any(password.encode() in written for password in passwords.values())


def click_on_a_bone(page: Any) -> None:
    """Mark a place of the head on the front view."""
    pane = page.get_by_label("whole body, anterior", exact=True)
    page.get_by_text("upper level").first.wait_for()
    box = pane.bounding_box()
    pane.click(position={"x": 0.5 * box["width"], "y": 0.1 * box["height"]})
    page.get_by_role("heading", name="Marks (1)").wait_for()


def sign(page: Any, password: str) -> None:
    """Lock what is open."""
    page.get_by_text("Saved", exact=True).wait_for()
    page.get_by_role("button", name="Lock").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name="Sign and lock").click()
    dialog.wait_for(state="detached")
