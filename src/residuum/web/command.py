"""`residuum serve`."""

import os
import tomllib
from pathlib import Path
from typing import Any

import click

from residuum import DISCLAIMER
from residuum.records.errors import CallError
from residuum.steps.accounts import has_accounts
from residuum.steps.databases import open_or_import
from residuum.steps.desk import Desk
from residuum.steps.location import Location, locate
from residuum.steps.serving import alone
from residuum.web.server import Address, run_server

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _read_config(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Take the options of a TOML file as defaults; environment and flags go before them."""
    if value is not None:
        try:
            declared: dict[str, Any] = tomllib.loads(value.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CallError(f"{value} is not valid TOML: {error}") from None
        known = {parameter.name for parameter in ctx.command.params} - {"config", "study"}
        options = {name.replace("-", "_"): given for name, given in declared.items()}
        if strange := sorted(set(options) - known):
            raise CallError(
                f"{value}: there is no option {', '.join(strange)}; there are {', '.join(sorted(map(str, known)))}"
            )
        ctx.default_map = options
    return value


@click.command()
@click.argument("study", envvar="RESIDUUM_STUDY")
@click.option("--host", default="127.0.0.1", show_default=True, envvar="RESIDUUM_HOST", help="Address to listen on.")
@click.option(
    "--port",
    default=8756,
    show_default=True,
    type=click.IntRange(0, 65535),
    envvar="RESIDUUM_PORT",
    help="Port to listen on.",
)
@click.option("--tls-cert", type=_FILE, envvar="RESIDUUM_TLS_CERT", help="Certificate (PEM).")
@click.option("--tls-key", type=_FILE, envvar="RESIDUUM_TLS_KEY", help="Private key of the certificate (PEM).")
@click.option(
    "--behind-proxy", is_flag=True, envvar="RESIDUUM_BEHIND_PROXY", help="A proxy in front of the server has TLS."
)
@click.option(
    "--config",
    type=_FILE,
    envvar="RESIDUUM_CONFIG",
    is_eager=True,
    expose_value=False,
    callback=_read_config,
    help="TOML file with these options.",
)
def serve(study: str, host: str, port: int, tls_cert: Path | None, tls_key: Path | None, behind_proxy: bool) -> None:
    """Serve STUDY, a folder or a database URL, to its readers until it is stopped.

    A folder is imported once, into a database beside its files; from then on that database is the study.
    """
    address = Address(host, port, tls_cert, tls_key, behind_proxy)
    address.check()
    location = locate(study)
    with alone(location):
        database, problems = open_or_import(location)
        if problems is not None:
            click.echo(f"Imported {location.folder} into {location.database_file}; that is the study from now on.")
        if not has_accounts(location):
            click.echo(_first_account(location), err=True)
        click.echo(f"Serving on {address.url} (process {os.getpid()}). Stop it with Ctrl+C. {DISCLAIMER}")
        run_server(Desk(database), location, address)


def _first_account(location: Location) -> str:
    study = location.folder or location.url
    return (
        "Nobody can sign in yet. Make accounts with: "
        f"residuum user add NAME --role ROLE --password-stdin --study {study}"
    )
