import pytest
from looking import look
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import scan_objects
from residuum.intake.scans.dicom.vectors import read_window_indices
from residuum.intake.scans.understanding.energy import (
    classify_window,
    find_energy_flags,
    read_energy_windows,
    read_nuclide,
)
from residuum.records.image_flags import FLAGS

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("lower_kev", "upper_kev", "window"),
    [
        (143.1, 174.9, "I123"),  # 159 +- 10 %
        (147.075, 170.925, "I123"),  # +- 7.5 %
        (135.0, 183.0, "I123"),  # +- 15 %, holds 140 too
        (148.0, 172.0, "I123"),  # shifted upwards
        (128.6, 149.4, "Tc99m"),
        (126.0, 154.0, "Tc99m"),
        (130.0, 160.0, "Tc99m"),  # holds 159, but is centred on 145
        (328.0, 400.4, "I131"),  # 364 +- 10 %
        (176.0, 190.0, "other"),  # scatter above I-123
        (100.0, 125.0, "other"),
        (475.0, 575.0, "other"),  # the 529 keV photons of I-123 are no image
        (50.0, 600.0, "other"),  # an open window holds every peak
        (72.0, 88.0, "other"),  # X-rays of Tl-201
        (143.0, 175.0, "I123"),
        (142.0, 174.0, "I123"),
        (150.0, 168.0, "I123"),
        (147.0, 171.0, "I123"),
        (154.0, 188.0, "other"),  # 171 keV of In-111 +- 10 %
        (157.0, 186.0, "other"),
        (220.0, 270.0, "other"),  # 245 keV of In-111
        (150.0, 184.0, "other"),  # 167 keV of Tl-201 +- 10 %
        (158.0, 178.0, "other"),
        (63.0, 77.0, "other"),  # 70 keV of Tl-201
        (140.6, 165.4, "I123"),  # centred on 153
        (140.6, 165.2, "other"),
        (130.0, 170.0, "other"),  # between technetium and iodine
        (150.0, 176.0, "I123"),  # centred on 163
        (150.0, 177.0, "other"),  # nearer to 167
    ],
)
def test_a_window_is_that_of_the_peak_that_it_is_made_for(lower_kev: float, upper_kev: float, window: str) -> None:
    assert classify_window(lower_kev, upper_kev) == window


@pytest.mark.parametrize(
    ("windows", "found", "flags"),
    [
        (("I123",), {"I123"}, set()),
        (("I123", "scatter"), {"I123", "other"}, set()),
        (("scatter", "I123"), {"I123", "other"}, set()),
        (("Tc99m",), {"Tc99m"}, {"window_tc99m"}),
        (("scatter",), {"Tc99m"}, {"window_tc99m"}),
        (("I131",), {"I131"}, {"window_i131"}),
        (("I131", "scatter"), {"I131", "Tc99m"}, {"window_i131"}),
    ],
)
def test_an_object_is_flagged_by_its_best_window(windows: tuple[str, ...], found: set[str], flags: set[str]) -> None:
    facts = look(scan_objects.planar(windows=windows))
    assert {frame.window for frame in facts.frames} == found
    assert {flag for flag in facts.flags if flag.startswith("window")} == flags


def test_scatter_frames_keep_their_limits() -> None:
    frames = look(scan_objects.planar(windows=("scatter", "I123"))).frames
    assert [frame.window_kev for frame in frames] == [(126.0, 142.0)] * 2 + [(143.0, 175.0)] * 2


def test_without_a_declared_window_it_is_unknown() -> None:
    found = scan_objects.planar()
    del found.EnergyWindowInformationSequence, found.RadiopharmaceuticalInformationSequence
    facts = look(found)
    assert [frame.window for frame in facts.frames] == [None, None]
    assert "window_unknown" in facts.flags


def test_a_window_without_limits_is_unknown() -> None:
    found = scan_objects.planar()
    found.EnergyWindowInformationSequence[0].EnergyWindowRangeSequence[0].EnergyWindowUpperLimit = None
    assert "window_unknown" in look(found).flags


