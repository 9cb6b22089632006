"""The Metal kernels that are compiled when they are first used, as C++ strings."""

from collections.abc import Iterator, Mapping

from ..filelists import FileLists
from ..preprocessor.headers import Headers
from ..scripted import remade
from . import Made

PURPOSE = "kernels compiled at run time, as C++ strings"
SIGN = "mlx/mlx.h"
NEEDS_LISTS = True
SETTINGS: Mapping[str, str] = {}


def generate(
    headers: Headers, lists: FileLists | None, settings: Mapping[str, str]
) -> Iterator[Made]:
    """Yield a file for each that upstream's Metal backend generates and compiles."""
    for file in lists.generated if lists else ():
        if "/metal/" in file.path and (script := remade(headers, file)):
            yield Made(file.name, script.content, script.input)
