"""The Metal kernels that are compiled ahead of time, and their headers.

A build system that compiles Metal itself, such as Xcode, has no include path to upstream's
tree: an include of a kernel's header becomes relative to the file.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping

from ..filelists import FileLists
from ..preprocessor.headers import Headers
from . import Made

PURPOSE = "kernels compiled ahead of time, their includes made relative"
SIGN = "mlx/mlx.h"
NEEDS_LISTS = True
SETTINGS: Mapping[str, str] = {}


def generate(
    headers: Headers, lists: FileLists | None, settings: Mapping[str, str]
) -> Iterator[Made]:
    """Yield the kernels that upstream's build compiles, and all headers beside them."""
    kernels: dict[str, set[str]] = {}
    for file in lists.made if lists else ():
        if file.path.endswith(".air"):
            folder = posixpath.dirname(file.path)
            words = {word for command in file.commands for word in command}
            kernels.setdefault(folder, set()).update(
                word
                for word in (*file.depends, *words)
                if word.endswith(".metal") and word.startswith(f"{folder}/")
            )
    for folder, found in sorted(kernels.items()):
        there = (headers.root / folder).rglob("*.h")
        paths = found | {path.relative_to(headers.root).as_posix() for path in there}
        for path in sorted(paths):
            relative = posixpath.relpath(path, folder)
            up = "../" * relative.count("/")
            # Latin-1 keeps every byte of a text in another encoding.
            include = re.compile(rf'^(#include "){re.escape(folder)}/', re.MULTILINE)
            text = include.sub(rf"\g<1>{up}", headers.text(path))
            yield Made(relative, text.encode("latin-1"), path)
