"""Worklist, reads, signatures, differences: the work of readers and adjudicators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from residuum.steps.adjudication import settle, show_differences
from residuum.steps.live_scores import score_content, score_stored
from residuum.steps.reading import save_draft, show_read, unlock_own
from residuum.steps.signing import ToSign, sign_reads
from residuum.steps.worklist import show_settled_worklist, show_worklist
from residuum.web.bodies import (
    CaseNumber,
    DifferencesAnswer,
    Draft,
    ReadAnswer,
    SavedAnswer,
    Signature,
    SignatureAnswer,
    StateAnswer,
    Unlocking,
    WorklistAnswer,
)
from residuum.web.faults import described
from residuum.web.gate import Door, Gate

router = APIRouter(tags=["reading"])
Number = Annotated[CaseNumber, Path(description="number of the case in this reader's order")]
Scores = Annotated[bool, Query(description="whether grades and totals are wanted as well")]
Looking = Annotated[Door, Depends(Gate("read_scans"))]
Writing = Annotated[Door, Depends(Gate("read_scans", writes=True))]


@router.get("/worklist", response_model=WorklistAnswer, responses=described(401, 403))
async def worklist(door: Writing) -> Any:
    """Return the cases of this reader in the order of reading."""
    settled = await door.look(show_settled_worklist)
    if settled is not None:
        return settled
    await door.visit(settle)
    return await door.look(show_worklist)


@router.get("/reads/{case}", response_model=ReadAnswer, responses=described(401, 403, 404, 422))
async def read(case: Number, door: Looking, scores: Scores = False) -> Any:
    """Return one case with everything that this reader said of it."""
    found = await door.visit(show_read, case)
    return {**found, "scores": await door.look(score_stored, case) if scores else None}


@router.put("/reads/{case}", response_model=SavedAnswer, responses=described(401, 403, 404, 409, 413, 422))
async def save(case: Number, body: Draft, door: Writing, scores: Scores = False) -> Any:
    """Save the whole content of a case as a draft."""
    saved = await door.visit(save_draft, case, body.version, body)
    return {**saved, "scores": await door.look(score_content, body) if scores else None}


@router.post("/signatures", response_model=SignatureAnswer, responses=described(401, 403, 404, 409, 413, 422, 429))
async def sign(body: Signature, door: Writing) -> Any:
    """Lock one read or several with one password, all or none."""
    reads = [ToSign(one.case, one.version, one.reasons) for one in body.reads]
    return await door.run(sign_reads, body.password, reads)


@router.post("/reads/{case}/unlock", response_model=StateAnswer, responses=described(401, 403, 404, 409, 413, 422))
async def unlock(case: Number, body: Unlocking, door: Writing) -> Any:
    """Make a locked read a draft again; its signature is void."""
    return await door.visit(unlock_own, case, body.version, body.reason)


@router.get("/reads/{case}/differences", response_model=DifferencesAnswer, responses=described(401, 403, 404, 422))
async def differences(case: Number, door: Writing) -> Any:
    """Return the locked reads of the scan and where they differ, once they may be seen; the view is written down."""
    return await door.visit(show_differences, case)
