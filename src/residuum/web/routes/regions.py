"""Regions that are proposed for places of the whole-body views of a case."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from residuum.steps.case_images import find_images
from residuum.steps.region_maps import RegionMaps
from residuum.web.bodies import CaseNumber, RegionsAnswer
from residuum.web.faults import described
from residuum.web.gate import Door, Gate

router = APIRouter(tags=["images"])
Number = Annotated[CaseNumber, Path(description="number of the case in this reader's order")]
Looking = Annotated[Door, Depends(Gate("read_scans"))]


def maps_of(request: Request) -> RegionMaps:
    """Return the region maps that the server holds."""
    maps: RegionMaps = request.app.state.region_maps
    return maps


@router.get("/cases/{case}/regions", response_model=RegionsAnswer, responses=described(401, 403, 404, 409, 422))
async def regions(case: Number, door: Looking, maps: Annotated[RegionMaps, Depends(maps_of)]) -> Any:
    """Return the most and the second most likely region at each place of the whole-body views of a case."""
    found = await door.visit(find_images, case)
    return await asyncio.to_thread(maps.describe, found)
