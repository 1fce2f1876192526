"""Sign in, sign out, password."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from residuum.steps.sessions import change_password, show_session, sign_in, sign_out
from residuum.web.bodies import PasswordChange, SessionAnswer, SignIn
from residuum.web.faults import described
from residuum.web.gate import COOKIE, Door, Gate, asked

router = APIRouter(prefix="/session", tags=["session"])


@router.post("", responses=described(401, 403, 413, 422, 429))
async def begin(body: SignIn, request: Request, response: Response) -> SessionAnswer:
    """Sign in; the answer sets the session's cookie."""
    door = Door(request.app.state.desk, asked(request), "own_session", writes=True)
    token, session = await door.run(sign_in, body.account, body.password)
    set_cookie(response, token)
    return SessionAnswer(**session)


@router.get("", responses=described(401))
async def show(door: Annotated[Door, Depends(Gate("own_session"))]) -> SessionAnswer:
    """Return the running session; asking keeps it from ending."""
    return SessionAnswer(**await door.visit(show_session))


@router.delete("", status_code=204, responses=described(401, 403))
async def end(door: Annotated[Door, Depends(Gate("own_session", writes=True))], response: Response) -> None:
    """Sign out."""
    await door.visit(sign_out)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


@router.post("/password", status_code=204, responses=described(401, 403, 413, 422, 429))
async def password(body: PasswordChange, door: Annotated[Door, Depends(Gate("own_session", writes=True))]) -> None:
    """Change the own password; every session of the account ends."""
    await door.run(change_password, body.old, body.new)


def set_cookie(response: Any, token: str) -> None:
    """Give the browser the token of its session, for this host alone."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="strict")
