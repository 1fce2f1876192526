"""The tables of a study (format 1): their columns, keys and codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from residuum.records import vocabulary as codes
from residuum.records.image_flags import FLAGS

Kind = Literal["text", "code", "codes", "whole", "number"]
DTYPES: Final[Mapping[Kind, type[pl.DataType]]] = {
    "text": pl.String,
    "code": pl.String,
    "codes": pl.String,
    "whole": pl.Int64,
    "number": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Header in the file.
    kind : {"text", "code", "codes", "whole", "number"}
        `code` is one entry of a closed list, `codes` several separated by ``;`` (kept as written), `whole` a whole
        number (days carry the suffix ``_day`` or ``_days``).
    codes : tuple of str
        The closed list of `code` and `codes`.
    required : bool
        Whether every row must have a value (the column must then exist).
    low, high : float or None
        Inclusive limits of a number.
    """

    name: str
    kind: Kind = "text"
    codes: tuple[str, ...] = ()
    required: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the file `<name>.csv`, its key and columns in their usual order."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False

    @property
    def file(self) -> str:
        """Name of the file in a study folder."""
        return f"{self.name}.csv"

    @property
    def schema(self) -> dict[str, type[pl.DataType]]:
        """Column names with their polars types."""
        return {column.name: DTYPES[column.kind] for column in self.columns}

    def empty(self) -> pl.DataFrame:
        """Return the table with all of its columns and no row."""
        return pl.DataFrame(schema=self.schema)


def _text(name: str, *, required: bool = False) -> Column:
    return Column(name, required=required)


def _code(name: str, listed: tuple[str, ...], *, required: bool = False) -> Column:
    return Column(name, "code", listed, required)


def _codes(name: str, listed: tuple[str, ...], *, required: bool = False) -> Column:
    return Column(name, "codes", listed, required)


def _whole(name: str, low: float | None = None, *, required: bool = False) -> Column:
    return Column(name, "whole", required=required, low=low)


def _number(name: str, low: float | None = None, high: float | None = None) -> Column:
    return Column(name, "number", low=low, high=high)


PATIENTS: Final = Table(
    "patients",
    ("patient",),
    (
        _text("patient", required=True),
        _code("sex", codes.SEXES),
        _whole("age_at_diagnosis_days", 0),
        _whole("diagnosis_year", 1900),
        _code("stage", codes.STAGES),
        _code("mycn", codes.MYCN),
        _code("vital_status", codes.VITAL_STATUS, required=True),
        _whole("last_contact_day", 0, required=True),
    ),
)
TREATMENTS: Final = Table(
    "treatments",
    ("patient", "phase", "start_day"),
    (
        _text("patient", required=True),
        _code("phase", codes.PHASES, required=True),
        _whole("start_day", required=True),
        _whole("end_day"),
        _text("regimen"),
        _codes("regions", codes.MARK_REGIONS),
        _number("dose_gy", 0),
    ),
)
SCANS: Final = Table(
    "scans",
    ("scan",),
    (
        _text("scan", required=True),
        _text("patient", required=True),
        _whole("day", required=True),
        _code("timepoint", codes.TIMEPOINTS, required=True),
        _code("tracer", codes.TRACERS),
        _text("dicom_study_uid"),
    ),
)
READS: Final = Table(
    "reads",
    ("scan", "reader"),
    (
        _text("scan", required=True),
        _text("reader", required=True),
        _code("evaluable", codes.YES_NO, required=True),
        _code("state", codes.READ_STATES, required=True),
        _whole("read_order", 0),
        _number("seconds", 0),
        _text("comment"),
    ),
)
MARKS: Final = Table(
    "marks",
    ("scan", "reader", "mark"),
    (
        _text("scan", required=True),
        _text("reader", required=True),
        _text("mark", required=True),
        _codes("regions", codes.MARK_REGIONS, required=True),
        _code("pattern", codes.PATTERNS, required=True),
        _number("extent", 0, 1),
        _codes("seen_on", codes.SEEN_ON),
        _code("confidence", codes.CONFIDENCE),
        _text("site"),
        _text("from_scan"),
        _text("from_mark"),
        _text("image"),
        _code("view", codes.VIEWS),
        _number("x_mm"),
        _number("y_mm"),
        _number("z_mm"),
    ),
    optional=True,
)
GRADES: Final = Table(
    "grades",
    ("scan", "reader", "system", "segment"),
    (
        _text("scan", required=True),
        _text("reader", required=True),
        _code("system", codes.SYSTEMS, required=True),
        _text("segment", required=True),
        _text("grade", required=True),
    ),
    optional=True,
)
IMAGES: Final = Table(
    "images",
    ("image",),
    (
        _text("image", required=True),
        _text("scan", required=True),
        _code("kind", codes.IMAGE_KINDS, required=True),
        _code("view", codes.VIEWS),
        _text("source"),
        _text("sha256"),
        _whole("rows", 1),
        _whole("columns", 1),
        _whole("frames", 1),
        _text("spacing_mm"),
        _code("left_at", codes.IMAGE_SIDES),
        _codes("flags", tuple(FLAGS)),
    ),
    optional=True,
)
COMPONENTS: Final = Table(
    "components",
    ("patient", "day", "component"),
    (
        _text("patient", required=True),
        _whole("day", required=True),
        _code("component", codes.COMPONENTS, required=True),
        _code("timepoint", codes.TIMEPOINTS),
        _code("verdict", codes.COMPONENT_VERDICTS),
        _number("longest_mm", 0),
        _number("sum_mm", 0),
        _number("marrow_percent", 0, 100),
    ),
    optional=True,
)
TARGETS: Final = Table(
    "targets",
    ("patient", "target"),
    (
        _text("patient", required=True),
        _text("target", required=True),
        _codes("regions", codes.MARK_REGIONS, required=True),
        _code("basis", codes.TARGET_BASES),
        _number("diameter_mm", 0),
        _code("irradiable", codes.YES_NO),
        _text("reason"),
        _number("dose_gy", 0),
        _whole("fractions", 1),
        _whole("start_day"),
        _whole("end_day"),
    ),
    optional=True,
)
EVENTS: Final = Table(
    "events",
    ("patient", "day", "kind"),
    (
        _text("patient", required=True),
        _whole("day", required=True),
        _code("kind", codes.EVENT_KINDS, required=True),
        _code("skeletal", codes.YES_NO_UNKNOWN),
        _codes("regions", codes.MARK_REGIONS),
        _code("cause", codes.DEATH_CAUSES),
    ),
)
TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (PATIENTS, TREATMENTS, SCANS, READS, MARKS, GRADES, IMAGES, COMPONENTS, TARGETS, EVENTS)
}
"""Every table of format 1; `entry` decides whether `marks` or `grades` is required."""
