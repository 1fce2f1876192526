"""`residuum demo`."""

import shlex
import shutil
import sys
from pathlib import Path

import click

from residuum.cli.analyse import summary
from residuum.steps.demo import demo as make_demo
from residuum.steps.progress import show_progress


@click.command()
@click.option(
    "--out",
    default=Path("demo"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the study, its report and its reading room.",
)
@click.option("--no-scans", is_flag=True, help="Make no images, and so no reading room.")
@click.option("--no-open", is_flag=True, help="Do not open the reading room in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Print numbers.json on standard output, and serve nothing.")
@click.pass_context
def demo(ctx: click.Context, out: Path, no_scans: bool, no_open: bool, as_json: bool) -> None:
    """Write the make-believe demonstration study to DIR/study, check it and analyse it into DIR/report.

    The study is synthetic: consistent with the published figures of the reference study, and no evidence. Scans of a
    few of its children get simulated images. DIR/room is the same study with a few of these scans unread; on a
    terminal it is then served to the browser, until Ctrl+C. Elsewhere the command that does so is printed.
    """
    with show_progress("Demonstration") as advance:
        done = make_demo(out, scans=not no_scans, advance=advance)
    if as_json:
        click.echo(done.result.json())
        return
    click.echo(f"Study (synthetic): {out / 'study'}")
    if done.simulated is not None:
        click.echo(f"Images (simulated): {len(done.simulated.images)}, in {out / 'study' / 'images'}")
    click.echo(summary(done.result))
    if done.room is not None:
        _open_room(ctx, done.room, no_open=no_open)


def _open_room(ctx: click.Context, room: Path, *, no_open: bool) -> None:
    """Serve a reading room to whoever sits at the terminal; elsewhere say how."""
    is_watched = sys.stdin.isatty() and sys.stdout.isatty()
    program = "residuum" if shutil.which("residuum") else sys.argv[0]
    command = shlex.join([program, "serve", str(room), "--demo-accounts", "--open"])
    click.echo(f"Reading room, {'later again' if is_watched else 'with accounts to try it'}: {command}")
    if not is_watched:
        return
    click.echo()
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    serve = root.command.get_command(root, "serve")  # the server is a sibling that this layer may not import
    assert serve is not None
    arguments = [str(room), "--demo-accounts", "--host", "127.0.0.1", "--port", "0", *([] if no_open else ["--open"])]
    with serve.make_context("serve", arguments, parent=root) as serving:
        serve.invoke(serving)
