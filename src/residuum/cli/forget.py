"""`residuum forget`."""

import json
from dataclasses import asdict

import click

from residuum import DISCLAIMER
from residuum.cli.options import STUDY_OPTION
from residuum.steps.erasure import Erasure
from residuum.steps.erasure import forget as forget_patient
from residuum.steps.location import locate


@click.command()
@click.argument("patient")
@click.option("--reason", required=True, help="Why; kept in the audit trail, so without the patient's identifier.")
@STUDY_OPTION
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def forget(patient: str, reason: str, study: str, yes: bool, as_json: bool) -> None:
    """Erase PATIENT: every row, every result, and the key without which the audit trail of the patient is unreadable.

    This cannot be undone. Backups and exports made before still hold the patient; the command names them.
    """
    if not yes:
        click.confirm(f"Erase the patient {patient} for good?", abort=True, err=True)
    erased = forget_patient(locate(study), patient, reason)
    click.echo(json.dumps(asdict(erased), indent=2) if as_json else _said(erased))


def _said(erased: Erasure) -> str:
    lines = ["The patient is erased from the database; the audit trail stays valid."]
    if erased.folder == "rewritten":
        lines.append("The files of the study folder were written anew without the patient.")
    if erased.folder == "refused":
        lines.append("The files of the study folder cannot be read as a study: delete the patient there yourself.")
    if not erased.cleared:
        lines.append(
            "Deleted rows may still lie in the database's files: they are overwritten when a server starts next."
        )
    if erased.copies:
        lines.append(f"Copies of the database that still hold the patient: {', '.join(erased.copies)}. Delete them.")
    if erased.backups:
        lines.append(f"Backups that still hold the patient were written at: {', '.join(erased.backups)}. Delete them.")
    lines.append(
        "Out of reach of this command: exports, reports, the key folder of scans, images that other programs wrote."
    )
    return "\n".join([*lines, f"Audit head: {erased.head}", DISCLAIMER])
