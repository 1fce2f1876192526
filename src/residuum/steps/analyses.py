"""Analyses that the server runs: queued, one at a time, each in a process of its own on a snapshot."""

import contextlib
import json
import queue
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from residuum.records.errors import RefusalError, ResiduumError
from residuum.records.study import Study
from residuum.steps.analysis_job import read_snapshot, write_snapshot
from residuum.steps.desk import Desk
from residuum.steps.erasure import ANALYSES
from residuum.steps.snapshots import describe_patient, take_snapshot_with_repeats
from residuum.steps.visits import Request, Visit, begin_visit
from residuum.store import audit
from residuum.store.analyses import (
    UNFINISHED,
    add_analysis,
    end_interrupted,
    load_analyses,
    load_analysis,
    move_analysis,
)

LONGEST_QUEUE: Final = 20
_ERROR_CHARACTERS: Final = 2000


@dataclass(slots=True)
class _Run:
    """An analysis that waits or runs."""

    name: str
    audit_head: str
    doing: str = "waiting"
    share: float = 0.0
    cancelled: bool = False
    process: "subprocess.Popen[str] | None" = field(default=None, repr=False)


class AnalysisQueue:
    """Runs analyses one after another.

    Parameters
    ----------
    desk : Desk
        Where the database is written to.
    data : Path
        Folder beside the database; results lie in ``analyses/<id>/results``, the snapshot in ``analyses/<id>/study``.
    """

    def __init__(self, desk: Desk, data: Path) -> None:
        self.desk, self.folder = desk, data / ANALYSES
        self._runs: dict[str, _Run] = {}
        self._waiting: queue.SimpleQueue[_Run | None] = queue.SimpleQueue()
        desk.write(lambda connection: end_interrupted(connection, desk.clock().isoformat())).result()
        self._clear_leftovers()
        self._worker = threading.Thread(target=self._work, name="analyses", daemon=True)
        self._worker.start()

    def ask(self, desk: Desk, request: Request) -> dict[str, Any]:
        """Take a snapshot and queue its analysis.

        Raises
        ------
        RefusalError
            ``queue_full``.
        """
        study, repeats, erasures = desk.read(
            lambda connection: take_snapshot_with_repeats(begin_visit(connection, desk, request, "analyse"))
        ).result()
        if len(self._runs) >= LONGEST_QUEUE:
            raise RefusalError("queue_full", f"{LONGEST_QUEUE} analyses wait already; try again later")
        name = desk.tokens()[:22].replace("-", "0").replace("_", "1")
        write_snapshot(self.folder / name, study, repeats)

        def enqueue(connection: sa.Connection) -> dict[str, Any]:
            visit = begin_visit(connection, desk, request, "analyse")
            if audit.count_entries(connection, "patient.forget") != erasures:
                raise RefusalError("conflict", "a patient was erased in the same moment; ask again")
            visit.note("analysis.ask", analysis=name)
            add_analysis(connection, name, visit.session.account, visit.at.isoformat(), audit.head(connection))
            return self.describe(visit, name)

        try:
            described = desk.write(enqueue).result()
        except Exception:
            shutil.rmtree(self.folder / name)
            raise
        run = self._runs[name] = _Run(name, described["audit_head"])
        self._waiting.put(run)
        return described

    def list(self, visit: Visit) -> dict[str, Any]:
        """Return every analysis, the newest first."""
        return {"analyses": [self._with_progress(row) for row in load_analyses(visit.connection)]}

    def describe(self, visit: Visit, name: str) -> dict[str, Any]:
        """Return where an analysis stands.

        Raises
        ------
        RefusalError
            ``not_found``.
        """
        row = load_analysis(visit.connection, name)
        if row is None:
            raise RefusalError("not_found", "there is no analysis of this name")
        return self._with_progress(row)

    def cancel(self, visit: Visit, name: str) -> dict[str, Any]:
        """Stop an analysis that waits or runs.

        Raises
        ------
        RefusalError
            ``not_found``, ``finished``.
        """
        if self.describe(visit, name)["state"] not in UNFINISHED:
            raise RefusalError("finished", "the analysis has finished; nothing can be stopped")
        visit.note("analysis.cancel", analysis=name)
        move_analysis(visit.connection, name, "cancelled", finished_at=visit.at.isoformat())
        run = self._runs.get(name)
        if run is not None:
            run.cancelled = True
            if run.process is not None:
                run.process.terminate()
        return self.describe(visit, name)

    def results(self, visit: Visit, name: str, what: str) -> Path:
        """Return the folder with the results of an analysis, of which `what` is looked at.

        Raises
        ------
        RefusalError
            ``not_found``, ``not_done``.
        """
        if self.describe(visit, name)["state"] != "done":
            raise RefusalError("not_done", "the analysis has no results (yet)")
        visit.note("analysis.see", analysis=name, what=what)
        return self.folder / name / "results"

    def progress(self, name: str) -> tuple[str, float] | None:
        """Return what an unfinished analysis is doing and the share done; None once it has finished."""
        run = self._runs.get(name)
        return (run.doing, run.share) if run is not None else None

    def close(self) -> None:
        """Stop what runs; what waits is lost and said so when the server starts again."""
        for run in list(self._runs.values()):
            run.cancelled = True
            if run.process is not None:
                run.process.terminate()
        self._waiting.put(None)
        self._worker.join()

    def _clear_leftovers(self) -> None:
        """Delete the folders of analyses that the database does not know (any more)."""
        known = {row["id"] for row in self.desk.read(load_analyses).result()}
        for folder in self.folder.iterdir() if self.folder.is_dir() else ():
            if folder.name not in known:
                shutil.rmtree(folder)

    def _with_progress(self, row: dict[str, Any]) -> dict[str, Any]:
        run = self._runs.get(row["id"])
        finished = ("done", 1.0) if row["state"] == "done" else (row["state"], 0.0)
        doing, share = (run.doing, run.share) if run is not None and row["state"] in UNFINISHED else finished
        return {**row, "doing": doing, "share": share}

    def _work(self) -> None:
        while (run := self._waiting.get()) is not None:
            try:
                if not run.cancelled:
                    self._move(run, "running", None)
                    self._move(run, *self._outcome(run))
            except ResiduumError:  # the database is away; what is unfinished is said so at the next start
                pass
            finally:
                del self._runs[run.name]

    def _outcome(self, run: _Run) -> tuple[str, str | None]:
        """Run an analysis and return how it ended, whatever happens: the next one waits."""
        try:
            return self._execute(run)
        except OSError as error:
            return "failed", f"{error.strerror}: {error.filename}"

    def _execute(self, run: _Run) -> tuple[str, str | None]:
        folder = self.folder / run.name
        command = [sys.executable, "-m", "residuum.steps.analysis_job"]
        arguments = [str(folder), str(folder / "results"), run.audit_head]
        with (
            (folder / "errors.txt").open("w+", encoding="utf-8") as errors,
            subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=errors, text=True) as process,
        ):
            run.process = process
            if run.cancelled:  # in the moment before
                process.terminate()
            assert process.stdout is not None
            for line in process.stdout:
                with contextlib.suppress(ValueError):
                    told = json.loads(line)
                    run.doing, run.share = told["doing"], told["share"]
            if process.wait() == 0:
                return "done", None
            errors.seek(0)
            last = errors.read().strip().splitlines()[-1:] or ["no reason was given"]
        return ("cancelled", None) if run.cancelled else ("failed", last[0][:_ERROR_CHARACTERS])

    def _move(self, run: _Run, state: str, message: str | None) -> None:
        at = None if state == "running" else self.desk.clock().isoformat()

        def move(connection: sa.Connection) -> bool:
            move_analysis(connection, run.name, state, message, at)
            return load_analysis(connection, run.name) is not None

        if not self.desk.write(move).result():  # erased meanwhile, with a patient in it
            shutil.rmtree(self.folder / run.name, ignore_errors=True)


def read_numbers(results: Path, prefix: str, group: str | None) -> dict[str, Any]:
    """Return the numbers whose name starts so, each with the patients behind it."""
    whole = _read_numbers(results / "numbers.json")
    sets = whole["patient_sets"]
    rows = [
        {**row, "patients": sets.get(row["patients"])}
        for row in whole["rows"]
        if row["name"].startswith(prefix) and group in (None, row["group"])
    ]
    return {"about": whole["study"], "rows": rows}


def note_patient_seen(visit: Visit, name: str, patient: str) -> None:
    """Write down whose scans, reads and marks were looked at."""
    visit.note("analysis.see", patient=patient, analysis=name, what="patient")


def read_patient(results: Path, patient: str) -> dict[str, Any]:
    """Return a patient of the snapshot with scans, reads, marks and grades.

    Raises
    ------
    RefusalError
        ``not_found``.
    """
    found = describe_patient(_read_snapshot(results.parent), patient)
    if found is None:
        raise RefusalError("not_found", "the analysis has no such patient")
    return found


@lru_cache(4)
def _read_numbers(file: Path) -> dict[str, Any]:
    numbers: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return numbers


@lru_cache(2)
def _read_snapshot(folder: Path) -> Study:
    return read_snapshot(folder)
