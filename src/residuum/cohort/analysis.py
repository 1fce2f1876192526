"""A whole study, derived: every table from the marks to the failure pattern, in the order in which they depend."""

from dataclasses import dataclass

import polars as pl

from residuum.cohort.courses import derive_courses
from residuum.cohort.flow import derive_eligibility
from residuum.cohort.landmarks import derive_landmarks
from residuum.cohort.outcomes import derive_outcomes
from residuum.cohort.timepoints import derive_timepoint_scans
from residuum.records.study import Study
from residuum.records.vocabulary import POST_THERAPY, REGIONS, SIOPEN_SEGMENTS
from residuum.response.bone import derive_bone_responses
from residuum.response.components import derive_component_verdicts
from residuum.response.overall import derive_overall_responses
from residuum.scores.read_used import derive_reads_used
from residuum.scores.readings import Readings, derive_readings
from residuum.scores.totals import derive_totals
from residuum.sites.failure import derive_failure_patterns, derive_site_points
from residuum.sites.sites import derive_site_parts, derive_site_regions, derive_sites
from residuum.sites.states import derive_previous_scans, derive_site_states
from residuum.sites.therapy import derive_site_therapy
from residuum.sites.trial_view import derive_site_risks, derive_trial_classes, derive_trial_sites


@dataclass(frozen=True, slots=True)
class Analysis:
    """Every derived table of a study. All days count from diagnosis.

    Attributes
    ----------
    study : Study
        What was derived from.
    readings : Readings
        What every locked read says.
    reads_used : DataFrame
        One row per scan: scan, patient, day, timepoint, tracer, status, source, read.
    totals : DataFrame
        Evaluable scans once per mode: scan, patient, day, timepoint, mode, siopen, curie, curie_skeletal,
        siopen_assessed, amsterdam_focal, amsterdam_diffuse, avid, soft_tissue, sites (avid skeletal sites).
    sites : DataFrame
        Avid sites with burden: scan, site, foci, extent, grade, points (SIOPEN points that fall to it).
    site_regions : DataFrame
        Regions of each site of a patient: patient, site, region.
    site_states : DataFrame
        State of each site seen so far at each evaluable scan, with the therapy at it: patient, scan, day, site, state,
        avid, first_seen_day, absent_on_previous, never_seen_before, irradiated_before, days_since_rt,
        mibg_therapy_between, indeterminate.
    timepoint_scans : DataFrame
        Scan used for each time point: patient, timepoint, scan, day.
    patients : DataFrame
        One row per patient: course, landmarks, eligibility steps, and for the included outcome, groups, pattern,
        trial_class, oligo.
    bone_responses, overall_responses : DataFrame
        Verdicts with the clauses that fired.
    trial_sites, site_risks : DataFrame
        The trial's view of the included: patient, site, class, avid_at_progression, failed; and patient, class,
        at_risk, failed.
    """

    study: Study
    readings: Readings
    reads_used: pl.DataFrame
    totals: pl.DataFrame
    sites: pl.DataFrame
    site_regions: pl.DataFrame
    site_states: pl.DataFrame
    timepoint_scans: pl.DataFrame
    patients: pl.DataFrame
    bone_responses: pl.DataFrame
    overall_responses: pl.DataFrame
    trial_sites: pl.DataFrame
    site_risks: pl.DataFrame

    @property
    def source(self) -> pl.DataFrame:
        """The source population: the patients left after the first eligibility step."""
        return self.patients.filter(self.study.settings.population.steps[0])

    @property
    def included(self) -> pl.DataFrame:
        """The patients left after the last eligibility step."""
        return self.patients.filter(self.study.settings.population.steps[-1])

    def among_included(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a table whose `patient` is included."""
        return table.join(self.included.select("patient"), on="patient", how="semi")


def derive_analysis(study: Study) -> Analysis:
    """Return every derived table of a study."""
    readings = derive_readings(study)
    return analyse_reads(study, readings, derive_reads_used(study["scans"], readings, study.settings.reading))


def analyse_reads(study: Study, readings: Readings, reads_used: pl.DataFrame) -> Analysis:
    """Return every derived table of a study, given which read of each scan counts.

    Parameters
    ----------
    study : Study
        The study.
    readings : Readings
        What the reads say; `reads_used` refers to its `read`.
    reads_used : DataFrame
        As of `scores.read_used.derive_reads_used`, or one of its sensitivity variants.
    """
    definitions = study.settings.definitions
    scans = reads_used.filter(status="evaluable").select("scan", "patient", "day", "timepoint", "read")
    parts = derive_site_parts(readings, scans, definitions)
    totals = derive_totals(readings, scans).drop("read")
    totals = totals.join(_count_sites(parts), on="scan", how="left").with_columns(pl.col("sites").fill_null(0))
    scored = totals.filter(mode="all")
    sites = _sites_with_points(readings, scans, parts)
    site_regions = derive_site_regions(parts, scans, definitions)
    states = derive_site_states(sites, scans)
    states = derive_site_therapy(states, site_regions, study["treatments"], study.rules)

    courses = derive_courses(study["patients"], study["treatments"], study["events"])
    timepoint_scans = derive_timepoint_scans(scans, courses, definitions.progression_window_days)
    patients = courses.join(
        derive_landmarks(courses, reads_used, timepoint_scans, scored), on="patient", how="left"
    ).sort("patient")
    patients = patients.join(
        derive_eligibility(patients, study.settings.population, study.rules),
        on="patient",
        how="left",
        maintain_order="left",
    )
    included = patients.filter(study.settings.population.steps[-1])
    trial_sites = derive_trial_sites(sites, states, included)
    bone = _bone_responses(study, scans, scored, states, patients)
    return Analysis(
        study=study,
        readings=readings,
        reads_used=reads_used,
        totals=totals,
        sites=sites,
        site_regions=site_regions,
        site_states=states,
        timepoint_scans=timepoint_scans,
        patients=_with_results(study, patients, included, states, trial_sites),
        bone_responses=bone,
        overall_responses=_overall_responses(study, bone, timepoint_scans, scored),
        trial_sites=trial_sites,
        site_risks=derive_site_risks(trial_sites, included, _universe(study, parts, states, included)),
    )


def _count_sites(parts: pl.DataFrame) -> pl.DataFrame:
    return parts.group_by("scan").agg(sites=pl.col("site").n_unique().cast(pl.Int64))


def _sites_with_points(readings: Readings, scans: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    grades = readings.grades.filter(system="siopen", mode="all").join(scans, on="read", how="inner")
    points = derive_site_points(parts, grades)
    return derive_sites(parts).join(points, on=["scan", "site"], how="left").sort("scan", "site")


def _bone_responses(
    study: Study, scans: pl.DataFrame, scored: pl.DataFrame, states: pl.DataFrame, patients: pl.DataFrame
) -> pl.DataFrame:
    post_therapy = (study["scans"]["tracer"] == POST_THERAPY).fill_null(value=False)
    tracers = study["scans"].select("scan", post_therapy=post_therapy)
    scores = scored.select("patient", "scan", "day", score="siopen").join(tracers, on="scan", how="left")
    baselines = patients.select("patient", baseline_day="diagnosis_day", baseline="diagnosis_score")
    return derive_bone_responses(scores, baselines, states, derive_previous_scans(scans), study.rules)


def _overall_responses(
    study: Study, bone: pl.DataFrame, timepoint_scans: pl.DataFrame, scored: pl.DataFrame
) -> pl.DataFrame:
    used = timepoint_scans.filter(pl.col("timepoint") != "diagnosis").select("patient", "timepoint", "scan")
    uptake = used.join(scored.select("scan", "soft_tissue"), on="scan", how="left").drop("scan")
    components = derive_component_verdicts(study["components"], uptake, study.rules)
    verdicts = used.join(bone.select("scan", "verdict"), on="scan", how="inner")
    return derive_overall_responses(verdicts, components, study.rules)


def _with_results(
    study: Study, patients: pl.DataFrame, included: pl.DataFrame, states: pl.DataFrame, trial_sites: pl.DataFrame
) -> pl.DataFrame:
    progressed = included.filter(pl.col("first_progression_day").is_not_null())
    patterns = derive_failure_patterns(progressed.select("patient", scan="progression_scan"), states)
    soft_tissue_new = pl.col("progression_soft_tissue") & ~pl.col("landmark_soft_tissue")
    facts = progressed.select(
        "patient",
        scan="progression_scan",
        skeletal="first_progression_skeletal",
        soft_tissue_new=soft_tissue_new,
        component_progressed=pl.col("patient").is_in(_component_progressions(study, progressed).implode()),
    )
    few = pl.col("landmark_sites") <= study.settings.definitions.oligo_max_sites
    results = (
        included.select("patient", oligo=few)
        .join(derive_outcomes(included), on="patient", how="left")
        .join(patterns.select("patient", "pattern"), on="patient", how="left")
        .join(derive_trial_classes(facts, trial_sites), on="patient", how="left")
    )
    return patients.join(results, on="patient", how="left", maintain_order="left")


def _component_progressions(study: Study, progressed: pl.DataFrame) -> pl.Series:
    distance = (pl.col("day") - pl.col("first_progression_day")).abs()
    return (
        study["components"]
        .filter(verdict="PD")
        .join(progressed.select("patient", "first_progression_day"), on="patient", how="inner")
        .filter(distance <= study.settings.definitions.progression_window_days)["patient"]
        .unique()
    )


def _universe(study: Study, parts: pl.DataFrame, states: pl.DataFrame, included: pl.DataFrame) -> pl.DataFrame:
    """Return the places that can hold a site, those that did by the landmark, and the others avid at progression."""
    place, total = ("region", len(REGIONS)) if study.uses_marks else ("segment", len(SIOPEN_SEGMENTS))
    places = parts.select("scan", place=place).unique()
    course = included.select("patient", "landmark_day", "landmark_scan", "progression_scan")
    avid = states.filter("avid").select("patient", "scan", "day").unique().join(course, on="patient", how="inner")
    avid = avid.join(places, on="scan", how="inner")
    by_landmark = (pl.col("day") < pl.col("landmark_day")) | (pl.col("scan") == pl.col("landmark_scan"))
    at_progression = (pl.col("scan") == pl.col("progression_scan")).fill_null(value=False)
    per_place = avid.group_by("patient", "place").agg(seen=by_landmark.any(), failing=at_progression.any())
    counts = per_place.group_by("patient").agg(
        regions_seen=pl.col("seen").sum().cast(pl.Int64),
        regions_failed=(pl.col("failing") & ~pl.col("seen")).sum().cast(pl.Int64),
    )
    return (
        included.select("patient", regions=pl.lit(total, pl.Int64))
        .join(counts, on="patient", how="left")
        .with_columns(pl.col("regions_seen", "regions_failed").fill_null(0))
    )
