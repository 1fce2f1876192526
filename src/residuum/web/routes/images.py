"""Images of a case: what there is, and the values of their pixels."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from residuum.steps.case_images import describe_images, find_images, load_pixels
from residuum.steps.pictures import Picture, Pictures
from residuum.web.bodies import CaseNumber, ImageName, ImagesAnswer
from residuum.web.faults import described
from residuum.web.gate import Door, Gate

router = APIRouter(tags=["images"])
Number = Annotated[CaseNumber, Path(description="number of the case in this reader's order")]
Name = Annotated[ImageName, Path(description="name of the image within the case")]
Looking = Annotated[Door, Depends(Gate("read_scans"))]


def pictures_of(request: Request) -> Pictures:
    """Return the images that the server holds."""
    pictures: Pictures = request.app.state.pictures
    return pictures


Held = Annotated[Pictures, Depends(pictures_of)]


@router.get("/cases/{case}/images", response_model=ImagesAnswer, responses=described(401, 403, 404, 409, 422))
async def images(case: Number, door: Looking, pictures: Held) -> Any:
    """Return the images of a case with their geometry; simulated ones that the scan lacks are made from then on."""
    found = await door.visit(find_images, case)
    return await asyncio.to_thread(describe_images, found, pictures)


@router.get(
    "/cases/{case}/images/{image}/pixels",
    response_class=Response,
    responses={**described(401, 403, 404, 409, 422), 200: {"content": {"application/octet-stream": {}}}},
)
async def pixels(case: Number, image: Name, door: Looking, pictures: Held, request: Request) -> Response:
    """Return the stored values of an image: 16 bits each, little-endian, frame after frame, row after row."""
    found = await door.visit(find_images, case)
    picture = await asyncio.to_thread(load_pixels, found, image, pictures)
    return await asyncio.to_thread(_answer, picture, "gzip" in request.headers.get("accept-encoding", ""))


def _answer(picture: Picture, packed: bool) -> Response:
    kind = "application/octet-stream"
    if packed:
        headers = {"content-encoding": "gzip", "vary": "accept-encoding"}
        return Response(picture.packed, media_type=kind, headers=headers)
    return Response(picture.raw, media_type=kind, headers={"vary": "accept-encoding"})
