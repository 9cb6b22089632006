"""Places where a mode may get lost that no edit can mend for sure."""

from collections.abc import Iterator

import libcst as cst

from .caches import cache_code
from .callees import Callees
from .containers import Containers, Mode, Parameter
from .names import SourceModule, dotted_name
from .program import Program
from .signatures import parameters


def dicts_without_mode(
    module: SourceModule, program: Program
) -> Iterator[tuple[cst.CSTNode, str]]:
    """Yield the dicts that hold bits from elsewhere, to be read back as affine."""
    for node in module.within(module.tree, cst.Dict):
        items = {
            element.key.evaluated_value: element.value
            for element in node.elements
            if isinstance(element, cst.DictElement)
            and isinstance(element.key, cst.SimpleString)
        }
        if not {"bits", "group_size"} <= items.keys() or "mode" in items:
            continue
        values = items["bits"], items["group_size"]
        if all(isinstance(value, cst.Integer) for value in values):
            continue
        if not cache_code(program, node):
            yield node, 'this dict has "bits" and no "mode"; what reads it assumes affine'


def unknown_calls(
    holder: Parameter, callees: Callees, containers: Containers
) -> Iterator[tuple[cst.Call, str]]:
    """Yield the calls that take the bits to something these files do not define."""
    program = callees.program
    for arg in program.within(holder.function, cst.Arg):
        call = program.parent(arg)
        if not isinstance(call, cst.Call) or callees.resolve(call.func):
            continue
        if (program.qualified(call.func) or "").startswith("mlx."):
            continue
        name = dotted_name(call.func) or "what is called here"
        about_quantization = "quant" in name.rpartition(".")[2].lower()
        named_bits = arg.keyword is not None and arg.keyword.value.endswith("bits")
        if not (about_quantization or named_bits) or _passes_mode(call):
            continue
        source = containers.source(arg.value)
        if isinstance(source, Mode) and holder in source.holders:
            yield call, f"{name} is not in these files; see whether it takes a mode"


def forgotten_mode(call: cst.Call, program: Program) -> str | None:
    """Return why a call with fixed bits may want a mode: one is at hand."""
    for around in program.ancestors(call):
        if isinstance(around, cst.FunctionDef) and "mode" in parameters(around):
            default = parameters(around)["mode"].default
            if (
                isinstance(default, cst.SimpleString)
                and default.evaluated_value == "affine"
            ):
                return "bits are fixed here and mode is at hand and not passed"
    return None


def _passes_mode(call: cst.Call) -> bool:
    keywords = (arg.keyword.value for arg in call.args if arg.keyword is not None)
    return any(keyword.endswith("mode") for keyword in keywords)
