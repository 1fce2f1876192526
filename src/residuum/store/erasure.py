"""Everything of one patient out of the database, and nothing of it left in its file."""

import json

import sqlalchemy as sa

from residuum.store.database import Database
from residuum.store.keys import destroy_key
from residuum.store.tables import (
    ANALYSES,
    ASSIGNMENTS,
    GRADES,
    IDENTITIES,
    MARKS,
    PATIENT_KEYS,
    READS,
    REVELATIONS,
    SCANS,
    STUDY_TABLES,
    metadata,
)

_IMAGES = STUDY_TABLES["images"]
_KEY = ("scan", "reader", "occasion")
_UNSIGNED = dict.fromkeys(("signed_by", "signed_at", "content_sha256"))


def patient_of_key(connection: sa.Connection, key_id: str) -> str | None:
    """Return the patient whose key this is, None where there is none."""
    return connection.execute(sa.select(PATIENT_KEYS.c.patient).where(PATIENT_KEYS.c.key_id == key_id)).scalar()


def delete_patient(connection: sa.Connection, patient: str) -> str | None:
    """Delete every row of a patient and the key of their audit entries; return the key's identifier."""
    scans = sa.select(SCANS.c.scan).where(SCANS.c.patient == patient)
    _forget_cleared(connection, set(connection.execute(scans).scalars()))
    connection.execute(READS.update().where(READS.c.scan.in_(scans)).values(state="draft", **_UNSIGNED))
    for table in (MARKS, GRADES, READS, ASSIGNMENTS, REVELATIONS):
        connection.execute(table.delete().where(table.c.scan.in_(scans)))
    connection.execute(MARKS.update().where(MARKS.c.from_scan.in_(scans)).values(from_scan=None, from_mark=None))
    connection.execute(_IMAGES.delete().where(_IMAGES.c.scan.in_(scans)))
    for name, table in STUDY_TABLES.items():
        if "patient" in table.c and name != "patients":
            connection.execute(table.delete().where(table.c.patient == patient))
    connection.execute(IDENTITIES.delete().where(IDENTITIES.c.patient == patient))
    connection.execute(STUDY_TABLES["patients"].delete().where(STUDY_TABLES["patients"].c.patient == patient))
    connection.execute(ANALYSES.delete())
    return destroy_key(connection, patient)


def _forget_cleared(connection: sa.Connection, scans: set[str]) -> None:
    """Take scans out of what reads say is gone; a scan may have changed its patient since, and the read be locked."""
    if READS.c.cleared.name not in {column["name"] for column in sa.inspect(connection).get_columns(READS.name)}:
        return  # a database of an older version, restored
    for read in connection.execute(sa.select(READS).where(READS.c.cleared.is_not(None))).all():
        said = json.loads(read.cleared)
        kept = [one for one in said if one[0] not in scans]
        if kept == said:
            continue
        of_read = READS.update().where(*(READS.c[name] == read._mapping[name] for name in _KEY))
        signature = {name: read._mapping[name] for name in _UNSIGNED}
        connection.execute(of_read.values(state="draft", **_UNSIGNED))
        connection.execute(of_read.values(cleared=json.dumps(kept) if kept else None))
        connection.execute(of_read.values(state=read.state, **signature))


def overwrite_deleted(database: Database) -> bool:
    """Write the database anew, so that deleted rows leave no trace in its files; return whether that was possible.

    A server that is reading may prevent it; in PostgreSQL, not being the owner of the tables.
    """
    with database.outside_transactions() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("VACUUM")
            return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        before = _files_of_tables(connection)
        connection.exec_driver_sql("VACUUM FULL")
        return before.isdisjoint(_files_of_tables(connection))


def _files_of_tables(connection: sa.Connection) -> set[int]:
    names = ", ".join(f"'{name}'" for name in metadata.tables)
    rows = connection.exec_driver_sql(f"SELECT pg_relation_filenode(oid) FROM pg_class WHERE relname IN ({names})")
    return {row[0] for row in rows}
