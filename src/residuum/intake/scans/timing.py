"""When an object was acquired, and how long after the injection that may have been."""

import re
from datetime import datetime, timedelta
from typing import Final

from pydicom.dataset import Dataset

from residuum.intake.scans.attributes import text
from residuum.intake.scans.parsing import items

EARLIEST_HOURS: Final = 18
LATEST_HOURS: Final = 30
"""Scans are taken 24 +- 6 hours after the injection (label of iobenguane I-123)."""
_DAYS_BEFORE: Final = (0, 1, 2)
"""Where only the time of day of the injection is known."""
_ACQUIRED: Final = ("Acquisition", "Series", "Content", "Study")
_DATE: Final = re.compile(r"([0-9]{4})[.-]?([0-9]{2})[.-]?([0-9]{2})")
_TIME: Final = re.compile(r"([0-9]{2}):?([0-9]{2}):?([0-9]{2})?(?:\.[0-9]{1,6})?")
_MOMENT: Final = re.compile(r"([0-9]{8})([0-9]{4,6}(?:\.[0-9]{1,6})?)([+-][0-9]{4})?")


def read_date(dataset: Dataset) -> str | None:
    """Return the acquisition date, else the series date, else the study date (YYYYMMDD); None without any."""
    dates = (_day(text(dataset, f"{name}Date")) for name in ("Acquisition", "Series", "Study"))
    return next((f"{day:%Y%m%d}" for day in dates if day is not None), None)


def read_delays_hours(dataset: Dataset) -> tuple[float, ...]:
    """Return the possible times from injection to scan, in hours, none where they cannot be told.

    One where the header gives the date of the injection. With the time of day only, it may have been on the day of the
    scan or on one of the two days before.
    """
    moments = (_moment(text(dataset, f"{name}Date"), text(dataset, f"{name}Time")) for name in _ACQUIRED)
    scan = next((moment for moment in moments if moment is not None), None)
    if scan is None:
        return ()
    zone = text(dataset, "TimezoneOffsetFromUTC")
    injections = items(dataset, "RadiopharmaceuticalInformationSequence")
    return tuple(sorted({delay for item in injections for delay in _delays(item, scan, zone)}))


def find_delay_flags(delays_hours: tuple[float, ...]) -> set[str]:
    """Return what is doubtful about the time from injection to scan."""
    if not delays_hours:
        return {"delay_unknown"}
    return set() if any(EARLIEST_HOURS <= delay <= LATEST_HOURS for delay in delays_hours) else {"delay"}


def _delays(item: Dataset, scan: datetime, zone: str) -> set[float]:
    parts = _MOMENT.fullmatch(text(item, "RadiopharmaceuticalStartDateTime"))
    injection = None if parts is None else _moment(parts[1], parts[2])
    if parts is not None and injection is not None:
        # Without both zones, clocks of one hospital are compared as they stand.
        shift = _zone(zone) - _zone(parts[3]) if zone and parts[3] else timedelta()
        return {_hours(scan - shift - injection)}
    clock = _TIME.fullmatch(text(item, "RadiopharmaceuticalStartTime"))
    same_day = None if clock is None else _moment(f"{scan:%Y%m%d}", clock[0])
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
    day, parts = _day(date), _TIME.fullmatch(time)
    if day is None or parts is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    # A leap second may be written as 60.
    return day + timedelta(hours=hours, minutes=minutes, seconds=seconds) if hours < 24 and minutes < 60 else None
