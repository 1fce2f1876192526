"""Analyses and exports: the work of statisticians."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from residuum.steps.analyses import AnalysisQueue, note_patient_seen, read_numbers, read_patient
from residuum.steps.snapshots import export_study
from residuum.web.bodies import AnalysesAnswer, AnalysisAnswer, Identifier, NumbersAnswer
from residuum.web.faults import described
from residuum.web.gate import Door, Gate

router = APIRouter(tags=["results"])
Analysis = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9]+$")]
Looking = Annotated[Door, Depends(Gate("analyse"))]
Writing = Annotated[Door, Depends(Gate("analyse", writes=True))]
_POLL_SECONDS: Final = 0.25
# a report is one page with its styles and pictures within it, and no script
_REPORT_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"


def analysis_queue(request: Request) -> AnalysisQueue:
    """Return the queue of this server."""
    queue: AnalysisQueue = request.app.state.analyses
    return queue


Queue = Annotated[AnalysisQueue, Depends(analysis_queue)]


@router.post("/analyses", status_code=202, response_model=AnalysisAnswer, responses=described(401, 403, 409, 413))
async def ask(door: Writing, queue: Queue) -> Any:
    """Analyse the study as it is now; its locked reads only."""
    return await door.run(queue.ask)


@router.get("/analyses", response_model=AnalysesAnswer, responses=described(401, 403))
async def analyses(door: Looking, queue: Queue) -> Any:
    """Return every analysis, the newest first."""
    return await door.visit(queue.list)


@router.get("/analyses/{analysis}", response_model=AnalysisAnswer, responses=described(401, 403, 404, 422))
async def one(analysis: Analysis, door: Looking, queue: Queue) -> Any:
    """Return where an analysis stands."""
    return await door.visit(queue.describe, analysis)


@router.delete("/analyses/{analysis}", response_model=AnalysisAnswer, responses=described(401, 403, 404, 409, 422))
async def cancel(analysis: Analysis, door: Writing, queue: Queue) -> Any:
    """Stop an analysis that waits or runs."""
    return await door.visit(queue.cancel, analysis)


@router.get(
    "/analyses/{analysis}/events",
    response_class=StreamingResponse,
    responses={
        **described(401, 403, 404, 422),
        200: {"description": "events with `state`, `doing` and `share`", "content": {"text/event-stream": {}}},
    },
)
async def events(analysis: Analysis, door: Looking, queue: Queue) -> StreamingResponse:
    """Tell the progress of an analysis as server-sent events, until it has finished."""
    await door.visit(queue.describe, analysis)
    return StreamingResponse(_tell(analysis, door, queue), media_type="text/event-stream")


@router.get("/analyses/{analysis}/numbers", response_model=NumbersAnswer, responses=described(401, 403, 404, 409, 422))
async def numbers(
    analysis: Analysis,
    door: Writing,
    queue: Queue,
    name: Annotated[str, Query(max_length=200, description="beginning of the names")] = "",
    group: Annotated[str | None, Query(max_length=200)] = None,
) -> Any:
    """Return numbers, each with the patients behind it; the view is written down."""
    results = await door.visit(queue.results, analysis, "numbers")
    return await asyncio.to_thread(read_numbers, results, name, group)


@router.get("/analyses/{analysis}/patients/{patient}", responses=described(401, 403, 404, 409, 422))
async def patient(analysis: Analysis, patient: Identifier, door: Writing, queue: Queue) -> dict[str, Any]:
    """Return a patient of an analysis with scans, reads, marks and grades; the view is written down."""
    results = await door.visit(queue.results, analysis, "a patient")
    found = await asyncio.to_thread(read_patient, results, patient)
    await door.visit(note_patient_seen, analysis, patient)
    return found


@router.get(
    "/analyses/{analysis}/report",
    response_class=Response,  # not HTMLResponse: the refusals would be described as pages, too
    responses={**described(401, 403, 404, 409, 422), 200: {"content": {"text/html": {}}}},
)
async def report(analysis: Analysis, door: Writing, queue: Queue) -> HTMLResponse:
    """Return the report of an analysis; the view is written down."""
    results = await door.visit(queue.results, analysis, "report")
    page = await asyncio.to_thread((results / "report.html").read_text, "utf-8")
    return HTMLResponse(page, headers={"content-security-policy": _REPORT_POLICY})


@router.post(
    "/exports",
    response_class=Response,
    responses={**described(401, 403, 413), 200: {"content": {"application/zip": {}}}},
)
async def export(door: Annotated[Door, Depends(Gate("export", writes=True))]) -> Response:
    """Return the study, locked reads only, as a ZIP file; the export is written down."""
    packed = await door.run(export_study)
    headers = {"content-disposition": 'attachment; filename="residuum-export.zip"'}
    return Response(packed, media_type="application/zip", headers=headers)


async def _tell(analysis: str, door: Door, queue: AnalysisQueue) -> AsyncIterator[str]:
    last = None
    while (progress := queue.progress(analysis)) is not None:
        if progress != last:
            yield _event({"state": "unfinished", "doing": progress[0], "share": progress[1]})
            last = progress
        await asyncio.sleep(_POLL_SECONDS)
    finished = await door.visit(queue.describe, analysis)
    yield _event({name: finished[name] for name in ("state", "doing", "share", "message")})


def _event(told: dict[str, Any]) -> str:
    return f"data: {json.dumps(told)}\n\n"
