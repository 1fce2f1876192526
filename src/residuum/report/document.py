"""A report as data: sections of paragraphs, tables and pictures, before any page format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import ClassVar, Literal

from residuum.report.figure_set import RenderedFigure


@dataclass(frozen=True, slots=True)
class Cell:
    """One piece of text, perhaps a link to the patients behind it.

    Attributes
    ----------
    text : str
        What is printed.
    target : str or None
        Identifier of the place on the page to which the text links.
    tone : {"", "number", "quiet", "strong"}
        How it is set: numbers to the right, quiet for what rests on too few patients.
    reason : str
        Why there is no number, printed small behind the text.
    """

    text: str
    target: str | None = None
    tone: Literal["", "number", "quiet", "strong"] = ""
    reason: str = ""


Parts = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section."""

    kind: ClassVar[str] = "heading"
    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of text and linked numbers."""

    kind: ClassVar[str] = "paragraph"
    parts: Parts
    tone: Literal["", "note", "warning", "banner"] = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of every row names it."""

    kind: ClassVar[str] = "table"
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure of the set, by reference."""

    kind: ClassVar[str] = "picture"
    figure: RenderedFigure


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG element made by this package, safe to stand in the page as it is."""

    kind: ClassVar[str] = "drawing"
    svg: str


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks that open when asked for."""

    kind: ClassVar[str] = "fold"
    title: str
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class PatientSet:
    """The patients behind a number, shown when its link is followed."""

    kind: ClassVar[str] = "set"
    id: str
    title: str
    note: str
    patients: Parts


Block = Heading | Paragraph | Table | Picture | Drawing | Fold | PatientSet


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report."""

    id: str
    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)


class Pictures:
    """The figures of a report, placed by name where they belong."""

    def __init__(self, figures: Mapping[str, RenderedFigure]) -> None:
        self._figures = figures

    def named(self, *names: str) -> list[Block]:
        """Return the pictures of these names; a figure that was not made is left out."""
        return [Picture(self._figures[name]) for name in names if name in self._figures]


def compose(sentence: str, **cells: Cell | str) -> Parts:
    """Return a sentence with its ``{names}`` replaced by cells, each keeping its link.

    A translated sentence may order the names as it likes.
    """
    parts = []
    for text, name, _, _ in Formatter().parse(sentence):
        if text:
            parts.append(Cell(text))
        if name is not None:
            cell = cells[name]
            parts.append(cell if isinstance(cell, Cell) else Cell(cell))
    return tuple(parts)


def say(sentence: str, tone: Literal["", "note", "warning", "banner"] = "", **cells: Cell | str) -> Paragraph:
    """Return a paragraph of one composed sentence."""
    return Paragraph(compose(sentence, **cells), tone)
