"""A DICOMweb archive: which series it holds (QIDO-RS), their objects as bytes (WADO-RS), results back (STOW-RS).

No object is parsed here, neither one that comes nor one that goes: that is the limited child's work.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import requests
from dicomweb_client import DICOMwebClient

from residuum.intake.scans.limits import LARGEST_OBJECT_BYTES, in_words
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources.archive_answers import MOST_RESULTS, Entry, check_stored, list_all, read_text
from residuum.intake.scans.sources.archive_session import (
    CONNECT_SECONDS,
    NO_DICOMWEB,
    READ_SECONDS,
    ArchiveSession,
    in_closed_words,
    read_chunks,
)
from residuum.intake.scans.sources.multipart import check_size, find_boundary, join_objects, split_parts
from residuum.intake.scans.sources.walking import Found
from residuum.records.errors import CallError

BATCH_BYTES: Final = 4 * 2**20
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]")
"""What a query has to encode."""
_STUDY_DATE, _STUDY_UID = "00080020", "0020000D"
_TAGS: Final = {"PatientID": "00100020", "StudyInstanceUID": _STUDY_UID}
_MODALITY, _SERIES_UID, _INSTANCES = "00080060", "0020000E", "00201209"


@dataclass(frozen=True, slots=True)
class SeriesFound:
    """A series that an archive holds.

    Attributes
    ----------
    instances : int
        How many objects it has; 0 where the archive does not say.
    place : str
        Numbers in order of date, such as ``study 1/series 2``: unlike the identifiers they may be shown.
    """

    study_uid: str
    series_uid: str
    modality: str
    instances: int
    place: str


class Archive:
    """A DICOMweb archive at an address, such as ``https://host/dicom-web``.

    Parameters
    ----------
    plain_http : bool
        Whether patients' identifiers, their scans and the password may travel a network without https.

    Raises
    ------
    CallError
        The address is none or holds an account, or has no https although that is not allowed.
    """

    def __init__(
        self, url: str, user: str | None = None, password: str | None = None, plain_http: bool = False
    ) -> None:
        self._session = ArchiveSession(url, user, password, plain_http)
        self._url, self._seconds = url.rstrip("/"), (CONNECT_SECONDS, READ_SECONDS)
        # Identifiers of old cameras break the letter of the standard; `list_all` lets through what fits an address.
        self._client = DICOMwebClient(self._url, self._session, permissive_uid=True, timeout=self._seconds)
        self._client.set_http_retry_params(retry=False)

    def find(
        self, patient_id: str | None, study_uid: str | None, modalities: Collection[str] = ("NM", "CT")
    ) -> list[SeriesFound]:
        """Return the series of a patient, of a study, or of a study if it is that patient's.

        An archive may take an identifier for a pattern or ignore case; only what is exactly equal is returned.

        Raises
        ------
        CallError
            Neither patient nor study is given: that would be the whole archive.
        ScanError
            The archive cannot be reached, refuses, or answers something else.
        """
        said = (("PatientID", patient_id), ("StudyInstanceUID", study_uid))
        wanted = {name: value.strip(" ") for name, value in said if value is not None}
        if not wanted or not all(wanted.values()):
            raise CallError("Name the patient or the study to look for.")
        with in_closed_words():
            studies = self._find_studies(wanted)
            return [
                series
                for number, study in enumerate(studies, 1)
                for series in self._find_series(read_text(study, _STUDY_UID), f"study {number}", modalities)
            ]

    def _find_studies(self, wanted: dict[str, str]) -> list[Entry]:
        """Return the studies that agree in every value, the oldest first.

        Orthanc 1.10.1 does not unpack encoded characters of a query, so that it misses an identifier with a space:
        where nothing is found, it is asked once more with ``?`` (any character) in their place.
        """
        plain = {name: _ODD.sub("?", value) for name, value in wanted.items()}
        found: list[Entry] = []
        for filters in (wanted, plain) if plain != wanted else (wanted,):
            listed = list_all(partial(self._client.search_for_studies, search_filters=filters), _STUDY_UID)
            found += [
                one for one in listed if all(read_text(one, _TAGS[name]) == value for name, value in wanted.items())
            ]
            if found:
                break
        return sorted(found, key=lambda study: (read_text(study, _STUDY_DATE), read_text(study, _STUDY_UID)))

    def _find_series(self, study_uid: str, place: str, modalities: Collection[str]) -> Iterator[SeriesFound]:
        entries = list_all(partial(self._client.search_for_series, study_uid), _SERIES_UID)
        image_series = [one for one in entries if read_text(one, _MODALITY) in modalities]
        image_series.sort(key=lambda one: read_text(one, _SERIES_UID))
        for number, one in enumerate(image_series, 1):
            count = read_text(one, _INSTANCES)
            yield SeriesFound(
                study_uid,
                read_text(one, _SERIES_UID),
                read_text(one, _MODALITY),
                int(count) if count.isdecimal() else 0,
                f"{place}/series {number}",
            )

    def objects(self, series: SeriesFound) -> Iterator[Found]:
        """Give each object of a series as the archive stores it: not transcoded, not parsed.

        One that is too large ends the series with a refusal.

        Raises
        ------
        ScanError
            The archive cannot be reached, refuses, takes too long, sends something else, or fewer objects than the
            series has.
        """
        number = 0
        try:
            for number, data in enumerate(self._retrieve(series), 1):
                if number > MOST_RESULTS:
                    raise ScanError("scan.archive", what=f"sent more than {MOST_RESULTS} objects of a series")
                yield Found(f"{series.place}/object {number}", data)
        except ScanError as error:
            if error.rule != "scan.too_large":
                raise
            limit = f"{in_words(LARGEST_OBJECT_BYTES)}; the rest of its series was not read"
            yield Found(series.place, None, ScanError(error.rule, limit=limit))
            return
        if number < series.instances:
            raise ScanError("scan.archive", what=f"sent {number} of the {series.instances} objects of a series")

    def _retrieve(self, series: SeriesFound) -> Iterator[bytes]:
        headers = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
        url = f"{self._url}/studies/{series.study_uid}/series/{series.series_uid}"
        with (
            in_closed_words(),
            self._session.get(url, headers=headers, stream=True, timeout=self._seconds) as answer,
        ):
            for data in _split_answer(answer):
                yield data
                # What was done with this one is not the archive's time.
                self._session.await_object()

    def store(self, objects: Iterable[bytes]) -> None:
        """Store DICOM files, a few MB at a time; storing one twice is safe.

        Raises
        ------
        ScanError
            The archive cannot be reached, or did not confirm every object. Those of earlier batches are stored.
        """
        for batch in _split_batches(objects):
            content_type, body = join_objects(batch)
            headers = {"Content-Type": content_type, "Accept": "application/dicom+json"}
            with in_closed_words():
                answer = self._session.post(f"{self._url}/studies", body, headers=headers, timeout=self._seconds)
                check_stored(answer.json(), len(batch))


def _split_answer(answer: requests.Response) -> Iterator[bytes]:
    content_type = answer.headers.get("Content-Type", "")
    boundary = find_boundary(content_type)
    if boundary is not None:
        yield from split_parts(read_chunks(answer), boundary, LARGEST_OBJECT_BYTES)
        return
    if content_type.partition(";")[0].strip().lower() != "application/dicom":
        raise ScanError("scan.archive", what=NO_DICOMWEB)
    # Some archives send a single object bare.
    whole = bytearray()
    for chunk in read_chunks(answer):
        whole += chunk
        check_size(len(whole), LARGEST_OBJECT_BYTES)
    yield bytes(whole)


def _split_batches(objects: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for one in objects:
        if batch and sum(map(len, batch)) + len(one) > BATCH_BYTES:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch
