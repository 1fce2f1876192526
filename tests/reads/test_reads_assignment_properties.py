"""What holds for every assignment of cases."""

import math
from collections import Counter
from typing import Any

import polars as pl
import pytest
from given_scans import PAIR, THREE, names, reading, scans
from hypothesis import given
from hypothesis import strategies as st

from residuum.reads.assignment import derive_assignments

READING = st.fixed_dictionaries(
    {
        "design": st.sampled_from(["independent", "single", "consensus"]),
        "order": st.sampled_from(["blinded", "paired"]),
        "seed": st.integers(0, 2**70),
        "repeat_share": st.floats(0, 1),
        "training": st.lists(st.sampled_from(names(12)), max_size=4).map(tuple),
        "readers": st.sampled_from([("anne",), PAIR, THREE]),
    }
)


@pytest.mark.property
@given(READING, st.integers(0, 45), st.integers(1, 4))
def test_every_scan_is_read_as_the_design_says(settings: dict[str, Any], count: int, per_patient: int) -> None:
    chosen = reading(**settings)
    assigned = derive_assignments(scans(count, per_patient), chosen)
    training = {scan for scan in chosen.training if scan in names(count)}
    main = assigned.filter(occasion="main")
    readers = {"independent": min(2, len(chosen.readers)), "single": 1, "consensus": 1}[chosen.design]
    assert Counter(main["scan"]) == dict.fromkeys(set(names(count)) - training, readers)
    assert not main.select("reader", "scan").is_duplicated().any()
    if chosen.design == "single":
        held = [main.filter(reader=reader).height for reader in chosen.readers]
        assert max(held) - min(held) <= 1
    for _, own in assigned.group_by("reader"):
        assert own["position"].to_list() == list(range(1, own.height + 1))
        assert set(own.filter(occasion="training")["scan"]) == training
        assert not own.select("scan", "occasion").is_duplicated().any()


@pytest.mark.property
@given(READING, st.integers(0, 45))
def test_repeats_are_enough_and_far_away(settings: dict[str, Any], count: int) -> None:
    chosen = reading(**settings | {"order": "blinded"})
    for _, own in derive_assignments(scans(count), chosen).group_by("reader"):
        cases = own.sort("position").select("scan", "occasion").rows()
        main = [scan for scan, occasion in cases if occasion == "main"]
        repeats = [place for place, (_, occasion) in enumerate(cases) if occasion == "repeat"]
        expected = 0 if len(main) < 10 or chosen.design == "consensus" else chosen.repeat_share * len(main)
        assert len(repeats) == math.ceil(round(expected, 9))
        for place in repeats:
            first = cases.index((cases[place][0], "main"))
            between = sum(occasion == "main" for _, occasion in cases[first + 1 : place])
            at_the_end = all(occasion == "repeat" for _, occasion in cases[place:])
            assert 2 * between >= len(main) or (at_the_end and len(repeats) > len(main) // 2)


@pytest.mark.property
@given(READING, st.integers(0, 45), st.permutations(THREE))
def test_nothing_depends_on_another_reader_or_on_the_order_of_rows(
    settings: dict[str, Any], count: int, others: list[str]
) -> None:
    given_scans = scans(count)
    settings = settings | {"design": "independent"}
    before = derive_assignments(given_scans, reading(**settings | {"readers": ("anne", "bela")}))
    turned = given_scans.sample(fraction=1.0, shuffle=True, seed=3)
    after = derive_assignments(turned, reading(**settings | {"readers": ("anne", *others)}))
    assert before.filter(reader="anne").equals(after.filter(reader="anne"))
    # what others have been given before changes nothing either
    of_others = before.filter(reader="bela").head(count // 2)
    late = derive_assignments(given_scans, reading(**settings), of_others)
    assert late.filter(reader="anne").equals(before.filter(reader="anne"))


@pytest.mark.property
@given(READING, st.integers(0, 30), st.integers(0, 30))
def test_a_study_that_grows_keeps_its_assignments(settings: dict[str, Any], count: int, more: int) -> None:
    chosen = reading(**settings)
    before = derive_assignments(scans(count), chosen)
    added = derive_assignments(scans(count + more), chosen, before)
    whole = pl.concat([before, added])
    assert derive_assignments(scans(count + more), chosen, whole).is_empty()
    for _, own in whole.group_by("reader"):
        assert sorted(own["position"]) == list(range(1, own.height + 1))
    fresh = derive_assignments(scans(count + more), chosen)
    in_main, main = (Counter(one.filter(occasion="main")["scan"]) for one in (whole, fresh))
    assert in_main == main
    assert not whole.select("reader", "scan", "occasion").is_duplicated().any()
    if count:
        assert not set(added.filter(occasion="repeat")["scan"]) & set(before["scan"])
