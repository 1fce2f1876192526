"""A study folder into a database and out of it; a database that exists keeps its reads; which source counts."""

import os
import sqlite3
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import KINDS, new_database
from intake.studies import Files, add, swap, valid_files, write_files
from residuum.cohort.alternatives import derive_alternatives
from residuum.cohort.analysis import derive_analysis
from residuum.intake.folder import read_study, write_study
from residuum.records.errors import CallError, InputError
from residuum.records.study import Study
from residuum.report.whole import derive_numbers
from residuum.steps import databases
from residuum.steps.backups import backup, restore
from residuum.steps.databases import export_folder, import_folder, open_or_import
from residuum.steps.erasure import forget
from residuum.steps.init import init
from residuum.steps.location import database_is_newer, locate
from residuum.steps.sources import open_source
from residuum.store import audit
from residuum.store.database import Database
from residuum.store.tables import ASSIGNMENTS, AUDIT, READS
from twins.random_study import write_random_study

Change = Callable[[Files], None]


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def make(folder: Path, *changes: Change, entry: str = "marks") -> Path:
    """Write the small valid study with changes."""
    files = valid_files(entry=entry)
    for change in changes:
        change(files)
    return write_files(files, folder)


def assert_round_trip(folder: Path, url: str, spare: Path) -> None:
    """Import a folder and export it again: the same bytes as writing the study that was read."""
    write_study(read_study(folder), spare / "written")
    import_folder(folder, url)
    export_folder(locate(url), spare / "exported")
    written, exported = contents(spare / "written"), contents(spare / "exported")
    assert written.keys() == exported.keys()
    assert [name for name in written if written[name] != exported[name]] == []


def trail(url: str) -> list[audit.Entry]:
    """Return the audit trail of a database."""
    database = Database(url)
    try:
        with database.reading() as connection:
            assert audit.verify(connection).faults == ()
            return list(audit.load_entries(connection))
    finally:
        database.close()


def column(name: str, *cells: str) -> Change:
    """Add a column to patients.csv and to events.csv."""

    def change(files: Files) -> None:
        for file in ("patients.csv", "events.csv"):
            lines = files[file].decode().splitlines()
            ends = ['"' + text.replace('"', '""') + '"' for text in (name, *cells)]
            files[file] = "".join(f"{line},{end}\n" for line, end in zip(lines, ends, strict=True)).encode()

    return change


def columns(files: Files) -> None:
    """Add several columns, with names that the database uses itself."""
    for name in ("more", "position", "occasion", "version", 'é "à"', "a.b"):
        column(name, "é", "")(files)


def drop_optional(files: Files) -> None:
    """Leave out the files that may be absent."""
    for name in ("images.csv", "components.csv", "targets.csv"):
        del files[name]


def empty_images(files: Files) -> None:
    """Leave a file with its header only."""
    files["images.csv"] = files["images.csv"].splitlines(keepends=True)[0]


def turn_round(files: Files) -> None:
    """Write the rows of every file from the last to the first."""
    for name in set(files) - {"study.toml", "reads.csv"}:
        header, *rows = files[name].splitlines(keepends=True)
        files[name] = b"".join([header, *reversed(rows)])


STRANGE_SETTINGS = """\
data_freeze = 2020-02-29
title = "Étude des résidus osseux — « œuvre n° 2 »"
when = 2020-01-01T10:00:00.5Z
at = 07:32:00
"clé à part" = [1, [2.5, "é"], {a = 1, "b c" = 2020-01-01}]
nothing = "\\u0000\\u007f"
big = 9223372036854775807
"""
FRENCH = "l’œil a vu « çà » — naïve à 0,5 %;\r\nNFD e\u0301 😀\x01\x7f\u2028"
VARIANTS: dict[str, Change] = {
    "strange settings": swap("study.toml", 'title = "Two children"\n', STRANGE_SETTINGS),
    "column of a name that code uses": column("self", "=1+1", ""),
    "columns of names that the database uses": columns,
    "French text": swap("reads.csv", "two\nlines", FRENCH),
    "smallest and largest numbers": swap("marks.csv", "1.5,-2,", "-1e308,5e-324,0.30000000000000004"),
    "negative zero": swap("marks.csv", "1.5,-2,", "-0.0,-0,"),
    "largest whole number": swap("images.csv", "256,256,1", "9223372036854775807,1,1"),
    "absent files": drop_optional,
    "empty file": empty_images,
    "rows in another order": turn_round,
}


