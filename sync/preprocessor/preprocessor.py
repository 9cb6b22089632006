"""Follow the directives of a header and of all that it includes."""

import posixpath
import re
from collections.abc import Callable, Mapping
from functools import partial

from mlxport.cli.errors import UserError

from .conditions import holds
from .headers import Headers
from .lexer import IDENTIFIER, LITERAL, Line, Token, spelt
from .macros import Macros, parse_define
from .printer import Printer
from .target import Target

# As deep as clang goes.
DEEPEST = 200
CONDITIONALS = ("if", "ifdef", "ifndef", "elif", "else", "endif")


def preprocessed(
    headers: Headers, path: str, target: Target, defines: Mapping[str, str]
) -> str:
    """Return what `clang -E -P -nostdinc` prints for a header, without its last newlines.

    A `<header>` that is not in the tree is left out, as clang leaves it out; a `"header"`
    that is not is a UserError, as is whatever has another meaning on another machine.
    """
    run = _Run(headers, target, defines, Printer())
    run.file(path, 1, None)
    return run.printer.text.rstrip("\n") if run.printer else ""


def included(
    headers: Headers, path: str, target: Target, defines: Mapping[str, str]
) -> tuple[tuple[int, str], ...]:
    """Return the depth and path of every header entered, in order, as `clang -H` lists them."""
    run = _Run(headers, target, defines, None)
    run.file(path, 0, None)
    return tuple(run.entered)