def test_a_window_turned_round_is_unknown() -> None:
    found = scan_objects.planar()
    limits = found.EnergyWindowInformationSequence[0].EnergyWindowRangeSequence[0]
    limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = "175", "143"
    assert "window_unknown" in look(found).flags


def test_of_the_ranges_of_one_window_the_photopeak_counts() -> None:
    found = scan_objects.planar()
    window = found.EnergyWindowInformationSequence[0]
    high = Dataset()
    high.EnergyWindowLowerLimit, high.EnergyWindowUpperLimit = "475", "575"
    window.EnergyWindowRangeSequence = Sequence([high, *window.EnergyWindowRangeSequence])
    assert {(frame.window, frame.window_kev) for frame in look(found).frames} == {("I123", (143.0, 175.0))}


def test_several_windows_without_a_vector_are_unknown_unless_they_are_alike() -> None:
    found = scan_objects.planar(("anterior",), windows=("I123", "scatter"))
    del found.EnergyWindowVector
    assert [one.window for one in read_energy_windows(found, 2)] == [None, None]
    alike = scan_objects.planar(("anterior",), windows=("Tc99m", "Tc99m"))
    del alike.EnergyWindowVector
    assert [(one.window, one.limits_kev) for one in read_energy_windows(alike, 2)] == [("Tc99m", None)] * 2


def test_one_item_for_several_windows_is_of_no_frame() -> None:
    found = scan_objects.planar(NumberOfEnergyWindows=2)
    del found.EnergyWindowVector
    assert read_window_indices(found, 2) == (None, None)
    found.NumberOfEnergyWindows = 1
    assert read_window_indices(found, 2) == (1, 1)


def test_an_index_without_item_is_unknown() -> None:
    found = scan_objects.planar(EnergyWindowVector=[1, 7])
    assert [frame.window for frame in look(found).frames] == ["I123", None]
    assert [frame.window for frame in look(scan_objects.planar(EnergyWindowVector=[0, 1])).frames] == [None, "I123"]


# PS3.16 CID 18: C-114A4 is iodine-123, C-114B1 iodine-131, C-163A8 technetium-99m.
@pytest.mark.parametrize(
    ("value", "scheme", "meaning", "nuclide"),
    [
        ("C-114A4", "SRT", "^123^Iodine", "I123"),
        ("21572004", "SCT", "^123^Iodine", "I123"),
        ("C-114B1", "SRT", "^131^Iodine", "I131"),
        ("C-163A8", "SRT", "^99m^Technetium", "Tc99m"),
        ("72454006", "SCT", "", "Tc99m"),
        ("MY-CODE", "99LOCAL", "I-123", "I123"),
        ("MY-CODE", "99LOCAL", "123I", "I123"),
        ("MY-CODE", "99LOCAL", "Tc-99m", "Tc99m"),
        ("C-111A1", "SRT", "^18^Fluorine", "other"),
        ("C-114A6", "SRT", "^125^Iodine", "other"),
        ("C-114B1", "SRT", "^123^Iodine", None),  # contradicts itself
        ("", "", "", None),
        ("MY-CODE", "99LOCAL", "mIBG", None),
    ],
)
def test_the_nuclide_is_that_of_its_code_and_meaning(
    value: str, scheme: str, meaning: str, nuclide: str | None
) -> None:
    assert read_nuclide(_given(value, scheme, meaning)) == nuclide


def test_two_nuclides_declare_none() -> None:
    found = _given("C-114A4", "SRT", "^123^Iodine")
    found.RadiopharmaceuticalInformationSequence.append(
        _given("C-163A8", "SRT", "^99m^Technetium").RadiopharmaceuticalInformationSequence[0]
    )
    assert read_nuclide(found) is None


