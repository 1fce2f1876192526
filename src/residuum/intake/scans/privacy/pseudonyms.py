"""New identifiers for old ones, the same for the same secret, and not to be told back without it."""

import hmac
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

_DIAGNOSIS: Final = date(2000, 1, 1)


class Pseudonyms:
    """The pseudonymous UIDs of one secret, and which UIDs they stand for.

    Parameters
    ----------
    secret : str
        Of the key folder, hexadecimal.
    """

    def __init__(self, secret: str) -> None:
        self._secret = bytes.fromhex(secret)
        self._originals: dict[str, str] = {}

    @property
    def originals(self) -> Mapping[str, str]:
        """Return the UIDs as they were by those that stand for them."""
        return MappingProxyType(self._originals)

    def uid(self, original: str) -> str:
        """Return the UID that stands for another one.

        The first 128 bits of HMAC-SHA256, marked as a random UUID (version 4, variant 10), under the root 2.25
        (DICOM PS3.5 B.2, ITU-T X.667).
        """
        digest = hmac.digest(self._secret, original.encode("utf-8", "surrogatepass"), "sha256")
        made = f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}"
        self._originals[made] = original
        return made


def derive_date(day: int) -> str:
    """Return the date (YYYYMMDD) of a day in the fictitious calendar whose day 0, diagnosis, is 1 January 2000."""
    return f"{_DIAGNOSIS + timedelta(days=day):%Y%m%d}"
