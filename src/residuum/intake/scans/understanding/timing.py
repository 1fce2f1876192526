"""When an object was acquired, and how long after the injection that may have been."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.attributes import text
from residuum.intake.scans.dicom.parsing import items

EARLIEST_HOURS: Final = 18
LATEST_HOURS: Final = 30
"""Scans are taken 24 +- 6 hours after the injection (label of iobenguane I-123)."""
_DAYS_BEFORE: Final = (0, 1, 2)
"""Where only the time of day of the injection is known."""
_LATER: Final = ("Content", "Series", "Study")
"""Where the acquisition has no date of its own: a study, and with it a series, may begin with the injection."""
_DATE: Final = re.compile(r"([0-9]{4})[.-]?([0-9]{2})[.-]?([0-9]{2})")
_TIME: Final = re.compile(r"([0-9]{2}):?([0-9]{2}):?([0-9]{2})?(?:\.[0-9]{1,6})?")
_MOMENT: Final = re.compile(r"([0-9]{8})([0-9]{0,6}(?:\.[0-9]{1,6})?)([+-][0-9]{4})?")


@dataclass(frozen=True, slots=True)
class _Taken:
    """When an object was acquired by one source: its day, what stands there as time of day, and the zone of both."""

    source: str
    day: datetime
    clock: str
    zone: str


def read_date(dataset: Dataset) -> str | None:
    """Return the date of the acquisition (YYYYMMDD), else of its content, series, study; None without any."""
    taken = next(_read_taken(dataset), None)
    return None if taken is None else f"{taken.day:%Y%m%d}"


def find_date_flags(dataset: Dataset) -> set[str]:
    """Return whether the date of an image is that of its study only."""
    taken = next(_read_taken(dataset), None)
    return {"study_date_only"} if taken is not None and taken.source == "Study" else set()


def read_delays_hours(dataset: Dataset) -> tuple[float, ...]:
    """Return the possible times from injection to scan, in hours, none where they cannot be told.

    One where the header gives the date of the injection. With the time of day only, it may have been on the day of the
    scan or on one of the two days before. The day of the scan is that of `read_date`.
    """
    found = list(_read_taken(dataset))
    moments = ((_at(taken.day, taken.clock), taken.zone) for taken in found if taken.day == found[0].day)
    scan, zone = next(((moment, zone) for moment, zone in moments if moment is not None), (None, ""))
    if scan is None:
        return ()
    injections = items(dataset, "RadiopharmaceuticalInformationSequence")
    return tuple(sorted({delay for item in injections for delay in _delays(item, scan, zone)}))


def find_delay_flags(delays_hours: tuple[float, ...]) -> set[str]:
    """Return what is doubtful about the time from injection to scan."""
    if not delays_hours:
        return {"delay_unknown"}
    return set() if any(EARLIEST_HOURS <= delay <= LATEST_HOURS for delay in delays_hours) else {"delay"}


def _read_taken(dataset: Dataset) -> Iterator[_Taken]:
    """Yield every day on which the object may have been acquired, the one that counts first."""
    zone = text(dataset, "TimezoneOffsetFromUTC")
    sources = [("Acquisition", text(dataset, "AcquisitionDate"), text(dataset, "AcquisitionTime"), zone)]
    parts = _MOMENT.fullmatch(text(dataset, "AcquisitionDateTime"))
    if parts is not None:
        sources.append(("Acquisition", parts[1], parts[2], parts[3] or zone))
    sources += [(name, text(dataset, f"{name}Date"), text(dataset, f"{name}Time"), zone) for name in _LATER]
    for source, date, clock, own_zone in sources:
        day = _day(date)
        if day is not None:
            yield _Taken(source, day, clock, own_zone)


def _delays(item: Dataset, scan: datetime, zone: str) -> set[float]:
    parts = _MOMENT.fullmatch(text(item, "RadiopharmaceuticalStartDateTime"))
    injection = None if parts is None else _moment(parts[1], parts[2])
    if parts is not None and injection is not None:
        # Without both zones, clocks of one hospital are compared as they stand.
        shift = _zone(zone) - _zone(parts[3]) if zone and parts[3] else timedelta()
        return {_hours(scan - shift - injection)}
    clock = _TIME.fullmatch(text(item, "RadiopharmaceuticalStartTime"))
    same_day = None if clock is None else _at(scan.replace(hour=0, minute=0, second=0), clock[0])
    if same_day is None:
        return set()
    candidates = (scan - same_day + timedelta(days=days) for days in _DAYS_BEFORE)
    return {_hours(delay) for delay in candidates if delay >= timedelta()}


def _hours(delay: timedelta) -> float:
    return round(delay / timedelta(hours=1), 4)


def _zone(offset: str) -> timedelta:
    if not re.fullmatch(r"[+-][0-9]{4}", offset):
        return timedelta()
    return (1 if offset[0] == "+" else -1) * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))


def _day(date: str) -> datetime | None:
    parts = _DATE.fullmatch(date)
    try:
        return None if parts is None else datetime(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        return None


def _moment(date: str, time: str) -> datetime | None:
    day = _day(date)
    return None if day is None else _at(day, time)


def _at(day: datetime, time: str) -> datetime | None:
    parts = _TIME.fullmatch(time)
    if parts is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    # A leap second may be written as 60.
    return day + timedelta(hours=hours, minutes=minutes, seconds=seconds) if hours < 24 and minutes < 60 else None
