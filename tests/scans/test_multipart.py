"""Multipart bodies taken apart: odd ones from RFC 2046, and random ones with Python's email package as twin."""

import email.message
import email.parser
import email.policy
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.sources.multipart import find_boundary, join_objects, split_parts

ROOM = 2**20


def split(body: bytes, boundary: bytes = b"b", cuts: int = 0, largest: int = ROOM) -> list[bytes]:
    """Split a body that arrives whole, or in chunks of `cuts` bytes."""
    chunks = [body[at : at + cuts] for at in range(0, len(body), cuts)] if cuts else [body]
    return list(split_parts(chunks, boundary, largest))


@pytest.mark.unit
@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ('multipart/related; type="application/dicom"; boundary=abc', b"abc"),
        ('multipart/related; boundary="a;b = c:?"; type="application/dicom"', b"a;b = c:?"),
        ("Multipart/Related;BOUNDARY=abc", b"abc"),
        ("multipart/mixed ; boundary='abc'", b"'abc'"),
        (r'multipart/related; boundary="a\"b"', b'a"b'),
        ("application/dicom", None),
        ("application/dicom; boundary=abc", None),
        ("text/html", None),
        ("", None),
    ],
)
def test_boundary(content_type: str, boundary: bytes | None) -> None:
    assert find_boundary(content_type) == boundary


@pytest.mark.unit
@pytest.mark.parametrize(
    "content_type", ["multipart/related", "multipart/related; boundary=", 'multipart/related; boundary="é"']
)
def test_several_parts_without_boundary(content_type: str) -> None:
    with pytest.raises(ScanError, match="the archive sent a broken answer"):
        find_boundary(content_type)


@pytest.mark.unit
@pytest.mark.parametrize("cuts", [0, 1, 2, 3, 7])
@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (b"--b\r\nA: 1\r\n\r\nxy\r\n--b--\r\n", [b"xy"]),
        (b"\r\n--b\r\nA: 1\r\n\r\nxy\r\n--b--", [b"xy"]),
        (b"before\r\n--b\r\nA: 1\r\nB: 2\r\n\r\nxy\r\n--b--\r\nafter\r\n--b\r\n\r\nnone\r\n--b--", [b"xy"]),
        (b"--b \t\r\n\r\nno headers\r\n--b\t\r\n\r\n\r\n--b-- ", [b"no headers", b""]),
        (b"--b\r\n\r\n\r\n\r\nx\r\n\r\n\r\n--b--", [b"\r\n\r\nx\r\n\r\n"]),
        (b"--b\r\n\r\nx--b\r\n--bb\r\n --b\r\n\n--b\n\r--b\r\r\n--b--", [b"x--b\r\n--bb\r\n --b\r\n\n--b\n\r--b\r"]),
        (b"--b--\r\n", []),
    ],
)
def test_odd_bodies(body: bytes, parts: list[bytes], cuts: int) -> None:
    assert split(body, cuts=cuts) == parts


@pytest.mark.unit
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no boundary at all",
        b"--b\r\nA: 1\r\n\r\nno last boundary",
        b"--b\r\nA: 1\r\n\r\nxy\r\n--b\r\n",
        b"--b\r\nA: 1\r\n\r\nxy\r\n--b-",
        b"--b\r\nheaders without end\r\n--b--",
        b"--b\n\nbare line feeds\n--b--\n",
    ],
)
def test_broken_bodies(body: bytes) -> None:
    with pytest.raises(ScanError, match="the archive sent a broken answer"):
        split(body)


@pytest.mark.unit
def test_first_object_is_given_before_the_second_arrives() -> None:
    arrived = iter([b"--b\r\n\r\nfirst\r\n--b\r\n\r\nsec", b"ond\r\n--b--"])
    parts = split_parts(arrived, b"b", ROOM)
    assert next(parts) == b"first"
    assert next(arrived) == b"ond\r\n--b--"


