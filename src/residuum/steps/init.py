"""Start a study: an empty folder of format 1."""

from pathlib import Path

from residuum.intake.folder import write_study
from residuum.records.errors import CallError
from residuum.records.rules import shipped_rules
from residuum.records.schemas import TABLES
from residuum.records.settings import Settings
from residuum.records.study import Study


def init(folder: Path) -> list[str]:
    """Write an empty, valid study and return the names of its files.

    Raises
    ------
    CallError
        The folder is not empty, or the path is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CallError(f"{folder} is not an empty folder; name a new one, nothing was written")
    write_study(Study(Settings(), shipped_rules(), {name: table.empty() for name, table in TABLES.items()}), folder)
    return sorted(path.name for path in folder.iterdir())
