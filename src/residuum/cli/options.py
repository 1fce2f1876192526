"""Values that the options of several commands take, and what they print where an input is refused."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from residuum.records.errors import InputError

REPLICATES: Final = click.IntRange(1, 100_000_000)
"""Trials; more would run for months and add nothing to the fourth digit."""
DRAWS: Final = click.IntRange(2, 1_000_000)
"""Joint draws of an assurance, of which each is a whole design."""


_SIMULATING: Final = (
    click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the random numbers."),
    click.option("--threads", type=click.IntRange(1, 1024), help="Threads; all cores by default."),
    click.option("--scheduler", help="Address of a Dask cluster (tcp://HOST:PORT) instead of threads."),
)


STUDY_OPTION: Final = click.option(
    "--study", default=".", show_default="the current folder", envvar="RESIDUUM_STUDY", help="Folder or database URL."
)


_ANSWERING: Final = (
    click.option(
        "--answers", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Questions, answered."
    ),
    click.option(
        "--sides",
        type=click.Choice(["as_seen", "posterior_mirrored"]),
        help="How the camera stores its views: as seen from the detector, or the posterior one flipped.",
    ),
)


def answering(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say what images of a camera do not say themselves."""
    for option in reversed(_ANSWERING):
        command = option(command)
    return command


def simulating(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of all that simulate: which random numbers, and where the trials run."""
    for option in reversed(_SIMULATING):
        command = option(command)
    return command


class NamedPath(click.Path):
    """A path that is not the empty name, which would silently mean the folder that one is in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(path_type=Path, **options)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Return the path, or fail where its name is empty."""
        if value == "":
            self.fail("the name is empty.", param, ctx)
        return super().convert(value, param, ctx)


class StudyName(NamedPath):
    """A study folder, or the URL or file of a database, which is returned as it is."""

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Return the path of a folder, or what names a database."""
        if isinstance(value, str) and ("://" in value or value.endswith(".sqlite")):
            return value
        return super().convert(value, param, ctx)


def keep_private() -> None:
    """Make files that this process writes from now on readable by their owner alone: they hold patient data."""
    os.umask(0o077)


@contextmanager
def problems_as_json(wanted: bool) -> Iterator[None]:
    """Print the problems of a refused study or design as JSON where wanted; the refusal goes on either way."""
    try:
        yield
    except InputError as refused:
        if wanted:
            click.echo(json.dumps({"problems": [asdict(one) for one in refused.problems]}, ensure_ascii=False))
        raise
