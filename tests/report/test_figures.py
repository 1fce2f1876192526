"""Figures: never an empty axis, the same bytes each time, and drawn for any study."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from gettext import NullTranslations
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from residuum.cohort.alternatives import derive_alternatives
from residuum.cohort.analysis import Analysis, derive_analysis
from residuum.records.vocabulary import REGIONS
from residuum.report.figure_set import BY_HAND, FIGURES, RenderedFigure, render_figures
from residuum.report.figures import body_map, fates, flow, site_matrix
from residuum.report.figures.skeleton import label_places, skeleton
from residuum.report.figures.style import OUTCOME_COLOURS, STATE_COLOURS, lightness
from residuum.report.whole import derive_numbers
from small_studies import Scan, child, study

if TYPE_CHECKING:
    from pathlib import Path

    from residuum.report.numbers import Numbers

WORDS = NullTranslations()


def figures_of(analysis: Analysis, folder: Path) -> dict[str, RenderedFigure]:
    return render_figures(analysis, derive_numbers(analysis, derive_alternatives(analysis)), folder)


@pytest.mark.unit
def test_every_figure_is_written_as_svg_and_png(rendered: dict[str, RenderedFigure], figures_folder: Path) -> None:
    assert tuple(rendered) == FIGURES
    for name, figure in rendered.items():
        assert (figures_folder / "figures" / f"{name}.svg").read_text("utf-8") == figure.svg
        assert (figures_folder / "figures" / f"{name}.png").exists() == (name not in BY_HAND)
        assert figure.title
        assert figure.caption
        assert figure.alt


@pytest.mark.unit
def test_svgs_are_well_formed_undated_and_reach_nothing(rendered: dict[str, RenderedFigure]) -> None:
    for figure in rendered.values():
        root = ET.fromstring(figure.svg)
        assert not [one for one in root.iter() if one.tag.endswith(("script", "image"))] or figure.name == "body_map"
        links = {value for one in root.iter() for key, value in one.attrib.items() if key.endswith("href")}
        assert all(link.startswith(("#", "data:image/png")) for link in links)
        assert "<dc:date" not in figure.svg


@pytest.mark.unit
def test_drawing_twice_gives_the_same_bytes(
    demonstration_analysis: Analysis,
    demonstration_numbers: Numbers,
    rendered: dict[str, RenderedFigure],
    figures_folder: Path,
    tmp_path: Path,
) -> None:
    assert render_figures(demonstration_analysis, demonstration_numbers, tmp_path) == rendered
    for path in (tmp_path / "figures").iterdir():
        assert path.read_bytes() == (figures_folder / "figures" / path.name).read_bytes()


@pytest.mark.unit
def test_nobody_included_draws_sentences(nobody_included: Analysis, tmp_path: Path) -> None:
    assert tuple(figures_of(nobody_included, tmp_path)) == FIGURES


@pytest.mark.unit
def test_a_study_without_patients_draws_sentences(tmp_path: Path) -> None:
    assert tuple(figures_of(derive_analysis(study()), tmp_path)) == FIGURES


@pytest.mark.unit
def test_names_that_look_like_formulas_are_drawn_as_they_are(tmp_path: Path) -> None:
    scans = [Scan("diagnosis", 0, ["femur_left"]), Scan("post_consolidation", 200, ["femur_left"])]
    odd = child("$\\frac{1}$<&", *scans, events=[(500, "relapse", "yes")])
    assert tuple(figures_of(derive_analysis(study(odd)), tmp_path)) == FIGURES


@pytest.mark.unit
def test_grades_only_studies_are_drawn(tmp_path: Path) -> None:
    scans = [Scan("diagnosis", 0, {"skull": 3, "spine": 6}), Scan("post_consolidation", 200, {"spine": 1})]
    analysis = derive_analysis(study(child("A", *scans), entry="grades"))
    assert tuple(figures_of(analysis, tmp_path)) == FIGURES
    assert site_matrix.derive_layout(analysis, WORDS).codes[0] == "skull"


@pytest.mark.unit
def test_flow_counts_are_those_of_the_numbers(demonstration_analysis: Analysis, demonstration_numbers: Numbers) -> None:
    for step, left in flow.count_left(demonstration_analysis).items():
        row = demonstration_numbers.get(f"flow.{step}")
        assert row is not None
        assert row.value == left
    lost = sum(count for reasons in flow.count_losses(demonstration_analysis).values() for _, count in reasons)
    assert lost == demonstration_analysis.patients.height - demonstration_analysis.included.height


@pytest.mark.unit
def test_fates_count_the_sites_of_the_numbers(demonstration_analysis: Analysis, demonstration_numbers: Numbers) -> None:
    table = fates.derive_fates(demonstration_analysis)
    for timepoint in ("post_consolidation", "end_of_treatment", "progression"):
        for state in STATE_COLOURS:
            row = demonstration_numbers.get(f"fate.{timepoint}.{state}")
            assert row is not None
            assert table.filter(table[timepoint] == state).height == row.value


@pytest.mark.unit
def test_body_map_counts_regions_once_per_scan() -> None:
    scans = [Scan("diagnosis", 0, ["femur_left x3", "sacrum"]), Scan("post_consolidation", 200, ["femur_left"])]
    shares = body_map.derive_region_shares(derive_analysis(study(child("A", *scans), child("B", *scans))))
    femur = shares.filter(region="femur_left").sort("timepoint")
    assert femur.select("timepoint", "avid", "scans").rows() == [("diagnosis", 2, 2), ("post_consolidation", 2, 2)]


@pytest.mark.unit
def test_skeleton_has_the_28_regions_with_right_on_the_left_of_the_picture() -> None:
    assert set(skeleton()) == set(label_places()) == set(REGIONS)
    for region, polygons in skeleton().items():
        middle = sum(float(polygon[:, 0].mean()) for polygon in polygons) / len(polygons)
        side = region.rsplit("_", 1)[-1]
        expected = {"right": -1, "left": 1}.get(side, 0)
        assert (middle < -0.01, middle > 0.01) == (expected < 0, expected > 0), region


@pytest.mark.unit
def test_colours_differ_in_lightness() -> None:
    for colours in (STATE_COLOURS, OUTCOME_COLOURS):
        ordered = sorted(lightness(colour) for colour in colours.values())
        assert all(second - first > 0.04 for first, second in pairwise(ordered))