@pytest.mark.unit
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_strange_study_comes_out_as_it_went_in(database_url: str, tmp_path: Path, variant: str) -> None:
    assert_round_trip(make(tmp_path / "in", VARIANTS[variant]), database_url, tmp_path)


@pytest.mark.unit
@pytest.mark.parametrize("entry", ["marks", "grades"])
def test_a_study_of_either_entry_comes_out_as_it_went_in(database_url: str, tmp_path: Path, entry: str) -> None:
    assert_round_trip(make(tmp_path / "in", entry=entry), database_url, tmp_path)


@pytest.mark.unit
def test_a_new_and_empty_study_comes_out_as_it_went_in(database_url: str, tmp_path: Path) -> None:
    init(tmp_path / "in")
    assert_round_trip(tmp_path / "in", database_url, tmp_path)


@pytest.mark.property
@pytest.mark.parametrize("seed", [1, 2, 3, 7])  # marks and grades, one to three readers
def test_a_random_study_comes_out_as_it_went_in(database_url: str, tmp_path: Path, seed: int) -> None:
    write_random_study(tmp_path / "in", seed)
    assert_round_trip(tmp_path / "in", database_url, tmp_path)


@pytest.mark.property
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_studies_come_out_as_they_went_in(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("postgresql_server") if kind == "postgresql" else ""
    for seed in range(100, 108):
        folder = tmp_path / str(seed)
        write_random_study(folder / "in", seed)
        assert_round_trip(folder / "in", new_database(kind, folder, server), folder)


@pytest.fixture(scope="session", params=KINDS)
def demonstration_database(
    request: pytest.FixtureRequest, demonstration: Study, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The demonstration as a folder and as a database; nothing changes it."""
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else ""
    place = tmp_path_factory.mktemp("demonstration")
    write_study(demonstration, place / "study")
    url = new_database(request.param, place, server)
    import_folder(place / "study", url)
    return place / "study", url


@pytest.mark.unit
def test_the_demonstration_comes_out_as_it_went_in(demonstration_database: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = demonstration_database
    export_folder(locate(url), tmp_path / "out")
    assert contents(tmp_path / "out") == contents(folder)


@pytest.mark.unit
def test_folder_and_database_are_the_same_source(demonstration_database: tuple[Path, str]) -> None:
    folder, url = demonstration_database
    one, other = open_source(folder), open_source(url)
    assert one.sha256 == other.sha256
    assert sorted(map(str, one.problems)) == sorted(map(str, other.problems))
    assert (one.study.settings, one.study.rules, one.study.present) == (
        other.study.settings,
        other.study.rules,
        other.study.present,
    )
    assert all(one.study[name].equals(other.study[name]) for name in one.study.tables)
    assert (one.audit_head, other.audit_head is None) == (None, False)


@pytest.mark.unit
def test_folder_and_database_give_the_same_numbers(database_url: str, tmp_path: Path) -> None:
    write_random_study(tmp_path / "in", 5)
    import_folder(tmp_path / "in", database_url)
    texts = []
    for source in (tmp_path / "in", database_url):
        analysis = derive_analysis(open_source(source).study)
        texts.append(derive_numbers(analysis, derive_alternatives(analysis)).json({}))
    assert texts[0] == texts[1]


# An import into a database that exists


NEW_READ = add("reads.csv", "S3,bela,yes,locked,2,60,nouveau")
NEW_MARK = add("marks.csv", "S3,bela,1,sternum,focal,,spot,,,,,,,,,")


@pytest.mark.unit
def test_new_reads_and_changed_other_tables_are_accepted(database_url: str, tmp_path: Path) -> None:
    import_folder(make(tmp_path / "in"), database_url)
    changes = (
        *(NEW_READ, NEW_MARK, swap("patients.csv", "P1,female", "P1,male"), swap("events.csv", "P2,600", "P2,605")),
        *(
            swap("study.toml", "Two children", "Three children"),
            swap("targets.csv", "T1,femur_left,mri", "T2,sacrum,mri"),
        ),
        *(add("patients.csv", "P3,female,700,2012,M,unknown,alive,30"), add("scans.csv", "S5,P3,0,diagnosis,I123,")),
    )
    folder = make(tmp_path / "changed", *changes)
    import_folder(folder, database_url, "follow-up")
    export_folder(locate(database_url), tmp_path / "out")
    one, other = read_study(folder), read_study(tmp_path / "out")
    assert one.settings == other.settings
    for name, frame in one.tables.items():
        assert frame.sort(frame.columns).equals(other[name].sort(frame.columns)), name
    assert open_source(database_url).study["scans"].height == 5
    database = Database(database_url)
    with database.reading() as connection:
        given = {row.reader for row in connection.execute(sa.select(ASSIGNMENTS).where(ASSIGNMENTS.c.scan == "S5"))}
    database.close()
    assert given >= {"anne", "bela"}


REFUSED: dict[str, tuple[str, str, Change]] = {
    "locked read changed": ("reads.csv", "S1, bela", swap("reads.csv", "61.5", "61.6")),
    "draft changed": ("reads.csv", "S3, anne", swap("reads.csv", "S3,anne,no,draft", "S3,anne,yes,draft")),
    "draft locked": ("reads.csv", "S3, anne", swap("reads.csv", "S3,anne,no,draft", "S3,anne,no,locked")),
    "draft missing": ("reads.csv", "S3, anne", swap("reads.csv", "S3,anne,no,draft,3,,\n", "")),
    "locked read missing": ("reads.csv", "S1, consensus", swap("reads.csv", "S1,consensus,yes,locked,,,\n", "")),
    "mark changed": ("marks.csv", "S4, anne", swap("marks.csv", "S4,anne,1,sacrum", "S4,anne,1,sternum")),
    "mark missing": ("marks.csv", "S4, anne", swap("marks.csv", "S4,anne,1,sacrum,focal,,spot,,,,,,,,,\n", "")),
    "mark added": ("marks.csv", "S4, anne", add("marks.csv", "S4,anne,2,skull_base,focal,,spot,,,,,,,,,")),
    "place of a mark changed": ("marks.csv", "S2, anne", swap("marks.csv", "1.5,-2,", "1.5000000000000002,-2,")),
}


@pytest.fixture(scope="session", params=KINDS)
def kept_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that holds the small valid study, into which every import must be refused."""
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else ""
    place = tmp_path_factory.mktemp("kept")
    url = new_database(request.param, place, server)
    import_folder(make(place / "in"), url)
    return url


@pytest.mark.unit
@pytest.mark.parametrize("case", REFUSED)
def test_a_read_that_the_database_holds_is_never_changed(kept_database: str, tmp_path: Path, case: str) -> None:
    file, read, change = REFUSED[case]
    before, was = trail(kept_database), open_source(kept_database).sha256
    folder = make(tmp_path / "changed", change, swap("patients.csv", "P1,female", "P1,male"))
    with pytest.raises(InputError, match="nothing was imported") as refused:
        import_folder(folder, kept_database, "follow-up")
    assert [(one.file, one.value) for one in refused.value.problems] == [(file, read)]
    assert all("Export the study" in one.cure for one in refused.value.problems)
    assert (trail(kept_database), open_source(kept_database).sha256) == (before, was)


@pytest.mark.unit
def test_every_read_that_is_changed_is_named(kept_database: str, tmp_path: Path) -> None:
    cases = ("locked read changed", "draft changed", "mark changed")
    folder = make(tmp_path / "changed", *(REFUSED[case][2] for case in cases))
    with pytest.raises(InputError) as refused:
        import_folder(folder, kept_database, "follow-up")
    assert {(one.file, one.value) for one in refused.value.problems} == {REFUSED[case][:2] for case in cases}


@pytest.mark.unit
@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_database_that_exists_needs_a_reason(kept_database: str, tmp_path: Path, reason: str | None) -> None:
    before = trail(kept_database)
    with pytest.raises(CallError, match="--reason"):
        import_folder(make(tmp_path / "in"), kept_database, reason)
    assert trail(kept_database) == before


@pytest.mark.unit
def test_grades_of_a_read_that_the_database_holds_are_never_changed(database_url: str, tmp_path: Path) -> None:
    import_folder(make(tmp_path / "in", entry="grades"), database_url)
    other = make(tmp_path / "changed", swap("grades.csv", "skull,2", "skull,3"), entry="grades")
    with pytest.raises(InputError) as refused:
        import_folder(other, database_url, "follow-up")
    assert [(one.file, one.value) for one in refused.value.problems] == [("grades.csv", "S1, anne")]


@pytest.mark.unit
def test_what_an_unknown_column_says_of_a_read_is_kept_or_refused(database_url: str, tmp_path: Path) -> None:
    def note(text: str) -> Change:
        def change(files: Files) -> None:
            lines = files["marks.csv"].decode().splitlines()
            files["marks.csv"] = "".join(f"{line},{text if n else 'note'}\n" for n, line in enumerate(lines)).encode()

        return change

    import_folder(make(tmp_path / "in", note("said")), database_url)
    for number, changes in enumerate([(note("other"),), ()]):
        folder = make(tmp_path / f"changed{number}", *changes)
        with pytest.raises(InputError):
            import_folder(folder, database_url, "follow-up")
    assert set(open_source(database_url).study["marks"]["note"]) == {"said"}


@pytest.mark.unit
def test_a_read_written_in_the_database_is_not_lost_by_an_older_folder(database_url: str, tmp_path: Path) -> None:
    folder = make(tmp_path / "in")
    import_folder(folder, database_url)
    database = Database(database_url)
    with database.writing() as connection:
        connection.execute(READS.insert(), {"scan": "S3", "reader": "bela", "evaluable": "yes", "state": "draft"})
    database.close()
    with pytest.raises(InputError) as refused:
        import_folder(folder, database_url, "follow-up")
    assert [one.value for one in refused.value.problems] == ["S3, bela"]
    export_folder(locate(database_url), tmp_path / "out")
    import_folder(tmp_path / "out", database_url, "as the cure says")


@pytest.mark.unit
def test_the_same_folder_twice_changes_nothing_but_the_trail(database_url: str, tmp_path: Path) -> None:
    folder = make(tmp_path / "in")
    import_folder(folder, database_url)
    before, was = trail(database_url), open_source(database_url).sha256
    import_folder(folder, database_url, "une fois de plus")
    assert open_source(database_url).sha256 == was
    new = [entry for entry in trail(database_url)[len(before) :] if entry.action.startswith("import")]
    assert [(entry.details or {})["why"] for entry in new] == ["une fois de plus"] * 3


@pytest.mark.unit
@pytest.mark.parametrize("reason", [None, "follow-up"])
def test_an_import_that_fails_midway_leaves_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str | None
) -> None:
    folder = make(tmp_path / "in")
    if reason:
        import_folder(folder, database_url)
    before = trail(database_url) if reason else None

    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(databases, "draw_cases", fail)
        with pytest.raises(ZeroDivisionError):
            import_folder(make(tmp_path / "new", NEW_READ, NEW_MARK), database_url, reason)
    if reason:
        assert trail(database_url) == before
        return
    database = Database(database_url)
    assert database.revision() is None
    database.close()
    import_folder(folder, database_url)


@pytest.mark.unit
def test_a_folder_whose_first_import_failed_is_imported_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = locate(str(make(tmp_path / "in")))

    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(databases, "draw_cases", fail)
        with pytest.raises(ZeroDivisionError):
            open_or_import(location)
    database, problems = open_or_import(location)
    database.check_revision()
    database.close()
    assert problems is not None


@pytest.mark.unit
def test_a_refused_folder_makes_no_database(tmp_path: Path) -> None:
    folder = make(tmp_path / "in", swap("patients.csv", "P1,female", "P1,F"))
    with pytest.raises(InputError, match="1 error"):
        import_folder(folder, str(tmp_path / "deep" / "study.sqlite"))
    assert not (tmp_path / "deep").exists()


@pytest.mark.unit
def test_of_two_first_imports_at_once_one_wins(database_url: str, tmp_path: Path) -> None:
    folder, errors = make(tmp_path / "in"), []

    def bring() -> None:
        try:
            import_folder(folder, database_url)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=bring) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 2
    assert all(isinstance(error, CallError) for error in errors), errors
    assert sum(entry.action == "import" for entry in trail(database_url)) == 1


