"""Constants for a `build.zig`: an array of sources for each configuration."""

from collections.abc import Mapping, Sequence

from .. import constants
from ..constants import Language, Options
from ..literals import constant_arrays, escaped
from . import Lists

read_options = constants.read_options


def render(current: bytes | None, lists: Lists, options: Options) -> bytes:
    """Return the file with the constants in its marked part."""
    return constants.render(LANGUAGE, current, lists, options)


def compiled(
    text: bytes, lists: Lists, options: Options
) -> Mapping[str, frozenset[str]]:
    """Return the sources that `addCSourceFiles` would compile of each array."""
    return constants.compiled(LANGUAGE, text, lists, options)


def _array(name: str, values: Sequence[str]) -> str:
    lines = "".join(f'    "{value}",\n' for value in values)
    body = f"\n{lines}" if lines else ""
    return f"pub const {name} = [_][]const u8{{{body}}};\n"


def _text(name: str, value: str) -> str:
    return f'pub const {name} = "{value}";\n'


LANGUAGE = Language(
    comment="//",
    upper=False,
    array=_array,
    text=_text,
    spelt=escaped,
    read=lambda text: constant_arrays(text, "{"),
)
