"""Find what a call calls: a function of MLX, one of the file, or a layer's method."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from .classes import Classes
from .names import SourceModule, dotted_name
from .signatures import (
    FUNCTIONS,
    LAYERS_WITH_MODE,
    TO_QUANTIZED,
    Signature,
    mode_name,
    positional,
)


@dataclass(frozen=True)
class External:
    """Something that takes `mode` since MLX 0.29.0."""

    name: str
    signature: Signature


@dataclass(frozen=True)
class Local:
    """A function of the file; `bound` is 1 where `self` or `cls` is passed already."""

    function: cst.FunctionDef
    bound: int

    def signature(self, bits: str) -> Signature:
        """Return where a call passes the parameter `bits`."""
        names = positional(self.function)[self.bound :]
        mode = mode_name(bits)
        return Signature(
            bits=names.index(bits) if bits in names else None,
            mode=names.index(mode) if mode in names else None,
            bits_name=bits,
            mode_name=mode,
        )


Callee = External | Local


class Callees:
    """Resolve the calls of one module."""

    def __init__(self, module: SourceModule, classes: Classes) -> None:
        """Take the module and what is known of its classes."""
        self.module = module
        self.classes = classes

    def sites(self) -> Iterator[tuple[cst.Call, Callee]]:
        """Yield every call that could be resolved."""
        for node in self.module.nodes:
            if isinstance(node, cst.Call) and (callee := self.resolve(node.func)):
                yield node, callee

    def resolve(self, function: cst.BaseExpression) -> Callee | None:
        """Return what an expression that is called stands for."""
        name = self.module.qualified(function)
        if name in FUNCTIONS:
            return External(name, FUNCTIONS[name])
        if owner := self._class(function):
            return self._method(owner, "__init__", 1)
        local = self.module.definition(function)
        if isinstance(local, cst.FunctionDef):
            return Local(local, 0)
        if isinstance(function, cst.Attribute):
            return self._attribute(function)
        return None

    def _attribute(self, function: cst.Attribute) -> Callee | None:
        receiver, name = function.value, function.attr.value
        found: Callee | None = None
        if owner := self._super(receiver):
            for base in self.classes.local_bases(owner):
                found = found or self._own(base, name, 1)
            found = found or self._inherited(owner, name)
        elif (owner := self.classes.is_self(receiver)) or (
            owner := self._instance_of(receiver)
        ):
            found = self._method(owner, name, 1)
        elif owner := self._class(receiver):
            method = self.classes.method(owner, name)
            if method is None or self.classes.kind(method) != "instance":
                found = self._method(owner, name, 1)
        # The one method that is known by its name alone.
        if found is None and name == "to_quantized" and self._imports_mlx:
            return External(name, TO_QUANTIZED)
        return found

    def _class(self, node: cst.BaseExpression) -> cst.ClassDef | None:
        """Return the class of this file an expression is."""
        local = self.module.definition(node)
        if isinstance(local, cst.ClassDef):
            return local
        match node:
            case cst.Name():
                return self.classes.is_cls(node)
            case cst.Call(func=cst.Name(value="type"), args=[cst.Arg(value=instance)]):
                return self.classes.is_self(instance)
            case cst.Attribute(value=instance, attr=cst.Name(value="__class__")):
                return self.classes.is_self(instance)
        return None

    def _instance_of(self, node: cst.BaseExpression) -> cst.ClassDef | None:
        """Return the class of this file that an object was made from."""
        bound = self.module.assignments(node)
        made = self.module.assigned_value(bound[0]) if len(bound) == 1 else None
        return self._class(made.func) if isinstance(made, cst.Call) else None

    @cached_property
    def _imports_mlx(self) -> bool:
        imported = [
            *(i.module for i in self.module.within(self.module.tree, cst.ImportFrom)),
            *(a.name for a in self.module.within(self.module.tree, cst.ImportAlias)),
        ]
        names = [(dotted_name(node) or "").partition(".")[0] for node in imported]
        return any(name.startswith("mlx") for name in names)

    def _super(self, node: cst.BaseExpression) -> cst.ClassDef | None:
        if isinstance(node, cst.Call) and dotted_name(node.func) == "super":
            return self.module.enclosing(node, cst.ClassDef)
        return None

    def _method(self, owner: cst.ClassDef, name: str, bound: int) -> Callee | None:
        for around in (owner, *self.classes.local_bases(owner)):
            if found := self._own(around, name, bound):
                return found
        return self._inherited(owner, name)

    def _own(self, owner: cst.ClassDef, name: str, bound: int) -> Local | None:
        for method in self.classes.methods(owner):
            if method.name.value == name:
                static = self.classes.kind(method) == "staticmethod"
                return Local(method, 0 if static else bound)
        return None

    def _inherited(self, owner: cst.ClassDef, name: str) -> External | None:
        for base in self.classes.imported_bases(owner) & LAYERS_WITH_MODE:
            full = base if name == "__init__" else f"{base}.{name}"
            if full in FUNCTIONS:
                return External(full, FUNCTIONS[full])
        return None
