"""Everything that the readers said, as grades: one table whether they marked lesions or graded segments."""

from dataclasses import dataclass

import polars as pl

from residuum.records.rules import Rules
from residuum.records.settings import Definitions
from residuum.records.study import Study
from residuum.records.vocabulary import NOT_ASSESSABLE, SYSTEMS
from residuum.scores.amsterdam import derive_amsterdam_counts
from residuum.scores.curie import derive_curie_grades
from residuum.scores.grid import derive_grid
from residuum.scores.lesions import MODES, derive_countable_reads, derive_lesions, restrict_to_mode
from residuum.scores.siopen import derive_siopen_grades

LESION_SCHEMA = {
    "mark": pl.UInt32,
    "pattern": pl.String,
    "extent": pl.Float64,
    "label": pl.String,
    "planar": pl.Boolean,
    "region": pl.String,
    "read": pl.UInt32,
}
GRADE_SCHEMA = {"read": pl.UInt32, "mode": pl.String, "system": pl.String, "segment": pl.String, "grade": pl.Int64}


@dataclass(frozen=True, slots=True)
class Readings:
    """What the locked reads of a study say.

    Attributes
    ----------
    reads : DataFrame
        Rows (read, scan, reader, evaluable).
    lesions : DataFrame
        Rows (read, mark, region, pattern, extent, label, planar) of evaluable reads; empty in a study with grades.
    grades : DataFrame
        Rows (read, mode, system, segment, grade) of evaluable reads that are above 0, or null (not assessable).
    amsterdam : DataFrame
        Rows (read, mode, amsterdam_focal, amsterdam_diffuse); empty in a study with grades.
    systems : tuple of str
        Systems with numbers: ``curie`` is missing where a study with grades has no Curie row.
    marked : bool
        Whether the study records marks (else grades).
    modes : tuple of str
        Modes with numbers: ``planar_only`` is missing where no mark says where it was seen.
    """

    reads: pl.DataFrame
    lesions: pl.DataFrame
    grades: pl.DataFrame
    amsterdam: pl.DataFrame
    systems: tuple[str, ...]
    modes: tuple[str, ...]
    marked: bool


def derive_readings(study: Study) -> Readings:
    """Return what every locked read of the study says, in grades and lesions."""
    reads = derive_countable_reads(study)
    if not study.uses_marks:
        return _readings_from_grades(study, reads)
    lesions = derive_lesions(study, reads).select(pl.col(name).cast(kind) for name, kind in LESION_SCHEMA.items())
    modes = MODES if study["marks"]["seen_on"].is_not_null().any() else MODES[:1]
    return readings_from_lesions(reads, lesions, modes, study.settings.definitions, study.rules)


def readings_from_lesions(
    reads: pl.DataFrame, lesions: pl.DataFrame, modes: tuple[str, ...], definitions: Definitions, rules: Rules
) -> Readings:
    """Return the readings of `lesions` graded in every mode."""
    grid = derive_grid(definitions)
    grades, amsterdam = [pl.DataFrame(schema=GRADE_SCHEMA)], []
    for mode in modes:
        counted = restrict_to_mode(lesions, mode)
        for system, derive in (("siopen", derive_siopen_grades), ("curie", derive_curie_grades)):
            graded = derive(counted, grid, rules).with_columns(mode=pl.lit(mode), system=pl.lit(system))
            grades.append(graded.select(GRADE_SCHEMA.keys()))
        amsterdam.append(derive_amsterdam_counts(counted, grid).with_columns(mode=pl.lit(mode)))
    return Readings(reads, lesions, pl.concat(grades), pl.concat(amsterdam), SYSTEMS, modes, marked=True)


def _readings_from_grades(study: Study, reads: pl.DataFrame) -> Readings:
    assessed = pl.col("grade") != NOT_ASSESSABLE
    rows = study["grades"].join(
        reads.filter("evaluable").select("read", "scan", "reader"), on=["scan", "reader"], how="inner"
    )
    grades = (
        rows.with_columns(mode=pl.lit("all"), grade=pl.when(assessed).then("grade").cast(pl.Int64))
        .filter(pl.col("grade").is_null() | (pl.col("grade") > 0))
        .select(GRADE_SCHEMA.keys())
    )
    systems = SYSTEMS if "curie" in study["grades"]["system"] else ("siopen",)
    amsterdam = pl.DataFrame(
        schema={"read": pl.UInt32, "amsterdam_focal": pl.Int64, "amsterdam_diffuse": pl.Int64, "mode": pl.String}
    )
    return Readings(reads, pl.DataFrame(schema=LESION_SCHEMA), grades, amsterdam, systems, MODES[:1], marked=False)
