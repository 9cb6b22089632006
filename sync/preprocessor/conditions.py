"""Evaluate the expression of an `#if`."""

import re
from collections.abc import Callable, Sequence

from mlxport.cli.errors import UserError

from .lexer import IDENTIFIER, LITERAL, NUMBER, Token

_PRECEDENCE = (
    *(("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!=")),
    *(("<", ">", "<=", ">="), ("<<", ">>"), ("+", "-"), ("*", "/", "%")),
)
_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "||": lambda a, b: int(bool(a or b)),
    "&&": lambda a, b: int(bool(a and b)),
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    "<<": lambda a, b: a << (b & 63),
    ">>": lambda a, b: a >> (b & 63),
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    # C rounds towards zero. What is divided by zero is known not to be evaluated, or to
    # be an error that clang reports where it compiles.
    "/": lambda a, b: abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1) if b else 0,
    "%": lambda a, b: abs(a) % abs(b) * (1 if a >= 0 else -1) if b else 0,
}


def holds(tokens: Sequence[Token], where: str) -> bool:
    """Return whether an expression without macros is true, or raise UserError."""
    try:
        expression = _Expression(tokens)
        value = expression.ternary()
        if expression.rest:
            raise ValueError(f"{expression.rest[0].text} is not expected")
    except (IndexError, ValueError, RecursionError) as error:
        text = " ".join(token.text for token in tokens)
        raise UserError(f"cannot evaluate #if {text}: {error}", where=where) from None
    return bool(value)


class _Expression:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.rest = list(tokens)

    def ternary(self) -> int:
        condition = self._binary(0)
        if not self._take("?"):
            return condition
        then = self.ternary()
        self._need(":")
        otherwise = self.ternary()
        return then if condition else otherwise

    def _binary(self, level: int) -> int:
        if level == len(_PRECEDENCE):
            return self._unary()
        value = self._binary(level + 1)
        while self.rest and self.rest[0].text in _PRECEDENCE[level]:
            operator = self.rest.pop(0).text
            value = _OPERATIONS[operator](value, self._binary(level + 1))
        return value

    def _unary(self) -> int:
        token = self.rest.pop(0)
        if token.text == "!":
            return int(not self._unary())
        if token.text in "+-~":
            value = self._unary()
            return {"+": value, "-": -value, "~": ~value}[token.text]
        if token.text == "(":
            value = self.ternary()
            self._need(")")
            return value
        if token.kind == NUMBER:
            return _number(token.text)
        if token.kind == IDENTIFIER:
            return 0
        if token.kind == LITERAL and re.fullmatch(r"'[^\\]'", token.text):
            return ord(token.text[1])
        raise ValueError(f"{token.text} is not a number")

    def _take(self, text: str) -> bool:
        if self.rest and self.rest[0].text == text:
            del self.rest[0]
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise ValueError(f"{text} is missing")


def _number(text: str) -> int:
    digits = re.fullmatch(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)[uUlL]*", text)
    if not digits:
        raise ValueError(f"{text} is not a whole number")
    octal = re.fullmatch(r"0[0-7]+", digits[1])
    return int(digits[1], 8 if octal else 0)
