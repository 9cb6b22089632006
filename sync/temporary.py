"""A folder for what no later run needs."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlxport.cli import interrupts
from mlxport.cli.errors import UserError


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give an empty folder, and remove it in the end.

    A body that cannot write, there or elsewhere, ends with a UserError.
    """
    try:
        folder = tempfile.mkdtemp(prefix="mlxport-")
        try:
            yield Path(folder)
        finally:
            # An interrupt in here would leave thousands of files behind.
            with interrupts.held():
                shutil.rmtree(folder)
    except OSError as error:
        raise UserError(
            f"cannot write: {error.strerror or error}",
            where=error.filename or tempfile.gettempdir(),
            hint="make room there, or set TMPDIR to another folder",
        ) from None
