"""Give what holds `bits` a `mode`: a parameter, or an attribute."""

from collections.abc import Iterator

import libcst as cst

from .caches import cache_code
from .changes import BREAKS, Edit
from .classes import Classes
from .containers import Attribute, Containers, Holder, Mode, Parameter, Unclear
from .docstrings import document
from .insertions import parameter, statement_after
from .program import Program
from .signatures import MODES, parameters
from .transactions import Transaction


class Parameters:
    """Add parameters to functions."""

    def __init__(self, program: Program, classes: Classes) -> None:
        """Take the files and what is known of its classes."""
        self.program = program
        self.classes = classes

    def problem(self, holder: Parameter) -> str | None:
        """Return why a function can't take a mode, None if it can or does."""
        function, name = holder.function, holder.function.name.value
        owner = self.program.method_class(function)
        if cache := cache_code(self.program, function):
            return f"this belongs to a KV cache ({cache}), which has no mode"
        if owner is not None and not self.classes.is_layer(owner):
            return f"class {owner.name.value} is not known to be an nn.Module"
        for decorator in function.decorators:
            if (
                self.program.qualified(decorator.decorator)
                == "mlx.core.custom_function"
            ):
                return f"{name} is a custom function, which takes arrays only"
        given = parameters(function).get(holder.mode)
        if given is not None:
            if self._is_mode(given):
                return None
            return f"the {holder.mode} of {name} may not be a quantization mode"
        if holder.mode in self.program.plain_names(function):
            return f"{name} uses the name {holder.mode} for something else"
        return None

    def _is_mode(self, param: cst.Param) -> bool:
        match param.default:
            case cst.SimpleString() as default:
                return default.evaluated_value in MODES
            case None:
                kind = param.annotation.annotation if param.annotation else None
                return isinstance(kind, cst.Name) and kind.value == "str"
        return False

    def shadow(self, source: Mode, call: cst.Call) -> str | None:
        """Return the function between holder and call that gives the name a new meaning."""
        for holder in source.holders:
            if not isinstance(holder, Parameter) or source.text != holder.mode:
                continue
            for around in self.program.ancestors(call):
                if around is holder.function:
                    break
                if not isinstance(around, cst.FunctionDef):
                    continue
                if holder.mode in parameters(around):
                    return around.name.value
        return None

    def order(self, holder: Parameter) -> tuple[str, int, int]:
        """Return a key that sorts holders as their `bits` are sorted in the source."""
        function = holder.function
        place = list(parameters(function)).index(holder.bits)
        path = self.program.path(self.program.of(function))
        return str(path), self.program.span(function)[0], place

    def write(self, holder: Parameter, transaction: Transaction) -> None:
        """Add the parameter and document it, unless the function has it."""
        function = holder.function
        if holder.mode in parameters(function):
            return
        documented: list[cst.FunctionDef | cst.ClassDef] = [function]
        owner = self.program.method_class(function)
        if owner is not None and function.name.value == "__init__":
            documented.append(owner)
        module = self.program.of(function)
        edits = parameter(module, function, holder.mode)
        for node in documented:
            edits += document(module, node, holder.bits, holder.mode)
        # nn.quantize passes a mode to the override in any mode.
        overrides = owner is not None and function.name.value == "to_quantized"
        what = f"take {holder.mode} as a parameter"
        severity = BREAKS if overrides else ""
        transaction.edit(function.name, what, *edits, severity=severity)


class Attributes:
    """Add attributes to layers."""

    def __init__(
        self, program: Program, classes: Classes, containers: Containers
    ) -> None:
        """Take the files and the means to find where `bits` come from."""
        self.program = program
        self.classes = classes
        self.containers = containers

    def fed_by(self, owner: cst.ClassDef, holder: Parameter) -> Iterator[Attribute]:
        """Yield the attributes that a class fills from a parameter of its method."""
        attributes = self.program.within(holder.function, cst.Attribute)
        for name in dict.fromkeys(node.attr.value for node in attributes):
            if not name.endswith("bits"):
                continue
            for stored in self.classes.stores(owner, name):
                source = self.containers.source(stored.value) if stored.value else None
                if isinstance(source, Mode) and holder in source.holders:
                    yield Attribute(owner, name)

    def write(
        self, holder: Attribute, transaction: Transaction
    ) -> Iterator[tuple[Holder, cst.CSTNode]]:
        """Keep the mode wherever a class keeps the bits; yield what must hold it first."""
        for stored in self.classes.stores(holder.owner, holder.mode):
            value = stored.value
            if not isinstance(value, cst.Name) or value.value != holder.mode:
                reason = f"self.{holder.mode} already means something else"
                transaction.fail(stored.target, reason)
            return
        for stored in self.classes.stores(holder.owner, holder.bits):
            source: Mode | Unclear | None = Unclear(
                f"what self.{holder.bits} gets can't be told apart"
            )
            if stored.value is not None:
                source = self.containers.source(stored.value)
            if isinstance(source, Unclear):
                transaction.fail(stored.target, source.reason)
                continue
            if source and source.note:
                transaction.note(stored.target, source.note)
            for needed in source.holders if source else ():
                yield needed, stored.target
            target = f"{self.program.code(stored.target.value)}.{holder.mode}"
            value_of_mode = source.text if source else '"affine"'
            statement = f"{target} = {value_of_mode}"
            edit = statement_after(
                self.program.of(stored.statement), stored.statement, statement
            )
            transaction.edit(stored.target, f"keep {target}", edit)
        self._extend_repr(holder, transaction)

    def _extend_repr(self, holder: Attribute, transaction: Transaction) -> None:
        for method in self.classes.methods(holder.owner):
            if method.name.value not in ("_extra_repr", "__repr__"):
                continue
            for part in self.program.within(method, cst.FormattedStringExpression):
                match part.expression:
                    case cst.Attribute(value=receiver, attr=cst.Name(value=name)) if (
                        name == holder.bits
                    ):
                        _, end = self.program.span(part)
                        mode = f"{self.program.code(receiver)}.{holder.mode}"
                        text = f", {holder.mode}={{{mode}}}"
                        transaction.edit(part, f"show {mode}", Edit(end, end, text))
