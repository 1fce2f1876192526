"""Marks of the earlier scan about which a read says nothing yet, in paired order."""

from collections.abc import Iterable

from residuum.records.read_content import Mark, ReadContent


def derive_pending(scan: str, marks: Iterable[Mark], content: ReadContent) -> list[str]:
    """Return the earlier marks that a read neither continues in a mark of its own nor says to be gone.

    Parameters
    ----------
    scan : str
        The earlier scan.
    marks : iterable of Mark
        The same reader's marks on it.
    content : ReadContent
        What the reader says of the scan that is read now; where it is not evaluable, nothing can be said.
    """
    if not content.evaluable:
        return []
    settled = {(mark.from_scan, mark.from_mark) for mark in content.marks}
    settled |= {(one.from_scan, one.mark) for one in content.cleared}
    return [mark.mark for mark in marks if (scan, mark.mark) not in settled]
