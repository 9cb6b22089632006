"""Lay headers out as a framework has them: in one folder, included by its name."""

import posixpath
import re
from collections.abc import Iterable, Mapping

from mlxport.cli.errors import UserError

from .preprocessor.headers import Headers

_INCLUDE = re.compile(r'^([ \t]*#[ \t]*include[ \t]+)(?:"([^"\n]+)"|<([^>\n]+)>)', re.M)


def reached(headers: Headers, start: Iterable[str]) -> tuple[str, ...]:
    """Return the headers of `start` and those they include on any platform, sorted."""
    pending = list(start)
    found = set(pending)
    while pending:
        path = pending.pop()
        for match in _INCLUDE.finditer(headers.text(path)):
            name = _found(headers, path, match)
            if name and name not in found:
                found.add(name)
                pending.append(name)
    return tuple(sorted(found))


def flat_name(path: str) -> str:
    """Return the name of a header in a framework: `mlx-io-load.h`."""
    return path.replace("/", "-")


def flat_includes(
    headers: Headers, path: str, module: str, replaced: Mapping[str, str]
) -> str:
    """Return a header's text with its includes of the tree as `<MODULE/mlx-io-load.h>`.

    `replaced` are headers outside the tree that the framework has under another name.
    """

    def rewritten(match: re.Match[str]) -> str:
        found = _found(headers, path, match)
        name = flat_name(found) if found else replaced.get(match[3] or "")
        return f"{match[1]}<{module}/{name}>" if name else match[0]

    return _INCLUDE.sub(rewritten, headers.text(path))


def _found(headers: Headers, path: str, match: re.Match[str]) -> str | None:
    """Return the header in the tree that an include names; one in `<>` may lie elsewhere."""
    where = f"{path}:{match.string.count(chr(10), 0, match.start()) + 1}"
    name = match[2] or match[3]
    found = headers.find(name, match[2] is not None, path, where)
    if found is None and match[2] is not None:
        raise UserError(
            f"includes {name}, which is not in upstream's tree", where=where
        )
    return posixpath.normpath(found) if found else None
