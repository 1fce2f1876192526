"""The patients behind the numbers: the list of every set, and a section for each included patient."""

from collections.abc import Iterable, Mapping, Sequence
from gettext import NullTranslations
from typing import Any, Final

import polars as pl

from residuum.cohort.analysis import Analysis
from residuum.records.vocabulary import DAYS_PER_YEAR
from residuum.report import labels
from residuum.report.document import Block, Cell, Drawing, Fold, Heading, PatientSet, Section, Table, say
from residuum.report.figures.site_matrix import Matrix, derive_layout, derive_matrices, render_matrix
from residuum.report.formats import number
from residuum.report.numbers import Numbers
from residuum.report.wording import label

LONGEST_LIST: Final = 500
MOST_NAMES: Final = 4

Facts = dict[str, Any]


def patients_section(analysis: Analysis, numbers: Numbers, words: NullTranslations) -> Section:
    """Return the lists of patients and the sections of the first included, at most sixty."""
    _ = words.gettext
    matrices = derive_matrices(analysis)
    places = {matrix.patient: f"p{place}" for place, matrix in enumerate(matrices, start=1)}
    blocks: list[Block] = [
        say(_("Every linked number opens its list here; included patients have a section of their own below."))
    ]
    blocks += patient_sets(numbers, places, words)
    blocks += _cards(analysis, matrices, places, words)
    return Section("patients", _("Patients behind the numbers"), blocks)


def patient_sets(numbers: Numbers, places: Mapping[str, str], words: NullTranslations) -> list[PatientSet]:
    """Return one list per distinct set of patients, with the numbers that rest on it."""
    names: dict[str, list[str]] = {}
    for row in numbers:
        if row.patients:
            names.setdefault(numbers.patient_sets[row.patients], []).append(row.name)
    return [
        _patient_set(key, patients, list(dict.fromkeys(names[key])), places, words)
        for patients, key in numbers.patient_sets.items()
        if patients
    ]


def _patient_set(
    key: str, patients: Sequence[str], names: list[str], places: Mapping[str, str], words: NullTranslations
) -> PatientSet:
    counted = words.ngettext("%(count)d patient behind", "%(count)d patients behind", len(patients)) % {
        "count": len(patients)
    }
    listed = ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
    note = ""
    if len(patients) > LONGEST_LIST:
        note = words.gettext("The first %(shown)d are listed; all %(total)d are in numbers.json, set %(key)s.") % {
            "shown": LONGEST_LIST,
            "total": len(patients),
            "key": key,
        }
    cells = tuple(Cell(patient, places.get(patient)) for patient in patients[:LONGEST_LIST])
    return PatientSet(key, f"{counted} {listed}", note, cells)


def _cards(
    analysis: Analysis, matrices: Sequence[Matrix], places: Mapping[str, str], words: NullTranslations
) -> list[Block]:
    chosen = pl.DataFrame({"patient": [matrix.patient for matrix in matrices]}, schema={"patient": pl.String})
    layout = derive_layout(analysis, words)
    facts = _rows_by_patient(analysis.included.join(chosen, on="patient", how="semi"))
    scans = _rows_by_patient(_scans(analysis, chosen))
    events = _rows_by_patient(analysis.study["events"].join(chosen, on="patient", how="semi").sort("patient", "day"))
    findings = _rows_by_patient(_findings(analysis, chosen))
    overall = _rows_by_patient(_overall(analysis, chosen))
    blocks: list[Block] = []
    for matrix in matrices:
        patient = matrix.patient
        blocks.append(Heading(words.gettext("Patient %s") % patient, places[patient]))
        blocks.append(_person(facts[patient][0], words))
        blocks.append(Drawing(render_matrix(matrix, layout, words)))
        blocks.append(_scan_table(scans.get(patient, []), words))
        if patient in overall:
            blocks.append(_overall_table(overall[patient], words))
        blocks.append(_event_table(events.get(patient, []), words))
        blocks.append(_finding_fold(findings.get(patient, []), words))
    return blocks