def test_window_and_nuclide_are_compared() -> None:
    assert find_energy_flags(["I123", "other"], "I123") == set()
    assert find_energy_flags(["I123"], "Tc99m") == {"nuclide_contradicts_window", "nuclide_other"}
    assert find_energy_flags(["I123"], "other") == {"nuclide_contradicts_window", "nuclide_other"}
    assert find_energy_flags(["other"], "other") == {"window_other", "nuclide_other"}
    assert find_energy_flags(["I123"], "I131") == {"nuclide_contradicts_window"}
    assert find_energy_flags(["Tc99m"], "I123") == {"nuclide_contradicts_window", "window_tc99m"}
    assert find_energy_flags(["I131"], "I123") == {"nuclide_contradicts_window", "window_i131"}
    assert find_energy_flags([None], "Tc99m") == {"window_unknown", "nuclide_other"}
    assert find_energy_flags([None], "I123") == {"window_unknown"}
    assert find_energy_flags(["other"], "I123") == {"window_other"}


def test_a_nuclide_that_its_window_excludes_is_flagged_in_an_object() -> None:
    found = scan_objects.planar()
    found.RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence = Sequence(
        [scan_objects.code("C-163A8", "SRT", "^99m^Technetium")]
    )
    assert look(found).flags == ("nuclide_contradicts_window", "nuclide_other")
    assert {FLAGS[name].refuses for name in ("nuclide_contradicts_window", "nuclide_other")} == {"reading"}


def test_two_nuclides_that_are_no_iodine_are_another() -> None:
    found = _given("C-145A4", "SRT", "^111^Indium")
    found.RadiopharmaceuticalInformationSequence += _given("C-163A8", "SRT", "").RadiopharmaceuticalInformationSequence
    assert read_nuclide(found) == "other"


@pytest.mark.parametrize(
    ("code", "window"),
    [
        (("C-114A4", "SRT", "^123^Iodine"), "I123"),
        (("C-114B1", "SRT", "^131^Iodine"), "I131"),
        (("C-163A8", "SRT", "^99m^Technetium"), None),
        (("", "", ""), None),
    ],
)
def test_without_a_declared_window_that_of_iodine_is_supposed(code: tuple[str, str, str], window: str | None) -> None:
    for found in (scan_objects.planar(), scan_objects.spect()):
        del found.EnergyWindowInformationSequence
        found.RadiopharmaceuticalInformationSequence = _given(*code).RadiopharmaceuticalInformationSequence
        facts = look(found)
        assert {(frame.window, frame.window_kev) for frame in facts.frames} == {(window, None)}
        assert {"window_unknown"} <= set(facts.flags) <= {"window_unknown", "nuclide_other", "delay_unknown"}


def test_a_declared_window_is_never_replaced_by_that_of_the_nuclide() -> None:
    found = scan_objects.planar(windows=("Tc99m",))
    assert {frame.window for frame in look(found).frames} == {"Tc99m"}
    half = scan_objects.planar(EnergyWindowVector=[1, 7])
    assert [frame.window for frame in look(half).frames] == ["I123", None]


@pytest.mark.parametrize(
    ("limits_kev", "read"),
    [
        ([(143, 175), (150, 168)], [True, False]),
        ([(150, 168), (143, 175)], [False, True]),
        ([(147, 171), (126, 142), (143, 175)], [False, False, True]),
        ([(143, 175), (143, 175)], [True, True]),  # one window for each detector: nothing tells which is the other
        ([(345, 383), (328, 400)], [False, True]),
    ],
)
def test_of_windows_around_one_peak_the_widest_is_read(limits_kev: list[tuple[int, int]], read: list[bool]) -> None:
    found = scan_objects.planar(windows=("I123",) * len(limits_kev))
    for item, limits in zip(found.EnergyWindowInformationSequence, limits_kev, strict=True):
        one = item.EnergyWindowRangeSequence[0]
        one.EnergyWindowLowerLimit, one.EnergyWindowUpperLimit = map(str, limits)
    frames = look(found).frames
    assert [frame.window != "other" for frame in frames] == [wide for wide in read for _ in range(2)]
    assert [frame.window_kev for frame in frames] == [limits for limits in limits_kev for _ in range(2)]


def _given(value: str, scheme: str, meaning: str) -> Dataset:
    item, found = Dataset(), Dataset()
    item.RadionuclideCodeSequence = Sequence([scan_objects.code(value, scheme, meaning)])
    found.RadiopharmaceuticalInformationSequence = Sequence([item])
    return found
