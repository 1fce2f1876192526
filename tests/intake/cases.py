"""Every way to spoil the valid study, with what must be said about it: one case, one line."""
# ruff: noqa: E501

from typing import NamedTuple

from studies import GRADES, Mutation, add, drop, recode, rename, swap


class Case(NamedTuple):
    """A mutation and the problem that it must give."""

    mutation: Mutation
    rule: str
    file: str
    row: int | None
    column: str | None
    value: str | None
    cure: str
    entry: str = "marks"


P, R, M, S, T, E, G = (
    "patients.csv",
    "reads.csv",
    "marks.csv",
    "scans.csv",
    "treatments.csv",
    "events.csv",
    "grades.csv",
)
TOML = "study.toml"
SHORT = "patient,vital_status,last_contact_day,age_at_diagnosis_days,diagnosis_year,stage\n"


def _semicolons(data: bytes) -> bytes:
    return (
        data.replace(b",", b";")
        .replace(b"21.6", b"21,6")
        .replace(b"busulfan; melphalan", b"busulfan")
        .replace(b"femur_left;sacrum", b'"femur_left;sacrum"')
    )


def _blank_column(data: bytes) -> bytes:
    return b"".join(line + b",\n" for line in data.splitlines())


FILES = [
    Case(drop(E), "folder.missing_file", E, None, None, None, "header only"),
    Case(drop(M), "folder.missing_file", M, None, None, None, "header only"),
    Case(drop(TOML), "folder.missing_file", TOML, None, None, None, "Add it"),
    Case(drop(G), "folder.missing_file", G, None, None, None, "header only", "grades"),
    Case(rename(P, "Patients.csv"), "folder.file_name_case", "Patients.csv", None, None, None, "Rename it to patients.csv."),
    Case(rename("images.csv", "Images.CSV"), "folder.file_name_case", "Images.CSV", None, None, None, "Rename it to images.csv."),
    Case(rename("images.csv", "notes.txt"), "folder.unknown_file", "notes.txt", None, None, None, "spelling"),
    Case(recode(P, lambda data: b"\xef\xbb\xbf" + data), "file.byte_order_mark", P, None, None, None, "Nothing"),
    Case(recode(P, lambda data: data.decode().encode("utf-16")), "file.utf16", P, None, None, None, "UTF-8"),
    Case(recode(P, lambda data: data.decode().encode("utf-16-le")), "file.utf16_without_mark", P, 1, None, None, "UTF-8"),
    Case(recode(P, lambda data: data.decode().encode("utf-16")[:-1]), "file.damaged_utf16", P, 3, None, None, "export it again"),
    Case(recode(T, lambda data: data.replace(b"busulfan", "busulf\xe9".encode("latin-1"))), "file.not_utf8", T, 2, None, "0xe9", "CSV UTF-8"),
    Case(recode(T, lambda data: data.replace(b"busulfan", "busulf\u20ac".encode("cp1252"))), "file.not_utf8", T, 2, None, "0x80", "CSV UTF-8"),
    Case(recode(T, lambda data: data + "P1,hdc,1,,caf\u00e9,,\n".encode() + "P1,hdc,2,,caf\u00e9,,\n".encode("latin-1")), "file.not_utf8", T, 6, None, "0xe9", "CSV UTF-8"),
    Case(swap(T, "busulfan", "busul\0fan"), "file.nul_byte", T, 2, None, None, "export it again"),
    Case(recode(T, lambda data: data.decode().replace("busulfan", "busul\0fan").encode("utf-16")), "file.nul_byte", T, 2, None, None, "export it again"),
    Case(recode(P, lambda data: b"sep=,\n" + data), "file.sep_line", P, 1, None, "sep=,", "Nothing"),
    Case(recode(T, _semicolons), "file.separator", T, None, None, None, "comma is the usual"),
    Case(recode(T, _semicolons), "file.decimal_comma", T, None, None, None, "point is the usual"),
    Case(recode(P, lambda data: data.replace(b",", b"\t")), "file.separator", P, None, None, None, "comma is the usual"),
    Case(recode(P, lambda data: data.replace(b"\n", b"\n\n")), "file.blank_lines", P, None, None, None, "Nothing"),
    Case(recode(P, lambda data: b""), "file.empty", P, None, None, None, "Write the header"),
    Case(recode(P, lambda data: b" \n"), "file.empty", P, None, None, None, "Write the header"),
    Case(recode(P, lambda data: b"sep=;\n"), "file.empty", P, None, None, None, "Write the header"),
    Case(recode(P, lambda data: data.replace(b",", b"|")), "file.one_column", P, 1, None, None, "by commas"),
    Case(recode(P, lambda data: b"sep=|\n" + data), "file.one_column", P, 2, None, None, "by commas"),
    Case(swap(T, '"busulfan, melphalan"', '"busulfan, melphalan'), "file.quotes", T, 2, None, None, "Close the quote"),
    Case(swap(T, '"busulfan, melphalan"', '"busulfan" melphalan'), "file.quotes", T, 2, None, None, "double every quote"),
    Case(swap(P, "sex,", "patient,"), "header.duplicate", P, 1, "patient", "patient", "Keep one"),
    Case(swap(P, "sex,", ","), "header.empty_name", P, 1, None, None, "Name the column"),
    Case(recode(P, _blank_column), "header.empty_column", P, 1, None, None, "Nothing"),
    Case(swap(P, "vital_status,", "Vital Status,"), "header.missing", P, 1, "vital_status", None, "Rename the column 'Vital Status'"),
    Case(swap(P, "stage,", "phase,"), "header.missing", P, 1, "stage", None, "Add it."),
    Case(swap(P, "sex,", "gender,"), "header.absent", P, 1, "sex", None, "Add it"),
    Case(swap(P, "sex,", "Sex,"), "header.unknown", P, 1, "Sex", None, "Did you mean sex?"),
    Case(add(P, "P3,female,800"), "row.too_few_cells", P, 4, None, "3", "line break"),
    Case(add(P, "P3,female,800,2010,M,unknown,alive,5,x"), "row.too_many_cells", P, 4, None, "9", "in quotes"),
    Case(add(R, 'S3,bela,yes,draft,9,,"a",b'), "row.too_many_cells", R, 9, None, "8", "in quotes"),
]  # fmt: skip

