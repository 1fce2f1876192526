"""Image files: named after what they hold, whole or not there, and never outside their folder."""

import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.intake.scans.image_files import ImageFiles, Source
from residuum.records.errors import InputError

pytestmark = pytest.mark.unit

OUTSIDE = [
    "",
    ".",
    "..",
    "../secret.dcm",
    "/etc/passwd",
    "C:\\secret.dcm",
    "ab/../../secret.dcm",
    f"ab/{'ab' * 32}.dcm/../../../secret.dcm",
    f"ab/{'ab' * 32}.txt",
    f"AB/{'AB' * 32}.dcm",
    f"ab/{'ab' * 32}.dcm\0",
    f"ab/{'ab' * 32}.dcm\n",
    f"./ab/{'ab' * 32}.dcm",
]


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_one_object_lies_under_its_hash(tmp_path: Path) -> None:
    files = ImageFiles(tmp_path / "images")
    stored = files.save([b"one object"])
    expected = _hash(b"one object")
    assert (stored.path, stored.sha256) == (f"{expected[:2]}/{expected}.dcm", expected)
    assert (tmp_path / "images" / stored.path).read_bytes() == b"one object"
    assert files.load(stored.path, stored.sha256) == files.load(stored.path) == [b"one object"]


def test_several_objects_lie_in_an_uncompressed_archive_in_their_order(tmp_path: Path) -> None:
    files = ImageFiles(tmp_path)
    objects = [b"second slice" * 50, b"first slice", b""]
    stored = files.save(objects)
    data = (tmp_path / stored.path).read_bytes()
    assert stored.path == f"{stored.sha256[:2]}/{stored.sha256}.zip"
    assert stored.sha256 == _hash(data)
    assert files.load(stored.path) == objects
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
    assert [one.filename for one in members] == ["0001.dcm", "0002.dcm", "0003.dcm"]
    assert {one.compress_type for one in members} == {zipfile.ZIP_STORED}
    assert {one.date_time for one in members} == {(1980, 1, 1, 0, 0, 0)}


def test_equal_objects_give_equal_files_and_another_order_another(tmp_path: Path) -> None:
    first, second = ImageFiles(tmp_path / "a"), ImageFiles(tmp_path / "b")
    assert first.save([b"1", b"2"]) == second.save([b"1", b"2"]) != second.save([b"2", b"1"])


def test_order_holds_for_more_objects_than_names_sort(tmp_path: Path) -> None:
    objects = [str(number).encode() for number in range(10_050)]
    files = ImageFiles(tmp_path)
    assert files.load(files.save(objects).path) == objects


def test_equal_file_is_left_and_a_damaged_one_written_anew(tmp_path: Path) -> None:
    files = ImageFiles(tmp_path)
    path = tmp_path / files.save([b"object"]).path
    os.utime(path, (1, 1))
    files.save([b"object"])
    assert path.stat().st_mtime == 1
    path.write_bytes(b"damaged")
    files.save([b"object"])
    assert path.read_bytes() == b"object"


def test_crash_while_writing_leaves_nothing_under_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = ImageFiles(tmp_path)

    def stop(_file: int) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(OSError, match="the disk is gone"):
        files.save([b"object"])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda file: (events.append("sync"), sync(file))[1])
    monkeypatch.setattr(Path, "replace", lambda self, to: (events.append("name"), replace(self, to))[1])
    ImageFiles(tmp_path).save([b"object"])
    assert events[:2] == ["sync", "name"]
    assert events[2:]  # the folder's entry too


@pytest.mark.parametrize("content", [b"", b"objecT", b"object and more"])
def test_changed_file_is_refused(tmp_path: Path, content: bytes) -> None:
    files = ImageFiles(tmp_path)
    stored = files.save([b"object"])
    (tmp_path / stored.path).write_bytes(content)
    for sha256 in (stored.sha256, None):
        with pytest.raises(InputError, match="the file is not the one that was imported") as caught:
            files.load(stored.path, sha256)
        (problem,) = caught.value.problems
        assert (problem.rule, problem.value) == ("image.changed", stored.path)
        assert "Restore it from a copy" in problem.cure


def test_file_of_another_row_is_refused(tmp_path: Path) -> None:
    files = ImageFiles(tmp_path)
    first, second = files.save([b"first"]), files.save([b"second"])
    with pytest.raises(InputError, match="not the one that was imported"):
        files.load(first.path, second.sha256)


def test_missing_file_is_named(tmp_path: Path) -> None:
    files = ImageFiles(tmp_path)
    stored = files.save([b"object"])
    files.remove(stored.path)
    files.remove(stored.path)  # nothing to do is no fault: an erasure is finished by repeating it
    with pytest.raises(InputError, match="the file cannot be opened") as caught:
        files.load(stored.path)
    assert caught.value.problems[0].rule == "image.missing"


@pytest.mark.parametrize("path", OUTSIDE)
def test_other_paths_are_neither_read_nor_removed(tmp_path: Path, path: str) -> None:
    root = tmp_path / "images"
    files = ImageFiles(root)
    files.save([b"object"])
    (tmp_path / "secret.dcm").write_bytes(b"secret")
    for use in (files.load, files.remove):
        with pytest.raises(InputError, match="no file of the folder images"):
            use(path)
    assert (tmp_path / "secret.dcm").exists()


def test_links_lead_nowhere(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "images", tmp_path / "elsewhere"
    name = _hash(b"secret")
    elsewhere.mkdir()
    (elsewhere / f"{name}.dcm").write_bytes(b"secret")
    root.mkdir()
    (root / name[:2]).symlink_to(elsewhere)
    files = ImageFiles(root)
    for use in (files.load, files.remove):
        with pytest.raises(InputError, match="no file of the folder images"):
            use(f"{name[:2]}/{name}.dcm")
    assert (elsewhere / f"{name}.dcm").exists()


def test_linked_folder_of_images_works(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "images").symlink_to(tmp_path / "disk")
    files = ImageFiles(tmp_path / "images")
    assert files.load(files.save([b"object"]).path) == [b"object"]


def test_image_without_objects_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one object"):
        ImageFiles(tmp_path).save([])


# --- sources


@pytest.mark.property
@given(st.text(st.characters(exclude_characters="#"), min_size=1), st.none() | st.integers(1, 999_999))
def test_sources_are_read_as_they_are_written(path: str, frame: int | None) -> None:
    assert Source.parse(str(Source(path, frame))) == Source(path, frame)


@pytest.mark.parametrize("text", ["a#", "a#0", "a#01", "a#-1", "a#1.0", "a#x", "a#1#2", "a#1234567", "a#²", "a# 1"])
def test_frames_that_are_no_number_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="this names no frame"):
        Source.parse(text)
