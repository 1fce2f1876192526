"""Start the server: address, TLS, log, and the line that says where it is."""

import ipaddress
import logging
import logging.handlers
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

from residuum.records.errors import CallError
from residuum.steps.desk import Desk
from residuum.steps.identity_provider import IdentityProvider
from residuum.steps.location import Location
from residuum.web.app import make_server_app

LOG_BYTES: Final = 5_000_000
LOG_FILES: Final = 10
CONNECTIONS: Final = 400
"""Requests at work at once; further ones are answered 503."""
SWITCH_SECONDS: Final = 0.0005
"""How long a thread may keep the interpreter; the writer gives it up at every statement and waits to have it back."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens, and what protects what it sends."""

    host: str
    port: int
    tls_cert: Path | None
    tls_key: Path | None
    behind_proxy: bool

    @property
    def url(self) -> str:
        """Return the URL under which the server answers."""
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def check(self) -> None:
        """Refuse to send passwords and scans unprotected over a network.

        Raises
        ------
        CallError
            The host is not this machine, and there is neither TLS nor a proxy that has it; or half of TLS is given.
        """
        if (self.tls_cert is None) != (self.tls_key is None):
            raise CallError("--tls-cert and --tls-key belong together; give both")
        if self.tls_cert and self.tls_key:
            _check_certificate(self.tls_cert, self.tls_key)
        if not (_is_this_machine(self.host) or self.tls_cert or self.behind_proxy):
            raise CallError(
                f"--host {self.host} can be reached from other machines: give --tls-cert and --tls-key, "
                "or --behind-proxy where a proxy in front of the server has them"
            )


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """End after the answers that have begun; uvicorn's own would let the signal kill the process afterwards."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def run_server(
    desk: Desk,
    location: Location,
    address: Address,
    provider: IdentityProvider | None,
    announce: Callable[[Address], None],
) -> None:
    """Serve until the process is told to stop; `announce` is told where, once connections are taken."""
    sys.setswitchinterval(SWITCH_SECONDS)
    begin_log(location.data / "log" / "server.log")
    secure = address.tls_cert is not None or address.behind_proxy
    app = make_server_app(desk, location.data, provider, pixels=location.images, secure=secure)
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        ssl_certfile=address.tls_cert,
        ssl_keyfile=address.tls_key,
        proxy_headers=address.behind_proxy,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=10,
        limit_concurrency=CONNECTIONS,
    )
    try:
        listener = _listen(address)
        announce(replace(address, port=listener.getsockname()[1]))
        _Server(config).run(sockets=[listener])
    finally:
        desk.close()


def begin_log(file: Path) -> None:
    """Write the log into a file that starts anew when it is full; the last ten are kept."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.handlers.RotatingFileHandler(file, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logger = logging.getLogger("residuum.server")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, so that asyncio sets no delay
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
        listener.listen(2048)  # who connects as soon as the address is said waits until the server is ready
    except OSError as error:
        listener.close()
        raise CallError(f"cannot listen on {address.url}: {error.strerror}; choose another --port") from None
    return listener


def _check_certificate(certificate: Path, key: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise CallError(f"{certificate} and {key} are no certificate and its key ({reason})") from None


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
