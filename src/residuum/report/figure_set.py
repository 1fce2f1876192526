"""All figures of a report, drawn, described and written as SVG and PNG."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from gettext import NullTranslations
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from residuum.cohort.analysis import Analysis
from residuum.report.figures.agreement import derive_pairs
from residuum.report.figures.style import STYLE
from residuum.report.numbers import Numbers
from residuum.report.wording import translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: Final = (
    "flow",
    "body_map",
    "fates",
    "failure_pattern",
    "score_courses",
    "survival",
    "competing",
    "swimmer",
    "agreement",
    "site_matrix",
)
"""Every figure in the order of the report; each is a file of that name in `figures`."""
BY_HAND: Final = ("site_matrix",)
"""Written as SVG directly: thousands of cells would take a plotting library seconds. No PNG is made of them."""
PNG_DPI: Final = 150
FOLDER: Final = "figures"

# Two decimals are a hundredth of a point. Numbers below 1 are kept: they scale the shapes of letters.
_LONG_NUMBER: Final = re.compile(r"\b([1-9]\d*\.\d\d)\d+")


@dataclass(frozen=True, slots=True)
class RenderedFigure:
    """One figure ready for a page.

    Attributes
    ----------
    name : str
        Name of its files, for example ``flow`` for ``flow.svg``.
    title, caption, alt : str
        Heading, the sentences below it, and what it shows in words.
    svg : str
        The picture as an SVG document.
    """

    name: str
    title: str
    caption: str
    alt: str
    svg: str


def render_figures(
    analysis: Analysis,
    numbers: Numbers,
    folder: Path,
    language: str = "en",
    progress: Callable[[str, float], None] = lambda _name, _share: None,
) -> dict[str, RenderedFigure]:
    """Draw every figure, write its SVG and PNG below ``folder/figures`` and return them by name.

    Parameters
    ----------
    analysis, numbers : Analysis, Numbers
        What is drawn.
    folder : Path
        Output folder; made where missing.
    language : str
        Language of all words in the figures.
    progress : callable
        Called with the name of each figure before it is drawn, and the share of figures done.
    """
    words = translator(language)
    sources = {"failure_pattern": numbers, "agreement": derive_pairs(analysis)}
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    rendered = {}
    for place, name in enumerate(FIGURES):
        progress(name, place / len(FIGURES))
        rendered[name] = render_figure(name, sources.get(name, analysis), words, target)
    return rendered


def render_figure(name: str, source: object, words: NullTranslations, target: Path) -> RenderedFigure:
    """Draw one figure from what it shows, write it into a folder and return it."""
    module = import_module(f"residuum.report.figures.{name}")
    described = getattr(module, f"describe_{name}")(source, words)
    if name in BY_HAND:
        svg = getattr(module, f"render_{name}")(source, words)
    else:
        figure = getattr(module, f"draw_{name}")(source, words)
        svg = render_svg(figure)
        write_png(figure, target / f"{name}.png")
    (target / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
    return RenderedFigure(name, described.title, described.caption, described.alt, svg)


def render_svg(figure: "Figure") -> str:
    """Return a figure as an SVG document, the same bytes for the same figure."""
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return _LONG_NUMBER.sub(r"\1", buffer.getvalue())


def write_png(figure: "Figure", path: Path) -> None:
    """Write a figure as PNG, the same bytes for the same figure."""
    from matplotlib import rc_context

    with rc_context(STYLE):
        # Fast compression: the files are a few percent larger and written in half the time.
        figure.savefig(path, dpi=PNG_DPI, metadata={"Software": None}, pil_kwargs={"compress_level": 2})
