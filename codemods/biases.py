"""Make biases optional: only affine quantization has them.

Either every use of what `mx.quantize` returned can do without biases, or nothing is edited.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import libcst as cst

from .callees import Callees, External
from .changes import Edit
from .insertions import statement_after, statement_before
from .names import SourceModule
from .signatures import match


@dataclass
class Outcome:
    """The edits, or why they can't be made."""

    edits: list[Edit] = field(default_factory=list)
    done: list[tuple[cst.CSTNode, str]] = field(default_factory=list)
    problems: list[tuple[cst.CSTNode, str]] = field(default_factory=list)


def optional(name: str) -> str:
    """Return the expression for the first of a list that may be empty."""
    return f"{name}[0] if {name} else None"


class Biases:
    """Rewrite the uses of biases in one module."""

    def __init__(self, module: SourceModule, callees: Callees) -> None:
        """Take the module and the means to resolve its calls."""
        self.module = module
        self.callees = callees

    def of_call(self, quantize: cst.Call) -> Outcome:
        """Follow the result of a call of `mx.quantize` that may come without biases."""
        outcome = Outcome()
        self._result(quantize, outcome)
        return outcome

    def of_class(self, owner: cst.ClassDef) -> Outcome:
        """Rewrite what the methods of a layer do with its own biases."""
        outcome = Outcome()
        is_self = self.callees.classes.is_self
        for node in self.module.within(owner, cst.Subscript):
            if is_self(node.value) and self._key(node) == "biases":
                self._own_biases(
                    node, f'{self.module.code(node.value)}.get("biases")', outcome
                )
        for attribute in self.module.within(owner, cst.Attribute):
            if attribute.attr.value == "biases" and is_self(attribute.value):
                self._own_biases(attribute, self.module.code(attribute), outcome)
        return outcome

    def of_argument(self, call: cst.Call, biases: cst.Arg | None) -> Outcome:
        """Rewrite `layer["biases"]` passed to a function that can do without."""
        outcome = Outcome()
        value = biases.value if biases else None
        if isinstance(value, cst.Subscript) and self._key(value) == "biases":
            if not self.callees.classes.is_self(value.value):
                receiver = self.module.code(value.value)
                self._replace(value, f'{receiver}.get("biases")', outcome)
        return outcome

    def _result(self, node: cst.CSTNode, outcome: Outcome) -> None:
        parent = self.module.parent(node)
        match parent:
            case cst.Expr():
                return
            case cst.Return():
                self._returned(parent, outcome)
            case cst.Assign(targets=[cst.AssignTarget(target=target)]):
                self._target(parent, target, outcome)
            case cst.Arg(star="*") if self._ends_call(parent):
                return
            case cst.Arg(star="") if self._is_core(parent):
                return
            case cst.Subscript(slice=[element]) if self._skips_biases(element):
                return
            case _:
                outcome.problems.append(
                    (node, "what mx.quantize returns goes where it can't be followed")
                )

    def _returned(self, statement: cst.Return, outcome: Outcome) -> None:
        """Look at the callers in this file of a function that returns all it got."""
        function = self.module.enclosing(statement, cst.FunctionDef, cst.Lambda)
        if not isinstance(function, cst.FunctionDef):
            return
        for use in self._uses(function.name):
            call = self.module.parent(use)
            match self.module.parent(call) if isinstance(call, cst.Call) else None:
                case cst.Assign(
                    targets=[cst.AssignTarget(target=cst.Tuple(elements=elements))]
                ) if (len(elements) == 3):
                    text = f"three values are expected from {function.name.value}"
                    outcome.problems.append((use, text))

    def _target(
        self, assign: cst.Assign, target: cst.BaseExpression, outcome: Outcome
    ) -> None:
        match target:
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                if any(isinstance(e, cst.StarredElement) for e in elements):
                    return
                if len(elements) == 3:
                    self._unpacked(assign, elements[2].value, outcome)
            case cst.Name():
                self._named(target, outcome)
            case _:
                text = self.module.code(target)
                outcome.problems.append((target, f"{text} would have no third entry"))

    def _unpacked(
        self, assign: cst.Assign, third: cst.BaseExpression, outcome: Outcome
    ) -> None:
        if isinstance(third, cst.Name):
            self._unpacked_name(third, outcome)
            return
        name = self.fresh(assign)
        line = self.module.parent(assign)
        alone = not isinstance(line, cst.SimpleStatementLine) or len(line.body) == 1
        if name is None or not alone or not isinstance(third, cst.Attribute):
            text = self.module.code(third)
            outcome.problems.append((assign, f"no simple way to make {text} optional"))
            return
        self._replace(third, f"*{name}", outcome)
        text = f"{self.module.code(third)} = {optional(name)}"
        outcome.edits.append(statement_after(self.module, assign, text))

    def _unpacked_name(self, third: cst.Name, outcome: Outcome) -> None:
        name = third.value
        bound = self.module.assignments(third)
        if len(bound) != 1:
            if self._uses(third):
                outcome.problems.append((third, f"{name} is bound in several places"))
                return
        self._replace(third, f"*{name}", outcome)
        for use in self._uses(third):
            self._use(use, name, outcome)

    def _use(self, use: cst.CSTNode, name: str, outcome: Outcome) -> None:
        """Rewrite one use of a name that held biases and holds a list of them now."""
        parent = self.module.parent(use)
        match parent:
            case cst.Arg(star="") if self._is_slot(parent):
                last = self._ends_call(parent) and parent.keyword is None
                self._replace(use, f"*{name}" if last else optional(name), outcome)
            case cst.Arg(star="", keyword=None) if self._is_eval(parent):
                self._replace(use, f"*{name}", outcome)
            case cst.Assign(
                targets=[
                    cst.AssignTarget(
                        target=cst.Attribute(attr=cst.Name(value="biases"))
                    )
                ]
            ):
                self._replace(use, optional(name), outcome)
            case cst.Element() if self._is_returned_safely(parent):
                self._replace(use, optional(name), outcome)
            case _:
                outcome.problems.append(
                    (use, f"{name} is used where it must not be missing")
                )

    def _named(self, target: cst.Name, outcome: Outcome) -> None:
        for use in self._uses(target):
            match self.module.parent(use):
                case cst.Arg(star="*") as arg if self._ends_call(arg):
                    continue
                case cst.Subscript(slice=[element]) if self._skips_biases(element):
                    continue
                case cst.Return():
                    continue
            outcome.problems.append(
                (use, f"{target.value} has no third entry without biases")
            )

    def _own_biases(
        self, node: cst.BaseExpression, value: str, outcome: Outcome
    ) -> None:
        parent = self.module.parent(node)
        match parent:
            case cst.AssignTarget() | cst.Comparison():
                return
            case cst.AnnAssign() if parent.target is node:
                return
            case cst.Element() if self._is_target(parent):
                return
            case cst.Arg(star="") if self._is_slot(parent):
                if isinstance(node, cst.Subscript):
                    self._replace(node, value, outcome)
                return
            case cst.Subscript() if parent.value is node:
                arg = self.module.parent(parent)
                if isinstance(arg, cst.Arg) and not arg.star and self._is_slot(arg):
                    self._indexed(node, parent, value, outcome)
                    return
        text = self.module.code(node)
        outcome.problems.append((node, f"{text} is used where it must not be missing"))

    def _indexed(
        self,
        node: cst.BaseExpression,
        whole: cst.Subscript,
        value: str,
        outcome: Outcome,
    ) -> None:
        """`self["biases"][x]` -> `biases[x] if biases is not None else None`."""
        start, end = self.module.span(whole)
        index = self.module.text[self.module.span(node)[1] : end]
        outcome.done.append((whole, f"make {self.module.code(whole)} optional"))
        name, line = self.fresh(node), self.module.enclosing(
            node, cst.SimpleStatementLine
        )
        # A lambda or a one-line function has no line of its own for the assignment.
        simple = line is not None and self.module.enclosing(
            node, cst.FunctionDef, cst.Lambda
        ) is self.module.enclosing(line, cst.FunctionDef, cst.Lambda)
        if not simple or name is None or line is None:
            receiver = value.removesuffix('.get("biases")').removesuffix(".biases")
            text = (
                f'{self.module.code(node)}{index} if "biases" in {receiver} else None'
            )
            outcome.edits.append(Edit(start, end, text))
            return
        outcome.edits.append(statement_before(self.module, line, f"{name} = {value}"))
        text = f"{name}{index} if {name} is not None else None"
        outcome.edits.append(Edit(start, end, text))

    def _uses(self, name: cst.BaseExpression) -> list[cst.CSTNode]:
        """Return the places that read what a name is bound to here."""
        found = {
            access.node: None
            for assignment in self.module.assignments(name)
            for access in assignment.references
        }
        return list(found)

    def fresh(self, node: cst.CSTNode) -> str | None:
        """Return a name for biases that the function around a node does not use yet."""
        function = self.module.enclosing(node, cst.FunctionDef) or self.module.tree
        used = {
            name.value
            for name in self.module.within(function, cst.Name)
            if not self._is_label(name)
        }
        return next((n for n in ("biases", "quantized_biases") if n not in used), None)

    def _is_label(self, name: cst.Name) -> bool:
        parent = self.module.parent(name)
        if isinstance(parent, cst.Attribute):
            return parent.attr is name
        return isinstance(parent, cst.Arg) and parent.keyword is name

    def _replace(self, node: cst.CSTNode, text: str, outcome: Outcome) -> None:
        start, end = self.module.span(node)
        outcome.edits.append(Edit(start, end, text))
        outcome.done.append((node, f"make {self.module.code(node)} optional"))

    def _is_slot(self, arg: cst.Arg) -> bool:
        """Tell whether an argument is the biases of a function that can do without."""
        call = self.module.parent(arg)
        callee = self.callees.resolve(call.func) if isinstance(call, cst.Call) else None
        if not isinstance(callee, External) or not isinstance(call, cst.Call):
            return False
        return match(call, callee.signature).biases is arg

    def _ends_call(self, arg: cst.Arg) -> bool:
        """Tell whether only keywords follow an argument."""
        call = self.module.parent(arg)
        if not isinstance(call, cst.Call):
            return False
        rest = call.args[list(call.args).index(arg) + 1 :]
        return all(other.keyword is not None for other in rest)

    def _is_core(self, arg: cst.Arg) -> bool:
        call = self.module.parent(arg)
        name = self.module.qualified(call.func) if isinstance(call, cst.Call) else None
        return name is not None and name.startswith("mlx.core.")

    def _is_eval(self, arg: cst.Arg) -> bool:
        call = self.module.parent(arg)
        return isinstance(call, cst.Call) and self.module.qualified(call.func) in (
            "mlx.core.eval",
            "mlx.core.async_eval",
        )

    def _is_target(self, element: cst.Element) -> bool:
        node: cst.CSTNode | None = element
        while isinstance(node, cst.Element | cst.Tuple | cst.List):
            node = self.module.parent(node)
        return isinstance(node, cst.AssignTarget)

    def _skips_biases(self, element: cst.SubscriptElement) -> bool:
        return (
            isinstance(element.slice, cst.Index)
            and isinstance(element.slice.value, cst.Integer)
            and element.slice.value.evaluated_value in (0, 1)
        )

    def _key(self, node: cst.Subscript) -> str | None:
        match node.slice:
            case [
                cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))
            ]:
                value = key.evaluated_value
                return value if isinstance(value, str) else None
        return None

    def _is_returned_safely(self, element: cst.Element) -> bool:
        """Tell whether a returned tuple is only unpacked in this file, into what may be None."""
        whole = self.module.parent(element)
        if not isinstance(whole, cst.Tuple) or not isinstance(
            self.module.parent(whole), cst.Return
        ):
            return False
        function = self.module.enclosing(whole, cst.FunctionDef, cst.Lambda)
        if not isinstance(function, cst.FunctionDef):
            return False
        outer = self.module.parent(self.module.parent(function) or function)
        if not isinstance(outer, cst.FunctionDef):
            return False
        index = list(whole.elements).index(element)
        return len(self.module.assignments(function.name)) == 1 and all(
            self._unpacks_safely(use, index, len(whole.elements))
            for use in self._uses(function.name)
        )

    def _unpacks_safely(self, use: cst.CSTNode, index: int, size: int) -> bool:
        call = self.module.parent(use)
        if not isinstance(call, cst.Call) or call.func is not use:
            return False
        match self.module.parent(call):
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Tuple(elements=targets))]
            ):
                pass
            case _:
                return False
        for at, target in enumerate(targets):
            if isinstance(target, cst.StarredElement):
                if at != len(targets) - 1:
                    return False
                return self._all_uses(
                    target.value, lambda arg: arg.star == "*" and self._ends_call(arg)
                )
            if at == index and len(targets) == size:
                return self._all_uses(
                    target.value, lambda arg: not arg.star and self._is_slot(arg)
                )
        return False

    def _all_uses(
        self, name: cst.BaseExpression, test: Callable[[cst.Arg], bool]
    ) -> bool:
        parents = [self.module.parent(use) for use in self._uses(name)]
        return all(isinstance(p, cst.Arg) and test(p) for p in parents)
