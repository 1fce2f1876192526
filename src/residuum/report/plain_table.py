"""Small tables for a terminal."""

from collections.abc import Sequence


def plain_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table, the first column to the left and the others to the right.

    Parameters
    ----------
    head : sequence of str
        One for each column.
    rows : sequence of sequence of str
        Cells.
    """
    widths = [max(len(line[k]) for line in (head, *rows)) for k in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if k else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (head, *rows)
    ]
