"""Tell which conditional parts of a `Package.swift` take part on one platform.

Answers are True, False, or None for a condition that is not understood.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SYSTEMS = (
    *("macOS", "iOS", "tvOS", "visionOS", "watchOS", "macCatalyst"),
    *("Linux", "Windows", "Android", "FreeBSD", "OpenBSD", "WASI"),
)


@dataclass(frozen=True, slots=True)
class Platform:
    """Where a manifest is evaluated: the operating system as Swift spells it."""

    os: str
    environment: Mapping[str, str] = field(default_factory=dict)


class Regions:
    """The `#if`s that are open at one point of a file, as its directives are read."""

    def __init__(self, os: str) -> None:
        self._os = os
        # One entry for each open #if, with the answer of each of its branches so far.
        self._open: list[list[bool | None]] = []

    def read(self, directive: str) -> None:
        """Take in one line that begins with `#`."""
        keyword, _, condition = directive.partition(" ")
        if keyword == "#if":
            self._open.append([os_holds(condition, self._os)])
        elif keyword == "#elseif" and self._open:
            self._open[-1].append(os_holds(condition, self._os))
        elif keyword == "#else" and self._open:
            self._open[-1].append(True)
        elif keyword == "#endif" and self._open:
            self._open.pop()

    @property
    def reached(self) -> bool | None:
        """Tell whether what follows is compiled."""
        answers = [_last_reached(branches) for branches in self._open]
        if False in answers:
            return False
        return None if None in answers else True


def os_holds(condition: str, os: str) -> bool | None:
    """Evaluate `os(A) || !os(B)`, with one kind of operator."""
    operator = "&&" if "&&" in condition else "||"
    results = []
    for term in condition.partition("//")[0].split(operator):
        match = re.fullmatch(r"\s*(!?)\s*os\(\s*(\w+)\s*\)\s*", term)
        if not match:
            return None
        results.append((match[2] == os) != bool(match[1]))
    return all(results) if operator == "&&" else any(results)


def environment_holds(condition: str, environment: Mapping[str, str]) -> bool | None:
    """Evaluate `Context.environment["NAME"] == "VALUE"`, or the same with != or nil."""
    match = re.fullmatch(
        r'Context\.environment\["(\w+)"\]\s*(==|!=)\s*("[^"\\]*"|nil)', condition
    )
    if not match:
        return None
    name, operator, text = match.groups()
    value = None if text == "nil" else text[1:-1]
    return (environment.get(name) == value) == (operator == "==")


def _last_reached(branches: list[bool | None]) -> bool | None:
    *before, last = branches
    if True in before or last is False:
        return False
    return None if None in before else last
