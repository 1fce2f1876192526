"""Rows, words and figure of the reachable effect: complete, finite, with both bounds, and without forbidden claims."""

from __future__ import annotations

import math
from gettext import NullTranslations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.report.figure_set import render_svg
from residuum.report.figures.trial_reach import describe_trial_reach, draw_trial_reach
from residuum.report.numbers import Numbers
from residuum.report.reach_summary import render_summary
from residuum.report.rows.trial_reach import trial_reach_rows
from residuum.trial.planning.study_reach import StudyReach, derive_study_reach
from small_studies import Child, Scan, analyse, child

if TYPE_CHECKING:
    from residuum.cohort.analysis import Analysis

pytestmark = pytest.mark.unit
FEMUR = ["femur_left"]


def study_reach(analysis: Analysis) -> StudyReach:
    return derive_study_reach(analysis, None, np.random.default_rng(1))


@pytest.fixture(scope="module")
def demonstrated(demonstration_analysis: Analysis) -> StudyReach:
    return study_reach(demonstration_analysis)


@pytest.fixture(scope="module")
def rows(demonstrated: StudyReach) -> Numbers:
    return Numbers(trial_reach_rows(demonstrated))


def followed(patient: str, after: Any, **columns: Any) -> Child:
    scans = [Scan("diagnosis", 0, FEMUR), Scan("post_consolidation", 200, FEMUR)]
    return child(patient, *scans, *([Scan("progression", 900, after)] if after is not None else []), **columns)


def relapsed(patient: str, after: Any) -> Child:
    return followed(patient, after, events=[(900, "relapse")])


STUDIES: dict[str, tuple[list[Child], str | None]] = {
    "of nobody": ([], "nobody is oligo at the landmark"),
    "nobody had an event": ([followed("A", None)], "no eligible patient has had an event"),
    "only unknown places": ([relapsed("A", None)], "no first event is of known place"),
    "one event elsewhere": ([relapsed("A", [*FEMUR, "sternum"]), followed("B", None)], None),
    "one event at the target": ([relapsed("A", ["femur_left x3"]), relapsed("B", None)], None),
    "one death": ([followed("A", None, events=[(900, "death")])], None),
}


@pytest.fixture(scope="module", params=STUDIES, ids=str)
def small(request: pytest.FixtureRequest) -> tuple[StudyReach, str | None]:
    children, reason = STUDIES[request.param]
    return study_reach(analyse(*children)), reason


def test_every_name_is_there_for_every_study(small: tuple[StudyReach, str | None], rows: Numbers) -> None:
    found = trial_reach_rows(small[0])
    assert [row.name for row in found] == [row.name for row in rows]
    assert small[0].reason == small[1]


def test_values_are_finite_or_have_a_reason(small: tuple[StudyReach, str | None]) -> None:
    for row in trial_reach_rows(small[0]):
        assert row.value is not None or row.reason, row.name
        numbers = [value for value in (row.value, row.low, row.high, row.proportion) if value is not None]
        assert all(math.isfinite(value) for value in numbers), row.name
        if row.value is not None and row.low is not None and row.high is not None and row.median is not None:
            assert row.low <= row.value <= row.high, row.name


def test_every_study_has_words_and_a_figure(small: tuple[StudyReach, str | None]) -> None:
    reach, reason = small
    text = render_summary(Numbers(trial_reach_rows(reach)), "Small", synthetic=False, oligo_max_sites=3)
    assert text.splitlines()[-2:] == [PLANNING_FOOTER, DISCLAIMER]
    assert (f"Not defined: {reason}." in text) == (reason is not None)
    assert "<svg" in render_svg(draw_trial_reach(reach, NullTranslations()))
    assert describe_trial_reach(reach, NullTranslations()).alt


def test_shares_repeat_the_trial_view(rows: Numbers, demonstration_numbers: Numbers) -> None:
    for bound in ("exclusive", "inclusive"):
        for year in (1, 2, 3, 5):
            seen = demonstration_numbers.get(f"trial_view.share.{bound}.{year}y")
            again = rows.get(f"trial.reach.f.{bound}.aalen_johansen.{year}y")
            assert seen is not None
            assert again is not None
            assert (again.value, again.n, again.at_risk) == (seen.value, seen.n, seen.at_risk)


def test_events_add_up_and_name_their_patients(rows: Numbers) -> None:
    for period in ("1y", "2y", "3y", "5y", "overall"):
        counted = [row for row in rows.named("trial.reach.events.") if row.name.endswith(f".{period}")]
        assert sum(row.value or 0 for row in counted) == counted[0].of
        share = rows.get(f"trial.reach.f.exclusive.jeffreys.{period}")
        assert share is not None
        named = {patient for row in counted for patient in row.patients or ()}
        assert set(share.patients or ()) == named
        assert share.n == len(named)


def test_exclusive_never_exceeds_inclusive(rows: Numbers) -> None:
    for row in rows.named("trial.reach.f.exclusive."):
        other = rows.get(row.name.replace("exclusive", "inclusive"))
        assert other is not None
        assert row.value is not None
        assert other.value is not None
        assert row.value <= other.value


def test_the_same_seed_gives_the_same_numbers(demonstration_analysis: Analysis, rows: Numbers) -> None:
    assert trial_reach_rows(study_reach(demonstration_analysis)) == list(rows)


def test_words_give_both_bounds_and_claim_nothing_more(demonstrated: StudyReach, rows: Numbers) -> None:
    text = render_summary(rows, "Demonstration", synthetic=demonstrated.synthetic, oligo_max_sites=3)
    assert "exclusive bound" in text
    assert "inclusive bound" in text
    assert "its share f is invented" in text
    assert "First events: 12; 2 at a target only, 4 at a target and elsewhere, 6 elsewhere only" in text
    assert text.count("largest possible") == 1
    allowed = "inclusive bound is the largest possible under these assumptions and if nothing that fails only elsewhere"
    assert allowed in " ".join(text.split())
    described = describe_trial_reach(demonstrated, NullTranslations())
    for words in (text, described.caption, described.alt, described.title):
        assert "residual disease" not in words
        assert "does not work" not in words
        assert "not feasible" not in words
    assert "its f is invented" in described.caption
