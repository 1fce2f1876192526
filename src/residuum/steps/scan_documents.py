"""What every read that may leave a study says, with the images that it says it of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from residuum.cohort.analysis import Analysis, derive_analysis
from residuum.exports.documents import ImageEntry, MarkEntry, ReadDocument, refer
from residuum.intake.scans.image_files import ImageFiles, Source
from residuum.intake.scans.stored import read_stored
from residuum.reads.blinding import derive_open_reads
from residuum.records.image_flags import FLAGS
from residuum.records.study import Study
from residuum.records.vocabulary import SEGMENTS
from residuum.scores.totals import derive_totals
from residuum.sites.sites import LESION_PREFIX
from residuum.steps.location import Location
from residuum.steps.sources import Source as StudySource

DAY_0: Final = datetime(2000, 1, 1)
"""Day of diagnosis in the calendar of the copies of scans."""
_TOTALS: Final = ("siopen", "curie", "curie_skeletal")


@dataclass(frozen=True, slots=True)
class OpenReads:
    """The reads that may leave a study, and how many locked ones stay.

    Attributes
    ----------
    reads : DataFrame
        Rows (scan, reader, made), `made` being when the read was locked, null where that is not known.
    held_back : int
    """

    reads: pl.DataFrame
    held_back: int


def find_open_reads(source: StudySource, location: Location) -> OpenReads:
    """Return which reads may leave: of a database by its cases, of a folder by its reads."""
    assignments, states = _from_database(location) if source.audit_head is not None else _from_folder(source.study)
    leaving = derive_open_reads(assignments, states, source.study.settings.reading)
    locked = states.filter(occasion="main", state="locked")
    made = locked.select("scan", "reader", made="signed_at")
    return OpenReads(leaving.join(made, on=["scan", "reader"], how="left"), locked.height - leaving.height)


def _from_database(location: Location) -> tuple[pl.DataFrame, pl.DataFrame]:
    from residuum.store.readings import load_assignments, load_read_states  # a folder needs no database library

    database = location.open()
    try:
        with database.reading() as connection:
            return load_assignments(connection), load_read_states(connection)
    finally:
        database.close()


def _from_folder(study: Study) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the cases that the reads of a folder tell of: both readers were to read whatever either did."""
    occasion = pl.lit("main").alias("occasion")
    states = study["reads"].select("scan", "reader", occasion, "state", signed_at=pl.lit(None, pl.String))
    pair = pl.DataFrame({"reader": study.settings.reading.readers[:2]}, schema={"reader": pl.String})
    read = states.join(pair, on="reader", how="semi").select("scan").unique()
    cases = pair.join(read, how="cross").with_columns(occasion)
    others = states.select("reader", "scan", "occasion").join(cases, on=["reader", "scan"], how="anti")
    return pl.concat([cases, others]), states


