"""The page of the readers on the server: what is sent to whom, as what, for how long, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from people import Answer, Person
from rooms import Rooms

import residuum.web.app as application
from residuum.web.room_files import FOLDER, FOR_EVER, TYPES, has_room, read_room

SCRIPT = "console.log('page')"
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a page as the build leaves it, with something beside it that is nobody's business."""
    page = tmp_path / "room"
    (page / "assets" / "deeper").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>Page</title>")
    (page / "mark.svg").write_text("<svg/>")
    (page / ".sources").write_text("0")
    (page / "assets" / "index-0a1b.js").write_text(SCRIPT)
    (page / "assets" / "index-0a1b.css").write_text("p{}")
    (page / "assets" / "notes.txt").write_text("no part of the page")
    (page / "assets" / "deeper" / "own.js").write_text("deeper")
    (tmp_path / "secret.js").write_text("secret")
    return page


@pytest.fixture
def visitor(folder: Path, sqlite_rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """Return somebody without a session in front of a server that has the page."""
    monkeypatch.setattr(application, "read_room", lambda: read_room(folder))
    with sqlite_rooms.open() as room:
        yield room.visitor()


def header(answer: Answer, name: str) -> str | None:
    assert len(answer.all_headers(name)) == 1
    return answer.header(name)


@pytest.mark.unit
def test_the_page_is_shown_to_everybody_and_never_kept(visitor: Person) -> None:
    answer = visitor.get("/")
    assert (answer.status, answer.body) == (200, b"<!doctype html><title>Page</title>")
    assert header(answer, "content-type") == "text/html; charset=utf-8"
    assert header(answer, "cache-control") == "no-store"
    assert header(answer, "content-security-policy") == POLICY


@pytest.mark.unit
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/assets/index-0a1b.js", "text/javascript; charset=utf-8"),
        ("/assets/index-0a1b.css", "text/css; charset=utf-8"),
    ],
)
def test_what_has_a_hash_in_its_name_is_kept_for_ever(visitor: Person, path: str, kind: str) -> None:
    answer = visitor.get(path)
    assert answer.status == 200
    assert header(answer, "content-type") == kind
    assert header(answer, "cache-control") == FOR_EVER
    assert header(answer, "x-content-type-options") == "nosniff"
    assert header(answer, "content-security-policy") == POLICY


@pytest.mark.unit
def test_a_file_beside_the_page_is_sent_and_not_kept(visitor: Person) -> None:
    answer = visitor.get("/mark.svg")
    assert (answer.status, answer.body) == (200, b"<svg/>")
    assert header(answer, "content-type") == "image/svg+xml"
    assert header(answer, "cache-control") == "no-store"


@pytest.mark.unit
@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/index.html",
        "/.sources",
        "/assets",
        "/assets/",
        "/assets/index.js",
        "/assets/notes.txt",
        "/assets/deeper/own.js",
        "/assets/../secret.js",
        "/assets/../../secret.js",
        "/assets/..",
        "/assets/..\\secret.js",
        "/assets/index-0a1b.js\0",
        "//assets/index-0a1b.js",
        "/secret.js",
        "/../secret.js",
    ],
)
def test_nothing_else_is_there(visitor: Person, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status, answer.error) == (404, "not_found")
    assert answer.header("content-type") == "application/json"


@pytest.mark.unit
@pytest.mark.parametrize("path", ["/", "/mark.svg", "/assets/index-0a1b.js"])
def test_the_page_takes_no_orders(visitor: Person, path: str) -> None:
    answer = visitor.ask("POST", path, {})
    assert (answer.status, answer.error) == (405, "method_not_allowed")
    assert answer.header("allow") == "GET"


@pytest.mark.unit
def test_without_the_page_the_server_says_how_to_build_it(
    tmp_path: Path, sqlite_rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "left.js").write_text("of a build that failed")
    monkeypatch.setattr(application, "read_room", lambda: read_room(tmp_path))
    with sqlite_rooms.open() as room:
        answer = room.visitor().get("/")
        assert room.visitor().get("/assets/left.js").status == 404
    said = answer.body.decode()
    assert answer.status == 200
    assert "<code>make web</code>" in said
    assert 'href="/openapi.json"' in said
    assert "not a medical device" in said


@pytest.mark.unit
@pytest.mark.skipif(not has_room(), reason="the page is not built: make web")
def test_every_file_of_the_page_that_was_built_is_served() -> None:
    room = read_room()
    assert room.page is not None
    built = {path.name for path in FOLDER.rglob("*") if path.is_file() and not path.name.startswith(".")}
    assert built == {"index.html", *room.beside, *room.assets}
    assert {Path(name).suffix for name in built} <= set(TYPES)
    for name in room.assets:
        assert "-" in name  # a hash: these are kept for ever


@pytest.mark.unit
@pytest.mark.skipif(not has_room(), reason="the page is not built: make web")
def test_the_page_that_was_built_needs_no_exception_of_the_policy() -> None:
    room = read_room()
    assert room.page is not None
    page = room.page.decode()
    assert "style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count('<script type="module" crossorigin src="/assets/')
    for name, content in room.assets.items():
        assert b"sourceMappingURL" not in content, name
        assert f"/assets/{name}" in page or any(name.encode() in other for other in room.assets.values())
