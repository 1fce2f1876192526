"""What a read scores while it is made."""

from typing import Any

from residuum.records.read_content import ReadContent
from residuum.scores.one_read import score_read
from residuum.steps.reading import UNREAD, find_case
from residuum.steps.settings import parse_settings
from residuum.steps.visits import Visit
from residuum.store.readings import load_read


def score_content(visit: Visit, content: ReadContent) -> dict[str, Any]:
    """Return grades and totals of a content that need not be stored."""
    return score_read(content, *parse_settings(visit.session.settings))


def score_stored(visit: Visit, number: str) -> dict[str, Any]:
    """Return grades and totals of a case as it is stored.

    Raises
    ------
    RefusalError
        ``not_found``.
    """
    stored = load_read(visit.connection, find_case(visit, number).read) or UNREAD
    return score_content(visit, stored.content)
