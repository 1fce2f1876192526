"""Nothing that names anybody survives a copy, wherever it was planted."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pydicom
import pytest
from copies import SECRET, VIEWS, plan, pseudonymise_bytes
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import (
    BIRTH_DATE,
    DATE,
    NAME,
    NEEDED,
    SECRETS,
    UID,
    dictionary,
    element,
    find_secrets,
    plant,
    plant_foreign,
    planted_value,
    sequence_of_names,
    walk_items,
)
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence

import scan_objects
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.privacy.copying import pseudonymise
from residuum.intake.scans.privacy.whitelist import Rule, read_whitelist

pytestmark = pytest.mark.unit

MADE: Mapping[str, Callable[[], FileDataset]] = {
    "planar": scan_objects.planar,
    "spect": scan_objects.spect,
    "ct": lambda: scan_objects.ct(slices=1)[0],
}
# Random bytes of other noise can spell nothing of this; the pixels of a body do not either.
BLANK = np.zeros((4, 4), np.uint16)


def _written(source: Dataset) -> bytes:
    out = io.BytesIO()
    source.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _old_uids(source: FileDataset) -> set[str]:
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
    return {str(source[name].value) for name in names if source.get(name)}


@pytest.fixture(autouse=True)
def _as_cameras_write(monkeypatch: pytest.MonkeyPatch) -> None:
    # pydicom refuses to write what these tests plant
    monkeypatch.setattr(pydicom.config.settings, "_writing_validation_mode", pydicom.config.IGNORE)


def test_search_finds_every_spelling() -> None:
    for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
        assert find_secrets(b"\x01" + NAME.upper().encode(encoding) + b"\x02") == {"Quisquilia", "Zephyrine"}


@pytest.mark.parametrize("name", MADE)
def test_plain_object_keeps_no_identity(name: str) -> None:
    source = MADE[name]()
    data = _written(source)
    assert {"Quisquilia", "Zephyrine", DATE, BIRTH_DATE} <= find_secrets(data)
    assert find_secrets(pseudonymise_bytes(data, plan(VIEWS if name == "planar" else {})).data) == set()
    assert find_secrets(pseudonymise_bytes(data).data, _old_uids(source)) == set()


@pytest.mark.parametrize("name", MADE)
def test_nothing_planted_in_any_attribute_survives(name: str) -> None:
    source = MADE[name]()
    uids = _old_uids(source)
    count = plant(source, NEEDED)
    assert count > 2000  # the dictionary has 2,100 attributes that hold text, moments, identifiers or bytes
    data = _written(source)
    assert {"Quisquilia", "Zephyrine", DATE, UID} <= find_secrets(data)
    assert find_secrets(pseudonymise_bytes(data).data, {*SECRETS, *uids}) == set()


@pytest.mark.parametrize("name", MADE)
def test_nothing_planted_in_kept_sequences_survives(name: str) -> None:
    source = MADE[name]()
    for item in list(walk_items(source)):
        plant(item, {*NEEDED, "EnergyWindowRangeSequence"})
    assert find_secrets(pseudonymise_bytes(_written(source), plan({})).data) == set()


@pytest.mark.parametrize("name", MADE)
def test_no_sequence_of_the_standard_carries_names(name: str) -> None:
    source = MADE[name]()
    sequences = [tag for tag, vr in dictionary() if vr == "SQ"]
    assert len(sequences) > 500
    for tag in sequences:
        source[tag] = sequence_of_names(tag)
    assert find_secrets(pseudonymise_bytes(_written(source)).data) == set()


@pytest.mark.parametrize("value", [NAME, NAME.encode("utf-16-le"), DATE, f"{DATE}120000"])
@pytest.mark.parametrize("vr", ["LO", "UN", "OB", "UT", "SH"])
def test_named_attribute_of_another_vr_is_not_kept(
    vr: str, value: str | bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept is named with its VR: text in the place of a number or a sequence is dropped."""
    source = scan_objects.planar()
    raw = value if isinstance(value, bytes) else value.encode()
    with monkeypatch.context() as patch:
        patch.setattr(pydicom.config, "replace_un_with_known_vr", False)
        for keyword in read_whitelist().rules:
            tag = tag_for_keyword(keyword)
            # a sequence of unknown VR is refused before it is copied
            unread = vr == "UN" and tag is not None and dictionary_VR(tag) == "SQ"
            if keyword not in NEEDED and tag is not None and not unread:
                source[tag] = element(tag, vr, raw if vr in ("UN", "OB") else raw.decode("latin-1"))
        data = _written(source)
    parsed = parse(data)
    made = pseudonymise(parsed, np.zeros((2, 512, 128), np.uint16), plan())
    assert find_secrets(made.data) == set()


