"""Tell whether an object is surely a quantized layer, which has a mode."""

from collections.abc import Iterator

import libcst as cst
from libcst.metadata import BaseAssignment

from .classes import Classes
from .names import dotted_name
from .program import Program
from .signatures import LAYERS_WITH_MODE

Owners = tuple[cst.ClassDef, ...]


class Receivers:
    """Type objects by annotation, constructor and isinstance()."""

    def __init__(self, program: Program, classes: Classes) -> None:
        """Take the files and what is known of its classes."""
        self.program = program
        self.classes = classes

    def owners(self, receiver: cst.BaseExpression) -> Owners | None:
        """Return the classes of these files that must keep a mode for the object to have one.

        None says that its type is not known.
        """
        bound = self.program.assignments(receiver)
        kinds = [self._bound_kind(assignment) for assignment in bound]
        if not kinds or None in kinds:
            kinds = list(self._guards(receiver, bound))
        found: list[cst.ClassDef] = []
        for kind in kinds:
            owners = self._kept_by(kind) if kind is not None else None
            if owners is None:
                return None
            found += owners
        return tuple(found) if kinds else None

    def _bound_kind(self, assignment: BaseAssignment) -> cst.BaseExpression | None:
        """Return the class that a binding shows, None if it shows none that is known."""
        node = getattr(assignment, "node", None)
        kind: cst.BaseExpression | None = None
        if isinstance(node, cst.Param) and node.annotation is not None:
            kind = node.annotation.annotation
        value = self.program.assigned_value(assignment)
        if isinstance(value, cst.Call):
            kind = value.func
            if isinstance(kind, cst.Attribute) and kind.attr.value.startswith("from_"):
                kind = kind.value
        return kind if kind is not None and self._kept_by(kind) is not None else None

    def _kept_by(self, kind: cst.BaseExpression) -> Owners | None:
        if self.program.qualified(kind) in LAYERS_WITH_MODE:
            return ()
        local = self.program.definition(kind)
        if not isinstance(local, cst.ClassDef) or not self.classes.is_layer(local):
            return None
        for around in (local, *self.classes.local_bases(local)):
            if any(self.classes.stores(around, "bits")):
                return (around,)
        return () if self.classes.has_mode(local) else None

    def _guards(
        self, receiver: cst.BaseExpression, bound: tuple[BaseAssignment, ...]
    ) -> Iterator[cst.BaseExpression]:
        """Yield the quantized classes that isinstance() tests the object for nearby."""
        texts = {self.program.code(receiver)}
        for value in map(self.program.assigned_value, bound):
            if value is not None:
                texts.add(self.program.code(value))
        around = list(self.program.ancestors(receiver))
        functions = [node for node in around if isinstance(node, cst.FunctionDef)]
        owner = next((node for node in around if isinstance(node, cst.ClassDef)), None)
        tested: list[cst.BaseExpression] = []
        if functions:
            tested += self._tested(functions[-1], texts)
        if owner is not None:
            # A local name says nothing in another method; self.linear does.
            tested += self._tested(owner, {text for text in texts if "." in text})
        for kind in tested:
            named = "Quantized" in (dotted_name(kind) or "Quantized")
            if named or self._kept_by(kind) is not None:
                yield kind

    def _tested(
        self, region: cst.CSTNode, texts: set[str]
    ) -> Iterator[cst.BaseExpression]:
        for call in self.program.within(region, cst.Call):
            if dotted_name(call.func) != "isinstance" or len(call.args) != 2:
                continue
            if self.program.code(call.args[0].value) in texts:
                kind = call.args[1].value
                if isinstance(kind, cst.Tuple):
                    yield from (element.value for element in kind.elements)
                else:
                    yield kind
