"""Who reads which scan, in which order, and what twice: random orders that the seed and the reader alone decide."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import polars as pl

from residuum.records.errors import CallError
from residuum.records.settings import Reading
from residuum.records.vocabulary import CONSENSUS

ASSIGNMENT_SCHEMA = {
    "reader": pl.String,
    "case": pl.String,
    "position": pl.Int64,
    "scan": pl.String,
    "occasion": pl.String,
}
FEWEST_WITH_REPEATS = 10
"""Main scans of a reader below which none is read twice."""

Given = tuple[str, str]  # scan and occasion, in the order of reading
Places = Mapping[str, tuple[str, int, str]]  # patient, day and scan of each scan


def derive_assignments(scans: pl.DataFrame, reading: Reading, existing: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the assignments to add to the existing ones: training scans first, then main scans and their repeats.

    Parameters
    ----------
    scans : DataFrame
        The study's scans; the order of the rows does not matter.
    reading : Reading
        The study's ``[reading]`` settings. Training scans that the study lacks are left out.
    existing : DataFrame or None
        Assignments made before, as `ASSIGNMENT_SCHEMA`. They stay as they are.

    Returns
    -------
    DataFrame
        New rows as `ASSIGNMENT_SCHEMA`; positions continue after the reader's last one.

    Notes
    -----
    Independent: each of the first two readers gets every scan, further readers the training scans only. Single: every
    scan goes to one reader, so that numbers of scans differ by at most 1. Consensus: `consensus` gets every scan.

    Blinded order is a random order of scans, paired order one of patients with their scans by (day, scan).

    Each reader reads ``ceil(repeat_share * n)`` of the n main scans added here a second time; none where n is below
    10 or the design is consensus. In blinded order at least n / 2 main scans, or as many as there are, lie between
    the two readings; in paired order whole patients are read again at the end, until the number is reached.
    """
    before = pl.DataFrame(schema=ASSIGNMENT_SCHEMA) if existing is None else existing
    places = {row[2]: row for row in scans.select("patient", "day", "scan").iter_rows()}
    training = [scan for scan in dict.fromkeys(reading.training) if scan in places]
    rows = []
    for reader, share in _shares(sorted(places.keys() - set(training)), reading, before).items():
        own = before.filter(reader=reader)
        known = set(own.filter(pl.col("occasion") != "repeat")["scan"])
        given = [(scan, "training") for scan in training if scan not in known]
        given += _draw_reading(share, places, reading, _generator(reading, reader, own.height))
        rows += _numbered(reader, given, own)
    return _table(rows)


def derive_third_assignments(
    differing: Sequence[str], reader: str, reading: Reading, existing: pl.DataFrame
) -> pl.DataFrame:
    """Return the assignments to add for the one who decides where two reads differ.

    Parameters
    ----------
    differing : sequence of str
        Scans whose two reads differ; their order does not matter.
    reader : str
        ``consensus`` or a listed reader.
    reading : Reading
        The study's ``[reading]`` settings.
    existing : DataFrame
        Assignments made before, as `ASSIGNMENT_SCHEMA`.

    Returns
    -------
    DataFrame
        New rows as `ASSIGNMENT_SCHEMA` for the scans that are not yet main scans of `reader`, in random order.

    Raises
    ------
    CallError
        `reader` is not listed.
    """
    own = existing.filter(reader=reader)
    scans = _without(sorted(set(differing)), own)
    order = _shuffled(scans, _generator(reading, reader, own.height))
    return _table(_numbered(reader, [(scan, "main") for scan in order], own))


def _shares(counted: Sequence[str], reading: Reading, before: pl.DataFrame) -> dict[str, list[str]]:
    """Return for each reader the main scans to add."""
    if reading.design == "consensus":
        return {CONSENSUS: _without(counted, before.filter(reader=CONSENSUS))}
    if reading.design == "single":
        return _dealt(counted, reading, before)
    shares = {reader: _without(counted, before.filter(reader=reader)) for reader in reading.readers[:2]}
    return shares | {reader: [] for reader in reading.readers[2:] if reader not in shares}


