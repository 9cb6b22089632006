"""Make the files that a wrapper commits although upstream's build generates them."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mlxport.cli.errors import UserError

from . import generators
from .filelists import FileLists
from .generators import Made
from .preprocessor.headers import Headers


def generate(
    tree: Path, lists: Sequence[FileLists], kinds: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[Made, ...]]:
    """Return the generated files of each kind, sorted by path; no script of `tree` is run.

    `kinds` maps names of kinds to settings of theirs, and `lists` are what configurations
    compile of the tree. A kind that this tree has no files for has none. Raises UserError
    where two configurations make different files of one name.
    """
    headers = Headers(tree)
    made: dict[str, tuple[Made, ...]] = {}
    for kind, settings in kinds.items():
        check_kind(kind)
        generator = generators.load(kind)
        files: dict[str, Made] = {}
        if (tree / generator.SIGN).is_file():
            filled = {**generator.SETTINGS, **settings}
            sources = lists if generator.NEEDS_LISTS else (None,)
            for of_one in sources:
                for file in generator.generate(headers, of_one, filled):
                    _add(files, file)
        made[kind] = tuple(sorted(files.values(), key=lambda file: file.path))
    return made


def needs_lists(tree: Path, kinds: Iterable[str]) -> bool:
    """Tell whether a kind is made from what upstream's build says, and not of files alone."""
    found = (generators.load(kind) for kind in kinds)
    return any(g.NEEDS_LISTS and (tree / g.SIGN).is_file() for g in found)


def check_kind(kind: str) -> None:
    """Raise UserError for a kind that no generator makes."""
    known = generators.names()
    if kind not in known:
        near = difflib.get_close_matches(kind, known, n=1)
        raise UserError(
            f"unknown kind of generated files {kind!r}",
            hint=(f"did you mean {near[0]}? " if near else "")
            + f"known: {', '.join(known)}",
        )


def _add(files: dict[str, Made], file: Made) -> None:
    other = files.setdefault(file.path, file)
    if other.content != file.content:
        raise UserError(
            f"{file.path} is made in two ways: from {other.origin} and from {file.origin}",
            hint="ask for one configuration",
        )
