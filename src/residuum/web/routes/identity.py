"""The paired pass of a blinded study: which marks are the same site over time."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from residuum.steps.identities import Link, save_identity, show_identities, show_identity
from residuum.web.bodies import Identifier, IdentitiesAnswer, IdentityAnswer, IdentityChange, IdentitySaved
from residuum.web.faults import described
from residuum.web.gate import Door, Gate

router = APIRouter(prefix="/identity", tags=["reading"])
Looking = Annotated[Door, Depends(Gate("read_scans"))]
Writing = Annotated[Door, Depends(Gate("read_scans", writes=True))]


@router.get("", response_model=IdentitiesAnswer, responses=described(401, 403, 409))
async def patients(door: Looking) -> Any:
    """Return the patients of this reader's cases, once all of the reader's cases are locked."""
    return await door.visit(show_identities)


@router.get("/{patient}", response_model=IdentityAnswer, responses=described(401, 403, 404, 409, 422))
async def patient(patient: Identifier, door: Writing) -> Any:
    """Return this reader's own marks on every scan of a patient; from then on the reader cannot unlock a read."""
    return await door.visit(show_identity, patient)


@router.put("/{patient}", response_model=IdentitySaved, responses=described(401, 403, 404, 409, 413, 422))
async def save(patient: Identifier, body: IdentityChange, door: Writing) -> Any:
    """Say which marks of a patient are the same site; nothing that is scored changes."""
    links = [Link(**one.model_dump()) for one in body.links]
    return await door.visit(save_identity, patient, body.version, links)