@pytest.mark.unit
@pytest.mark.parametrize("cuts", [0, 1000])
def test_largest_object_fits_and_one_byte_more_does_not(cuts: int) -> None:
    body = b"--b\r\nA: 1\r\n\r\n%b\r\n--b--"
    assert split(body % bytes(ROOM), cuts=cuts) == [bytes(ROOM)]
    with pytest.raises(ScanError, match="more than 1 MiB") as refused:
        split(body % bytes(ROOM + 1), cuts=cuts)
    assert refused.value.rule == "scan.too_large"


@pytest.mark.unit
@pytest.mark.parametrize("start", [b"", b"--b\r\nA: ", b"--b\r\n\r\n"])
def test_endless_answer_is_cut_off(start: bytes) -> None:
    taken = 0

    def chunks() -> object:
        nonlocal taken
        yield start
        while True:
            taken += 2**16
            yield bytes(2**16)

    with pytest.raises(ScanError, match="more than 1 MiB"):
        list(split_parts(chunks(), b"b", ROOM))  # type: ignore[arg-type]
    assert taken <= ROOM + 2 * 2**16


TOKENS = string.ascii_letters + string.digits + "'()+_,-./:=?"
BOUNDARIES = st.text(TOKENS + " ", max_size=20).flatmap(
    lambda text: st.sampled_from(TOKENS).map(lambda end: text + end)
)
NEAR = st.sampled_from([b"\r\n", b"\r", b"\n", b"--", b"-", b" ", b"\x00", b"DICM", b"--BOUND"])
CONTENTS = st.lists(st.one_of(NEAR, st.binary(max_size=20)), max_size=8).map(b"".join)
HEADERS = st.lists(st.sampled_from([b"Content-Type: application/dicom", b"Content-Length: 7", b"X-Y: z"]), unique=True)
TEXTS = st.text("ab -\r\n", max_size=20).map(str.encode)


@pytest.mark.twin
@pytest.mark.property
@given(BOUNDARIES, st.lists(st.tuples(HEADERS, CONTENTS), max_size=5), TEXTS, TEXTS, st.integers(1, 64))
def test_email_package_reads_the_same(
    boundary: str, parts: list[tuple[list[bytes], bytes]], preamble: bytes, epilogue: bytes, cuts: int
) -> None:
    """The email package also ends lines at a bare CR or LF: contents with the boundary are left to the round trip."""
    mark = boundary.encode()
    contents = [content.replace(b"--BOUND", b"--" + mark[:-1]).replace(b"--" + mark, b"") for _, content in parts]
    body = preamble.replace(b"--" + mark, b"") + b"\r\n"
    for (headers, _), content in zip(parts, contents, strict=True):
        body += b"--%b\r\n%b\r\n%b\r\n" % (mark, b"".join(one + b"\r\n" for one in headers), content)
    body += b"--%b--\r\n%b" % (mark, epilogue)
    content_type = f'multipart/related; boundary="{boundary}"'
    read = email.parser.BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    twins = [part.get_payload(decode=True) for part in read.get_payload() if parts]  # type: ignore[union-attr]
    assert find_boundary(content_type) == mark
    assert split(body, mark, cuts) == twins == contents


@pytest.mark.property
@given(BOUNDARIES.map(str.encode), st.lists(CONTENTS, min_size=1, max_size=5), st.integers(1, 64))
def test_contents_close_to_the_boundary_come_back(mark: bytes, contents: list[bytes], cuts: int) -> None:
    near = [b"x" + one.replace(b"BOUND", mark[:-1] + b"\x00") for one in contents]
    body = b"".join(b"--%b\r\n\r\n%b\r\n" % (mark, one) for one in near) + b"--%b--" % mark
    assert split(body, mark, cuts) == near


@pytest.mark.property
@given(st.lists(CONTENTS, min_size=1, max_size=5))
def test_joined_objects_come_apart(objects: list[bytes]) -> None:
    content_type, body = join_objects(objects)
    boundary = find_boundary(content_type)
    assert boundary is not None
    assert split(body, boundary) == objects
    twin = email.parser.BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    assert [part.get_content_type() for part in twin.get_payload()] == ["application/dicom"] * len(objects)
    assert (twin.get_param("type"), twin.get_content_type()) == ("application/dicom", "multipart/related")
