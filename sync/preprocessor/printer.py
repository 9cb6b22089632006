"""Lay tokens out as clang does with `-E -P`.

A line begins where the source's does, with the same indentation, and blank lines go. What
was one token is never glued to the next.
"""

from .lexer import IDENTIFIER, LITERAL, NUMBER, Token

# What may not follow a punctuator directly, by the first character of the next token. It is
# the list for C: as headers are read as C, `::` and `->*` are two tokens each.
_EXTENDS = {
    "&": "&",
    "+": "+",
    "-": "->",
    "/": "*/",
    "<": "<:%",
    ">": ">",
    "|": "|",
    "%": ">:",
    ":": ">",
    "#": "#@%",
    "%:": "#@%",
}
_TAKES_EQUAL = frozenset(
    ["&", "+", "-", "/", "<", ">", "|", "%", "*", "!", "=", "^", "<<", ">>"]
)


class Printer:
    """Collect the output of one run."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._line = 1
        self._tokens_on_line = self._directive_on_line = False
        self._last: Token | None = None
        self._before_last: Token | None = None

    @property
    def text(self) -> str:
        """Return all that was printed."""
        return "".join(self._out)

    def token(self, token: Token) -> None:
        """Print a token of the text."""
        starts = token.first or self._directive_on_line
        if starts and self._move(token.line, self._directive_on_line):
            column = 2 if token.column == 1 and token.space else token.column
            # In column 1 it would be taken for a directive.
            column = 2 if column == 1 and token.text == "#" else column
            self._out.append(" " * (column - 1))
        elif token.space or (
            (self._tokens_on_line or self._directive_on_line) and self._glues(token)
        ):
            self._out.append(" ")
        self._print(token)

    def pragma(self, tokens: tuple[Token, ...], line: int) -> None:
        """Print `#pragma` and its tokens on a line of their own."""
        self._move(line, True)
        self._out.append("#pragma")
        for index, token in enumerate(tokens):
            if (
                index == 0
                or token.space
                or (self._tokens_on_line and self._glues(token))
            ):
                self._out.append(" ")
            self._print(token)
        self._directive_on_line = True

    def enter(self, line: int) -> None:
        """Begin an included file; `line` is that of the directive."""
        self._move(line, False)
        self._start(1)

    def leave(self, line: int) -> None:
        """End an included file; `line` is that of the directive."""
        self._start(line + 1)

    def _print(self, token: Token) -> None:
        self._out.append(token.text)
        self._tokens_on_line = True
        self._before_last, self._last = self._last, token

    def _start(self, line: int) -> None:
        if self._tokens_on_line or self._directive_on_line:
            self._end_line()
        self._line = line

    def _end_line(self) -> None:
        self._out.append("\n")
        self._tokens_on_line = self._directive_on_line = False

    def _move(self, line: int, must_start: bool) -> bool:
        """Go to a line of the source; tell whether a new line was begun."""
        began = (must_start and self._tokens_on_line) or self._directive_on_line
        if began:
            self._end_line()
            self._line += 1
        if self._line != line and (
            (not began and line - self._line == 1) or self._tokens_on_line
        ):
            self._end_line()
            began = True
        self._line = line
        return began

    def _glues(self, token: Token) -> bool:
        """Tell whether printing `token` at once would make another token of the last one."""
        last = self._last
        if last is None or token.follows(last):
            return False
        first = token.text[0]
        if last.kind == IDENTIFIER:
            if token.kind == NUMBER:
                return first != "."
            if token.kind == LITERAL and first in "\"'":
                return last.text in ("L", "u8", "u", "U", "R", "LR", "u8R", "uR", "UR")
            return token.kind in (IDENTIFIER, LITERAL)
        if last.kind == NUMBER:
            return first.isalnum() or first in "_.+-" or first >= "\x80"
        if last.text in _TAKES_EQUAL and token.text in ("=", "=="):
            return True
        if last.text == ".":
            before = self._before_last
            dots = first == "." and before is not None and before.text == "."
            return dots or first.isdigit()
        return first in _EXTENDS.get(last.text, "")
