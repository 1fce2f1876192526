"""The page of the readers as the server sends it: its files are read once, and only these can be asked for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

from residuum import DISCLAIMER
from residuum.records.errors import RefusalError

FOLDER: Final = Path(__file__).parent / "room"
"""Where the build of `frontend` puts the page."""
TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""Own list: that of the machine calls scripts what browsers refuse to run."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""For files that have a hash of their content in their name."""
MISSING: Final = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Residuum</title></head>
<body><h1>Residuum</h1><p>The server is running, without the page for readers: it was not built. In the source folder,
<code>make web</code> builds it and says why where it cannot; then start the server again.
The interface for programs is described in <a href="/openapi.json">/openapi.json</a>.</p><p>{DISCLAIMER}</p>
</body></html>"""


@dataclass(frozen=True, slots=True)
class RoomFiles:
    """Contents of the page's files by name: those beside `index.html`, and those of the folder `assets`."""

    page: bytes | None
    beside: Mapping[str, bytes] = field(default_factory=dict)
    assets: Mapping[str, bytes] = field(default_factory=dict)


def has_room(folder: Path = FOLDER) -> bool:
    """Return whether the page was built."""
    return (folder / "index.html").is_file()


def read_room(folder: Path = FOLDER) -> RoomFiles:
    """Return the page of a folder; of files of other kinds than `TYPES` none."""
    if not has_room(folder):
        return RoomFiles(None)
    beside = _read(folder)
    return RoomFiles(beside.pop("index.html"), beside, _read(folder / "assets"))


def include_room(app: FastAPI, room: RoomFiles) -> None:
    """Let an application answer with the page at `/` and with its files, to everybody."""
    page = room.page or MISSING.encode()

    @app.get("/", include_in_schema=False)
    async def show_page() -> HTMLResponse:
        """Show the page of the readers, or say that it was not built."""
        return HTMLResponse(page)

    @app.get("/assets/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        """Send a script, a style or a picture of the page."""
        if name not in room.assets:
            raise RefusalError("not_found", "the page has no such file")
        return _answer(name, room.assets[name], {"cache-control": FOR_EVER})

    for name, content in room.beside.items():
        app.get(f"/{name}", include_in_schema=False)(_sender(name, content))


def _read(folder: Path) -> dict[str, bytes]:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {file.name: file.read_bytes() for file in files if file.suffix in TYPES and file.is_file()}


def _answer(name: str, content: bytes, headers: Mapping[str, str] | None = None) -> Response:
    return Response(content, headers=headers, media_type=TYPES[Path(name).suffix])


def _sender(name: str, content: bytes) -> Callable[[], Awaitable[Response]]:
    async def send() -> Response:
        return _answer(name, content)

    return send
