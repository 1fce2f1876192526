"""The commands that work on a database: import, export, backup, restore, upgrade, user, forget, audit, serve."""

import http.client
import io
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from intake.studies import add, swap, valid_files, write_files
from residuum import DISCLAIMER
from residuum.cli.failures import run
from residuum.steps.desk import Desk
from residuum.steps.location import Location
from residuum.store import passwords
from residuum.store.database import Database
from residuum.store.tables import REVISION
from residuum.web import command as serve_command
from residuum.web.server import Address

pytestmark = pytest.mark.unit
COMMAND = Path(sys.executable).with_name("residuum")
PASSWORD = "correct horse battery"
SECRET = "s3cret-passw0rd"


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Return what it printed as JSON."""
        read: dict[str, Any] = json.loads(self.out)
        return read


Residuum = Callable[..., Done]


@pytest.fixture
def residuum(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Residuum:
    """Runs a command within this process; whatever it says holds no password and no traceback."""
    monkeypatch.setattr(passwords, "HASHER", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    for name in [name for name in os.environ if name.startswith("RESIDUUM_")]:
        monkeypatch.delenv(name)

    def call(*arguments: str | Path, said: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO(said))
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert SECRET not in out + err
        assert PASSWORD not in out + err
        return Done(code, out, err)

    return call


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small valid study folder that nothing changes."""
    return write_files(valid_files(), tmp_path_factory.mktemp("folder") / "study")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study folder of one's own."""
    return write_files(valid_files(), tmp_path / "study")


@pytest.fixture
def database(residuum: Residuum, folder: Path, tmp_path: Path) -> Path:
    """The file of a database with a study."""
    assert residuum("import", folder, tmp_path / "study.sqlite").code == 0
    return tmp_path / "study.sqlite"


