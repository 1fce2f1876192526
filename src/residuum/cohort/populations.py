"""The populations that are compared, each formed by what was known at its origin."""

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.survival import derive_times


def derive_populations(analysis: Analysis) -> dict[str, pl.DataFrame]:
    """Return the patients of every population by name.

    `oligo` and `more` split the `included` by their number of sites at the landmark. `not_persistent` are those
    evaluable after HDC with a score of 0 there; a study without these eligibility steps has no such population.
    """
    included = analysis.included
    populations = {
        "source": analysis.source,
        "included": included,
        "oligo": included.filter("oligo"),
        "more": included.filter(~pl.col("oligo")),
    }
    if {"evaluable_after_hdc", "persistent_after_hdc"} <= set(analysis.study.settings.population.steps):
        at_zero = (pl.col("landmark_score") == 0) & ~pl.col("persistent_after_hdc")
        populations["not_persistent"] = analysis.patients.filter(pl.col("evaluable_after_hdc") & at_zero)
    return populations


def derive_population_times(analysis: Analysis) -> dict[str, pl.DataFrame]:
    """Return `derive_times` of every population, of the source from diagnosis and of the others from the landmark."""
    return {
        name: derive_times(members, pl.lit(0) if name == "source" else pl.col("landmark_day"))
        for name, members in derive_populations(analysis).items()
    }
