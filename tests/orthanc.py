"""A real archive for the tests: Debian's Orthanc with its DICOMweb plugin, in a network of its own.

Orthanc 1.10.1 listens on every address whatever its configuration says. It therefore runs in a network namespace in
which there is nothing but loopback, and what talks to it is started in there as well.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

USER, PASSWORD = "residuum-tests", "made-up-Sésame"
PORT = 18042
_PLUGINS = (Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so"), *Path("/usr/lib/orthanc").glob("*DicomWeb.so*"))
_AS_ROOT = os.geteuid() == 0
_TOOLS = ("Orthanc", "unshare", "nsenter")
# Ends with this process however that ends (PR_SET_PDEATHSIG), and starts loopback (SIOCSIFFLAGS, IFF_UP).
_START = """
import ctypes, fcntl, os, socket, struct, sys
ctypes.CDLL(None).prctl(1, 9)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
    fcntl.ioctl(made, 0x8914, struct.pack("16sH14x", b"lo", 1))
os.execv(sys.argv[1], sys.argv[1:])
"""
_WAIT = f"""
import socket, time
until = time.monotonic() + 60
while True:
    try:
        socket.create_connection(("127.0.0.1", {PORT}), timeout=1).close()
        break
    except OSError:
        if time.monotonic() > until:
            raise
        time.sleep(0.05)
"""


@dataclass(frozen=True, slots=True)
class Orthanc:
    """A running archive: its address, which holds inside its own network only, and its account."""

    process: int
    url: str = f"http://127.0.0.1:{PORT}/dicom-web"
    user: str = USER
    password: str = PASSWORD

    @property
    def account(self) -> dict[str, str]:
        """Return the environment that lets the command line in."""
        return {"RESIDUUM_ARCHIVE_USER": self.user, "RESIDUUM_ARCHIVE_PASSWORD": self.password}

    def run(
        self, argv: Sequence[str | Path], env: Mapping[str, str] | None = None, **said: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside the archive's network; `env` is added to the environment of the tests."""
        enter = ["nsenter", "--target", str(self.process), "--net"]
        enter += [] if _AS_ROOT else ["--user", "--preserve-credentials"]
        said = {"capture_output": True, "text": True, "timeout": 300, "check": False} | said
        return subprocess.run([*enter, *map(str, argv)], env={**os.environ, **(env or {})}, **said)


@contextmanager
def running_orthanc(folder: Path) -> Iterator[Orthanc]:
    """Give an empty archive that keeps its objects in a folder, and stop it; skip where it cannot run."""
    alone = ["unshare", "--net", *([] if _AS_ROOT else ["--user", "--map-root-user"])]
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    plugin = next((path for path in _PLUGINS if path.exists()), None)
    if missing or plugin is None:
        _do_without(f"{', '.join(missing) or 'the DICOMweb plugin'} is missing (Debian: orthanc, orthanc-dicomweb)")
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        _do_without("this machine does not permit network namespaces")
    program = [sys.executable, "-c", _START, str(shutil.which("Orthanc")), str(_configure(folder, plugin))]
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen([*alone, *program], stdout=log, stderr=subprocess.STDOUT)
    try:
        archive = Orthanc(process.pid)
        _wait(archive, process, folder / "orthanc.log")
        yield archive
    finally:
        process.kill()  # its objects are thrown away, so nothing is lost; a polite stop takes seconds
        process.wait()


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; continuous integration must have it")
    pytest.skip(reason)


def _configure(folder: Path, plugin: Path) -> Path:
    said = {
        "Name": "residuum-tests",
        "StorageDirectory": "objects",
        "IndexDirectory": "objects",
        "Plugins": [str(plugin)],
        "HttpPort": PORT,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "HttpCompressionEnabled": False,
        "DicomServerEnabled": False,
        "ExecuteLuaEnabled": False,
        "SaveJobs": False,
        "OverwriteInstances": False,
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": False, "Ssl": False},
    }
    path = folder / "orthanc.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    return path


def _wait(archive: Orthanc, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until it listens; until it has a network of its own, whoever listens there would be somebody else."""
    until = time.monotonic() + 60
    own = Path("/proc/self/ns/net").readlink()
    while process.poll() is None and time.monotonic() < until:
        if Path(f"/proc/{process.pid}/ns/net").readlink() == own:
            time.sleep(0.01)
        elif archive.run([sys.executable, "-c", _WAIT]).returncode == 0:
            return
    raise RuntimeError(f"Orthanc did not start:\n{log.read_text(errors='replace')}")
