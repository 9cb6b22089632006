"""Lists of upstream's files that a wrapper's shell scripts carry, with the line of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .subject import Subject

KERNELS, GENERATED, HEADERS = "kernels", "generated", "headers"
ASSIGNED = re.compile(r'\s*\w+="[^"]*$')


@dataclass(frozen=True, slots=True)
class ScriptList:
    """A list of kernels (`.metal`), of make targets that generate sources, or of headers.

    `items` are the names with their lines; `line` is that of the list.
    """

    kind: str
    path: str
    line: int
    items: tuple[tuple[str, int], ...]

    @property
    def names(self) -> frozenset[str]:
        """Return the names without their lines."""
        return frozenset(name for name, _ in self.items)


def script_lists(subject: Subject, kind: str) -> tuple[ScriptList, ...]:
    """Return the lists of one kind in the wrapper's shell scripts."""
    return tuple(
        found
        for path in subject.files
        if path.endswith((".sh", ".zsh", ".bash"))
        for found in parse(path, subject.text(path))
        if found.kind == kind
    )


def parse(path: str, text: str) -> Iterator[ScriptList]:
    """Yield the lists of a script: each is one command that goes over several lines."""
    for words in _commands(text):
        first, line = words[0]
        for kind, suffix in ((KERNELS, ".metal"), (HEADERS, ".h")):
            items = tuple(word for word in words if word[0].endswith(suffix))
            if len(items) > 1 or (items and kind == KERNELS):
                yield ScriptList(kind, path, line, items)
        if first == "make":
            yield ScriptList(GENERATED, path, line, tuple(words[1:]))


def _commands(text: str) -> Iterator[list[tuple[str, int]]]:
    """Yield the words of each command of more than one line."""
    words: list[tuple[str, int]] = []
    lines, quoted = 0, False
    for number, line in enumerate(text.splitlines(), 1):
        if not words and line.lstrip().startswith("#"):
            continue
        quoted = quoted != (line.count('"') % 2 == 1) if quoted else _opens(line)
        continued = line.endswith("\\")
        words += [(w.strip('"'), number) for w in line.rstrip("\\").split()]
        lines += 1
        if not continued and not quoted:
            if lines > 1 and words:
                yield [word for word in words if word[0]]
            words, lines = [], 0


def _opens(line: str) -> bool:
    return bool(ASSIGNED.match(line.rstrip("\\")))
