"""Every term of a study has a code, and every standard code stands in pydicom's own dictionary."""

import tomllib
from importlib import resources

import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts

from residuum.exports.codes import read_region, read_segment, read_term
from residuum.records import vocabulary

RAW = tomllib.loads(resources.files("residuum.exports").joinpath("codes.toml").read_text("utf-8"))
TERMS = (
    *vocabulary.TRACERS,
    *vocabulary.PATTERNS,
    *vocabulary.SEEN_ON,
    *vocabulary.CONFIDENCE,
    *vocabulary.YES_NO,
    vocabulary.NOT_ASSESSABLE,
    *(f"{system}{kind}" for system in vocabulary.SYSTEMS for kind in ("", "_grade", "_total")),
)
PLACES = [
    *(read_region(region) for region in vocabulary.MARK_REGIONS),
    *(read_segment(system, segment) for system, listed in vocabulary.SEGMENTS.items() for segment in listed),
]


@pytest.mark.external
@pytest.mark.parametrize("name", RAW["standard"])
def test_standard_codes_are_those_of_the_dictionary_that_pydicom_ships(name: str) -> None:
    entry = RAW["standard"][name]
    scheme = entry.get("scheme", "SCT")
    keywords = [
        keyword
        for keyword, listed in concepts[scheme].items()
        if listed.get(entry["code"], ("",))[0].casefold() == entry["meaning"].casefold()
    ]
    assert keywords, f"{scheme} {entry['code']} does not mean {entry['meaning']}"
    assert any(keyword in cid_concepts[entry["group"]].get(scheme, []) for keyword in keywords)


@pytest.mark.unit
@pytest.mark.parametrize("term", TERMS)
def test_every_term_has_a_code(term: str) -> None:
    code = read_term(term)
    assert 0 < len(code.value) <= 16
    assert 0 < len(code.meaning) <= 64


@pytest.mark.unit
def test_private_codes_are_short_and_distinct() -> None:
    private = [place.exact for place in PLACES] + [read_term(name) for name in RAW["private"]]
    assert {code.scheme_designator for code in private} == {"99RESIDUUM"}
    assert len({code.value for code in private}) == len(private)
    assert all(0 < len(code.value) <= 16 and 0 < len(code.meaning) <= 64 for code in private)


@pytest.mark.unit
def test_there_are_28_regions_soft_tissue_12_segments_and_10_regions() -> None:
    assert len(PLACES) == 29 + 12 + 10


@pytest.mark.unit
def test_every_place_is_told_apart_by_its_exact_code_and_has_a_structure() -> None:
    assert all(place.structures for place in PLACES)
    assert all(code.scheme_designator == "SCT" for place in PLACES for code in place.structures)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("region", "structure", "side"),
    [
        ("femur_right", "71341001", "24028007"),
        ("femur_left", "71341001", "7771000"),
        ("ribs_left", "113197003", "7771000"),
        ("sacrum", "54735007", None),
        ("skull_vault", "89546000", None),
    ],
)
def test_regions(region: str, structure: str, side: str | None) -> None:
    place = read_region(region)
    assert [code.value for code in place.structures] == [structure]
    assert (place.side.value if place.side else None) == side
    assert place.exact.value == region


@pytest.mark.unit
def test_segments_of_limbs_say_side_and_part() -> None:
    place = read_segment("siopen", "distal_upper_limb_left")
    assert [code.value for code in place.structures] == ["371195002"]
    assert place.side is not None
    assert place.side.meaning == "Left"
    assert place.part is not None
    assert place.part.meaning == "Distal"


@pytest.mark.unit
def test_pooled_regions_of_curie_are_bilateral() -> None:
    place = read_segment("curie", "legs_and_feet")
    assert [code.meaning for code in place.structures] == ["Lower leg", "Foot"]
    assert place.side is not None
    assert place.side.meaning == "Bilateral"


@pytest.mark.unit
def test_unknown_terms_are_refused() -> None:
    with pytest.raises(KeyError):
        read_term("unheard_of")
