"""Accounts, cases, progress and tables: the work of administrators and data managers."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from residuum import DISCLAIMER
from residuum.steps.management import (
    add_account,
    assign,
    change_account,
    show_accounts,
    show_assignments,
    show_progress,
    show_study,
    show_table,
)
from residuum.steps.reading import unlock_of_reader
from residuum.web.bodies import (
    AccountAnswer,
    AccountChange,
    AccountsAnswer,
    AssignmentsAnswer,
    DrawnAnswer,
    Identifier,
    Name,
    NewAccount,
    ProgressAnswer,
    StudyAnswer,
    TableAnswer,
    UnlockedAnswer,
    UnlockingOfReader,
)
from residuum.web.faults import described
from residuum.web.gate import Door, Gate

router = APIRouter()
Administering = Annotated[Door, Depends(Gate("manage_accounts", writes=True))]
Managing = Annotated[Door, Depends(Gate("manage_reading", writes=True))]


@router.get("/study", response_model=StudyAnswer, responses=described(401, 403), tags=["study"])
async def study(door: Annotated[Door, Depends(Gate("see_study"))]) -> Any:
    """Return what every page says of the study."""
    return await door.visit(show_study) | {"disclaimer": DISCLAIMER}


@router.get("/tables/{table}", response_model=TableAnswer, responses=described(401, 403, 404, 422), tags=["study"])
async def table(table: Identifier, door: Annotated[Door, Depends(Gate("see_tables", writes=True))]) -> Any:
    """Return a table of the study, of the reads only what is locked; the view is written down."""
    return await door.visit(show_table, table)


@router.get("/accounts", response_model=AccountsAnswer, responses=described(401, 403), tags=["accounts"])
async def accounts(door: Annotated[Door, Depends(Gate("manage_accounts"))]) -> Any:
    """Return every account."""
    return await door.visit(show_accounts)


@router.post(
    "/accounts",
    response_model=AccountAnswer,
    status_code=201,
    responses=described(401, 403, 409, 413, 422),
    tags=["accounts"],
)
async def new_account(body: NewAccount, door: Administering) -> Any:
    """Make an account."""
    return await door.run(add_account, body.name, body.role, body.reader, body.password, body.subject)


@router.patch(
    "/accounts/{name}",
    response_model=AccountAnswer,
    responses=described(401, 403, 404, 409, 413, 422),
    tags=["accounts"],
)
async def account(name: Name, body: AccountChange, door: Administering) -> Any:
    """Change an account; all of its sessions end."""
    changes = body.model_dump(exclude={"version", "password"}, exclude_none=True)
    return await door.run(change_account, name, body.version, changes, body.password)


@router.get("/progress", response_model=ProgressAnswer, responses=described(401, 403), tags=["management"])
async def progress(door: Managing) -> Any:
    """Return how far the reading has come; the view is written down."""
    return await door.visit(show_progress)


@router.get("/assignments", response_model=AssignmentsAnswer, responses=described(401, 403), tags=["management"])
async def assignments(door: Managing) -> Any:
    """Return which scan every case number stands for; the view is written down."""
    return await door.visit(show_assignments)


@router.post("/assignments", response_model=DrawnAnswer, responses=described(401, 403, 413), tags=["management"])
async def new_assignments(door: Managing) -> Any:
    """Give every reader the scans that they do not have yet, in a random order of their own."""
    return await door.visit(assign)


@router.post(
    "/scans/{scan}/reads/{reader}/unlock",
    response_model=UnlockedAnswer,
    responses=described(401, 403, 404, 409, 413, 422),
    tags=["management"],
)
async def unlock(scan: Identifier, reader: Identifier, body: UnlockingOfReader, door: Managing) -> Any:
    """Make a locked read of any reader a draft again; its signature is void."""
    return await door.visit(unlock_of_reader, scan, reader, body.occasion, body.reason)
