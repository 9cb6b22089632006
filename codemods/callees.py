"""Find what a call calls: a function of MLX, one of these files, or a layer's method."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from .classes import Classes
from .names import SourceModule, dotted_name
from .program import Program
from .signatures import (
    FUNCTIONS,
    LAYERS_WITH_MODE,
    TO_QUANTIZED,
    Signature,
    mode_name,
    positional,
)

KNOWN = {name.rpartition(".")[2] for name in FUNCTIONS} | {"to_quantized"}
_FROM_BITS = re.compile(r"(\w+)(?: *:[^=\n]*)? *:?= *[^\n]*bits\b")
_RENAMED = re.compile(rf"\b(?:{'|'.join(sorted(KNOWN))}) +as +(\w+)")


@dataclass(frozen=True)
class External:
    """Something that takes `mode` since MLX 0.29.0."""

    name: str
    signature: Signature


@dataclass(frozen=True)
class Local:
    """A function of these files; `bound` is 1 where `self` or `cls` is passed already."""

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
    """Resolve the calls of the files."""

    def __init__(self, program: Program, classes: Classes) -> None:
        """Take the files and what is known of its classes."""
        self.program = program
        self.classes = classes

    def sites(self, module: SourceModule) -> Iterator[tuple[cst.Call, Callee]]:
        """Yield every call in a module that may pass bits and could be resolved."""
        words = set(_FROM_BITS.findall(module.text))
        known = KNOWN | set(_RENAMED.findall(module.text))
        for node in module.nodes:
            if not isinstance(node, cst.Call):
                continue
            passes = any(_holds_bits(module, arg, words) for arg in node.args)
            if passes or self._last_name(node.func) in known:
                callee = self.resolve(node.func, load=passes)
                if callee is not None:
                    yield node, callee

    def resolve(self, function: cst.BaseExpression, load: bool = True) -> Callee | None:
        """Return what an expression that is called stands for.

        Without `load`, files that have not been parsed so far stay so.
        """
        name = self.program.qualified(function, load)
        if name in FUNCTIONS:
            return External(name, FUNCTIONS[name])
        if owner := self._class(function, load):
            return self._method(owner, "__init__", 1)
        local = self.program.definition(function, load)
        if isinstance(local, cst.FunctionDef):
            return Local(local, 0)
        if isinstance(function, cst.Attribute):
            return self._attribute(function, load)
        return None

    def _last_name(self, function: cst.BaseExpression) -> str:
        return (dotted_name(function) or "").rpartition(".")[2]

    def _attribute(self, function: cst.Attribute, load: bool) -> Callee | None:
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
        elif owner := self._class(receiver, load):
            method = self.classes.method(owner, name)
            if method is None or self.classes.kind(method) != "instance":
                found = self._method(owner, name, 1)
        # The one method that is known by its name alone.
        if found is None and name == "to_quantized" and self._imports_mlx(function):
            return External(name, TO_QUANTIZED)
        return found

    def _class(
        self, node: cst.BaseExpression, load: bool = True
    ) -> cst.ClassDef | None:
        """Return the class of these files an expression is."""
        local = self.program.definition(node, load)
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
        """Return the class of these files that an object was made from."""
        bound = self.program.assignments(node)
        made = self.program.assigned_value(bound[0]) if len(bound) == 1 else None
        return self._class(made.func) if isinstance(made, cst.Call) else None

    def _imports_mlx(self, node: cst.CSTNode) -> bool:
        return any(
            name.partition(".")[0].startswith("mlx")
            for name in self.program.of(node).imported
        )

    def _super(self, node: cst.BaseExpression) -> cst.ClassDef | None:
        if isinstance(node, cst.Call) and dotted_name(node.func) == "super":
            return self.program.enclosing(node, cst.ClassDef)
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


def _holds_bits(module: SourceModule, arg: cst.Arg, words: set[str]) -> bool:
    """Tell whether an argument may have to do with bits, by its names alone."""
    if arg.keyword is not None and arg.keyword.value.endswith("bits"):
        return True
    for name in module.within(arg.value, cst.Name):
        if name.value.endswith("bits") or name.value in words:
            return True
    strings = module.within(arg.value, cst.SimpleString)
    return any(string.value.rstrip("\"'").endswith("bits") for string in strings)
