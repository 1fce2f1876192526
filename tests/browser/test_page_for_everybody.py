"""The page in three languages, for everybody: axe finds nothing serious, keys suffice, small and large screens."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from browser.conftest import Enter, Served

pytestmark = pytest.mark.slow
Serve = Callable[..., Served]
AXE: Final = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS: Final = ("serious", "critical")
WORKLISTS: Final = {"en": "Worklist", "fr": "Liste de travail", "zh": "工作列表"}


def find_faults(page: Any) -> list[str]:
    """Return what axe calls serious, with the places."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (make web)")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("language", WORKLISTS)
def test_axe_finds_nothing_serious_in_any_language(serve: Serve, enter: Enter, language: str) -> None:
    served = serve()
    person = enter(served, "anne", language, signed_in=False)
    page = person.page
    page.goto(served.url)
    page.locator("form").wait_for()
    assert find_faults(page) == []
    person.sign_in()
    page.get_by_role("heading", name=WORKLISTS[language]).wait_for()
    assert page.evaluate("document.documentElement.lang") == language
    assert find_faults(page) == []
    page.keyboard.press("Enter")
    page.locator(".pane .caption").first.wait_for()
    page.locator(".add-by-name button").click()
    assert find_faults(page) == []
    page.keyboard.press("l")
    page.get_by_role("dialog").wait_for()
    assert find_faults(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    assert find_faults(page) == []


def test_grades_and_the_study_page_are_for_everybody_too(serve: Serve, enter: Enter) -> None:
    served = serve(entry="grades")
    person = enter(served, "anne")
    person.page.get_by_role("row").nth(1).wait_for()
    person.page.keyboard.press("Enter")
    person.page.get_by_role("spinbutton").first.wait_for()
    assert find_faults(person.page) == []
    manager = enter(served, "manager")
    manager.page.get_by_role("row").nth(1).wait_for()
    assert find_faults(manager.page) == []


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (3840, 2160)])
def test_everything_fits_small_and_large_screens(serve: Serve, enter: Enter, width: int, height: int) -> None:
    person = enter(serve(), "anne", viewport={"width": width, "height": height})
    page = person.page
    page.get_by_role("row").nth(1).wait_for()
    page.keyboard.press("Enter")
    page.locator(".pane .caption").first.wait_for()
    size = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size[0] <= width
    assert size[1] <= height
    lock = page.get_by_role("button", name="Lock").bounding_box()
    assert lock["y"] + lock["height"] <= height
    for pane in page.locator(".pane").all():
        assert pane.bounding_box()["height"] > 0.8 * height


def test_digits_go_by_place_on_a_french_keyboard_and_letters_through_an_input_method(
    serve: Serve, enter: Enter
) -> None:
    person = enter(serve(entry="grades"), "anne", "fr")
    page = person.page
    page.get_by_role("row").nth(1).wait_for()
    page.keyboard.press("Enter")
    first = page.get_by_role("spinbutton").first
    first.wait_for()
    press = "(init) => document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, ...init }))"
    page.evaluate(press, {"key": "é", "code": "Digit2"})
    assert first.get_attribute("aria-valuenow") == "2"
    page.evaluate(press, {"key": "Process", "code": "KeyX"})
    assert page.get_by_role("spinbutton").nth(1).get_attribute("aria-valuetext") == "non évaluable"
