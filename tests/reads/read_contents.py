"""Contents of reads in few words, and random ones."""

from typing import Any

from hypothesis import strategies as st

from residuum.records.read_content import ReadContent
from residuum.records.vocabulary import CURIE_SEGMENTS, MARK_REGIONS, NOT_ASSESSABLE, SEEN_ON, SIOPEN_SEGMENTS


def mark(name: str, regions: str, extent: float | None = None, **more: Any) -> dict[str, Any]:
    """Return a mark; `regions` are separated by blanks, and with an extent it is diffuse."""
    pattern = "focal" if extent is None else "diffuse"
    return {"mark": name, "regions": tuple(regions.split()), "pattern": pattern, "extent": extent, **more}


def grade(segment: str, value: int | str, system: str = "siopen") -> dict[str, Any]:
    return {"system": system, "segment": segment, "grade": value}


def cleared(scan: str, name: str) -> dict[str, Any]:
    """Return that a mark of an earlier scan is gone."""
    return {"from_scan": scan, "mark": name}


def content(*entries: dict[str, Any], **more: Any) -> ReadContent:
    """Return a read with these marks and grades."""
    marks = [entry for entry in entries if "mark" in entry]
    grades = [entry for entry in entries if "segment" in entry]
    return ReadContent.model_validate({"marks": marks, "grades": grades, **more})


NUMBER = st.none() | st.sampled_from([0.0, -0.0, 1.5, -3.25])


@st.composite
def _marks(draw: st.DrawFn, name: str) -> dict[str, Any]:
    regions = draw(st.lists(st.sampled_from(MARK_REGIONS[:4]), min_size=1, max_size=3, unique=True))
    return mark(
        name,
        " ".join(regions),
        draw(st.none() | st.sampled_from([0.2, 0.5, 1.0])),
        seen_on=tuple(draw(st.lists(st.sampled_from(SEEN_ON), max_size=2, unique=True))),
        confidence=draw(st.sampled_from([None, "definite"])),
        site=draw(st.sampled_from([None, "L1", "L2"])),
        x_mm=draw(NUMBER),
    )


@st.composite
def _grades(draw: st.DrawFn) -> list[dict[str, Any]]:
    segments = [("siopen", one) for one in SIOPEN_SEGMENTS[:3]] + [("curie", one) for one in CURIE_SEGMENTS[-2:]]
    chosen = draw(st.lists(st.sampled_from(segments), unique=True))
    value = st.integers(0, 3) | st.just(NOT_ASSESSABLE)
    return [grade(segment, draw(value), system) for system, segment in chosen]


@st.composite
def contents(draw: st.DrawFn) -> ReadContent:
    names = draw(st.lists(st.sampled_from(["1", "2", "3", "10"]), unique=True))
    entries = [draw(_marks(name)) for name in names] + draw(_grades())
    gone = draw(st.lists(st.tuples(st.sampled_from(["s0", "s9"]), st.sampled_from(["1", "2"])), unique=True))
    return content(
        *entries,
        cleared=[cleared(*one) for one in gone],
        evaluable=draw(st.booleans()),
        comment=draw(st.sampled_from([None, "", "movement"])),
        seconds=draw(st.sampled_from([None, 0.0, 61.5])),
    )
