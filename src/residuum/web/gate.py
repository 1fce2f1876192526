"""The gate in front of every endpoint: which role may pass, and how a request becomes a visit."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, Final, ParamSpec, TypeVar

from starlette.requests import Request as HttpRequest

from residuum.records.errors import RefusalError
from residuum.records.roles import Action
from residuum.steps.desk import Desk, Job
from residuum.steps.visits import Request, Visit, begin_visit

COOKIE: Final = "__Host-residuum"
CSRF_HEADER: Final = "x-csrf-token"
Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Door:
    """A request that stands at its gate."""

    desk: Desk
    request: Request
    action: Action
    writes: bool

    async def visit(
        self, step: Callable[Concatenate[Visit, Given], Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """Check the session and run a step, both within one transaction."""
        job = self._job(step, *args, **kwargs)
        return await asyncio.wrap_future(self.desk.write(job) if self.writes else self.desk.read(job))

    async def look(
        self, step: Callable[Concatenate[Visit, Given], Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """Check the session and run a step that only reads, at an endpoint that may write as well."""
        return await asyncio.wrap_future(self.desk.read(self._job(step, *args, **kwargs)))

    async def run(
        self,
        step: Callable[Concatenate[Desk, Request, Given], Result],
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Result:
        """Run a step of several transactions, each of which checks the session."""
        return await asyncio.to_thread(step, self.desk, self.request, *args, **kwargs)

    def _job(
        self, step: Callable[Concatenate[Visit, Given], Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Job[Result]:
        return lambda connection: step(begin_visit(connection, self.desk, self.request, self.action), *args, **kwargs)


class Gate:
    """Lets a request pass to what its action allows; used as a dependency, and read by the API's description.

    Parameters
    ----------
    action : str
        What the endpoint does; `residuum.records.roles` says which roles may.
    writes : bool
        Whether its step writes (an unblinding view writes into the audit trail).
    """

    def __init__(self, action: Action, *, writes: bool = False) -> None:
        self.action, self.writes = action, writes

    async def __call__(self, request: HttpRequest) -> Door:
        """Return the door of a request; who stands there is checked within the transaction of the step.

        Raises
        ------
        RefusalError
            ``unauthenticated`` without a cookie, before the request itself is looked at.
        """
        if COOKIE not in request.cookies:
            raise RefusalError("unauthenticated", "sign in first")
        return Door(request.app.state.desk, asked(request), self.action, self.writes)


def asked(request: HttpRequest) -> Request:
    """Return what came with an HTTP request."""
    address = request.client.host if request.client else ""
    headers = request.headers
    return Request(
        request.cookies.get(COOKIE),
        headers.get(CSRF_HEADER),
        address,
        request.scope["residuum.request"],
        request.method in ("GET", "HEAD"),
    )
