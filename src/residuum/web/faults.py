"""Refusals as HTTP answers: which status each of them has."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from residuum.records.errors import CallError, InputError, RefusalError
from residuum.web.bodies import Fault

STATUS: Final[Mapping[str, int]] = {
    "unauthenticated": 401,
    "csrf": 403,
    "forbidden": 403,
    "password": 403,
    "blinded": 403,
    "not_found": 404,
    "conflict": 409,
    "locked": 409,
    "not_locked": 409,
    "unread": 409,
    "revealed": 409,
    "consensus_exists": 409,
    "bases_not_locked": 409,
    "bases_changed": 409,
    "proposals_pending": 409,
    "exists": 409,
    "own_account": 409,
    "not_open": 409,
    "not_done": 409,
    "finished": 409,
    "queue_full": 409,
    "image_unreadable": 409,
    "reason_missing": 422,
    "wrong_entry": 422,
    "weak_password": 422,
    "unknown_reader": 422,
    "wait": 429,
}
"""HTTP status by the code of a refusal."""
_METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_WORDS: Final[Mapping[int, str]] = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 422: "invalid"}


_MESSAGES: Final = {"union_tag_invalid": "there is no such kind"}  # in place of a message that repeats the value
_PROBLEMS_AT_MOST: Final = 50


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the part of an endpoint's description that names its refusals."""
    return {status: {"model": Fault} for status in statuses}


def answer_refusals(app: FastAPI) -> None:
    """Teach an application to answer refusals."""
    app.add_exception_handler(RefusalError, _refusal)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(CallError, _unavailable)
    app.add_exception_handler(InputError, _unavailable)
    app.add_exception_handler(Exception, _fault)


async def _refusal(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefusalError)
    headers = {"Retry-After": str(error.details["seconds"])} if error.code == "wait" else None
    body = {"error": error.code, "message": str(error), **error.details}
    return JSONResponse(body, STATUS[error.code], headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Name place and fault of what does not fit; never the value, which may be a password."""
    assert isinstance(error, RequestValidationError)
    problems = [
        {"place": ".".join(map(str, one["loc"])), "message": _MESSAGES.get(one["type"], one["msg"])}
        for one in error.errors()[:_PROBLEMS_AT_MOST]
    ]
    message = "the request does not fit its description; see problems, and /openapi.json"
    return JSONResponse({"error": "invalid", "message": message, "problems": problems}, 422)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    # 400 is the framework's word for a body that is no text at all; what is text and no JSON is 422 already
    status = 422 if error.status_code == 400 else error.status_code
    headers = {"Allow": _allowed(request)} if status == 405 else error.headers
    return JSONResponse({"error": _WORDS.get(status, "refused"), "message": str(error.detail)}, status, headers)


def _allowed(request: Request) -> str:
    """Return the methods of a path; the framework names those of one of its endpoints only."""
    asked = [(method, {**request.scope, "method": method}) for method in _METHODS]
    routes = request.app.routes
    return ", ".join(
        method for method, scope in asked if any(route.matches(scope)[0] is Match.FULL for route in routes)
    )


async def _unavailable(_request: Request, _error: Exception) -> JSONResponse:
    message = "the database cannot be used at the moment; look whether the change was written before you repeat it"
    return JSONResponse({"error": "unavailable", "message": message}, 503)


async def _fault(request: Request, _error: Exception) -> JSONResponse:
    """Answer for the framework, which would say it in plain text; it raises the error again for the shell's log."""
    message = "Residuum has a fault; the log of the server names this request"
    return JSONResponse({"error": "fault", "message": message, "request": request.scope["residuum.request"]}, 500)
