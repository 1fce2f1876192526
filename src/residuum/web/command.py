"""`residuum serve`."""

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from residuum import DISCLAIMER
from residuum.records.errors import CallError
from residuum.steps.accounts import has_accounts
from residuum.steps.databases import open_or_import
from residuum.steps.demo_accounts import renew_demo_accounts
from residuum.steps.desk import Desk
from residuum.steps.erasure import finish_erasures
from residuum.steps.identity_provider import make_provider
from residuum.steps.location import Location, locate
from residuum.steps.openings import ScanOpenings
from residuum.steps.serving import alone
from residuum.web.room_files import has_room
from residuum.web.server import Address, run_server

_NOT_IN_FILES: Final = {"config", "study", "open_page", "demo_accounts"}
"""Options that only whoever starts the server gives: which study, and what is for whoever sits there."""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _read_config(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Take the options of a TOML file as defaults; environment and flags go before them."""
    if value is not None:
        try:
            declared: dict[str, Any] = tomllib.loads(value.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CallError(f"{value} is not valid TOML: {error}") from None
        known = {parameter.name for parameter in ctx.command.params} - _NOT_IN_FILES
        options = {name.replace("-", "_"): given for name, given in declared.items()}
        if strange := sorted(set(options) - known):
            raise CallError(
                f"{value}: there is no option {', '.join(strange)}; there are {', '.join(sorted(map(str, known)))}"
            )
        if wrong := sorted(name for name, given in options.items() if not isinstance(given, str | int)):
            raise CallError(f"{value}: {', '.join(wrong)} must be a text, a whole number, true or false")
        ctx.default_map = options
    return value


class _NoFlag(click.Option):
    """An option of the environment and the file of options alone: a flag would show it to everybody on the machine."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Teach the parser of the command line nothing."""


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
@click.option("--oidc-issuer", envvar="RESIDUUM_OIDC_ISSUER", help="Provider of identities (OpenID Connect): its URL.")
@click.option(
    "--oidc-client-id",
    envvar="RESIDUUM_OIDC_CLIENT_ID",
    help="What the provider calls this server. Its secret: RESIDUUM_OIDC_CLIENT_SECRET, or the file of --config.",
)
@click.option("--oidc-client-secret", cls=_NoFlag, envvar="RESIDUUM_OIDC_CLIENT_SECRET", hidden=True)
@click.option(
    "--public-url",
    envvar="RESIDUUM_PUBLIC_URL",
    help="Address of this server in browsers, for the provider to return to.",
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
@click.option("--open", "open_page", is_flag=True, help="Open the page for readers in the browser.")
@click.option(
    "--demo-accounts",
    is_flag=True,
    help="For a synthetic study: accounts of two readers, an adjudicator and a data manager, with fresh passwords that "
    "are shown here and nowhere else.",
)
def serve(
    study: str,
    host: str,
    port: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    behind_proxy: bool,
    oidc_issuer: str | None,
    oidc_client_id: str | None,
    oidc_client_secret: str | None,
    public_url: str | None,
    open_page: bool,
    demo_accounts: bool,
) -> None:
    """Serve STUDY, a folder or a database URL, to its readers until it is stopped.

    A folder is imported once, into a database beside its files; from then on that database is the study.
    """
    address = Address(host, port, tls_cert, tls_key, behind_proxy)
    address.check()
    provider = make_provider(oidc_issuer, oidc_client_id, oidc_client_secret, public_url)
    location = locate(study)
    os.umask(0o077)  # what the server writes holds patient data
    with alone(location):
        database, problems = open_or_import(location)
        if problems is not None:
            click.echo(f"Imported {location.folder} into {location.database_file}; that is the study from now on.")
        database.check_integrity()
        finish_erasures(location)
        passwords = renew_demo_accounts(location) if demo_accounts else {}
        if not has_accounts(location):
            click.echo(_first_account(location), err=True)
        if not has_room():
            click.echo("The page for readers was not built: run make web in the source folder.")

        def announce(address: Address) -> None:
            _announce(address, passwords)
            if open_page and _has_screen():
                click.launch(address.url)

        run_server(Desk(database, openings=ScanOpenings(location)), location, address, provider, announce)


def _announce(address: Address, passwords: Mapping[str, str]) -> None:
    if passwords:
        width = max(map(len, passwords))
        click.echo("Accounts and their passwords, shown this once; older ones are void:")
        click.echo("\n".join(f"  {name:{width}}  {password}" for name, password in passwords.items()))
    click.echo(f"Serving on {address.url} (process {os.getpid()}). Stop it with Ctrl+C. {DISCLAIMER}")


def _has_screen() -> bool:
    """Return whether a browser has somewhere to show; without, one for terminals might take this one."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _first_account(location: Location) -> str:
    return (
        "Nobody can sign in yet. Make accounts with: "
        f"residuum user add NAME --role ROLE --password-stdin --study {location.shown}"
    )
