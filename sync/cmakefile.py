"""Read the commands of a CMake file, with the conditions that they stand under."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
    \#\[(?P<comment>=*)\[.*?\](?P=comment)\] | \#[^\n]* |
    \[(?P<level>=*)\[\n?(?P<bracket>.*?)\](?P=level)\] |
    "(?P<quoted>(?:[^"\\]|\\.)*)" |
    (?P<open>\() | (?P<close>\)) |
    (?P<word>(?:[^\s()"\#\\]|\\.|"[^"\n]*")+)
    """,
    re.VERBOSE | re.DOTALL,
)
MIDDLES = {"elseif": "if", "else": "if"}
BLOCKS = ("if", "foreach", "while", "function", "macro", "block")


@dataclass(slots=True)
class Branch:
    """A part of a block: what begins it, and the lines from there to what ends it."""

    command: str
    condition: str
    line: int
    end: int = 0

    def __str__(self) -> str:
        return f"{self.command}({self.condition})"


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it is written, and the blocks it lies in, the outermost first.

    Each block is given by its branches; the command lies in the last of them.
    """

    name: str
    arguments: tuple[str, ...]
    line: int
    blocks: tuple[tuple[Branch, ...], ...]


def parse(text: str) -> Iterator[Command]:
    """Yield the commands of a file in order; what is not CMake is passed over."""
    blocks: list[list[Branch]] = []
    for name, arguments, line in _commands(text):
        if name in MIDDLES and blocks:
            blocks[-1][-1].end = line
            blocks[-1].append(Branch(name, " ".join(arguments), line))
        elif name.startswith("end") and name[3:] in BLOCKS and blocks:
            blocks.pop()[-1].end = line
        else:
            yield Command(name, arguments, line, tuple(map(tuple, blocks)))
            if name in BLOCKS:
                blocks.append([Branch(name, " ".join(arguments), line)])


def _commands(text: str) -> Iterator[tuple[str, tuple[str, ...], int]]:
    name, line, depth = "", 0, 0
    arguments: list[str] = []
    at, lines = 0, 1
    for token in TOKEN.finditer(text):
        lines += text.count("\n", at, token.start())
        at = token.start()
        if token["open"]:
            depth += 1
            if depth == 1:
                continue
        if token["close"]:
            depth -= 1
            if depth == 0:
                if name:
                    yield name, tuple(arguments), line
                name, arguments = "", []
                continue
        if depth <= 0 and token["word"]:
            name, line, depth = token["word"].lower(), lines, 0
        elif depth > 0:
            kinds = ("bracket", "quoted", "word", "open", "close")
            arguments += [value for kind in kinds if (value := token[kind]) is not None]