def _without(scans: Iterable[str], own: pl.DataFrame) -> list[str]:
    main = set(own.filter(occasion="main")["scan"])
    return [scan for scan in scans if scan not in main]


def _dealt(counted: Sequence[str], reading: Reading, before: pl.DataFrame) -> dict[str, list[str]]:
    listed = before.filter(pl.col("reader").is_in(list(reading.readers)), occasion="main")
    shares: dict[str, list[str]] = {reader: [] for reader in reading.readers}
    load = {reader: listed.filter(reader=reader).height for reader in shares}
    scans = _without(counted, listed) if shares else []
    for scan in _shuffled(scans, _generator(reading, CONSENSUS, before.height)):
        least = min(load, key=load.__getitem__)
        shares[least].append(scan)
        load[least] += 1
    return {reader: sorted(share) for reader, share in shares.items()}


def _generator(reading: Reading, reader: str, rows: int) -> np.random.Generator:
    # A trailing 0 does not change a seed sequence: the first order of a reader is the one of (seed, index).
    return np.random.default_rng(np.random.SeedSequence([reading.seed, _index(reader, reading), rows]))


def _index(reader: str, reading: Reading) -> int:
    if reader == CONSENSUS:
        return 0
    if reader not in reading.readers:
        raise CallError(f"{reader!r} is no reader of this study; use one of {', '.join(reading.readers)}, {CONSENSUS}")
    return reading.readers.index(reader) + 1


def _shuffled(entries: Sequence[str], draw: np.random.Generator) -> list[str]:
    return [entries[place] for place in draw.permutation(len(entries))]


def _draw_reading(scans: list[str], places: Places, reading: Reading, draw: np.random.Generator) -> list[Given]:
    """Return main scans and repeats in the order in which they are read."""
    count = _count_repeats(len(scans), reading)
    if reading.order == "blinded":
        return _insert_repeats(_shuffled(scans, draw), count, draw)
    patients = sorted({places[scan][0] for scan in scans})
    main = _by_patient(_shuffled(patients, draw), scans, places)
    again: list[str] = []
    for patient in _shuffled(patients, draw):
        if len(again) < count:
            again += _by_patient([patient], scans, places)
    return [*((scan, "main") for scan in main), *((scan, "repeat") for scan in again)]


def _count_repeats(scans: int, reading: Reading) -> int:
    if scans < FEWEST_WITH_REPEATS or reading.design == "consensus":
        return 0
    # 0.1 * 70 is a little more than 7 in binary
    return math.ceil(round(reading.repeat_share * scans, 9))


def _insert_repeats(order: Sequence[str], count: int, draw: np.random.Generator) -> list[Given]:
    # The order is random: to draw among the early half, where the distance can be kept, favours no scan.
    early = max(count, len(order) // 2)
    again: dict[int, list[str]] = {}
    for first in sorted(draw.choice(early, size=count, replace=False)):
        earliest = min(first + math.ceil(len(order) / 2), len(order) - 1)
        again.setdefault(int(draw.integers(earliest, len(order))), []).append(order[first])
    given = []
    for place, scan in enumerate(order):
        given.append((scan, "main"))
        given += [(repeat, "repeat") for repeat in again.get(place, ())]
    return given


def _by_patient(patients: Iterable[str], scans: Collection[str], places: Places) -> list[str]:
    of_patient: dict[str, list[str]] = {}
    for scan in sorted(scans, key=places.__getitem__):
        of_patient.setdefault(places[scan][0], []).append(scan)
    return [scan for patient in patients for scan in of_patient[patient]]


def _numbered(reader: str, given: Sequence[Given], own: pl.DataFrame) -> list[tuple[str, str, int, str, str]]:
    start = max(own["position"].to_list(), default=0) + 1
    return [(reader, f"{place:04d}", place, *case) for place, case in enumerate(given, start)]


def _table(rows: list[tuple[str, str, int, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=ASSIGNMENT_SCHEMA, orient="row")
