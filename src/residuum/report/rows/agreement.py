"""agreement.*: the first two readers on all scans that both locked as evaluable."""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from residuum.cohort.analysis import Analysis
from residuum.records.vocabulary import MAXIMUM_GRADE, REGIONS, SEGMENTS, SYSTEMS, TIMEPOINTS
from residuum.report.numbers import Row
from residuum.report.rows.builders import LEVEL, NO_CURIE, NO_PAIRS, SEED, missing, people
from residuum.scores.read_used import derive_grades_paired, derive_reads_paired
from residuum.scores.totals import derive_totals
from residuum.stats.agreement import bland_altman, gwet_ac2, icc_2_1, specific_agreement, weighted_kappa
from residuum.stats.bootstrap import bootstrap_icc

REPLICATES = 1000


def derive_total_pairs(analysis: Analysis) -> pl.DataFrame:
    """Return the totals of both readers, as rows (scan, patient, timepoint, siopen, siopen_2, curie, curie_2)."""
    pairs = derive_reads_paired(analysis.readings, analysis.study.settings.reading)
    totals = [
        derive_totals(analysis.readings, pairs.select("scan", read=column)).filter(mode="all").select("scan", *SYSTEMS)
        for column in ("read", "read_2")
    ]
    scans = analysis.study["scans"].select("scan", "patient", "timepoint")
    return totals[0].join(totals[1], on="scan", how="inner", suffix="_2").join(scans, on="scan").sort("scan")


def agreement_rows(analysis: Analysis) -> list[Row]:
    """Return agreement of totals (whole study and by time point), of segments, of sites, and of what follows."""
    totals = derive_total_pairs(analysis)
    rows = []
    for system in SYSTEMS:
        rows += _total_rows(analysis, system, totals)
        rows += _segment_rows(analysis, system)
    return [*rows, *_site_rows(analysis)]


def within_reader_rows(reader: str, analysis: Analysis) -> list[Row]:
    """Return how well a reader agrees with themselves, as ``agreement.within.<reader>.*``.

    Parameters
    ----------
    reader : str
        Who read some scans twice.
    analysis : Analysis
        Of a study whose two readers are the first and the second reading.
    """
    totals = derive_total_pairs(analysis)
    rows = [row for system in analysis.readings.systems for row in _total_rows(analysis, system, totals)]
    rows += [row for system in analysis.readings.systems for row in _segment_rows(analysis, system)]
    return [replace(row, name=row.name.replace("agreement", f"agreement.within.{reader}", 1)) for row in rows]


def _total_rows(analysis: Analysis, system: str, totals: pl.DataFrame) -> list[Row]:
    first, second = pl.col(system), pl.col(f"{system}_2")
    pairs = totals.filter(first.is_not_null() & second.is_not_null()).select(
        "patient", "timepoint", first=first, second=second
    )
    prefix = f"agreement.{system}.total"
    if system not in analysis.readings.systems:
        return [missing(f"{prefix}.{name}", unit, NO_CURIE) for name, unit in (("icc", "ICC"), ("bias", "score"))]
    parts = {timepoint: pairs.filter(timepoint=timepoint) for timepoint in TIMEPOINTS}
    by_timepoint = [_icc_row(f"{prefix}.icc.{name}", part) for name, part in parts.items()]
    return [_icc_row(f"{prefix}.icc", pairs), _bias_row(f"{prefix}.bias", pairs), *by_timepoint]


def _icc_row(name: str, pairs: pl.DataFrame) -> Row:
    ratings = pairs.select("first", "second").to_numpy()
    value = icc_2_1(ratings).value if pairs.height else None
    if value is None:
        return Row(name, None, "ICC", n=pairs.height, reason="fewer than two scans, or nothing varies")
    low, high = bootstrap_icc(ratings, pairs["patient"].to_numpy(), REPLICATES, SEED, LEVEL)
    return Row(
        name,
        value,
        "ICC",
        low=low,
        high=high,
        level=LEVEL,
        method="ICC(2,1), absolute agreement; percentile bootstrap of patients",
        n=pairs.height,
        patients=people(pairs["patient"]),
    )


