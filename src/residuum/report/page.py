"""The report as one self-contained HTML page: no script, no request, readable offline and on paper."""

import base64
from collections.abc import Mapping
from typing import Any

from residuum.cohort.analysis import Analysis
from residuum.report.document import Cell, Fold, Pictures, Section, Table, say
from residuum.report.figure_set import RenderedFigure
from residuum.report.formats import Printer
from residuum.report.numbers import Numbers
from residuum.report.sections.flags import flags_section
from residuum.report.sections.methods import methods_section
from residuum.report.sections.patients import patients_section
from residuum.report.sections.published import published_section
from residuum.report.sections.results import results_section
from residuum.report.sections.site_results import agreement_section, planning_sentence, sites_section, trial_section
from residuum.report.sections.summary import banners, identity, summary_section
from residuum.report.table_one import table_one
from residuum.report.templating import template_environment
from residuum.report.wording import translator


def render_report(
    analysis: Analysis,
    numbers: Numbers,
    figures: Mapping[str, RenderedFigure],
    about: Mapping[str, Any],
    language: str = "en",
) -> str:
    """Return the report of a study as one HTML page.

    Parameters
    ----------
    analysis, numbers : Analysis, Numbers
        The study and its numbers; every number with patients links to their list.
    figures : mapping of str to RenderedFigure
        Result of `figure_set.render_figures`; a figure that is missing is left out.
    about : mapping
        What the numbers were made from, as in numbers.json: ``residuum`` (version) and ``study`` with ``sha256``.
    language : str
        Language of the page; cells of the study, settings and rule clauses are not translated.

    Returns
    -------
    str
        The same bytes for the same input.
    """
    words = translator(language)
    printer = Printer(numbers, words)
    environment = template_environment(words)
    environment.filters["data_uri"] = data_uri
    return environment.get_template("report.html.j2").render(
        language=language,
        title=analysis.study.settings.title or words.gettext("Untitled study"),
        banners=banners(analysis, printer),
        identity=identity(analysis, about, words),
        sections=_sections(analysis, printer, figures),
        planning=planning_sentence(printer),
    )


def _sections(analysis: Analysis, printer: Printer, figures: Mapping[str, RenderedFigure]) -> list[Section]:
    words = printer.words
    _ = words.gettext
    pictures = Pictures(figures)
    published = published_section(analysis, printer)
    return [
        summary_section(analysis, printer),
        *([published] if published else []),
        Section(
            "flow", _("Patients"), [*pictures.named("flow"), table_one(analysis, words), *pictures.named("swimmer")]
        ),
        results_section(analysis, printer, pictures),
        sites_section(printer, pictures),
        trial_section(analysis, printer),
        agreement_section(analysis, printer, pictures),
        flags_section(printer),
        methods_section(analysis, words),
        Section("numbers", _("All numbers"), [_all_numbers(printer)]),
        patients_section(analysis, printer.numbers, words),
    ]


def _all_numbers(printer: Printer) -> Fold:
    _ = printer.words.gettext
    rows = tuple(
        (
            Cell(row.name),
            Cell(row.group or ""),
            Cell(row.mode or ""),
            printer.cell(row),
            Cell(row.unit),
            Cell(row.method or ""),
        )
        for row in printer.numbers
    )
    head = (_("Name"), _("Group"), _("Mode"), _("Number"), _("Unit"), _("Method"))
    caption = _("Every row of numbers.json")
    return Fold(
        _("%d rows, by name") % len(rows), (Table(caption, head, rows), say(_("The same rows stand in numbers.csv.")))
    )


def data_uri(svg: str) -> str:
    """Return a picture as an address that holds it."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
