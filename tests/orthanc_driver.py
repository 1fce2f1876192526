"""Runs inside the network of a test's archive: does what it is told with Residuum's `Archive`, prints JSON.

store FILE... | find PATIENT [STUDY] | fetch STUDY FOLDER; find-all and fetch-all for more than NM and CT.
A patient `-` is none. The archive is $ARCHIVE, its account $RESIDUUM_ARCHIVE_USER and $RESIDUUM_ARCHIVE_PASSWORD.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources.archive import Archive

EVERYTHING = ("NM", "CT", "SR", "SEG", "RTSTRUCT")


def store(archive: Archive, *files: str) -> None:
    archive.store(Path(file).read_bytes() for file in files)


def find(archive: Archive, patient: str, study: str | None = None) -> list[dict[str, Any]]:
    return [asdict(one) for one in archive.find(None if patient == "-" else patient, study)]


def find_all(archive: Archive, patient: str, study: str) -> list[dict[str, Any]]:
    return [asdict(one) for one in archive.find(patient, study, EVERYTHING)]


def fetch_all(archive: Archive, study: str, folder: str) -> list[list[str]]:
    return fetch(archive, study, folder, EVERYTHING)


def fetch(archive: Archive, study: str, folder: str, modalities: tuple[str, ...] = ("NM", "CT")) -> list[list[str]]:
    """Return place and file of each object."""
    found = (one for series in archive.find(None, study, modalities) for one in archive.objects(series))
    fetched = []
    for number, one in enumerate(found):
        path = Path(folder) / f"{number}.dcm"
        path.write_bytes(one.data)
        fetched.append([one.place, str(path)])
    return fetched


def main(command: str, *words: str) -> None:
    user, password = (os.environ.get(f"RESIDUUM_ARCHIVE_{name}") for name in ("USER", "PASSWORD"))
    try:
        said = {"store": store, "find": find, "fetch": fetch, "find-all": find_all, "fetch-all": fetch_all}[command](
            Archive(os.environ["ARCHIVE"], user, password), *words
        )
    except ScanError as error:
        said = {"rule": error.rule, "message": str(error)}
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
