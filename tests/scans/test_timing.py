import pytest
from looking import look
from pydicom.dataset import Dataset

import scan_objects
from residuum.intake.scans.understanding.timing import find_delay_flags, read_date, read_delays_hours
from residuum.records.image_flags import FLAGS

pytestmark = pytest.mark.unit

# The objects are acquired on 17 March 2015 at 10:15:00.


def injected(exact: str | None = None, clock: str | None = None, **said: str) -> Dataset:
    found = scan_objects.planar(**said)
    item = found.RadiopharmaceuticalInformationSequence[0]
    item.RadiopharmaceuticalStartDateTime, item.RadiopharmaceuticalStartTime = exact, clock
    return found


@pytest.mark.parametrize(
    ("exact", "clock", "delays_hours", "flags"),
    [
        ("20150316100000", "100000", (24.25,), set()),
        ("201503161000", None, (24.25,), set()),
        ("20150316100000.500000", None, (24.25,), set()),
        ("20150316161500", None, (18.0,), set()),
        ("20150316041500", None, (30.0,), set()),
        ("20150316161501", None, (17.9997,), {"delay"}),
        ("20150315101500", None, (48.0,), {"delay"}),
        ("20150317111500", None, (-1.0,), {"delay"}),  # after the scan
        (None, "100000", (0.25, 24.25, 48.25), set()),
        (None, "1000", (0.25, 24.25, 48.25), set()),
        (None, "110000.000", (23.25, 47.25), set()),  # later than the scan: not on the same day
        (None, "020000", (8.25, 32.25, 56.25), {"delay"}),
        ("20150316", "100000", (0.25, 24.25, 48.25), set()),  # a date without a time
        (None, None, (), {"delay_unknown"}),
        ("", "", (), {"delay_unknown"}),
        ("yesterday", "ten", (), {"delay_unknown"}),
        (None, "250000", (), {"delay_unknown"}),
        ("20151316100000", None, (), {"delay_unknown"}),
    ],
)
def test_time_from_injection(
    exact: str | None, clock: str | None, delays_hours: tuple[float, ...], flags: set[str]
) -> None:
    found = injected(exact, clock)
    assert read_delays_hours(found) == pytest.approx(delays_hours, abs=2e-4)
    assert {flag for flag in look(found).flags if flag.startswith("delay")} == flags


@pytest.mark.parametrize(
    ("exact", "zone", "delay_hours"),
    [
        ("20150316100000+0000", "+0100", 23.25),
        ("20150316100000+0000", "-0500", 29.25),
        ("20150316100000+0100", "+0100", 24.25),
        ("20150316100000+0000", "", 24.25),
        ("20150316100000", "+0100", 24.25),
    ],
)
def test_zones_count_where_both_are_declared(exact: str, zone: str, delay_hours: float) -> None:
    assert read_delays_hours(injected(exact, TimezoneOffsetFromUTC=zone)) == (delay_hours,)


def test_the_first_moment_that_is_whole_counts() -> None:
    found = injected("20150316100000", SeriesTime="111500")
    found.AcquisitionTime = None
    assert read_delays_hours(found) == (24.25,)
    found.ContentTime = None
    assert read_delays_hours(found) == (25.25,)
    for name in ("Series", "Content", "Study"):
        found[f"{name}Date"].value = ""
    assert read_delays_hours(found) == ()


def test_the_limits_belong_to_the_window() -> None:
    assert find_delay_flags((18.0,)) == find_delay_flags((30.0,)) == find_delay_flags((5.0, 29.0, 53.0)) == set()
    assert find_delay_flags((17.9, 30.1)) == {"delay"}


def test_the_date_is_that_of_the_acquisition_else_content_else_series_else_study() -> None:
    found = Dataset()
    assert read_date(found) is None
    found.StudyDate = "20150301"
    assert read_date(found) == "20150301"
    found.SeriesDate = "20150302"
    assert read_date(found) == "20150302"
    found.ContentDate = "20150303"
    assert read_date(found) == "20150303"
    for moment in ("20150304101500.5+0100", "201503041015", "20150304"):
        found.AcquisitionDateTime = moment
        assert read_date(found) == "20150304"
    found.AcquisitionDate = "20150305"
    assert read_date(found) == "20150305"
    found.AcquisitionDate = "not a date"
    assert read_date(found) == "20150304"
    found.AcquisitionDateTime = "20150231101500"
    assert read_date(found) == "20150303"
    found.AcquisitionDateTime = "201503"
    assert read_date(found) == "20150303"
    found.ContentDate = "20150231"
    assert read_date(found) == "20150302"
    found.SeriesDate, found.StudyDate = "", "2015.03.01"
    assert read_date(found) == "20150301"


# Studies are often opened at the injection, the day before the scan.
@pytest.mark.parametrize(
    ("known", "flagged"),
    [
        ({"AcquisitionDateTime": "20150317101500"}, False),
        ({"ContentDate": "20150317", "ContentTime": "101500"}, False),
        ({"SeriesDate": "20150317", "SeriesTime": "101500"}, False),
        ({"StudyDate": "20150317"}, True),
    ],
)
def test_day_and_delay_come_from_the_same_source(known: dict[str, str], flagged: bool) -> None:
    for make in (scan_objects.planar, lambda: scan_objects.ct(slices=1)[0]):
        found = make()
        for name in ("Acquisition", "Content", "Series"):
            del found[f"{name}Date"], found[f"{name}Time"]
        found.StudyDate = "20150316"
        for keyword, value in known.items():
            setattr(found, keyword, value)
        facts = look(found)
        assert facts.identity.date == "20150317"
        assert facts.delay_hours == ((24.25,) if facts.kind == "planar" else ())
        assert ("study_date_only" in facts.flags) == flagged
    assert FLAGS["study_date_only"].refuses == "nothing"


def test_a_time_of_another_day_is_not_that_of_the_scan() -> None:
    found = injected("20150316100000", SeriesDate="20150316", StudyDate="20150316")
    found.AcquisitionTime = found.ContentTime = None
    assert look(found).identity.date == "20150317"
    assert read_delays_hours(found) == ()


def test_the_zone_of_an_acquisition_goes_before_that_of_the_object() -> None:
    found = injected("20150316100000+0000", TimezoneOffsetFromUTC="+0500", AcquisitionDateTime="20150317101500+0100")
    del found.AcquisitionDate
    assert read_delays_hours(found) == (23.25,)
