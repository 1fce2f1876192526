"""Thousands of damaged objects: each is read or refused, quickly, in little memory, and its names stay behind.

`RESIDUUM_FUZZ` says how many, `RESIDUUM_FUZZ_SEED` which; a failure names the one mutant that it comes from.
"""

import json
import os
import struct
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import mutations
import pytest

import scan_objects
from residuum.intake.scans.limited.child import ScanChild
from residuum.intake.scans.privacy.copying import Copied, CopyPlan
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import IMAGE_KINDS, Facts

pytestmark = pytest.mark.slow
MUTANTS: Final = int(os.environ.get("RESIDUUM_FUZZ") or (2000 if os.environ.get("CI") else 300))
SEED: Final = os.environ.get("RESIDUUM_FUZZ_SEED", "20150317")
LARGEST_SECONDS, LARGEST_BYTES = 5, 500e6
KILLED: Final = ("scan.crash", "scan.too_slow", "scan.too_much_memory")
SOUND: Final = scan_objects.written(scan_objects.ct()[0])


@dataclass
class Tally:
    """What became of mutants."""

    rules: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    largest_bytes: int = 0
    starts: int = 0
    killed: list[str] = field(default_factory=list)


def attack(own: list[bytes], bundled: list[bytes], numbers: range) -> Tally:
    found = Tally()
    with ScanChild() as child:
        child.look(SOUND)
        for number in numbers:
            name = f"{SEED}:{number}"
            _try(child, mutations.mutate(own, bundled, name), name, found)
        found.largest_bytes, found.starts = child.largest_bytes, child.starts
    return found


def _try(child: ScanChild, data: bytes, name: str, tally: Tally) -> None:
    began = time.monotonic()
    try:
        facts = child.look(data)
        tally.rules["read"] += 1
        _check_facts(facts, name)
        if facts.kind in IMAGE_KINDS:
            began = time.monotonic()
            _check_copy(child.copy(data, _plan(facts)), name)
            tally.rules["copied"] += 1
    except ScanError as refused:
        # Anything else fails the test: nothing but a ScanError may escape.
        tally.rules[refused.rule] += 1
        _check_silent(f"{refused} {refused.words} {refused.at('place')}".encode(), name)
        if refused.rule in KILLED:
            tally.killed.append(f"{refused.rule} {name}")
    seconds = time.monotonic() - began
    assert seconds < LARGEST_SECONDS, f"mutant {name} took {seconds:.1f} s"
    tally.slowest_seconds = max(tally.slowest_seconds, seconds)
    if child.starts > 1 and tally.killed and tally.killed[-1].endswith(name):
        # The child that comes after reads again; its start is not counted as part of the next mutant.
        assert child.look(SOUND).kind == "ct"


def _plan(facts: Facts) -> CopyPlan:
    asked = facts.frames if facts.kind in ("planar", "spot") else ()
    views = {frame.number: (frame.view or "anterior", frame.left_at or "left") for frame in asked}
    return CopyPlan(secret="5e" * 32, patient="P1", day=3, views=views)


def _check_facts(facts: Facts, name: str) -> None:
    # Identity is what the key needs; it leaves the process for the key folder only.
    told = {key: value for key, value in facts.to_json().items() if key != "identity"}
    _check_silent(json.dumps(told).encode(), name)


def _check_copy(copied: Copied, name: str) -> None:
    # Mutants may hold pieces of a header among their pixels, which a copy keeps bit for bit.
    header, _, _ = copied.data.partition(struct.pack("<HH", 0x7FE0, 0x0010))
    _check_silent(header, name)
    assert copied.data[:132] == bytes(128) + b"DICM"


def _check_silent(told: bytes, name: str) -> None:
    assert not any(part in told.lower() for part in mutations.PARTS), f"mutant {name} tells a name"


def test_mutants_are_read_or_refused_and_tell_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    own, bundled = mutations.make_own(), mutations.read_bundled()
    monkeypatch.chdir(tmp_path)
    began = time.monotonic()
    # Two children keep two processors busy.
    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(lambda first: attack(own, bundled, range(first, MUTANTS, 2)), range(2)))
    seconds = time.monotonic() - began
    rules = sum((half.rules for half in halves), Counter[str]())
    print(
        f"\n{MUTANTS:,} mutants of {len(own)} + {len(bundled)} objects, seed {SEED}, {seconds:.0f} s: "
        f"{dict(rules.most_common())}; slowest {max(half.slowest_seconds for half in halves):.2f} s, "
        f"largest child {max(half.largest_bytes for half in halves) / 1e6:.0f} MB, "
        f"{sum(half.starts for half in halves)} starts; killed: {[one for half in halves for one in half.killed]}"
    )
    assert max(half.largest_bytes for half in halves) < LARGEST_BYTES
    # The attack reaches every stage.
    assert rules["read"] > MUTANTS / 20
    assert rules["copied"] > MUTANTS / 40
    assert rules["scan.damaged"] > MUTANTS / 20
    assert not list(tmp_path.iterdir())


def test_unharmed_objects_are_read_and_tell_no_name() -> None:
    """The names that must not be found are there, and what is attacked can be read."""
    own, bundled = mutations.make_own(), mutations.read_bundled()
    assert all(any(part in data.lower() for part in mutations.PARTS) for data in own)
    assert len(bundled) > 30
    tally = Tally()
    with ScanChild() as child:
        child.look(SOUND)
        for number, data in enumerate(own):
            _try(child, data, f"own {number}", tally)
        assert tally.rules == {"read": len(own), "copied": len(own)}
        for number, data in enumerate(bundled):
            _try(child, data, f"bundled {number}", tally)
    assert not tally.killed


def test_a_leak_would_be_found() -> None:
    leaked = Copied(bytes(128) + b"DICM...QUISQUILIA" + struct.pack("<HH", 0x7FE0, 0x0010), {})
    with pytest.raises(AssertionError, match="tells a name"):
        _check_copy(leaked, "made by hand")
