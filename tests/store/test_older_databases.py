"""Databases of an older version that were restored: who is forgotten since is forgotten there, too."""

import pytest

from residuum.store.database import Database
from residuum.store.erasure import delete_patient
from residuum.store.schema import migrate


@pytest.mark.unit
def test_a_patient_is_deleted_from_a_database_of_an_older_version(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        migrate(connection, "0003")
        for patient in ("P1", "P2"):
            connection.exec_driver_sql(f"INSERT INTO patients (patient) VALUES ('{patient}')")
            connection.exec_driver_sql(f"INSERT INTO scans (scan, patient) VALUES ('S-{patient}', '{patient}')")
            connection.exec_driver_sql(
                f"INSERT INTO reads (scan, reader, occasion, state) VALUES ('S-{patient}', 'anne', 'main', 'locked')"
            )
    with database.writing() as connection:
        delete_patient(connection, "P1")
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT scan, state FROM reads").all() == [("S-P2", "locked")]
        assert connection.exec_driver_sql("SELECT patient FROM patients").all() == [("P2",)]
    database.close()
