"""The page for readers tells of every key, as the program has it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_key_stands_in_the_table() -> None:
    source = (ROOT / "frontend" / "src" / "keys" / "commands.ts").read_text("utf-8")
    block = source.split("export const COMMANDS = {")[1].split("} as const")[0]
    commands = dict(re.findall(r'^  "?([\w.]+)"?: "([^"]+)",', block, re.MULTILINE))
    told: dict[str, str] = {}
    for line in (ROOT / "docs" / "reading-room.md").read_text("utf-8").splitlines():
        cells = [re.findall(r"`([^`]+)`", cell) for cell in line.split("|")[1:3]]
        if line.startswith("| `"):
            told |= dict(zip(*cells, strict=True))
    assert told == commands