@pytest.mark.unit
@pytest.mark.parametrize("revision", ["9999", "0000"])
def test_a_database_of_another_version_is_not_imported_into(database_url: str, tmp_path: Path, revision: str) -> None:
    folder = make(tmp_path / "in")
    import_folder(folder, database_url)
    before = trail(database_url)
    database = Database(database_url)
    with database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    database.close()
    with pytest.raises(InputError, match=f"version {revision}"):
        import_folder(folder, database_url, "follow-up")
    assert trail(database_url) == before


@pytest.mark.unit
@pytest.mark.parametrize("table", ["orders", "scans"])
def test_a_database_of_another_program_stays_as_it_is(database_url: str, tmp_path: Path, table: str) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {table} (a INTEGER)")
    with pytest.raises((InputError, CallError), match="empty"):
        import_folder(make(tmp_path / "in"), database_url)
    with database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == [table]
    database.close()


@pytest.mark.unit
def test_every_patient_has_an_entry_with_the_first_values(database_url: str, tmp_path: Path) -> None:
    import_folder(make(tmp_path / "in"), database_url)
    details = [entry.details or {} for entry in trail(database_url)]
    entries = {one["patient"]: one for one in details if "patient" in one}
    assert set(entries) == {"P1", "P2"}
    assert {row["scan"] for row in entries["P1"]["rows"]["marks"]} == {"S1", "S2"}
    assert {row["kind"] for row in entries["P2"]["rows"]["events"]} == {"progression", "death"}
    database = Database(database_url)
    with database.reading() as connection:
        rows = [row for row in connection.execute(sa.select(AUDIT)).mappings() if row["action"] == "import.patient"]
    database.close()
    assert not any("P1" in value for row in rows for value in row.values() if isinstance(value, str))
    for row in rows:
        with pytest.raises(zlib.error):  # a plain payload would unpack
            zlib.decompress(row["payload"])


