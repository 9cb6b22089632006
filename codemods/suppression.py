"""Read `# mlxport: ignore[RECIPE] why`: a person has looked at this line."""

import re
from functools import lru_cache

from .names import NEWLINE

_COMMENT = re.compile(
    r"#\s*mlxport:\s*ignore\[(?P<recipes>[^\]]*)\][ \t:,-]*(?P<why>.*)$"
)


@lru_cache(maxsize=64)
def ignored_lines(text: str, recipe: str) -> frozenset[int]:
    """Return the lines that a recipe shall leave alone, from 1.

    The comment is on the line, or alone on the line above. Without a reason it does nothing.
    """
    found: set[int] = set()
    if "mlxport:" not in text:
        return frozenset()
    for number, line in enumerate(NEWLINE.split(text), start=1):
        comment = _COMMENT.search(line)
        if comment is None or not comment["why"].strip():
            continue
        names = {part.strip() for part in comment["recipes"].split(",")}
        if recipe in {name.replace("-", "_") for name in names}:
            alone = not line[: comment.start()].strip()
            found.add(number + 1 if alone else number)
    return frozenset(found)
