"""The peer of `benchmarks/api.py`: FastAPI and sqlite3 as one writes it without anything that a study needs.

No login, no roles, no audit that holds, no blinding. Every save inserts one read, its grades and one line of audit, and
is on the disk (WAL, synchronous=FULL) before it is answered.

The endpoints are plain functions, as FastAPI's documentation wants them for a library that blocks, over one connection
and a lock: a connection for each thread is slower, and some requests wait for a quarter of a second. The same
work done on the event loop (`/inline`) is faster, though nothing else is answered while the disk works.

usage: python -m uvicorn bare_api:app, with RESIDUUM_BARE_DATABASE naming the file
"""

import os
import sqlite3
import threading
from datetime import UTC, datetime
from typing import Literal

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

TABLES = """
CREATE TABLE IF NOT EXISTS reads (
  id INTEGER PRIMARY KEY, scan TEXT NOT NULL, reader TEXT NOT NULL, version INTEGER NOT NULL,
  evaluable INTEGER NOT NULL, seconds REAL, comment TEXT, saved_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS reads_of_scan ON reads (scan, reader, version);
CREATE TABLE IF NOT EXISTS grades (
  read INTEGER NOT NULL REFERENCES reads (id), system TEXT NOT NULL, segment TEXT NOT NULL, grade INTEGER NOT NULL,
  PRIMARY KEY (read, system, segment));
CREATE TABLE IF NOT EXISTS audit (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, read INTEGER NOT NULL);
"""


class Grade(BaseModel):
    """The grade of one segment."""

    system: Literal["siopen", "curie"]
    segment: str
    grade: int = Field(ge=0, le=6)


class Read(BaseModel):
    """What one reader says about one scan."""

    version: int
    reader: str
    evaluable: bool = True
    seconds: float | None = None
    comment: str | None = None
    grades: list[Grade]


def connect() -> sqlite3.Connection:
    """Return the one connection of the server."""
    connection = sqlite3.connect(
        os.environ["RESIDUUM_BARE_DATABASE"], isolation_level=None, check_same_thread=False, timeout=30
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript(TABLES)
    return connection


app = FastAPI()
database = connect()
lock = threading.Lock()


@app.get("/healthz")
def health() -> dict[str, str]:
    """Return that the server is there."""
    return {"status": "ready"}


@app.post("/reads/{scan}", status_code=201)
def add_read(scan: str, read: Read) -> dict[str, int]:
    """Store a read and return its number."""
    now = datetime.now(UTC).isoformat()
    with lock:
        database.execute("BEGIN IMMEDIATE")
        try:
            number = insert(scan, read, now)
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise
    return {"id": number, "version": read.version + 1}


@app.post("/inline/{scan}", status_code=201)
async def add_read_inline(scan: str, read: Read) -> dict[str, int]:
    """Store a read on the event loop and return its number."""
    return add_read(scan, read)


def insert(scan: str, read: Read, now: str) -> int:
    """Insert a read, its grades and a line of audit; return the number of the read."""
    cursor = database.execute(
        "INSERT INTO reads (scan, reader, version, evaluable, seconds, comment, saved_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (scan, read.reader, read.version, read.evaluable, read.seconds, read.comment, now),
    )
    number = cursor.lastrowid
    assert number is not None
    database.executemany(
        "INSERT INTO grades (read, system, segment, grade) VALUES (?, ?, ?, ?)",
        [(number, one.system, one.segment, one.grade) for one in read.grades],
    )
    database.execute("INSERT INTO audit (at, who, action, read) VALUES (?, ?, 'save', ?)", (now, read.reader, number))
    return number


@app.get("/reads/{scan}/{reader}")
def get_read(scan: str, reader: str) -> dict[str, object]:
    """Return the newest read of a scan by a reader."""
    with lock:
        row = database.execute(
            "SELECT * FROM reads WHERE scan = ? AND reader = ? ORDER BY version DESC LIMIT 1", (scan, reader)
        ).fetchone()
        if row is None:
            raise HTTPException(404, "no such read")
        grades = database.execute("SELECT system, segment, grade FROM grades WHERE read = ?", (row["id"],)).fetchall()
    return {**row, "grades": [dict(one) for one in grades]}


@app.get("/reads")
def list_reads(limit: int = 50) -> list[dict[str, object]]:
    """Return the newest reads."""
    with lock:
        rows = database.execute("SELECT * FROM reads ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
    return [dict(row) for row in rows]
