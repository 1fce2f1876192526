"""`residuum user`."""

import json
import sys
from typing import Final, get_args

import click

from residuum.cli.options import STUDY_OPTION, keep_private
from residuum.records.errors import CallError
from residuum.records.roles import Role
from residuum.steps.accounts import add_user
from residuum.steps.location import locate

_ROLE: Final = click.Choice(get_args(Role))


@click.group()
def user() -> None:
    """Manage who may sign in to a study."""


@user.command()
@click.argument("name")
@click.option("--role", required=True, type=_ROLE, help="What the account is for.")
@click.option("--reader", help="Reader of study.toml for whom a reader account reads; its own name by default.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else it is asked for.")
@click.option("--subject", help="ISSUER#SUB: whom the provider of identities signs in; then no password is asked for.")
@STUDY_OPTION
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
def add(
    name: str, role: Role, reader: str | None, password_stdin: bool, subject: str | None, study: str, as_json: bool
) -> None:
    """Make the account NAME. There is no default password; an account without one cannot sign reads."""
    keep_private()
    password = _password(password_stdin) if password_stdin or subject is None else None
    account = add_user(locate(study), name, role, reader, password, subject)
    if as_json:
        click.echo(json.dumps(account, ensure_ascii=False))
    else:
        reads = f", reads for {account['reader']}" if account["reader"] else ""
        click.echo(f"Account {name}: {role}{reads}.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CallError("there is no terminal to ask for the password; give --password-stdin")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