SETTINGS = [
    Case(swap(TOML, 'title = "', 'title = '), "settings.syntax", TOML, 2, None, None, "quotes"),
    Case(swap(TOML, "format = 1", "format = 2"), "settings.format", TOML, None, "format", "2", "residuum upgrade STUDY"),
    Case(swap(TOML, "[reading]", '[reading]\ndesign = "both"'), "settings.wrong_value", TOML, None, "reading.design", '"both"', "'independent', 'consensus' or 'single'"),
    Case(swap(TOML, "[reading]", '[reading]\nseed = "1"'), "settings.wrong_value", TOML, None, "reading.seed", '"1"', "valid integer"),
    Case(swap(TOML, "[reading]", '[population]\nstages = "M"\n[reading]'), "settings.wrong_value", TOML, None, "population.stages", '"M"', "L1, L2, M, MS"),
    Case(swap(TOML, "[reading]", "analysis = 3\n[reading]"), "settings.wrong_value", TOML, None, "analysis", "3", "Write"),
    Case(swap(TOML, "format", 'data_freeze = "2020-12-31"\nformat'), "settings.wrong_value", TOML, None, "data_freeze", '"2020-12-31"', "for example 2020-12-31"),
    Case(swap(TOML, "title", "titel"), "settings.unknown_key", TOML, None, "titel", "Two children", "Did you mean title?"),
    Case(swap(TOML, "[reading]", "[reading]\nsed = 2"), "settings.unknown_key", TOML, None, "reading.sed", "2", "Did you mean seed?"),
    Case(swap(TOML, "[reading]", "[population]\ndiagnosis_years = [2020, 2000]\n[reading]"), "settings.years_reversed", TOML, None, "population.diagnosis_years", "2020, 2000", "earlier year"),
    Case(swap(TOML, "[reading]", "[population]\nsteps = []\n[reading]"), "settings.steps", TOML, None, "population.steps", "", "in this order"),
    Case(swap(TOML, "[reading]", '[population]\nsteps = ["avid_at_diagnosis", "source"]\n[reading]'), "settings.steps", TOML, None, "population.steps", "avid_at_diagnosis, source", "source first"),
    Case(swap(TOML, "[reading]", '[analysis]\nlanguages = ["fr"]\n[reading]'), "settings.language", TOML, None, "analysis.languages", "fr", "en"),
    Case(swap(TOML, "[reading]", '[rules]\n"siopen.single_foci_max" = 9\n[reading]'), "rules.wrong_value", TOML, None, "rules.siopen.single_foci_max", "9", "from 1 to 5"),
    Case(swap(TOML, '"bela"', '"bela", "consensus"'), "settings.consensus_listed", TOML, None, "reading.readers", "consensus", "Take it out"),
    Case(swap(TOML, "[reading]", '[reading]\ntraining = ["S1", "S99"]'), "reads.training_without_scan", TOML, None, "reading.training", "S99", "identifier"),
    Case(swap(TOML, '"bela"', '"bela", "anne"'), "settings.duplicate_reader", TOML, None, "reading.readers", "anne, bela, anne", "once"),
    Case(swap(TOML, "[reading]", '[definitions]\nsite_level = "segment"\n[reading]'), "settings.segment_level_with_marks", TOML, None, "definitions.site_level", "segment", "region or lesion"),
    Case(swap(TOML, "segment", "lesion"), "settings.site_level_unused", TOML, None, "definitions.site_level", "lesion", "to segment", "grades"),
    Case(swap(TOML, "[reading]", '[rules]\nset = "mine"\n[reading]'), "rules.unknown_set", TOML, None, "rules.set", "mine", "default"),
    Case(swap(TOML, "[reading]", "[rules]\nnone = 1\n[reading]"), "rules.unknown_clause", TOML, None, "rules.none", "1", "docs/rules.md"),
    Case(swap(TOML, "[reading]", '[rules]\n"inrc.progression_ratio" = nan\n[reading]'), "rules.wrong_value", TOML, None, "rules.inrc.progression_ratio", "nan", "a value like 1.2"),
    Case(swap(TOML, "[reading]", '[rules]\n"siopen.grade_5_from" = "a"\n[reading]'), "rules.wrong_value", TOML, None, "rules.siopen.grade_5_from", "a", "0.5"),
    Case(recode(TOML, lambda data: data.replace(b"Two", b"\xe9")), "file.not_utf8", TOML, 2, None, "0xe9", "UTF-8"),
]  # fmt: skip

