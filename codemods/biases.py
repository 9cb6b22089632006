"""Read the biases of a layer as what may not be there: only affine has them."""

import libcst as cst

from .insertions import statement_before
from .slots import Outcome, Slots


class Biases:
    """Rewrite the places that read biases from a layer."""

    def __init__(self, slots: Slots) -> None:
        """Take what is known of the arguments in the files."""
        self.slots = slots
        self.program = slots.program
        self.classes = slots.callees.classes

    def of_class(self, owner: cst.ClassDef) -> Outcome:
        """Rewrite what the methods of a layer do with its own biases."""
        outcome = Outcome()
        for item in self.program.within(owner, cst.Subscript):
            if _key(item) == "biases" and self.classes.is_self(item.value):
                receiver = self.program.code(item.value)
                self._read(item, receiver, f'{receiver}.get("biases")', outcome)
        for read in self.program.within(owner, cst.Attribute):
            if read.attr.value == "biases" and self.classes.is_self(read.value):
                receiver = self.program.code(read.value)
                self._read(read, receiver, self.program.code(read), outcome)
        return outcome

    def of_argument(self, biases: cst.Arg | None) -> Outcome:
        """Rewrite `layer["biases"]` passed to a function that can do without."""
        outcome = Outcome()
        value = biases.value if biases else None
        if not isinstance(value, cst.Subscript) or _key(value) != "biases":
            return outcome
        # A layer's own biases are rewritten with its class.
        if not self.classes.is_self(value.value):
            receiver = self.program.code(value.value)
            self.slots.replace(value, f'{receiver}.get("biases")', outcome)
        return outcome

    def _read(
        self, node: cst.BaseExpression, receiver: str, value: str, outcome: Outcome
    ) -> None:
        parent = self.program.parent(node)
        match parent:
            case cst.AssignTarget() | cst.Comparison():
                return
            case cst.AnnAssign() if parent.target is node:
                return
            case cst.Element() if self._is_target(parent):
                return
            case cst.Arg(star="") if self.slots.is_slot(parent):
                if self.program.code(node) != value:
                    self.slots.replace(node, value, outcome)
                return
            case cst.Subscript() if parent.value is node:
                arg = self.program.parent(parent)
                if isinstance(arg, cst.Arg) and self.slots.is_slot(arg):
                    self._index(node, parent, receiver, value, outcome)
                    return
        reason = f"{self.program.code(node)} is used where it must not be missing"
        outcome.problems.append((node, reason))

    def _index(
        self,
        node: cst.BaseExpression,
        whole: cst.Subscript,
        receiver: str,
        value: str,
        outcome: Outcome,
    ) -> None:
        """`self["biases"][x]` -> `biases[x] if biases is not None else None`."""
        text = self.program.of(node).text
        index = text[self.program.span(node)[1] : self.program.span(whole)[1]]
        line = self._own_line(node)
        name = self.slots.fresh_name(node)
        if line is None or name is None:
            text = f'{self.program.code(whole)} if "biases" in {receiver} else None'
            self.slots.replace(whole, text, outcome)
            return
        edit = statement_before(self.program.of(line), line, f"{name} = {value}")
        outcome.edits.append((line, edit))
        text = f"{name}{index} if {name} is not None else None"
        self.slots.replace(whole, text, outcome)

    def _own_line(self, node: cst.CSTNode) -> cst.SimpleStatementLine | None:
        """Return the statement around a node, if another one can go in front of it."""
        for around in self.program.ancestors(node):
            if isinstance(around, cst.SimpleStatementLine):
                return around
            # The line of a lambda runs before the lambda does.
            if isinstance(
                around, cst.Lambda | cst.BaseComp | cst.BaseCompoundStatement
            ):
                return None
        return None

    def _is_target(self, element: cst.Element) -> bool:
        node: cst.CSTNode | None = element
        while isinstance(node, cst.Element | cst.Tuple | cst.List):
            node = self.program.parent(node)
        return isinstance(node, cst.AssignTarget)


def _key(node: cst.Subscript) -> str | None:
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]:
            value = key.evaluated_value
            return value if isinstance(value, str) else None
    return None
