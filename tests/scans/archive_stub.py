"""A made-up DICOMweb archive on loopback that answers whatever a test wants, well or badly."""

import json
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TAGS = {
    "StudyInstanceUID": "0020000D",
    "SeriesInstanceUID": "0020000E",
    "PatientID": "00100020",
    "StudyDate": "00080020",
    "Modality": "00080060",
    "NumberOfSeriesRelatedInstances": "00201209",
}


@dataclass(frozen=True)
class Asked:
    """A request as it arrived: `line` as it was sent, `query` unpacked."""

    method: str
    line: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer; a body in several pieces is sent without its length, so that closing the connection ends it.

    What stands in `before` is sent ahead of the status line.
    """

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    content_type: str | None = "application/dicom+json"
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Iterable[bytes] = ()


@dataclass
class Stub:
    """The archive: its address, what it answers, and what it was asked."""

    url: str
    answer: Callable[[Asked], Reply]
    asked: list[Asked] = field(default_factory=list)


def entry(**values: object) -> dict[str, Any]:
    """Return a data set in the DICOM JSON model; None is an attribute without value."""
    return {TAGS[name]: {"vr": "UN"} | ({} if value is None else {"Value": [value]}) for name, value in values.items()}


def listed(*entries: object) -> Reply:
    return Reply(json.dumps(entries).encode())


def multipart(*objects: bytes, boundary: str = "edge") -> Reply:
    body = b"".join(b"--%b\r\nContent-Type: application/dicom\r\n\r\n%b\r\n" % (boundary.encode(), o) for o in objects)
    content_type = f'multipart/related; type="application/dicom"; boundary="{boundary}"'
    return Reply(body + f"--{boundary}--\r\n".encode(), content_type=content_type)


class _Handler(BaseHTTPRequestHandler):
    stub: Stub

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        asked = Asked(self.command, self.path, parts.path, dict(parse_qsl(parts.query)), dict(self.headers), body)
        self.stub.asked.append(asked)
        reply = self.stub.answer(asked)
        pieces = [reply.body] if isinstance(reply.body, bytes) else reply.body
        said = {"Content-Type": reply.content_type}
        said |= {"Content-Length": str(len(reply.body))} if isinstance(reply.body, bytes) else {}
        with suppress(ConnectionError):
            for piece in reply.before:
                self.wfile.write(piece)
        self.send_response(reply.status)
        for name, value in (said | dict(reply.headers)).items():
            if value is not None:
                self.send_header(name, value)
        with suppress(ConnectionError):  # the client had enough
            self.end_headers()
            for piece in pieces:
                self.wfile.write(piece)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that leaves is what tests want."""


@contextmanager
def running_stub(answer: Callable[[Asked], Reply], tls: ssl.SSLContext | None = None) -> Iterator[Stub]:
    stub = Stub("", answer)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"stub": stub}))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    stub.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/dicom-web"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