CELLS = [
    Case(swap(P, "P1,female", ",female"), "cell.blank", P, 2, "patient", None, "Write its value"),
    Case(swap(P, "alive", ""), "cell.blank", P, 2, "vital_status", None, "Write its value"),
    Case(swap(P, "P1,", " P1,"), "cell.surrounding_blank", P, 2, "patient", " P1", "Delete"),
    Case(swap(P, "1500", " 1500 "), "cell.surrounding_blank", P, 2, "last_contact_day", " 1500 ", "Delete"),
    Case(swap(P, "1500", "2014-02-01"), "cell.date_for_day", P, 2, "last_contact_day", "2014-02-01", "days since diagnosis"),
    Case(swap(P, "1500", "01/02/2014"), "cell.date_for_day", P, 2, "last_contact_day", "01/02/2014", "days since diagnosis"),
    Case(swap(P, "800,", "2008-01-31,"), "cell.not_whole", P, 2, "age_at_diagnosis_days", "2008-01-31", "digits only"),
    Case(recode(T, lambda data: _semicolons(data) + b"P2;radiotherapy;310;;;;1.500,5\n"), "cell.thousands_separator", T, 5, "dose_gy", "1.500,5", "digits"),
    Case(swap(M, "0.5", '"0,5"'), "cell.decimal_comma", M, 3, "extent", "0,5", "decimal point"),
    Case(recode(T, lambda data: _semicolons(data) + b"P2;radiotherapy;310;;;;1.5\n"), "cell.decimal_mixed", T, 5, "dose_gy", "1.5", "one way"),
    Case(swap(P, "1500", "1\u202f500"), "cell.thousands_separator", P, 2, "last_contact_day", "1\u202f500", "digits without"),
    Case(swap(T, "21.6", "1\u00a0021.6"), "cell.thousands_separator", T, 3, "dose_gy", "1\u00a0021.6", "digits without"),
    Case(swap(M, "1.5,", "<5,"), "cell.inexact", M, 4, "x_mm", "<5", "leave the cell blank"),
    Case(swap(P, "800", "NA"), "cell.word_for_missing", P, 2, "age_at_diagnosis_days", "NA", "Leave"),
    Case(swap(P, "800", "nd"), "cell.word_for_missing", P, 2, "age_at_diagnosis_days", "nd", "Leave"),
    Case(swap(P, "800", "-"), "cell.word_for_missing", P, 2, "age_at_diagnosis_days", "-", "Leave"),
    Case(swap(P, "1500", "1500.0"), "cell.not_whole", P, 2, "last_contact_day", "1500.0", "digits only"),
    Case(swap(P, "1500", "1e3"), "cell.not_whole", P, 2, "last_contact_day", "1e3", "digits only"),
    Case(swap(P, "1500", '"2,5"'), "cell.not_whole", P, 2, "last_contact_day", "2,5", "digits only"),
    Case(swap(T, "21.6", "21.6 Gy"), "cell.not_a_number", T, 3, "dose_gy", "21.6 Gy", "without a unit"),
    Case(swap(P, "1500", "9" * 20), "cell.too_large", P, 2, "last_contact_day", "9" * 20, "Check"),
    Case(swap(T, "21.6", "1e400"), "cell.too_large", T, 3, "dose_gy", "1e400", "Check"),
    Case(swap(T, "21.6", "-21.6"), "cell.out_of_range", T, 3, "dose_gy", "-21.6", "unit"),
    Case(swap("components.csv", ",CR,", ",PR,"), "components.foreign_verdict", "components.csv", 2, "verdict", "PR", "marrow alone"),
    Case(swap("components.csv", ",,0", ",,101"), "cell.out_of_range", "components.csv", 2, "marrow_percent", "101.0", "unit"),
    Case(swap(P, "female", "Female"), "cell.unknown_code", P, 2, "sex", "Female", "Did you mean female?"),
    Case(swap(P, "female", "female "), "cell.unknown_code", P, 2, "sex", "female ", "Did you mean female?"),
    Case(swap(M, "femur_right", "femur"), "cell.unknown_code", M, 3, "regions", "femur_left;femur", "Did you mean femur_right or femur_left?"),
    Case(swap(M, "femur_right", "Femur Right"), "cell.unknown_code", M, 3, "regions", "femur_left;Femur Right", "Did you mean femur_right?"),
    Case(swap(M, "planar_ant;planar_post", "planar_ant;;planar_post"), "list.empty_entry", M, 2, "seen_on", "planar_ant;;planar_post", "one `;`"),
    Case(swap(M, "femur_right", "femur_left"), "list.duplicate_entry", M, 3, "regions", "femur_left;femur_left", "once"),
    Case(add(P, "Ze\u0301,female,800,2010,M,unknown,alive,5"), "cell.accents_not_composed", P, 4, "patient", "Ze\u0301", "NFC"),
]  # fmt: skip

