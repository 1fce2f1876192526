"""INRC 2017 for bone by mIBG: a verdict per scan with the clauses that fired."""

import polars as pl

from residuum.records.rules import Rules


def derive_bone_responses(
    scores: pl.DataFrame, baselines: pl.DataFrame, states: pl.DataFrame, previous: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """Return the bone verdict of every evaluable scan later than the diagnosis scan.

    Parameters
    ----------
    scores : DataFrame
        Evaluable scans: `patient`, `scan`, `day`, `score` (null when not assessable), `post_therapy` (imaged after a
        therapeutic dose, never scored for response).
    baselines : DataFrame
        Diagnosis scans: `patient`, `baseline_day`, `baseline` (score, null when not assessable).
    states : DataFrame
        Result of `sites.states.derive_site_states`.
    previous : DataFrame
        Rows (scan, previous) of `sites.states.derive_previous_scans`.
    rules : Rules
        Clauses ``inrc.*``.

    Returns
    -------
    DataFrame
        Rows (patient, scan, day, verdict, clauses, relative, relative_to_nadir, after_pd). `clauses` joins with ``;``
        the names of all that fired, in order; the first decides. `relative_to_nadir` is no part of INRC.
    """
    new = states.filter(pl.col("avid") & pl.col(rules["inrc.new_site"])).group_by("scan").agg(new_sites=pl.len())
    # rounded, so that a ratio that equals its limit on paper does so here (3 / 5 may come out as 0.6000000000000001)
    relative = (pl.col("score") / pl.col("baseline")).round(12)
    facts = (
        scores.join(baselines, on="patient", how="left")
        .join(new, on="scan", how="left")
        .join(previous, on="scan", how="left")
        .with_columns(relative=pl.when(pl.col("baseline") > 0).then(relative))
    )
    judged = facts.with_columns(clauses=_clauses(rules), verdict=_verdict(rules))
    return _with_history(judged).select(
        "patient", "scan", "day", "verdict", "clauses", "relative", "relative_to_nadir", "after_pd"
    )


def _fired(rules: Rules) -> dict[str, pl.Expr]:
    """Return for every clause whether it fires, in the order in which they decide."""
    now, baseline, relative = pl.col("score"), pl.col("baseline"), pl.col("relative")
    after_baseline = (pl.col("day") > pl.col("baseline_day")).fill_null(value=False)
    new = (pl.col("new_sites") > 0) & after_baseline
    fired = {
        "no_baseline": ~after_baseline,
        "post_therapy_scan": pl.col("post_therapy"),
        "not_assessable": now.is_null() | baseline.is_null(),
        "not_involved": (baseline == 0) & (now == 0),
        "new_site": new,
        "score_ratio_progression": relative >= rules["inrc.progression_ratio"],
        "no_avid_bone": now == 0,
        "baseline_zero": baseline == 0,
        "below_printed_response": (relative > 0) & (relative < rules["inrc.response_ratio_from"]),
        "score_ratio_response": relative <= rules["inrc.response_ratio"],
        "neither": (relative > rules["inrc.response_ratio"]) & (relative < rules["inrc.progression_ratio"]),
    }
    return {name: fired[name].fill_null(value=False) for name in VERDICT_OF_CLAUSE}


VERDICT_OF_CLAUSE = {
    "no_baseline": "NE",
    "post_therapy_scan": "NE",
    "not_assessable": "NE",
    "not_involved": "NI",
    "new_site": "PD",
    "score_ratio_progression": "PD",
    "no_avid_bone": "CR",
    "baseline_zero": "NE",
    "below_printed_response": "PR",
    "score_ratio_response": "PR",
    "neither": "SD",
}
"""The clauses in the order in which they decide, with the verdict that each gives by default."""


def _clauses(rules: Rules) -> pl.Expr:
    names = [pl.when(fired).then(pl.lit(name)) for name, fired in _fired(rules).items()]
    return pl.concat_str(names, separator=";", ignore_nulls=True)


def _verdict(rules: Rules) -> pl.Expr:
    verdicts = VERDICT_OF_CLAUSE | {"below_printed_response": rules["inrc.below_response_ratio"]}
    given = [pl.when(fired).then(pl.lit(verdicts[name])) for name, fired in _fired(rules).items()]
    return pl.coalesce(*given, pl.lit("NE"))


def _with_history(judged: pl.DataFrame) -> pl.DataFrame:
    ordered = judged.sort("patient", "day", "scan")
    history = ordered.group_by("patient", "day", maintain_order=True).agg(
        lowest=pl.col("score").min(), progressed=(pl.col("verdict") == "PD").any()
    )
    history = history.with_columns(
        nadir=pl.col("lowest").cum_min().forward_fill().shift(1).over("patient", order_by="day"),
        after_pd=pl.col("progressed").cum_max().shift(1).over("patient", order_by="day").fill_null(value=False),
    )
    joined = ordered.join(history.select("patient", "day", "nadir", "after_pd"), on=["patient", "day"], how="left")
    return joined.with_columns(relative_to_nadir=pl.when(pl.col("nadir") > 0).then(pl.col("score") / pl.col("nadir")))
