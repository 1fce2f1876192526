"""Where two reads of a scan differ, and whether their consensus gives a reason for what neither said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from residuum.records.read_content import Mark, ReadContent
from residuum.records.vocabulary import MARK_REGIONS, SEGMENTS

Kind = Literal["evaluable", "region", "grade"]
Findings = dict[tuple[Kind, str], object]

EVALUABLE: Final = "evaluable"
_ABSENT: Final[Mapping[Kind, object]] = {"region": None, "grade": 0}
_ITEMS: Final[tuple[tuple[Kind, str], ...]] = (
    *(("region", region) for region in MARK_REGIONS),
    *(("grade", f"{system} {segment}") for system, segments in SEGMENTS.items() for segment in segments),
)
_PLACES: Final = {region: place for place, region in enumerate(MARK_REGIONS)}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two reads say differently.

    Attributes
    ----------
    kind : {"evaluable", "region", "grade"}
        What is compared.
    item : str
        ``evaluable``, a region such as ``femur_left``, or system and segment such as ``siopen spine``.
    first, second : object
        What each read says: ``yes`` or ``no``; None or a list of ``{"pattern", "extent", "regions"}``, one entry per
        mark that touches the region; a whole number or ``not_assessable``, 0 where the segment is left out.
    """

    kind: Kind
    item: str
    first: object
    second: object


def derive_differences(first: ReadContent, second: ReadContent) -> list[Difference]:
    """Return everything that two reads say differently: evaluable, regions, then grades, each in the order of its list.

    Marks are compared by number, pattern, extent and regions alone. A read that is not evaluable has no findings.
    """
    found = []
    if first.evaluable != second.evaluable:
        found.append(Difference(EVALUABLE, EVALUABLE, _yes_no(first), _yes_no(second)))
    one, other = _findings(first), _findings(second)
    for key in _ITEMS:
        values = _value(one, key), _value(other, key)
        if values[0] != values[1]:
            found.append(Difference(*key, *values))
    return found


def check_resolution(
    first: ReadContent, second: ReadContent, consensus: ReadContent, reasons: Mapping[str, str]
) -> list[str]:
    """Return the items in which the consensus says what neither read says and `reasons` gives no reason.

    A consensus that is not evaluable is compared in that alone. A read that is not evaluable backs no finding and no
    absence of one, unless neither is: what the consensus finds then needs a reason.

    Parameters
    ----------
    first, second, consensus : ReadContent
        The two reads, in any order, and what was decided.
    reasons : mapping
        Reason for each item, named as in `Difference`; a blank one is none.
    """
    third = [] if consensus.evaluable in (first.evaluable, second.evaluable) else [EVALUABLE]
    if consensus.evaluable:
        said = [_findings(read) for read in (first, second) if read.evaluable] or [{}]
        decided = _findings(consensus)
        third += [key[1] for key in _ITEMS if _value(decided, key) not in [_value(one, key) for one in said]]
    return [item for item in third if not reasons.get(item, "").strip()]


def _yes_no(content: ReadContent) -> str:
    return "yes" if content.evaluable else "no"


def _value(findings: Findings, key: tuple[Kind, str]) -> object:
    return findings.get(key, _ABSENT[key[0]])


def _findings(content: ReadContent) -> Findings:
    """Return what an evaluable read says of each region and segment that it names."""
    if not content.evaluable:
        return {}
    touching: dict[str, list[Mark]] = {}
    for mark in content.marks:
        for region in mark.regions:
            touching.setdefault(region, []).append(mark)
    findings: Findings = {("region", region): _marks_as_value(marks) for region, marks in touching.items()}
    return findings | {("grade", f"{one.system} {one.segment}"): one.grade for one in content.grades}


def _marks_as_value(marks: list[Mark]) -> list[dict[str, object]]:
    compared = sorted(
        (sorted(_PLACES[region] for region in one.regions), one.pattern, one.extent or 0) for one in marks
    )
    return [
        {"pattern": pattern, "extent": extent or None, "regions": [MARK_REGIONS[place] for place in places]}
        for places, pattern, extent in compared
    ]
