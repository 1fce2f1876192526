"""What one reader says about one scan: evaluable or not, marks or grades, and a comment.

The models say in their JSON schema everything that they refuse, so that a page can tell before it sends; what the
schema cannot say (two marks of one name) is checked by `ReadContent`.
"""

from collections.abc import Hashable, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from residuum.records import vocabulary as codes

MARKS_AT_MOST = 200
"""Marks of one read; a body has 28 skeletal regions."""


def _without_repeats(entries: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    if len(set(entries)) < len(entries):
        raise ValueError("an entry stands there twice; write every entry once")
    return entries


_UNIQUE = Field(json_schema_extra={"uniqueItems": True})
Label = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$")
]
"""A name: no control characters, no blanks around it."""
FreeText = Annotated[str, Field(max_length=10_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
"""Any text on one or more lines."""
Millimetres = Annotated[float, Field(ge=-1e5, le=1e5, allow_inf_nan=False)]
Regions = Annotated[
    tuple[Literal[codes.MARK_REGIONS], ...],  # type: ignore[valid-type]  # the closed lists live once
    Field(min_length=1),
    AfterValidator(_without_repeats),
    _UNIQUE,
]
SeenOn = Annotated[
    tuple[Literal[codes.SEEN_ON], ...],  # type: ignore[valid-type]
    AfterValidator(_without_repeats),
    _UNIQUE,
]


class Frozen(BaseModel):
    """A record that cannot be changed and takes no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Mark(Frozen):
    mark: Label
    regions: Regions
    seen_on: SeenOn = ()
    confidence: Literal[codes.CONFIDENCE] | None = None  # type: ignore[valid-type]
    site: Label | None = None
    from_scan: Annotated[Label | None, Field(alias="from_case")] = None  # a reader names scans by case numbers
    from_mark: Label | None = None
    image: Label | None = None
    view: Literal[codes.VIEWS] | None = None  # type: ignore[valid-type]
    x_mm: Millimetres | None = None
    y_mm: Millimetres | None = None
    z_mm: Millimetres | None = None


class FocalMark(_Mark):
    """A focal lesion; it has no extent."""

    pattern: Literal["focal"]
    extent: None = None


class DiffuseMark(_Mark):
    """A diffuse lesion with the fraction of each segment that it fills."""

    pattern: Literal["diffuse"]
    extent: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


Mark = Annotated[FocalMark | DiffuseMark, Field(discriminator="pattern")]


class SiopenGrade(Frozen):
    """The grade of one SIOPEN segment."""

    system: Literal["siopen"]
    segment: Literal[codes.SIOPEN_SEGMENTS]  # type: ignore[valid-type]
    grade: Annotated[int, Field(ge=0, le=6, strict=True)] | Literal["not_assessable"]


class CurieGrade(Frozen):
    """The grade of one Curie segment."""

    system: Literal["curie"]
    segment: Literal[codes.CURIE_SEGMENTS]  # type: ignore[valid-type]
    grade: Annotated[int, Field(ge=0, le=3, strict=True)] | Literal["not_assessable"]


Grade = Annotated[SiopenGrade | CurieGrade, Field(discriminator="system")]


class ClearedMark(Frozen):
    """A mark of the reader's earlier scan that is gone on this one."""

    from_scan: Annotated[Label, Field(alias="case")]  # a reader names scans by case numbers
    mark: Label


class ReadContent(Frozen):
    """The content of a read. `seconds` is the active reading time; a read without marks or grades is negative."""

    evaluable: bool = True
    comment: FreeText | None = None
    seconds: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] | None = None
    marks: Annotated[tuple[Mark, ...], Field(max_length=MARKS_AT_MOST)] = ()
    grades: Annotated[tuple[Grade, ...], Field(max_length=40)] = ()
    cleared: Annotated[
        tuple[ClearedMark, ...], Field(max_length=MARKS_AT_MOST), AfterValidator(_without_repeats), _UNIQUE
    ] = ()

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        _check_names([one.mark for one in self.marks], "mark")
        _check_names([(one.system, one.segment) for one in self.grades], "segment")
        return self


def _check_names(names: Sequence[Hashable], kind: str) -> None:
    if len(set(names)) < len(names):
        raise ValueError(f"a {kind} stands there twice; give every {kind} one entry")
