"""`make bench-reading`: what the page costs a reader, measured on one machine with Chromium in software rendering.

A server with simulated scans, a browser on loopback, every figure beside its limit; then a keystroke-level model with
the keys that were counted (`keystrokes.py`).
"""

import gzip
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from playwright.sync_api import sync_playwright

import keystrokes
from browser.conftest import ARGUMENTS, CHROMIUM, ROOM, Person, Served, add_accounts
from browser.studies import copy_unread, password_of, render_settings, write_scanned_study
from trial import Line, describe_machine, print_table, say

BUNDLE_KB, OPEN_MS, FRAME_MS = 120.0, 300.0, 40.0
FULL_KEYS, NORMAL_KEYS = 16, 4
OPENINGS, FRAMES = 10, 60
_MEASURE_FRAMES = """async (count) => {
  const pane = document.querySelector('.pane');
  const times = [];
  for (let place = 0; place < count; place++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const begun = performance.now();
    const deltaY = place % 2 ? 60 : -60;
    const at = { clientX: 200, clientY: 300, bubbles: true, cancelable: true };
    pane.dispatchEvent(new WheelEvent('wheel', { deltaY, ...at }));
    await new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = resolve;
      channel.port2.postMessage(0);
    });
    times.push(performance.now() - begun);
  }
  return times;
}"""


class Counter:
    """Presses keys and counts them."""

    def __init__(self, person: Person) -> None:
        self.person, self.keys = person, 0

    def press(self, key: str) -> None:
        self.keys += 1
        self.person.page.keyboard.press(key)

    def sign(self) -> None:
        """Type the password, which is no key of the reading, and sign."""
        dialog = self.person.page.get_by_role("dialog")
        dialog.locator("input[type=password]").fill(password_of(self.person.account))
        self.press("Enter")
        dialog.wait_for(state="detached")


def bundle_kb() -> float:
    """Return what a browser is sent of the page, compressed, in kB."""
    files = [path for path in ROOM.parent.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) / 1000


def time_openings(person: Person) -> list[float]:
    """Return how long it takes from the key to both views, in ms, once the list has fetched what comes next."""
    times = []
    for _ in range(OPENINGS):
        person.page.goto(f"{person.url}/#/")
        person.page.get_by_role("row").nth(1).wait_for()
        person.page.wait_for_timeout(1500)
        times.append(
            person.page.evaluate(
                """async () => {
                  const begun = performance.now();
                  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true }));
                  for (;;) {
                    await new Promise((resolve) => requestAnimationFrame(resolve));
                    const captions = [...document.querySelectorAll('.pane .caption')].filter((one) => one.textContent);
                    if (captions.length >= 2) return performance.now() - begun;
                    if (performance.now() - begun > 10000) return NaN;
                  }
                }"""
            )
        )
    return times


def count_full(person: Person) -> int:
    """Return the keys of a read of twelve segments."""
    counter = Counter(person)
    counter.press("Enter")
    person.page.get_by_role("spinbutton").first.wait_for()
    for digit in "012345601234":
        counter.press(digit)
    counter.press("l")
    counter.sign()
    return counter.keys


def count_normal(person: Person) -> int:
    """Return the keys of a follow-up on which nothing is left of what was there."""
    person.page.get_by_role("link", name="0001").click()
    person.page.locator("select[name=region]").select_option("femur_left")
    person.page.locator(".add-by-name button").click()
    Counter(person).press("l")
    Counter(person).sign()
    person.page.goto(f"{person.url}/#/")
    person.page.get_by_role("row").nth(2).wait_for()
    counter = Counter(person)
    counter.press("Enter")
    person.page.locator(".priors").wait_for()
    counter.press(".")
    counter.press("l")
    counter.sign()
    return counter.keys


def count_consensus(served: Served, enter: Callable[..., Person]) -> tuple[int, int]:
    """Return the number of differences and the keys of their consensus."""
    for account, regions in (("anne", ["femur_left", "sternum"]), ("bela", ["femur_left", "sacrum", "skull_vault"])):
        person = enter(served, account)
        for number in ("0001", "0002", "0003"):  # every reader has an order of their own
            person.page.goto(f"{person.url}/#/case/{number}")
            person.page.get_by_role("heading", name=number).wait_for()
            for region in regions:
                person.page.locator("select[name=region]").select_option(region)
                person.page.locator(".add-by-name button").click()
            Counter(person).press("l")
            Counter(person).sign()
    judge = enter(served, "judge")
    judge.page.get_by_role("row").nth(1).wait_for()
    counter = Counter(judge)
    counter.press("Enter")
    judge.page.locator(".differences li").first.wait_for()
    count = judge.page.locator(".differences li").count()
    for _ in range(count):
        counter.press("2")
    counter.press("l")
    counter.sign()
    return count, counter.keys - 1  # Enter in the dialog is the signature's


def main() -> int:
    """Measure and print everything; return 0 where every limit is met."""
    say(describe_machine())
    folder = Path(tempfile.mkdtemp(prefix="residuum-bench-"))
    scanned = write_scanned_study(folder / "scanned")
    running: list[Served] = []

    def serve(name: str, **reading: str) -> Served:
        served = Served(copy_unread(scanned, folder / name, render_settings(**reading)))
        running.append(served)
        served.start()
        add_accounts(served)
        return served

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))

        def enter(served: Served, account: str) -> Person:
            page: Any = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
            person = Person(page, served.url, account)
            person.sign_in()
            page.get_by_role("row").nth(1).wait_for()
            return person

        try:
            marks = serve("marks")
            anne = enter(marks, "anne")
            openings = time_openings(anne)
            frames = anne.page.evaluate(_MEASURE_FRAMES, FRAMES)
            full = count_full(enter(serve("grades", entry="grades"), "anne"))
            normal = count_normal(enter(serve("paired", order="paired"), "anne"))
            differences, consensus = count_consensus(serve("consensus"), enter)
        finally:
            browser.close()
            for one in running:
                one.stop()
    lines = [
        limit("page, compressed", bundle_kb(), BUNDLE_KB, "kB"),
        limit("next scan open, median", statistics.median(openings), OPEN_MS, "ms"),
        limit("grey levels to next frame, median", statistics.median(frames), FRAME_MS, "ms"),
        limit("keys: twelve segments", full, FULL_KEYS),
        limit("keys: normal follow-up", normal, NORMAL_KEYS),
        limit(f"keys: consensus of {differences} differences", consensus, differences + 2),
    ]
    print_table(lines)
    say(keystrokes.render({"full": full, "normal": normal, "consensus": 3 + 2}))
    return 0 if all(line.met for line in lines) else 1


def limit(name: str, value: float, most: float, unit: str = "") -> Line:
    """Return a line that is met up to its limit."""
    return Line(name, f"{value:.0f} {unit}".strip(), f"<= {most:.0f} {unit}".strip(), value <= most)


if __name__ == "__main__":
    began = time.monotonic()
    status = main()
    say(f"{time.monotonic() - began:.0f} s")
    sys.exit(status)
