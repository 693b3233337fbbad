"""Progress bars on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProgressBar:
    """Moves a progress bar: ``advance`` by a number of steps, ``move_to`` to a number of steps."""

    advance: Callable[[int], None]
    move_to: Callable[[int], None]


@contextmanager
def progress_bar(total: int, *, in_bytes: bool = False) -> Iterator[ProgressBar]:
    """Show a progress bar of ``total`` steps; without a terminal, show nothing.

    With ``in_bytes`` a step is a byte, and the bar shows sizes and the speed.
    """
    if not sys.stderr.isatty():
        yield ProgressBar(lambda _: None, lambda _: None)
        return
    from rich import progress as rich_progress
    from rich.console import Console

    columns = (
        (rich_progress.DownloadColumn(), rich_progress.TransferSpeedColumn())
        if in_bytes
        else (rich_progress.MofNCompleteColumn(),)
    )
    with rich_progress.Progress(
        rich_progress.BarColumn(),
        *columns,
        rich_progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("", total=total)
        yield ProgressBar(
            advance=lambda steps: progress.advance(task, steps),
            move_to=lambda steps: progress.update(task, completed=steps),
        )
