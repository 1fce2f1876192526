"""The audit trail: the work of auditors."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from residuum.steps.auditing import show_audit, show_audit_head
from residuum.web.bodies import AuditAnswer, AuditHeadAnswer
from residuum.web.faults import described
from residuum.web.gate import Door, Gate

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("", response_model=AuditAnswer, responses=described(401, 403, 422))
async def entries(
    door: Annotated[Door, Depends(Gate("see_audit", writes=True))],
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Any:
    """Return entries after a number, oldest first; the view is written down."""
    return await door.visit(show_audit, after, limit)


@router.get("/head", response_model=AuditHeadAnswer, responses=described(401, 403))
async def head(door: Annotated[Door, Depends(Gate("see_audit_head"))]) -> Any:
    """Return the head of the chain, and what a check of the whole chain finds."""
    return await door.visit(show_audit_head)
