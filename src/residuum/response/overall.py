"""INRC 2017 overall: primary, metastases and marrow into one verdict, first match wins."""

from collections.abc import Iterable

import polars as pl

from residuum.records.rules import Rules

WORST_FIRST = ("PD", "NE", "SD", "PR", "CR", "NI")
COMPLETE = {"CR", "NI"}
OPEN_RESPONSE = {("CR", "CR", "MD"), ("CR", "NI", "MD"), ("NI", "CR", "MD")}
OPEN_STABLE = {("SD", "SD", "MD"), ("SD", "NI", "MD"), ("NI", "SD", "MD")}
OPEN_NOT_INVOLVED = {("NI", "NI", "MD"), ("NI", "NI", "NI")}


def combine_metastases(verdicts: Iterable[str]) -> str:
    """Return the verdict of the metastases together: the worst, PD first; CR only if all are CR or not involved."""
    return min(verdicts, key=WORST_FIRST.index)


def judge_overall(primary: str, metastases: str, marrow: str, rules: Rules) -> tuple[str, str]:
    """Return the overall verdict and the clause that fired.

    Parameters
    ----------
    primary, metastases : {"CR", "PR", "SD", "PD", "NI", "NE"}
        Verdicts of the components.
    marrow : {"CR", "MD", "SD", "PD", "NI", "NE"}
        Verdict of the marrow; MD is minimal disease.
    rules : Rules
        Clauses ``inrc.open_*`` for the eight combinations that the criteria leave open.

    Returns
    -------
    tuple of str
        Verdict (CR, PR, MR, SD, PD or NE) and clause.

    Notes
    -----
    Source: Park 2017, 10.1200/JCO.2016.72.0177, as summarised by NCI PDQ.
    """
    triple = (primary, metastases, marrow)
    found = set(triple)
    clauses = (
        ("any_progression", "PD", "PD" in found),
        ("any_not_evaluable", "NE", "NE" in found),
        ("open_not_involved", rules["inrc.open_not_involved"], triple in OPEN_NOT_INVOLVED),
        ("all_complete", "CR", found <= COMPLETE),
        ("partial", "PR", "PR" in found and found <= {"CR", "MD", "PR", "NI"}),
        ("minor", "MR", bool(found & {"CR", "PR"}) and "SD" in found),
        ("open_response", rules["inrc.open_with_minimal_disease_response"], triple in OPEN_RESPONSE),
        ("open_stable", rules["inrc.open_with_minimal_disease_stable"], triple in OPEN_STABLE),
        ("stable", "SD", "SD" in found and found <= {"SD", "NI"}),
    )
    return next((verdict, clause) for clause, verdict, fired in clauses if fired)


def derive_overall_responses(bone: pl.DataFrame, components: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return the overall verdict at each time point with a bone verdict.

    Parameters
    ----------
    bone : DataFrame
        Rows (patient, timepoint, verdict).
    components : DataFrame
        Result of `components.derive_component_verdicts`; a missing component is NE, a missing central nervous system
        is not involved.
    rules : Rules
        Clauses ``inrc.open_*``.

    Returns
    -------
    DataFrame
        Rows (patient, timepoint, primary, bone, soft_tissue, cns, metastases, marrow, verdict, clause).
    """
    facts = bone.select("patient", "timepoint", bone="verdict")
    for name in ("primary", "soft_tissue", "cns", "marrow"):
        one = components.filter(component=name).select("patient", "timepoint", pl.col("verdict").alias(name))
        missing = "NI" if name == "cns" else "NE"
        facts = facts.join(one, on=["patient", "timepoint"], how="left").with_columns(pl.col(name).fill_null(missing))
    parts = ["primary", "bone", "soft_tissue", "cns", "marrow"]
    judged = [_judge(row, rules) for row in facts.select(parts).unique().iter_rows(named=True)]
    schema = dict.fromkeys([*parts, "metastases", "verdict", "clause"], pl.String)
    table = pl.DataFrame(judged, schema=schema)
    return facts.join(table, on=parts, how="left")


def _judge(row: dict[str, str], rules: Rules) -> dict[str, str]:
    metastases = combine_metastases((row["bone"], row["soft_tissue"], row["cns"]))
    verdict, clause = judge_overall(row["primary"], metastases, row["marrow"], rules)
    return row | {"metastases": metastases, "verdict": verdict, "clause": clause}
