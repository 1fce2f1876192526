"""Finished parts of a sweep: kept, found again, refused where they belong elsewhere."""

from pathlib import Path

import pytest

from residuum.records.errors import CallError
from residuum.steps.checkpoints import Checkpoints, fingerprint

pytestmark = pytest.mark.unit
MARK = fingerprint({"id": "a"}, {"seed": 1})


def write(path: Path, **parts: float) -> None:
    with Checkpoints(path, MARK) as kept:
        for key, value in parts.items():
            kept.add(key, {"x": value, "pair": (1, 2)})


def test_what_is_kept_is_found_again_to_the_last_digit(tmp_path: Path) -> None:
    file = tmp_path / "new" / "parts.jsonl"
    write(file, a=0.1 + 0.2, b=1 / 3)
    with Checkpoints(file, MARK) as kept:
        assert kept.done == {"a": {"x": 0.1 + 0.2, "pair": [1, 2]}, "b": {"x": 1 / 3, "pair": [1, 2]}}
        kept.add("c", {"pair": (1, 2)})
        assert kept.done["c"] == {"pair": [1, 2]}  # as the file gives it, resumed or not
    assert len(file.read_bytes().splitlines()) == 4


def test_every_place_at_which_a_file_can_be_cut_short_is_tolerated(tmp_path: Path) -> None:
    file = tmp_path / "parts.jsonl"
    write(file, a=1.0, b=2.0)
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with Checkpoints(file, MARK) as kept:
            missing = [key for key in ("a", "b") if key not in kept.done]
            for key in missing:
                kept.add(key, {"x": {"a": 1.0, "b": 2.0}[key], "pair": (1, 2)})
        assert file.read_bytes() == whole


def test_parts_of_another_design_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "parts.jsonl"
    write(file, a=1.0)
    before = file.read_bytes()
    for other in (fingerprint({"id": "b"}, {"seed": 1}), fingerprint({"id": "a"}, {"seed": 2})):
        with pytest.raises(CallError, match="another design, other settings"):
            Checkpoints(file, other)
    assert file.read_bytes() == before
    file.write_text("something else\n")
    with pytest.raises(CallError, match="another design"):
        Checkpoints(file, MARK)


def test_a_damaged_line_in_the_middle_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "parts.jsonl"
    write(file, a=1.0, b=2.0)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + b"{broken\n" + lines[2])
    with pytest.raises(CallError, match="line 2 is damaged"):
        Checkpoints(file, MARK)


def test_without_a_file_nothing_is_kept() -> None:
    with Checkpoints(None, MARK) as kept:
        kept.add("a", {"x": 1})
        assert kept.done == {"a": {"x": 1}}
