"""Who may see what: the other reads of a scan, the patient behind a case, earlier scans of the patient."""

import polars as pl

from residuum.records.settings import Reading
from residuum.records.vocabulary import CONSENSUS


def is_revealed(reader: str, scan: str, assignments: pl.DataFrame, reads: pl.DataFrame, reading: Reading) -> bool:
    """Whether a reader may see the other reads of a scan.

    The first two readers may once both have locked all their cases (reveal ``study``), or their main reads of the
    scan, and the reader whatever they read of it again (reveal ``scan``). The consensus may as soon as both have
    locked the scan, a further reader once their own main read of it is locked too. Nobody else may.

    Parameters
    ----------
    reader, scan : str
        Who asks, and for what.
    assignments : DataFrame
        Rows with `reader`, `scan`, `occasion`. A pair of which one has no case has not finished.
    reads : DataFrame
        Rows with `scan`, `reader`, `occasion`, `state`.
    reading : Reading
        The study's ``[reading]`` settings.
    """
    pair = set(reading.readers[:2])
    if not pair or reader not in (*reading.readers, CONSENSUS):
        return False
    if reader in pair and reading.reveal == "study":
        return all(_is_finished(one, assignments, reads) for one in pair)
    if reader in pair and not _is_finished(reader, assignments.filter(scan=scan), reads):
        return False  # a repeated reading of the scan is still to come
    locked = set(reads.filter(scan=scan, occasion="main", state="locked")["reader"])
    needed = pair if reader == CONSENSUS else {*pair, reader}
    return needed <= locked


def derive_open_reads(assignments: pl.DataFrame, reads: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Return the locked main reads that may leave the study, where another reader could meet them.

    A read may leave once the first two readers and every other who was given a case have locked all their cases
    (reveal ``study``), or all cases of its scan (reveal ``scan``). Where no two read independently, every locked read
    may.

    Parameters
    ----------
    assignments : DataFrame
        Rows with `reader`, `scan`, `occasion`. A pair of which one has no case has not finished.
    reads : DataFrame
        Rows with `scan`, `reader`, `occasion`, `state`.
    reading : Reading
        The study's ``[reading]`` settings.

    Returns
    -------
    DataFrame
        Rows (scan, reader), sorted.
    """
    locked = reads.filter(occasion="main", state="locked").select("scan", "reader").sort("scan", "reader")
    if reading.design != "independent" or len(reading.readers) < 2:
        return locked
    if reading.reveal == "study":
        return locked if _all_finished(assignments, reads, reading) else locked.clear()
    scans = [
        scan
        for scan in locked["scan"].unique()
        if _all_finished(assignments.filter(scan=scan), reads.filter(scan=scan), reading)
    ]
    return locked.filter(pl.col("scan").is_in(scans))


def hides_identity(reading: Reading) -> bool:
    """Whether patient, time point and day of a case are hidden from its reader."""
    return reading.order == "blinded"


def derive_prior_scans(
    scan: str, reader: str, scans: pl.DataFrame, assignments: pl.DataFrame, reading: Reading
) -> list[str]:
    """Return the earlier scans of the same patient that are main cases of this reader, the nearest first.

    Parameters
    ----------
    scan, reader : str
        The scan being read and its reader.
    scans : DataFrame
        The study's scans.
    assignments : DataFrame
        Rows with `reader`, `scan`, `occasion`.
    reading : Reading
        The study's ``[reading]`` settings; in blinded order nothing is prior.
    """
    this = scans.filter(scan=scan)
    if hides_identity(reading) or this.is_empty():
        return []
    own = assignments.filter(reader=reader, occasion="main")
    of_patient = scans.filter(patient=this["patient"][0]).join(own, on="scan", how="semi")
    place = (this["day"][0], scan)
    days = of_patient.select("day", "scan").iter_rows()
    return [earlier for day, earlier in sorted(days, reverse=True) if (day, earlier) < place]


def identity_open(reader: str, assignments: pl.DataFrame, reads: pl.DataFrame, reading: Reading) -> bool:
    """Whether a reader may name sites across the scans of a patient, and so learn whose scans they are.

    In blinded order, once all their cases are locked and no case can come to them any more: a further reader has those
    on which the first two differ, the consensus those that all have read.

    Parameters
    ----------
    reader : str
        Who asks.
    assignments : DataFrame
        Rows with `reader`, `scan`, `occasion`; without a case nothing opens.
    reads : DataFrame
        Rows with `scan`, `reader`, `occasion`, `state`.
    reading : Reading
        The study's ``[reading]`` settings.
    """
    concerned, pair = {reader}, set(reading.readers[:2])
    if reading.design == "independent" and reader not in pair:
        concerned |= {*pair, *assignments["reader"]} if reader == CONSENSUS else pair
    return hides_identity(reading) and all(_is_finished(one, assignments, reads) for one in concerned)


def _all_finished(assignments: pl.DataFrame, reads: pl.DataFrame, reading: Reading) -> bool:
    concerned = {*reading.readers[:2], *assignments["reader"]} - {CONSENSUS}
    return all(_is_finished(reader, assignments, reads) for reader in concerned)


def _is_finished(reader: str, assignments: pl.DataFrame, reads: pl.DataFrame) -> bool:
    own = assignments.filter(reader=reader)
    locked = reads.filter(reader=reader, state="locked")
    return not own.is_empty() and own.join(locked, on=["scan", "occasion"], how="anti").is_empty()
