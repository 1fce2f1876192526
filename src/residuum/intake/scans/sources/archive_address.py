"""Addresses of DICOMweb archives: what on the command line is one, and which are safe to use."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from residuum.records.errors import CallError

UID: Final = re.compile(r"(?=.{1,64}\Z)\d+(\.\d+)*")
"""A unique identifier (DICOM PS3.5, 9.1), leading zeros forgiven."""
_RESOURCE: Final = re.compile(r"(?P<base>.*?)(?:/studies(?:/(?P<study>[^/]+)(?:/series/(?P<series>[^/]+))?)?)?/*")


@dataclass(frozen=True, slots=True)
class Target:
    """A DICOMweb archive, or one study or series in it.

    Attributes
    ----------
    url : str
        Of the archive itself.
    study_uid, series_uid : str or None
        None for everything that the archive holds of the patients of a key.
    """

    url: str
    study_uid: str | None = None
    series_uid: str | None = None


def archive_target(text: str) -> Target | None:
    """Return what an address names in an archive, None where it is no web address (then it is a path).

    Raises
    ------
    CallError
        It is a web address, but not that of an archive, a study or a series; or it holds a password.
    """
    if not re.match(r"https?://", text, re.IGNORECASE):
        return None
    parts = split_address(text)
    found = _RESOURCE.fullmatch(parts.path)
    uids = (found["study"], found["series"]) if found else ()
    if not found or "/studies" in found["base"] or not all(uid is None or UID.fullmatch(uid) for uid in uids):
        raise CallError("Name an archive as https://HOST/PATH, /studies/UID after it, or /studies/UID/series/UID.")
    return Target(f"{parts.scheme}://{parts.netloc}{found['base']}", *uids)


def split_address(url: str) -> SplitResult:
    """Return the parts of a web address.

    Raises
    ------
    CallError
        It is none, it holds an account, or it goes on after the path.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise CallError("The address of an archive is https://HOST/PATH.")
    if "@" in parts.netloc:
        raise CallError(
            "An address must not hold an account: it would stay in the history of commands. "
            "Set RESIDUUM_ARCHIVE_USER and RESIDUUM_ARCHIVE_PASSWORD instead."
        )
    if parts.query or parts.fragment:
        raise CallError("The address of an archive has nothing after its path: leave out what follows ? or #.")
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, so that nothing travels over a network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
