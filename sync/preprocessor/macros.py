"""Define and expand macros, with the white space that clang leaves between the tokens."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlxport.cli.errors import UserError

from .lexer import IDENTIFIER, LITERAL, Line, Token, spelt

# A header of a stranger can double its text with every macro; no real one comes near.
MOST_TOKENS = 5_000_000
VARIADIC = "__VA_ARGS__"
# What these stand for is known to a compiler on its own machine only, or leaks a path.
UNKNOWN = frozenset(
    [
        "__FILE__",
        "__BASE_FILE__",
        "__LINE__",
        "__DATE__",
        "__TIME__",
        "__TIMESTAMP__",
        "__COUNTER__",
        "__INCLUDE_LEVEL__",
        "__VA_OPT__",
    ]
)


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro; without parameters it is object-like. The last may be `__VA_ARGS__`."""

    body: tuple[Token, ...]
    parameters: tuple[str, ...] | None = None
    variadic: bool = False


def parse_define(line: Line, where: str) -> tuple[str, Macro]:
    """Return the name and macro of a `#define` line."""
    tokens = line.tokens[2:]
    if not tokens or tokens[0].kind != IDENTIFIER:
        raise UserError("#define names no macro", where=where)
    name, rest = tokens[0], tokens[1:]
    if not rest or rest[0].text != "(" or not rest[0].follows(name):
        return name.text, Macro(rest)
    parameters: list[str] = []
    variadic = False
    for index, token in enumerate(rest[1:], 1):
        if token.text == ")":
            return name.text, Macro(rest[index + 1 :], tuple(parameters), variadic)
        if token.text == "...":
            # GNU's `rest...` names the variable part.
            if rest[index - 1].kind != IDENTIFIER:
                parameters.append(VARIADIC)
            variadic = True
        elif token.kind == IDENTIFIER:
            parameters.append(token.text)
        elif token.text != ",":
            break
    raise UserError(f"the parameters of {name.text} have no end", where=where)


class Macros(dict[str, Macro]):
    """The macros that are defined, by name."""

    def __init__(self, defined: Mapping[str, str]) -> None:
        super().__init__()
        nowhere = Token("", "", False, 1, 1, "", 0)
        self.update(
            (name, Macro(spelt(text, nowhere))) for name, text in defined.items()
        )
        self._budget = MOST_TOKENS

    def expand(self, tokens: Iterable[Token], file: str) -> list[Token]:
        """Return the tokens with every macro expanded; `file` is for errors."""
        pending, out = deque(tokens), list[Token]()
        while pending:
            token = pending.popleft()
            self._budget -= 1
            if self._budget < 0:
                raise UserError(
                    f"macros expand to more than {MOST_TOKENS} tokens",
                    where=f"{file}:{token.line}",
                )
            macro = self.get(token.text) if token.kind == IDENTIFIER else None
            if macro is None or token.text in token.hidden:
                if token.text in UNKNOWN:
                    raise UserError(
                        f"uses {token.text}, which only a compiler can expand",
                        where=f"{file}:{token.line}",
                    )
                out.append(token)
                continue
            hidden, arguments = token.hidden, dict[str, list[Token]]()
            if macro.parameters is not None:
                if not pending or pending[0].text != "(":
                    out.append(token)
                    continue
                found, end = _arguments(pending, token, f"{file}:{token.line}")
                arguments = _bound(macro, found, token, f"{file}:{token.line}")
                hidden &= end.hidden
            body, space_after = self._substituted(macro, arguments, file)
            hidden |= {token.text}
            placed = [
                t._replace(
                    line=token.line,
                    column=token.column,
                    first=False,
                    hidden=t.hidden | hidden,
                )
                for t in body
            ]
            if placed:
                placed[0] = placed[0]._replace(space=token.space, first=token.first)
            # White space does not reach over the end of a line.
            if pending and not pending[0].first:
                pending[0] = pending[0]._replace(
                    space=pending[0].space | space_after | (token.space and not placed),
                    first=token.first and not placed,
                )
            pending.extendleft(reversed(placed))
        return out

    def _substituted(
        self, macro: Macro, arguments: Mapping[str, list[Token]], file: str
    ) -> tuple[list[Token], bool]:
        """Return the body with the arguments in it, and whether a space follows it."""
        body, out = macro.body, list[Token | None]()
        space, index = False, 0
        while index < len(body):
            token, after_paste = body[index], index > 0 and body[index - 1].text == "##"
            pastes = index + 1 < len(body) and body[index + 1].text == "##"
            space |= index > 0 and token.space and not after_paste
            index += 1
            if token.text == "##" and 1 < index < len(body):
                space = False
                continue
            if (
                token.text == "#"
                and index < len(body)
                and body[index].text in arguments
            ):
                items = [_string(arguments[body[index].text], token)]
                index += 1
                pastes = index < len(body) and body[index].text == "##"
            elif token.text not in arguments:
                items = [token]
            elif after_paste or pastes:
                items = list(arguments[token.text])
                if after_paste and _is_rest(macro, token, body[index - 3 : index - 2]):
                    if not items:
                        out.pop()
                    after_paste = False
                # A part of a paste keeps the white space of the argument.
                space |= bool(items) and items[0].space
            else:
                items = self.expand(arguments[token.text], file)
            if after_paste and items and (left := out.pop()) is not None:
                items[:1] = spelt(left.text + items[0].text, left)
                items[0] = items[0]._replace(space=left.space)
                space = False
            elif items:
                items[0] = items[0]._replace(space=space)
                space = False
            # An operand of ## that is empty leaves its place.
            out += items or ([None] if pastes and not after_paste else [])
        return [token for token in out if token is not None], space


