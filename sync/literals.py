"""Read the arrays of strings in languages whose strings and comments are like C's."""

import re
from collections.abc import Iterator

# Comments and strings first, so that neither is looked for inside of the other. Rust's
# raw strings and Zig's lines that begin with two backslashes hold no escapes.
TOKEN = re.compile(
    r"""
    (?P<skipped>//[^\n]*|/\*.*?\*/|\\\\[^\n]*|'(?:\\.|[^\\'\n])'|\br(?P<level>\#*)".*?"(?P=level)) |
    "(?P<string>(?:[^"\\\n]|\\.)*)" |
    (?P<name>[A-Za-z_]\w*) |
    (?P<mark>[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)


def escaped(text: str) -> str:
    """Return a text as the content of a string literal."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def constant_arrays(text: str, opening: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each `const NAME ... = ...;` of a text with the strings of its value.

    `opening` is the bracket that begins an array's value.
    """
    name, is_value, is_array = "", False, False
    values: list[str] = []
    before = ""
    for token in TOKEN.finditer(text):
        if token["skipped"]:
            continue
        word = token["name"] or token["mark"] or ""
        if word == ";" and name:
            yield name, values
            name, is_value, is_array, values = "", False, False, []
        elif not name and before == "const" and token["name"]:
            name = word
        elif name and word == "=":
            is_value = True
        elif is_value and word == opening:
            is_array = True
        elif is_array and token["string"] is not None:
            values.append(re.sub(r"\\(.)", r"\1", token["string"]))
        before = word
