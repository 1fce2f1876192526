"""Who reads which scan, in which order, and what twice."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from given_scans import PAIR, THREE, names, read_by, reading, scans

from residuum.reads.assignment import ASSIGNMENT_SCHEMA, derive_assignments, derive_third_assignments
from residuum.records.errors import CallError


@pytest.mark.unit
def test_a_row_says_who_reads_what_at_which_place() -> None:
    assigned = derive_assignments(scans(1), reading())
    assert assigned.schema == ASSIGNMENT_SCHEMA
    assert assigned.rows() == [("anne", "0001", 1, "s000", "main"), ("bela", "0001", 1, "s000", "main")]


@pytest.mark.unit
def test_the_blinded_order_is_that_of_seed_and_index_of_the_reader() -> None:
    assigned = derive_assignments(scans(9), reading(seed=5))
    for index, reader in enumerate(PAIR, 1):
        order = np.random.default_rng(np.random.SeedSequence([5, index])).permutation(9)
        assert read_by(assigned, reader) == [f"s{place:03d}" for place in order]


@pytest.mark.unit
def test_new_scans_follow_in_an_order_of_their_own() -> None:
    before = derive_assignments(scans(4), reading(seed=5))
    added = derive_assignments(scans(13), reading(seed=5, repeat_share=0.0), before)
    order = np.random.default_rng(np.random.SeedSequence([5, 1, 4])).permutation(9)
    assert read_by(added, "anne") == [f"s{4 + place:03d}" for place in order]
    assert added.filter(reader="anne")["case"].to_list() == [f"{place:04d}" for place in range(5, 14)]


@pytest.mark.unit
def test_cases_have_at_least_four_digits() -> None:
    assigned = derive_assignments(scans(10_000), reading(repeat_share=0.0))
    assert set(assigned.filter(reader="anne")["case"].str.len_chars()) == {4, 5}
    assert assigned.select((pl.col("case").cast(pl.Int64) == pl.col("position")).all()).item()


@pytest.mark.unit
def test_training_comes_first_as_listed_and_never_again() -> None:
    training = ("s004", "stranger", "s001", "s004")
    assigned = derive_assignments(scans(30), reading(readers=THREE, training=training))
    for reader in PAIR:
        assert read_by(assigned, reader)[:2] == ["s004", "s001"]
        assert sorted(read_by(assigned, reader, "main")) == sorted({*names(30)} - {"s004", "s001"})
        assert not {"s004", "s001"} & {*read_by(assigned, reader, "repeat")}
    assert assigned.filter(reader="carl").rows() == [
        ("carl", "0001", 1, "s004", "training"),
        ("carl", "0002", 2, "s001", "training"),
    ]


@pytest.mark.unit
def test_consensus_reads_everything_once() -> None:
    assigned = derive_assignments(scans(30), reading(design="consensus", training=("s007",), repeat_share=1.0))
    assert set(assigned["reader"]) == {"consensus"}
    assert read_by(assigned, "consensus")[0] == "s007"
    assert sorted(read_by(assigned, "consensus")) == names(30)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("count", "share", "repeats"),
    [(9, 1.0, 0), (10, 0.1, 1), (11, 0.1, 2), (70, 0.1, 7), (30, 0.0, 0), (30, 0.01, 1), (10, 1.0, 10)],
)
def test_number_of_repeats(count: int, share: float, repeats: int) -> None:
    assigned = derive_assignments(scans(count), reading(repeat_share=share))
    assert Counter(assigned.filter(occasion="repeat")["reader"]) == Counter(dict.fromkeys(PAIR, repeats))


@pytest.mark.unit
def test_repeats_are_not_all_at_the_end() -> None:
    assigned = derive_assignments(scans(100), reading(readers=("anne",)))
    assert assigned.sort("position")["occasion"].to_list()[-10:] != ["repeat"] * 10


@pytest.mark.unit
def test_paired_order_keeps_a_patient_together_by_day() -> None:
    assigned = derive_assignments(scans(30), reading(order="paired", repeat_share=0.2))
    patient = dict(scans(30).select("scan", "patient").iter_rows())
    for reader in PAIR:
        main, again = read_by(assigned, reader, "main"), read_by(assigned, reader, "repeat")
        assert main + again == read_by(assigned, reader)
        assert len(main) == 30
        assert len(again) == 6  # two whole patients of three scans
        for order in (main, again):
            patients = [patient[scan] for scan in order[::3]]
            assert len(set(patients)) == len(patients)
            # a later name is an earlier day
            assert order == [
                scan for one in patients for scan in sorted(names(30), reverse=True) if patient[scan] == one
            ]
    assert read_by(assigned, "anne") != read_by(assigned, "bela")


@pytest.mark.unit
def test_patients_are_read_again_in_another_order() -> None:
    assigned = derive_assignments(scans(60), reading(order="paired", repeat_share=1.0))
    main, again = read_by(assigned, "anne", "main"), read_by(assigned, "anne", "repeat")
    by_patient = sorted(names(60), key=lambda scan: (int(scan[1:]) // 3, -int(scan[1:])))
    assert sorted(main) == sorted(again) == names(60)
    assert main != again != by_patient


@pytest.mark.unit
def test_scans_of_one_day_go_by_name() -> None:
    same_day = scans(6, per_patient=6).with_columns(day=pl.lit(3))
    assigned = derive_assignments(same_day, reading(order="paired"))
    assert read_by(assigned, "anne") == names(6)


@pytest.mark.unit
def test_a_single_reader_gets_scans_until_numbers_are_level() -> None:
    alone = derive_assignments(scans(10), reading(design="single", readers=("anne",), repeat_share=0.0))
    more = derive_assignments(scans(25), reading(design="single", repeat_share=0.0), alone)
    assert Counter(more["reader"]) == {"anne": 3, "bela": 12}
    assert not set(more["scan"]) & set(alone["scan"])


@pytest.mark.unit
@pytest.mark.parametrize("design", ["independent", "single"])
def test_without_a_reader_nothing_is_assigned(design: str) -> None:
    assert derive_assignments(scans(12), reading(design=design, readers=())).is_empty()
    assert derive_assignments(scans(0), reading(design=design)).is_empty()


@pytest.mark.unit
def test_a_scan_that_was_read_stays_what_it_was() -> None:
    before = derive_assignments(scans(4), reading())
    assert derive_assignments(scans(4), reading(training=("s001",)), before).is_empty()
    trained = derive_assignments(scans(4), reading(training=("s001",)))
    counted = derive_assignments(scans(4), reading(), trained)
    assert counted.select("reader", "position", "scan", "occasion").rows() == [
        ("anne", 5, "s001", "main"),
        ("bela", 5, "s001", "main"),
    ]


@pytest.mark.unit
def test_differing_scans_follow_the_cases_of_who_decides() -> None:
    given_before = derive_assignments(scans(12), reading(readers=THREE, training=("s000",)))
    first = derive_third_assignments(["s003", "s001", "s002", "s001"], "carl", reading(readers=THREE), given_before)
    assert first["case"].to_list() == ["0002", "0003", "0004"]
    assert set(first["occasion"]) == {"main"}
    assert sorted(first["scan"]) == ["s001", "s002", "s003"]
    more = derive_third_assignments(["s004", "s002"], "carl", reading(readers=THREE), pl.concat([given_before, first]))
    assert more.rows() == [("carl", "0005", 5, "s004", "main")]


@pytest.mark.unit
def test_nobody_unlisted_decides() -> None:
    with pytest.raises(CallError, match="dora"):
        derive_third_assignments(["s001"], "dora", reading(), pl.DataFrame(schema=ASSIGNMENT_SCHEMA))
