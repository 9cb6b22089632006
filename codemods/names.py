"""A parsed file: where its nodes are, and what its names mean."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypeVar

import libcst as cst
from libcst import metadata

# Line ends as LibCST counts them; str.splitlines() knows more.
NEWLINE = re.compile(r"\r\n?|\n")
LAYERS = re.compile(r"^mlx\.nn\.layers\.(?:[a-z_]+\.)?(?=\w)")
MAX_ALIASES = 5

Node = TypeVar("Node", bound=cst.CSTNode)
Definition = cst.FunctionDef | cst.ClassDef
Assignments = tuple[metadata.BaseAssignment, ...]


class SourceModule:
    """One module with its scopes, parents and positions."""

    def __init__(self, text: str) -> None:
        """Parse `text`; raise `libcst.ParserSyntaxError` where it is not Python."""
        self.text = text
        wrapper = metadata.MetadataWrapper(
            cst.parse_module(text), unsafe_skip_copy=True
        )
        self.tree = wrapper.module
        self._wrapper = wrapper
        self._line_starts = [0, *(match.end() for match in NEWLINE.finditer(text))]
        found = NEWLINE.search(text)
        self.newline = found.group() if found else "\n"

    # Each costs as much as parsing, and a file that is only looked into needs neither.

    @cached_property
    def _scopes(self) -> Mapping[cst.CSTNode, metadata.Scope | None]:
        return self._wrapper.resolve(metadata.ScopeProvider)

    @cached_property
    def _positions(self) -> Mapping[cst.CSTNode, metadata.CodeRange]:
        return self._wrapper.resolve(metadata.PositionProvider)

    @cached_property
    def nodes(self) -> list[cst.CSTNode]:
        """Every node, outer before inner."""
        result: list[cst.CSTNode] = []
        pending: list[cst.CSTNode] = [self.tree]
        while pending:
            node = pending.pop()
            result.append(node)
            pending.extend(reversed(node.children))
        return result

    @cached_property
    def _parents(self) -> dict[cst.CSTNode, cst.CSTNode]:
        # Several times as fast as ParentNodeProvider.
        return {child: node for node in self.nodes for child in node.children}

    @cached_property
    def stars(self) -> list[str]:
        """The modules, as they are named here, that everything is imported from."""
        return [
            "." * len(node.relative) + (dotted_name(node.module) or "")
            for node in self.within(self.tree, cst.ImportFrom)
            if isinstance(node.names, cst.ImportStar)
        ]

    @cached_property
    def imported(self) -> set[str]:
        """The modules and names that are imported, without those of the own package."""
        nodes = [
            *(i.module for i in self.within(self.tree, cst.ImportFrom)),
            *(a.name for a in self.within(self.tree, cst.ImportAlias)),
        ]
        return {dotted_name(node) or "" for node in nodes}

    def exported(self, name: str) -> Assignments:
        """Return what a name of the module may be bound to when it is imported."""
        scope = self._scopes.get(self.tree)
        if scope is None or name not in scope:
            return ()
        found = tuple(scope[name])
        return (
            ()
            if any(isinstance(a, metadata.BuiltinAssignment) for a in found)
            else found
        )

    def holds(self, node: cst.CSTNode) -> bool:
        """Tell whether a node is one of this module."""
        return node in self._parents or node is self.tree

    def within(self, node: cst.CSTNode, kind: type[Node]) -> Iterator[Node]:
        """Yield the nodes of a kind inside `node`, in the order of the source."""
        pending = [node]
        while pending:
            inner = pending.pop()
            if isinstance(inner, kind):
                yield inner
            pending.extend(reversed(inner.children))

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return the offsets of a node without the white space around it."""
        place = self._positions[node]
        return (
            self._line_starts[place.start.line - 1] + place.start.column,
            self._line_starts[place.end.line - 1] + place.end.column,
        )

    def line(self, node: cst.CSTNode) -> int:
        """Return the line a node starts at, from 1."""
        return int(self._positions[node].start.line)

    def lines(self, node: cst.CSTNode) -> range:
        """Return the lines a node is on."""
        place = self._positions[node]
        return range(place.start.line, place.end.line + 1)

    def code(self, node: cst.CSTNode) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def line_number(self, offset: int) -> int:
        """Return the line an offset is on, from 1."""
        return bisect_right(self._line_starts, offset)

    def line_start(self, offset: int) -> int:
        """Return the offset of the start of the line that holds `offset`."""
        return self._line_starts[bisect_right(self._line_starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Return the offset of the end of that line, before its line break."""
        found = NEWLINE.search(self.text, offset)
        return found.start() if found else len(self.text)

    def indent(self, offset: int) -> str:
        """Return the white space the line of `offset` begins with."""
        start = self.line_start(offset)
        line = self.text[start : self.line_end(offset)]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node that holds `node`, None for the module itself."""
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes around `node`, innermost first."""
        while (parent := self.parent(node)) is not None:
            yield parent
            node = parent

    def enclosing(self, node: cst.CSTNode, *kinds: type[Node]) -> Node | None:
        """Return the innermost node of these kinds around `node`."""
        return next((n for n in self.ancestors(node) if isinstance(n, kinds)), None)

    def method_class(self, function: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class a function is a method of, None for any other function."""
        around = self.enclosing(function, cst.ClassDef, cst.FunctionDef, cst.Lambda)
        return around if isinstance(around, cst.ClassDef) else None

    def scope(self, node: cst.CSTNode) -> metadata.Scope | None:
        """Return the scope a node is evaluated in."""
        return self._scopes.get(node)

    def assignments(self, name: cst.CSTNode) -> Assignments:
        """Return what a name may be bound to where it stands."""
        scope = self.scope(name)
        if scope is None or not isinstance(name, cst.Name):
            return ()
        return tuple(sorted(scope[name.value], key=self._assignment_order))

    def _assignment_order(self, assignment: metadata.BaseAssignment) -> int:
        node = getattr(assignment, "node", None)
        return self.span(node)[0] if isinstance(node, cst.CSTNode) else -1

    def uses(self, name: cst.CSTNode) -> list[cst.CSTNode]:
        """Return the places that read what a name is bound to here."""
        found = {
            access.node: None
            for assignment in self.assignments(name)
            for access in assignment.references
        }
        return list(found)

    def plain_names(self, node: cst.CSTNode) -> set[str]:
        """Return the names inside a node, without those of attributes and keywords."""
        return {
            name.value
            for name in self.within(node, cst.Name)
            if not self._is_label(name)
        }

    def _is_label(self, name: cst.Name) -> bool:
        parent = self.parent(name)
        if isinstance(parent, cst.Attribute):
            return parent.attr is name
        return isinstance(parent, cst.Arg) and parent.keyword is name

    def assigned_value(
        self, assignment: metadata.BaseAssignment
    ) -> cst.BaseExpression | None:
        """Return `value` of `name = value`, None for any other binding."""
        node = getattr(assignment, "node", None)
        if not isinstance(node, cst.Name):
            return None
        target = self.parent(node)
        statement = self.parent(target) if target is not None else None
        if isinstance(target, cst.AssignTarget) and isinstance(statement, cst.Assign):
            return statement.value
        if isinstance(target, cst.AnnAssign):
            return target.value
        if isinstance(target, cst.NamedExpr):
            return target.value
        return None

    def definition(self, node: cst.CSTNode) -> Definition | None:
        """Return the function or class of this file that a name surely stands for."""
        bound = self.assignments(node)
        if len(bound) != 1:
            return None
        found = getattr(bound[0], "node", None)
        return found if isinstance(found, cst.FunctionDef | cst.ClassDef) else None

    def qualified(self, node: cst.CSTNode, aliases: int = MAX_ALIASES) -> str | None:
        """Return the full name of an imported object, None if it is not surely that one.

        `mlx.nn.layers.quantized.X` is called `mlx.nn.X`, as users write it.
        """
        dotted = dotted_name(node)
        if dotted is None:
            return None
        root = node
        while isinstance(root, cst.Attribute):
            root = root.value
        found: set[str | None] = set()
        for assignment in self.assignments(root):
            if isinstance(assignment, metadata.ImportAssignment):
                names = assignment.get_qualified_names_for(dotted)
                found |= {canonical(name.name) for name in names}
                continue
            value = self.assigned_value(assignment)
            # `except ImportError: mx = None` says nothing about the other branch.
            if isinstance(value, cst.Name) and value.value == "None":
                continue
            base = self.qualified(value, aliases - 1) if value and aliases else None
            rest = dotted.partition(".")[2]
            found.add(canonical(f"{base}.{rest}" if rest else base) if base else None)
        return found.pop() if len(found) == 1 else None


def dotted_name(node: cst.CSTNode | None) -> str | None:
    """Return `a.b.c` of an attribute chain, None for any other expression."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    return ".".join([node.value, *reversed(parts)])


def canonical(name: str) -> str:
    """Return the public name of an object of `mlx.nn`."""
    return LAYERS.sub("mlx.nn.", name)
