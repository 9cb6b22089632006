"""The functions of mlx-c's headers."""

from collections.abc import Iterator
from pathlib import Path

from .. import cpp
from . import Signature

TITLE = "C"


def read(tree: Path) -> Iterator[tuple[str, Signature]]:
    """Yield the functions, such as `mlx_fast_rope`."""
    for path in sorted((tree / "mlx" / "c").glob("*.h")):
        yield from cpp.functions(cpp.parse(path.read_bytes()))
