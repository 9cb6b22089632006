"""Constants for a Rust build script with the `cc` crate: `build.files(MLX_..._SOURCES)`."""

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
    """Return the sources that `cc` would compile of each slice."""
    return constants.compiled(LANGUAGE, text, lists, options)


def _array(name: str, values: Sequence[str]) -> str:
    lines = "".join(f'    "{value}",\n' for value in values)
    body = f"\n{lines}" if lines else ""
    return f"pub const {name}: &[&str] = &[{body}];\n"


def _text(name: str, value: str) -> str:
    return f'pub const {name}: &str = "{value}";\n'


LANGUAGE = Language(
    comment="//",
    upper=True,
    array=_array,
    text=_text,
    spelt=escaped,
    read=lambda text: constant_arrays(text, "["),
)
