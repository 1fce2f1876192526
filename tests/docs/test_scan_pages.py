"""The pages on scans name every flag, every refusal, every command and option."""

import re
from pathlib import Path

import click
import pytest

from residuum.cli.app import app
from residuum.cli.scan import COMMANDS
from residuum.intake.scans.refusals import REFUSALS
from residuum.records.image_flags import FLAGS

DOCS = Path(__file__).parents[2] / "docs"
SCANS = (DOCS / "scans.md").read_text("utf-8")
RESULTS = (DOCS / "scan-results.md").read_text("utf-8")
CONSEQUENCE = {"nothing": "nothing", "measuring": "not measured", "reading": "**not imported**"}


@pytest.mark.unit
def test_every_flag_stands_on_the_page_with_what_follows() -> None:
    rows = [f"| `{name}` | {flag.meaning} | {CONSEQUENCE[flag.refuses]} |" for name, flag in FLAGS.items()]
    assert [row for row in rows if row not in SCANS] == []


@pytest.mark.unit
def test_every_refusal_stands_on_the_page_with_its_cure() -> None:
    rows = [f"| `{rule}` | {message} | {cure} |" for rule, (message, cure) in REFUSALS.items()]
    assert [row for row in rows if row not in SCANS] == []
    named = set(re.findall(r"^\| `(scan\.\w+)`", SCANS, re.MULTILINE))
    assert named == set(REFUSALS)


@pytest.mark.unit
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_stands_on_the_pages(command: str) -> None:
    assert f"residuum scan {command}" in SCANS + RESULTS
    group = app.get_command(click.Context(app), "scan")
    assert isinstance(group, click.Group)
    found = group.get_command(click.Context(group), command)
    assert found is not None
    options = [name for one in found.params for name in one.opts if name.startswith("--")]
    assert [name for name in options if name not in SCANS + RESULTS] == []
