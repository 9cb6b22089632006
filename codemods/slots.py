"""Places where biases may be missing, shared by what makes them optional."""

from dataclasses import dataclass, field

import libcst as cst

from .callees import Callees, External
from .changes import Edit
from .program import Program
from .signatures import match


@dataclass
class Outcome:
    """The edits that make biases optional, or why they can't be made."""

    edits: list[tuple[cst.CSTNode, Edit]] = field(default_factory=list)
    done: list[tuple[cst.CSTNode, str]] = field(default_factory=list)
    problems: list[tuple[cst.CSTNode, str]] = field(default_factory=list)


def first_or_none(name: str) -> str:
    """Return the expression for the first of a list that may be empty."""
    return f"{name}[0] if {name} else None"


class Slots:
    """Look at the arguments of calls in the files."""

    def __init__(self, program: Program, callees: Callees) -> None:
        """Take the files and the means to resolve its calls."""
        self.program = program
        self.callees = callees

    def is_slot(self, arg: cst.Arg) -> bool:
        """Tell whether an argument is the biases of a function that can do without."""
        call = self._call(arg)
        callee = self.callees.resolve(call.func) if call else None
        if call is None or not isinstance(callee, External):
            return False
        return match(call, callee.signature).biases is arg

    def ends_call(self, arg: cst.Arg) -> bool:
        """Tell whether nothing but keywords follows an argument."""
        call = self._call(arg)
        rest = call.args[list(call.args).index(arg) + 1 :] if call else [arg]
        return all(other.keyword is not None for other in rest)

    def is_core(self, arg: cst.Arg) -> bool:
        """Tell whether an argument is passed to a function of `mlx.core`."""
        return self._called(arg).startswith("mlx.core.")

    def is_eval(self, arg: cst.Arg) -> bool:
        """Tell whether an argument is only computed."""
        return self._called(arg) in ("mlx.core.eval", "mlx.core.async_eval")

    def fresh_name(self, node: cst.CSTNode) -> str | None:
        """Return a name for biases that the function around a node does not use yet."""
        function: cst.CSTNode | None = self.program.enclosing(node, cst.FunctionDef)
        function = function or self.program.of(node).tree
        used = self.program.plain_names(function)
        return next((n for n in ("biases", "quantized_biases") if n not in used), None)

    def replace(self, node: cst.CSTNode, text: str, outcome: Outcome) -> None:
        """Replace a node that held biases."""
        start, end = self.program.span(node)
        outcome.edits.append((node, Edit(start, end, text)))
        outcome.done.append((node, f"make {self.program.code(node)} optional"))

    def _call(self, arg: cst.Arg) -> cst.Call | None:
        call = self.program.parent(arg)
        return call if isinstance(call, cst.Call) else None

    def _called(self, arg: cst.Arg) -> str:
        call = self._call(arg)
        return (self.program.qualified(call.func) if call else None) or ""
