"""What was known of each patient at diagnosis and after HDC, before anything that happened later."""

import polars as pl


def derive_landmarks(
    courses: pl.DataFrame, reads_used: pl.DataFrame, timepoint_scans: pl.DataFrame, totals: pl.DataFrame
) -> pl.DataFrame:
    """Return one row per patient with the scans used and what they showed.

    Parameters
    ----------
    courses : DataFrame
        Result of `courses.derive_courses`.
    reads_used : DataFrame
        Result of `scores.read_used.derive_reads_used`.
    timepoint_scans : DataFrame
        Result of `timepoints.derive_timepoint_scans`.
    totals : DataFrame
        Totals of the reads used in mode ``all``: `scan`, `siopen`, `siopen_assessed`, `avid`, `soft_tissue`, `sites`.

    Returns
    -------
    DataFrame
        Rows `patient`; `diagnosis_scan`, `_day`, `_avid`, `_score`, `_status`; `landmark_scan`,
        `landmark_day`, `landmark_score`, `landmark_assessed`, `landmark_sites`, `landmark_soft_tissue`,
        `landmark_status`; `end_of_treatment_scan`, `_day`, `_score`, `_assessed`, `_label_day`; `progression_scan`,
        `progression_soft_tissue`. A status says why there is no usable scan: unresolved, not_evaluable, or null when
        no scan exists at all.
    """
    landmarks = courses.select("patient")
    for timepoint, columns in _WANTED.items():
        used = timepoint_scans.filter(timepoint=timepoint).join(totals, on="scan", how="left")
        landmarks = landmarks.join(used.select("patient", **columns), on="patient", how="left")
    diagnosis = _status(reads_used.filter(timepoint="diagnosis"), "diagnosis_status")
    after_hdc = reads_used.join(courses.select("patient", "hdc_end"), on="patient", how="inner").filter(
        pl.col("day") > pl.col("hdc_end"), timepoint="post_consolidation"
    )
    label_day = (
        reads_used.filter(timepoint="end_of_treatment")
        .group_by("patient")
        .agg(end_of_treatment_label_day=pl.col("day").min())
    )
    for table in (diagnosis, _status(after_hdc, "landmark_status"), label_day):
        landmarks = landmarks.join(table, on="patient", how="left")
    return landmarks


_WANTED = {
    "diagnosis": {
        "diagnosis_scan": "scan",
        "diagnosis_day": "day",
        "diagnosis_avid": "avid",
        "diagnosis_score": "siopen",
    },
    "post_consolidation": {
        "landmark_scan": "scan",
        "landmark_day": "day",
        "landmark_score": "siopen",
        "landmark_assessed": "siopen_assessed",
        "landmark_sites": "sites",
        "landmark_soft_tissue": "soft_tissue",
    },
    "end_of_treatment": {
        "end_of_treatment_scan": "scan",
        "end_of_treatment_day": "day",
        "end_of_treatment_score": "siopen",
        "end_of_treatment_assessed": "siopen_assessed",
    },
    "progression": {"progression_scan": "scan", "progression_soft_tissue": "soft_tissue"},
}


def _status(labelled: pl.DataFrame, name: str) -> pl.DataFrame:
    unresolved = (pl.col("status") == "unresolved").any()
    status = pl.when(unresolved).then(pl.lit("unresolved")).otherwise(pl.lit("not_evaluable"))
    return labelled.filter(pl.col("status") != "evaluable").group_by("patient").agg(status.alias(name))