def _rows_by_patient(table: pl.DataFrame) -> dict[str, list[Facts]]:
    return table.rows_by_key("patient", named=True, include_key=True)


def _person(row: Facts, words: NullTranslations) -> Block:
    _ = words.gettext
    age = row["age_at_diagnosis_days"]
    facts = [
        label(words, row["outcome"], labels.OUTCOMES),
        label(words, row["sex"], labels.SEXES),
        _("age at diagnosis %s years") % (number(age / DAYS_PER_YEAR, 1) if age is not None else "–"),
        _("diagnosed in %s") % (row["diagnosis_year"] or "–"),
        _("MYCN %s") % label(words, row["mycn"], labels.MYCN),
        _("last contact on day %d") % row["last_contact_day"],
    ]
    if row["pattern"] is not None:
        facts.append(_("failure pattern: %s") % label(words, row["pattern"], labels.PATTERNS))
    if row["trial_class"] is not None:
        facts.append(_("trial's view: %s") % label(words, row["trial_class"], labels.TRIAL_CLASSES))
    return say("{facts}.", facts="; ".join(facts))


def _scans(analysis: Analysis, chosen: pl.DataFrame) -> pl.DataFrame:
    """Return all scans of the chosen with read used, scores in both modes, use and verdict."""
    scores = ("siopen", "curie", "sites")
    every, planar = analysis.totals.filter(mode="all"), analysis.totals.filter(mode="planar_only")
    return (
        analysis.reads_used.join(chosen, on="patient", how="semi")
        .join(every.select("scan", *scores), on="scan", how="left")
        .join(planar.select("scan", planar="siopen"), on="scan", how="left")
        .join(analysis.timepoint_scans.select("scan", used_for="timepoint"), on="scan", how="left")
        .join(analysis.bone_responses.select("scan", "verdict", "clauses", "after_pd"), on="scan", how="left")
        .sort("patient", "day", "scan")
    )


def _scan_table(rows: Iterable[Facts], words: NullTranslations) -> Table:
    _ = words.gettext
    lines = []
    for row in rows:
        source = label(words, row["source"] or row["status"], labels.SOURCES | labels.STATUSES)
        if row["status"] == "not_evaluable":
            source = f"{label(words, 'not_evaluable', labels.STATUSES)} ({source})"
        lines.append(
            (
                Cell(row["scan"]),
                _whole(row["day"]),
                Cell(label(words, row["timepoint"], labels.TIMEPOINTS), tone="strong" if row["used_for"] else ""),
                Cell(source),
                _whole(row["siopen"]),
                _whole(row["planar"]),
                _whole(row["curie"]),
                _whole(row["sites"]),
                Cell(_verdict(row, words)),
            )
        )
    head = (
        _("Scan"),
        _("Day"),
        _("Time point (bold: scan used)"),
        _("Read used"),
        _("SIOPEN"),
        _("SIOPEN, planar"),
        _("Curie"),
        _("Sites"),
        _("Bone verdict (clauses)"),
    )
    return Table(_("Scans"), head, tuple(lines))


def _verdict(row: Facts, words: NullTranslations) -> str:
    """Return the verdict with the clause that decided and those that fired as well."""
    first, *others = (row["clauses"] or "").replace("_", " ").split(";")
    if row["verdict"] is None or first == "no baseline":
        return "–"
    text = f"{row['verdict']} ({first}"
    if others:
        text += "; " + words.gettext("also %s") % ", ".join(others)
    return text + ("), " + words.gettext("after PD") if row["after_pd"] else ")")


def _whole(value: int | None) -> Cell:
    return Cell("–" if value is None else str(value).replace("-", "−"), tone="number")


def _overall(analysis: Analysis, chosen: pl.DataFrame) -> pl.DataFrame:
    """Return the overall verdicts by day; none where no other component is recorded."""
    days = analysis.timepoint_scans.select("patient", "timepoint", "day")
    judged = analysis.overall_responses.join(chosen, on="patient", how="semi")
    if analysis.study["components"].is_empty():
        judged = judged.clear()
    return judged.join(days, on=["patient", "timepoint"], how="left").sort("patient", "day")