def test_code_meanings_and_names_of_windows_and_collimators_do_not_survive() -> None:
    source = scan_objects.planar()
    source.EnergyWindowInformationSequence[0].EnergyWindowName = NAME
    for detector in source.DetectorInformationSequence:
        detector.CollimatorGridName, detector.CollimatorType = NAME, NAME
        detector.ViewCodeSequence[0].CodeMeaning = NAME
        detector.ViewCodeSequence[0].CodingSchemeVersion = NAME
    source.RadiopharmaceuticalInformationSequence[0].Radiopharmaceutical = NAME
    source.RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence[0].CodeMeaning = NAME
    source.PatientOrientationCodeSequence[0].CodeMeaning = NAME
    source.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence[0].CodeMeaning = NAME
    source.ImageType = ["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION", NAME]
    source.Manufacturer = source.ManufacturerModelName = source.SoftwareVersions = NAME
    source.CorrectedImage = ["UNIF", NAME]
    made = pseudonymise_bytes(_written(source))
    assert find_secrets(made.data) == set()
    found = pydicom.dcmread(io.BytesIO(made.data))
    assert found.PatientOrientationCodeSequence[0].CodeMeaning == "recumbent"
    assert list(found.ImageType) == ["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"]
    assert found.CorrectedImage == "UNIF"


def test_file_meta_preamble_and_trailing_bytes_do_not_survive() -> None:
    source = scan_objects.planar()
    source.preamble = (NAME * 10).encode()[:128]
    source.file_meta.SourceApplicationEntityTitle = source.file_meta.ImplementationVersionName = NAME[:16]
    source.file_meta.PrivateInformationCreatorUID, source.file_meta.PrivateInformation = UID, NAME.encode()
    source[0xFFFCFFFC] = element(0xFFFCFFFC, "OB", NAME.encode())
    data = _written(source)
    assert data.count(b"Quisquilia") >= 10
    assert find_secrets(pseudonymise_bytes(data).data) == set()


def test_bits_that_the_header_declares_unused_do_not_survive() -> None:
    """Older workstations drew overlays, with names, into the upper bits of pixels (DICOM PS3.5 8.1.1)."""
    source = scan_objects.planar(frames=[BLANK, BLANK], BitsStored=8, HighBit=7)
    letters = np.frombuffer(NAME.encode("utf-16-be")[:32], "<u2")  # a NUL, which is used, below each letter
    source.PixelData = np.concatenate([letters, letters]).tobytes()
    assert find_secrets(source.PixelData) == {"Quisquilia"}
    found = pydicom.dcmread(io.BytesIO(pseudonymise_bytes(_written(source)).data))
    assert found.PixelData == bytes(64)


def test_copy_holds_only_what_is_named() -> None:
    source = scan_objects.planar()
    plant(source, NEEDED)
    copy = pydicom.dcmread(io.BytesIO(pseudonymise_bytes(_written(source), plan(VIEWS)).data))
    whitelist = read_whitelist()
    named = {*whitelist.uids, *whitelist.dates, *whitelist.always, *_WRITTEN}
    _assert_named(copy, whitelist.rules, named)


_WRITTEN = {
    *("SpecificCharacterSet", "SOPClassUID", "StudyDate", "PatientName", "PatientID", "PixelData"),
    *("PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence"),
    *("LongitudinalTemporalInformationModified", "LongitudinalTemporalOffsetFromEvent"),
    *("LongitudinalTemporalEventType", "ClinicalTrialTimePointID"),
}
_OF_CODES = {"CodeValue", "CodingSchemeDesignator", "CodeMeaning"}


def _assert_named(dataset: Dataset, rules: Mapping[str, Rule], further: set[str]) -> None:
    for one in dataset:
        assert one.keyword in rules or one.keyword in further, one.tag
        if one.VR == "SQ" and one.keyword in rules:
            for item in one.value:
                _assert_named(item, rules[one.keyword].below, {*_OF_CODES, "PatientOrientation"})


# --- anything, anywhere


TAGS = st.sampled_from([(tag, vr) for tag, vr in dictionary() if keyword_for_tag(tag) not in NEEDED])
NAMED = st.sampled_from(
    [
        (int(tag_for_keyword(keyword) or 0), dictionary_VR(keyword).split(" or ")[0])
        for keyword in read_whitelist().rules
        if keyword not in NEEDED
    ]
)
SURROUNDINGS = st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), max_size=12)


@st.composite
def _values(draw: st.DrawFn, vr: str, depth: int) -> Any:
    if vr == "SQ":
        return Sequence(draw(st.lists(_datasets(depth + 1), max_size=2))) if depth < 3 else Sequence()
    value = planted_value(vr)
    if isinstance(value, str) and vr in ("LO", "SH", "LT", "UT", "ST", "UC", "CS", "PN"):
        return draw(SURROUNDINGS) + value + draw(SURROUNDINGS)
    return value


@st.composite
def _datasets(draw: st.DrawFn, depth: int = 0) -> Dataset:
    made = Dataset()
    for tag, vr in draw(st.lists(st.one_of(TAGS, NAMED), max_size=8)):
        value = draw(_values(vr, depth))
        if value is not None:
            made[tag] = element(tag, vr, value)
    if draw(st.booleans()):
        plant_foreign(made)
    return made


@pytest.mark.property
@settings(max_examples=150)
@given(planted=_datasets())
def test_no_tree_of_attributes_carries_a_name(planted: Dataset) -> None:
    source = scan_objects.planar(("anterior",), frames=[BLANK])
    uids = _old_uids(source)
    source.update(planted)
    made = pseudonymise_bytes(_written(source))
    assert find_secrets(made.data, {*SECRETS, *uids}) == set()
    assert find_secrets(made.data, {SECRET}) == set()
