"""Progress of a long step, shown on a terminal and silent elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[str, float], None]
"""Told what is being done and the share of the whole that is done, from 0 to 1."""


@contextmanager
def show_progress(title: str) -> Iterator[Advance]:
    """Give a function that moves a progress bar on standard error; without a terminal it does nothing."""
    if sys.stderr is None or not sys.stderr.isatty():  # None where the caller closed it
        yield lambda _doing, _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[doing]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0, doing="")
        yield lambda doing, share: bar.update(task, completed=share, doing=doing)
