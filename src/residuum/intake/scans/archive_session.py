"""One HTTP session with an archive: bounded in time and size, never elsewhere, and every failure in closed words."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import requests
import urllib3
from requests.auth import AuthBase, HTTPBasicAuth

from residuum.intake.scans.archive_address import is_loopback, split_address
from residuum.intake.scans.limits import MIB, in_words
from residuum.intake.scans.refusals import ScanError
from residuum.records.errors import CallError

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 120.0
"""Longest silence; an archive may first have to fetch a study from tape."""
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

    def __init__(self, url: str, user: str | None, password: str | None) -> None:
        super().__init__()
        parts = split_address(url)
        plain = parts.scheme == "http"
        here = is_loopback(parts.hostname or "")
        if (user is None) != (password is None):
            raise CallError("An account is a name and a password: set both, or neither.")
        if user is not None and plain and not here:
            raise CallError("Without https the password could be read on the network: name the archive by https://.")
        self.auth = _Account(user, password)
        # Proxies and certificates are those of the environment; but through a proxy loopback is another machine.
        self.trust_env = not (plain and here)
        # Packing costs an archive more than sending: Orthanc takes 15 times as long for a packed whole-body scan.
        self.headers["Accept-Encoding"] = "identity"

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return nothing: the patient's identifier and the account go where the caller said, and nowhere else."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Return the answer to a request; what is not streamed is read here, up to a limit.

        Raises
        ------
        ScanError
            The archive refuses, fails, or sends more than a list takes.
        """
        _mend(request)
        streamed = kwargs.get("stream")
        answer = super().send(request, **{**kwargs, "stream": True})
        answer.headers.pop("Warning", None)  # dicomweb-client would print it, and it is the archive's own text
        stored = request.method == "POST" and answer.status_code in (202, 409)
        if answer.status_code not in (200, 204) and not stored:
            answer.close()
            raise _refused(answer.status_code)
        if not streamed:
            _read_list(answer)
        return answer


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
