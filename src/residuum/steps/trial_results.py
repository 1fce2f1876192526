"""Where the commands about a trial put what they found."""

from pathlib import Path

from residuum.records.errors import CallError


def checkpoint_file(name: str, out: Path | None, resume: Path | None) -> Path | None:
    """Return the file for the finished parts of a sweep: named, or in the folder for results, or none.

    Raises
    ------
    CallError
        `out` is a file.
    """
    if out is not None and out.exists() and not out.is_dir():
        raise CallError(f"{out} cannot hold the results; name a folder with --out")
    return resume if resume is not None or out is None else out / f"{name}.checkpoints.jsonl"


def write_result(out: Path, name: str, text: str) -> Path:
    """Write the numbers of a command into a folder, made where it does not exist, and return the file."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{name}.json"
    file.write_text(text, "utf-8", newline="\n")
    return file
