"""What becomes of an archive's answers, good and bad; the archive is a stub on loopback."""

import base64
import contextlib
import datetime
import email.parser
import gzip
import ipaddress
import itertools
import json
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
import requests
from archive_stub import Asked, Reply, Stub, entry, listed, multipart, running_stub
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources import archive as archive_module
from residuum.intake.scans.sources import archive_answers, archive_session
from residuum.intake.scans.sources.archive import Archive, SeriesFound
from residuum.intake.scans.sources.archive_address import Target, archive_target
from residuum.intake.scans.sources.archive_session import ArchiveSession
from residuum.records.errors import CallError

pytestmark = pytest.mark.unit

PATIENT = "IPP-0042"
STUDY, SERIES = "1.2.3", "1.2.3.4"
A_SERIES = SeriesFound(STUDY, SERIES, "NM", 2, "study 1/series 2")
USER, PASSWORD = "reader", "Sésame-ouvre-toi"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running_stub(lambda asked: Reply(status=500)) as running:
        yield running


def study(uid: str = STUDY, patient: str | None = PATIENT, date: str | None = "20150317") -> dict[str, object]:
    return entry(StudyInstanceUID=uid, PatientID=patient, StudyDate=date)


def series(uid: str, modality: str | None = "NM", count: object = 1) -> dict[str, object]:
    return entry(SeriesInstanceUID=uid, Modality=modality, NumberOfSeriesRelatedInstances=count)


def holding(studies: dict[str, tuple[dict[str, object], list[dict[str, object]]]]) -> Callable[[Asked], Reply]:
    """Answer searches as an archive with these studies, page by page of two."""

    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("offset", "0"))
        if asked.path == "/dicom-web/studies":
            return listed(*[one for one, _ in studies.values()][at : at + 2])
        return listed(*studies[asked.path.split("/")[3]][1][at : at + 2])

    return answer


def refused(call: Callable[[], object]) -> ScanError:
    """Return the refusal, after seeing that neither it nor its traceback tells on anybody."""
    with pytest.raises(ScanError) as caught:
        call()
    shown = "".join(traceback.format_exception(caught.value))
    for secret in (PATIENT, USER, PASSWORD, "127.0.0.1", STUDY):
        assert secret not in str(caught.value)
        assert f"/{secret}" not in shown
        assert f"={secret}" not in shown
    return caught.value


# ----- searching


def test_series_of_a_patient_in_order_of_date(stub: Stub) -> None:
    stub.answer = holding(
        {
            "1.9": (study("1.9", date="20160101"), [series("1.9.2", "CT", 40), series("1.9.1"), series("1.9.3", "SR")]),
            "1.8": (study("1.8", date="20150101"), [series("1.8.1", count=None), series("1.8.2", None)]),
            "1.7": (study("1.7", date=None), []),
        }
    )
    assert Archive(stub.url).find(PATIENT, None) == [
        SeriesFound("1.8", "1.8.1", "NM", 0, "study 2/series 1"),
        SeriesFound("1.9", "1.9.1", "NM", 1, "study 3/series 1"),
        SeriesFound("1.9", "1.9.2", "CT", 40, "study 3/series 2"),
    ]
    assert stub.asked[0].query == {"PatientID": PATIENT, "offset": "0"}
    assert "json" in stub.asked[0].headers["Accept"]
    assert {asked.headers["Host"] for asked in stub.asked} == {stub.url.split("/")[2]}
    stub.asked.clear()
    assert [one.series_uid for one in Archive(stub.url + "/").find(None, "1.9", ("SR",))] == ["1.9.3"]
    assert stub.asked[-1].path == "/dicom-web/studies/1.9/series"


@pytest.mark.parametrize(
    "patient", ["IPP-00421", "ipp-0042", "IPP-004", "", None, "IPP-0042\\IPP-0043", "IPP-0042*", 42, ["IPP-0042"]]
)
def test_series_of_other_patients_are_never_given(stub: Stub, patient: str) -> None:
    """Wildcards, ignored case and archives that ignore the question altogether."""
    stub.answer = holding({STUDY: (study(patient=patient), [series(SERIES)])})
    assert Archive(stub.url).find(PATIENT, None) == []
    assert Archive(stub.url).find(PATIENT, STUDY) == []
    assert {asked.path for asked in stub.asked} == {"/dicom-web/studies"}


