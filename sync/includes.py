"""Follow the `#include "…"` lines of headers."""

import re
from collections.abc import Iterable
from pathlib import Path

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.M)


def closure(root: Path, folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the headers in `folder` that `names` reach, each with one that includes it.

    Names are relative to `folder`, which lies in `root`, the folder that includes are
    relative to. An include that is in neither place is some other library's.
    """
    reached: dict[str, str] = {name: "" for name in names if (folder / name).is_file()}
    pending = list(reached)
    while pending:
        name = pending.pop()
        text = (folder / name).read_text("utf-8", "replace")
        for included in INCLUDE.findall(text):
            candidates = ((folder / name).parent / included, root / included)
            path = next((p.resolve() for p in candidates if p.is_file()), None)
            if path is None or not path.is_relative_to(folder.resolve()):
                continue
            found = path.relative_to(folder.resolve()).as_posix()
            if found not in reached:
                reached[found] = name
                pending.append(found)
    return reached
