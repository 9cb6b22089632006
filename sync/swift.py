"""Read a `Package.swift` as the build on one platform would, without running Swift.

Only what decides a target's arrays is evaluated: `let` and assignments, `+`, `#if os(…)`
and `if Context.environment[…] == …`. Whatever else an answer hangs on is an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import tree_sitter_swift
from tree_sitter import Language, Node, Parser

from mlxport.cli.errors import UserError

from .conditions import Platform, Regions, environment_holds

LANGUAGE = Language(tree_sitter_swift.language())


@dataclass(frozen=True, slots=True)
class Element:
    """A string of an array; the offsets are bytes, `after` lies behind its comma."""

    value: str
    start: int
    end: int
    after: int


@dataclass(frozen=True, slots=True)
class Array:
    """An array literal of strings; the offsets are bytes and include the brackets."""

    start: int
    end: int
    elements: tuple[Element, ...]
    has_comments: bool


@dataclass(frozen=True)
class Manifest:
    """The syntax tree of a `Package.swift`."""

    text: bytes
    name: str

    @cached_property
    def root(self) -> Node:
        """Return the node of the whole file."""
        return Parser(LANGUAGE).parse(self.text).root_node

    def target(self, name: str) -> Node:
        """Return the call that makes the target of this name."""
        found = [
            call
            for call in self.calls("target", "executableTarget", "testTarget")
            if (value := argument(call, "name")) and self.string(value) == name
        ]
        if len(found) != 1:
            raise UserError(
                f"{'more than one' if found else 'no'} target {name!r}", where=self.name
            )
        return self.sound(found[0])

    def calls(self, *names: str) -> Iterator[Node]:
        """Yield the calls of these functions; `.target(…)` is a call of `target`."""
        for node in _descendants(self.root):
            if node.type != "call_expression":
                continue
            if self.source(node.children[0]).rpartition(".")[2] in names:
                yield node

    def source(self, node: Node) -> str:
        """Return the text of a node."""
        return self.text[node.start_byte : node.end_byte].decode()

    def sound(self, node: Node) -> Node:
        """Return `node`; raise UserError where the parser did not understand part of it."""
        if node.has_error:
            broken = next(n for n in _descendants(node) if n.is_error or n.is_missing)
            raise self.error(
                broken, "this Swift is not understood, so it is not edited"
            )
        return node

    def error(self, node: Node, message: str, hint: str | None = None) -> UserError:
        """Return an error that names the line of `node`."""
        line = node.start_point.row + 1
        return UserError(message, where=f"{self.name}:{line}", hint=hint)

    def arrays(self, value: Node, platform: Platform) -> tuple[Array, ...]:
        """Return the literals that `value` is the concatenation of on `platform`."""
        return tuple(self._arrays(value, platform, ()))

    def _arrays(
        self, value: Node, platform: Platform, seen: tuple[str, ...]
    ) -> Iterator[Array]:
        self.sound(value)
        if value.type == "array_literal":
            yield self._array(value)
        elif value.type in ("additive_expression", "tuple_expression"):
            if any(self.source(op) != "+" for op in value.children_by_field_name("op")):
                raise self._unread(value)
            for part in value.named_children:
                yield from self._arrays(part, platform, seen)
        elif value.type == "simple_identifier" and self.source(value) not in seen:
            name = self.source(value)
            bound = list(self._bindings(name, self.root, platform))
            if len(bound) != 1:
                raise self.error(
                    value,
                    f"{name} has {len(bound) or 'no'} values where os is {platform.os}",
                )
            yield from self._arrays(bound[0], platform, (*seen, name))
        elif value.type != "comment":
            raise self._unread(value)

    def _unread(self, value: Node) -> UserError:
        return self.error(
            value,
            f"cannot tell what {self.source(value).splitlines()[0]} holds",
            hint="write the array as literals and names joined by +",
        )

    def _array(self, node: Node) -> Array:
        elements: list[Element] = []
        comments = False
        for child in node.children:
            if child.type == ",":
                last = elements.pop()
                elements.append(
                    Element(last.value, last.start, last.end, child.end_byte)
                )
            elif child.type in ("comment", "multiline_comment"):
                comments = True
            elif child.is_named:
                start, end = child.start_byte, child.end_byte
                elements.append(Element(self.string(child), start, end, end))
        return Array(node.start_byte, node.end_byte, tuple(elements), comments)

    def string(self, node: Node) -> str:
        """Return the value of a plain string literal."""
        if node.type == "line_string_literal":
            parts = node.named_children
            if all(
                part.type in ("line_str_text", "str_escaped_char") for part in parts
            ):
                return re.sub(r"\\([\"\\])", r"\1", self.source(node)[1:-1])
        raise self.error(node, "only plain string literals are read here")

    def _bindings(self, name: str, block: Node, platform: Platform) -> Iterator[Node]:
        """Yield the values that `name` is given in `block`, as far as it is reached."""
        for node in self._active(name, block, platform):
            if node.type == "property_declaration":
                bound = node.child_by_field_name("name")
                value = node.child_by_field_name("value")
                if bound and value and self.source(bound) == name:
                    yield value
            elif node.type == "assignment":
                assigned = node.child_by_field_name("target")
                value = node.child_by_field_name("result")
                if assigned and value and self.source(assigned) == name:
                    if self.source(node.children[1]) != "=":
                        raise self._unread(node)
                    yield value
            elif node.type == "if_statement" and self._assigns(name, node):
                yield from self._bindings_of_if(name, node, platform)

    def _bindings_of_if(
        self, name: str, node: Node, platform: Platform
    ) -> Iterator[Node]:
        condition = node.child_by_field_name("condition")
        text = self.source(condition) if condition else ""
        holds = environment_holds(text, platform.environment)
        if holds is None:
            raise self.error(
                node,
                f"cannot tell which branch gives {name} its value",
                hint='the condition may be Context.environment["NAME"] == "VALUE" or !=',
            )
        # The block after `else` may be another if_statement.
        before: list[Node] = []
        after: list[Node] = []
        chosen = before
        for child in node.children:
            if child.type == "else":
                chosen = after
            elif child.type in ("statements", "if_statement"):
                chosen.append(child)
        for block in before if holds else after:
            if block.type == "if_statement":
                yield from self._bindings_of_if(name, block, platform)
            else:
                yield from self._bindings(name, block, platform)

    def _assigns(self, name: str, node: Node) -> bool:
        return any(
            self.source(bound) == name
            for n in _descendants(node)
            if n.type in ("assignment", "property_declaration")
            and (
                bound := n.child_by_field_name("target")
                or n.child_by_field_name("name")
            )
        )

    def _active(self, name: str, block: Node, platform: Platform) -> Iterator[Node]:
        """Yield the statements that the `#if`s of a block let through."""
        regions = Regions(platform.os)
        for node in block.children:
            if node.type == "directive":
                regions.read(self.source(node))
            elif regions.reached:
                yield node
            elif regions.reached is None and self._assigns(name, node):
                raise self.error(
                    node,
                    f"cannot tell whether this {name} is compiled",
                    hint="the #if around it may test os(…), with !, && or ||",
                )


def argument(call: Node, label: str = "") -> Node | None:
    """Return the value of a call's argument, by default the first unnamed one, or None."""
    for node in _arguments(call):
        name = node.child_by_field_name("name")
        if (name.text if name else b"") == label.encode():
            return node.child_by_field_name("value")
    return None


def _arguments(call: Node) -> Iterator[Node]:
    for suffix in call.children[1:]:
        for arguments in suffix.children:
            if arguments.type == "value_arguments":
                yield from (n for n in arguments.children if n.type == "value_argument")


def _descendants(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _descendants(child)