class _Run:
    def __init__(
        self,
        headers: Headers,
        target: Target,
        defines: Mapping[str, str],
        printer: Printer | None,
    ) -> None:
        self.headers, self.target, self.printer = headers, target, printer
        self.macros = Macros({**target.defined, **defines})
        self.entered: list[tuple[int, str]] = []
        self._once: set[str] = set()
        # Names that the headers themselves define or undefine may be asked for.
        self._known = {*self.macros, *target.undefined}
        self._above: list[str] = []

    def file(self, path: str, depth: int, asked_at: str | None) -> None:
        """Process one file to its end."""
        if len(self._above) >= DEEPEST:
            cycle = (
                self._above[self._above.index(path) :] if path in self._above else []
            )
            raise UserError(
                f"headers are included more than {DEEPEST} deep: "
                + " -> ".join([*dict.fromkeys(cycle), path]),
                where=asked_at,
                hint="one of them lacks #pragma once",
            )
        self._above.append(path)
        conditions = _Conditions(path)
        text: list[Token] = []
        for line in self.headers.read(path, asked_at).lines:
            name, where = line.directive, f"{path}:{line.number}"
            if name is None:
                if conditions.active and self.printer:
                    text += line.tokens
                continue
            self._print(text, path)
            text = []
            if name in CONDITIONALS:
                answer = partial(self._condition, line, path, where)
                conditions.read(name, answer, where)
            elif conditions.active:
                self._directive(name, line, path, where)
        self._print(text, path)
        conditions.close()
        self._above.pop()

    def _directive(self, name: str, line: Line, path: str, where: str) -> None:
        if name == "define":
            key, macro = parse_define(line, where)
            self.macros[key] = macro
            self._known.add(key)
        elif name == "undef":
            self.macros.pop(_word(line, where), None)
            self._known.add(_word(line, where))
        elif name == "include":
            self._include(line, path, where)
        elif name == "pragma":
            self._pragma(line.tokens[2:], line.number, path, where)
        elif name == "error":
            raise UserError(line.text.strip(), where=where)
        elif name not in ("", "warning"):
            raise UserError(
                f"#{name} is a directive that mlxport does not know", where=where
            )

    def _include(self, line: Line, path: str, where: str) -> None:
        written = re.search(r'include\s*(?:"([^"\n]+)"|<([^>\n]+)>)', line.text)
        if written is None:
            tokens = self.macros.expand(line.tokens[2:], path)
            text = "".join(" " * token.space + token.text for token in tokens)
            written = re.fullmatch(r'\s*(?:"([^"]+)"|<([^>]+)>)\s*', text)
        if written is None:
            raise UserError("#include names no header", where=where)
        quoted = written[1] is not None
        name = written[1] if quoted else written[2]
        found = self.headers.find(name, quoted, path, where)
        if found is None:
            if not quoted:
                return
            raise UserError(
                f"includes {name}, which is not in upstream's tree", where=where
            )
        guard = self.headers.read(found, where).guard
        if posixpath.normpath(found) in self._once or guard in self.macros:
            return
        self.entered.append((len(self._above), found))
        if self.printer:
            self.printer.enter(line.number)
        self.file(found, len(self._above), where)
        if self.printer:
            self.printer.leave(line.number)

    def _pragma(
        self, tokens: tuple[Token, ...], number: int, path: str, where: str
    ) -> None:
        word = tokens[0].text if tokens else ""
        if word == "once":
            self._once.add(posixpath.normpath(path))
        elif word in ("push_macro", "pop_macro", "include_alias"):
            raise UserError(
                f"#pragma {word} is one that mlxport does not know", where=where
            )
        elif self.printer:
            self.printer.pragma(tokens, number)

    def _condition(self, line: Line, path: str, where: str) -> bool:
        name = line.directive
        if name in ("ifdef", "ifndef"):
            return self._is_defined(_word(line, where), where) == (name == "ifdef")
        tokens: list[Token] = []
        rest = list(line.tokens[2:])
        while rest:
            token = rest.pop(0)
            if token.text == "defined":
                words = [t.text for t in rest[:3]]
                if words[:1] == ["("] and words[2:] == [")"]:
                    asked, rest = rest[1], rest[3:]
                elif rest and rest[0].kind == IDENTIFIER:
                    asked, rest = rest[0], rest[1:]
                else:
                    raise UserError("`defined` names no macro", where=where)
                answer = str(int(self._is_defined(asked.text, where)))
                tokens += spelt(answer, token)
            else:
                tokens.append(token)
        expanded = self.macros.expand(tokens, path)
        for token in expanded:
            if token.kind == IDENTIFIER:
                self._is_defined(token.text, where)
        return holds(expanded, where)

    def _is_defined(self, name: str, where: str) -> bool:
        """Tell whether a macro is defined; the answer must be known, and never a guess."""
        if name in self.macros:
            return True
        if name not in self._known and re.match(r"_[_A-Z]", name):
            raise UserError(
                f"asks for {name}, and nothing says whether {self.target.file.stem} "
                "compilers define it",
                where=where,
                hint=f"add it to {self.target.file}",
            )
        return False

    def _print(self, tokens: list[Token], path: str) -> None:
        if not tokens or not self.printer:
            return
        expanded = self.macros.expand(tokens, path)
        index = 0
        while index < len(expanded):
            token = expanded[index]
            index += 1
            if token.text == "_Pragma":
                call = expanded[index : index + 3]
                where = f"{path}:{token.line}"
                if [t.text for t in call][::2] != ["(", ")"] or call[1].kind != LITERAL:
                    raise UserError("_Pragma takes a string", where=where)
                text = call[1].text.partition('"')[2][:-1]
                text = text.replace('\\"', '"').replace("\\\\", "\\")
                self._pragma(spelt(text, token), token.line, path, where)
                index += 3
            else:
                self.printer.token(token)


class _Conditions:
    """The `#if`s that are open in one file."""

    def __init__(self, path: str) -> None:
        self._path = path
        # Whether the branch is compiled, whether one was, and the line of the #if.
        self._open: list[tuple[bool, bool, str]] = []

    @property
    def active(self) -> bool:
        return not self._open or self._open[-1][0]

    def read(self, name: str, answer: Callable[[], bool], where: str) -> None:
        if name.startswith("if"):
            outer = self.active
            holds = outer and answer()
            # In a part that is skipped, no branch counts any more.
            self._open.append((holds, holds or not outer, where))
            return
        if not self._open:
            raise UserError(f"#{name} without an #if", where=where)
        if name == "endif":
            self._open.pop()
            return
        _, taken, start = self._open.pop()
        holds = not taken and (name == "else" or answer())
        self._open.append((holds, taken or holds, start))

    def close(self) -> None:
        if self._open:
            raise UserError("the #if has no #endif", where=self._open[-1][2])


def _word(line: Line, where: str) -> str:
    if len(line.tokens) < 3 or line.tokens[2].kind != IDENTIFIER:
        raise UserError(f"#{line.directive} names no macro", where=where)
    return line.tokens[2].text
