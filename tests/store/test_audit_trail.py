"""The audit trail: what an entry looks like, what is encrypted, and what its verification finds."""

import hashlib
import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from undone import undone

from residuum.records.errors import CallError
from residuum.store import audit
from residuum.store.database import Database
from residuum.store.keys import destroy_key, find_key
from residuum.store.tables import AUDIT, PATIENT_KEYS

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ADA = audit.Who("ada", "reader", "web", "r1")
FAR = "f" * 64


def write(connection: sa.Connection, count: int, patient: str | None = None) -> list[str]:
    """Append entries and return the head after each."""
    heads = []
    for number in range(count):
        audit.append(
            connection, ADA, AT + timedelta(seconds=number), "read.save", patient=patient, case=f"{number:04d}"
        )
        heads.append(audit.head(connection))
    return heads


def rows(connection: sa.Connection) -> list[dict[str, Any]]:
    """Return the stored entries as they are."""
    return [dict(row) for row in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.n)).mappings()]


def rewrite(connection: sa.Connection, entries: list[dict[str, Any]]) -> None:
    """Put other entries in place of the stored ones, as somebody could who owns the database."""
    if connection.dialect.name == "sqlite":
        for action in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER audit_no_{action}")
    else:
        connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER audit_append_only")
    connection.execute(AUDIT.delete())
    if entries:
        connection.execute(AUDIT.insert(), entries)


