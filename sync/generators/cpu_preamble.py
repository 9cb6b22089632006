"""The code that every fused CPU expression starts with, as a C++ string.

On Linux upstream lets the C++ compiler of the machine expand its own standard headers into
it, so there it is made where it is compiled, and a wrapper does not commit it.
"""

from collections.abc import Iterator, Mapping

from ..filelists import FileLists
from ..preprocessor.headers import Headers
from ..scripted import remade
from . import Made

PURPOSE = "the start of fused CPU expressions, as a C++ string (macOS)"
SIGN = "mlx/mlx.h"
NEEDS_LISTS = True
SETTINGS: Mapping[str, str] = {}


def generate(
    headers: Headers, lists: FileLists | None, settings: Mapping[str, str]
) -> Iterator[Made]:
    """Yield the file of a configuration whose preamble holds no header of a machine."""
    for file in lists.generated if lists else ():
        if "/cpu/" in file.path and (script := remade(headers, file, standalone=True)):
            yield Made(file.name, script.content, script.input)
