"""The same site over time: once all is locked, a reader says patient by patient which of their marks are one site."""

import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from browser.conftest import Person, Served
from browser.studies import password_of
from browser.test_page_for_everybody import find_faults

pytestmark = pytest.mark.slow
Serve = Callable[..., Served]
Enter = Callable[..., Person]
MARKS: Final = [
    {"mark": "1", "regions": ["femur_left"], "pattern": "focal"},
    {"mark": "2", "regions": ["ribs_left"], "pattern": "diffuse", "extent": 0.6},
    {"mark": "3", "regions": ["spine_lumbar", "sacrum"], "pattern": "focal"},
]
LINKS: Final = {"en": "Name the sites", "fr": "Nommer les sites", "zh": "对应病灶"}
ASK: Final = """async ([method, path, body]) => {
  const { csrf } = await (await fetch('/api/session')).json();
  const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf };
  const answer = await fetch('/api' + path, { method, headers, body: body === null ? null : JSON.stringify(body) });
  return [answer.status, await answer.json()];
}"""


def ask(person: Person, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Return status and answer of a request in the session of somebody."""
    status, answer = person.page.evaluate(ASK, [method, path, body])
    return status, answer


def lock_everything(person: Person) -> list[str]:
    """Lock the same three marks in every case of somebody, and show the worklist again; return the cases."""
    cases = [one["case"] for one in ask(person, "GET", "/worklist")[1]["cases"]]
    content = {"version": 0, "evaluable": True, "seconds": 1, "comment": None, "grades": [], "cleared": []}
    for case in cases:
        assert ask(person, "PUT", f"/reads/{case}", content | {"marks": MARKS})[0] == 200
    signed = {"password": password_of(person.account), "reads": [{"case": case, "version": 1} for case in cases]}
    assert ask(person, "POST", "/signatures", signed)[0] == 200
    person.page.reload()
    return cases


def begin(person: Person) -> list[str]:
    """Lock everything and open the first patient; return the cases."""
    person.page.get_by_role("row").nth(1).wait_for()
    cases = lock_everything(person)
    person.page.get_by_role("link", name=LINKS[person.language]).click()
    person.page.locator(".actions .main").click()
    person.page.locator(".chip").first.wait_for()
    return cases


def links_of(person: Person, patient: str) -> list[list[tuple[str, str | None, str | None]]]:
    """Return site, case and mark before of every mark, by scan."""
    scans = ask(person, "GET", f"/identity/{patient}")[1]["scans"]
    return [[(one["site"], one["from_case"], one["from_mark"]) for one in scan["marks"]] for scan in scans]


def test_a_reader_confirms_one_patient_and_changes_the_other(serve: Serve, enter: Enter) -> None:
    person = enter(serve(), "anne")
    page = person.page
    page.get_by_role("row").nth(1).wait_for()
    assert page.get_by_role("link", name="Name the sites").count() == 0, "not before all is locked"
    cases = lock_everything(person)
    expect(page.get_by_text("2 of 2 patients left")).to_be_visible()
    opened = [url for url in person.requests if re.search("/api/identity/", url)]
    page.goto(f"{person.url}/#/sites/P1")
    expect(page.get_by_text("none of your reads can be unlocked any more")).to_be_visible()
    assert opened == [], "a patient is opened after the warning only"
    assert ask(person, "POST", f"/reads/{cases[0]}/unlock", {"version": 2, "reason": "too early"})[0] == 200
    signed = {"password": password_of("anne"), "reads": [{"case": cases[0], "version": 3}]}
    assert ask(person, "POST", "/signatures", signed)[0] == 200

    page.get_by_role("button", name="Open the first patient").click()
    page.get_by_role("heading", name="Sites of P1").wait_for()
    expect(page.get_by_role("row")).to_have_count(4)
    assert [row.inner_text().split("\n")[0] for row in page.locator("tbody tr th").all()] == [
        "1 lumbar spine",
        "2 left ribs",
        "3 left femur",
    ]
    first, second = (scan["case"] for scan in ask(person, "GET", "/identity/P1")[1]["scans"])
    page.locator(f'[data-mark="{second} 2"]').click()
    page.keyboard.press("n")
    expect(page.get_by_role("row")).to_have_count(5)
    expect(page.locator(f'[data-mark="{second} 2"]')).to_be_focused()
    expect(page.get_by_text("Changed, not saved")).to_be_visible()
    assert links_of(person, "P1")[1][1] == (None, None, None), "nothing is saved before the reader confirms"
    page.keyboard.press("y")

    page.get_by_role("heading", name="Sites of P2").wait_for()
    assert links_of(person, "P1") == [
        [("femur_left", None, None), ("ribs_left", None, None), ("spine_lumbar", None, None)],
        [("femur_left", first, "1"), ("ribs_left 2", None, None), ("spine_lumbar", first, "3")],
    ]
    page.keyboard.press("y")
    expect(page.get_by_text("The sites of all patients are named.")).to_be_visible()
    page.get_by_role("link", name="P1").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(5)
    page.keyboard.press("Escape")
    expect(page.get_by_text("The sites of all patients are named.")).to_be_visible()
    page.get_by_role("link", name="Worklist").click()
    expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
    status, refusal = ask(person, "POST", f"/reads/{cases[1]}/unlock", {"version": 2, "reason": "too late"})
    assert (status, refusal["error"]) == (409, "revealed")


def test_sites_are_joined_and_parted_without_a_mouse(serve: Serve, enter: Enter) -> None:
    person = enter(serve(), "anne")
    page = person.page
    begin(person)
    rows = page.locator("tbody tr")
    for key in ("ArrowDown", "w", "2"):
        page.keyboard.press(key)
    expect(rows).to_have_count(2)
    assert page.locator(".chip[aria-pressed=true]").count() == 2
    page.keyboard.press("z")
    expect(rows).to_have_count(3)
    page.keyboard.press("Escape")
    for key in ("ArrowDown", "ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(rows.nth(1).locator(".chip")).to_have_count(3)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Sites of P1")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").get_by_role("button", name="Leave without saving").click()
    expect(page.get_by_text("2 of 2 patients left")).to_be_visible()


def test_a_row_is_joined_by_two_clicks(serve: Serve, enter: Enter) -> None:
    person = enter(serve(), "anne")
    begin(person)
    names = person.page.locator(".row-name")
    names.nth(2).click()
    names.nth(0).click()
    expect(person.page.locator("tbody tr")).to_have_count(2)


def test_another_window_and_a_session_that_ends(serve: Serve, enter: Enter) -> None:
    person = enter(serve(), "anne")
    page = person.page
    begin(person)
    assert ask(person, "PUT", "/identity/P1", {"version": 0, "links": []})[0] == 200
    page.keyboard.press("y")
    expect(page.get_by_text("saved in another window")).to_be_visible()
    page.context.clear_cookies()
    page.get_by_role("button", name="Keep mine").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(password_of("anne"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sites of P2").wait_for()
    assert links_of(person, "P1")[0][0] == ("femur_left", None, None)


def test_in_paired_order_nothing_is_named_afterwards(serve: Serve, enter: Enter) -> None:
    person = enter(serve(order="paired"), "anne")
    person.page.get_by_role("row").nth(1).wait_for()
    person.page.goto(f"{person.url}/#/sites")
    said = "Sites are named in blinded order, once all of your cases are locked"
    expect(person.page.get_by_role("alert")).to_contain_text(said)


@pytest.mark.parametrize("language", LINKS)
def test_axe_finds_nothing_serious_and_all_fits(serve: Serve, enter: Enter, language: str) -> None:
    person = enter(serve(), "anne", language)
    page = person.page
    page.get_by_role("row").nth(1).wait_for()
    lock_everything(person)
    page.get_by_role("link", name=LINKS[language]).click()
    page.locator(".actions .main").wait_for()
    assert find_faults(page) == []
    page.locator(".actions .main").click()
    page.locator(".chip").first.click()
    assert find_faults(page) == []
    size = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size[0] <= 1366
    assert size[1] <= 768
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for()
    assert find_faults(page) == []
