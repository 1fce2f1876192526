"""The application: every endpoint behind the shell."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from residuum import DISCLAIMER, __version__
from residuum.records.roles import ALLOWED, ROLES
from residuum.steps.analyses import AnalysisQueue
from residuum.steps.desk import Desk
from residuum.steps.identity_provider import IdentityProvider
from residuum.steps.location import BESIDE
from residuum.steps.pictures import open_pictures
from residuum.steps.proposals import Proposals
from residuum.steps.region_maps import RegionMaps
from residuum.web.faults import answer_refusals
from residuum.web.gate import COOKIE, CSRF_HEADER, Gate
from residuum.web.room_files import include_room, read_room
from residuum.web.routes import (
    audit,
    identity,
    images,
    management,
    oidc,
    proposals,
    reading,
    regions,
    results,
    sessions,
)
from residuum.web.shell import Shell

PREFIX: Final = "/api"
ROUTERS: Final = (
    sessions.router,
    reading.router,
    images.router,
    proposals.router,
    regions.router,
    identity.router,
    management.router,
    results.router,
    audit.router,
    oidc.router,
)


def make_app(desk: Desk, data: Path, provider: IdentityProvider | None, pixels: Path) -> FastAPI:
    """Return the application that works at a desk, with analyses in the folder `data` and images in `pixels`."""
    app = FastAPI(
        title="Residuum",
        version=__version__,
        description=DISCLAIMER,
        docs_url=None,  # those pages load scripts from another host
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.desk = desk
    app.state.analyses = AnalysisQueue(desk, data)
    app.state.provider = provider
    app.state.pictures = open_pictures(pixels)
    app.state.proposals = Proposals(app.state.pictures)
    app.state.region_maps = RegionMaps(app.state.pictures)
    answer_refusals(app)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)

    @app.get("/healthz", tags=["server"])
    async def healthz() -> dict[str, str]:
        """Answer once the server is ready."""
        return {"status": "ready"}

    include_room(app, read_room())
    app.openapi = lambda: _description(app)  # type: ignore[method-assign]  # the way that FastAPI gives for it
    return app


def make_server_app(
    desk: Desk,
    data: Path = Path(BESIDE),
    provider: IdentityProvider | None = None,
    *,
    pixels: Path = Path("images"),
    secure: bool = False,
) -> Shell:
    """Return the application within its shell, as a server runs it; `secure` says that TLS protects it."""
    return Shell(make_app(desk, data, provider, pixels), desk.tokens, secure=secure)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Stop the analysis that runs when the server stops."""
    yield
    await asyncio.to_thread(app.state.analyses.close)


def _description(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description, with the roles of every endpoint (``x-roles``)."""
    if app.openapi_schema:
        return app.openapi_schema
    described = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    described["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
    }
    for router in ROUTERS:
        for route in router.routes:
            _describe_route(described, route)
    app.openapi_schema = described
    return described


def _describe_route(described: dict[str, Any], route: Any) -> None:
    gates = [
        one.call for one in getattr(getattr(route, "dependant", None), "dependencies", ()) if isinstance(one.call, Gate)
    ]
    for method in getattr(route, "methods", None) or ():
        operation = described["paths"].get(PREFIX + route.path, {}).get(method.lower())
        if operation is None or not gates:
            continue
        allowed = ALLOWED[gates[0].action]
        operation["x-action"] = gates[0].action
        operation["x-roles"] = [role for role in ROLES if role in allowed]
        safe = method in ("GET", "HEAD")
        operation["security"] = [{"session": []} if safe else {"session": [], "csrf": []}]