def contents(place: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def set_revision(file: Path, revision: str) -> None:
    """Make a database one of another version."""
    made = Database(f"sqlite:///{file}")
    with made.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    made.close()


# import and export


def test_import_and_export_say_what_they_did(
    residuum: Residuum, database_url: str, folder: Path, tmp_path: Path
) -> None:
    done = residuum("import", folder, database_url)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Imported {folder}.")
    assert done.out.rstrip().endswith(DISCLAIMER)
    done = residuum("export", database_url, tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    assert f"Exported into {tmp_path / 'out'}." in done.out
    assert "Audit head: " in done.out
    assert residuum("check", tmp_path / "out").code == 0
    done = residuum("export", database_url, tmp_path / "more", "--json")
    assert done.json["folder"] == str(tmp_path / "more")
    assert residuum("audit", "verify", database_url, "--head", done.json["audit_head"]).code == 0
    assert contents(tmp_path / "more") == contents(tmp_path / "out")


def test_import_says_that_the_check_found_doubtful_things(residuum: Residuum, tmp_path: Path) -> None:
    files = valid_files()
    add("reads.csv", "S3,bela,yes,locked,1,,")(files)
    doubtful = write_files(files, tmp_path / "in")
    assert residuum("import", doubtful, tmp_path / "a.sqlite", "--json").json == {
        "folder": str(doubtful),
        "warnings": 1,
    }
    assert "Doubtful things found by the check: 1" in residuum("import", doubtful, tmp_path / "b.sqlite").out


def test_a_refused_folder_leaves_with_one(residuum: Residuum, tmp_path: Path) -> None:
    files = valid_files()
    swap("patients.csv", "P1,female", "P1,F")(files)
    done = residuum("import", write_files(files, tmp_path / "in"), tmp_path / "study.sqlite")
    assert (done.code, done.out) == (1, "")
    assert "patients.csv, line 2, column sex" in done.err
    assert not (tmp_path / "study.sqlite").exists()


def test_a_second_import_needs_a_reason_and_keeps_the_reads(residuum: Residuum, database: Path, tmp_path: Path) -> None:
    files = valid_files()
    swap("reads.csv", "61.5", "62.5")(files)
    changed = write_files(files, tmp_path / "changed")
    done = residuum("import", changed, database)
    assert done.code == 2
    assert str(database) in done.err
    assert "--reason" in done.err
    done = residuum("import", changed, database, "--reason", "follow-up")
    assert done.code == 1
    assert "nothing was imported" in done.err
    assert "reads.csv" in done.err
    assert "'S1, bela'" in done.err


PLACES = {
    "": "name",
    "nosuch": "nosuch",
    "study.db": "study.db",
    "mysql://ada:s3cret-passw0rd@h/x": "SQLite and PostgreSQL",
    "postgresql://ada:s3cret-passw0rd@h:port/x": "postgresql://",
    "postgresql://ada:s3cret-passw0rd@127.0.0.1:9/x": "127.0.0.1",
    "postgresql://ada@127.0.0.1:9/x?password=s3cret-passw0rd": "127.0.0.1",
    "sqlite://": "sqlite:///",
    "sqlite:///:memory:": "database",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", ["import", "export"])
def test_a_database_that_cannot_be_is_a_wrong_call(
    residuum: Residuum, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = residuum("import", folder, place) if command == "import" else residuum("export", place, tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert PLACES[place] in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_account_or_database_of_a_server(residuum: Residuum, folder: Path, postgresql_server: str) -> None:
    server = sa.make_url(postgresql_server)
    for changes in ({"username": "stranger", "password": SECRET}, {"database": "stranger", "password": SECRET}):
        done = residuum("import", folder, server.set(**changes).render_as_string(hide_password=False))
        assert done.code == 2
        assert '"stranger" does not exist' in done.err


@pytest.mark.parametrize("damage", [b"This is text, not a database.\n" * 200, None], ids=["text", "cut"])
def test_a_damaged_database_is_named(residuum: Residuum, folder: Path, database: Path, damage: bytes | None) -> None:
    database.write_bytes(damage or database.read_bytes()[:6000])
    before = database.read_bytes()
    for arguments in (
        *(("import", folder, database, "--reason", "follow-up"), ("export", database, database.parent / "out")),
        *(("audit", "verify", database), ("backup", database, database.parent / "backup.zip")),
        *(("upgrade", database), ("user", "add", "ada", "--role", "auditor", "--password-stdin", "--study", database)),
    ):
        done = residuum(*arguments, said=f"{PASSWORD}\n")
        assert (done.code, done.out) == (1, ""), arguments
        assert f"{database} is damaged" in done.err
        assert "restore a backup" in done.err
    assert database.read_bytes() == before
    assert not (database.parent / "out").exists()
    assert not (database.parent / "backup.zip").exists()


def test_a_database_of_a_newer_version_is_left_alone(residuum: Residuum, folder: Path, database: Path) -> None:
    set_revision(database, "9999")
    head = contents(database.parent)["study.sqlite"]
    for arguments in (
        *(("import", folder, database, "--reason", "follow-up"), ("export", database, database.parent / "out")),
        *(("audit", "verify", database), ("backup", database, database.parent / "backup.zip"), ("upgrade", database)),
        *(("forget", "P1", "--reason", "asked for", "--yes", "--study", database), ("serve", database)),
        ("user", "add", "ada", "--role", "auditor", "--password-stdin", "--study", database),
    ):
        done = residuum(*arguments, said=f"{PASSWORD}\n")
        assert (done.code, done.out) == (1, ""), (arguments, done)
        assert "newer version 9999" in done.err
        assert "use a newer Residuum" in done.err
    assert contents(database.parent)["study.sqlite"] == head


def test_an_import_below_a_file_or_into_a_folder_that_is_closed(
    residuum: Residuum, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = residuum("import", folder, tmp_path / "file" / "study.sqlite")
    assert done.code == 2
    assert str(tmp_path / "file") in done.err
    (tmp_path / "dir.sqlite").mkdir()
    done = residuum("import", folder, f"sqlite:///{tmp_path / 'dir.sqlite'}")
    assert done.code == 2
    assert str(tmp_path / "dir.sqlite") in done.err
    if os.geteuid():  # root may write anywhere
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o500)
        done = residuum("import", folder, closed / "study.sqlite")
        assert done.code == 2
        assert str(closed) in done.err


@pytest.mark.parametrize("command", ["import", "export", "backup"])
def test_a_disk_that_takes_no_more_leaves_nothing_half(residuum: Residuum, tmp_path: Path, command: str) -> None:
    files = valid_files()
    swap("reads.csv", "two\nlines", "".join(f"{number} " for number in range(20_000)))(files)
    large, database = write_files(files, tmp_path / "in"), tmp_path / "study.sqlite"
    assert residuum("import", large, database).code == 0
    target = tmp_path / "out" / {"import": "full.sqlite", "export": "full", "backup": "full.zip"}[command]
    arguments = [command, large if command == "import" else database, target]
    done = subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),
    )
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.startswith("Error: ")
    left = contents(tmp_path / "out") if (tmp_path / "out").exists() else {}
    assert left.keys() <= {"full.sqlite"}  # no part of a folder or of a backup, no journal
    assert residuum(*arguments).code == 0
    assert residuum("audit", "verify", database).code == 0


@pytest.mark.parametrize("kind", ["full", "file", "study"])
def test_an_export_replaces_nothing(residuum: Residuum, database: Path, study: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    before = contents(tmp_path)
    done = residuum("export", database, tmp_path / kind)
    assert done.code == 2
    assert str(tmp_path / kind) in done.err
    assert contents(tmp_path) == before


def test_an_export_into_an_empty_folder(residuum: Residuum, database: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert residuum("export", database, tmp_path / "out").code == 0


# backup, restore, upgrade


def test_a_backup_is_restored_with_accounts_and_trail(residuum: Residuum, database: Path, tmp_path: Path) -> None:
    user = ("user", "add", "ada", "--role", "auditor", "--password-stdin", "--study", database)
    assert residuum(*user, said=f"{PASSWORD}\n").code == 0
    done = residuum("backup", database, tmp_path / "b.zip", "--json")
    assert done.code == 0
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0
    again = residuum("backup", database, tmp_path / "b.zip")
    assert again.code == 2
    assert "never replaces" in again.err
    restored = tmp_path / "new" / "restored.sqlite"
    back = residuum("restore", tmp_path / "b.zip", restored, "--json")
    assert back.code == 0
    assert back.json["audit_head"] == done.json["audit_head"]
    assert residuum("audit", "verify", restored, "--head", done.json["audit_head"]).code == 0
    assert residuum(*user[:-1], restored, said=f"{PASSWORD}\n").code == 2  # the name is taken there as well
    for source, out in ((database, "one"), (restored, "two")):
        assert residuum("export", source, tmp_path / out).code == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_restore_sets_aside_what_is_there_only_when_told_to(residuum: Residuum, database: Path, tmp_path: Path) -> None:
    assert residuum("backup", database, tmp_path / "b.zip").code == 0
    user = ("user", "add", "ada", "--role", "auditor", "--password-stdin", "--study", database)
    assert residuum(*user, said=f"{PASSWORD}\n").code == 0
    done = residuum("restore", tmp_path / "b.zip", database)
    assert done.code == 2
    assert "--replace" in done.err
    assert residuum("restore", tmp_path / "b.zip", database, "--replace").code == 0
    (aside,) = tmp_path.glob("study-before-restore-*.sqlite")
    assert residuum(*user[:-1], aside, said=f"{PASSWORD}\n").code == 2  # its account is still there
    assert residuum(*user, said=f"{PASSWORD}\n").code == 0  # and gone from the restored one


@pytest.mark.parametrize("kind", ["text", "cut", "changed"])
def test_a_damaged_backup_restores_nothing(residuum: Residuum, database: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "b.zip"
    assert residuum("backup", database, file).code == 0
    data = file.read_bytes()
    middle = len(data) // 2
    file.write_bytes(
        {
            "text": b"no backup at all",
            "cut": data[:middle],
            "changed": data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :],
        }[kind]
    )
    before = database.read_bytes()
    done = residuum("restore", file, database, "--replace")
    assert (done.code, done.out) == (1, ""), done
    assert str(file) in done.err
    assert database.read_bytes() == before
    assert list(tmp_path.glob("study-before-restore-*")) == []


def test_an_upgrade_with_nothing_to_do(residuum: Residuum, database: Path, folder: Path) -> None:
    done = residuum("upgrade", database)
    assert done.code == 0
    assert "Nothing to do" in done.out
    assert residuum("upgrade", database, "--json").json == {"before": REVISION, "after": REVISION, "backup": None}
    done = residuum("upgrade", folder)
    assert done.code == 2
    assert "needs no upgrade" in done.err
    assert not (folder / ".residuum").exists()


@pytest.mark.parametrize("command", ["import", "upgrade", "restore", "serve"])
def test_no_command_shows_the_password_of_a_server(
    residuum: Residuum,
    folder: Path,
    postgresql_server: str,
    tmp_path: Path,
    database_url: str,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RESIDUUM_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(serve_command, "run_server", lambda desk, *_: desk.close())
    if database_url.startswith("sqlite"):
        return
    url = sa.make_url(database_url).set(password=SECRET).render_as_string(hide_password=False)
    if command == "restore":
        assert residuum("import", folder, tmp_path / "a.sqlite").code == 0
        assert residuum("backup", tmp_path / "a.sqlite", tmp_path / "b.zip").code == 0
        assert residuum("restore", tmp_path / "b.zip", url).code == 0
        assert residuum("restore", tmp_path / "b.zip", url).code == 1
        return
    assert residuum("import", folder, url).code == 0
    if command == "upgrade":
        assert residuum("upgrade", url).code == 0
    if command == "serve":
        assert "Nobody can sign in yet" in residuum("serve", url).err


# user


def user_add(*more: str | Path, name: str = "ada", role: str = "auditor") -> tuple[str | Path, ...]:
    """Return the call that adds an account."""
    return ("user", "add", name, "--role", role, "--password-stdin", *more)


def test_an_account_is_made_and_its_password_shown_nowhere(residuum: Residuum, study: Path) -> None:
    done = residuum(*user_add("--study", study), said=f"{PASSWORD}\n")
    assert (done.code, done.out) == (0, "Account ada: auditor.\n")
    done = residuum(*user_add("--study", study, "--json", name="anne", role="reader"), said=f"{PASSWORD}\r\n")
    assert done.code == 0
    assert {key: done.json[key] for key in ("name", "role", "reader", "disabled")} == {
        "name": "anne",
        "role": "reader",
        "reader": "anne",
        "disabled": False,
    }
    assert "password" not in done.json
    everything = b"".join(contents(study).values())
    assert PASSWORD.encode() not in everything


def test_the_study_is_where_one_is(residuum: Residuum, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    assert residuum(*user_add(), said=f"{PASSWORD}\n").code == 0
    monkeypatch.chdir("/")
    monkeypatch.setenv("RESIDUUM_STUDY", str(study))
    assert residuum(*user_add(name="bo"), said=f"{PASSWORD}\n").code == 0


@pytest.mark.parametrize(
    "said",
    ["", "\n", "short\n", "a" * 20 + "\n", "ada lovelace 1815\n", "x1y2z3" * 40 + "\n"],
    ids=["nothing", "an empty line", "short", "uniform", "holds the name", "long"],
)
def test_a_weak_password_makes_no_account_and_no_database(residuum: Residuum, study: Path, said: str) -> None:
    done = residuum(*user_add("--study", study), said=said)
    assert (done.code, done.out) == (2, "")
    assert "password" in done.err
    assert not (study / ".residuum").exists()


def test_without_a_terminal_the_password_comes_by_standard_input_only(residuum: Residuum, study: Path) -> None:
    done = residuum("user", "add", "ada", "--role", "auditor", "--study", study, said=f"{PASSWORD}\n")
    assert (done.code, done.out) == (2, "")
    assert "--password-stdin" in done.err


def test_an_account_that_cannot_be_is_refused(residuum: Residuum, study: Path) -> None:
    assert residuum(*user_add("--study", study), said=f"{PASSWORD}\n").code == 0
    cases = [
        (user_add("--study", study), "exists"),
        (user_add("--study", study, role="reader", name="stranger"), "anne, bela (--reader)"),
        (user_add("--study", study, "--reader", "consensus", role="reader", name="cy"), "anne, bela (--reader)"),
        (user_add("--study", study, role="king", name="cy"), "--role"),
        (user_add("--study", study, name=""), "name"),
        (user_add("--study", study, name="two\nlines"), "name"),
        (user_add("--study", study, name="   "), "name"),
        (user_add("--study", study.parent / "nosuch", name="cy"), "nosuch"),
    ]
    for call, cause in cases:
        done = residuum(*call, said=f"{PASSWORD}\n")
        assert (done.code, done.out) == (2, ""), call
        assert cause in done.err
    assert residuum("audit", "verify", study, "--json").json["entries"] == 5  # import, two patients, cases, ada


def test_a_reader_account_is_bound_to_a_reader(residuum: Residuum, study: Path) -> None:
    for name, role, more, reader in (
        ("bob", "reader", ("--reader", "bela"), "bela"),
        ("con", "adjudicator", (), "consensus"),
        ("dan", "data_manager", (), None),
    ):
        done = residuum(*user_add(*more, "--study", study, "--json", name=name, role=role), said=f"{PASSWORD}\n")
        assert (done.code, done.json["reader"]) == (0, reader)


# forget


FORGET = ("forget", "P1", "--reason", "parents asked for it")


def test_a_patient_is_forgotten(residuum: Residuum, study: Path) -> None:
    assert residuum(*user_add("--study", study), said=f"{PASSWORD}\n").code == 0
    done = residuum(*FORGET, "--yes", "--study", study, "--json")
    assert done.code == 0
    assert (done.json["folder"], done.json["cleared"], done.json["backups"]) == ("rewritten", True, [])
    assert residuum("audit", "verify", study, "--head", done.json["head"]).code == 0
    held = contents(study)
    # two letters turn up in any ciphertext by chance: the proof with a long name is among the torture tests
    assert not [name for name, data in held.items() if name.endswith((".csv", ".toml")) and b"P1" in data]
    assert b"P2" in held["patients.csv"]
    again = residuum(*FORGET, "--yes", "--study", study)
    assert again.code == 2
    assert "no patient P1" in again.err


def test_a_patient_who_is_not_there_or_a_bad_reason(residuum: Residuum, database: Path) -> None:
    head = residuum("audit", "verify", database, "--json").json["head"]
    for patient, reason, cause in (
        ("P9", "asked for", "no patient P9"),
        ("P1", "P1 asked", "names the patient"),
        ("P1", "parents of p1 asked", "names the patient"),
        ("P1", "  ", "reason"),
        ("P1", "", "reason"),
    ):
        done = residuum("forget", patient, "--reason", reason, "--yes", "--study", database)
        assert (done.code, done.out) == (2, "")
        assert cause in done.err
    assert residuum("forget", "P1", "--yes", "--study", database).code == 2
    assert residuum("audit", "verify", database, "--json").json["head"] == head


@pytest.mark.parametrize("said", ["n\n", "\n", ""])
def test_nobody_is_forgotten_without_a_yes(residuum: Residuum, database: Path, said: str) -> None:
    head = residuum("audit", "verify", database, "--json").json["head"]
    done = residuum(*FORGET, "--study", database, said=said)
    assert done.code == 130
    assert "P1" in done.err
    assert residuum("audit", "verify", database, "--json").json["head"] == head


def test_a_yes_forgets(residuum: Residuum, database: Path) -> None:
    done = residuum(*FORGET, "--study", database, said="y\n")
    assert done.code == 0
    assert "Audit head: " in done.out
    assert done.out.rstrip().endswith(DISCLAIMER)


# audit


def test_the_trail_is_verified(residuum: Residuum, database_url: str, folder: Path) -> None:
    assert residuum("import", folder, database_url).code == 0
    done = residuum("audit", "verify", database_url)
    assert done.code == 0
    assert "The chain is whole." in done.out
    found = residuum("audit", "verify", database_url, "--json").json
    assert found == {"entries": 4, "head": found["head"], "faults": []}
    assert f"Audit head: {found['head']}" in done.out
    done = residuum("audit", "verify", database_url, "--head", found["head"], "--head", f"0:{'0' * 64}")
    assert done.code == 0
    assert "fits the given heads" in done.out


@pytest.mark.parametrize("head", [f"2:{'a' * 64}", f"99:{'0' * 64}"])
def test_a_head_that_does_not_fit_leaves_with_one(residuum: Residuum, database: Path, head: str) -> None:
    good = residuum("audit", "verify", database, "--json").json["head"]
    done = residuum("audit", "verify", database, "--head", head, "--head", good)
    assert done.code == 1
    assert f"entry {head.partition(':')[0]}" in done.out
    assert len(residuum("audit", "verify", database, "--head", head, "--json").json["faults"]) == 1


@pytest.mark.parametrize("head", ["", "nonsense", "1:abc", f"²:{'0' * 64}"])
def test_a_malformed_head_is_a_wrong_call(residuum: Residuum, database: Path, head: str) -> None:
    done = residuum("audit", "verify", database, "--head", head)
    assert (done.code, done.out) == (2, "")
    assert "N:HASH" in done.err


def test_a_changed_entry_is_found(residuum: Residuum, database: Path) -> None:
    made = Database(f"sqlite:///{database}")
    with made.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET account = 'eve' WHERE n = 2")
    made.close()
    done = residuum("audit", "verify", database)
    assert done.code == 1
    assert "entry 2 was changed after it was written" in done.out


# serve


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[Address]:
    """Where `serve` would listen: no server is started."""
    found: list[Address] = []

    def note(desk: Desk, _location: Location, address: Address, *_more: object) -> None:
        found.append(address)
        desk.close()

    monkeypatch.setattr(serve_command, "run_server", note)
    return found


def test_flag_goes_before_environment_before_file(
    residuum: Residuum, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, addresses: list[Address]
) -> None:
    config = tmp_path / "serve.toml"
    config.write_text('port = 1001\nhost = "127.0.0.2"\nbehind-proxy = true\n')
    calls: list[tuple[tuple[str | Path, ...], dict[str, str], int]] = [
        ((), {}, 8756),
        (("--config", config), {}, 1001),
        ((), {"RESIDUUM_CONFIG": str(config)}, 1001),
        (("--config", config), {"RESIDUUM_PORT": "1002"}, 1002),
        (("--config", config, "--port", "1003"), {"RESIDUUM_PORT": "1002"}, 1003),
    ]
    for arguments, environment, port in calls:
        with monkeypatch.context() as patched:
            for name, value in environment.items():
                patched.setenv(name, value)
            assert residuum("serve", database, *arguments).code == 0
        assert addresses[-1].port == port
        from_file = bool(environment.get("RESIDUUM_CONFIG") or "--config" in arguments)
        assert (addresses[-1].host, addresses[-1].behind_proxy) == (
            ("127.0.0.2", True) if from_file else ("127.0.0.1", False)
        )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("prot = 1\n", "there is no option prot"),
        ("study = 'x'\n", "there is no option study"),
        ("[serve]\nport = 1\n", "there is no option serve"),
        ("port = 'abc'\n", "--port"),
        ("port = 70000\n", "--port"),
        ("port = [1]\n", "port"),
        ("host = 5\n", "host"),
        ("port = \n", "not valid TOML"),
        ("host = '0.0.0.0'\n", "--tls-cert"),
        ("tls-cert = '/nowhere.pem'\n", "/nowhere.pem"),
    ],
)
def test_a_bad_config_file_is_a_wrong_call(
    residuum: Residuum, database: Path, tmp_path: Path, text: str, cause: str, addresses: list[Address]
) -> None:
    (tmp_path / "serve.toml").write_text(text)
    done = residuum("serve", database, "--config", tmp_path / "serve.toml")
    assert (done.code, done.out, addresses) == (2, "", [])
    assert cause in done.err


def test_a_config_file_that_is_no_text(
    residuum: Residuum, database: Path, tmp_path: Path, addresses: list[Address]
) -> None:
    (tmp_path / "serve.toml").write_bytes(b"\xff\xfe\x00")
    assert residuum("serve", database, "--config", tmp_path / "serve.toml").code == 2
    assert residuum("serve", database, "--config", tmp_path / "gone.toml").code == 2
    assert addresses == []


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("--port", "65536"), "--port"),
        (("--port", "-1"), "--port"),
        (("--port", "http"), "--port"),
        (("--host", "0.0.0.0"), "--tls-cert"),
        (("--host", "::"), "--tls-cert"),
        (("--host", "192.0.2.1"), "--tls-cert"),
        (("--host", "example.org"), "--tls-cert"),
        (("--host", ""), "--tls-cert"),
        (("--tls-cert", __file__), "--tls-key"),
        (("--tls-key", __file__), "--tls-cert"),
        (("--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.pem"), "/nowhere.pem"),
    ],
)
def test_a_bad_address_is_a_wrong_call(
    residuum: Residuum, study: Path, arguments: tuple[str, ...], cause: str, addresses: list[Address]
) -> None:
    done = residuum("serve", study, *arguments)
    assert (done.code, done.out, addresses) == (2, "", [])
    assert cause in done.err
    assert not (study / ".residuum").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_needs_no_tls(residuum: Residuum, database: Path, host: str, addresses: list[Address]) -> None:
    assert residuum("serve", database, "--host", host).code == 0
    assert addresses[0].host == host


def test_a_certificate_that_is_none_is_a_wrong_call(residuum: Residuum, database: Path) -> None:
    done = residuum("serve", database, "--tls-cert", __file__, "--tls-key", __file__, "--port", "0")
    assert done.code == 2
    assert __file__ in done.err


def test_a_taken_port_is_said_before_anything_else(residuum: Residuum, database: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = residuum("serve", database, "--port", str(port))
    assert done.code == 2
    assert f"127.0.0.1:{port}" in done.err
    assert "--port" in done.err
    assert "Serving on" not in done.out


def test_serve_says_who_may_sign_in(residuum: Residuum, study: Path, addresses: list[Address]) -> None:
    first = residuum("serve", study)
    assert f"Imported {study}" in first.out
    assert f"--study {study}" in first.err
    assert residuum(*user_add("--study", study), said=f"{PASSWORD}\n").code == 0
    second = residuum("serve", study)
    assert "Imported" not in second.out
    assert second.err == ""
    assert len(addresses) == 2


@dataclass(frozen=True)
class Server:
    """A server that runs in a process of its own."""

    process: subprocess.Popen[str]
    study: Path
    port: int

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, bytes]:
        """Return status and body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server on a port of its own choice, as `--port 0` gives it."""
    study = write_files(valid_files(), tmp_path / "study")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RESIDUUM_")}
    process = subprocess.Popen(
        [COMMAND, "serve", study, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = next(line for line in process.stdout if "Serving on" in line)
    running = Server(process, study, int(line.split("http://127.0.0.1:")[1].split()[0]))
    yield running
    process.kill()
    process.communicate()


def test_a_server_ends_cleanly_and_answers_nothing_half(server: Server, residuum: Residuum) -> None:
    assert server.ask("GET", "/healthz")[0] == 200  # as soon as it says where it is
    answers: list[int] = []
    broken: list[Exception] = []

    def knock() -> None:
        body = json.dumps({"account": "nobody", "password": "wrong password"})
        while True:
            try:
                answers.append(server.ask("POST", "/api/session", body)[0])
            except (ConnectionError, http.client.RemoteDisconnected):
                return  # no answer had begun
            except Exception as error:
                broken.append(error)
                return

    second = residuum("serve", server.study, "--port", "0")
    assert second.code == 2
    assert f"process {server.process.pid} works on this study" in second.err
    threads = [threading.Thread(target=knock) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    server.process.send_signal(signal.SIGTERM)
    out, err = server.process.communicate(timeout=20)
    for thread in threads:
        thread.join(20)
    assert server.process.returncode == 0
    assert "Traceback" not in out + err
    assert broken == []
    assert answers
    assert set(answers) <= {401, 429}
    assert residuum("audit", "verify", server.study).code == 0


def test_commands_that_need_the_study_alone_wait_for_nobody(server: Server, residuum: Residuum, tmp_path: Path) -> None:
    assert residuum("backup", server.study, tmp_path / "b.zip").code == 0  # may run beside a server
    for arguments in (("restore", tmp_path / "b.zip", server.study, "--replace"), ("upgrade", server.study)):
        done = residuum(*arguments)
        assert done.code == 2
        assert f"process {server.process.pid} works on this study" in done.err
    server.process.send_signal(signal.SIGINT)
    server.process.communicate(timeout=20)
    assert server.process.returncode in (0, 130)
    assert residuum("restore", tmp_path / "b.zip", server.study, "--replace").code == 0


def test_a_killed_server_leaves_no_lock_behind(server: Server, residuum: Residuum) -> None:
    server.process.kill()
    server.process.communicate()
    assert residuum("upgrade", server.study).code == 0
    assert residuum("audit", "verify", server.study).code == 0
