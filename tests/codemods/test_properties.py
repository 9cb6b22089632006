"""What holds for any module, made of pieces that the recipes look at."""

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from mlxport.codemods.editing import migrate_text
from mlxport.codemods.registry import all_recipes

RECIPES = list(all_recipes().values())
BINDINGS = [
    "import mlx.core as mx",
    "from mlx import core as mx",
    "import mlx.core",
    "from mlx.core import quantize",
    "try:\n    import mlx.core as mx\nexcept ImportError:\n    mx = None",
]
FUNCTIONS = [
    "mx.quantize",
    "mlx.core.quantize",
    "quantize",
    "mx.dequantize",
    "nn.quantize",
    "nn.QuantizedLinear",
    "layer.to_quantized",
    "mx.metal.clear_cache",
    "f",
    "Packed",
    "self.pack",
    "super().__init__",
]
BITS = [
    "4", "bits", "self.bits", "layer.bits", "config['bits']", "config.get('bits')",
    "args.bits", "bits or 4", "32 // n", "q_bits", "cache.bits",
]  # fmt: skip
TARGETS = [
    "q",
    "q, s, b",
    "self.w, self.s, self.biases",
    "q, *rest",
    "(q, s), b",
    "q[0]",
]
USES = ["b", "q[2]", "self['biases']", "self.biases[0]", "*q", "x"]
SPACE = ["", " ", "\n        ", "  # comment\n        "]


@st.composite
def calls(draw):
    arguments = draw(st.lists(st.sampled_from(USES), max_size=3))
    bits = draw(st.sampled_from(BITS))
    arguments.append(
        draw(st.sampled_from([f"bits={bits}", f"group_size=64, bits={bits}"]))
    )
    space = draw(st.sampled_from(SPACE))
    comma = draw(st.sampled_from(["", ","]))
    inner = f",{space or ' '}".join(arguments)
    return f"{draw(st.sampled_from(FUNCTIONS))}({space}{inner}{comma}{space})"


@st.composite
def statements(draw):
    call = draw(calls())
    form = draw(
        st.sampled_from(
            ["{c}", "{t} = {c}", "return {c}", "g({c})", "[{c} for b in x]"]
        )
    )
    return form.format(c=call, t=draw(st.sampled_from(TARGETS)))


@st.composite
def functions(draw, indent):
    name = draw(
        st.sampled_from(["f", "__init__", "to_quantized", "pack", "pack_cache"])
    )
    given_ = draw(
        st.sampled_from(
            ["bits", "bits=4", "bits: int = 4", "q_bits, mode", "*a", "**kw"]
        )
    )
    first = "self, " if indent else ""
    body = draw(st.lists(statements(), min_size=1, max_size=3))
    if draw(st.booleans()):
        body.insert(0, "self.bits = bits")
    lines = "\n".join(f"{indent}    {line}" for line in body)
    return f"{indent}def {name}({first}{given_}):\n{lines}"


@st.composite
def modules(draw):
    parts = [
        *draw(st.lists(st.sampled_from(BINDINGS), max_size=2)),
        "import mlx.nn as nn",
    ]
    parts += draw(st.lists(functions(""), max_size=2))
    base = draw(st.sampled_from(["nn.Module", "nn.QuantizedLinear", "Base", "object"]))
    methods = draw(st.lists(functions("    "), min_size=1, max_size=3))
    parts.append(f"class Packed({base}):\n" + "\n".join(methods))
    parts += [
        line
        for line in draw(st.lists(statements(), max_size=2))
        if "return" not in line
    ]
    return draw(st.sampled_from(["\n", "\r\n"])).join("\n".join(parts).split("\n"))


def parses(code):
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


@given(modules().filter(parses))
@settings(max_examples=60, deadline=None)
def test_any_module_parses_afterwards_and_once_is_enough(code):
    after, findings = migrate_text(code, RECIPES)
    ast.parse(after)
    assert not [found for found in findings if "bug" in found.reason]
    assert (after != code) == any(found.action == "edited" for found in findings)
    assert migrate_text(after, RECIPES)[0] == after
    assert ("\r\n" in code) == ("\r\n" in after)


@given(modules().filter(parses))
@settings(max_examples=20, deadline=None)
def test_nothing_is_done_to_another_library(code):
    code = code.replace("mlx", "xlm")
    assert migrate_text(code, RECIPES)[0] == code
