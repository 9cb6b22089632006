"""What is known of the classes of a file: bases, methods, attributes."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from .names import SourceModule, dotted_name
from .signatures import LAYERS_WITH_MODE

NO_LAYERS = {"abc.ABC", "typing.Generic", "typing.Protocol"}


@dataclass(frozen=True)
class Stored:
    """`self.NAME = value` in a method; `value` is None if it can't be told apart."""

    statement: cst.BaseSmallStatement
    target: cst.Attribute
    value: cst.BaseExpression | None
    method: cst.FunctionDef


class Classes:
    """Answer questions about the classes of one module."""

    def __init__(self, module: SourceModule) -> None:
        """Take the module the classes are in."""
        self.module = module

    def local_bases(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        """Return the bases defined in the same file, theirs included, nearest first."""
        found: dict[cst.ClassDef, None] = {}
        pending = [owner]
        while pending:
            for base in self._bases(pending.pop(0)):
                local = self.module.definition(base)
                if isinstance(local, cst.ClassDef) and local not in found:
                    found[local] = None
                    pending.append(local)
        found.pop(owner, None)
        return list(found)

    def subclasses(self, owner: cst.ClassDef) -> Iterator[cst.ClassDef]:
        """Yield the classes of the file that derive from a class."""
        for node in self.module.within(self.module.tree, cst.ClassDef):
            if owner in self.local_bases(node):
                yield node

    def imported_bases(self, owner: cst.ClassDef) -> set[str]:
        """Return the full names of the imported bases, "?" for those without one."""
        result: set[str] = set()
        for around in (owner, *self.local_bases(owner)):
            for base in self._bases(around):
                if dotted_name(base) == "object":
                    continue
                if not isinstance(self.module.definition(base), cst.ClassDef):
                    result.add(self.module.qualified(base) or "?")
        return result

    def is_layer(self, owner: cst.ClassDef) -> bool:
        """Tell whether a class surely derives from `mlx.nn.Module`."""
        return any(name.startswith("mlx.nn.") for name in self.imported_bases(owner))

    def may_be_layer(self, owner: cst.ClassDef) -> bool:
        """Tell whether a class may derive from it by a base of another file."""
        return bool(self.imported_bases(owner) - NO_LAYERS)

    def has_mode(self, owner: cst.ClassDef) -> bool:
        """Tell whether a class gets `self.mode` from a quantized layer of MLX."""
        return bool(self.imported_bases(owner) & LAYERS_WITH_MODE)

    def method(self, owner: cst.ClassDef, name: str) -> cst.FunctionDef | None:
        """Return a method of the class or of a base in this file."""
        for around in (owner, *self.local_bases(owner)):
            for statement in around.body.body:
                if (
                    isinstance(statement, cst.FunctionDef)
                    and statement.name.value == name
                ):
                    return statement
        return None

    def methods(self, owner: cst.ClassDef) -> Iterator[cst.FunctionDef]:
        """Yield the methods a class defines itself."""
        for statement in owner.body.body:
            if isinstance(statement, cst.FunctionDef):
                yield statement

    def stores(self, owner: cst.ClassDef, name: str) -> Iterator[Stored]:
        """Yield the assignments to `self.NAME` in the methods of a class."""
        for method in self.methods(owner):
            for assign in self.module.within(method, cst.Assign):
                for target in assign.targets:
                    yield from self._pairs(
                        assign, target.target, assign.value, name, method
                    )
            for annotated in self.module.within(method, cst.AnnAssign):
                yield from self._pairs(
                    annotated, annotated.target, annotated.value, name, method
                )

    def self_name(self, method: cst.FunctionDef) -> str | None:
        """Return what a method calls its first parameter."""
        given = [*method.params.posonly_params, *method.params.params]
        return given[0].name.value if given else None

    def is_self(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class whose instance a name is inside one of its methods."""
        method = self._method_of(node)
        if method is None or self.kind(method) != "instance":
            return None
        return self.module.method_class(method)

    def is_cls(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class that `cls` stands for in a classmethod."""
        method = self._method_of(node)
        if method is None or self.kind(method) != "classmethod":
            return None
        return self.module.method_class(method)

    def kind(self, method: cst.FunctionDef) -> str:
        """Return "instance", "classmethod" or "staticmethod"."""
        for decorator in method.decorators:
            name = decorator.decorator
            if isinstance(name, cst.Name) and name.value in (
                "classmethod",
                "staticmethod",
            ):
                return name.value
        return "instance"

    def _method_of(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        bound = self.module.assignments(node)
        param = getattr(bound[0], "node", None) if len(bound) == 1 else None
        if not isinstance(param, cst.Param):
            return None
        function = self.module.enclosing(param, cst.FunctionDef, cst.Lambda)
        if not isinstance(function, cst.FunctionDef):
            return None
        first = self.self_name(function)
        is_method = self.module.method_class(function) is not None
        return function if is_method and first == param.name.value else None

    def _pairs(
        self,
        statement: cst.BaseSmallStatement,
        target: cst.BaseExpression,
        value: cst.BaseExpression | None,
        name: str,
        method: cst.FunctionDef,
    ) -> Iterator[Stored]:
        if isinstance(target, cst.Tuple | cst.List):
            values: list[cst.BaseExpression | None] = [None] * len(target.elements)
            if isinstance(value, cst.Tuple | cst.List) and len(value.elements) == len(
                values
            ):
                values = [element.value for element in value.elements]
            for element, part in zip(target.elements, values, strict=True):
                yield from self._pairs(statement, element.value, part, name, method)
            return
        if not isinstance(target, cst.Attribute) or target.attr.value != name:
            return
        if self.is_self(target.value) is self.module.method_class(method):
            yield Stored(statement, target, value, method)

    def _bases(self, owner: cst.ClassDef) -> Iterator[cst.BaseExpression]:
        for arg in owner.bases:
            base = arg.value
            yield base.value if isinstance(base, cst.Subscript) else base
