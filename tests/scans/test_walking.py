"""Files, folders and ZIP archives to objects in memory: nothing is followed outside, unpacked on disk or read whole."""

import io
import itertools
import os
import socket
import struct
import sys
import zipfile
from pathlib import Path

import pytest

import scan_objects
from residuum.intake.scans import limits
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources import walking, zip_archives
from residuum.intake.scans.sources.walking import Found, walk
from residuum.records.printable import first_unprintable

pytestmark = pytest.mark.unit
OBJECT = scan_objects.written(scan_objects.planar(frames=[scan_objects.body()[:8, :8]] * 2))


def seen(path: Path) -> dict[str, bytes | str]:
    """Return bytes or rule by place, in the order found."""
    return {found.place: told(found) for found in walk(path)}


def told(found: Found) -> bytes | str:
    assert (found.data is None) == (found.refused is not None)
    assert first_unprintable(found.place) is None
    return found.refused.rule if found.refused else found.data or b""


def zipped(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_one_file(tmp_path: Path) -> None:
    (tmp_path / "IM0001").write_bytes(OBJECT)
    assert seen(tmp_path / "IM0001") == {"IM0001": OBJECT}


def test_a_folder_is_read_in_the_order_of_its_paths(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a/z/9", "c", "a/y"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(OBJECT + name.encode())
    found = seen(tmp_path)
    assert list(found) == ["c", "a/y", "a/z/9", "b/1", "b/2"]
    assert found["a/z/9"] == OBJECT + b"a/z/9"


@pytest.mark.parametrize("data", [b"", b"DICM", b"text", bytes(128) + b"DIC", bytes(500), OBJECT[128:]])
def test_other_files_are_refused_as_what_they_are(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "Thumbs.db").write_bytes(data)
    assert seen(tmp_path) == {"Thumbs.db": "scan.not_dicom"}


def test_folders_are_read_however_deep(tmp_path: Path) -> None:
    folders = list(itertools.accumulate(["d"] * 1300, Path.joinpath, initial=tmp_path))[1:]
    for folder in folders:
        folder.mkdir()
    (folders[-1] / "object").write_bytes(OBJECT)
    (tmp_path / "e").write_bytes(OBJECT)
    try:
        assert seen(tmp_path) == {"e": OBJECT, "d/" * 1300 + "object": OBJECT}
    finally:  # shutil.rmtree, too, calls itself for each level
        (folders[-1] / "object").unlink()
        for folder in reversed(folders):
            folder.rmdir()


@pytest.mark.skipif(sys.platform == "win32", reason="its paths have no such limit")
def test_paths_too_long_to_open_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "z").write_bytes(OBJECT)
    monkeypatch.chdir(tmp_path)
    for _ in range(25):  # a path holds 4096 bytes, and 1024 on macOS
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    first, (place, rule) = seen(tmp_path).items()
    assert (first, rule) == (("z", OBJECT), "scan.unreadable")
    assert set(place) == {"d", "/"}


def test_what_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert seen(tmp_path / "absent") == {"absent": "scan.unreadable"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "file").write_bytes(OBJECT)
    (tmp_path / "file").chmod(0)
    assert seen(tmp_path) == {"closed": "scan.unreadable", "file": "scan.unreadable"}


def test_a_folder_that_cannot_be_listed_does_not_look_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "file").write_bytes(OBJECT)
    plain = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "closed", str(path))
        return plain(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert seen(tmp_path) == {"closed": "scan.unreadable", "open/file": OBJECT}


def test_links_are_followed_within_the_folder_only(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    for folder in (outside, inside / "real"):
        folder.mkdir(parents=True)
        (folder / "object").write_bytes(OBJECT)
    (inside / "good").symlink_to(inside / "real" / "object")
    (inside / "bad").symlink_to(outside / "object")
    (inside / "bad_folder").symlink_to(outside)
    (inside / "same_folder").symlink_to(inside / "real")
    (inside / "loop").symlink_to(inside)
    (inside / "dangling").symlink_to(inside / "absent")
    (inside / "itself").symlink_to(inside / "itself")
    assert seen(inside) == {
        "bad_folder": "scan.link",
        "bad": "scan.link",
        "dangling": "scan.unreadable",
        "good": OBJECT,
        "itself": "scan.unreadable",
        "real/object": OBJECT,
    }
    # What a person names is what a person means.
    (tmp_path / "named").symlink_to(outside)
    assert seen(tmp_path / "named") == {"object": OBJECT}


def test_links_upon_links_without_end(tmp_path: Path) -> None:
    (tmp_path / "0").write_bytes(OBJECT)
    for number in range(1, 1201):
        (tmp_path / str(number)).symlink_to(tmp_path / str(number - 1))
    found = seen(tmp_path)
    assert len(found) == 1201
    assert (found["0"], found["1"], found["1200"]) == (OBJECT, OBJECT, "scan.unreadable")


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
def test_special_files_are_neither_waited_for_nor_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
        assert seen(tmp_path) == {"pipe": "scan.not_dicom", "socket": "scan.unreadable"}
    assert seen(Path("/dev/zero")) == {"zero": "scan.not_dicom"}


def test_large_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.write(OBJECT)
        file.truncate(50 * 1024**3)
    assert seen(tmp_path) == {"large": "scan.too_large"}
    (tmp_path / "large").write_bytes(OBJECT)
    monkeypatch.setattr(walking, "LARGEST_OBJECT_BYTES", len(OBJECT) - 1)
    assert seen(tmp_path) == {"large": "scan.too_large"}
    monkeypatch.setattr(walking, "LARGEST_OBJECT_BYTES", len(OBJECT))
    assert seen(tmp_path) == {"large": OBJECT}


def test_names_are_fit_to_be_printed(tmp_path: Path) -> None:
    for name in (b"line\nend", b"\x1b[2J", b"\xff\xfe", "Zoë".encode(), "\u202egpj".encode(), "\u2028".encode()):
        (tmp_path / os.fsdecode(name)).write_bytes(OBJECT)
    assert set(seen(tmp_path)) == {"line\\nend", "\\x1b[2J", "\\xff\\xfe", "Zoë", "\\u202egpj", "\\u2028"}


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_is_known_by_its_content(tmp_path: Path, packing: int) -> None:
    members = {"b/IM2": OBJECT + b"2", "a/": b"", "IM1": OBJECT, "README.txt": b"hello"}
    (tmp_path / "export.dcm").write_bytes(zipped(members, packing))
    inside = {"b/IM2": OBJECT + b"2", "IM1": OBJECT, "README.txt": "scan.not_dicom"}
    assert seen(tmp_path) == {f"export.dcm/{name}": data for name, data in inside.items()}
    assert seen(tmp_path / "export.dcm") == {f"export.dcm/{name}": data for name, data in inside.items()}


def test_large_members_and_comments_are_read(tmp_path: Path) -> None:
    large = OBJECT + os.urandom(20 * limits.MIB)
    out = io.BytesIO(zipped({"large": large}, zipfile.ZIP_STORED))
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = b"exported " * 7000
    (tmp_path / "a.zip").write_bytes(out.getvalue())
    assert seen(tmp_path) == {"a.zip/large": large}


def test_names_of_members_are_never_paths(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    names = ["../up", "/etc/abs", "..\\win", "C:\\win", "a\x1b[2J", "x" * 300]
    (folder / "a.zip").write_bytes(zipped(dict.fromkeys(names, OBJECT)))
    before = sorted(tmp_path.rglob("*"))
    assert list(seen(folder).values()) == [OBJECT] * len(names)
    assert sorted(tmp_path.rglob("*")) == before
    assert "a.zip/a\\x1b[2J" in seen(folder)


@pytest.mark.parametrize("name", [b"", b"\0"])
def test_members_without_a_name(tmp_path: Path, name: bytes) -> None:
    member = zipfile.ZipInfo("x")
    member.filename = name.decode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(member, OBJECT)
        archive.writestr("IM1", OBJECT)
    (tmp_path / "a.zip").write_bytes(out.getvalue())
    (tmp_path / "b").write_bytes(OBJECT)
    assert seen(tmp_path) == {"a.zip": OBJECT, "a.zip/IM1": OBJECT, "b": OBJECT}


def test_archives_in_archives_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"IM1": OBJECT, "b.zip": zipped({"IM2": OBJECT})}))
    assert seen(tmp_path) == {"a.zip/IM1": OBJECT, "a.zip/b.zip": "scan.zip"}


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_unusual_packings_are_refused(tmp_path: Path, packing: int) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"IM1": OBJECT}, packing))
    assert seen(tmp_path) == {"a.zip/IM1": "scan.zip"}


