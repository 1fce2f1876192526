"""What readers read twice: for each of them a study of its own, whose two readers are the same person."""

from collections.abc import Mapping

import polars as pl

from residuum.records.study import Study
from residuum.store.tables import READ_TABLES

AGAIN = "_again"
"""Added to the name of a reader for their second reading."""


def derive_repeat_studies(study: Study, repeats: Mapping[str, pl.DataFrame]) -> dict[str, Study]:
    """Return for each reader with repeated reads a study of them, their first reading against their second.

    Parameters
    ----------
    study : Study
        The study with its main reads.
    repeats : mapping of str to DataFrame
        Locked repeated reads with their marks and grades.
    """
    readers = repeats["reads"]["reader"].unique().sort()
    return {reader: _study_of(study, repeats, reader) for reader in readers}


def _study_of(study: Study, repeats: Mapping[str, pl.DataFrame], reader: str) -> Study:
    tables = {}
    twice = repeats["reads"].filter(reader=reader).select("scan")
    for name in READ_TABLES:
        again = repeats[name].filter(reader=reader).with_columns(reader=pl.lit(reader + AGAIN))
        first = study[name].filter(reader=reader).join(twice, on="scan", how="semi").select(again.columns)
        tables[name] = pl.concat([first, again])
    reading = study.settings.reading.model_copy(update={"readers": (reader, reader + AGAIN), "design": "independent"})
    settings = study.settings.model_copy(update={"reading": reading})
    return Study(settings, study.rules, {**study.tables, **tables}, study.present)
