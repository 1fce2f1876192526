"""What somebody who misspelled a name may have meant."""

from collections.abc import Sequence
from difflib import get_close_matches


def nearest(value: str, choices: Sequence[str]) -> str:
    """Return a sentence that names the most similar choice, empty when none is similar."""
    folded = {choice.casefold(): choice for choice in choices}
    wanted = "_".join(value.casefold().replace("-", " ").split())
    sides = [f"{wanted}_{side}" for side in ("right", "left")]
    if set(sides) <= folded.keys():
        return f"Did you mean {sides[0]} or {sides[1]}?"
    close = get_close_matches(wanted, folded, 1)
    return f"Did you mean {folded[close[0]]}?" if close else ""
