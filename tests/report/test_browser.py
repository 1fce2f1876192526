"""The report in a real browser, without network: it is drawn, and a number opens the list of its patients."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

OFFLINE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1366,900",
)


@pytest.fixture(scope="session")
def browser() -> str:
    """The path of Chromium. Without it the test is skipped; where CI is set it fails."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is needed (Debian: chromium)")
        pytest.skip("Chromium is needed (Debian: chromium)")
    return found


def picture(browser: str, report: Path, fragment: str) -> np.ndarray:
    """The report at a fragment as the browser draws it, colours 0 to 255 (height, width, 3).

    It stands in a frame, since a headless picture of a page that has scrolled is blank.
    """
    from matplotlib.image import imread

    folder = report.parent / f"at-{fragment}"
    folder.mkdir()
    frame = folder / "frame.html"
    style = "border:0;width:1366px;height:900px"
    frame.write_text(f'<body style="margin:0"><iframe src="{report.as_uri()}#{fragment}" style="{style}"></iframe>')
    target = folder / "picture.png"
    command = [browser, *OFFLINE, f"--user-data-dir={folder / 'profile'}", f"--screenshot={target}", frame.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return np.rint(imread(target)[..., :3] * 255).astype(np.uint8)


@pytest.mark.slow
@pytest.mark.unit
def test_a_number_opens_its_patients_without_script(browser: str, page: str, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text(page, "utf-8")
    link = re.search(r'href="#(s\d+)"', page)
    assert link is not None
    closed, opened = picture(browser, report, "summary"), picture(browser, report, link[1])
    for drawn in (closed, opened):
        assert np.unique(drawn.reshape(-1, 3), axis=0).shape[0] > 50
    frame_of_an_open_list = np.array([0xF0, 0xB9, 0x3A])
    assert not (closed == frame_of_an_open_list).all(axis=2).any()
    widest = (opened == frame_of_an_open_list).all(axis=2).sum(axis=1).max()
    assert widest > 800
