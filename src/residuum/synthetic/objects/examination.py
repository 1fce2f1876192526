"""One examination of an invented child: who, when, and how much tracer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DIAGNOSIS: Final = datetime(2000, 1, 1)
"""Day 0 of the fictitious calendar that the copies of a study use as well."""
SCAN_STARTS: Final = timedelta(hours=10, minutes=15)
"""Time of day at which the whole body is begun; volumes follow it."""


@dataclass(frozen=True, slots=True)
class Examination:
    """A visit to the camera; all that its objects share.

    Attributes
    ----------
    patient, scan : str
        Codes of the study.
    sex : {"female", "male", "unknown"}
    age_at_diagnosis_days : int
    day : int
        Of the scan, from diagnosis.
    weight_kg, size_m : float
        On that day.
    activity_mbq : float
        Of iodine-123, injected.
    delay_hours : float
        From the injection to the beginning of the whole body.
    seed : int
        Of the simulation: with another one the same scan gets other identifiers.
    """

    patient: str
    scan: str
    sex: str
    age_at_diagnosis_days: int
    day: int
    weight_kg: float
    size_m: float
    activity_mbq: float
    delay_hours: float = 24.0
    seed: int = 0

    @property
    def born(self) -> datetime:
        """Return the invented day of birth, the same for every scan of a child."""
        return DIAGNOSIS - timedelta(days=self.age_at_diagnosis_days)

    @property
    def age_years(self) -> int:
        """Return the completed years of age on the day of the scan."""
        today = self.begins
        return today.year - self.born.year - ((today.month, today.day) < (self.born.month, self.born.day))

    @property
    def begins(self) -> datetime:
        """Return the invented moment at which the whole body is begun."""
        return DIAGNOSIS + timedelta(days=self.day) + SCAN_STARTS

    @property
    def injected(self) -> datetime:
        """Return the invented moment of the injection."""
        return self.begins - timedelta(hours=self.delay_hours)
