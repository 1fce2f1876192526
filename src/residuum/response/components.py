"""Verdicts of the other INRC components: as recorded, else from their measures."""

import polars as pl

from residuum.records.rules import Rules

MEASURES = {"primary": "longest_mm", "soft_tissue": "sum_mm", "cns": "sum_mm", "marrow": "marrow_percent"}


def derive_component_verdicts(components: pl.DataFrame, uptake: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return one verdict per patient, time point and component.

    Parameters
    ----------
    components : DataFrame
        The study's components.
    uptake : DataFrame
        Rows (patient, timepoint, soft_tissue): whether the scan used shows soft-tissue uptake.
    rules : Rules
        Clauses ``inrc.*``.

    Returns
    -------
    DataFrame
        Rows (patient, timepoint, component, verdict). A recorded verdict stands; a blank one follows from the measure
        against diagnosis and the smallest measure of earlier days, and is NE where these do not suffice. Of several
        rows at one time point the latest day counts.
    """
    measured = _with_references(components).join(uptake, on=["patient", "timepoint"], how="left")
    verdict = (
        pl.when(pl.col("component") == "marrow").then(_marrow_verdict(rules)).otherwise(_soft_tissue_verdict(rules))
    )
    return (
        measured.filter(pl.col("timepoint").is_not_null())
        .with_columns(verdict=pl.coalesce(_recorded(), verdict, pl.lit("NE")))
        .sort("patient", "day")
        .group_by("patient", "timepoint", "component", maintain_order=True)
        .agg(pl.col("verdict").last())
    )


def _recorded() -> pl.Expr:
    """Return the recorded verdict; minimal disease is one of the marrow alone, PR of the others, else NE."""
    marrow = pl.col("component") == "marrow"
    foreign = ((pl.col("verdict") == "MD") & ~marrow) | ((pl.col("verdict") == "PR") & marrow)
    return pl.when(foreign).then(pl.lit("NE")).otherwise("verdict")


def _with_references(components: pl.DataFrame) -> pl.DataFrame:
    measure = pl.coalesce(
        *(pl.when(pl.col("component") == name).then(pl.col(column)) for name, column in MEASURES.items())
    )
    rows = components.with_columns(measure=measure).sort("patient", "component", "day")
    at_diagnosis = pl.col("measure").filter(pl.col("timepoint") == "diagnosis").drop_nulls().last()
    key = ["patient", "component"]
    return rows.with_columns(
        baseline=at_diagnosis.over(key),
        smallest=pl.col("measure").cum_min().forward_fill().shift(1).over(key, order_by="day"),
    )


def _soft_tissue_verdict(rules: Rules) -> pl.Expr:
    now, baseline, smallest = pl.col("measure"), pl.col("baseline"), pl.col("smallest")
    # rounded, so that a change that equals its limit on paper does so here
    grown_from, fallen_to = smallest * (1 + rules["inrc.growth"]), baseline * (1 - rules["inrc.response_fall"])
    grown = (now >= grown_from.round(9)) & ((now - smallest).round(9) >= rules["inrc.growth_mm"])
    limit = (
        pl.when(pl.col("component") == "primary")
        .then(rules["inrc.primary_cr_below_mm"])
        .otherwise(rules["inrc.soft_tissue_cr_below_mm"])
    )
    return (
        pl.when(grown)
        .then(pl.lit("PD"))
        .when((baseline == 0) & (now == 0))
        .then(pl.lit("NI"))
        .when((now < limit) & ~pl.col("soft_tissue"))
        .then(pl.lit("CR"))
        .when(now <= fallen_to.round(9))
        .then(pl.lit("PR"))
        .when(now.is_not_null() & baseline.is_not_null())
        .then(pl.lit("SD"))
    )


def _marrow_verdict(rules: Rules) -> pl.Expr:
    now, baseline = pl.col("measure"), pl.col("baseline")
    minimal, doubled_above = rules["inrc.marrow_minimal_percent"], rules["inrc.marrow_progression_percent"]
    from_nothing = (baseline == 0) & (now > minimal)
    doubled = (baseline > 0) & (now > 2 * baseline) & (now > doubled_above)
    return (
        pl.when(from_nothing | doubled)
        .then(pl.lit("PD"))
        .when(now == 0)
        .then(pl.lit("CR"))
        .when(now <= minimal)
        .then(pl.lit("MD"))
        .when(now.is_not_null())
        .then(pl.lit("SD"))
    )
