"""One look for every figure: colours ordered by lightness, with markers and hatches that survive black and white."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, ParamSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK: Final = "#1f2933"
QUIET: Final = "#5f6b78"
FAINT: Final = "#c3cad2"
WASH: Final = "#f0f3f6"
PAPER: Final = "#ffffff"

# Lightness L* 24, 52, 78, 92: the order survives grey printing, the hues survive red-green blindness.
STATE_COLOURS: Final = {"persistent": "#1b3a6b", "recurred": "#c8592a", "new": "#f0b93a", "cleared": "#dde5ec"}
OUTCOME_COLOURS: Final = {
    "progression_during_maintenance": "#5a1a3c",
    "progression_after_end_of_treatment": "#b34a33",
    "persistent_response": "#5fa8d3",
    "complete_response_end_of_treatment": "#9ad3c6",
    "other": "#d5d9de",
}
PATTERN_COLOURS: Final = {
    "persistent_only": "#1b3a6b",
    "recurred_only": "#c8592a",
    "new_only": "#f0b93a",
    "mixed": "#6f4b8b",
    "non_skeletal": "#7fb5a5",
    "unknown": "#d5d9de",
    "death": "#2b2b2b",
    "second_malignancy": "#8f8f8f",
}
PATTERN_HATCHES: Final = {
    "persistent_only": "",
    "recurred_only": "//",
    "new_only": "",
    "mixed": "xx",
    "non_skeletal": "..",
    "unknown": "--",
    "death": "",
    "second_malignancy": "\\\\",
}
CURVES: Final = (
    {"color": "#1b3a6b", "linestyle": "-"},
    {"color": "#c8592a", "linestyle": (0, (5, 1.5))},
    {"color": "#4f9d8a", "linestyle": (0, (1, 1.2))},
)
MOST_DRAWN: Final = 60

# Any: matplotlib types its settings by literal names, each with its own type.
STYLE: Final[Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "hatch.linewidth": 0.6,
    "hatch.color": PAPER,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",
    "svg.hashsalt": "residuum",
    "axes.unicode_minus": True,
    "text.parse_math": False,
}


@dataclass(frozen=True, slots=True)
class Description:
    """The words that go with a figure.

    Attributes
    ----------
    title, caption : str
        Heading and the sentences below the figure.
    alt : str
        What the figure shows, for a reader who cannot see it.
    """

    title: str
    caption: str
    alt: str


Call = ParamSpec("Call")


def styled(draw: Callable[Call, "Figure"]) -> "Callable[Call, Figure]":
    """Return `draw` run with the look of this file, whatever the caller's settings are."""

    @wraps(draw)
    def drawn(*args: Call.args, **kwargs: Call.kwargs) -> "Figure":
        from matplotlib import rc_context

        with rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure of this size in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def sentence_figure(sentence: str) -> "Figure":
    """Return a figure that only says why there is nothing to draw."""
    figure = new_figure(7.2, 1.1)
    say(figure.add_axes((0, 0, 1, 1)), sentence)
    return figure


def say(axes: "Axes", sentence: str) -> None:
    """Put a sentence in place of an empty plot."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, wrap(sentence, 70), transform=axes.transAxes, ha="center", va="center", color=QUIET)


def wrap(text: str, width: int) -> str:
    """Return `text` in lines of at most `width` characters."""
    import textwrap

    return "\n".join(textwrap.wrap(text, width, break_long_words=False)) or text


def lightness(colour: str) -> float:
    """Return the relative lightness of a colour, 0 (black) to 1 (white), to choose ink on it."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def ink_on(colour: str) -> str:
    """Return the colour of text that can be read on `colour`."""
    return PAPER if lightness(colour) < 0.55 else INK
