"""The container law: `mode` lives where `bits` lives.

Follow the value a call passes as `bits` back to what holds it, and name the `mode` beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import BuiltinAssignment

from .caches import cache_name
from .classes import Classes
from .names import dotted_name
from .program import Program
from .receivers import Receivers
from .signatures import mode_name, parameters

MAX_STEPS = 8
CONFIGURATIONS = {
    "args", "arguments", "cfg", "conf", "config", "configuration", "flags", "hparams",
    "namespace", "options", "opts", "params", "settings",
}  # fmt: skip
ITERATORS = {"enumerate", "itertools", "product", "range", "zip"}


@dataclass(frozen=True)
class Parameter:
    """A function that takes `bits`."""

    function: cst.FunctionDef
    bits: str

    @property
    def mode(self) -> str:
        """The name of the parameter beside it."""
        return mode_name(self.bits)


@dataclass(frozen=True)
class Attribute:
    """A class whose instances keep `bits`."""

    owner: cst.ClassDef
    bits: str

    @property
    def mode(self) -> str:
        """The name of the attribute beside it."""
        return mode_name(self.bits)


Holder = Parameter | Attribute


@dataclass(frozen=True)
class Mode:
    """An expression for the mode, what must hold it first, and a note for the reader."""

    text: str
    holders: tuple[Holder, ...] = ()
    note: str = ""
    # Evaluating it may fail where `bits` came from somewhere else: `layer.mode` without a layer.
    sure: bool = True


@dataclass(frozen=True)
class Unclear:
    """Why there is no such expression."""

    reason: str


# None: `bits` is a literal, so the mode stays the default one.
Source = Mode | Unclear | None


class Containers:
    """Find the holders of `bits` in the files."""

    def __init__(self, program: Program, classes: Classes) -> None:
        """Take the files and what is known of its classes."""
        self.program = program
        self.classes = classes
        self.receivers = Receivers(program, classes)

    def source(self, bits: cst.BaseExpression, steps: int = MAX_STEPS) -> Source:
        """Return the mode that belongs to an expression for `bits`."""
        if name := cache_name(self.program, bits):
            return Unclear(f"{name} belongs to a KV cache, which has no mode")
        if steps == 0:
            return self._computed(bits)
        match bits:
            case cst.Integer() | cst.Name(value="None"):
                return None
            case cst.Name():
                return self._name(bits, steps)
            case cst.Attribute():
                return self._attribute(bits)
            case cst.Subscript(
                slice=[cst.SubscriptElement(slice=cst.Index(value=key))]
            ):
                return self._item(bits, bits.value, key)
            case cst.Call():
                return self._call(bits, steps)
            case cst.BooleanOperation(left=left, right=right):
                if self.source(right, steps - 1) is None:
                    return self.source(left, steps - 1)
                return self._one_of([left, right], bits, steps)
            case cst.IfExp(body=body, orelse=orelse):
                return self._one_of([body, orelse], bits, steps)
        return self._computed(bits)

    def _computed(self, bits: cst.BaseExpression) -> Unclear:
        return Unclear(
            f"{self.program.code(bits)} is computed; pass the mode that goes with it"
        )

    def _one_of(
        self,
        choices: Sequence[cst.BaseExpression],
        whole: cst.BaseExpression,
        steps: int,
    ) -> Source:
        found = {self.source(choice, steps - 1) for choice in choices} - {None}
        unsure = any(isinstance(source, Mode) and not source.sure for source in found)
        if len(found) > 1 or (unsure and len(choices) > 1):
            return self._computed(whole)
        return found.pop() if found else None

    def _name(self, bits: cst.Name, steps: int) -> Source:
        values: list[cst.BaseExpression] = []
        for assignment in self.program.assignments(bits):
            node = getattr(assignment, "node", None)
            if isinstance(node, cst.Param):
                return self._parameter(node)
            if isinstance(assignment, BuiltinAssignment) or node is None:
                return Unclear(f"{bits.value} is not defined in this file")
            if self._loops_over_literals(node):
                continue
            value = self.program.assigned_value(assignment)
            if value is None:
                return self._computed(bits)
            values.append(value)
        if not values:
            bound = self.program.assignments(bits)
            return (
                None if bound else Unclear(f"{bits.value} is not defined in this file")
            )
        return self._one_of(values, bits, steps)

    def _loops_over_literals(self, node: cst.CSTNode) -> bool:
        loop = self.program.parent(node)
        while isinstance(loop, cst.Tuple | cst.Element):
            loop = self.program.parent(loop)
        if not isinstance(loop, cst.For | cst.CompFor):
            return False
        names = {name.value for name in self.program.within(loop.iter, cst.Name)}
        return names <= ITERATORS

    def _parameter(self, param: cst.Param) -> Source:
        name = param.name.value
        function = self.program.enclosing(param, cst.FunctionDef, cst.Lambda)
        if not isinstance(function, cst.FunctionDef) or name not in parameters(
            function
        ):
            return Unclear(f"{name} is a parameter that can't have a mode beside it")
        holder = Parameter(function, name)
        return Mode(holder.mode, (holder,))

    def _attribute(self, bits: cst.Attribute) -> Source:
        receiver, name = bits.value, bits.attr.value
        if not name.endswith("bits"):
            return self._computed(bits)
        if owner := self.classes.is_self(receiver):
            return self._self_attribute(owner, receiver, name)
        text = self.program.code(receiver)
        last = (dotted_name(receiver) or "").rpartition(".")[2]
        if (
            last.lower() in CONFIGURATIONS
            or name != "bits"
            or not self._is_plain(receiver)
        ):
            return Unclear(
                f"{self.program.code(bits)} is configuration; give it a mode of its own"
            )
        owners = self.receivers.owners(receiver)
        if owners is not None:
            holders = tuple(Attribute(owner, "bits") for owner in owners)
            return Mode(f"{text}.mode", holders, sure=False)
        return Mode(
            f'getattr({text}, "mode", "affine")',
            note=f"the type of {text} is not known here, so its mode is asked for with getattr",
        )

    def _self_attribute(
        self, owner: cst.ClassDef, receiver: cst.CSTNode, name: str
    ) -> Source:
        if not self.classes.is_layer(owner):
            reason = "is not an nn.Module"
            if self.classes.may_be_layer(owner):
                reason = "has a base class that is not in these files"
            return Unclear(
                f"class {owner.name.value} {reason}; its bits may have no mode"
            )
        holder_mode = f"{self.program.code(receiver)}.{mode_name(name)}"
        for around in (owner, *self.classes.local_bases(owner)):
            stored = list(self.classes.stores(around, name))
            if not stored:
                continue
            sources = [
                self.source(s.value) if s.value else self._computed(s.target)
                for s in stored
            ]
            if not any(sources):
                return None
            return Mode(holder_mode, (Attribute(around, name),))
        if self.classes.has_mode(owner) and name == "bits":
            return Mode(holder_mode)
        return Unclear(
            f"class {owner.name.value} does not say where self.{name} comes from"
        )

    def _item(
        self,
        bits: cst.BaseExpression,
        receiver: cst.BaseExpression,
        key: cst.BaseExpression,
    ) -> Source:
        name = key.evaluated_value if isinstance(key, cst.SimpleString) else None
        if (
            not isinstance(name, str)
            or not name.endswith("bits")
            or not self._is_plain(receiver)
        ):
            return self._computed(bits)
        if self.classes.is_self(receiver):
            return self._computed(bits)
        text = f'{self.program.code(receiver)}.get("{mode_name(name)}", "affine")'
        return Mode(text, sure=False)

    def _call(self, bits: cst.Call, steps: int) -> Source:
        args = [arg.value for arg in bits.args if arg.keyword is None and not arg.star]
        match bits.func:
            case cst.Name(value="int") if len(args) == 1:
                return self.source(args[0], steps - 1)
            case cst.Name(value="getattr") if len(args) > 1:
                key = args[1]
                name = (
                    key.evaluated_value if isinstance(key, cst.SimpleString) else None
                )
                if name == "bits" and self._is_plain(args[0]):
                    return Mode(
                        f'getattr({self.program.code(args[0])}, "mode", "affine")'
                    )
            case cst.Attribute(value=receiver, attr=cst.Name(value="get")) if args:
                return self._item(bits, receiver, args[0])
        return self._computed(bits)

    def _is_plain(self, node: cst.BaseExpression) -> bool:
        """Tell whether evaluating a node a second time does nothing new."""
        kinds = (cst.Call, cst.Await, cst.NamedExpr, cst.Yield)
        return not any(any(self.program.within(node, kind)) for kind in kinds)
