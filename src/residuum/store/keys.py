"""One random key for each patient: destroying it makes all that the audit trail says of the patient unreadable."""

import os
import secrets
from typing import Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from residuum.store.tables import PATIENT_KEYS

_NONCE_BYTES: Final = 12
_FIND: Final = sa.select(PATIENT_KEYS.c.key_id, PATIENT_KEYS.c.key).where(
    PATIENT_KEYS.c.patient == sa.bindparam("patient")
)


def patient_key(connection: sa.Connection, patient: str) -> tuple[str, bytes]:
    """Return the identifier and the key of a patient, made where there is none."""
    row = connection.execute(_FIND, {"patient": patient}).first()
    if row is not None:
        return row.key_id, row.key
    made = secrets.token_hex(16), AESGCM.generate_key(256)
    connection.execute(PATIENT_KEYS.insert(), {"key_id": made[0], "patient": patient, "key": made[1]})
    return made


def find_key(connection: sa.Connection, patient: str) -> str | None:
    """Return the identifier of a patient's key, None where there is none."""
    row = connection.execute(_FIND, {"patient": patient}).first()
    return row.key_id if row else None


def load_keys(connection: sa.Connection) -> dict[str, bytes]:
    """Return every key by its identifier."""
    return {row.key_id: row.key for row in connection.execute(sa.select(PATIENT_KEYS.c.key_id, PATIENT_KEYS.c.key))}


def destroy_key(connection: sa.Connection, patient: str) -> str | None:
    """Delete the key of a patient and return its identifier, None where there was none."""
    key_id = find_key(connection, patient)
    connection.execute(PATIENT_KEYS.delete().where(PATIENT_KEYS.c.patient == patient))
    return key_id


def encrypt(key: bytes, payload: bytes) -> bytes:
    """Return a payload under AES-256-GCM, its random nonce in front."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, payload, None)


def decrypt(key: bytes, payload: bytes) -> bytes | None:
    """Return the plain payload, None where it is not what was encrypted."""
    try:
        return AESGCM(key).decrypt(payload[:_NONCE_BYTES], payload[_NONCE_BYTES:], None)
    except InvalidTag:
        return None
