"""How numbers of a trial are said in sentences and figures: short, signed where they are gains."""

import math
from typing import Final

TENTHS_BELOW: Final = 10


def points(gain: float) -> str:
    """Return a difference of probabilities as signed points, with one decimal."""
    text = f"{100 * gain:+.1f}".replace("-", "−")
    return text if float(text.replace("−", "-")) else "0.0"


def share(probability: float, digits: int = 1) -> str:
    """Return a probability as a percentage; never 0 or 100 by rounding alone."""
    least = 10.0**-digits
    if probability > 0 and 100 * probability < least / 2:
        return f"< {least:g}\u00a0%"
    if probability < 1 and 100 * probability > 100 - least / 2:
        return f"> {100 - least:g}\u00a0%"
    return f"{100 * probability:.{digits}f}\u00a0%"


def plain_share(probability: float) -> str:
    """Return a declared probability as a percentage, with the decimals that it has."""
    return f"{100 * probability:g}\u00a0%"


def about(value: float) -> str:
    """Return a number rounded to what a plan can use: two significant digits, separated in thousands."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "∞"
    if abs(value) < TENTHS_BELOW:
        return f"{value:.2g}"
    digits = len(f"{abs(value):.0f}") - 2
    return f"{round(value, -digits):,.0f}"


def ratio(value: float) -> str:
    """Return a hazard ratio with two decimals, or three where two would say 1."""
    text = f"{value:.2f}"
    return f"{value:.3f}" if text == "1.00" and value != 1 else text


def opening(text: str) -> str:
    """Return words with a capital letter at their start, as a sentence or a title has."""
    return text[:1].upper() + text[1:]
