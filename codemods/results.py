"""Follow what `mx.quantize` returns: two arrays instead of three without biases.

Either every use of the result can do without them, or nothing is edited.
"""

from collections.abc import Callable

import libcst as cst

from .insertions import statement_after
from .slots import Outcome, Slots, first_or_none


class Results:
    """Rewrite the uses of results."""

    def __init__(self, slots: Slots) -> None:
        """Take what is known of the arguments in the files."""
        self.slots = slots
        self.program = slots.program

    def of_call(self, quantize: cst.Call) -> Outcome:
        """Follow the result of a call that gets a mode and returns what `mx.quantize` does."""
        outcome = Outcome()
        parent = self.program.parent(quantize)
        match parent:
            case cst.Expr():
                pass
            case cst.Return():
                pass
            case cst.Assign(targets=[cst.AssignTarget(target=target)]):
                self._assigned(parent, target, outcome)
            case cst.Arg(star="*") if self.slots.ends_call(parent):
                pass
            case cst.Arg(star="") if self.slots.is_core(parent):
                pass
            case cst.Subscript(slice=[element]) if _skips_biases(element):
                pass
            case _:
                name = self._name(quantize)
                reason = f"what {name} returns goes where it can't be followed"
                outcome.problems.append((quantize, reason))
        return outcome

    def returning(self, quantize: cst.Call) -> cst.FunctionDef | None:
        """Return the function whose callers get all that a call of `mx.quantize` returns."""
        node = self.program.parent(quantize)
        if isinstance(node, cst.Assign):
            match node.targets:
                case [cst.AssignTarget(target=cst.Name() as name)]:
                    uses = [self.program.parent(use) for use in self.program.uses(name)]
                    returns = [use for use in uses if isinstance(use, cst.Return)]
                    node = returns[0] if returns else None
        if not isinstance(node, cst.Return):
            return None
        function = self.program.enclosing(node, cst.FunctionDef, cst.Lambda)
        return function if isinstance(function, cst.FunctionDef) else None

    def _name(self, call: cst.Call) -> str:
        name = self.program.qualified(call.func) or self.program.code(call.func)
        return name.replace("mlx.core.", "mx.")

    def _assigned(
        self, assign: cst.Assign, target: cst.BaseExpression, outcome: Outcome
    ) -> None:
        match target:
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                starred = any(isinstance(e, cst.StarredElement) for e in elements)
                if len(elements) == 3 and not starred:
                    self._unpacked(assign, elements[2].value, outcome)
            case cst.Name():
                self._whole(target, outcome)
            case _:
                reason = f"{self.program.code(target)} would have no third entry"
                outcome.problems.append((target, reason))

    def _whole(self, target: cst.Name, outcome: Outcome) -> None:
        for use in self.program.uses(target):
            match self.program.parent(use):
                case cst.Arg(star="*") as arg if self.slots.ends_call(arg):
                    continue
                case cst.Subscript(slice=[element]) if _skips_biases(element):
                    continue
                case cst.Return():
                    continue
            reason = f"{target.value} has no third entry without biases"
            outcome.problems.append((use, reason))

    def _unpacked(
        self, assign: cst.Assign, third: cst.BaseExpression, outcome: Outcome
    ) -> None:
        if isinstance(third, cst.Name):
            self._unpacked_name(third, outcome)
            return
        name = self.slots.fresh_name(assign)
        line = self.program.parent(assign)
        shares_line = isinstance(line, cst.SimpleStatementLine) and len(line.body) > 1
        text = self.program.code(third)
        if name is None or shares_line or not isinstance(third, cst.Attribute):
            reason = f"there is no simple way to make {text} optional"
            outcome.problems.append((assign, reason))
            return
        self.slots.replace(third, f"*{name}", outcome)
        statement = f"{text} = {first_or_none(name)}"
        edit = statement_after(self.program.of(assign), assign, statement)
        outcome.edits.append((assign, edit))

    def _unpacked_name(self, third: cst.Name, outcome: Outcome) -> None:
        uses, bound = self.program.uses(third), self.program.assignments(third)
        if not bound or (len(bound) > 1 and uses):
            reason = f"{third.value} may be bound in several places"
            outcome.problems.append((third, reason))
            return
        self.slots.replace(third, f"*{third.value}", outcome)
        for use in uses:
            self._use(use, third.value, outcome)

    def _use(self, use: cst.CSTNode, name: str, outcome: Outcome) -> None:
        """Rewrite one use of a name that held biases and holds a list of them now."""
        parent = self.program.parent(use)
        match parent:
            case cst.Arg(star="") if self.slots.is_slot(parent):
                star = self.slots.ends_call(parent) and parent.keyword is None
                text = f"*{name}" if star else first_or_none(name)
                self.slots.replace(use, text, outcome)
            case cst.Arg(star="", keyword=None) if self.slots.is_eval(parent):
                self.slots.replace(use, f"*{name}", outcome)
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Attribute() as kept)]
            ) if (kept.attr.value == "biases"):
                self.slots.replace(use, first_or_none(name), outcome)
            case cst.Element() if self._is_returned_safely(parent):
                self.slots.replace(use, first_or_none(name), outcome)
            case _:
                reason = f"{name} is used where it must not be missing"
                outcome.problems.append((use, reason))

    def _is_returned_safely(self, element: cst.Element) -> bool:
        """Tell whether a returned tuple is unpacked by callers that can do without.

        That all callers are known is sure for a function inside a function only.
        """
        whole = self.program.parent(element)
        if not isinstance(whole, cst.Tuple):
            return False
        if not isinstance(self.program.parent(whole), cst.Return):
            return False
        function = self.program.enclosing(whole, cst.FunctionDef, cst.Lambda)
        if not isinstance(function, cst.FunctionDef):
            return False
        around = self.program.enclosing(function, cst.FunctionDef, cst.ClassDef)
        if not isinstance(around, cst.FunctionDef):
            return False
        index = list(whole.elements).index(element)
        return len(self.program.assignments(function.name)) == 1 and all(
            self._unpacks_safely(use, index, len(whole.elements))
            for use in self.program.uses(function.name)
        )

    def _unpacks_safely(self, use: cst.CSTNode, index: int, size: int) -> bool:
        call = self.program.parent(use)
        if not isinstance(call, cst.Call) or call.func is not use:
            return False
        match self.program.parent(call):
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Tuple(elements=targets))]
            ):
                pass
            case _:
                return False
        last = targets[-1]
        if any(isinstance(target, cst.StarredElement) for target in targets[:-1]):
            return False
        if isinstance(last, cst.StarredElement):
            # The list ends with None then, which may be passed for biases.
            return index >= len(targets) - 1 and self._only_passed(
                last.value, lambda arg: arg.star == "*" and self.slots.ends_call(arg)
            )
        return len(targets) == size and self._only_passed(
            targets[index].value, lambda arg: not arg.star and self.slots.is_slot(arg)
        )

    def _only_passed(
        self, name: cst.BaseExpression, test: Callable[[cst.Arg], bool]
    ) -> bool:
        parents = [self.program.parent(use) for use in self.program.uses(name)]
        return all(isinstance(arg, cst.Arg) and test(arg) for arg in parents)


def _skips_biases(element: cst.SubscriptElement) -> bool:
    match element.slice:
        case cst.Index(value=cst.Integer() as index):
            return index.evaluated_value in (0, 1)
    return False
