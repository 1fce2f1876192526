"""One HTTP session with an archive: bounded in time and size, never elsewhere, and every failure in closed words."""

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth

from residuum.intake.scans.limits import MIB, in_words
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources.archive_address import is_loopback, split_address
from residuum.records.errors import CallError

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 120.0
"""Longest silence; an archive may first have to fetch a study from tape."""
LIST_SECONDS: Final = 60.0
OBJECT_SECONDS: Final = 600.0
"""Longest wait for a list, and for one object to come or for some to be stored, however steadily bytes trickle in."""
LARGEST_LIST_BYTES: Final = 16 * MIB
CHUNK_BYTES: Final = 2**18
NO_DICOMWEB: Final = "gave no DICOMweb answer"
_STATUSES: Final = {401: "refused the account", 403: "refused the account", 404: "knows no such address"}
_GROUPS: Final = {3: "points to another address", 4: "refused the request", 5: "failed"}
_FAILURES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (requests.exceptions.ProxyError, "cannot be reached through the proxy"),
    (requests.exceptions.SSLError, "offers no trusted connection (TLS)"),
    (requests.exceptions.ReadTimeout, "fell silent"),
    (urllib3.exceptions.ReadTimeoutError, "fell silent"),
    (urllib3.exceptions.ProtocolError, "broke off its answer"),
    (urllib3.exceptions.HTTPError, "sent a broken answer"),
    (requests.exceptions.JSONDecodeError, NO_DICOMWEB),
    (requests.RequestException, "cannot be reached"),
    (RecursionError, NO_DICOMWEB),
    (ValueError, NO_DICOMWEB),
)
"""The first that fits."""


class ArchiveSession(requests.Session):
    """A session that follows no redirect, sends the account only to this archive, and reads lists up to a limit."""

    def __init__(self, url: str, user: str | None, password: str | None, plain_http: bool = False) -> None:
        super().__init__()
        parts = split_address(url)
        plain = parts.scheme == "http"
        here = is_loopback(parts.hostname or "")
        if (user is None) != (password is None):
            raise CallError("An account is a name and a password: set both, or neither.")
        if plain and not here and not plain_http:
            raise CallError(
                "Without https patients and the password could be read on the network: name the archive by https://. "
                "If the network has nothing else, set RESIDUUM_ARCHIVE_PLAIN_HTTP=yes."
            )
        self.auth = _Account(user, password)
        # Proxies and certificates are those of the environment; but through a proxy loopback is another machine.
        self.trust_env = not (plain and here)
        # Packing costs an archive more than sending: Orthanc takes 15 times as long for a packed whole-body scan.
        self.headers["Accept-Encoding"] = "identity"
        self._patience = _Patience()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _TimedAdapter(self._patience))

    def await_object(self) -> None:
        """Give the next object its own time to arrive, from now on."""
        self._patience.ends = time.monotonic() + OBJECT_SECONDS

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return nothing: the patient's identifier and the account go where the caller said, and nowhere else."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Return the answer to a request; what is not streamed is read here, up to a limit.

        Raises
        ------
        ScanError
            The archive refuses, fails, takes too long, or sends more than a list takes.
        """
        _mend(request)
        streamed = kwargs.get("stream")
        seconds = OBJECT_SECONDS if streamed or request.method == "POST" else LIST_SECONDS
        self._patience.ends = time.monotonic() + seconds
        answer = super().send(request, **{**kwargs, "stream": True})
        answer.headers.pop("Warning", None)  # dicomweb-client would print it, and it is the archive's own text
        stored = request.method == "POST" and answer.status_code in (202, 409)
        if answer.status_code not in (200, 204) and not stored:
            answer.close()
            raise _refused(answer.status_code)
        if not streamed:
            _read_list(answer)
        return answer


class _Patience:
    """Until when the archive is waited for (seconds of the monotonic clock)."""

    ends = 0.0


class _TimedBytes(io.RawIOBase):
    """What arrives from an archive in time."""

    def __init__(self, raw: io.RawIOBase, patience: _Patience) -> None:
        self._raw, self._patience = raw, patience

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self._patience.ends:
            raise ScanError("scan.archive", what="takes too long to answer")
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, patience: _Patience, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedBytes(self.fp.detach(), patience))


class _TimedAdapter(HTTPAdapter):
    """Bounds whole answers: headers, interim answers and lengths of chunks may come without end, like a body."""

    def __init__(self, patience: _Patience) -> None:
        super().__init__()
        self._patience = patience

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)

        def connect(**how: Any) -> Any:
            connection = type(pool).ConnectionCls(**how)
            connection.response_class = partial(_TimedResponse, self._patience)
            return connection

        pool.ConnectionCls = connect
        return pool


class _Account(AuthBase):
    """Credentials given by the caller, if any: never those of a .netrc file."""

    def __init__(self, user: str | None, password: str | None) -> None:
        self._basic = user is not None and HTTPBasicAuth(user.encode(), (password or "").encode())

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return self._basic(request) if self._basic else request


def _mend(request: requests.PreparedRequest) -> None:
    """Write a request as every archive understands it, which dicomweb-client does not.

    It names the host without its port, packs a space as a plus (which is a plus outside of web forms), and packs the
    question mark that stands for any character, which Orthanc 1.10.1 does not unpack.
    """
    request.headers.pop("Host", None)
    path, mark, query = (request.url or "").partition("?")
    request.url = path + mark + query.replace("+", "%20").replace("%3F", "?")


def _refused(status: int) -> ScanError:
    words = _STATUSES.get(status) or _GROUPS.get(status // 100) or "gave an unknown answer"
    return ScanError("scan.archive", what=f"{words} ({status})")


def read_chunks(answer: requests.Response) -> Iterator[bytes]:
    """Give the body of a streamed answer, unpacked, as it arrives."""
    yield from answer.raw.stream(CHUNK_BYTES, decode_content=True)


def _read_list(answer: requests.Response) -> None:
    """Read an answer up to the limit and put what was read in its place."""
    whole = bytearray()
    with answer:
        for chunk in read_chunks(answer):
            whole += chunk
            if len(whole) > LARGEST_LIST_BYTES:
                raise ScanError("scan.archive", what=f"sent a list of more than {in_words(LARGEST_LIST_BYTES)}")
    answer.raw = io.BytesIO(whole)


@contextmanager
def in_closed_words() -> Iterator[None]:
    """Turn whatever a transfer raises into a `ScanError` that names neither address, account nor patient."""
    try:
        yield
    except tuple(kind for kind, _ in _FAILURES) as error:
        words = next(words for kind, words in _FAILURES if isinstance(error, kind))
        raise ScanError("scan.archive", what=words) from None
