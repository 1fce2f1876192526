"""A study to be analysed: from its folder, or from a database where that is the newer source."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from residuum.intake.folder import FILES, read_accepted_study, render_study
from residuum.records.errors import CallError, Problem
from residuum.records.study import Study
from residuum.records.validity import check_tables
from residuum.steps.location import Location, database_is_newer, locate


@dataclass(frozen=True, slots=True)
class Source:
    """A checked study and where it came from.

    Attributes
    ----------
    sha256 : str
        Hash over the study's files; for a database, over the files that an export of it writes.
    problems : tuple of Problem
        What its check found doubtful.
    said : str or None
        Which of folder and database was used, where there are both.
    audit_head : str or None
        Head of the audit trail of a database.
    repeats : mapping of str to Study
        What each reader read twice: a database alone knows.
    """

    study: Study
    sha256: str
    problems: tuple[Problem, ...]
    said: str | None = None
    audit_head: str | None = None
    repeats: Mapping[str, Study] = field(default_factory=dict)


def open_source(study: Path | str) -> Source:
    """Return the study of a folder or of a database URL.

    A folder with a database beside it that was written after its files gives the study of the database.

    Raises
    ------
    InputError
        The study is refused; its `problems` list everything found.
    CallError
        There is no such study.
    """
    location = locate(str(study))
    if location.folder is None:
        return _from_database(location, None)
    if database_is_newer(location):
        return _from_database(location, f"Used the database {location.database_file}, which is newer than the files.")
    found, problems = read_accepted_study(location.folder)
    older = location.has_database
    said = f"Used the files, which are newer than the database {location.database_file}." if older else None
    return Source(found, hash_folder(location.folder), tuple(problems), said)


def check_out(study: Path | str | None, out: Path) -> None:
    """Refuse a folder for results that is a file or the study itself.

    Raises
    ------
    CallError
        It is.
    """
    is_study = study is not None and out.resolve() == Path(study).resolve()
    if is_study or (out.exists() and not out.is_dir()):
        raise CallError(f"{out} cannot hold the results; name another folder with --out")


def hash_folder(folder: Path) -> str:
    """Return one SHA-256 over the names and bytes of the study's files."""
    return hash_files({name: (folder / name).read_bytes() for name in FILES if (folder / name).is_file()})


def hash_files(files: Mapping[str, bytes]) -> str:
    """Return one SHA-256 over the names and bytes of files in their order."""
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _from_database(location: Location, said: str | None) -> Source:
    from residuum.steps.databases import to_study  # a study in a folder needs no database library
    from residuum.steps.repeats import derive_repeat_studies
    from residuum.store import audit
    from residuum.store.study import load_repeats, load_study

    database = location.open()
    try:
        with database.reading() as connection:
            study = to_study(load_study(connection))
            repeats = derive_repeat_studies(study, load_repeats(connection))
            head = audit.head(connection)
    finally:
        database.close()
    return Source(study, hash_files(render_study(study)), tuple(check_stored(study)), said, head, repeats)


def check_stored(study: Study) -> list[Problem]:
    """Return what is doubtful in a study from a database, with the lines of the files that an export writes."""
    found = check_tables(study.tables, study.settings)
    return [replace(one, row=one.row + 2) if one.row is not None else one for one in found]