TABLES = [
    Case(add(P, "P1,male,800,2010,M,unknown,alive,5"), "key.duplicate", P, 4, "patient", "P1", "Keep one"),
    Case(add(E, "P2,600,progression,yes,,"), "key.duplicate", E, 4, "patient, day, kind", "P2, 600, progression", "Keep one"),
    Case(add(E, "P9,600,progression,,,"), "key.unknown_patient", E, 4, "patient", "P9", "identifier"),
    Case(add(R, "S9,anne,yes,draft,,,"), "key.unknown_scan", R, 9, "scan", "S9", "identifier"),
    Case(swap("images.csv", "I1,S1", "I1,S9"), "key.unknown_scan", "images.csv", 2, "scan", "S9", "identifier"),
    Case(add(M, "S2,bela,1,sacrum,focal,,spot,,,,,,,,,"), "key.without_read", M, 6, "scan, reader", "S2, bela", "Add the read"),
    Case(add(G, "S2,bela,siopen,skull,1"), "key.without_read", G, 5, "scan, reader", "S2, bela", "Add the read", "grades"),
    Case(swap(S, "S1,P1,-3", "S1,P1,-61"), "day.before_diagnosis", S, 2, "day", "-61", "60 days"),
    Case(swap(S, "S2,P1,200", "S2,P1,-1"), "day.before_diagnosis", S, 3, "day", "-1", "60 days"),
    Case(swap(T, "150,160", "-1,160"), "day.before_diagnosis", T, 2, "start_day", "-1", "from diagnosis"),
    Case(add(E, "P1,-1,relapse,no,,"), "day.before_diagnosis", E, 4, "day", "-1", "from diagnosis"),
    Case(swap(T, "150,160", "150,140"), "day.end_before_start", T, 2, "end_day", "140", "one of the two"),
    Case(swap("targets.csv", "220,240", "220,210"), "day.end_before_start", "targets.csv", 2, "end_day", "210", "one of the two"),
    Case(swap(S, "610", "701"), "day.after_death", S, 5, "day", "701", "day of death"),
    Case(swap(T, "300,480", "300,701"), "day.after_death", T, 4, "end_day", "701", "day of death"),
    Case(add(E, "P2,701,relapse,no,,"), "day.after_death", E, 4, "day", "701", "day of death"),
    Case(swap(S, "S2,P1,200", "S2,P1,1501"), "day.after_last_contact", S, 3, "day", "1501", "last_contact_day"),
    Case(add(E, "P1,1501,relapse,no,,"), "day.after_last_contact", E, 4, "day", "1501", "last_contact_day"),
    Case(swap(T, "150,160", "150,1501"), "day.after_last_contact", T, 2, "end_day", "1501", "last_contact_day"),
    Case(swap(P, "alive", "dead"), "patients.dead_without_death", P, 2, "vital_status", "dead", "Add the death"),
    Case(swap(P, "dead", "alive"), "patients.alive_with_death", P, 3, "vital_status", "alive", "Correct vital_status"),
    Case(swap(P, "dead,700", "dead,710"), "patients.last_contact_not_death", P, 3, "last_contact_day", "710", "both files"),
    Case(swap(P, "800,2010,M", "800,2010,"), "patients.source_blank", P, 2, "stage", None, "where it is known"),
    Case(swap(P, "800,2010,M", ",2010,M"), "patients.source_blank", P, 2, "age_at_diagnosis_days", None, "where it is known"),
    Case(swap(P, "800,2010,M", "800,,M"), "patients.source_blank", P, 2, "diagnosis_year", None, "where it is known"),
    Case(add(E, "P2,699,death,,,"), "events.second_death", E, 4, "kind", "death", "Keep one"),
    Case(swap(S, "610,progression", "610,follow_up"), "events.no_progression_scan", E, 2, "day", "600", "label"),
    Case(swap(S, "610,progression", "661,progression"), "events.no_progression_scan", E, 2, "day", "600", "label"),
    Case(add(R, "S3,Anne,yes,draft,,,"), "reads.unknown_reader", R, 9, "reader", "Anne", "Did you mean anne?"),
    Case(add(R, "S2,consensus,yes,locked,,,"), "reads.consensus_without_two_reads", R, 9, "scan", "S2", "reading.design"),
    Case(swap(R, "S1,bela,yes,locked", "S1,bela,yes,draft"), "reads.consensus_without_two_reads", R, 5, "scan", "S1", "lock the two"),
    Case(swap(R, "locked,2", "locked,1"), "reads.duplicate_order", R, 6, "read_order", "1", "without repeats"),
    Case(swap(M, "1,sacrum", "1,soft_tissue"), "reads.negative_at_skeletal_progression", R, 8, "scan", "S4", "skeletal"),
    Case(swap(G, "spine,6", "spine,0"), "reads.negative_at_skeletal_progression", R, 8, "scan", "S4", "skeletal", "grades"),
    Case(swap(M, "diffuse,0.5", "diffuse,"), "marks.extent_missing", M, 3, "extent", None, "fraction"),
    Case(swap(M, "sacrum,focal,", "sacrum,focal,0.5"), "marks.extent_with_focal", M, 5, "extent", "0.5", "Delete"),
    Case(swap(M, "diffuse,0.5", "diffuse,0"), "marks.extent_outside", M, 3, "extent", "0.0", "percentage"),
    Case(swap(M, "diffuse,0.5", "diffuse,50"), "marks.extent_outside", M, 3, "extent", "50.0", "percentage"),
    Case(swap(M, "spect", ""), "marks.seen_on_blank", M, 3, "seen_on", None, "where it is known"),
    Case(add(M, "S3,anne,1,sacrum,focal,,spot,,,,,,,,,"), "marks.not_evaluable", M, 6, "scan", "S3", "Correct"),
    Case(add(G, "S3,anne,siopen,skull,1"), "grades.not_evaluable", G, 5, "scan", "S3", "Correct", "grades"),
    Case(swap(M, "S1,1,,,1.5", "S1,7,,,1.5"), "marks.unknown_prior", M, 4, "from_scan, from_mark", "S1, 7", "existing mark"),
    Case(swap(M, "S1,1,,,1.5", "S1,1,I1,,1.5"), "marks.unknown_image", M, 4, "scan, image", "S2, I1", "of this scan"),
    Case(swap("images.csv", "anterior,,", "anterior,ab/c.dcm#2,"), "images.missing_file", "images.csv", 2, "source", "ab/c.dcm#2", "import the scan again"),
    Case(swap(M, "S1,1,,,1.5", ",1,,,1.5"), "marks.unknown_prior", M, 4, "from_scan, from_mark", ", 1", "existing mark"),
    Case(lambda files: files.__setitem__(G, GRADES.encode()), "grades.in_marks_study", G, None, None, "3 records", "header only"),
    Case(swap(TOML, "[reading]", '[reading]\nentry = "grades"'), "marks.in_grades_study", M, None, None, "4 records", "header only"),
    Case(swap(G, "siopen,skull", "siopen,head"), "grades.unknown_segment", G, 2, "segment", "head", "skull", "grades"),
    Case(swap(G, "skull,2", "skull,7"), "grades.out_of_range", G, 2, "grade", "7", "0 to 6", "grades"),
    Case(swap(G, "skull,2", "skull,2.0"), "grades.out_of_range", G, 2, "grade", "2.0", "0 to 6", "grades"),
    Case(swap(G, "head,not_assessable", "head,4"), "grades.out_of_range", G, 3, "grade", "4", "0 to 3", "grades"),
]  # fmt: skip

CASES = [*FILES, *SETTINGS, *CELLS, *TABLES]
