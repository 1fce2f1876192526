"""Finished parts of a sweep: kept, found again, refused where they belong elsewhere."""

import json
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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"x": 1.0', b'"x": 231.2'),
        (b'"x": 1.0', b'"x": 1'),
        (b'"x": 1.0', b'"x": NaN'),
        (b'"x": 1.0', b'"y": 1.0'),
        (b'"key": "a"', b'"key": "c"'),
        (b'"key": "a"', b'"key": ["a"]'),
        (b'"key": "a"', b'"key": "\\ud800"'),
        (b'"pair": [1, 2]', b'"pair": "\xff"'),
        (b'"sha256"', b'"sha"'),
        (b'"pair": [1, 2]', b'"pair": ' + b"[" * 100_000),
    ],
)
@pytest.mark.parametrize("line", [1, 3])
def test_a_changed_line_is_refused_even_where_it_is_json(tmp_path: Path, old: bytes, new: bytes, line: int) -> None:
    file = tmp_path / "parts.jsonl"
    with Checkpoints(file, MARK) as kept:
        for key in ("a", "b") if line == 1 else ("b", "c2", "a"):
            kept.add(key, {"x": 1.0, "pair": (1, 2)})
    lines = file.read_bytes().splitlines(keepends=True)
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new)
    file.write_bytes(b"".join(lines))
    with pytest.raises(CallError, match=f"line {line + 1} is damaged .*delete the file and run again"):
        Checkpoints(file, MARK)


@pytest.mark.parametrize("line", [b"[]", b"null", b"5", b"{}", b""])
def test_a_line_that_is_no_part_is_refused(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "parts.jsonl"
    write(file, a=1.0)
    file.write_bytes(file.read_bytes() + line + b"\n")
    with pytest.raises(CallError, match="line 3 is damaged"):
        Checkpoints(file, MARK)


def test_a_line_of_another_sweep_is_refused(tmp_path: Path) -> None:
    file, other = tmp_path / "parts.jsonl", tmp_path / "other.jsonl"
    write(file, a=1.0)
    with Checkpoints(other, fingerprint({"id": "b"})) as kept:
        kept.add("a", {"x": 1.0, "pair": (1, 2)})
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0] + other.read_bytes().splitlines(keepends=True)[1])
    with pytest.raises(CallError, match="line 2 is damaged"):
        Checkpoints(file, MARK)


def test_a_file_without_hashes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "parts.jsonl"
    head, part = {"format": 1, "sweep": MARK}, {"key": "a", "value": {"x": 1.0}}
    file.write_text(f"{json.dumps(head)}\n{json.dumps(part)}\n")
    with pytest.raises(CallError, match="another version of Residuum"):
        Checkpoints(file, MARK)


def test_without_a_file_nothing_is_kept() -> None:
    with Checkpoints(None, MARK) as kept:
        kept.add("a", {"x": 1})
        assert kept.done == {"a": {"x": 1}}