def test_identifier_that_looks_like_a_pattern(stub: Stub) -> None:
    stub.answer = holding({"1.1": (study("1.1", "A*"), [series("1.1.1")]), "1.2": (study("1.2", "AB"), [series("9")])})
    assert [one.series_uid for one in Archive(stub.url).find("A*", None)] == ["1.1.1"]


def test_padding_of_an_identifier_does_not_count(stub: Stub) -> None:
    stub.answer = holding({STUDY: (study(patient=f"{PATIENT} "), [series(SERIES)])})
    assert [one.series_uid for one in Archive(stub.url).find(f" {PATIENT}", None)] == [SERIES]


def test_archive_that_does_not_unpack_a_query_is_asked_again(stub: Stub) -> None:
    known = holding({STUDY: (study(patient="IPP 0042"), [series(SERIES)])})
    stub.answer = lambda asked: known(asked) if asked.query.get("PatientID") in (None, "IPP?0042") else listed()
    assert [one.series_uid for one in Archive(stub.url).find("IPP 0042", None)] == [SERIES]
    assert [asked.line for asked in stub.asked[:2]] == [
        "/dicom-web/studies?PatientID=IPP%200042&offset=0",
        "/dicom-web/studies?PatientID=IPP?0042&offset=0",
    ]


@pytest.mark.parametrize(("patient", "uid"), [(None, None), ("", None), ("  ", None), ("", STUDY), (PATIENT, "")])
def test_whole_archive_is_never_searched(stub: Stub, patient: str | None, uid: str | None) -> None:
    with pytest.raises(CallError):
        Archive(stub.url).find(patient, uid)
    assert stub.asked == []


@pytest.mark.parametrize("empty", [Reply(status=204, content_type=None), listed(), Reply(b"")])
def test_nothing_found(stub: Stub, empty: Reply) -> None:
    stub.answer = lambda asked: empty
    assert Archive(stub.url).find(PATIENT, None) == []


def test_archive_that_ignores_the_offset(stub: Stub) -> None:
    stub.answer = lambda asked: listed(study()) if asked.path.endswith("studies") else listed(series(SERIES))
    assert [one.series_uid for one in Archive(stub.url).find(PATIENT, None)] == [SERIES]


def test_list_without_end(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_answers, "MOST_RESULTS", 5)
    stub.answer = lambda asked: listed(study(f"1.{len(stub.asked)}"))
    assert str(refused(lambda: Archive(stub.url).find(PATIENT, None))) == "the archive listed more than 5 results"
    assert len(stub.asked) == 6


def test_warning_of_more_results_is_not_printed(stub: Stub, caplog: pytest.LogCaptureFixture) -> None:
    stub.answer = lambda asked: Reply(b"[]", headers={"Warning": '299 host "There are additional results"'})
    assert Archive(stub.url).find(PATIENT, None) == []
    assert caplog.records == []


# ----- refusals and failures

