"""What every read that may leave a study says, with the images that it says it of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from residuum.cohort.analysis import Analysis, derive_analysis
from residuum.exports.documents import ImageEntry, MarkEntry, ReadDocument, refer
from residuum.intake.scans.image_files import ImageFiles, Source
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.stored import read_stored
from residuum.reads.blinding import derive_open_reads
from residuum.records.errors import InputError
from residuum.records.image_flags import FLAGS
from residuum.records.settings import Reading
from residuum.records.study import Study
from residuum.records.vocabulary import SEGMENTS
from residuum.scores.totals import derive_totals
from residuum.steps.location import Location

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


def find_open_reads(study: Study, location: Location, analysis: Analysis) -> OpenReads:
    """Return which reads may leave.

    Where there is a database, its cases and locks count, whatever the files beside it say. Where a third reader is
    listed, a scan on which two reads differ waits for a third one or a consensus.
    """
    reading = study.settings.reading
    assignments, states = _from_database(location) if location.has_database else _from_folder(study)
    leaving = derive_open_reads(assignments, states, reading)
    waiting = _waiting_for_third(analysis, reading) if len(reading.readers) > 2 else []
    if waiting and reading.reveal == "study":
        leaving = leaving.clear()
    locked = states.filter(occasion="main", state="locked").select("scan", "reader", made="signed_at")
    kept = study["reads"].filter(state="locked").select("scan", "reader")
    leaving = leaving.filter(~pl.col("scan").is_in(waiting)).join(kept, on=["scan", "reader"], how="semi")
    return OpenReads(leaving.join(locked, on=["scan", "reader"], how="left"), kept.height - leaving.height)


def _waiting_for_third(analysis: Analysis, reading: Reading) -> list[str]:
    """Return the scans that two readers have locked and that no third has, although they differ."""
    reads = analysis.readings.reads
    both = (
        reads.filter(pl.col("reader").is_in(list(reading.readers[:2])))
        .group_by("scan")
        .len()
        .filter(pl.col("len") == 2)
    )
    third = reads.filter(pl.col("reader").is_in(list(reading.readers[2:])))
    unresolved = analysis.reads_used.filter(status="unresolved").select("scan")
    return unresolved.join(both, on="scan", how="semi").join(third, on="scan", how="anti")["scan"].to_list()


def _from_database(location: Location) -> tuple[pl.DataFrame, pl.DataFrame]:
    from residuum.store.readings import load_assignments, load_read_states  # a folder needs no database library

    database = location.open()
    try:
        with database.reading() as connection:
            return load_assignments(connection), load_read_states(connection)
    finally:
        database.close()


def _from_folder(study: Study) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the cases of a folder: as in a database, both readers are to read every scan."""
    occasion = pl.lit("main").alias("occasion")
    states = study["reads"].select("scan", "reader", occasion, "state", signed_at=pl.lit(None, pl.String))
    pair = pl.DataFrame({"reader": study.settings.reading.readers[:2]}, schema={"reader": pl.String})
    cases = pair.join(study["scans"].select("scan"), how="cross").with_columns(occasion)
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
            try:
                objects, placement = read_stored(self.files.load(source.path, row["sha256"]), self.patient(scan))
            except ScanError as error:
                raise InputError(f"image {row['image']} cannot be read back: {error}") from None
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

    def residual_reader(self, scan: str) -> str | None:
        """Return whose marks stand for a landmark scan, None where it is none or its reads are not resolved.

        Of two that agree, the one who placed more marks on SPECT.
        """
        analysis, reading = self.analysis, self.study.settings.reading
        if analysis.patients.filter(landmark_scan=scan).is_empty():
            return None
        used = analysis.reads_used.filter(scan=scan, status="evaluable")
        found = used.join(analysis.readings.reads.select("read", "reader"), on="read", how="inner")
        if found.is_empty() or found["source"][0] != "agreed":
            return str(found["reader"][0]) if found.height else None
        return max(reading.readers[:2], key=lambda reader: self._placed_on_spect(scan, reader))

    def is_unresolved_landmark(self, scan: str) -> bool:
        """Whether it is the landmark scan of a patient and no read of it counts yet."""
        scans = self.analysis.reads_used.filter(scan=scan, status="unresolved", timepoint=self._landmark)
        return not scans.is_empty()

    @property
    def _landmark(self) -> str:
        return self.study.settings.analysis.landmark

    def _placed_on_spect(self, scan: str, reader: str) -> int:
        return self.study["marks"].filter(pl.col("z_mm").is_not_null(), scan=scan, reader=reader).height

    def _grades(self, read: int) -> Mapping[tuple[str, str], int | None]:
        """Return a grade for every segment: 0 where nothing was said of it."""
        said = self.analysis.readings.grades.filter(read=read, mode="all").select("system", "segment", "grade")
        none = {(system, segment): 0 for system in self._systems(read) for segment in SEGMENTS[system]}
        return none | {(system, segment): grade for system, segment, grade in said.iter_rows()}

    def _systems(self, read: int) -> list[str]:
        """Return the systems that a read speaks of: a reader who gave no Curie grade said nothing in Curie."""
        systems = self.analysis.readings.systems
        if self.study.uses_marks:
            return list(systems)
        key = self.analysis.readings.reads.filter(read=read).select("scan", "reader")
        graded = self.study["grades"].join(key, on=["scan", "reader"], how="semi")["system"]
        return [system for system in systems if system == "siopen" or system in graded]

    def _totals_of(self, read: int) -> Mapping[str, int | None]:
        names = _TOTALS if "curie" in self._systems(read) else _TOTALS[:1]
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
