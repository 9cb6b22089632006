"""The files of one run, read together: a name leads from one file into another."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import libcst as cst
from libcst import metadata

from .names import Assignments, Definition, SourceModule, canonical, dotted_name
from .source import Unreadable, decode, refuse_depth
from .suppression import ignored_lines

MAX_STEPS = 8

Node = TypeVar("Node", bound=cst.CSTNode)


class Program:
    """Modules that may use one another; one is parsed when it is asked for."""

    def __init__(self, files: Iterable[Path] = ()) -> None:
        """Take the files that may be looked into, by their absolute paths."""
        self.files = dict.fromkeys(files)
        self.modules: dict[Path, SourceModule] = {}
        # Parsed and not looked at yet by whoever plans the edits.
        self.fresh: list[SourceModule] = []
        self._paths: dict[SourceModule, Path] = {}
        self._failed: set[Path] = set()
        self._raw: dict[Path, bytes] = {}
        self._folders = {parent for file in self.files for parent in file.parents}
        self._found: dict[tuple[SourceModule, str], Definition | str | None] = {}
        self._last: SourceModule | None = None

    def add(self, path: Path, module: SourceModule) -> None:
        """Take a parsed module."""
        self.files.setdefault(path)
        self._folders.update(path.parents)
        self.modules[path] = self._last = module
        self._paths[module] = path
        self.fresh.append(module)

    def path(self, module: SourceModule) -> Path:
        """Return the file of a module."""
        return self._paths[module]

    def load_mentioning(self, names: Iterable[str], words: Iterable[str]) -> bool:
        """Parse the files that hold a name and one of the words; tell if there were any."""
        wanted, needed = [n.encode() for n in names], [w.encode() for w in words]
        found = False
        for path in self.files:
            if path in self.modules or path in self._failed:
                continue
            raw = self._read(path)
            if any(w in raw for w in needed) and any(n in raw for n in wanted):
                found = self._load(path) is not None or found
        return found

    def _read(self, path: Path) -> bytes:
        if path not in self._raw:
            try:
                self._raw[path] = path.read_bytes()
            except OSError:
                self._raw[path] = b""
        return self._raw[path]

    def _load(self, path: Path) -> SourceModule | None:
        if path not in self.modules and path not in self._failed:
            try:
                text, _ = decode(self._read(path))
                refuse_depth(text)
                self.add(path, SourceModule(text))
            except (Unreadable, cst.ParserSyntaxError, RecursionError):
                # It is reported where it is migrated; here it says nothing.
                self._failed.add(path)
        return self.modules.get(path)

    # What a module knows of its own nodes.

    def of(self, node: cst.CSTNode) -> SourceModule:
        """Return the module a node is in."""
        if self._last is not None and self._last.holds(node):
            return self._last
        self._last = next(m for m in self.modules.values() if m.holds(node))
        return self._last

    def within(self, node: cst.CSTNode, kind: type[Node]) -> Iterator[Node]:
        """Yield the nodes of a kind inside `node`, in the order of the source."""
        return self.of(node).within(node, kind)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return the offsets of a node in its file."""
        return self.of(node).span(node)

    def line(self, node: cst.CSTNode) -> int:
        """Return the line a node starts at, from 1."""
        return self.of(node).line(node)

    def code(self, node: cst.CSTNode) -> str:
        """Return the text of a node."""
        return self.of(node).code(node)

    def is_ignored(self, node: cst.CSTNode, recipe: str) -> bool:
        """Tell whether a comment asks a recipe to leave one of a node's lines alone."""
        module = self.of(node)
        ignored = ignored_lines(module.text, recipe)
        return bool(ignored) and not ignored.isdisjoint(module.lines(node))

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node that holds `node`."""
        return self.of(node).parent(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes around `node`, innermost first."""
        return self.of(node).ancestors(node)

    def enclosing(self, node: cst.CSTNode, *kinds: type[Node]) -> Node | None:
        """Return the innermost node of these kinds around `node`."""
        return self.of(node).enclosing(node, *kinds)

    def method_class(self, function: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class a function is a method of."""
        return self.of(function).method_class(function)

    def assignments(self, name: cst.CSTNode) -> Assignments:
        """Return what a name may be bound to where it stands."""
        return self.of(name).assignments(name)

    def uses(self, name: cst.CSTNode) -> list[cst.CSTNode]:
        """Return the places in its file that read what a name is bound to."""
        return self.of(name).uses(name)

    def plain_names(self, node: cst.CSTNode) -> set[str]:
        """Return the names inside a node, without those of attributes and keywords."""
        return self.of(node).plain_names(node)

    def assigned_value(
        self, assignment: metadata.BaseAssignment
    ) -> cst.BaseExpression | None:
        """Return `value` of `name = value`, None for any other binding."""
        node = getattr(assignment, "node", None)
        if not isinstance(node, cst.CSTNode):
            return None
        return self.of(node).assigned_value(assignment)

    # What only the files together know.

    def qualified(self, node: cst.CSTNode, load: bool = True) -> str | None:
        """Return the full name of an object, through what the files import and export.

        Without `load`, files that have not been parsed so far stay so.
        """
        module = self.of(node)
        name = module.qualified(node) or self._starred(module, node, load)
        if name is None:
            return None
        found = self._lookup(name, module, MAX_STEPS, load)
        return found if isinstance(found, str) else name

    def definition(self, node: cst.CSTNode, load: bool = True) -> Definition | None:
        """Return the function or class of these files that a name surely stands for.

        Without `load`, files that have not been parsed so far stay so.
        """
        module = self.of(node)
        local = module.definition(node)
        if local is not None:
            return local
        name = module.qualified(node) or self._starred(module, node, load)
        found = self._lookup(name, module, MAX_STEPS, load) if name else None
        return None if isinstance(found, str) else found

    def _starred(
        self, module: SourceModule, node: cst.CSTNode, load: bool
    ) -> str | None:
        """Return the full name of what `from x import *` may have brought."""
        dotted = dotted_name(node)
        root = node
        while isinstance(root, cst.Attribute):
            root = root.value
        if dotted is None or not module.stars or module.assignments(root):
            return None
        found = self._from_stars(dotted.split("."), module, MAX_STEPS, load)
        if found is None:
            return None
        return found if isinstance(found, str) else dotted

    def _lookup(
        self, name: str, module: SourceModule, steps: int, load: bool
    ) -> Definition | str | None:
        if not load:
            # Another answer is possible as soon as more files are parsed.
            return self._resolved(name, module, steps, load)
        key = (module, name)
        if key not in self._found:
            self._found[key] = self._resolved(name, module, steps, load)
        return self._found[key]

    def _resolved(
        self, name: str, module: SourceModule, steps: int, load: bool
    ) -> Definition | str | None:
        # MLX itself is known by its signatures, also where its own files are migrated.
        if name.startswith("mlx."):
            return canonical(name)
        if module.stars and "." not in name:
            return self._from_stars([name], module, steps, load) or name
        place = self._place(name, module)
        if place is None:
            return name
        path, rest = place
        target = self._load(path) if load else self.modules.get(path)
        if target is None or not rest or steps == 0:
            return None
        return self._member(rest, target, steps - 1, load)

    def _member(
        self, names: list[str], module: SourceModule, steps: int, load: bool
    ) -> Definition | str | None:
        bound = module.exported(names[0])
        if not bound:
            return self._from_stars(names, module, steps, load)
        found: set[Definition | str | None] = set()
        for assignment in bound:
            if isinstance(assignment, metadata.ImportAssignment):
                full = assignment.get_qualified_names_for(".".join(names))
                found |= {self._lookup(n.name, module, steps, load) for n in full}
                continue
            node = getattr(assignment, "node", None)
            value = module.assigned_value(assignment)
            if isinstance(node, cst.FunctionDef | cst.ClassDef) and len(names) == 1:
                found.add(node)
            elif isinstance(value, cst.Name) and value.value == "None":
                # `except ImportError: mx = None` says nothing about the other branch.
                continue
            elif value is not None and (base := module.qualified(value)):
                full_name = ".".join([base, *names[1:]])
                found.add(self._lookup(full_name, module, steps, load))
            else:
                found.add(None)
        return found.pop() if len(found) == 1 else None

    def _from_stars(
        self, names: list[str], module: SourceModule, steps: int, load: bool
    ) -> Definition | str | None:
        for star in module.stars if steps else ():
            dot = "" if star.endswith(".") else "."
            found = self._place(star + dot + ".".join(names), module)
            if star.startswith("mlx."):
                return canonical(f"{star}.{'.'.join(names)}")
            target = self._load(found[0]) if found and load else None
            if target is not None and found is not None and found[1] == names:
                result = self._member(names, target, steps - 1, load)
                if result is not None:
                    return result
        return None

    def _place(self, name: str, module: SourceModule) -> tuple[Path, list[str]] | None:
        """Return the file that a full name leads to, and the rest of the name."""
        path = self._paths[module]
        level = len(name) - len(name.lstrip("."))
        parts = name[level:].split(".")
        if level:
            return self._descend(path.parents[min(level, len(path.parents)) - 1], parts)
        for folder in path.parents:
            # Inside a package `import x` does not mean the file beside.
            if folder / "__init__.py" in self.files:
                continue
            for base in (folder, folder / "src"):
                found = self._descend(base, parts)
                if found is not None:
                    return found
        return None

    def _descend(self, folder: Path, parts: list[str]) -> tuple[Path, list[str]] | None:
        package = folder / "__init__.py"
        found = (package, parts) if package in self.files else None
        for index, part in enumerate(parts):
            file = folder / f"{part}.py"
            if file in self.files:
                return file, parts[index + 1 :]
            folder /= part
            if folder not in self._folders:
                break
            if folder / "__init__.py" in self.files:
                found = (folder / "__init__.py", parts[index + 1 :])
        return found


def one_module(text: str) -> Program:
    """Return a program of one file that is not on the disk."""
    program = Program()
    program.add(Path(os.path.abspath("module.py")), SourceModule(text))
    return program
