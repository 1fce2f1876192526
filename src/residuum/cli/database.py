"""`residuum import`, `export`, `backup`, `restore` and `upgrade`: the study in a database."""

import json
from pathlib import Path
from typing import Any

import click

from residuum import DISCLAIMER
from residuum.cli.options import NamedPath, keep_private
from residuum.steps.backups import backup as write_backup
from residuum.steps.backups import restore as restore_backup
from residuum.steps.backups import upgrade as upgrade_database
from residuum.steps.databases import export_folder, import_folder
from residuum.steps.location import locate

_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command("import")
@click.argument("folder", type=NamedPath(exists=True, file_okay=False))
@click.argument("database")
@click.option("--reason", help="Why a database that holds the study already changes; kept in its audit trail.")
@_JSON
def import_(folder: Path, database: str, reason: str | None, as_json: bool) -> None:
    """Write the study in FOLDER into DATABASE: a URL, a file ending in .sqlite, or a folder that holds one.

    All of it or nothing. Reads that the database holds already are never changed: an import that would is refused.
    """
    keep_private()
    problems = import_folder(folder, database, reason)
    warnings = sum(found.severity == "warning" for found in problems)
    said = f"Imported {folder}."
    if warnings:
        said += f" Doubtful things found by the check: {warnings}. List them with: residuum check {folder}"
    _say(as_json, {"folder": str(folder), "warnings": warnings}, said)


@click.command()
@click.argument("study")
@click.argument("folder", type=NamedPath(file_okay=False))
@_JSON
def export(study: str, folder: Path, as_json: bool) -> None:
    """Write the study of the database of STUDY into the new folder FOLDER, drafts included.

    Accounts, signatures and the audit trail stay behind: they travel by backup only.
    """
    head = export_folder(locate(study), folder)
    _say(as_json, {"folder": str(folder), "audit_head": head}, f"Exported into {folder}.\nAudit head: {head}")


@click.command()
@click.argument("study")
@click.argument("file", type=NamedPath(dir_okay=False))
@_JSON
def backup(study: str, file: Path, as_json: bool) -> None:
    """Write the database of STUDY, accounts and audit trail included, into the new FILE; a server may go on running.

    A plain copy of the database file can lose the newest entries without a sign; this cannot. Keep FILE as safe as
    the study. Images lie outside the database: copy them as well.
    """
    keep_private()
    made = write_backup(locate(study), file)
    head = made.manifest["audit_head"]
    _say(as_json, {"file": str(file), **made.manifest}, f"Backup written: {file}\nAudit head: {head}")


@click.command()
@click.argument("file", type=NamedPath(exists=True, dir_okay=False))
@click.argument("study")
@click.option("--replace", is_flag=True, help="Set the database that is there aside, under another name, first.")
@_JSON
def restore(file: Path, study: str, replace: bool, as_json: bool) -> None:
    """Put the study of the backup FILE where STUDY says: a folder, a file ending in .sqlite, or an empty database.

    Patients who were forgotten after the backup are erased from it again.
    """
    keep_private()
    location = locate(study, make=True)
    made = restore_backup(file, location, replace=replace)
    at, head = made.manifest["at"], made.manifest["audit_head"]
    said = f"Restored the state of {at} into {location.shown}.\nAudit head then: {head}"
    _say(as_json, {"study": location.shown, **made.manifest}, said)


@click.command()
@click.argument("study")
@_JSON
def upgrade(study: str, as_json: bool) -> None:
    """Bring the database of STUDY up to date, after writing a backup; all of it or nothing."""
    keep_private()
    location = locate(study)
    before, after, file = upgrade_database(location)
    said = f"Nothing to do: {location.shown} is at version {after}."
    if file is not None:
        said = f"Upgraded {location.shown} from version {before} to {after}. Backup made first: {file}"
    _say(as_json, {"before": before, "after": after, "backup": str(file) if file else None}, said)


def _say(as_json: bool, result: dict[str, Any], said: str) -> None:
    click.echo(json.dumps(result, indent=2, ensure_ascii=False) if as_json else f"{said}\n{DISCLAIMER}")
