"""The page of the readers in what is released: built when it must be, carried along, and never an old one."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

REPOSITORY: Final = Path(__file__).parents[2]
LEFT_OUT: Final = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "node_modules", "room", "build", "dist", "demo"
)
BUILD: Final = "from hatchling import build; print(build.{}(r'{}'))"


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = spec_from_file_location("hatch_build", REPOSITORY / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path, hook: ModuleType) -> Path:
    """Return a copy of the sources with a page that says of itself that it was built of them."""
    copy = tmp_path / "checkout"
    shutil.copytree(REPOSITORY, copy, ignore=LEFT_OUT)
    plant(copy, hook)
    return copy


def plant(checkout: Path, hook: ModuleType) -> None:
    room = hook.stamp(checkout).parent
    (room / "assets").mkdir(parents=True)
    (room / "index.html").write_text('<script type="module" src="/assets/index-0a1b.js"></script>')
    (room / "assets" / "index-0a1b.js").write_text("planted")
    hook.stamp(checkout).write_text(hook.hash_sources(checkout) + "\n")


def tell(folder: Path, *code: str, path: str) -> subprocess.CompletedProcess[str]:
    """Return what this Python says with nothing but `path` to find other programs on."""
    environment = {**os.environ, "PATH": path}
    command = [sys.executable, *code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def make(folder: Path, kind: str, out: Path, path: str) -> Path:
    done = tell(folder, "-c", BUILD.format(f"build_{kind}", out), path=path)
    assert done.returncode == 0, done.stderr
    return out / done.stdout.strip()


def page_files(names: list[str]) -> list[str]:
    found = (re.search(r"residuum/web/room/(.+)$", name) for name in names)
    return sorted(one[1] for one in found if one and not one[1].endswith("/"))


def unpack(archive: tarfile.TarFile, folder: Path) -> Path:
    """Write the files of an sdist and return its only folder."""
    for member in archive:
        content = archive.extractfile(member)
        if content is not None:
            (folder / member.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / member.name).write_bytes(content.read())
    (only,) = folder.iterdir()
    return only


@pytest.mark.slow
@pytest.mark.unit
def test_wheel_and_sdist_carry_the_page_and_an_sdist_needs_no_node(checkout: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    carried = [".sources", "assets/index-0a1b.js", "index.html"]
    wheel = make(checkout, "wheel", tmp_path / "one", str(nothing))
    assert page_files(zipfile.ZipFile(wheel).namelist()) == carried
    sdist = make(checkout, "sdist", tmp_path / "one", str(nothing))
    with tarfile.open(sdist) as archive:
        assert page_files(archive.getnames()) == carried
        assert not [name for name in archive.getnames() if "node_modules" in name]
        unpacked = unpack(archive, tmp_path / "unpacked")
    asked = tell(unpacked, "-c", "from hatchling import build; print(build.get_requires_for_build_wheel())", path="")
    assert asked.stdout.strip() == "[]"
    again = make(unpacked, "wheel", tmp_path / "two", str(nothing))
    assert {one: zipfile.ZipFile(again).read(one) for one in zipfile.ZipFile(again).namelist()} == {
        one: zipfile.ZipFile(wheel).read(one) for one in zipfile.ZipFile(wheel).namelist()
    }


@pytest.mark.slow
@pytest.mark.unit
def test_the_page_of_this_checkout_is_whole_in_its_wheel(hook: ModuleType, tmp_path: Path) -> None:
    if not hook.is_built(REPOSITORY) and not os.environ.get("CI"):
        pytest.skip("the page is not built of these sources: make web")
    wheel = zipfile.ZipFile(make(REPOSITORY, "wheel", tmp_path, os.defpath))
    page = wheel.read("residuum/web/room/index.html").decode()
    scripts = re.findall(r'<script[^>]* src="/(assets/[^"]+\.js)"', page)
    styles = re.findall(r'<link[^>]* href="/(assets/[^"]+\.css)"', page)
    assert len(scripts) == len(styles) == 1
    assert {*scripts, *styles} <= set(page_files(wheel.namelist()))


@pytest.mark.slow
@pytest.mark.unit
def test_the_tests_of_the_page_pass(hook: ModuleType) -> None:
    frontend = REPOSITORY / "frontend"
    if not (frontend / "node_modules").is_dir() and not os.environ.get("CI"):
        pytest.skip("the packages of the page are not installed: make web")
    hook.run(hook.find_npm(), ["run", "test"], frontend)


@pytest.mark.slow
@pytest.mark.unit
def test_an_old_page_is_built_anew_or_refused(checkout: Path, tmp_path: Path) -> None:
    """Node is a fake here: what matters is that it is asked, and that what it says is believed."""
    tools = tmp_path / "tools"
    tools.mkdir()
    write_tool(tools / "node", "echo v22.12.0")
    write_tool(tools / "npm", "exit 3")
    (checkout / "frontend" / "src" / "main.tsx").write_text("changed")
    path = f"{tools}{os.pathsep}{os.defpath}"
    refused = tell(checkout, "-c", BUILD.format("build_wheel", tmp_path / "out"), path=path)
    assert refused.returncode == 1
    assert "the page is not built: npm ci --no-audit --no-fund failed in " in refused.stderr
    assert not list((tmp_path / "out").glob("*.whl"))


def write_tool(file: Path, body: str) -> None:
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


@pytest.mark.unit
def test_a_page_is_of_its_sources_until_one_of_them_changes_comes_or_goes(tmp_path: Path, hook: ModuleType) -> None:
    source = tmp_path / "frontend" / "src" / "main.tsx"
    source.parent.mkdir(parents=True)
    source.write_text("one")
    (tmp_path / "frontend" / "index.html").write_text("page")
    assert not hook.is_built(tmp_path)
    plant(tmp_path, hook)
    assert hook.is_built(tmp_path)
    (tmp_path / "frontend" / "node_modules").mkdir()
    (tmp_path / "frontend" / "node_modules" / "other.js").write_text("not a source")
    assert hook.is_built(tmp_path)
    source.write_text("two")
    assert not hook.is_built(tmp_path)
    source.write_text("one")
    assert hook.is_built(tmp_path)
    source.with_name("more.ts").write_text("more")
    assert not hook.is_built(tmp_path)
    source.with_name("more.ts").unlink()
    (tmp_path / "frontend" / "index.html").unlink()
    assert not hook.is_built(tmp_path)
    (tmp_path / "frontend" / "index.html").write_text("page")
    assert hook.is_built(tmp_path)
    hook.stamp(tmp_path).with_name("index.html").unlink()
    assert not hook.is_built(tmp_path)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("version", "taken"),
    [("v20.19.0", True), ("v20.18.3", False), ("v18.20.4", False), ("v24.1.0", True), ("nonsense", False), ("", False)],
)
def test_a_node_that_is_too_old_is_none(
    tmp_path: Path, hook: ModuleType, monkeypatch: pytest.MonkeyPatch, version: str, taken: bool
) -> None:
    write_tool(tmp_path / "node", f"echo {version}")
    write_tool(tmp_path / "npm", "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    assert hook.machine_npm() == ([str(tmp_path / "npm")] if taken else [])


@pytest.mark.unit
def test_without_any_node_the_wheel_is_asked_for_and_then_a_sentence_said(
    tmp_path: Path, hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(hook, "find_spec", lambda _name: None)
    with pytest.raises(SystemExit, match=r"it needs Node 20\.19 or newer with npm"):
        hook.build(tmp_path)
    wanted = hook.RoomHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel").dependencies()
    assert wanted == [hook.NODE_WHEEL]
    development = (REPOSITORY / "pyproject.toml").read_text("utf-8")
    assert f'"{hook.NODE_WHEEL}"' in development


@pytest.mark.unit
def test_an_editable_installation_builds_nothing(tmp_path: Path, hook: ModuleType) -> None:
    hook.RoomHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel").initialize("editable", {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.unit
def test_lock_files_name_packages_and_no_index() -> None:
    """Whoever installs asks the index that their own settings name."""
    packages = json.loads((REPOSITORY / "frontend" / "package-lock.json").read_text("utf-8"))["packages"]
    assert len(packages) > 20
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if name and "integrity" not in one] == []
    locked = (REPOSITORY / "requirements.lock").read_text("utf-8")
    assert re.findall(r"--index-url|--extra-index-url|--find-links|\w+://\S*", locked) == []
    assert len(re.findall(r"--hash=sha256:", locked)) > 1000


@pytest.mark.unit
def test_what_is_built_is_not_committed() -> None:
    ignored = (REPOSITORY / ".gitignore").read_text("utf-8").splitlines()
    assert {"node_modules/", "/src/residuum/web/room/"} <= set(ignored)
