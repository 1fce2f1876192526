"""Every table of the database: those of format 1 as they are, and those of the reading room beside them.

Migrations are the source of what a database really holds; a test compares the two.
"""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from residuum.records.schemas import TABLES

REVISION: Final = "0004"
"""The migration that this version of Residuum works with."""
READ_TABLES: Final = ("reads", "marks", "grades")
"""Tables whose rows belong to one read; there, `occasion` (main, repeat, training) belongs to the key."""

# Sorted by code point in either database: an order must not depend on the language of a server.
TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER: Final[sa.Double[float]] = sa.Double()
_TYPES: Final[Mapping[type[pl.DataType], sa.types.TypeEngine[Any]]] = {
    pl.String: TEXT,
    pl.Int64: WHOLE,
    pl.Float64: NUMBER,
}

metadata = sa.MetaData()


def _study_table(name: str) -> sa.Table:
    """Return a table of format 1 with the place of each row and its unknown columns (JSON)."""
    table = TABLES[name]
    key = (*table.key, "occasion") if name in READ_TABLES else table.key
    columns = [sa.Column(column, _TYPES[kind], primary_key=column in key) for column, kind in table.schema.items()]
    if name in READ_TABLES:
        columns.append(sa.Column("occasion", TEXT, primary_key=True, server_default="main"))
    columns += [sa.Column("position", WHOLE), sa.Column("more", TEXT)]
    if name == "reads":
        columns += [
            sa.Column("version", WHOLE, nullable=False, server_default="1"),
            sa.Column("signed_by", TEXT),
            sa.Column("signed_at", TEXT),
            sa.Column("content_sha256", TEXT),
            sa.Column("cleared", TEXT),  # JSON: earlier marks that are gone, as pairs of scan and mark
        ]
    return sa.Table(name, metadata, *columns)


STUDY_TABLES: Final[Mapping[str, sa.Table]] = {name: _study_table(name) for name in TABLES}
READS: Final = STUDY_TABLES["reads"]
MARKS: Final = STUDY_TABLES["marks"]
GRADES: Final = STUDY_TABLES["grades"]
SCANS: Final = STUDY_TABLES["scans"]
sa.Index("scans_patient", SCANS.c.patient)

STUDY: Final = sa.Table(
    "study",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("settings", TEXT, nullable=False),  # the text of study.toml
    sa.Column("present", TEXT, nullable=False),  # JSON list of the tables whose file was there
    sa.Column("unknown", TEXT, nullable=False),  # JSON: unknown columns by table, in their order
    sa.Column("created_at", TEXT, nullable=False),
    sa.CheckConstraint("id = 1", name="one_study"),
)
ASSIGNMENTS: Final = sa.Table(
    "assignments",
    metadata,
    sa.Column("reader", TEXT, primary_key=True),
    sa.Column("case", TEXT, primary_key=True),
    sa.Column("position", WHOLE, nullable=False),
    sa.Column("scan", TEXT, nullable=False),
    sa.Column("occasion", TEXT, nullable=False),
    sa.UniqueConstraint("reader", "scan", "occasion", name="assigned_once"),
)
ACCOUNTS: Final = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("role", TEXT, nullable=False),
    sa.Column("reader", TEXT),
    sa.Column("password", TEXT),  # argon2id; null where only a provider of identities signs in
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("version", WHOLE, nullable=False, server_default="1"),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("subject", TEXT),  # ISSUER#SUB: who this is for the provider of identities
    sa.Index("accounts_subject", "subject", unique=True),
)
SESSIONS: Final = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_sha256", TEXT, primary_key=True),
    sa.Column("account", TEXT, nullable=False, index=True),
    sa.Column("csrf", TEXT, nullable=False),
    sa.Column("created_at", NUMBER, nullable=False),  # seconds since 1970, UTC
    sa.Column("seen_at", NUMBER, nullable=False),
)
ATTEMPTS: Final = sa.Table(
    "attempts",
    metadata,
    sa.Column("account_sha256", TEXT, primary_key=True),  # a password typed into the wrong field must not lie here
    sa.Column("address", TEXT, primary_key=True),
    sa.Column("failures", WHOLE, nullable=False),
    sa.Column("failed_at", NUMBER, nullable=False),
    sa.Column("succeeded_at", NUMBER),
)
IDENTITIES: Final = sa.Table(
    "identities",  # how often a reader said which lesions of a patient are the same (paired pass of a blinded study)
    metadata,
    sa.Column("reader", TEXT, primary_key=True),
    sa.Column("patient", TEXT, primary_key=True),
    sa.Column("version", WHOLE, nullable=False),
)
REVELATIONS: Final = sa.Table(
    "revelations",  # who has seen the other reads of which scan; what was seen once stays seen
    metadata,
    sa.Column("reader", TEXT, primary_key=True),
    sa.Column("scan", TEXT, primary_key=True),
    sa.Column("seen", TEXT, nullable=False),  # SHA-256 over what was seen last
)
PATIENT_KEYS: Final = sa.Table(
    "patient_keys",
    metadata,
    sa.Column("key_id", TEXT, primary_key=True),
    sa.Column("patient", TEXT, nullable=False, unique=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
)
AUDIT: Final = sa.Table(
    "audit",
    metadata,
    sa.Column("n", WHOLE, primary_key=True, autoincrement=False),
    sa.Column("at", TEXT, nullable=False),  # UTC
    sa.Column("account", TEXT, nullable=False),
    sa.Column("role", TEXT, nullable=False),
    sa.Column("source", TEXT, nullable=False),  # web or command
    sa.Column("request", TEXT),
    sa.Column("action", TEXT, nullable=False),
    sa.Column("key_id", TEXT),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("previous", TEXT, nullable=False),
    sa.Column("hash", TEXT, nullable=False),
)
ANALYSES: Final = sa.Table(
    "analyses",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("requested_by", TEXT, nullable=False),
    sa.Column("requested_at", TEXT, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("message", TEXT),
    sa.Column("audit_head", TEXT),
    sa.Column("finished_at", TEXT),
)