STATUSES = {
    302: "points to another address (302)",
    401: "refused the account (401)",
    403: "refused the account (403)",
    404: "knows no such address (404)",
    406: "refused the request (406)",
    413: "refused the request (413)",
    500: "failed (500)",
    503: "failed (503)",
    206: "gave an unknown answer (206)",
}
CALLS: dict[str, Callable[[Archive], object]] = {
    "find": lambda archive: archive.find(PATIENT, STUDY),
    "objects": lambda archive: list(archive.objects(A_SERIES)),
    "store": lambda archive: archive.store([b"object"]),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", STATUSES)
def test_statuses(stub: Stub, status: int, call: str) -> None:
    stub.answer = lambda asked: Reply(b"<html>no</html>", status, "text/html")
    error = refused(lambda: CALLS[call](Archive(stub.url, USER, PASSWORD)))
    assert (error.rule, str(error)) == ("scan.archive", f"the archive {STATUSES[status]}")
    assert len(stub.asked) == 1


NO_DICOMWEB = [
    Reply(b"<html>log in</html>", content_type="text/html"),
    Reply(b'["1.2.3"]'),
    Reply(b'"1.2.3"'),
    Reply(b"null"),
    Reply(b'{"error": "no"}'),
    Reply(b'[{"0020000D": {"vr": "UI", "Value": ["../../admin"]}}]'),
    Reply(b'[{"0020000D": ["1.2.3"]}]'),
    Reply(b"[" * 200_000),
    Reply(b"[" + b"9" * 10_000 + b"]"),
    Reply(b"\xff\xfe\x00"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("reply", NO_DICOMWEB)
def test_what_is_no_dicomweb(stub: Stub, reply: Reply, call: str) -> None:
    stub.answer = lambda asked: reply
    error = refused(lambda: CALLS[call](Archive(stub.url)))
    assert error.rule == "scan.archive"
    if (call, reply.body) != ("store", b'{"error": "no"}') and not (
        call == "store" and b"0020000D" in bytes(reply.body)
    ):
        assert str(error) == "the archive gave no DICOMweb answer"


@pytest.mark.parametrize("call", CALLS)
def test_huge_list(stub: Stub, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_session, "LARGEST_LIST_BYTES", 2**20)
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 2**16
            yield b" " * 2**16

    stub.answer = lambda asked: Reply(pieces())
    words = "gave no DICOMweb answer" if call == "objects" else "sent a list of more than 1 MiB"
    assert str(refused(lambda: CALLS[call](Archive(stub.url)))) == f"the archive {words}"
    assert sent < 32 * 2**20, "what the machine's buffers take, and not more"


def test_packed_list_is_measured_unpacked(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_session, "LARGEST_LIST_BYTES", 2**20)
    stub.answer = lambda asked: Reply(gzip.compress(b" " * 2**21), headers={"Content-Encoding": "gzip"})
    assert "more than 1 MiB" in str(refused(lambda: Archive(stub.url).find(PATIENT, None)))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("headers_first", [False, True])
def test_silence(stub: Stub, call: str, headers_first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "READ_SECONDS", 0.2)
    done = threading.Event()

    def wait() -> Iterator[bytes]:
        yield b"--edge\r\n\r\n"
        done.wait(20)

    def answer(asked: Asked) -> Reply:
        if not headers_first:
            done.wait(20)
        return Reply(wait(), content_type="multipart/related; boundary=edge")

    stub.answer = answer
    assert str(refused(lambda: CALLS[call](Archive(stub.url)))) == "the archive fell silent"
    done.set()


def drip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give piece after piece, never as late as silence would be, for 5 s."""
    start = time.monotonic()
    for piece in pieces:
        if time.monotonic() - start > 5:
            return
        time.sleep(0.02)
        yield piece


EDGE = "multipart/related; boundary=edge"
SLOW: dict[str, Callable[[], Reply]] = {
    "body": lambda: Reply(drip(itertools.repeat(b" ")), content_type=EDGE, headers={"Content-Length": "1000000"}),
    "body without length": lambda: Reply(drip(itertools.repeat(b" ")), content_type=EDGE),
    "chunks": lambda: Reply(
        drip(itertools.repeat(b"1\r\n \r\n")), content_type=EDGE, headers={"Transfer-Encoding": "chunked"}
    ),
    "length of a chunk": lambda: Reply(
        drip(itertools.chain([b"1;"], itertools.repeat(b"x"))),
        content_type=EDGE,
        headers={"Transfer-Encoding": "chunked"},
    ),
    "status line": lambda: Reply(before=drip(itertools.chain([b"HTTP/1.1 200 "], itertools.repeat(b"O")))),
    "headers": lambda: Reply(before=drip(itertools.chain([b"HTTP/1.1 200 OK\r\nA: "], itertools.repeat(b"x")))),
    "interim answers at once": lambda: Reply(before=itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 99)),
    "interim answers": lambda: Reply(before=drip(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"))),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("slow", SLOW)
def test_answer_that_trickles_for_ever(stub: Stub, slow: str, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_session, "LIST_SECONDS", 0.3)
    monkeypatch.setattr(archive_session, "OBJECT_SECONDS", 0.3)
    stub.answer = lambda asked: SLOW[slow]()
    start = time.monotonic()
    error = refused(lambda: CALLS[call](Archive(stub.url)))
    assert (error.rule, str(error)) == ("scan.archive", "the archive takes too long to answer")
    assert 0.3 < time.monotonic() - start < 2


def test_each_object_has_its_time_and_what_is_done_with_it_does_not_count(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_session, "OBJECT_SECONDS", 0.3)
    monkeypatch.setattr(archive_session, "CHUNK_BYTES", 8)
    part = b"--edge\r\n\r\n%d\r\n"
    slow_parts = (piece for number in range(6) for piece in (part % number, *[b""] * 4))
    stub.answer = lambda asked: Reply(itertools.chain(drip(slow_parts), [b"--edge--"]), content_type=EDGE)
    start = time.monotonic()
    given: list[bytes | None] = []
    for one in Archive(stub.url).objects(A_SERIES):
        given.append(one.data)
        time.sleep(0.4 if len(given) == 1 else 0)
    assert given == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert time.monotonic() - start > 0.5


def test_time_of_an_object_is_not_that_of_a_list(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_session, "LIST_SECONDS", 0.1)
    whole = multipart(b"first", b"second")
    assert isinstance(whole.body, bytes)
    pieces = [*[b""] * 15, whole.body]
    stub.answer = lambda asked: Reply(drip(pieces), content_type=whole.content_type)
    assert [one.data for one in Archive(stub.url).objects(A_SERIES)] == [b"first", b"second"]
    stub.answer = lambda asked: Reply(drip([*[b" "] * 15, json.dumps(stored(1)).encode()]))
    Archive(stub.url).store([b"object"])


@pytest.mark.parametrize("call", CALLS)
def test_connection_breaks(stub: Stub, call: str) -> None:
    whole = multipart(b"one", b"two")
    stub.answer = lambda asked: Reply(whole.body, content_type=whole.content_type, headers={"Content-Length": "9999"})
    assert str(refused(lambda: CALLS[call](Archive(stub.url)))) == "the archive broke off its answer"


@pytest.mark.parametrize("call", CALLS)
def test_nobody_there(call: str) -> None:
    with running_stub(lambda asked: Reply()) as gone:
        pass
    assert str(refused(lambda: CALLS[call](Archive(gone.url)))) == "the archive cannot be reached"


# ----- the account


@pytest.mark.parametrize("call", CALLS)
def test_account_goes_nowhere_else(stub: Stub, call: str) -> None:
    with running_stub(lambda asked: listed()) as other:
        for status in (301, 302, 303, 307, 308):
            stub.answer = lambda asked, status=status: Reply(
                status=status, headers={"Location": other.url + asked.path}
            )
            error = refused(lambda: CALLS[call](Archive(stub.url, USER, PASSWORD)))
            assert str(error) == f"the archive points to another address ({status})"
        assert other.asked == []


def test_account_is_sent_as_utf_8(stub: Stub) -> None:
    stub.answer = lambda asked: listed()
    Archive(stub.url, USER, PASSWORD).find(PATIENT, None)
    kind, value = stub.asked[0].headers["Authorization"].split()
    assert (kind, base64.b64decode(value).decode()) == ("Basic", f"{USER}:{PASSWORD}")


def test_account_of_a_netrc_file_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine host login other password other")
    monkeypatch.setenv("NETRC", str(netrc))
    request = requests.Request("GET", "https://host/dicom-web/studies")
    assert "Authorization" in requests.Session().prepare_request(request).headers
    session = ArchiveSession("https://host/dicom-web", None, None)
    assert "Authorization" not in session.prepare_request(request).headers


def test_loopback_needs_no_proxy(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_stub(lambda asked: Reply()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        stub.answer = lambda asked: listed()
        assert Archive(stub.url, USER, PASSWORD).find(PATIENT, None) == []
        assert proxy.asked == []


@pytest.mark.parametrize(
    ("url", "user", "password", "words"),
    [
        ("http://host/dicom-web", USER, PASSWORD, "https"),
        ("http://127.0.0.1.example/dicom-web", USER, PASSWORD, "https"),
        ("http://localhost.example/dicom-web", USER, PASSWORD, "https"),
        ("HTTP://host/dicom-web", USER, PASSWORD, "https"),
        ("http://host/dicom-web", None, None, "RESIDUUM_ARCHIVE_PLAIN_HTTP"),
        ("http://10.0.0.7:8042/dicom-web", None, None, "RESIDUUM_ARCHIVE_PLAIN_HTTP"),
        ("http://0.0.0.0/dicom-web", None, None, "https"),
        ("http://127.1.example/dicom-web", None, None, "https"),
        ("https://reader:Secret@host/dicom-web", None, None, "RESIDUUM_ARCHIVE_PASSWORD"),
        ("https://reader@host/dicom-web", None, None, "RESIDUUM_ARCHIVE_PASSWORD"),
        ("https://host/dicom-web", USER, None, "both"),
        ("https://host/dicom-web", None, PASSWORD, "both"),
        ("ftp://host/dicom-web", None, None, "https://HOST/PATH"),
        ("https://", None, None, "https://HOST/PATH"),
        ("https://host:port/dicom-web", None, None, "https://HOST/PATH"),
        ("https://[::1/dicom-web", None, None, "https://HOST/PATH"),
        ("https://host/dicom-web?key=Secret", None, None, "after its path"),
    ],
)
def test_unsafe_addresses(url: str, user: str | None, password: str | None, words: str) -> None:
    with pytest.raises(CallError, match=words) as caught:
        Archive(url, user, password)
    assert "Secret" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "user"),
    [
        ("http://127.0.0.1/dicom-web", None),
        ("https://host/dicom-web", None),
        ("https://host/dicom-web", USER),
        ("http://127.8.9.10:8042/dicom-web", USER),
        ("http://[::1]:8042/dicom-web", USER),
        ("http://localhost/dicom-web", USER),
    ],
)
def test_safe_addresses(url: str, user: str | None) -> None:
    Archive(url, user, user and PASSWORD)


@pytest.mark.parametrize("user", [None, USER])
def test_plain_http_where_it_is_allowed(user: str | None) -> None:
    Archive("http://host/dicom-web", user, user and PASSWORD, plain_http=True)
    with pytest.raises(CallError, match="RESIDUUM_ARCHIVE_PASSWORD"):
        Archive("http://reader@host/dicom-web", plain_http=True)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody but itself has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = tmp_path / "certificate.pem"
    path.write_bytes(key.private_bytes(*form) + made.public_bytes(form[0]))
    return path


@pytest.mark.parametrize("trusted", [False, True])
def test_certificates(certificate: Path, trusted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with running_stub(lambda asked: listed(), tls) as stub:
        if trusted:
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
            assert Archive(stub.url, USER, PASSWORD).find(PATIENT, None) == []
        else:
            error = refused(lambda: Archive(stub.url, USER, PASSWORD).find(PATIENT, None))
            assert str(error) == "the archive offers no trusted connection (TLS)"
            assert stub.asked == []


# ----- objects


def places(stub: Stub, one: SeriesFound = A_SERIES) -> list[tuple[str, bytes | None]]:
    return [(found.place, found.data) for found in Archive(stub.url).objects(one)]


TWO = [("study 1/series 2/object 1", b"first"), ("study 1/series 2/object 2", b"second")]


def test_objects_of_a_series(stub: Stub) -> None:
    stub.answer = lambda asked: multipart(b"first", b"second", boundary="odd: one;=?")
    assert places(stub) == TWO
    (asked,) = stub.asked
    assert asked.path == f"/dicom-web/studies/{STUDY}/series/{SERIES}"
    assert asked.headers["Accept"] == 'multipart/related; type="application/dicom"; transfer-syntax=*'
    assert asked.headers["Accept-Encoding"] == "identity"


def test_packed_answer(stub: Stub) -> None:
    whole = multipart(b"first", b"second")
    stub.answer = lambda asked: Reply(
        gzip.compress(bytes(whole.body)), content_type=whole.content_type, headers={"Content-Encoding": "gzip"}
    )
    assert places(stub) == TWO


def test_damaged_packed_answer(stub: Stub) -> None:
    stub.answer = lambda asked: Reply(
        b"no gzip", content_type="multipart/related; boundary=edge", headers={"Content-Encoding": "gzip"}
    )
    assert str(refused(lambda: places(stub))) == "the archive sent a broken answer"


@pytest.mark.parametrize("content_type", ["application/dicom", "Application/DICOM; transfer-syntax=1.2.840.10008.1.2"])
def test_single_object_sent_bare(stub: Stub, content_type: str) -> None:
    stub.answer = lambda asked: Reply([b"fi", b"rst"], content_type=content_type)
    one = SeriesFound(STUDY, SERIES, "NM", 1, "study 1/series 2")
    assert places(stub, one) == TWO[:1]


@pytest.mark.parametrize(
    "content_type", [None, "", "application/dicom+json", "application/dicom+xml", "text/html", "application/dicomx"]
)
def test_other_kinds_of_answer(stub: Stub, content_type: str | None) -> None:
    stub.answer = lambda asked: Reply(b"something", content_type=content_type)
    assert str(refused(lambda: places(stub))) == "the archive gave no DICOMweb answer"


@pytest.mark.parametrize("content_type", ["multipart/related; boundary=edge", "application/dicom"])
def test_object_that_is_too_large(stub: Stub, content_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "LARGEST_OBJECT_BYTES", 2**20)
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        yield b"--edge\r\n\r\n"
        while True:
            sent += 2**16
            yield bytes(2**16)

    stub.answer = lambda asked: Reply(pieces(), content_type=content_type)
    archive = Archive(stub.url)
    [found] = archive.objects(A_SERIES)
    assert (found.place, found.data) == ("study 1/series 2", None)
    assert found.refused is not None
    assert found.refused.rule == "scan.too_large"
    assert str(found.refused) == "the object holds more than 1 MiB; the rest of its series was not read"
    stub.answer = lambda asked: multipart(b"first", b"second")
    assert [one.data for one in archive.objects(A_SERIES)] == [b"first", b"second"]
    assert sent < 32 * 2**20, "what the machine's buffers take, and not more"


def test_objects_before_one_that_is_too_large_are_given(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "LARGEST_OBJECT_BYTES", 2**20)
    stub.answer = lambda asked: multipart(b"first", bytes(2**20 + 1), b"third")
    assert places(stub) == [TWO[0], ("study 1/series 2", None)]


def test_objects_without_end(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MOST_RESULTS", 5)
    stub.answer = lambda asked: multipart(*[b"x"] * 6)
    given = []
    error = refused(lambda: given.extend(Archive(stub.url).objects(A_SERIES)))
    assert str(error) == "the archive sent more than 5 objects of a series"


def test_missing_objects_are_noticed(stub: Stub) -> None:
    stub.answer = lambda asked: multipart(b"first")
    assert str(refused(lambda: places(stub))) == "the archive sent 1 of the 2 objects of a series"


def test_object_cut_short_is_not_given(stub: Stub) -> None:
    whole = bytes(multipart(b"first", b"second").body)
    stub.answer = lambda asked: Reply(whole[:-12], content_type="multipart/related; boundary=edge")
    given = Archive(stub.url).objects(A_SERIES)
    assert next(given).data == b"first"
    assert str(refused(lambda: next(given))) == "the archive sent a broken answer"


def test_series_left_half_read(stub: Stub) -> None:
    stub.answer = lambda asked: multipart(b"first", b"second")
    archive = Archive(stub.url)
    with contextlib.closing(archive.objects(A_SERIES)) as given:
        assert next(given).data == b"first"
    assert [one.data for one in archive.objects(A_SERIES)] == [b"first", b"second"]


# ----- storing


def stored(count: int, failed: int = 0, reason: object = 0xA700, others: int = 0) -> dict[str, object]:
    said: dict[str, object] = {"00081198": {"vr": "SQ"}}
    if count:
        said["00081199"] = {"vr": "SQ", "Value": [{}] * count}
    if failed:
        said["00081198"] = {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [reason]}}] * failed}
    if others:
        said["0008119A"] = {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [0x0110]}}] * others}
    return said


def sent(asked: Asked) -> list[bytes]:
    """Return the objects of a request as the email package reads them."""
    whole = email.parser.BytesParser().parsebytes(
        f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode() + asked.body
    )
    assert whole.get_param("type") == "application/dicom"
    return [part.get_payload(decode=True) for part in whole.get_payload()]  # type: ignore[union-attr, misc]


def confirm(asked: Asked) -> Reply:
    return Reply(json.dumps(stored(len(sent(asked)))).encode())


def test_objects_are_stored_in_batches(stub: Stub) -> None:
    stub.answer = confirm
    objects = [bytes([number]) * 2**20 for number in range(9)] + [b"\r\n--\r\n", b"9" * 5 * 2**20, b"last"]
    Archive(stub.url, USER, PASSWORD).store(iter(objects))
    batches = [sent(asked) for asked in stub.asked]
    assert [one for batch in batches for one in batch] == objects
    assert [len(batch) for batch in batches] == [4, 4, 2, 1, 1]
    assert {(asked.method, asked.path) for asked in stub.asked} == {("POST", "/dicom-web/studies")}
    assert {asked.headers["Accept"] for asked in stub.asked} == {"application/dicom+json"}


def test_nothing_to_store(stub: Stub) -> None:
    Archive(stub.url).store([])
    assert stub.asked == []


@pytest.mark.parametrize("status", [200, 202])
@pytest.mark.parametrize(
    "said",
    [
        stored(2),
        [stored(2)],
        {"00081199": stored(2)["00081199"]},
        stored(2) | {"00081198": {"vr": "SQ", "Value": []}},
        stored(2) | {"00081190": {"vr": "UR", "Value": ["http://elsewhere"]}},
    ],
)
def test_confirmed_objects(stub: Stub, said: object, status: int) -> None:
    stub.answer = lambda asked: Reply(json.dumps(said).encode(), status)
    Archive(stub.url).store([b"one", b"two"])


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        (stored(1, 1), 202, "did not store 1 of 2 objects (reason A700)"),
        (stored(1, 1), 200, "did not store 1 of 2 objects (reason A700)"),
        (stored(0, 2, 0x0110), 409, "did not store 2 of 2 objects (reason 0110)"),
        (stored(0, 1, 0x0122, others=1), 409, "did not store 2 of 2 objects (reason 0110, reason 0122)"),
        (stored(1, 1, None), 202, "did not store 1 of 2 objects (no reason given)"),
        (stored(1, 1, "IPP-0042"), 202, "did not store 1 of 2 objects (no reason given)"),
        (stored(1, 1, 10**50), 202, "did not store 1 of 2 objects (no reason given)"),
        ({"00081198": {"vr": "SQ", "Value": [None]}}, 202, "did not store 1 of 2 objects (no reason given)"),
        (stored(1), 200, "confirmed 1 of 2 objects"),
        (stored(0), 200, "confirmed 0 of 2 objects"),
        ({}, 409, "confirmed 0 of 2 objects"),
        ([], 200, "gave no DICOMweb answer"),
    ],
)
def test_objects_that_were_not_stored(stub: Stub, said: object, status: int, words: str) -> None:
    stub.answer = lambda asked: Reply(json.dumps(said).encode(), status)
    error = refused(lambda: Archive(stub.url).store([b"one", b"two"]))
    assert (error.rule, str(error)) == ("scan.archive", f"the archive {words}")


def test_answer_without_content_confirms_nothing(stub: Stub) -> None:
    stub.answer = lambda asked: Reply(b"", content_type=None)
    assert str(refused(lambda: Archive(stub.url).store([b"one"]))) == "the archive gave no DICOMweb answer"


# ----- what on the command line is an archive


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("https://host/dicom-web", Target("https://host/dicom-web")),
        ("https://host/dicom-web/", Target("https://host/dicom-web")),
        ("https://host/dicom-web/studies", Target("https://host/dicom-web")),
        ("http://127.0.0.1:8042/a/b", Target("http://127.0.0.1:8042/a/b")),
        ("HTTPS://host", Target("https://host")),
        ("https://host/dicom-web/studies/1.2.3", Target("https://host/dicom-web", "1.2.3")),
        ("https://host/dicom-web/studies/1.2.3/", Target("https://host/dicom-web", "1.2.3")),
        ("https://host/x/studies/1.2/series/1.2.3", Target("https://host/x", "1.2", "1.2.3")),
        ("https://host/my-studies/rs/studies/1.2", Target("https://host/my-studies/rs", "1.2")),
        ("scans/2015", None),
        ("/scans/https:/host", None),
        ("C:\\scans", None),
        ("https", None),
        ("", None),
    ],
)
def test_targets(text: str, target: Target | None) -> None:
    assert archive_target(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "https://host/dicom-web/studies/latest",
        "https://host/dicom-web/studies/1.2..3",
        "https://host/dicom-web/studies/" + "1." * 32 + "1",
        "https://host/dicom-web/studies/1.2/series",
        "https://host/dicom-web/studies/1.2/series/x",
        "https://host/dicom-web/studies/1.2/series/1.3/instances/1.4",
        "https://host/dicom-web/studies/1.2/metadata",
        "https://host/dicom-web/studies?PatientID=IPP-0042",
        "https://host/dicom-web#1.2",
        "https://reader:Secret@host/dicom-web",
        "https:///dicom-web",
    ],
)
def test_web_addresses_of_something_else(text: str) -> None:
    with pytest.raises(CallError) as caught:
        archive_target(text)
    assert "Secret" not in str(caught.value)
    assert PATIENT not in str(caught.value)
