"""Whole journeys through the page, by what is written on it: reading, consensus, result, and what may go wrong."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from browser.conftest import Enter, Person, Served
from browser.studies import PEOPLE, password_of

pytestmark = pytest.mark.slow
Serve = Callable[..., Served]


def open_case(person: Person, number: int) -> None:
    """Open a case from the worklist."""
    person.page.get_by_role("link", name=re.compile(f"^0*{number}$")).click()
    person.page.get_by_role("heading", name=re.compile(f"Case 0*{number}")).wait_for()


def mark_by_name(person: Person, region: str) -> None:
    """Add a mark from the list of regions."""
    person.page.get_by_label("Add by name").select_option(region)
    person.page.get_by_role("button", name="Add", exact=True).click()


def click_on(person: Person, view: str, across: float, down: float) -> None:
    """Click on a view at shares of its width and height."""
    pane = person.page.get_by_label(f"whole body, {view}", exact=True)
    box = pane.bounding_box()
    pane.click(position={"x": across * box["width"], "y": down * box["height"]})


def lock(person: Person) -> None:
    """Lock what is open with the key and the password."""
    person.page.keyboard.press("l")
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(password_of(person.account))
    person.page.keyboard.press("Enter")
    dialog.wait_for(state="detached")


def has_total(person: Person, siopen: int) -> None:
    """Wait until a total stands above the images and everything is saved."""
    expect(person.page.locator(".totals")).to_have_text(re.compile(rf"SIOPEN {siopen}(\D|$)"))
    person.page.get_by_text("Saved", exact=True).wait_for()


def open_worklist(person: Person) -> None:
    """Wait for the list of cases."""
    person.page.get_by_role("heading", name="Worklist").wait_for()
    person.page.get_by_role("row").nth(1).wait_for()


def test_two_blinded_readers_an_adjudicator_and_the_result(serve: Serve, enter: Enter) -> None:
    served = serve()
    anne, bela = enter(served, "anne"), enter(served, "bela")
    answers: list[str] = []
    for person in (anne, bela):
        person.page.on("response", lambda answer: answers.append(_text(answer)))
    for person, extra in ((anne, None), (bela, "right humerus")):
        open_worklist(person)
        person.page.keyboard.press("Enter")
        for place in range(3):
            person.page.get_by_role("heading", name=re.compile("^Case")).wait_for()
            mark_by_name(person, "left femur")
            if extra and place == 0:
                mark_by_name(person, extra)
            has_total(person, 2 if extra and place == 0 else 1)
            lock(person)
        person.page.get_by_role("heading", name="Worklist").wait_for()
    while_reading = [one for one in answers if not one.startswith(f"{served.url}/api/identity ")]  # asked for after it
    assert not any("SECRET" in one or '"P1"' in one or "diagnosis" in one for one in while_reading), "blinded"

    judge = enter(served, "judge")
    open_worklist(judge)
    judge.page.keyboard.press("Enter")
    judge.page.get_by_role("heading", name="Consensus").wait_for()
    assert judge.page.get_by_text("1 of 1 differences open").is_visible()
    judge.page.keyboard.press("2")
    has_total(judge, 2)
    lock(judge)

    manager = enter(served, "manager")
    manager.page.get_by_role("button", name="Analyse what is locked").click()
    manager.page.get_by_role("link", name="Open the whole report").wait_for(timeout=90_000)
    assert manager.page.get_by_role("row", name=re.compile("^source population 2")).is_visible()
    with manager.page.context.expect_page() as opened:
        manager.page.get_by_role("link", name="Open the whole report").click()
    opened.value.get_by_text("Research software").first.wait_for()


def test_a_click_on_an_image_marks_and_proposes_a_region(serve: Serve, enter: Enter) -> None:
    person = enter(serve(), "anne")
    open_worklist(person)
    person.page.keyboard.press("Enter")
    person.page.get_by_label("whole body, anterior", exact=True).wait_for()
    person.page.get_by_text("upper level").first.wait_for()
    click_on(person, "anterior", 0.5, 0.12)
    first = person.page.get_by_role("button", name=re.compile("^1 ")).first
    expect(first).to_have_text(re.compile("skull|face"))  # once the server has found the body
    person.page.keyboard.press("5")
    assert "diffuse 50 %" in first.inner_text()
    person.page.keyboard.press("d")
    assert "focal" in first.inner_text()
    person.page.keyboard.press("z")
    person.page.keyboard.press("z")
    assert "focal" in first.inner_text()
    person.page.keyboard.press("Delete")
    assert person.page.get_by_text("No mark yet").is_visible()
    person.page.get_by_label("whole body, posterior", exact=True).focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        person.page.keyboard.press(key)
    person.page.get_by_role("heading", name="Marks (1)").wait_for()


def test_where_no_region_is_proposed_it_is_asked_for(serve: Serve, enter: Enter) -> None:
    person = enter(serve(), "anne")
    page = person.page
    asked = page.get_by_text("Which region is it?")
    page.route("**/regions", lambda route: route.abort())
    open_worklist(person)
    page.keyboard.press("Enter")
    page.get_by_text("upper level").first.wait_for()
    for down in (0.1, 0.3, 0.5):
        click_on(person, "anterior", 0.5, down)
    asked.wait_for()
    page.keyboard.press("Delete")
    page.keyboard.press("l")
    assert page.get_by_role("dialog").count() == 0, "no lock while something is asked"
    mark_by_name(person, "skull vault")
    assert asked.is_visible()
    mark_by_name(person, "sternum")
    asked.wait_for(state="detached")
    has_total(person, 2)
    marks = page.get_by_role("heading", name="Marks (2)")
    marks.wait_for()
    page.reload()
    marks.wait_for()


def test_a_follow_up_confirms_and_clears_what_was_there(serve: Serve, enter: Enter) -> None:
    served = serve(order="paired")
    person = enter(served, "anne")
    rows = person.page.get_by_role("row")
    rows.nth(1).wait_for()
    cases = [row for row in rows.all() if "P1" in row.inner_text()]
    assert len(cases) == 2
    numbers = [int(re.search(r"\d+", row.inner_text())[0]) for row in cases]  # type: ignore[index]
    open_case(person, numbers[0])
    person.page.get_by_text("upper level").first.wait_for()
    click_on(person, "anterior", 0.5, 0.12)
    person.page.get_by_role("heading", name="Marks (1)").wait_for()
    mark_by_name(person, "left femur")
    has_total(person, 2)
    lock(person)
    person.page.goto(f"{served.url}/#/")
    open_case(person, numbers[1])
    person.page.get_by_text("2 to confirm or clear").wait_for()
    person.page.get_by_text("Dotted rings are computed from the earlier scan").wait_for()
    assert person.page.get_by_label(re.compile("earlier scan")).count() == 2
    person.page.keyboard.press("l")
    dialog = person.page.get_by_role("dialog")
    assert dialog.get_by_label("Password").count() == 0, "no lock with proposals pending"
    person.page.keyboard.press("Escape")
    person.page.keyboard.press("y")
    person.page.keyboard.press(".")
    person.page.get_by_text("all settled").wait_for()
    has_total(person, 1)
    read = person.page.evaluate(
        "number => fetch(`/api/reads/${number}`).then((answer) => answer.json())", f"{numbers[1]:04}"
    )
    [mark] = read["marks"]
    assert (mark["from_case"], mark["from_mark"], mark["view"]) == (f"{numbers[0]:04}", "1", "anterior")
    assert mark["x_mm"] is not None, "the place is carried over, although the case was fetched before there was a mark"
    lock(person)


def test_a_score_pass_takes_few_keys(serve: Serve, enter: Enter) -> None:
    person = enter(serve(entry="grades"), "anne")
    open_worklist(person)
    keys = 0

    def press(key: str) -> None:
        nonlocal keys
        keys += 1
        person.page.keyboard.press(key)

    press("Enter")
    person.page.get_by_role("spinbutton", name="skull").wait_for()
    for digit in "012345601234":
        press(digit)
    has_total(person, 31)
    press("l")
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(password_of("anne"))
    press("Enter")
    dialog.wait_for(state="detached")
    assert keys <= 16
    person.page.get_by_role("spinbutton", name="skull").wait_for()
    person.page.keyboard.press("x")
    person.page.keyboard.press(".")
    expect(person.page.locator(".totals")).to_contain_text("n/a")
    person.page.get_by_text("Saved", exact=True).wait_for()
    lock(person)


def test_a_wrong_password_and_a_session_that_ends_in_mid_read(serve: Serve, enter: Enter) -> None:
    served = serve()
    person = enter(served, "anne", signed_in=False)
    person.sign_in("wrong")
    person.page.get_by_role("alert").wait_for()
    person.sign_in()
    open_worklist(person)
    person.page.keyboard.press("Enter")
    mark_by_name(person, "sternum")
    has_total(person, 1)
    person.page.context.clear_cookies()
    mark_by_name(person, "sacrum")
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(password_of("anne"))
    person.page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    has_total(person, 2)
    person.page.reload()
    person.page.get_by_role("heading", name="Marks (2)").wait_for()


def test_a_server_that_starts_again_loses_nothing(serve: Serve, enter: Enter) -> None:
    served = serve()
    person = enter(served, "anne")
    open_worklist(person)
    person.page.keyboard.press("Enter")
    mark_by_name(person, "sternum")
    has_total(person, 1)
    served.stop(kill=True)
    mark_by_name(person, "sacrum")
    mark_by_name(person, "left foot")
    person.page.get_by_text("Not saved").wait_for()
    served.start()
    has_total(person, 3)
    person.page.reload()
    person.page.get_by_role("heading", name="Marks (3)").wait_for()


def _text(answer: Any) -> str:
    kind = answer.headers.get("content-type", "")
    return f"{answer.url} {answer.headers} {answer.text() if 'json' in kind else ''}"


def test_every_account_signs_in(serve: Serve, enter: Enter) -> None:
    served = serve()
    for account in PEOPLE:
        person = enter(served, account)
        person.page.get_by_role("button", name="Sign out").click()
        person.page.get_by_label("Name").wait_for()