def _arguments(
    pending: deque[Token], name: Token, where: str
) -> tuple[list[list[Token]], Token]:
    """Take the arguments of a call, in parentheses, from the front of `pending`."""
    found: list[list[Token]] = [[]]
    depth = 0
    while pending:
        token = pending.popleft()
        if token.text == ")":
            depth -= 1
            if depth == 0:
                return found, token
        if token.text == "," and depth == 1:
            found.append([])
        elif depth > 0:
            found[-1].append(token)
        if token.text == "(":
            depth += 1
    raise UserError(f"the call of the macro {name.text} has no end", where=where)


def _bound(
    macro: Macro, found: list[list[Token]], name: Token, where: str
) -> dict[str, list[Token]]:
    parameters = macro.parameters or ()
    if not parameters and found == [[]]:
        return {}
    if macro.variadic:
        fixed = len(parameters) - 1
        rest: list[Token] = []
        # The commas between them are gone; their places are those of what follows them.
        for index, argument in enumerate(found[fixed:]):
            if index:
                place = argument[0] if argument else name
                rest += spelt(",", place)
            rest += argument
        found = [*found[:fixed], rest]
        if len(found) == fixed:
            found.append([])
    if len(found) != len(parameters):
        raise UserError(
            f"the macro {name.text} takes {len(parameters)} arguments, not {len(found)}",
            where=where,
        )
    return dict(zip(parameters, found, strict=True))


def _is_rest(macro: Macro, token: Token, before: Sequence[Token]) -> bool:
    """Tell whether this is GNU's `, ## __VA_ARGS__`, whose comma goes with the rest."""
    last = (macro.parameters or ("",))[-1]
    return macro.variadic and token.text == last and [t.text for t in before] == [","]


def _string(tokens: Sequence[Token], like: Token) -> Token:
    text = ""
    for index, token in enumerate(tokens):
        spelling = token.text
        if token.kind == LITERAL:
            spelling = spelling.replace("\\", "\\\\").replace('"', '\\"')
        starts_line = index > 0 and token.line != tokens[index - 1].line
        text += " " * (index > 0 and (token.space or starts_line)) + spelling
    return spelt(f'"{text}"', like)[0]
