"""What a check found, as lines of text, plain records or one page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from residuum.records.errors import Problem
from residuum.report.templating import template_environment
from residuum.report.wording import translator


def render_text(problems: Sequence[Problem]) -> str:
    """Return the problems as lines, grouped by file, with the verdict last."""
    lines = []
    for file, found in groupby(problems, key=lambda one: one.file):
        lines += [file, *(f"  {one.severity}: {_below(one)}" for one in found)]
    return "\n".join([*lines, _verdict(problems)])


def render_records(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return the problems as dictionaries for JSON, one for each."""
    return [asdict(one) for one in problems]


def render_page(problems: Sequence[Problem], study: str, language: str = "en") -> str:
    """Return one self-contained HTML page without scripts.

    Parameters
    ----------
    problems : sequence of Problem
        What the check found.
    study : str
        Name of the study folder, printed as it is.
    language : str
        Language of the page; cells of the study are never translated.
    """
    page = template_environment(translator(language)).get_template("check.html.j2")
    return page.render(problems=problems, study=study, language=language, counts=_counts(problems))


def _below(one: Problem) -> str:
    """Return a problem without its file, which stands above it."""
    return str(one).removeprefix(one.file).lstrip(",: ")


def _counts(problems: Sequence[Problem]) -> Counter[str]:
    return Counter(one.severity for one in problems)


def _verdict(problems: Sequence[Problem]) -> str:
    counts = _counts(problems)
    numbers = ", ".join(f"{counts[name]} {name}{'s' * (counts[name] != 1)}" for name in ("error", "warning", "note"))
    return f"{'Refused' if counts['error'] else 'Accepted'}: {numbers}."
