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


def picture(browser: str, url: str, folder: Path, name: str) -> np.ndarray:
    from matplotlib.image import imread

    target = folder / f"{name}.png"
    profile = f"--user-data-dir={folder / name}"
    command = [browser, *OFFLINE, profile, f"--screenshot={target}", url]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return imread(target)[..., :3]


@pytest.mark.slow
@pytest.mark.unit
def test_a_number_opens_its_patients_without_script(browser: str, page: str, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text(page, "utf-8")
    whole = picture(browser, report.as_uri(), tmp_path, "whole")
    assert whole.shape[1] == 1366
    assert np.unique((whole * 255).astype(np.uint8).reshape(-1, 3), axis=0).shape[0] > 50
    link = re.search(r'href="#(s\d+)"', page)
    assert link is not None
    opened = picture(browser, f"{report.as_uri()}#{link[1]}", tmp_path, "opened")
    assert not np.array_equal(whole, opened)
