"""The whole answer for one trial design as a self-contained HTML page: no script, no request, readable on paper."""

from collections.abc import Mapping
from typing import Any

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.report.document import Pictures, Section
from residuum.report.figure_set import RenderedFigure
from residuum.report.page import data_uri
from residuum.report.sections.trial_assumptions import assumptions_section
from residuum.report.sections.trial_buy import buy_section
from residuum.report.sections.trial_effect import effect_section
from residuum.report.sections.trial_identity import banners, identity
from residuum.report.sections.trial_limits import limits_section
from residuum.report.sections.trial_needs import needs_section
from residuum.report.sections.trial_power import power_section
from residuum.report.sections.trial_search import search_section
from residuum.report.sections.trial_sensitivity import sensitivity_section
from residuum.report.sections.trial_verdict import verdict_section
from residuum.report.templating import template_environment
from residuum.report.trial_findings import Findings
from residuum.report.trial_printer import TrialPrinter
from residuum.report.wording import translator


def render_trial_page(
    findings: Findings,
    figures: Mapping[str, RenderedFigure],
    about: Mapping[str, Any],
    language: str = "en",
) -> str:
    """Return the report of a design as one HTML page.

    Parameters
    ----------
    findings : Findings
        The design and everything known about it.
    figures : mapping of str to RenderedFigure
        Result of `trial_figures.render_trial_figures`; a figure that is missing is left out.
    about : mapping
        What the numbers were made from, as in numbers.json.
    language : str
        Language of the page; the words of the design file are not translated.

    Returns
    -------
    str
        The same bytes for the same input.
    """
    words = translator(language)
    printer = TrialPrinter(findings.numbers, words)
    environment = template_environment(words)
    environment.filters["data_uri"] = data_uri
    return environment.get_template("trial.html.j2").render(
        language=language,
        title=findings.design.title,
        banners=banners(findings, words),
        identity=identity(findings, about, words),
        sections=_sections(findings, printer, Pictures(figures)),
        disclaimer=DISCLAIMER,
        planning=PLANNING_FOOTER,
    )


def _sections(findings: Findings, printer: TrialPrinter, pictures: Pictures) -> list[Section]:
    return [
        verdict_section(findings, printer),
        assumptions_section(findings, printer),
        effect_section(findings, printer, pictures),
        needs_section(findings, printer, pictures),
        power_section(findings, printer, pictures),
        sensitivity_section(findings, printer, pictures),
        search_section(findings, printer, pictures),
        buy_section(findings, printer),
        limits_section(findings, printer.words),
    ]
