"""The headers of the C API for a framework: flat, and included by the framework's name."""

from collections.abc import Iterator, Mapping

from ..filelists import FileLists
from ..frameworks import flat_includes
from ..preprocessor.headers import Headers
from . import Made
from .c_headers import c_headers

PURPOSE = "headers of mlx-c for a framework, flat"
SIGN = "mlx/c/mlx.h"
NEEDS_LISTS = False
# `module` is the framework's name.
SETTINGS: Mapping[str, str] = {"module": "Cmlx"}


def generate(
    headers: Headers, lists: FileLists | None, settings: Mapping[str, str]
) -> Iterator[Made]:
    """Yield `mlx-c-NAME.h` for each public header."""
    searched = headers.searching([""])
    for path in c_headers(headers):
        content = flat_includes(searched, path, settings["module"], {}).encode(
            "latin-1"
        )
        yield Made(path.replace("/", "-"), content, path)
