"""What a reader marked on one scan, as lesions are made from it."""

from dataclasses import dataclass
from typing import Final, Literal

from residuum.records.vocabulary import MARK_REGIONS, PATTERNS

Pattern = Literal["focal", "diffuse"]

HUNDREDTHS: Final = 100


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark.

    Attributes
    ----------
    label : str
        Name of the mark within its read.
    regions : tuple of str
        Of `MARK_REGIONS`: each once and in that order, however they were given.
    pattern : {"focal", "diffuse"}
    extent : float or None
        Of diffuse marks, whole hundredths above 0 and at most 1: the fraction of *each listed region* that is filled.
        A reader states it for each segment touched; marks hold no weights by which regions of a segment could differ,
        so every region that a mark names is filled alike, whichever scoring system its segment belongs to.

    Raises
    ------
    ValueError
        A region or pattern is none, or the extent does not fit.
    """

    label: str
    regions: tuple[str, ...]
    pattern: Pattern
    extent: float | None = None

    def __post_init__(self) -> None:
        unknown = sorted(set(self.regions) - set(MARK_REGIONS))
        if unknown or not self.regions:
            raise ValueError(f"mark {self.label}: regions are {self.regions}; name some of {', '.join(MARK_REGIONS)}")
        if self.pattern not in PATTERNS:
            raise ValueError(f"mark {self.label}: pattern is {self.pattern!r}, not one of {', '.join(PATTERNS)}")
        self._check_extent()
        object.__setattr__(self, "regions", tuple(region for region in MARK_REGIONS if region in self.regions))

    def _check_extent(self) -> None:
        if self.pattern == "focal":
            if self.extent is not None:
                raise ValueError(f"mark {self.label}: extent is {self.extent}, but a focal mark has none; leave it out")
            return
        if self.extent is None or not 0 < self.extent <= 1:
            raise ValueError(f"mark {self.label}: extent is {self.extent}, not above 0 and at most 1")
        # Scores compare with hundredths: the least difference may change a grade.
        if self.extent != round(self.extent, 2):
            raise ValueError(f"mark {self.label}: extent is {self.extent}; voxels give whole hundredths back: round it")
