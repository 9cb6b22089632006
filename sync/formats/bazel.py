"""Lists in a `.bzl` file, to be loaded where a `cc_library` names its `srcs`."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from .. import constants
from ..constants import Language, Options
from ..literals import escaped
from . import Lists

read_options = constants.read_options


def render(current: bytes | None, lists: Lists, options: Options) -> bytes:
    """Return the file with the constants in its marked part."""
    return constants.render(LANGUAGE, current, lists, options)


def compiled(
    text: bytes, lists: Lists, options: Options
) -> Mapping[str, frozenset[str]]:
    """Return the files of each list of sources."""
    return constants.compiled(LANGUAGE, text, lists, options)


def _array(name: str, values: Sequence[str]) -> str:
    lines = "".join(f'    "{value}",\n' for value in values)
    return f"{name} = [\n{lines}]\n" if lines else f"{name} = []\n"


def _text(name: str, value: str) -> str:
    return f'{name} = "{value}"\n'


def _read(text: str) -> Iterator[tuple[str, list[str]]]:
    # Starlark's syntax is a part of Python's.
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ValueError(f"line {error.lineno} is not Starlark: {error.msg}") from None
    for node in tree.body:
        strings: list[str] = []
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            items = (e for e in node.value.elts if isinstance(e, ast.Constant))
            strings = [str(item.value) for item in items]
        for inner in ast.walk(node):
            if name := _changed(inner):
                yield name, strings


def _changed(node: ast.AST) -> str | None:
    """Return the name that gets a value here, or whose value may be changed."""
    # A method of a list may change it; `X[0] = ...` does.
    is_part = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    if isinstance(node, ast.Attribute) or is_part:
        value = getattr(node, "value", None)
        return value.id if isinstance(value, ast.Name) else None
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return None


LANGUAGE = Language(
    comment="#", upper=True, array=_array, text=_text, spelt=escaped, read=_read
)