class Documents:
    """Makes the documents of a study, one read at a time.

    Parameters
    ----------
    study : Study
    files : ImageFiles
        Where its images lie.
    """

    def __init__(self, study: Study, files: ImageFiles) -> None:
        self.study, self.files = study, files
        self.analysis: Analysis = derive_analysis(study)
        readings = self.analysis.readings
        evaluable = readings.reads.filter("evaluable").select("read")
        self._totals = derive_totals(readings, evaluable).filter(mode="all")
        self._scans = {row["scan"]: row for row in study["scans"].to_dicts()}
        self._sexes = dict(study["patients"].select("patient", "sex").iter_rows())

    def images(self, scan: str) -> list[ImageEntry]:
        """Return the imported images of a scan with their stored objects.

        Raises
        ------
        InputError
            A file is missing or damaged.
        """
        entries = []
        for row in self.study["images"].filter(pl.col("source").is_not_null(), scan=scan).to_dicts():
            source = Source.parse(row["source"])
            objects, placement = read_stored(self.files.load(source.path, row["sha256"]))
            entries.append(ImageEntry(row["image"], row["kind"], row["view"], objects, source.frame or 1, placement))
        return entries

    def document(self, scan: str, reader: str, images: list[ImageEntry]) -> ReadDocument:
        """Return what one locked read says."""
        about = self._scans[scan]
        read = self.analysis.readings.reads.filter(scan=scan, reader=reader).row(0, named=True)
        marks = self.study["marks"].filter(scan=scan, reader=reader).to_dicts()
        return ReadDocument(
            study=self.study.settings.title or None,
            patient=about["patient"],
            sex=self._sexes.get(about["patient"]),
            scan=scan,
            day=about["day"],
            timepoint=about["timepoint"],
            tracer=about["tracer"],
            reader=reader,
            evaluable=read["evaluable"],
            marks=tuple(_mark(row) for row in marks),
            grades=self._grades(read["read"]),
            totals=self._totals_of(read["read"]),
            images=tuple(refer(entry) for entry in images),
        )

    def patient(self, scan: str) -> str:
        """Return whose scan it is."""
        return str(self._scans[scan]["patient"])

    def doubts(self, image: str) -> str:
        """Return why nothing may be computed from the counts of an image, empty where all may."""
        flags = self.study["images"].filter(image=image)["flags"][0]
        names = [name for name in (flags or "").split(";") if name and FLAGS[name].refuses != "nothing"]
        return "; ".join(FLAGS[name].meaning for name in names)

    def residual_marks(self, document: ReadDocument) -> list[MarkEntry]:
        """Return the marks of sites that persist on the landmark scan, if this is the read of it that counts."""
        analysis, scan = self.analysis, document.scan
        landmark = analysis.patients.filter(patient=document.patient, landmark_scan=scan)
        used = analysis.reads_used.filter(scan=scan).join(analysis.readings.reads, on=["scan", "read"], how="inner")
        if landmark.is_empty() or document.reader not in used["reader"]:
            return []
        residual = set(analysis.site_states.filter(scan=scan, state="persistent")["site"])
        return [mark for mark in document.marks if self._sites(mark) & residual]

    def _sites(self, mark: MarkEntry) -> set[str]:
        by_label = self.study.settings.definitions.site_level == "lesion" and mark.site is not None
        return {f"{LESION_PREFIX}{mark.site}"} if by_label else set(mark.regions)

    def _grades(self, read: int) -> Mapping[tuple[str, str], int | None]:
        """Return a grade for every segment: 0 where nothing was said of it."""
        readings = self.analysis.readings
        said = readings.grades.filter(read=read, mode="all").select("system", "segment", "grade").iter_rows()
        none = {(system, segment): 0 for system in readings.systems for segment in SEGMENTS[system]}
        return none | {(system, segment): grade for system, segment, grade in said}

    def _totals_of(self, read: int) -> Mapping[str, int | None]:
        names = _TOTALS if "curie" in self.analysis.readings.systems else _TOTALS[:1]
        rows = self._totals.filter(read=read).to_dicts()
        return {name: rows[0][name] if rows else None for name in names}


def moment(made: str | None, day: int) -> datetime:
    """Return when a read was locked; where that is not known, the day of its scan in the calendar of the copies."""
    return datetime.fromisoformat(made).replace(tzinfo=None) if made else DAY_0 + timedelta(days=day)


def _mark(row: Mapping[str, Any]) -> MarkEntry:
    return MarkEntry(
        mark=row["mark"],
        regions=tuple(row["regions"].split(";")),
        pattern=row["pattern"],
        extent=row["extent"],
        seen_on=tuple((row["seen_on"] or "").split(";")) if row["seen_on"] else (),
        confidence=row["confidence"],
        site=row["site"],
        image=row["image"],
        view=row["view"],
        x_mm=row["x_mm"],
        y_mm=row["y_mm"],
        z_mm=row["z_mm"],
    )
