"""What a signature covers, and what a save changes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from residuum.records.read_content import Mark, ReadContent
from residuum.records.schemas import MARKS

Change = tuple[str, str, object, object]
_Key = TypeVar("_Key")

UNSIGNED: Final = ("site", "from_scan", "from_mark")
"""Fields of a mark that are settled after the read is signed, in the paired pass."""
_READ_FIELDS: Final = ("evaluable", "comment", "seconds")
_MARK_FIELDS: Final = tuple(column.name for column in MARKS.columns if column.name not in MARKS.key)
_SIGNED_FIELDS: Final = ("mark", *(name for name in _MARK_FIELDS if name not in UNSIGNED))


def content_hash(content: ReadContent, scan: str, reader: str) -> str:
    """Return the SHA-256, in hexadecimal, of what a signature covers.

    It covers scan, reader and the whole content but the reading time, where the sites of marks are named, and which
    earlier marks are gone. Marks, grades, regions and views come in any order; a blank comment is none.
    """
    signed = {
        "scan": scan,
        "reader": reader,
        "evaluable": content.evaluable,
        "comment": content.comment or None,
        "marks": [
            {name: _canonical(getattr(mark, name)) for name in _SIGNED_FIELDS}
            for mark in sorted(content.marks, key=lambda mark: mark.mark)
        ],
        "grades": sorted([one.system, one.segment, one.grade] for one in content.grades),
    }
    text = json.dumps(signed, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def derive_changes(old: ReadContent | None, new: ReadContent) -> list[Change]:
    """Return what a save changes, field by field.

    Parameters
    ----------
    old : ReadContent or None
        Content before, None for the first save.
    new : ReadContent
        Content after.

    Returns
    -------
    list of (record, field, old, new)
        `record` is ``read``, ``mark <mark>``, ``grade <system> <segment>`` or ``cleared <scan>``, of which the field
        is the mark that is gone. What was or is not there is None, as is a field without a value or with an empty
        list; fields that stay as they are are left out.
    """
    changes = _field_changes("read", _READ_FIELDS, old, new)
    marks_before, marks_after = _marks(old), _marks(new)
    for name in _joined(marks_after, marks_before):
        changes += _field_changes(f"mark {name}", _MARK_FIELDS, marks_before.get(name), marks_after.get(name))
    before, after = _grades(old), _grades(new)
    for key in _joined(after, before):
        was, now = before.get(key), after.get(key)
        if was != now:
            changes.append((f"grade {key[0]} {key[1]}", "grade", was, now))
    return changes + _cleared_changes(old, new)


def _canonical(value: object) -> object:
    if isinstance(value, tuple):
        return sorted(value)
    # a database may hand -0.0 back as 0.0
    return value + 0.0 if isinstance(value, float) else value


def _field_changes(
    record: str, fields: Iterable[str], old: ReadContent | Mark | None, new: ReadContent | Mark | None
) -> list[Change]:
    changes: list[Change] = []
    for field in fields:
        was, now = _recorded(old, field), _recorded(new, field)
        if was != now:
            changes.append((record, field, was, now))
    return changes


def _cleared_changes(old: ReadContent | None, new: ReadContent) -> list[Change]:
    before, after = _cleared(old), _cleared(new)
    keys = [key for key in _joined(after, before) if before.get(key) != after.get(key)]
    return [(f"cleared {scan}", mark, before.get((scan, mark)), after.get((scan, mark))) for scan, mark in keys]


def _recorded(record: ReadContent | Mark | None, field: str) -> object:
    value = getattr(record, field, None)
    return None if value == () else value


def _marks(content: ReadContent | None) -> dict[str, Mark]:
    return {} if content is None else {mark.mark: mark for mark in content.marks}


def _grades(content: ReadContent | None) -> dict[tuple[str, str], object]:
    return {} if content is None else {(one.system, one.segment): one.grade for one in content.grades}


def _cleared(content: ReadContent | None) -> dict[tuple[str, str], object]:
    return {} if content is None else {(one.from_scan, one.mark): True for one in content.cleared}


def _joined(after: Mapping[_Key, object], before: Mapping[_Key, object]) -> list[_Key]:
    return [*after, *(key for key in before if key not in after)]