def _bias_row(name: str, pairs: pl.DataFrame) -> Row:
    found = bland_altman(pairs["first"].to_numpy(), pairs["second"].to_numpy())
    return Row(
        name,
        found.bias,
        "score",
        low=found.low,
        high=found.high,
        level=LEVEL,
        method="reader 1 minus reader 2; limits of agreement (mean +- 1.96 SD)",
        n=pairs.height,
        reason=None if pairs.height else NO_PAIRS,
        patients=people(pairs["patient"]),
    )


def derive_grade_pairs(analysis: Analysis, system: str) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return the grades of both readers by segment, scans with a segment not assessable left out of that segment."""
    pairs = derive_reads_paired(analysis.readings, analysis.study.settings.reading)
    both = derive_grades_paired(analysis.readings.grades.filter(system=system, mode="all"), pairs)
    result = {}
    for segment in SEGMENTS[system]:
        part = both.filter(segment=segment)
        known = part.drop_nulls(["grade", "grade_2"])
        zeros = np.zeros(pairs.height - part.height, dtype=np.int64)
        first, second = (np.concatenate([known[column].to_numpy(), zeros]) for column in ("grade", "grade_2"))
        result[segment] = (first, second)
    return result


def _segment_rows(analysis: Analysis, system: str) -> list[Row]:
    prefix = f"agreement.{system}"
    if system not in analysis.readings.systems:
        names = [f"{prefix}.{segment}.weighted_kappa" for segment in SEGMENTS[system]]
        return [missing(name, "kappa", NO_CURIE) for name in names]
    categories = tuple(range(MAXIMUM_GRADE[system] + 1))
    least = analysis.study.rules["flag.kappa_min_positive"]
    rows = []
    for segment, (first, second) in derive_grade_pairs(analysis, system).items():
        kappa = weighted_kappa(first, second, categories)
        positive = int((first > 0).sum() + (second > 0).sum())
        name, n = f"{prefix}.{segment}", first.size
        method = "quadratic weights" if positive >= least else f"quadratic weights; fewer than {least} non-zero reads"
        reason = None if kappa is not None else "no disagreement is expected: both readers always give one grade"
        ac2 = gwet_ac2(first, second, categories)
        no_ac2 = NO_PAIRS if ac2 is None else None
        rows += [
            Row(f"{name}.weighted_kappa", kappa, "kappa", method=method, n=n, reason=reason),
            Row(f"{name}.ac2", ac2, "AC2", method="Gwet, quadratic weights", n=n, reason=no_ac2),
            Row(f"{name}.prevalence", positive, "reads", of=2 * n, proportion=positive / (2 * n) if n else None, n=n),
        ]
    return rows


def _site_rows(analysis: Analysis) -> list[Row]:
    """Return positive and negative agreement on avid places: regions, or segments in a study with grades."""
    names = ("agreement.sites.positive", "agreement.sites.negative")
    pairs = derive_reads_paired(analysis.readings, analysis.study.settings.reading)
    if pairs.is_empty():
        return [missing(name, "proportion", NO_PAIRS) for name in names]
    if analysis.study.uses_marks:
        avid = analysis.readings.lesions.filter(pl.col("region").is_in(list(REGIONS))).select("read", place="region")
        places = len(REGIONS)
    else:
        grades = analysis.readings.grades.filter(pl.col("grade") > 0, system="siopen")
        avid, places = grades.select("read", place="segment"), len(SEGMENTS["siopen"])
    sides = [
        pairs.select("scan", read=column).join(avid.unique(), on="read", how="inner").drop("read")
        for column in ("read", "read_2")
    ]
    both = sides[0].join(sides[1], on=["scan", "place"], how="semi").height
    counts = np.array([both, sides[0].height - both, sides[1].height - both])
    neither = places * pairs.height - int(counts.sum())
    first = np.repeat([True, True, False, False], [*counts, neither])
    second = np.repeat([True, False, True, False], [*counts, neither])
    found = specific_agreement(first, second)
    method, reason = f"over {places} places of each scan", "neither reader has such a place"
    return [
        Row(name, value, "proportion", method=method, n=pairs.height, reason=reason if value is None else None)
        for name, value in zip(names, (found.positive, found.negative), strict=True)
    ]