def _overall_table(rows: Iterable[Facts], words: NullTranslations) -> Table:
    _ = words.gettext
    parts = ("primary", "bone", "soft_tissue", "cns", "marrow", "metastases", "verdict", "clause")
    lines = tuple(
        (Cell(label(words, row["timepoint"], labels.TIMEPOINTS)), *(Cell(row[part] or "–") for part in parts))
        for row in rows
    )
    head = (
        _("Time point"),
        _("Primary"),
        _("Bone"),
        _("Soft tissue"),
        _("CNS"),
        _("Marrow"),
        _("Metastases"),
        _("Overall"),
        _("Clause"),
    )
    return Table(_("INRC verdicts by component"), head, lines)


def _event_table(rows: Sequence[Facts], words: NullTranslations) -> Block:
    _ = words.gettext
    if not rows:
        return say(_("No event."))
    lines = tuple(
        (
            Cell(label(words, row["kind"], labels.EVENTS)),
            _whole(row["day"]),
            Cell(row["skeletal"] or "–"),
            Cell(_regions(row["regions"], words)),
            Cell(row["cause"] or "–"),
        )
        for row in rows
    )
    return Table(_("Events"), (_("Event"), _("Day"), _("Skeletal"), _("Regions"), _("Cause of death")), lines)


def _regions(codes: str | None, words: NullTranslations) -> str:
    return ", ".join(label(words, code, labels.REGIONS) for code in codes.split(";")) if codes else "–"


def _findings(analysis: Analysis, chosen: pl.DataFrame) -> pl.DataFrame:
    """Return what the read used of each scan says, rows (patient, day, scan, timepoint, finding)."""
    reads = analysis.readings.reads.select("read", "reader")
    used = analysis.reads_used.join(chosen, on="patient", how="semi").join(reads, on="read", how="inner")
    used = used.select("patient", "day", "scan", "timepoint", "reader")
    if analysis.study.uses_marks:
        found = used.join(analysis.study["marks"].drop("view"), on=["scan", "reader"], how="inner")
        return found.sort("patient", "day", "scan", "regions", "pattern", "mark")
    grades = analysis.study["grades"].filter(pl.col("grade") != "0")
    return used.join(grades, on=["scan", "reader"], how="inner").sort("patient", "day", "scan", "system", "segment")


def _finding_fold(rows: Sequence[Facts], words: NullTranslations) -> Block:
    _ = words.gettext
    by_scan: dict[str, list[Facts]] = {}
    for row in rows:
        by_scan.setdefault(row["scan"], []).append(row)
    lines = []
    for scan, found in by_scan.items():
        when = f"{label(words, found[0]['timepoint'], labels.TIMEPOINTS)}, {_('day')} {number(found[0]['day'])}"
        texts = "; ".join(_finding(row, words) for row in found)
        lines.append((Cell(f"{scan}: {when}"), Cell(found[0]["reader"]), Cell(texts)))
    table = Table(_("Findings of the reads used"), (_("Scan"), _("Read"), _("Findings")), tuple(lines))
    return Fold(_("Findings of the reads used (%d)") % len(rows), (table,))


def _finding(row: Facts, words: NullTranslations) -> str:
    if "grade" in row:
        return f"{row['system']} {label(words, row['segment'], labels.SEGMENTS)} {row['grade']}"
    regions = " + ".join(label(words, code, labels.REGIONS) for code in (row["regions"] or "").split(";"))
    extent = "" if row["extent"] is None else f" {number(100 * row['extent'])}\u00a0%"
    site = f" [{row['site']}]" if row["site"] else ""
    pattern = words.gettext("focal") if row["pattern"] == "focal" else words.gettext("diffuse")
    return f"{regions}{site} {pattern}{extent}"
