"""The demonstration's figures and page, made once; and a study of nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from residuum.cohort.analysis import Analysis, derive_analysis
from residuum.report.figure_set import RenderedFigure, render_figures
from residuum.report.page import render_report
from small_studies import Scan, child, study

if TYPE_CHECKING:
    from pathlib import Path

    from residuum.report.numbers import Numbers

ABOUT = {"residuum": "0.0.0", "study": {"sha256": "0" * 64}}


@pytest.fixture(scope="session")
def figures_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rendered")


@pytest.fixture(scope="session")
def rendered(
    demonstration_analysis: Analysis, demonstration_numbers: Numbers, figures_folder: Path
) -> dict[str, RenderedFigure]:
    return render_figures(demonstration_analysis, demonstration_numbers, figures_folder)


@pytest.fixture(scope="session")
def page(demonstration_analysis: Analysis, demonstration_numbers: Numbers, rendered: dict[str, RenderedFigure]) -> str:
    return render_report(demonstration_analysis, demonstration_numbers, rendered, ABOUT)


@pytest.fixture(scope="session")
def nobody_included() -> Analysis:
    """A study with one child, who has no uptake after HDC."""
    return derive_analysis(study(child("A", Scan("diagnosis", 0, ["femur_left"]), Scan("post_consolidation", 200))))
