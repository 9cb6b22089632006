"""The C++ headers of a framework: all that `mlx/mlx.h` includes, flat and guarded for C."""

from collections.abc import Iterator, Mapping

from ..filelists import FileLists
from ..frameworks import flat_includes, flat_name, reached
from ..preprocessor.headers import Headers
from . import Made

PURPOSE = "headers that mlx/mlx.h includes for a framework, flat"
SIGN = "mlx/mlx.h"
NEEDS_LISTS = False
# `also` are headers that are wanted beside those of mlx.h. `module` is the framework's name
# and that of its own header, which includes the headers named in `first`, then all of
# these, then those named in `last`. `metal` stands in for <Metal/Metal.hpp>.
SETTINGS: Mapping[str, str] = {
    "also": "",
    "module": "Cmlx",
    "first": "mlx-c-mlx.h mlx-c-transforms_impl.h mlx-c-linalg.h mlx-c-fast.h",
    "last": "Metal.hpp",
    "metal": "Metal.hpp",
}


def generate(
    headers: Headers, lists: FileLists | None, settings: Mapping[str, str]
) -> Iterator[Made]:
    """Yield `mlx-NAME.h` for each header reached, and the framework's own header."""
    searched, module = headers.searching([""]), settings["module"]
    replaced = {"Metal/Metal.hpp": settings["metal"]}
    found = [
        path
        for path in reached(searched, [SIGN, *settings["also"].split()])
        if path != SIGN
    ]
    for path in found:
        text = flat_includes(searched, path, module, replaced)
        end = "" if text.endswith("\n") else "\n"
        content = f"#ifdef __cplusplus\n{text}{end}#endif\n".encode("latin-1")
        yield Made(flat_name(path), content, path)
    names = [
        *settings["first"].split(),
        *(flat_name(path) for path in found),
        *settings["last"].split(),
    ]
    umbrella = "".join(f"#include <{module}/{name}>\n" for name in names)
    yield Made(f"{module}.h", umbrella.encode("latin-1"), SIGN)