# Where a study lies


@pytest.mark.unit
def test_a_folder_has_its_database_beside_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "in")
    location = locate(str(tmp_path / "in"))
    file = tmp_path / "in" / ".residuum" / "study.sqlite"
    assert (location.folder, location.database_file, location.data) == (tmp_path / "in", file, file.parent)
    assert not location.has_database
    monkeypatch.chdir(tmp_path)
    assert locate("in") == location
    monkeypatch.chdir(tmp_path / "in")
    assert locate(".") == location


@pytest.mark.unit
def test_a_database_is_named_by_file_or_url(tmp_path: Path) -> None:
    file = tmp_path / "study.sqlite"
    for name in (str(file), f"sqlite:///{file}"):
        location = locate(name)
        assert (location.folder, location.database_file, location.url) == (None, file, f"sqlite:///{file}")
    server = locate("postgresql://host/study")
    assert (server.folder, server.database_file, server.has_database) == (None, None, True)


@pytest.mark.unit
@pytest.mark.parametrize("name", ["", "nosuch", "study.db", "nosuch/"])
def test_what_is_no_study_is_not_located(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.db").write_bytes(b"")
    with pytest.raises(CallError, match="no study"):
        locate(name)


@pytest.mark.unit
def test_data_of_a_server_lie_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RESIDUUM_DATA", raising=False)
    location = locate("postgresql://host/study")
    assert location.data == tmp_path / ".residuum"
    monkeypatch.setenv("RESIDUUM_DATA", str(tmp_path / "data"))
    assert location.data == tmp_path / "data"


@pytest.mark.unit
def test_a_study_without_a_database_says_how_to_make_one(tmp_path: Path) -> None:
    for name in (str(make(tmp_path / "in")), str(tmp_path / "gone.sqlite"), f"sqlite:///{tmp_path / 'gone.sqlite'}"):
        with pytest.raises(CallError, match="residuum import"):
            locate(name).open()
    assert not (tmp_path / "gone.sqlite").exists()
    assert not (tmp_path / "in" / ".residuum").exists()


@pytest.mark.unit
def test_the_newer_of_folder_and_database_counts(tmp_path: Path) -> None:
    folder = make(tmp_path / "in")
    location = locate(str(folder))
    assert not database_is_newer(location)
    database, problems = open_or_import(location)
    database.close()
    assert problems is not None
    assert database_is_newer(location)
    assert locate(str(folder)).has_database
    file = location.database_file
    assert file is not None
    later = max(path.stat().st_mtime for path in file.parent.iterdir()) + 10
    os.utime(folder / "events.csv", (later, later))
    assert not database_is_newer(location)
    assert open_source(folder).said is not None
    os.utime(file, (later + 10, later + 10))
    assert database_is_newer(location)
    used = open_source(folder)
    assert used.said is not None
    assert str(file) in used.said
    assert used.audit_head is not None


@pytest.mark.unit
def test_a_folder_is_imported_once(tmp_path: Path) -> None:
    folder = make(tmp_path / "in")
    location = locate(str(folder))
    database, problems = open_or_import(location)
    database.close()
    assert problems is not None
    (folder / "patients.csv").write_text("no study any more", "utf-8")
    database, problems = open_or_import(location)
    database.close()
    assert problems is None


@pytest.mark.unit
def test_a_database_and_its_folder_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = make(tmp_path / "in")
    database, _ = open_or_import(locate(str(folder)))
    database.close()
    beside = folder / ".residuum"
    assert beside.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in beside.iterdir()} == {0}


@pytest.mark.unit
def test_forget_wants_to_know_where_a_server_keeps_its_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESIDUUM_DATA", raising=False)
    with pytest.raises(CallError, match="RESIDUUM_DATA"):
        forget(locate("postgresql://nobody@127.0.0.1:9/study"), "P1", "consent withdrawn")


@pytest.mark.unit
def test_a_log_without_its_database_is_not_replayed_into_a_restored_one(tmp_path: Path) -> None:
    target, saved = tmp_path / "study.sqlite", tmp_path / "saved.zip"
    import_folder(make(tmp_path / "in"), f"sqlite:///{target}")
    backup(locate(str(target)), saved)
    database = Database(f"sqlite:///{target}")
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE study SET settings = 'not this'")
    stray = [target.with_name(f"{name}-wal") for name in ("study.sqlite", "study.sqlite.part")]
    kept = stray[0].read_bytes()
    database.close()
    target.unlink()
    for log in stray:
        log.write_bytes(kept)
    restore(saved, locate(str(target)))
    with sqlite3.connect(target) as plain:
        assert plain.execute("SELECT settings FROM study").fetchone()[0] != "not this"
    assert len(list(tmp_path.glob("study-before-restore-*.sqlite-wal"))) == 1
