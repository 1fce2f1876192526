"""The tables of a study into the database and out of it, nothing lost: order, unknown columns, absent files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl
import sqlalchemy as sa

from residuum.records.schemas import TABLES
from residuum.store.tables import READ_TABLES, READS, STUDY, STUDY_TABLES

MAIN: Final = "main"


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """What the database holds of a study: the text of its study.toml and its tables."""

    settings: str
    tables: Mapping[str, pl.DataFrame]
    present: frozenset[str]


def save_study(connection: sa.Connection, study: StoredStudy, at: datetime) -> None:
    """Write a whole study in place of what is there, but for the reads that are there already: they stay."""
    unknown = {name: _unknown_columns(name, study.tables[name]) for name in TABLES}
    connection.execute(STUDY.delete())
    row = {
        "id": 1,
        "settings": study.settings,
        "present": json.dumps(sorted(study.present)),
        "unknown": json.dumps(unknown, ensure_ascii=False),
        "created_at": at.isoformat(),
    }
    connection.execute(STUDY.insert(), row)
    known = _read_keys(connection)
    for name in sorted(TABLES, key="reads".__eq__):  # reads last: nothing may be added to a locked one
        _save_table(connection, name, study.tables[name], known)


def load_study(connection: sa.Connection, tables: Mapping[str, object] = TABLES) -> StoredStudy:
    """Return the study, or only some of its tables.

    Raises
    ------
    LookupError
        The database holds no study.
    """
    row = connection.execute(sa.select(STUDY)).first()
    if row is None:
        raise LookupError("the database holds no study")
    unknown = json.loads(row.unknown)
    frames = {name: _load_table(connection, name, unknown.get(name, [])) for name in tables}
    filled = {name for name, frame in frames.items() if frame.height}
    return StoredStudy(row.settings, frames, frozenset(json.loads(row.present)) | filled)


def load_repeats(connection: sa.Connection) -> dict[str, pl.DataFrame]:
    """Return the reads that readers gave a second time and locked, with their marks and grades."""
    frames = {}
    for name in READ_TABLES:
        table, schema = STUDY_TABLES[name], TABLES[name].schema
        rows = connection.execute(
            sa.select(*(table.c[column] for column in schema)).where(table.c.occasion == "repeat")
        )
        frames[name] = pl.DataFrame(rows.all(), schema=schema, orient="row")
    locked = frames["reads"].filter(pl.col("state") == "locked").select("scan", "reader")
    return {name: frame.join(locked, on=["scan", "reader"], how="semi") for name, frame in frames.items()}


def load_settings_text(connection: sa.Connection) -> str:
    """Return the text of study.toml."""
    return str(connection.execute(sa.select(STUDY.c.settings)).scalar_one())


def save_settings_text(connection: sa.Connection, text: str) -> None:
    """Write the text of study.toml."""
    connection.execute(STUDY.update().values(settings=text))


def append_rows(connection: sa.Connection, name: str, rows: pl.DataFrame) -> None:
    """Add rows at the end of a table of format 1 that belongs to no read.

    Parameters
    ----------
    rows : DataFrame
        The table's own columns; no row may be there already.
    """
    table = STUDY_TABLES[name]
    last = connection.execute(sa.select(sa.func.max(table.c.position))).scalar()
    first = 0 if last is None else last + 1
    values = rows.select(list(TABLES[name].schema)).to_dicts()
    connection.execute(table.insert(), [row | {"position": first + at} for at, row in enumerate(values)])


def load_table(connection: sa.Connection, name: str) -> pl.DataFrame:
    """Return one table of format 1 with its unknown columns."""
    unknown = json.loads(connection.execute(sa.select(STUDY.c.unknown)).scalar_one())
    return _load_table(connection, name, unknown.get(name, []))


def load_image_sources(connection: sa.Connection) -> list[str]:
    """Return where all images lie; of a database of an older version, too."""
    images = STUDY_TABLES["images"]
    return [row.source for row in connection.execute(sa.select(images.c.source).where(images.c.source.is_not(None)))]


def load_scans_with_images(connection: sa.Connection) -> set[str]:
    """Return the scans of which there are images."""
    return set(connection.execute(sa.select(STUDY_TABLES["images"].c.scan).distinct()).scalars())


def _unknown_columns(name: str, frame: pl.DataFrame) -> list[str]:
    return [column for column in frame.columns if column not in TABLES[name].schema]


def _read_keys(connection: sa.Connection) -> pl.DataFrame:
    main = sa.select(READS.c.scan, READS.c.reader).where(READS.c.occasion == MAIN)
    return pl.DataFrame(connection.execute(main).all(), schema={"scan": pl.String, "reader": pl.String}, orient="row")


def _save_table(connection: sa.Connection, name: str, frame: pl.DataFrame, known: pl.DataFrame) -> None:
    table, unknown = STUDY_TABLES[name], _unknown_columns(name, frame)
    if name in READ_TABLES:
        frame = frame.join(known, on=["scan", "reader"], how="anti", maintain_order="left")
    else:
        connection.execute(table.delete())
    if frame.is_empty():
        return
    rows = frame.select(list(TABLES[name].schema)).to_dicts()
    more: list[str | None] = [None] * len(rows)
    if unknown:
        more = [json.dumps(values, ensure_ascii=False) for values in frame.select(unknown).to_dicts()]
    for position, row in enumerate(rows):
        row |= {"position": position, "more": more[position]}
        if name in READ_TABLES:
            row["occasion"] = MAIN
    connection.execute(table.insert(), rows)


def _load_table(connection: sa.Connection, name: str, unknown: list[str]) -> pl.DataFrame:
    table, schema = STUDY_TABLES[name], TABLES[name].schema
    key = [table.c[column] for column in TABLES[name].key]
    statement = sa.select(*(table.c[column] for column in schema), table.c.more).order_by(
        table.c.position.is_(None), table.c.position, *key
    )
    if name in READ_TABLES:
        statement = statement.where(table.c.occasion == MAIN)
    rows = connection.execute(statement).all()
    frame = pl.DataFrame(rows, schema={**schema, "more": pl.String}, orient="row")
    more = [json.loads(text) if text else {} for text in frame["more"]] if unknown else []
    extra = [pl.Series(column, [row.get(column) for row in more], dtype=pl.String) for column in unknown]
    return frame.drop("more").with_columns(extra)
