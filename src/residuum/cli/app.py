"""The command `residuum`: its commands are imported only when they are called, so that help is quick."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import click

from residuum import DISCLAIMER, __version__

COMMANDS: Final = {
    "analyse": ("residuum.cli.analyse:analyse", "Compute every number of a study."),
    "audit": ("residuum.cli.audit:audit", "Verify the audit trail of a study."),
    "backup": ("residuum.cli.database:backup", "Write the whole database of a study into one file."),
    "check": ("residuum.cli.check:check", "Say what is wrong or doubtful in a study folder."),
    "demo": ("residuum.cli.demo:demo", "Write the make-believe demonstration study."),
    "export": ("residuum.cli.database:export", "Write the study of a database as a folder."),
    "forget": ("residuum.cli.forget:forget", "Erase a patient from a study."),
    "import": ("residuum.cli.database:import_", "Write a study folder into a database."),
    "init": ("residuum.cli.init:init", "Start a study: an empty folder with every file and setting."),
    "restore": ("residuum.cli.database:restore", "Put the study of a backup in place."),
    "scan": ("residuum.cli.scan:scan", "Read scans into a study; write results for image archives."),
    "serve": ("residuum.web.command:serve", "Serve a study to its readers."),
    "synthetic": ("residuum.cli.synthetic:synthetic", "Simulate the scans of a make-believe study."),
    "trial": (
        "residuum.cli.trial:trial",
        "Ask what irradiating residual sites could gain, and whether a trial shows it.",
    ),
    "upgrade": ("residuum.cli.database:upgrade", "Bring a database of an older version up to date."),
    "user": ("residuum.cli.user:user", "Manage who may sign in to a study."),
}
"""Name of a command to the function behind it and the line that `--help` shows."""


class LazyGroup(click.Group):
    """A group that knows the names and short helps of its commands without importing them."""

    def __init__(self, *arguments: Any, lazy: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.lazy = lazy

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(self.lazy)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, None when there is no such command."""
        if cmd_name not in self.lazy:
            return None
        module, function = self.lazy[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), function)
        command.epilog = self.epilog
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from their short helps."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.lazy[name][1]) for name in sorted(self.lazy)])


@click.group(cls=LazyGroup, lazy=COMMANDS, epilog=DISCLAIMER)
@click.version_option(__version__, prog_name="residuum")
def app() -> None:
    """Residual skeletal mIBG uptake in neuroblastoma: from readers' marks to a whole study."""
