"""Variables in a `.cmake` file, to be included where a target's sources are set."""

import re
from collections.abc import Iterator, Mapping, Sequence

from .. import constants
from ..cmakefile import parse
from ..constants import Language, Options
from . import Lists

# What `list` only looks at.
READING = ("FIND", "GET", "JOIN", "LENGTH", "SUBLIST")

read_options = constants.read_options


def render(current: bytes | None, lists: Lists, options: Options) -> bytes:
    """Return the file with the constants in its marked part."""
    return constants.render(LANGUAGE, current, lists, options)


def compiled(
    text: bytes, lists: Lists, options: Options
) -> Mapping[str, frozenset[str]]:
    """Return the files of each variable of sources."""
    return constants.compiled(LANGUAGE, text, lists, options)


def _array(name: str, values: Sequence[str]) -> str:
    lines = "".join(f'\n    "{value}"' for value in values)
    return f"set({name}{lines})\n" if lines else f'set({name} "")\n'


def _text(name: str, value: str) -> str:
    return f'set({name} "{value}")\n'


def _spelt(text: str) -> str:
    return re.sub(r'([\\"$;@])', r"\\\1", text)


def _read(text: str) -> Iterator[tuple[str, list[str]]]:
    for command in parse(text):
        first, second = [*command.arguments, "", ""][:2]
        if command.name == "set":
            values = [value for value in command.arguments[1:] if value]
            yield first, [re.sub(r"\\(.)", r"\1", value) for value in values]
        elif command.name in ("unset", "option", "foreach"):
            yield first, []
        elif (command.name == "list" and first not in READING) or (
            command.name == "string" and first in ("APPEND", "PREPEND")
        ):
            yield second, []


LANGUAGE = Language(
    comment="#",
    upper=True,
    array=_array,
    text=_text,
    spelt=_spelt,
    read=_read,
    base="${CMAKE_CURRENT_LIST_DIR}/",
    raw_prefix=True,
)
