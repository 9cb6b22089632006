"""The functions of the headers that MLX's umbrella header includes."""

import re
from collections.abc import Iterator
from pathlib import Path

from .. import cpp
from . import Signature

TITLE = "C++"
UMBRELLA = "mlx/mlx.h"


def read(tree: Path) -> Iterator[tuple[str, Signature]]:
    """Yield the free functions, such as `mlx::core::fast::rope`."""
    umbrella = tree / UMBRELLA
    if not umbrella.is_file():
        return
    included = re.findall(r'#include "(mlx/\w+\.h)"', umbrella.read_text("utf-8"))
    for name in sorted(set(included)):
        path = tree / name
        if path.is_file():
            yield from cpp.functions(cpp.parse(path.read_bytes()))
