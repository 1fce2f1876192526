"""The demonstration: the published figures to the printed digits, by the ordinary analysis."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from residuum.cohort.analysis import Analysis
from residuum.intake.folder import check_study, write_study
from residuum.records.study import Study
from residuum.report.numbers import Numbers, Row
from residuum.synthetic.demonstration import SCANNED, SCANNED_IN_DEPTH, UNREAD, make_demonstration, make_room

pytestmark = pytest.mark.slow


def row(found: Numbers, name: str, group: str | None = None, mode: str | None = None) -> Row:
    one = found.get(name, group, mode)
    assert one is not None, name
    return one


# name, count, denominator, percent and limits as printed (None: not printed)
COUNTS = [
    ("flow.source", 201, None, None),
    ("flow.persistent_after_hdc", 30, 201, ("15 %", 10.3, 20.6)),
    ("outcome.complete_response_end_of_treatment", 4, 30, None),
    ("outcome.progression_during_maintenance", 2, 30, None),
    ("outcome.persistent_end_of_treatment", 24, 30, None),
    ("outcome.persistent_response", 7, 24, ("29.2 %", 12.6, 51.1)),
    ("outcome.progression_after_end_of_treatment", 17, 24, None),
    ("outcome.event_free", 11, 30, ("36.7 %", 19.9, 56.1)),
    ("outcome.other", 0, None, None),
]


@pytest.mark.external
@pytest.mark.parametrize(("name", "value", "of", "printed"), COUNTS, ids=[count[0] for count in COUNTS])
def test_published_counts(
    demonstration_numbers: Numbers, name: str, value: int, of: int | None, printed: tuple[str, float, float] | None
) -> None:
    # Rossillon 2025, 10.1002/pbc.31350, rows 1, 2, 3, 5, 6, 7, 8, 13; limits: exact (Clopper-Pearson)
    found = row(demonstration_numbers, name)
    assert (found.value, found.of) == (value, of)
    if printed:
        assert found.proportion is not None
        assert found.low is not None
        assert found.high is not None
        share = f"{100 * found.proportion:.{1 if '.' in printed[0] else 0}f} %"
        assert (share, round(100 * found.low, 1), round(100 * found.high, 1)) == printed


# name, group, n, median, min, max as printed
MEDIANS = [
    ("siopen.post_consolidation", "persistent_response", 7, 2, 1, 6),
    ("siopen.post_consolidation", "persistent_response_with_complete", 11, 2, 1, 6),
    ("siopen.post_consolidation", "progression", 19, 4, 1, 28),
    ("siopen.end_of_treatment", "persistent_response_with_complete", 11, 2, 0, 4),
    ("siopen.end_of_treatment", "progression", 17, 2, 1, 17),
    ("siopen.progression", "progression", 19, 34, 2, 56),
]


@pytest.mark.external
@pytest.mark.parametrize(("name", "group", "n", "median", "low", "high"), MEDIANS)
def test_published_scores(
    demonstration_numbers: Numbers, name: str, group: str, n: int, median: int, low: int, high: int
) -> None:
    # Rossillon 2025, rows 9, 10 and 11
    found = row(demonstration_numbers, name, group, "all")
    assert (found.n, found.median, found.min, found.max) == (n, median, low, high)


@pytest.mark.external
@pytest.mark.parametrize(
    ("group", "n", "median", "low", "high"),
    [("complete_response", 4, "8", "1.8", "11.8"), ("persistent_response", 7, "8.2", "4", "15.6")],
)
def test_published_follow_up(
    demonstration_numbers: Numbers, group: str, n: int, median: str, low: str, high: str
) -> None:
    # Rossillon 2025, rows 4 and 7: years from the end-of-treatment scan
    found = row(demonstration_numbers, f"follow_up.{group}.end_of_treatment")
    assert found.n == n
    years = [value for value in (found.median, found.min, found.max) if value is not None]
    assert [f"{value:.1f}".removesuffix(".0") for value in years] == [median, low, high]


def scores_at_end(analysis: Analysis, group: str) -> list[int]:
    return sorted(analysis.included.filter(group)["end_of_treatment_score"])


@pytest.mark.unit
def test_both_readings_of_row_10(demonstration_analysis: Analysis, demonstration_numbers: Numbers) -> None:
    """A minimum of 0 cannot come from the 7, who still had uptake; with the 4 complete ones it does."""
    seven = row(demonstration_numbers, "siopen.end_of_treatment", "persistent_response", "all")
    assert (seven.n, seven.max) == (7, 4)
    assert seven.min is not None
    assert seven.min >= 1
    eleven = scores_at_end(demonstration_analysis, "persistent_response_with_complete")
    assert eleven[:4] == [0, 0, 0, 0]
    assert eleven[4] >= 1
    assert eleven[5] == 2


@pytest.mark.unit
def test_the_seventeen_have_the_score_at_progression_of_the_nineteen(demonstration_analysis: Analysis) -> None:
    after = demonstration_analysis.included.filter(outcome="progression_after_end_of_treatment")
    scores = demonstration_analysis.totals.filter(mode="all").select(progression_scan="scan", score="siopen")
    late = after.join(scores, on="progression_scan", how="inner")["score"]
    assert (late.len(), late.median(), late.min(), late.max()) == (17, 34, 2, 56)
    landmark = after["landmark_score"]
    assert (landmark.median(), landmark.min(), landmark.max()) == (4, 1, 28)


@pytest.mark.unit
@pytest.mark.parametrize("unit", ["patient", "site", "points"])
def test_failures_are_mainly_at_sites_that_had_cleared(demonstration_numbers: Numbers, unit: str) -> None:
    rows = [one for one in demonstration_numbers.named(f"pattern.{unit}.") if one.name.count(".") == 2]
    sizes = {one.name.rsplit(".", 1)[1]: one.value or 0 for one in rows}
    recurred = "recurred_only" if unit == "patient" else "recurred"
    assert len(sizes) > 2
    assert sizes[recurred] > max(size for name, size in sizes.items() if name != recurred)


@pytest.mark.external
def test_thirteen_of_the_seventeen_recur_at_prior_sites(
    demonstration_analysis: Analysis, demonstration_numbers: Numbers
) -> None:
    # a later review of the 17 with uptake at end of treatment: 13/17
    after = demonstration_analysis.included.filter(outcome="progression_after_end_of_treatment")
    states = demonstration_analysis.site_states.filter("avid").select(progression_scan="scan", state="state")
    sites = after.join(states, on="progression_scan", how="inner")
    assert after.height == 17
    assert sites.filter(sites["state"].is_in(["persistent", "recurred"]))["patient"].n_unique() == 13
    printed = row(demonstration_numbers, "pattern.prior_site.progression_after_end_of_treatment")
    assert (printed.value, printed.of) == (13, 17)


@pytest.mark.unit
def test_no_metastasis_of_the_included_was_irradiated(demonstration_analysis: Analysis) -> None:
    included = demonstration_analysis.included["patient"]
    states = demonstration_analysis.site_states
    assert not states.filter(states["patient"].is_in(included.implode()))["irradiated_before"].any()


@pytest.mark.unit
def test_one_child_of_each_course_gets_images(demonstration_analysis: Analysis) -> None:
    rows = demonstration_analysis.included.select("patient", "outcome", "pattern").rows()
    courses = {patient: pattern or outcome for patient, outcome, pattern in rows}
    assert {patient: courses[patient] for patient in SCANNED} == {
        "D155": "complete_response_end_of_treatment",
        "D019": "persistent_response",
        "D006": "persistent_only",
        "D005": "recurred_only",
        "D135": "mixed",
        "D162": "new_only",
        "D070": "mixed",
    }
    during = demonstration_analysis.included.filter(outcome="progression_during_maintenance")
    assert "D070" in during["patient"]
    scans = demonstration_analysis.study["scans"]
    assert scans.filter(pl.col("patient").is_in(list(SCANNED))).height == 41
    in_depth = scans.filter(pl.col("scan").is_in(SCANNED_IN_DEPTH))
    assert in_depth.height == len(SCANNED_IN_DEPTH)
    assert in_depth["timepoint"].to_list() == ["diagnosis", "post_consolidation", "progression"]
    assert set(in_depth["patient"]) == {"D135"} <= set(SCANNED)
    marks = demonstration_analysis.study["marks"].filter(pl.col("scan").is_in(SCANNED_IN_DEPTH), seen_on="spect")
    assert marks.height > 4


@pytest.mark.unit
def test_what_is_left_to_read_is_as_its_reasons_say(demonstration: Study) -> None:
    scans = demonstration["scans"].filter(pl.col("scan").is_in(list(UNREAD)))
    assert set(scans["patient"]) <= set(SCANNED)
    timepoints = dict(scans.select("scan", "timepoint").iter_rows())
    short = {"post_consolidation": "after HDC", "end_of_treatment": "end of treatment"}
    for scan, reason in UNREAD.items():
        assert short.get(timepoints[scan], timepoints[scan]) in reason
        assert ("SPECT/CT" in reason) == (scan in SCANNED_IN_DEPTH)
    counts = demonstration["marks"].group_by("scan", "reader").len()
    seen = {scan: {name: n for of, name, n in counts.rows() if of == scan} for scan in UNREAD}
    assert seen["D135-1"]["consensus"] == counts.filter(scan="D135-1")["len"].max() == 30
    others = counts.filter(~pl.col("scan").is_in(["D135-1"]), pl.col("scan").str.slice(0, 4).is_in(list(SCANNED)))
    assert others["len"].max() < 30
    assert seen["D135-4"] == {"reader_1": 1, "reader_2": 1}
    assert seen["D070-4"] == {"reader_1": 4, "reader_2": 5, "consensus": 4}
    assert seen["D155-5"] == {}
    assert seen["D019-5"]["consensus"] == counts.filter(scan="D019-6", reader="consensus")["len"].item() == 1
    assert set(seen["D162-6"].values()) == {8}


@pytest.mark.unit
def test_the_reading_room_is_the_study_with_a_few_scans_unread(demonstration: Study) -> None:
    room = make_room(demonstration)
    for name, table in demonstration.tables.items():
        kept = table.filter(~pl.col("scan").is_in(list(UNREAD))) if name in ("reads", "marks") else table
        assert room[name].equals(kept)
    assert demonstration["reads"].height - room["reads"].height > 2 * len(UNREAD)
    settings, reading = room.settings, room.settings.reading
    assert (reading.design, reading.entry, reading.order, reading.reveal) == ("independent", "marks", "blinded", "scan")
    assert reading.readers == ("reader_1", "reader_2")
    assert settings.synthetic
    assert settings.compare_with == ""
    kept = {"title", "reading", "compare_with"}
    assert settings.model_dump(exclude=kept) == demonstration.settings.model_dump(exclude=kept)


@pytest.mark.unit
def test_two_makes_are_equal(demonstration: Study) -> None:
    again = make_demonstration()
    assert again.settings == demonstration.settings
    assert all(again[name].equals(demonstration[name]) for name in demonstration.tables)


@pytest.mark.unit
def test_it_says_that_it_is_synthetic(demonstration: Study) -> None:
    assert demonstration.settings.synthetic
    assert "synthetic" in demonstration.settings.title
    assert demonstration.settings.compare_with == "reference_study"


@pytest.mark.unit
def test_it_passes_the_checks_without_an_error(demonstration: Study, tmp_path: Path) -> None:
    write_study(demonstration, tmp_path)
    study, problems = check_study(tmp_path)
    assert Counter(problem.severity for problem in problems)["error"] == 0
    assert study is not None
    assert study.settings.synthetic


@pytest.mark.unit
def test_every_step_of_the_flow_loses_somebody(demonstration_numbers: Numbers) -> None:
    steps = ("source", "avid_at_diagnosis", "evaluable_after_hdc", "persistent_after_hdc")
    left = [row(demonstration_numbers, f"flow.{step}").value or 0 for step in steps]
    assert left == sorted(set(left), reverse=True)
    assert len(demonstration_numbers.named("flow.")) > 4 + 6
