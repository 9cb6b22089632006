"""The headers of the C API, copied."""

from collections.abc import Iterator, Mapping

from ..filelists import FileLists
from ..preprocessor.headers import Headers
from . import Made

PURPOSE = "headers of mlx-c, copied"
SIGN = "mlx/c/mlx.h"
NEEDS_LISTS = False
SETTINGS: Mapping[str, str] = {}


def generate(
    headers: Headers, lists: FileLists | None, settings: Mapping[str, str]
) -> Iterator[Made]:
    """Yield the public headers; those of `private/` are not among them."""
    for path in c_headers(headers):
        content = headers.text(path).encode("latin-1")
        yield Made(path.rpartition("/")[2], content, path)


def c_headers(headers: Headers) -> list[str]:
    """Return the paths of the public headers, sorted."""
    folder = headers.root / "mlx/c"
    return sorted(
        path.relative_to(headers.root).as_posix() for path in folder.glob("*.h")
    )
