"""What must hold for the scores of any marks; every example is one study with several pairs of scans."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how_hypothesis_runs
from hypothesis import strategies as st

from residuum.records.vocabulary import MARK_REGIONS, MAXIMUM_GRADE, REGIONS, SEEN_ON
from residuum.scores.readings import Readings, derive_readings
from residuum.scores.totals import derive_totals
from small_studies import Scan, child, study

PATTERN = st.sampled_from(["", "x2", "x4", "0.2", "0.49", "0.5", "0.51", "0.95", "0.951", "1"])
SETTINGS = st.fixed_dictionaries(
    {
        "sacrum_to": st.sampled_from(["spine", "pelvis"]),
        "girdle_to": st.sampled_from(["thoracic_cage", "proximal_upper_limb"]),
    }
)
QUICKLY = how_hypothesis_runs(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def lesions(draw: st.DrawFn) -> str:
    regions = draw(st.lists(st.sampled_from(MARK_REGIONS), min_size=1, max_size=4, unique=True))
    seen_on = draw(st.lists(st.sampled_from(SEEN_ON), max_size=2, unique=True))
    return f"{';'.join(regions)} {draw(PATTERN)} @{';'.join(seen_on)}"


SAID = st.lists(st.lists(lesions(), max_size=6), min_size=1, max_size=12)


def read(scans: list[list[str]], **definitions: str) -> Readings:
    """Return the readings of one scan per list of lesions, `read` counting from 0."""
    # the first child keeps planar_only alive in every study
    anchor = child("A", Scan("diagnosis", 0, ["femur_left @spot"], name="zz"))
    numbered = [Scan("follow_up", day, said, name=f"s{day:03d}") for day, said in enumerate(scans)]
    return derive_readings(study(child("P", *numbered), anchor, **definitions))


def grades(readings: Readings) -> dict[tuple[str, ...], int]:
    scans = readings.grades.join(readings.reads, on="read").select("scan", "mode", "system", "segment", "grade")
    return {tuple(key): grade for *key, grade in scans.iter_rows()}


def totals(readings: Readings) -> pl.DataFrame:
    return derive_totals(readings, readings.reads.select("read", "scan")).sort("scan", "mode").drop("read")


def swapped(words: str) -> str:
    """Return the other side of every region, segment or lesion named."""
    return words.replace("right", "\0").replace("left", "right").replace("\0", "left")


@pytest.mark.property
@QUICKLY
@given(SAID, lesions(), SETTINGS)
def test_one_more_lesion_never_lowers_a_grade_or_a_total(
    scans: list[list[str]], more: str, definitions: dict[str, str]
) -> None:
    before, after = read(scans, **definitions), read([[*said, more] for said in scans], **definitions)
    larger = grades(after)
    assert all(larger.get(key, 0) >= grade for key, grade in grades(before).items())
    columns = ["siopen", "curie", "curie_skeletal", "amsterdam_focal", "amsterdam_diffuse"]
    growth = totals(after).select(columns) - totals(before).select(columns)
    assert growth.min_horizontal().min() == 0  # no total falls, and the anchor stays


@pytest.mark.property
@QUICKLY
@given(SAID, SETTINGS)
def test_left_and_right_swap_segments_and_leave_totals(scans: list[list[str]], definitions: dict[str, str]) -> None:
    before = read(scans, **definitions)
    after = read([[swapped(words) for words in said] for said in scans], **definitions)
    assert totals(before).filter(pl.col("scan") != "zz").equals(totals(after).filter(pl.col("scan") != "zz"))
    mirrored = {tuple(map(swapped, key)): grade for key, grade in grades(before).items() if key[0] != "zz"}
    assert mirrored == {key: grade for key, grade in grades(after).items() if key[0] != "zz"}


@pytest.mark.property
@QUICKLY
@given(SAID, SETTINGS)
def test_totals_stay_in_range_and_planar_only_is_never_more(
    scans: list[list[str]], definitions: dict[str, str]
) -> None:
    readings = read(scans, **definitions)
    found = totals(readings)
    for name, most in (("siopen", 72), ("curie", 30), ("curie_skeletal", 27), ("amsterdam_focal", 14)):
        assert found[name].is_between(0, most).all()
    assert all(0 < grade <= MAXIMUM_GRADE[key[2]] for key, grade in grades(readings).items())
    everything, planar = (found.filter(mode=mode).drop("mode", "scan") for mode in ("all", "planar_only"))
    for name in ("siopen", "curie", "curie_skeletal", "amsterdam_focal", "amsterdam_diffuse"):
        assert (planar[name] <= everything[name]).all()


@pytest.mark.property
@QUICKLY
@given(st.lists(lesions(), max_size=8), st.randoms())
def test_the_order_of_the_marks_does_not_matter(said: list[str], random: object) -> None:
    shuffled = said.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = (totals(read([one])).to_dicts() for one in (said, shuffled))
    assert first == second


@pytest.mark.property
def test_one_focus_in_any_region_scores_one_in_both_systems() -> None:
    found = totals(read([[region] for region in REGIONS])).filter(pl.col("scan") != "zz", mode="all")
    names = ("siopen", "curie", "curie_skeletal", "amsterdam_focal")
    assert found.select(names).rows() == [(1, 1, 1, 1)] * len(REGIONS)
