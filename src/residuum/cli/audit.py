"""`residuum audit`."""

import json
from dataclasses import asdict

import click

from residuum.steps.auditing import verify_audit
from residuum.steps.location import locate


@click.group()
def audit() -> None:
    """Verify the audit trail of a study."""


@audit.command()
@click.argument("study")
@click.option("--head", multiple=True, help="N:HASH as printed in a report, an export or a backup; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def verify(ctx: click.Context, study: str, head: tuple[str, ...], as_json: bool) -> None:
    """Recompute the chain of STUDY and compare it with heads printed earlier; leaves with 1 when anything is wrong.

    Without a printed head, entries cut off at the end, or a chain written anew as a whole, cannot be told.
    """
    found = verify_audit(locate(study), head)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
    else:
        faults = list(found.faults) or ["The chain is whole" + (" and fits the given heads." if head else ".")]
        click.echo("\n".join([f"Entries: {found.entries}", f"Audit head: {found.head}", *faults]))
    ctx.exit(1 if found.faults else 0)
