"""Make-believe cohort for the comparison with R: ``python synthetic_cohort.py cohort.csv``.

Months of 30 days make many ties; whole-number draws alone decide, so that every machine writes the same file.
"""

import csv
import random
import sys
from pathlib import Path

CAUSES = ("target", "elsewhere", "death")


def draw_patient(generator: random.Random) -> tuple[int, int, int, str, int]:
    """Months until one of four risks comes true, tried in one month in this order; 0 is a censoring."""
    more = generator.randrange(2)
    centre = generator.randrange(3)
    risks = (12 + 12 * more, 10 + 5 * centre, 6, 30)
    for month in range(121):
        for cause, per_thousand in zip((1, 2, 3, 0), risks, strict=True):
            if generator.randrange(1000) < per_thousand:
                return 30 * month, int(cause > 0), cause, ("oligo", "more")[more], centre
    return 30 * 121, 0, 0, ("oligo", "more")[more], centre


def write_cohort(path: Path, patients: int = 160, seed: int = 20251122) -> None:
    generator = random.Random(seed)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("time", "event", "cause", "group", "centre"))
        rows.writerows(draw_patient(generator) for _ in range(patients))


if __name__ == "__main__":
    write_cohort(Path(sys.argv[1]))
