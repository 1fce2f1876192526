"""Where the marks of an earlier scan are expected, in paired order."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from residuum.steps.proposals import Kind, Proposals, find_prior_marks
from residuum.web.bodies import CaseNumber, ProposalsAnswer
from residuum.web.faults import described
from residuum.web.gate import Door, Gate

router = APIRouter(tags=["images"])
Number = Annotated[CaseNumber, Path(description="number of the case in this reader's order")]
Looking = Annotated[Door, Depends(Gate("read_scans"))]


def proposals_of(request: Request) -> Proposals:
    """Return what carries marks for this server."""
    held: Proposals = request.app.state.proposals
    return held


@router.get("/cases/{case}/proposals", response_model=ProposalsAnswer, responses=described(401, 403, 404, 409, 422))
async def proposals(
    case: Number, door: Looking, held: Annotated[Proposals, Depends(proposals_of)], on: Kind = "planar"
) -> Any:
    """Return where this reader's marks on their earlier scan are expected on the views, or the SPECT, of a case."""
    asked = await door.visit(find_prior_marks, case)
    return await asyncio.to_thread(held.describe, asked, on)
