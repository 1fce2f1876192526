"""What differs between the rows of a numbers.json and the rows of the slow twin."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

Key = tuple[str, str | None, str | None]
Row = dict[str, Any]
TOLERANCE = 1e-9
LIMIT_TOLERANCE = 1e-7  # interval limits come from root finding and quantiles on both sides


def same_number(field: str, product: object, twin: object) -> bool:
    """Whether two values agree: numbers within the tolerance of the field, None only with None."""
    if product is None or twin is None:
        return product is None and twin is None
    if isinstance(product, bool) or not isinstance(product, int | float) or not isinstance(twin, int | float):
        return False
    tolerance = LIMIT_TOLERANCE if field in ("low", "high") else TOLERANCE
    return math.isclose(product, twin, rel_tol=tolerance, abs_tol=tolerance)


def differences(rows: list[Row], patient_sets: dict[str, list[str]], expected: dict[Key, Row]) -> list[str]:
    """Readable differences, "name group mode field: product X, twin Y"; an empty list when everything agrees."""
    found: dict[Key, list[Row]] = {}
    for row in rows:
        found.setdefault((row["name"], row.get("group"), row.get("mode")), []).append(row)
    problems: list[str] = []
    for key, fields in sorted(expected.items(), key=lambda item: tuple(part or "" for part in item[0])):
        label = " ".join(part or "-" for part in key)
        matches = found.get(key, [])
        if len(matches) != 1:
            problems.append(f"{label} row: product {len(matches)} rows, twin 1 row")
            continue
        for field, twin in fields.items():
            product = matches[0].get(field)
            if field == "patients":
                # No patients is an empty set or no set at all: both say the same.
                listed = [] if product is None else patient_sets.get(product)
                if listed is None:
                    problems.append(f"{label} patients: product set {product!r} is not in patient_sets, twin {twin}")
                elif sorted(listed) != sorted(twin):
                    problems.append(f"{label} patients: {_list_difference(listed, twin)}")
            elif not same_number(field, product, twin):
                problems.append(f"{label} {field}: product {product}, twin {twin}")
    return problems


def _list_difference(product: list[str], twin: list[str]) -> str:
    """How two lists of patients differ, shortly."""
    only_product = sorted(set(product) - set(twin))
    only_twin = sorted(set(twin) - set(product))
    if not only_product and not only_twin:
        return f"product {product}, twin {twin}"
    return f"product {len(product)} with {only_product} alone, twin {len(twin)} with {only_twin} alone"


def main(folder: str, numbers_json: str) -> int:
    """The exit status after printing every difference between a numbers.json and the twin of a study folder."""
    from study_twin import twin_rows  # only found beside this file, when it is run by hand

    numbers = json.loads(Path(numbers_json).read_text(encoding="utf-8"))
    problems = differences(numbers["rows"], numbers["patient_sets"], twin_rows(Path(folder)))
    for problem in problems:
        print(problem)
    print(f"{len(problems)} differences")
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python compare.py FOLDER NUMBERS_JSON")
    sys.exit(main(sys.argv[1], sys.argv[2]))
