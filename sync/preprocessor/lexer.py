"""Split a C header into preprocessing tokens that know where they stand.

Text is decoded as Latin-1 throughout: a character is a byte then, as in clang's columns.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from mlxport.cli.errors import UserError

IDENTIFIER, NUMBER, LITERAL, PUNCTUATOR, OTHER = "id", "num", "lit", "punct", "other"

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\f\v]+)
  | (?P<splice>\\[ \t]*\r?\n)
  | (?P<newline>\r?\n)
  | (?P<comment>//(?:\\\r?\n|[^\n])*|/\*.*?\*/)
  | (?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
  | (?P<lit>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"|[uUL]?'(?:\\.|[^'\\\n])+')
  | (?P<num>\.?[0-9](?:[eEpP][+-]|[\w.$])*)
  | (?P<id>[A-Za-z_$\x80-\xff][\w$\x80-\xff]*)
  | (?P<punct>\.\.\.|<<=|>>=|->|\+\+|--|&&|\|\||[-<>=!+*/%&^|]=|<<|>>|\#\#
      |%:%:|<:|:>|<%|%>|%:|[]\[{}()<>;:,.?~!+*/%&^|=\#-])
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_scratch = count(-1, -2)


class Token(NamedTuple):
    """A token; `space` tells whether white space stands before it.

    `first` tells whether it is the first of its line. `line` and `column` are where it is printed: those of the outermost macro that it came
    from. `start` and `file` are where it is spelt. A macro in `hidden` is not expanded.
    """

    kind: str
    text: str
    space: bool
    line: int
    column: int
    file: str
    start: int
    first: bool = False
    hidden: frozenset[str] = frozenset()

    def follows(self, other: "Token") -> bool:
        """Tell whether the two are spelt without anything between them."""
        return self.file == other.file and self.start == other.start + len(other.text)


@dataclass(frozen=True, slots=True)
class Line:
    """The tokens up to a line's end that is neither spliced nor in a comment."""

    number: int
    tokens: tuple[Token, ...]
    text: str

    @property
    def directive(self) -> str | None:
        """Return the name of the directive on this line; of a lone `#`, an empty one."""
        if not self.tokens or self.tokens[0].text not in ("#", "%:"):
            return None
        return self.tokens[1].text if len(self.tokens) > 1 else ""


def lines(text: str, file: str) -> Iterator[Line]:
    """Yield the lines that have tokens. Raises UserError for a comment without an end."""
    tokens: list[Token] = []
    number, line_start, first, first_start, space = 1, 0, 1, 0, False
    for match in _TOKEN.finditer(text):
        kind, spelling, start = str(match.lastgroup), match[0], match.start()
        if kind == "newline":
            if tokens:
                yield Line(first, tuple(tokens), text[first_start:start])
                tokens = []
            number, line_start, space = number + 1, match.end(), False
            first, first_start = number, line_start
        elif kind in ("space", "comment"):
            space = True
        elif kind != "splice":
            if spelling == "/" and text.startswith("/*", start):
                raise UserError("the comment has no end", where=f"{file}:{number}")
            kind = LITERAL if kind in ("raw", "mark") else kind
            column = start - line_start + 1
            place = (number, column, file, start)
            tokens.append(Token(kind, spelling, space, *place, first=not tokens))
            space = False
        if kind != "newline" and "\n" in spelling:
            number += spelling.count("\n")
            line_start = start + spelling.rindex("\n") + 1
    if tokens:
        yield Line(first, tuple(tokens), text[first_start:])


def spelt(text: str, like: Token) -> tuple[Token, ...]:
    """Return the tokens of a text that no file holds, at the place of another token."""
    found = []
    for line in lines(text, "<scratch>"):
        # A place of its own for each, so that nothing follows it directly.
        found += [
            like._replace(
                kind=token.kind,
                text=token.text,
                space=token.space,
                file="<scratch>",
                start=next(_scratch),
            )
            for token in line.tokens
        ]
    return tuple(found)
