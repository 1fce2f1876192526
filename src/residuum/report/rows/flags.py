"""flag.*: what a reader of the numbers must know before believing them, with the patients concerned."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.cohort.courses import PROGRESSIONS
from residuum.cohort.timepoints import USED_TIMEPOINTS
from residuum.records.vocabulary import DAYS_PER_YEAR, POST_THERAPY
from residuum.report.numbers import Row
from residuum.report.rows.builders import count_patients

LIMBS_AND_SPINE: Final = ("humerus", "forearm", "hand", "femur", "leg", "foot", "spine", "sacrum")
MIBG_TRACERS: Final = ("I123", "I131", "F18_mFBG")


def flag_rows(analysis: Analysis) -> list[Row]:
    """Return one row per flag, zero ones included, with the patients that it concerns."""
    return [count_patients(f"flag.{name}", find(analysis)) for name, find in FLAGS.items()]


def _included_where(analysis: Analysis, condition: pl.Expr) -> pl.Series:
    return analysis.included.filter(condition.fill_null(value=False))["patient"]


def _used_scans(analysis: Analysis) -> pl.DataFrame:
    """Return the scans used for time points of the included."""
    return analysis.among_included(analysis.timepoint_scans)


def _provisional(analysis: Analysis) -> pl.Series:
    unresolved = analysis.reads_used.filter(pl.col("timepoint").is_in(list(USED_TIMEPOINTS)), status="unresolved")
    return unresolved.join(analysis.source, on="patient", how="semi")["patient"]


def _unresolved(analysis: Analysis) -> pl.Series:
    return analysis.reads_used.filter(status="unresolved")["patient"]


def _source_blank(analysis: Analysis) -> pl.Series:
    needed = pl.any_horizontal(pl.col("age_at_diagnosis_days", "stage", "diagnosis_year").is_null())
    return analysis.patients.filter(needed)["patient"]


def _not_assessable(analysis: Analysis) -> pl.Series:
    return analysis.totals.filter(pl.col("siopen").is_null(), mode="all")["patient"]


def _hdc_end_assumed(analysis: Analysis) -> pl.Series:
    return analysis.patients.filter("hdc_end_assumed")["patient"]


def _maintenance_end_unknown(analysis: Analysis) -> pl.Series:
    return _included_where(analysis, pl.col("maintenance_end_unknown"))


def _landmark_window(analysis: Analysis) -> pl.Series:
    low, high = analysis.study.rules["flag.post_consolidation_days"]
    return _included_where(analysis, ~(pl.col("landmark_day") - pl.col("hdc_end")).is_between(low, high))


def _landmark_after_radiotherapy(analysis: Analysis) -> pl.Series:
    return _included_where(analysis, pl.col("metastatic_rt_start") <= pl.col("landmark_day"))


def _landmark_after_maintenance(analysis: Analysis) -> pl.Series:
    return _included_where(analysis, pl.col("maintenance_start") <= pl.col("landmark_day"))


def _end_of_treatment_window(analysis: Analysis) -> pl.Series:
    low, high = analysis.study.rules["flag.end_of_treatment_days"]
    distance = pl.col("end_of_treatment_day") - pl.col("maintenance_end")
    return _included_where(analysis, ~distance.is_between(low, high))


def _progression_without_scan(analysis: Analysis) -> pl.Series:
    return _included_where(analysis, pl.col("progression") & pl.col("progression_scan").is_null())


def _progression_after_salvage(analysis: Analysis) -> pl.Series:
    scans = _used_scans(analysis).filter(timepoint="progression").select("patient", scan_day="day")
    first = analysis.included.select("patient", "first_progression_day")
    salvage = analysis.study["treatments"].join(scans, on="patient", how="inner").join(first, on="patient", how="inner")
    after = (pl.col("start_day") >= pl.col("first_progression_day")) & (pl.col("start_day") < pl.col("scan_day"))
    return salvage.filter(after)["patient"]


def _tracer_change(analysis: Analysis) -> pl.Series:
    evaluable = analysis.among_included(analysis.reads_used.filter(status="evaluable"))
    tracers = evaluable.drop_nulls("tracer").group_by("patient").agg(pl.col("tracer").n_unique())
    return tracers.filter(pl.col("tracer") > 1)["patient"]


def _tracer_not_mibg(analysis: Analysis) -> pl.Series:
    used = analysis.reads_used.join(_used_scans(analysis).select("scan"), on="scan", how="semi")
    return used.filter(~pl.col("tracer").is_in([*MIBG_TRACERS, POST_THERAPY]))["patient"]


def _post_therapy(analysis: Analysis) -> pl.Series:
    used = analysis.reads_used.join(_used_scans(analysis).select("scan"), on="scan", how="semi")
    return used.filter(tracer=POST_THERAPY)["patient"]


def _no_site_at_both(analysis: Analysis) -> pl.Series:
    included = analysis.included.select("patient", "diagnosis_scan", "landmark_scan")
    at_diagnosis = included.join(analysis.sites, left_on="diagnosis_scan", right_on="scan", how="inner")
    after_hdc = included.join(analysis.sites, left_on="landmark_scan", right_on="scan", how="inner")
    both = at_diagnosis.select("patient", "site").join(after_hdc.select("patient", "site"), on=["patient", "site"])
    return included.join(both, on="patient", how="anti")["patient"]


def _progressive_verdicts(analysis: Analysis) -> pl.DataFrame:
    return analysis.among_included(analysis.bone_responses.filter(verdict="PD"))


def _pd_without_event(analysis: Analysis) -> pl.Series:
    events = analysis.study["events"].filter(pl.col("kind").is_in(list(PROGRESSIONS)))
    return _progressive_verdicts(analysis).join(events, on="patient", how="anti")["patient"]


def _after_pd(analysis: Analysis) -> pl.Series:
    return analysis.among_included(analysis.bone_responses.filter("after_pd"))["patient"]


def _pd_unconfirmed(analysis: Analysis) -> pl.Series:
    """Return the patients of whom a PD rests on one focal mark: one new site with one focus and no other clause."""
    new = analysis.site_states.filter(pl.col("avid") & pl.col(analysis.study.rules["inrc.new_site"]))
    burden = new.join(analysis.sites, on=["scan", "site"], how="inner")
    single = burden.group_by("scan").agg(foci=pl.col("foci").sum(), spread=pl.col("extent").is_not_null().any())
    single = single.filter(~pl.col("spread"), foci=1)
    by_ratio = pl.col("clauses").str.contains("score_ratio_progression")
    return _progressive_verdicts(analysis).filter(~by_ratio).join(single, on="scan", how="semi")["patient"]


def _possible_new_lesion(analysis: Analysis) -> pl.Series:
    """Return the included with more foci in a region that was already avid on the evaluable scan before."""
    followed = analysis.among_included(analysis.site_states)
    followed = followed.join(analysis.sites.select("scan", "site", "foci"), on=["scan", "site"], how="left")
    before, day_before = (
        column.shift(1).over("patient", "site", order_by=["day", "scan"])
        for column in (pl.col("foci").fill_null(0), pl.col("day"))
    )
    return followed.filter((pl.col("foci") > before) & (before > 0) & (day_before < pl.col("day")))["patient"]


def _indeterminate(analysis: Analysis) -> pl.Series:
    used = analysis.site_states.join(_used_scans(analysis).select("scan"), on="scan", how="semi")
    return used.filter("indeterminate")["patient"]


def _persistent_score_zero(analysis: Analysis) -> pl.Series:
    at_zero = pl.col("end_of_treatment_score") == 0
    return _included_where(analysis, pl.col("persistent_response_with_complete") & at_zero)


def _immature(analysis: Analysis) -> pl.Series:
    years = (pl.col("last_contact_day") - pl.col("end_of_treatment_day")) / DAYS_PER_YEAR
    return _included_where(
        analysis, pl.col("persistent_response") & (years < analysis.study.rules["flag.immature_years"])
    )


def _outcome_other(analysis: Analysis) -> pl.Series:
    return _included_where(analysis, pl.col("outcome") == "other")


def _zero_with_bone_metastases(analysis: Analysis) -> pl.Series:
    at_zero = analysis.totals.filter(mode="all", siopen=0).select(progression_scan="scan")
    return analysis.included.filter(first_progression_skeletal="yes").join(at_zero, on="progression_scan")["patient"]


def _curie_denominator(analysis: Analysis) -> pl.Series:
    region = pl.any_horizontal(pl.col("region").str.starts_with(part) for part in LIMBS_AND_SPINE)
    diffuse = analysis.readings.lesions.filter(region & pl.col("extent").is_not_null()).select("read").unique()
    return analysis.reads_used.join(diffuse, on="read", how="semi")["patient"]


def _modes_mixed(analysis: Analysis) -> pl.Series:
    """Return the included who have a used scan on which something was seen only by SPECT or nowhere stated."""
    totals = analysis.totals.join(_used_scans(analysis).select("scan"), on="scan", how="semi")
    modes = totals.group_by("patient", "scan").agg(different=pl.col("siopen").n_unique() > 1)
    return modes.filter("different")["patient"]


def _marks_where(analysis: Analysis, condition: pl.Expr) -> pl.Series:
    reads = analysis.study["reads"].select("scan", "reader", "evaluable")
    marks = analysis.study["marks"].join(reads, on=["scan", "reader"], how="inner").filter(condition)
    return marks.join(analysis.study["scans"], on="scan", how="inner")["patient"]


def _marks_on_not_evaluable(analysis: Analysis) -> pl.Series:
    return _marks_where(analysis, pl.col("evaluable") == "no")


def _seen_on_blank(analysis: Analysis) -> pl.Series:
    return _marks_where(analysis, pl.col("seen_on").is_null())


FLAGS: Final[Mapping[str, Callable[[Analysis], pl.Series]]] = {
    "provisional": _provisional,
    "unresolved": _unresolved,
    "source_blank": _source_blank,
    "not_assessable": _not_assessable,
    "hdc_end_assumed": _hdc_end_assumed,
    "maintenance_end_unknown": _maintenance_end_unknown,
    "window_post_consolidation": _landmark_window,
    "post_consolidation_after_metastatic_radiotherapy": _landmark_after_radiotherapy,
    "post_consolidation_after_maintenance_start": _landmark_after_maintenance,
    "window_end_of_treatment": _end_of_treatment_window,
    "progression_without_scan": _progression_without_scan,
    "progression_scan_after_salvage": _progression_after_salvage,
    "tracer_change": _tracer_change,
    "tracer_not_mibg": _tracer_not_mibg,
    "post_therapy_scan_used": _post_therapy,
    "no_site_avid_at_diagnosis_and_after_hdc": _no_site_at_both,
    "inrc_pd_without_event": _pd_without_event,
    "inrc_after_pd": _after_pd,
    "inrc_pd_unconfirmed": _pd_unconfirmed,
    "possible_new_lesion": _possible_new_lesion,
    "indeterminate_after_radiotherapy": _indeterminate,
    "persistent_response_score_zero": _persistent_score_zero,
    "persistent_response_immature": _immature,
    "outcome_other": _outcome_other,
    "zero_with_bone_metastases": _zero_with_bone_metastases,
    "curie_denominator_assumed": _curie_denominator,
    "modes_mixed": _modes_mixed,
    "marks_on_not_evaluable": _marks_on_not_evaluable,
    "seen_on_blank": _seen_on_blank,
}
"""Every flag with the function that finds its patients."""
