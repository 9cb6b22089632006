"""Show that long work is alive: on stderr, and only when it is a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(message: str) -> Iterator[None]:
    """Show `message` with the elapsed time while the body runs, then erase it."""
    # rich takes FORCE_COLOR for "this is a terminal"; only the stream itself can say.
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, markup=False, highlight=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(message, total=None)
        yield
