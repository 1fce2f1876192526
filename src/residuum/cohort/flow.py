"""Eligibility: who is left after each step, and why the others are not."""

import polars as pl

from residuum.records.rules import Rules
from residuum.records.settings import Population


def derive_eligibility(patients: pl.DataFrame, population: Population, rules: Rules) -> pl.DataFrame:
    """Return every patient with the steps passed and the reason of the first one failed.

    Parameters
    ----------
    patients : DataFrame
        Courses and landmarks, one row per patient.
    population : Population
        The study's ``[population]`` settings.
    rules : Rules
        Clauses ``flow.*``.

    Returns
    -------
    DataFrame
        Rows (patient, one boolean per step that is cumulative, `lost_at`, `lost_because`).
    """
    reasons = _reasons(population, rules)
    passed = pl.lit(value=True)
    columns, lost_at, lost_because = [], [], []
    for step in population.steps:
        reason = pl.coalesce(*(pl.when(failed.fill_null(value=False)).then(pl.lit(r)) for r, failed in reasons[step]))
        lost = passed & reason.is_not_null()
        lost_at.append(pl.when(lost).then(pl.lit(step)))
        lost_because.append(pl.when(lost).then(reason))
        passed = passed & reason.is_null()
        columns.append(passed.alias(step))
    return patients.select("patient", *columns, lost_at=pl.coalesce(*lost_at), lost_because=pl.coalesce(*lost_because))


def _reasons(population: Population, rules: Rules) -> dict[str, list[tuple[str, pl.Expr]]]:
    age, stage, year = (pl.col(name) for name in ("age_at_diagnosis_days", "stage", "diagnosis_year"))
    first, last = population.diagnosis_years
    event_first = pl.col("efs_day") <= pl.col("landmark_day")
    no_landmark = pl.col("landmark_day").is_null()
    no_hdc = pl.col("hdc_end").is_null()
    before_hdc = pl.col("efs_day") <= rules["flow.hdc_expected_by_day"]
    before_scan = pl.col("efs_day") <= pl.col("hdc_end") + rules["flow.scan_expected_days_after_hdc"]
    not_seen, why = pl.col("diagnosis_avid").is_null(), pl.col("diagnosis_status")
    status, nothing_seen = pl.col("landmark_status"), pl.col("landmark_assessed") == 0
    return {
        "source": [
            ("blank age, stage or year", age.is_null() | stage.is_null() | year.is_null()),
            ("too young", age < population.minimum_age_days),
            ("stage not in range", ~stage.is_in(list(population.stages))),
            ("year not in range", ~year.is_between(first, last)),
        ],
        "avid_at_diagnosis": [
            ("diagnosis scan unresolved", not_seen & (why == "unresolved")),
            ("diagnosis scan not evaluable", not_seen & (why == "not_evaluable")),
            ("no diagnosis scan", not_seen),
            ("not avid at diagnosis", ~pl.col("diagnosis_avid")),
        ],
        "evaluable_after_hdc": [
            ("event before high-dose chemotherapy", no_hdc & before_hdc),
            ("no high-dose chemotherapy", no_hdc),
            ("event before the scan after HDC", no_landmark & status.is_null() & before_scan),
            ("scan after HDC unresolved", no_landmark & (status == "unresolved")),
            ("scan after HDC not evaluable", no_landmark & (status == "not_evaluable")),
            ("no scan after HDC", no_landmark),
            ("event on or before the day of the scan after HDC", event_first),
        ],
        "persistent_after_hdc": [
            ("no scan after HDC", no_landmark),
            ("score after HDC not assessable", nothing_seen & pl.col("landmark_score").is_null()),
            ("no skeletal uptake after HDC", nothing_seen),
        ],
    }
