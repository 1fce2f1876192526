"""Who may do what: the roles of accounts and what each of them is for."""

from collections.abc import Mapping
from typing import Final, Literal

Role = Literal["administrator", "data_manager", "reader", "adjudicator", "statistician", "auditor"]
ROLES: Final[tuple[Role, ...]] = (
    "administrator",
    "data_manager",
    "reader",
    "adjudicator",
    "statistician",
    "auditor",
)
ACCOUNT_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$"
Action = Literal[
    "own_session",
    "see_study",
    "manage_accounts",
    "read_scans",
    "manage_reading",
    "see_tables",
    "analyse",
    "export",
    "see_audit",
    "see_audit_head",
]
ALLOWED: Final[Mapping[Action, frozenset[Role]]] = {
    "own_session": frozenset(ROLES),
    "see_study": frozenset(ROLES),
    "manage_accounts": frozenset({"administrator"}),
    "read_scans": frozenset({"reader", "adjudicator"}),
    "manage_reading": frozenset({"data_manager"}),
    "see_tables": frozenset({"data_manager", "statistician"}),
    "analyse": frozenset({"data_manager", "statistician"}),
    "export": frozenset({"data_manager", "statistician"}),
    "see_audit": frozenset({"auditor"}),
    "see_audit_head": frozenset({"administrator", "data_manager", "statistician", "auditor"}),
}
"""Roles by what is done. An administrator sees no clinical data; readers see nothing that others did."""


def may(role: str, action: Action) -> bool:
    """Return whether a role may do something."""
    return role in ALLOWED[action]
