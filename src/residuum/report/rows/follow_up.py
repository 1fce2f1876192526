"""follow_up.*: last contact minus origin, plain medians of the event-free groups and reverse Kaplan-Meier."""

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.outcomes import EVENT_FREE_GROUPS
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.report.numbers import Row
from residuum.report.rows.builders import LEVEL, median_row, missing, people
from residuum.stats.survival import reverse_kaplan_meier

ORIGIN_DAY = {"diagnosis": pl.lit(0), "hdc": pl.col("hdc_end"), "end_of_treatment": pl.col("end_of_treatment_day")}


def follow_up_rows(analysis: Analysis) -> list[Row]:
    """Return follow-up by group and origin; `follow_up.included.*` is the main one, over all included."""
    included = analysis.included
    wanted = analysis.study.settings.analysis.origins
    rows: list[Row] = []
    for group in (*EVENT_FREE_GROUPS, "included"):
        members = included if group == "included" else included.filter(group)
        for origin, day in ORIGIN_DAY.items():
            name = f"follow_up.{group}.{origin}"
            if origin not in wanted:
                names = (name, f"{name}.reverse_km")
                rows += [missing(each, "years", "the study does not ask for this origin") for each in names]
                continue
            years = members.select((pl.col("last_contact_day") - day) / DAYS_PER_YEAR).to_series()
            rows += [median_row(name, years, members["patient"], "years"), _reverse_row(name, members, years)]
    return rows


def _reverse_row(name: str, members: pl.DataFrame, years: pl.Series) -> Row:
    known = years.is_not_null() & (years >= 0)
    if not known.any():
        return missing(f"{name}.reverse_km", "years", "nobody in this group has this origin")
    died = members["death_day"].is_not_null().filter(known)
    curve = reverse_kaplan_meier(years.filter(known).to_numpy(), died.to_numpy())
    median = curve.quantile(0.5)
    low, high = curve.quantile_interval(0.5)
    return Row(
        f"{name}.reverse_km",
        median,
        "years",
        low=low,
        high=high,
        level=LEVEL,
        method="reverse Kaplan-Meier, death censored, log-log interval",
        n=int(known.sum()),
        median=median,
        reason=None if median is not None else "fewer than half are followed to a known end",
        patients=people(members["patient"].filter(known)),
    )