def patched(archive: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    at = archive.index(signature) + offset
    return archive[:at] + value + archive[at + len(value) :]


DIRECTORY, END = b"PK\x01\x02", b"PK\x05\x06"
ARCHIVE = zipped({"IM1": OBJECT})


@pytest.mark.parametrize(
    ("archive", "what"),
    [
        (patched(ARCHIVE, DIRECTORY, 8, b"\1"), "a file in it is encrypted"),
        (patched(ARCHIVE, DIRECTORY, 16, b"\0\0\0\0"), "a file in it is damaged"),
        (patched(ARCHIVE, DIRECTORY, 24, struct.pack("<L", 200)), "a file in it is damaged"),
        (patched(ARCHIVE, DIRECTORY, 42, struct.pack("<L", 60)), "a file in it is damaged"),
        (patched(ARCHIVE, DIRECTORY, 10, b"\x63"), "a file in it is packed in an unusual way"),
        (ARCHIVE[:-30], "it is damaged"),
        (ARCHIVE[:50], "it is damaged"),
        (patched(ARCHIVE, END, 12, struct.pack("<L", 0x7FFFFFFF)), "it is damaged"),
        (patched(ARCHIVE, DIRECTORY, 0, b"XXXX"), "it is damaged"),
        (b"PK\x03\x04" + bytes(500), "it is damaged"),
    ],
    ids=lambda given: given if isinstance(given, str) else "archive",  # an object differs from process to process
)
def test_damaged_archives_are_refused(tmp_path: Path, archive: bytes, what: str) -> None:
    (tmp_path / "a.zip").write_bytes(archive)
    [found] = walk(tmp_path)
    assert isinstance(found.refused, ScanError)
    assert (found.refused.rule, found.refused.words) == ("scan.zip", {"what": what})


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    archive = zipped({f"IM{n}": OBJECT for n in range(2)}, zipfile.ZIP_STORED)
    second = archive.rindex(DIRECTORY)
    # The second entry of the directory points to where the first file lies.
    (tmp_path / "a.zip").write_bytes(archive[: second + 42] + bytes(4) + archive[second + 46 :])
    [found] = walk(tmp_path)
    assert found.place == "a.zip"
    assert found.refused is not None
    assert found.refused.words == {"what": "its files overlap"}


@pytest.mark.parametrize(
    ("limit", "value", "what"),
    [
        ("ARCHIVE_MEMBERS", 2, "it holds more than 2 files"),
        ("ARCHIVE_BYTES", 3 * len(OBJECT) - 1, "unpacked it holds more than 0 MiB"),
        ("ARCHIVE_DIRECTORY_BYTES", 100, "its directory holds more than 0 MiB"),
    ],
)
def test_archives_hold_so_much_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, what: str
) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({f"IM{n}": OBJECT for n in range(3)}))
    assert len(seen(tmp_path)) == 3
    monkeypatch.setattr(zip_archives, limit, value)
    [found] = walk(tmp_path)
    assert found.refused is not None
    assert found.refused.words == {"what": what}
    if limit != "ARCHIVE_DIRECTORY_BYTES":
        monkeypatch.setattr(zip_archives, limit, value + 1)
        assert len(seen(tmp_path)) == 3


def test_empty_scans_may_pack_well(tmp_path: Path) -> None:
    blank = OBJECT + bytes(4 * limits.MIB)
    (tmp_path / "a.zip").write_bytes(zipped({"IM1": blank}))
    assert (tmp_path / "a.zip").stat().st_size < len(blank) / 500
    assert seen(tmp_path) == {"a.zip/IM1": blank}


def test_a_file_that_changes_while_it_is_read_is_refused_not_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(OBJECT)
    (tmp_path / "b").write_bytes(OBJECT)
    plain = os.open

    def vanishing(path: Path, flags: int) -> int:
        if Path(path).name == "a":
            raise FileNotFoundError(2, "gone")
        return plain(path, flags)

    monkeypatch.setattr(walking.os, "open", vanishing)
    assert seen(tmp_path) == {"a": "scan.unreadable", "b": OBJECT}
