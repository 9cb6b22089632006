"""Evaluate the generator expressions that decide which sources and defines a target has."""

import re
from collections.abc import Mapping

from mlxport.cli.errors import UserError

INNERMOST = re.compile(r"\$<([^<>$]*)>")


def evaluated(text: str, facts: Mapping[str, str], place: str) -> str:
    """Return `text` with every `$<...>` evaluated, from the innermost outwards.

    `facts` are the answers to `$<NAME:...>` by comparison: `PLATFORM_ID`,
    `COMPILE_LANGUAGE`, `CONFIG`. Raises UserError with `place` for an expression that
    needs more than that.
    """
    while match := INNERMOST.search(text):
        value = _value(match[1], facts)
        if value is None:
            raise _unknown(match[0], place)
        text = text[: match.start()] + value + text[match.end() :]
    if "$<" in text:
        raise _unknown(text[text.index("$<") :], place)
    return text


def _value(inner: str, facts: Mapping[str, str]) -> str | None:
    name, colon, argument = inner.partition(":")
    words = argument.split(",")
    if name in ("0", "1"):
        return argument if name == "1" else ""
    if name == "BUILD_INTERFACE":
        return argument
    if name == "INSTALL_INTERFACE":
        return ""
    if name in facts:
        return str(int(facts[name] in words)) if colon else facts[name]
    if name == "BOOL":
        false = ("", "0", "OFF", "NO", "FALSE", "N", "IGNORE", "NOTFOUND")
        upper = argument.upper()
        return str(int(not (upper in false or upper.endswith("-NOTFOUND"))))
    if name in ("AND", "OR", "NOT") and set(words) <= {"0", "1"}:
        return str(int({"AND": all, "OR": any, "NOT": _not}[name](map(int, words))))
    if name == "STREQUAL" and len(words) == 2:
        return str(int(words[0] == words[1]))
    return None


def _not(values: "map[int]") -> bool:
    return not any(values)


def _unknown(expression: str, place: str) -> UserError:
    return UserError(
        f"upstream's lists use {expression[:80]}, which needs a whole run of cmake",
        where=place,
        hint="please report it: the quick evaluation does not know the expression",
    )
