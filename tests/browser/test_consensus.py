"""The consensus in the page: whom it follows, what is open before and after it is loaded again; three readers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from browser.client import Client
from browser.conftest import Person, Served
from browser.studies import password_of
from browser.test_page_for_everybody import find_faults

pytestmark = pytest.mark.slow
Serve = Callable[..., Served]
Enter = Callable[..., Person]
Talk = Callable[[Served, str], Client]

PLACE = {"image": "planar-anterior", "view": "anterior", "seen_on": ["planar_ant"]}


def mark(number: int, *regions: str, extent: float | None = None, y_mm: float | None = None) -> dict[str, Any]:
    """Return a mark, with a place on the anterior view where `y_mm` is given."""
    place = {} if y_mm is None else PLACE | {"x_mm": 250.0 + 30 * number, "y_mm": y_mm}
    pattern = "focal" if extent is None else "diffuse"
    return {"mark": str(number), "regions": list(regions), "pattern": pattern, "extent": extent, **place}


FIRST = {"marks": [mark(1, "femur_left", y_mm=900), mark(2, "pelvis_right", extent=0.6, y_mm=700), mark(3, "sternum")]}
SECOND = {"marks": [mark(1, "femur_left", y_mm=900), mark(2, "pelvis_right", y_mm=705), mark(3, "skull_vault")]}
"""They differ in the skull, the sternum and the pelvis."""


def lock_all(client: Client, said: dict[str, Any]) -> None:
    """Say the same of every case that is not locked."""
    for case in client.get("/worklist")["cases"]:
        if case["state"] != "locked":
            assert client.lock(case["case"], said).status_code == 200


def open_consensus(served: Served, enter: Enter, language: str = "en") -> Person:
    """Sign the adjudicator in and open the first case."""
    judge = enter(served, "judge", language)
    judge.page.get_by_role("row").nth(1).wait_for()
    judge.page.keyboard.press("Enter")
    judge.page.locator(".differences li").first.wait_for()
    return judge


def item(judge: Person, name: str) -> Any:
    """Return a difference by its name."""
    return judge.page.locator(".differences li").filter(has=judge.page.get_by_role("heading", name=name))


def pressed(judge: Person, name: str) -> list[str]:
    """Return the sides that a difference shows as followed."""
    texts = item(judge, name).locator("button[aria-pressed=true]").all_inner_texts()
    return [" ".join(text.split()) for text in texts]


def is_saved(judge: Person) -> None:
    """Wait until everything is saved."""
    judge.page.get_by_text("Saved", exact=True).wait_for()


def refuse_lock(judge: Person, count: int) -> None:
    """See that the lock tells how many differences are open, and asks for no password."""
    judge.page.keyboard.press("l")
    dialog = judge.page.get_by_role("dialog")
    expect(dialog.get_by_text(f"{count} still to be settled")).to_be_visible()
    assert dialog.get_by_label("Password").count() == 0
    judge.page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


def lock(person: Person, reason: tuple[str, str] | None = None) -> None:
    """Lock what is open; `reason` is the item for which one is asked, and what is given."""
    person.page.keyboard.press("l")
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(password_of(person.account))
    person.page.keyboard.press("Enter")
    if reason:
        dialog.get_by_label(f"Reason: {reason[0]}").fill(reason[1])
        assert dialog.get_by_label(re.compile("^Reason")).count() == 1
        person.page.keyboard.press("Enter")
    dialog.wait_for(state="detached")


def count_locked(client: Client) -> int:
    """Return how many cases are locked."""
    return [one["state"] for one in client.get("/worklist")["cases"]].count("locked")


def test_what_was_never_settled_is_open_after_a_reload_and_hinders_the_lock(
    serve: Serve, enter: Enter, talk: Talk
) -> None:
    served = serve()
    lock_all(talk(served, "anne"), FIRST)
    lock_all(talk(served, "bela"), SECOND)
    judge = open_consensus(served, enter)
    expect(judge.page.get_by_text("3 of 3 differences open")).to_be_visible()
    refuse_lock(judge, 3)
    judge.page.keyboard.press("1")  # no mark in the skull
    expect(judge.page.get_by_text("2 of 3 differences open")).to_be_visible()
    is_saved(judge)
    judge.page.reload()
    expect(judge.page.get_by_text("2 of 3 differences open")).to_be_visible()
    assert len(pressed(judge, "skull vault")) == 1
    assert pressed(judge, "sternum") == pressed(judge, "right pelvis") == []
    refuse_lock(judge, 2)

    again = open_consensus(served, enter)  # in another browser nobody knows that nothing was meant
    expect(again.page.get_by_text("3 of 3 differences open")).to_be_visible()
    again.page.keyboard.press("Escape")
    again.page.get_by_role("button", name="Sign drafts (1)").click()
    expect(again.page.get_by_text("Open it: only there is seen")).to_be_visible()
    assert again.page.get_by_role("dialog").get_by_role("checkbox").is_disabled()

    for name in ("sternum", "right pelvis"):
        item(judge, name).locator("button").first.click()
    expect(judge.page.get_by_text("0 of 3 differences open")).to_be_visible()
    lock(judge)
    assert count_locked(talk(served, "judge")) == 1


def test_three_differences_take_five_keys(serve: Serve, enter: Enter, talk: Talk) -> None:
    served = serve()
    lock_all(talk(served, "anne"), FIRST)
    lock_all(talk(served, "bela"), SECOND)
    judge = open_consensus(served, enter)
    for key in "121":
        judge.page.keyboard.press(key)
    lock(judge)  # with two keys
    done = talk(served, "judge").get("/worklist")["cases"][0]["case"]
    said = talk(served, "judge").get(f"/reads/{done}")["marks"]
    assert sorted(one["regions"][0] for one in said) == ["femur_left", "pelvis_right"]


def test_own_content_lets_the_reader_go_and_gives_its_reason_at_the_lock(
    serve: Serve, enter: Enter, talk: Talk
) -> None:
    served = serve()
    lock_all(talk(served, "anne"), FIRST)
    lock_all(talk(served, "bela"), SECOND)
    judge = open_consensus(served, enter)
    for key in "111":
        judge.page.keyboard.press(key)
    assert len(pressed(judge, "right pelvis")) == 1
    judge.page.locator("details summary").click()
    judge.page.get_by_role("button", name=re.compile("right pelvis · diffuse 60 %")).click()
    judge.page.get_by_role("button", name="30", exact=True).click()
    assert pressed(judge, "right pelvis") == []
    expect(item(judge, "right pelvis")).to_contain_text("own: diffuse 30 %")
    is_saved(judge)
    judge.page.reload()
    expect(item(judge, "right pelvis")).to_contain_text("own: diffuse 30 %")
    expect(judge.page.get_by_text("0 of 3 differences open")).to_be_visible()

    lock(judge, ("right pelvis", "a third of the wing, on both views"))
    assert count_locked(talk(served, "judge")) == 1


def test_nothing_can_be_said_where_both_have_something(serve: Serve, enter: Enter, talk: Talk) -> None:
    served = serve()
    lock_all(talk(served, "anne"), {"marks": [mark(1, "sternum")]})
    lock_all(talk(served, "bela"), {"marks": [mark(1, "sternum", extent=0.5)]})
    judge = open_consensus(served, enter)
    judge.page.keyboard.press("0")
    expect(judge.page.get_by_text("0 of 1 differences open")).to_be_visible()
    assert item(judge, "sternum").locator("button[aria-pressed=true]").inner_text().endswith("No reader: nothing")
    judge.page.keyboard.press("z")
    expect(judge.page.get_by_text("1 of 1 differences open")).to_be_visible()


def test_grades_stay_open_until_there_is_one(serve: Serve, enter: Enter, talk: Talk) -> None:
    served = serve(entry="grades")
    rest = ["skull", "thoracic_cage", "pelvis"]
    rest += [f"{limb}_limb_{side}" for limb in ("proximal_upper", "distal_upper", "proximal_lower", "distal_lower")
             for side in ("right", "left")]  # fmt: skip
    zeros = [{"system": "siopen", "segment": segment, "grade": 0} for segment in rest[1:]]
    for account, spine, skull in (("anne", 2, 0), ("bela", 4, 1)):
        given = [{"system": "siopen", "segment": "spine", "grade": spine}]
        given += [{"system": "siopen", "segment": "skull", "grade": skull}]
        lock_all(talk(served, account), {"marks": [], "grades": [*zeros, *given]})
    judge = open_consensus(served, enter)
    expect(judge.page.get_by_text("2 of 2 differences open")).to_be_visible()
    judge.page.keyboard.press("1")
    is_saved(judge)
    again = open_consensus(served, enter)  # a grade of 0 is a grade: another browser sees it as well
    expect(again.page.get_by_text("1 of 2 differences open")).to_be_visible()
    refuse_lock(again, 1)
    again.page.keyboard.press("ArrowDown")
    again.page.keyboard.press("2")
    expect(again.page.get_by_text("0 of 2 differences open")).to_be_visible()
    again.page.locator("details summary").click()
    again.page.get_by_role("button", name="spine: 3", exact=True).click()
    expect(again.page.locator(".differences")).to_contain_text("own: 3")


def test_a_third_reader_reads_without_the_others_and_is_a_third_side(serve: Serve, enter: Enter, talk: Talk) -> None:
    served = serve(readers=3)
    lock_all(talk(served, "anne"), FIRST)
    lock_all(talk(served, "bela"), SECOND)
    assert talk(served, "judge").get("/worklist")["cases"] == []
    carl = enter(served, "carl")
    answers: list[str] = []
    carl.page.on("response", lambda answer: answers.append(answer.url))
    carl.page.get_by_role("row").nth(1).wait_for()
    carl.page.keyboard.press("Enter")
    for _ in range(3):  # the next case is opened by the lock of the one before
        carl.page.get_by_text("No mark yet").wait_for()
        assert carl.page.locator(".differences").count() == 0
        carl.page.get_by_label("Add by name").select_option("left femur")
        carl.page.get_by_role("button", name="Add", exact=True).click()
        carl.page.get_by_label("Add by name").select_option("right pelvis")
        carl.page.get_by_role("button", name="Add", exact=True).click()
        carl.page.keyboard.press("2")
        is_saved(carl)
        lock(carl)
    carl.page.get_by_role("heading", name="Worklist").wait_for()
    assert not any("differences" in one for one in answers)

    judge = open_consensus(served, enter)
    assert item(judge, "right pelvis").locator("button").count() == 4
    assert find_faults(judge.page) == []
    for key in "13":
        judge.page.keyboard.press(key)
    assert len(pressed(judge, "sternum")) == 2, "the second and the third see nothing there"
    judge.page.keyboard.press("3")
    assert "Reader 3 diffuse 20 %" in pressed(judge, "right pelvis")[0]
    expect(judge.page.get_by_text("0 of 3 differences open")).to_be_visible()
    lock(judge)
    assert count_locked(talk(served, "judge")) == 1, "who follows a reader gives no reason"


def test_a_scan_that_is_not_evaluable_shows_no_totals_and_no_segments(serve: Serve, enter: Enter, talk: Talk) -> None:
    served = serve()
    lock_all(talk(served, "anne"), FIRST)
    lock_all(talk(served, "bela"), {"evaluable": False, "marks": []})
    judge = open_consensus(served, enter)
    assert item(judge, "sternum").get_by_text("says nothing here").count() == 1
    judge.page.keyboard.press("2")
    expect(judge.page.locator(".totals")).to_have_text("Not evaluable")
    assert judge.page.locator(".differences li").count() == 1
    judge.page.keyboard.press("1")
    expect(judge.page.get_by_text("0 of 4 differences open")).to_be_visible()
    expect(judge.page.locator(".totals")).to_contain_text("SIOPEN")

    graded = enter(serve(entry="grades"), "anne")
    graded.page.get_by_role("row").nth(1).wait_for()
    graded.page.keyboard.press("Enter")
    graded.page.get_by_role("spinbutton").first.wait_for()
    graded.page.keyboard.press("e")
    graded.page.get_by_text("The scan is not evaluable.").wait_for()
    expect(graded.page.locator(".totals")).to_have_text("Not evaluable")
    assert graded.page.get_by_role("spinbutton").count() == 0