def sealed(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry under the hash that belongs to it, computed as the documentation says."""
    names = ("n", "at", "account", "role", "source", "request", "action", "key_id", "previous")
    said = [*(entry[name] for name in names), hashlib.sha256(entry["payload"]).hexdigest()]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return entry | {"hash": hashlib.sha256(text.encode()).hexdigest()}


@pytest.mark.unit
def test_an_empty_trail_has_a_head_and_no_fault(connection: sa.Connection) -> None:
    assert audit.head(connection) == f"0:{'0' * 64}"
    assert audit.verify(connection, [audit.head(connection)]) == audit.Verification(0, f"0:{'0' * 64}", ())


@pytest.mark.unit
def test_an_entry_reads_back_as_it_was_written(connection: sa.Connection) -> None:
    changes = [("read", "state", "draft", "locked"), ("read", "seconds", None, 1.5)]
    audit.append(connection, ADA, AT, "read.sign", patient="P1", changes=changes, why="fini à l’été", case="0001")
    (entry,) = audit.load_entries(connection)
    assert (entry.n, entry.at, entry.action) == (1, "2026-03-01T09:30:00.000000+00:00", "read.sign")
    assert (entry.account, entry.role, entry.source, entry.request) == ("ada", "reader", "web", "r1")
    assert entry.details == {
        "patient": "P1",
        "changes": [list(change) for change in changes],
        "why": "fini à l’été",
        "case": "0001",
    }
    assert audit.head(connection) == f"1:{entry.hash}"


@pytest.mark.unit
def test_nothing_that_was_not_said_is_stored(connection: sa.Connection) -> None:
    audit.append(connection, ADA, AT, "backup", to=None, cases=[], entries=0)
    (entry,) = audit.load_entries(connection)
    assert entry.details == {"entries": 0}


@pytest.mark.unit
def test_the_hash_of_an_entry_can_be_computed_without_the_product(connection: sa.Connection) -> None:
    write(connection, 2)
    write(connection, 1, patient="P1")
    stored = rows(connection)
    assert [sealed(entry)["hash"] for entry in stored] == [entry["hash"] for entry in stored]
    assert [entry["previous"] for entry in stored] == ["0" * 64, *(entry["hash"] for entry in stored[:-1])]


@pytest.mark.unit
def test_the_canonical_form_has_sorted_names_and_plain_letters(connection: sa.Connection) -> None:
    audit.append(connection, ADA, AT, "export", zeta=1, alpha={"y": "é", "b": [1, None]})
    payload = zlib.decompress(rows(connection)[0]["payload"])
    assert payload == '{"alpha":{"b":[1,null],"y":"é"},"zeta":1}'.encode()


@pytest.mark.unit
def test_a_verification_leaves_the_connection_as_it_was(connection: sa.Connection) -> None:
    write(connection, 1)
    before = dict(connection.get_execution_options())
    audit.verify(connection)
    assert dict(connection.get_execution_options()) == before
    write(connection, 1, patient="P1")
    assert audit.verify(connection).entries == 2


@pytest.mark.unit
def test_entries_come_in_parts(connection: sa.Connection) -> None:
    write(connection, 5)
    assert [entry.n for entry in audit.load_entries(connection, after=1, limit=2)] == [2, 3]
    assert [entry.n for entry in audit.load_entries(connection, after=3)] == [4, 5]
    assert list(audit.load_entries(connection, after=5)) == []


@pytest.mark.unit
def test_what_concerns_a_patient_is_encrypted_with_a_key_of_that_patient(connection: sa.Connection) -> None:
    for patient in ("P1", "P2", "P1"):
        audit.append(connection, ADA, AT, "read.save", patient=patient, comment="a very telling comment")
    audit.append(connection, ADA, AT, "backup", comment="nobody")
    stored = rows(connection)
    assert stored[0]["key_id"] == stored[2]["key_id"] != stored[1]["key_id"]
    assert stored[3]["key_id"] is None
    assert stored[0]["payload"] != stored[2]["payload"]  # the same words, another nonce
    for entry in stored[:3]:
        assert b"telling" not in entry["payload"]
        with pytest.raises(zlib.error):
            zlib.decompress(entry["payload"])
        assert not {"P1", "P2"} & set(map(str, entry.values()))
    assert len(connection.execute(sa.select(PATIENT_KEYS)).all()) == 2


@pytest.mark.unit
def test_an_erased_patient_is_unreadable_and_the_chain_still_whole(connection: sa.Connection) -> None:
    for patient in ("P1", "P2"):
        audit.append(connection, ADA, AT, "read.save", patient=patient, comment="said")
    head = audit.head(connection)
    assert find_key(connection, "P1") is not None
    destroyed = destroy_key(connection, "P1")
    assert destroyed == rows(connection)[0]["key_id"]
    assert find_key(connection, "P1") is None
    first, second = audit.load_entries(connection)
    assert first.details is None
    assert (first.account, first.action, first.at) == ("ada", "read.save", second.at)
    assert second.details == {"patient": "P2", "comment": "said"}
    assert audit.verify(connection, [head]).faults == ()


@pytest.mark.unit
def test_a_patient_who_comes_back_has_another_key(connection: sa.Connection) -> None:
    write(connection, 1, patient="P1")
    destroy_key(connection, "P1")
    write(connection, 1, patient="P1")
    first, second = rows(connection)
    assert first["key_id"] != second["key_id"]
    assert [entry.details is None for entry in audit.load_entries(connection)] == [True, False]


@pytest.mark.unit
def test_a_payload_under_the_wrong_key_is_unreadable_not_an_error(connection: sa.Connection) -> None:
    write(connection, 1, patient="P1")
    connection.execute(PATIENT_KEYS.update().values(key=b"\1" * 32))
    (entry,) = audit.load_entries(connection)
    assert entry.details is None


@pytest.mark.unit
@pytest.mark.parametrize("statement", ["UPDATE audit SET account = 'eve'", "DELETE FROM audit WHERE n = 2"])
def test_the_database_itself_refuses_changes(connection: sa.Connection, statement: str) -> None:
    write(connection, 2)
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), connection.begin_nested():
        connection.exec_driver_sql(statement)
    assert audit.verify(connection).entries == 2


@pytest.mark.unit
@pytest.mark.parametrize(
    "name", ["at", "account", "role", "source", "request", "action", "key_id", "payload", "previous", "hash"]
)
def test_any_changed_column_is_found(connection: sa.Connection, name: str) -> None:
    write(connection, 3)
    stored = rows(connection)
    stored[1][name] = b"x" if name == "payload" else FAR
    rewrite(connection, stored)
    faults = audit.verify(connection).faults
    assert any(fault.startswith("entry 2 ") for fault in faults), faults


@pytest.mark.unit
def test_a_changed_entry_that_was_sealed_again_breaks_the_chain_behind_it(connection: sa.Connection) -> None:
    heads = write(connection, 3)
    stored = rows(connection)
    stored[1] = sealed(stored[1] | {"account": "eve"})
    rewrite(connection, stored)
    assert audit.verify(connection).faults == ("entry 3 does not follow the one before it",)
    assert len(audit.verify(connection, [heads[1]]).faults) == 2


@pytest.mark.unit
def test_an_entry_taken_out_of_the_middle_is_missed(connection: sa.Connection) -> None:
    write(connection, 4)
    stored = rows(connection)
    rewrite(connection, [*stored[:1], *stored[2:]])
    assert audit.verify(connection).faults == (
        "entry 2 is missing: the next one is 3",
        "entry 3 does not follow the one before it",
    )


@pytest.mark.unit
def test_entries_cut_off_at_the_end_show_only_against_a_printed_head(connection: sa.Connection) -> None:
    heads = write(connection, 4)
    rewrite(connection, rows(connection)[:2])
    assert audit.verify(connection).faults == ()
    assert audit.verify(connection, heads[:2]).faults == ()
    assert len(audit.verify(connection, heads[1:]).faults) == 2


@pytest.mark.unit
def test_a_chain_written_anew_shows_only_against_a_printed_head(connection: sa.Connection) -> None:
    heads = write(connection, 3)
    previous, made = "0" * 64, []
    for entry in rows(connection):
        made.append(sealed(entry | {"account": "eve", "previous": previous}))
        previous = made[-1]["hash"]
    rewrite(connection, made)
    assert audit.verify(connection).faults == ()
    for head in heads:
        (fault,) = audit.verify(connection, [head]).faults
        assert "written anew" in fault


@pytest.mark.unit
def test_every_one_of_several_heads_is_compared(connection: sa.Connection) -> None:
    heads = write(connection, 5)
    assert audit.verify(connection, heads).faults == ()
    assert audit.verify(connection, [*heads, heads[0], heads[0]]).faults == ()
    assert len(audit.verify(connection, [heads[0], f"2:{FAR}", heads[2], f"9:{FAR}"]).faults) == 2


@pytest.mark.unit
@pytest.mark.parametrize("order", [1, -1])
def test_two_heads_of_one_number_cannot_both_fit(connection: sa.Connection, order: int) -> None:
    heads = write(connection, 2)
    assert audit.verify(connection, [f"1:{FAR}", heads[0]][::order]).faults != ()


@pytest.mark.unit
def test_the_head_of_an_empty_trail_is_compared_as_well(connection: sa.Connection) -> None:
    write(connection, 1)
    assert audit.verify(connection, [f"0:{'0' * 64}"]).faults == ()
    assert audit.verify(connection, [f"0:{FAR}"]).faults != ()


@pytest.mark.unit
@pytest.mark.parametrize(
    "head",
    [
        *("", ":", "1", "1:", f":{FAR}", f"-1:{FAR}", f"one:{FAR}", f"1.0:{FAR}", "1:abc", f"1:{FAR}f"),
        *(f"1:{'F' * 64}", f"1:{'g' * 64}", f"²:{FAR}", f"١:{FAR}", f"{'9' * 5000}:{FAR}"),
    ],
    ids=lambda head: head[:8],
)
def test_a_malformed_head_is_refused(connection: sa.Connection, head: str) -> None:
    with pytest.raises(CallError, match="N:HASH"):
        audit.verify(connection, [head])


@pytest.mark.unit
def test_a_head_may_be_copied_with_the_space_around_it(connection: sa.Connection) -> None:
    (head,) = write(connection, 1)
    assert audit.verify(connection, [f"  {head}\n"]).faults == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcé", min_size=1), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.property
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=st.lists(st.tuples(st.none() | st.sampled_from(["P1", "P2"]), VALUES), min_size=1, max_size=6),
    place=st.integers(0, 10**6),
)
def test_whatever_is_said_reads_back_and_any_flipped_bit_is_found(
    migrated: Database, entries: list[tuple[str | None, Any]], place: int
) -> None:
    with undone(migrated) as connection:
        for patient, value in entries:
            audit.append(connection, ADA, AT, "note", patient=patient, said={"": value})
        read = list(audit.load_entries(connection))
        assert [(entry.details or {}).get("said") for entry in read] == [{"": value} for _, value in entries]
        assert audit.verify(connection, [audit.head(connection)]).faults == ()
        stored = rows(connection)
        changed = stored[place % len(stored)]
        payload = bytearray(changed["payload"])
        payload[place % len(payload)] ^= 1 << place % 8
        rewrite(connection, [entry | {"payload": bytes(payload)} if entry is changed else entry for entry in stored])
        assert audit.verify(connection).faults == (f"entry {changed['n']} was changed after it was written",)
