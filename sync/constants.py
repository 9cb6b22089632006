"""Write the lists as constants of a language, in the marked part of a file of it."""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlxport.cli.errors import UserError

from .formats import Lists
from .lock import WrapperLists
from .regions import decoded, replaced
from .tables import Table


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the name of a configuration, and before each path.

    Without a prefix paths are relative to the folder of the file.
    """

    name: str
    prefix: str | None


@dataclass(frozen=True, slots=True)
class Language:
    """How a language spells a comment, a constant's name, an array and a string.

    `read` yields what a text gives a value or changes, with the strings it holds then; it
    raises ValueError for a text that is not of the language. `base` begins the path of the
    folder of a file. A prefix of CMake may name variables, so there it is not spelt as a
    string's content.
    """

    comment: str
    upper: bool
    array: Callable[[str, Sequence[str]], str]
    text: Callable[[str, str], str]
    spelt: Callable[[str], str]
    read: Callable[[str], Iterable[tuple[str, Sequence[str]]]]
    base: str = ""
    raw_prefix: bool = False


def read_options(table: Table, configurations: tuple[str, ...]) -> Options:
    """Return the output's options; configurations must differ in letters and digits."""
    table.allow("format", "path", "name", "prefix")
    name = table.string("name", "mlx")
    if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        raise table.error(f"name {name!r} is no identifier", "name")
    names: dict[str, str] = {}
    for configuration in configurations:
        other = names.setdefault(_identifier(configuration), configuration)
        if other != configuration:
            raise table.error(
                f"{other} and {configuration} would have constants of the same name",
                hint="rename one of the configurations",
            )
    prefix = table.values.get("prefix")
    if prefix is not None and not isinstance(prefix, str):
        raise table.error("'prefix' takes a string", "prefix")
    return Options(name, prefix)


def render(
    language: Language, current: bytes | None, lists: Lists, options: Options
) -> bytes:
    """Return the file with the constants of every configuration in its marked part."""
    prefix = _prefix(language, lists, options)
    body = "".join(
        constant
        for name, configuration in sorted(lists.configurations.items())
        for constant in _constants(
            language, f"{options.name}_{_identifier(name)}", configuration, prefix
        )
    )
    return replaced(current, body, language.comment, lists.path)


def compiled(
    language: Language, text: bytes, lists: Lists, options: Options
) -> Mapping[str, frozenset[str]]:
    """Return the sources that the constants name, read back from the whole file."""
    values: dict[str, list[Sequence[str]]] = {}
    try:
        for name, strings in language.read(decoded(text, lists.path)):
            values.setdefault(name, []).append(strings)
    except ValueError as error:
        raise UserError(str(error), where=str(lists.path)) from None
    prefix = _prefix(language, lists, options)
    found = {}
    for configuration in lists.configurations:
        name = _cased(language, f"{options.name}_{_identifier(configuration)}_sources")
        if len(values.get(name, ())) != 1:
            raise UserError(
                f"{name} is also given a value or changed outside of the marked part",
                where=str(lists.path),
                hint="build another name from it there",
            )
        # A path that does not begin so is no file of upstream: it shows as a difference.
        found[configuration] = frozenset(
            path.removeprefix(prefix) if path.startswith(prefix) else f"?{path}"
            for path in values[name][0]
        )
    return found


def _constants(
    language: Language, start: str, lists: WrapperLists, prefix: str
) -> list[str]:
    def spelt_path(path: str) -> str:
        before = prefix if language.raw_prefix else language.spelt(prefix)
        return before + language.spelt(path)

    # A path of the machine that upstream is configured on means nothing in a wrapper.
    defines = [define for define in lists.defines if "<" not in define]
    arrays = {
        "sources": [spelt_path(path) for path in sorted(lists.sources)],
        "generated": [language.spelt(path) for path in sorted(lists.generated)],
        "defines": [language.spelt(define) for define in sorted(defines)],
    }
    constants = [
        language.array(_cased(language, f"{start}_{key}"), values)
        for key, values in arrays.items()
    ]
    standard = _cased(language, f"{start}_standard")
    return [*constants, language.text(standard, language.spelt(lists.standard))]


def _cased(language: Language, name: str) -> str:
    return name.upper() if language.upper else name.lower()


def _identifier(configuration: str) -> str:
    stem = PurePosixPath(configuration).name.removesuffix(".toml")
    return re.sub(r"\W", "_", stem, flags=re.ASCII).lower()


def _prefix(language: Language, lists: Lists, options: Options) -> str:
    if options.prefix is not None:
        return options.prefix
    return language.base + posixpath.relpath(lists.folder, lists.path.parent) + "/"
