"""Sign in through a provider of identities: to it and back; 404 where none is configured."""

import asyncio
from collections.abc import Callable
from html import escape
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request as HttpRequest

from residuum.records.errors import RefusalError
from residuum.steps.identity_provider import FLOW_SECONDS, IdentityProvider
from residuum.steps.provider_sign_in import Returned, begin_flow, end_flow
from residuum.web.faults import STATUS
from residuum.web.gate import asked
from residuum.web.routes.sessions import set_cookie

FLOW_COOKIE: Final = "__Host-residuum-oidc"
_FAULT: Final = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}}}
_OFF: Final[dict[int | str, dict[str, Any]]] = {404: {"description": "no provider is configured", **_FAULT}}
_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">{}<title>Residuum</title></head><body>{}</body>'
)
# The session's cookie is SameSite=Strict. A redirect would still belong to the navigation that the provider's site
# began, and the browser would keep the cookie back from the page where it leads. A page of ours that moves on by
# itself begins a new navigation, from our own site. It holds no script, which our policy of content forbids.
_SIGNED_IN: Final = _PAGE.format(
    '<meta http-equiv="refresh" content="0; url=/">', '<p>You are signed in. <a href="/">Go on</a></p>'
)

router = APIRouter(prefix="/oidc", tags=["session"])
Brought = Annotated[str | None, Query(max_length=8000)]


def _page(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"text/html": {}}}


@router.get(
    "/begin",
    status_code=302,
    response_class=RedirectResponse,
    responses=_OFF | {302: {"description": "to the provider"}, 503: _page("the provider does not answer")},
)
async def begin(request: HttpRequest) -> Response:
    """Go to the provider of identities and sign in there."""
    provider = _provider(request)
    try:
        address, sealed = await _run(provider, begin_flow, request)
    except RefusalError as refusal:
        return _refused(refusal, 503)
    response = RedirectResponse(address, 302)
    # Lax, not Strict: it must come back with the navigation that the provider's site begins
    response.set_cookie(FLOW_COOKIE, sealed, FLOW_SECONDS, path="/", secure=True, httponly=True, samesite="lax")
    return response


@router.get(
    "/return",
    response_class=HTMLResponse,
    responses=_OFF
    | {200: _page("signed in; the page moves on to /"), 401: _page("refused"), 429: _page("too many failures")}
    | {422: {"description": "a parameter is too long", **_FAULT}},
)
async def come_back(
    request: HttpRequest, state: Brought = None, code: Brought = None, error: Brought = None
) -> Response:
    """Come back from the provider; the answer sets the session's cookie."""
    provider = _provider(request)
    returned = Returned(state, code, error, request.cookies.get(FLOW_COOKIE))
    response: Response
    try:
        token = await _run(provider, end_flow, request, returned)
    except RefusalError as refusal:
        response = _refused(refusal, STATUS[refusal.code])
    else:
        response = HTMLResponse(_SIGNED_IN)
        set_cookie(response, token)
    response.delete_cookie(FLOW_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


def _provider(request: HttpRequest) -> IdentityProvider:
    provider: IdentityProvider | None = request.app.state.provider
    if provider is None:
        raise HTTPException(404, "nobody signs in through a provider here; sign in with name and password")
    return provider


async def _run(provider: IdentityProvider, step: Callable[..., Any], request: HttpRequest, *given: Any) -> Any:
    job = provider.threads.submit(step, request.app.state.desk, asked(request), provider, *given)
    return await asyncio.wrap_future(job)


def _refused(refusal: RefusalError, status: int) -> HTMLResponse:
    """Return a page for people that says why nobody is signed in; nothing that came with the request stands on it."""
    subject = refusal.details.get("subject")
    shown = f"<p>Subject: <code>{escape(str(subject))}</code></p>" if subject else ""
    said = f'<h1>Not signed in</h1><p>{escape(str(refusal))}.</p>{shown}<p><a href="/">Back</a></p>'
    headers = {"Retry-After": str(refusal.details["seconds"])} if refusal.code == "wait" else None
    return HTMLResponse(_PAGE.format("", said), status, headers)
