"""fate.*, pattern.*: what became of sites, and where failures happened."""

import math
from collections.abc import Callable

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.timepoints import LATER_TIMEPOINTS
from residuum.records.vocabulary import AVID_STATES, FAILURE_PATTERNS, SITE_STATES
from residuum.report.numbers import Row
from residuum.report.rows.builders import LEVEL, SEED, count_patients, count_things, missing, people
from residuum.stats.bootstrap import cluster_bootstrap

REPLICATES = 2000
NO_SITE_THERAPY = ~pl.col("irradiated_before") & ~pl.col("mibg_therapy_between")


def fate_rows(analysis: Analysis) -> list[Row]:
    """Return the sites of the included by state at each time point, and again without sites that had therapy."""
    rows = []
    for timepoint in LATER_TIMEPOINTS:
        states = _states_at(analysis, timepoint)
        for name, kept in (("fate", states), ("fate.no_site_therapy", states.filter(NO_SITE_THERAPY))):
            for state in SITE_STATES:
                found = kept.filter(state=state)
                rows.append(
                    count_things(f"{name}.{timepoint}.{state}", found.height, kept.height, "sites", found["patient"])
                )
    return rows


def _states_at(analysis: Analysis, timepoint: str) -> pl.DataFrame:
    used = analysis.timepoint_scans.filter(timepoint=timepoint)
    return analysis.among_included(analysis.site_states.join(used, on="scan", how="semi"))


def progression_sites(analysis: Analysis) -> pl.DataFrame:
    """Return the avid sites of the group progression at their progression scan, with state, points and therapy."""
    group = analysis.included.filter("progression").select("patient", scan="progression_scan")
    avid = analysis.site_states.filter("avid").join(group, on=["patient", "scan"], how="semi")
    points = analysis.sites.select("scan", "site", "points")
    return avid.join(points, on=["scan", "site"], how="left").sort("patient", "site")


def pattern_rows(analysis: Analysis) -> list[Row]:
    """Return failure patterns by patient, by site and by score point, with shares that respect patients."""
    sites = progression_sites(analysis)
    rows = patient_pattern_rows(analysis)
    for name, kept in (("", sites), (".no_site_therapy", sites.filter(NO_SITE_THERAPY))):
        rows += _by_state(f"pattern.site{name}", kept, "sites", lambda part: part.height)
        rows += _by_state(f"pattern.points{name}", kept, "points", lambda part: math.fsum(part["points"]))
    few = analysis.study.rules["flag.few_patients"]
    return rows + [row for state in AVID_STATES for row in _share_rows(sites, state, few)]


def patient_pattern_rows(analysis: Analysis) -> list[Row]:
    """Return the patients of the group progression by failure pattern, and those with a site seen before."""
    group = analysis.included.filter("progression")
    rows = [
        count_patients(f"pattern.patient.{pattern}", group.filter(pattern=pattern)["patient"], group.height)
        for pattern in FAILURE_PATTERNS
    ]
    prior = progression_sites(analysis).filter(pl.col("state") != "new")["patient"]
    return rows + _prior_site_rows(group, prior)


def _prior_site_rows(group: pl.DataFrame, prior: pl.Series) -> list[Row]:
    """Return the patients with uptake at a site seen before, of all and of those with uptake at end of treatment."""
    with_scan = group.filter(pl.col("progression_scan").is_not_null())
    after = with_scan.filter(outcome="progression_after_end_of_treatment")["patient"]
    return [
        count_patients("pattern.prior_site", prior, with_scan.height),
        count_patients(
            "pattern.prior_site.progression_after_end_of_treatment",
            prior.filter(prior.is_in(after.implode())),
            after.len(),
        ),
    ]


def _by_state(prefix: str, sites: pl.DataFrame, unit: str, measure: Callable[[pl.DataFrame], float]) -> list[Row]:
    parts = {state: sites.filter(state=state) for state in AVID_STATES}
    total = measure(sites)
    return [
        count_things(f"{prefix}.{state}", measure(part), total, unit, part["patient"]) for state, part in parts.items()
    ]


def _share_rows(sites: pl.DataFrame, state: str, few: int) -> list[Row]:
    """Return the share of sites in one state: mean of per-patient shares (each child weighs 1), then pooled."""
    per_patient = (
        sites.group_by("patient")
        .agg(hits=(pl.col("state") == state).sum(), sites=pl.len())
        .sort("patient")
        .with_columns(share=pl.col("hits") / pl.col("sites"))
    )
    names = {kind: f"pattern.site.{kind}_share.{state}" for kind in ("mean", "pooled")}
    if per_patient.is_empty():
        return [missing(name, "proportion", "no avid site at any progression scan") for name in names.values()]
    each = per_patient.select("patient", part="share", whole=pl.lit(1.0))
    pooled = per_patient.select("patient", part="hits", whole="sites")
    return [
        _share_row(names["mean"], each, "mean of per-patient shares", few),
        _share_row(names["pooled"], pooled, "pooled sites", few),
    ]


def _share_row(name: str, per_patient: pl.DataFrame, method: str, few: int) -> Row:
    """Return the sum of `part` over the sum of `whole`, without interval where there are fewer patients than `few`."""
    found = cluster_bootstrap(per_patient["part"].to_numpy(), per_patient["whole"].to_numpy(), REPLICATES, SEED, LEVEL)
    enough = per_patient.height >= few
    return Row(
        name,
        found.value,
        "proportion",
        low=found.low if enough else None,
        high=found.high if enough else None,
        level=LEVEL if enough else None,
        method=f"{method}; {'percentile bootstrap of patients' if enough else 'too few for an interval'}",
        n=per_patient.height,
        patients=people(per_patient["patient"]),
    )
