"""The quantization mode, one behaviour a row: edits, and what is left with its reason."""

import pytest

from mlxport.codemods.editing import migrate_text
from mlxport.codemods.registry import load_recipe

RECIPE = load_recipe("quantization_mode")
CORE = "import mlx.core as mx\n"
NN = "import mlx.core as mx\nimport mlx.nn as nn\n"


def edit(code):
    text, findings = migrate_text(code, [RECIPE])
    return text, [f"{f.line}: {f.reason}" for f in findings if f.action == "review"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "def f(w, bits):\n    return mx.quantize(w, 64, bits)[0]\n",
            'def f(w, bits, mode="affine"):\n    return mx.quantize(w, 64, bits, mode=mode)[0]\n',
            id="a parameter without annotation",
        ),
        pytest.param(
            "def f(w, bits: int = 4):\n    return mx.quantize(w, 64, bits)[0]\n",
            'def f(w, bits: int = 4, mode: str = "affine"):\n'
            "    return mx.quantize(w, 64, bits, mode=mode)[0]\n",
            id="a parameter with annotation",
        ),
        pytest.param(
            "def f(w, bits, **rest):\n    return mx.quantize(w, bits=bits)[0]\n",
            'def f(w, bits, mode="affine", **rest):\n'
            "    return mx.quantize(w, bits=bits, mode=mode)[0]\n",
            id="before **",
        ),
        pytest.param(
            "def f(bits, *ws):\n    return mx.quantize(ws[0], bits=bits)[0]\n",
            'def f(bits, *ws, mode="affine"):\n'
            "    return mx.quantize(ws[0], bits=bits, mode=mode)[0]\n",
            id="behind *",
        ),
        pytest.param(
            "def f(w, bits, /):\n    return mx.quantize(w, bits=bits)[0]\n",
            'def f(w, bits, /, mode="affine"):\n'
            "    return mx.quantize(w, bits=bits, mode=mode)[0]\n",
            id="behind /",
        ),
        pytest.param(
            "def f(w, bits=(4)):\n    return mx.quantize(w, bits=bits)[0]\n",
            'def f(w, bits=(4), mode="affine"):\n'
            "    return mx.quantize(w, bits=bits, mode=mode)[0]\n",
            id="behind a default in parentheses",
        ),
        pytest.param(
            "def f(\n    w,\n    bits,  # few\n):\n    return mx.quantize(w, bits=bits)[0]\n",
            'def f(\n    w,\n    bits,  # few\n    mode="affine",\n):\n'
            "    return mx.quantize(w, bits=bits, mode=mode)[0]\n",
            id="a comment stays with its parameter",
        ),
        pytest.param(
            "def f(\n    w,\n    bits  # few\n):\n    return mx.quantize(w, bits=bits)[0]\n",
            'def f(\n    w,\n    bits,  # few\n    mode="affine"\n):\n'
            "    return mx.quantize(w, bits=bits, mode=mode)[0]\n",
            id="a comment without a comma before it",
        ),
        pytest.param(
            "def f(w,\n      bits):\n    return mx.quantize(w,\n        bits=bits)[0]\n",
            'def f(w,\n      bits,\n      mode="affine"):\n'
            "    return mx.quantize(w,\n        bits=bits,\n        mode=mode)[0]\n",
            id="aligned with the bracket",
        ),
        pytest.param(
            "def f(w, bits):\n    return mx.quantize(w, bits=bits, stream=mx.cpu)[0]\n",
            'def f(w, bits, mode="affine"):\n'
            "    return mx.quantize(w, bits=bits, mode=mode, stream=mx.cpu)[0]\n",
            id="right behind bits",
        ),
        pytest.param(
            "def f(w, q_bits):\n    return mx.quantize(w, bits=q_bits)[0]\n",
            'def f(w, q_bits, q_mode="affine"):\n'
            "    return mx.quantize(w, bits=q_bits, mode=q_mode)[0]\n",
            id="a prefix is kept",
        ),
        pytest.param(
            "def f(w, nbits):\n    return mx.quantize(w, bits=int(nbits) or 4)[0]\n",
            'def f(w, nbits, mode="affine"):\n'
            "    return mx.quantize(w, bits=int(nbits) or 4, mode=mode)[0]\n",
            id="through int() and or",
        ),
        pytest.param(
            "def f(w, bits):\n    width = bits\n    return mx.quantize(w, bits=width)[0]\n",
            'def f(w, bits, mode="affine"):\n    width = bits\n'
            "    return mx.quantize(w, bits=width, mode=mode)[0]\n",
            id="through a local name",
        ),
        pytest.param(
            "def f(w, bits, mode='affine'):\n    return mx.quantize(w, bits=bits)[0]\n",
            "def f(w, bits, mode='affine'):\n    return mx.quantize(w, bits=bits, mode=mode)[0]\n",
            id="the parameter is there and was forgotten",
        ),
        pytest.param(
            "def f(w, s, biases, bits):\n    return mx.dequantize(w, s, biases, bits=bits)\n",
            'def f(w, s, biases, bits, mode="affine"):\n'
            "    return mx.dequantize(w, s, biases, bits=bits, mode=mode)\n",
            id="biases that are a parameter",
        ),
        pytest.param(
            "def f(w, bits):\n    q, s, b = mx.quantize(w, bits=bits)\n"
            "    return mx.dequantize(q, s, b, 64, bits)\n",
            'def f(w, bits, mode="affine"):\n    q, s, *b = mx.quantize(w, bits=bits, mode=mode)\n'
            "    return mx.dequantize(q, s, b[0] if b else None, 64, bits, mode=mode)\n",
            id="biases with positional arguments behind them",
        ),
        pytest.param(
            "def f(w, layer, bits):\n    q, s, b = mx.quantize(w, bits=bits)\n"
            "    mx.eval(q, s, b)\n    layer.biases = b\n",
            'def f(w, layer, bits, mode="affine"):\n'
            "    q, s, *b = mx.quantize(w, bits=bits, mode=mode)\n"
            "    mx.eval(q, s, *b)\n    layer.biases = b[0] if b else None\n",
            id="biases that are computed and stored",
        ),
        pytest.param(
            "def f(w, bits):\n    q, _, _ = mx.quantize(w, bits=bits)\n    return q\n",
            'def f(w, bits, mode="affine"):\n'
            "    q, _, *_ = mx.quantize(w, bits=bits, mode=mode)\n    return q\n",
            id="biases that nobody uses",
        ),
        pytest.param(
            "def f(w, biases, bits):\n    w.q, w.s, w.biases = mx.quantize(w, bits=bits)\n",
            'def f(w, biases, bits, mode="affine"):\n'
            "    w.q, w.s, *quantized_biases = mx.quantize(w, bits=bits, mode=mode)\n"
            "    w.biases = quantized_biases[0] if quantized_biases else None\n",
            id="the name biases is taken",
        ),
        pytest.param(
            "def f(w, bits): return mx.quantize(w, bits=bits)[0]\n",
            'def f(w, bits, mode="affine"): return mx.quantize(w, bits=bits, mode=mode)[0]\n',
            id="a function of one line",
        ),
        pytest.param(
            "class A:\n    def f(self, w):\n"
            "        def g(bits):\n            return mx.quantize(w, bits=bits)[0]\n"
            "        return g(self.bits)\n",
            "class A:\n    def f(self, w):\n"
            '        def g(bits, mode="affine"):\n'
            "            return mx.quantize(w, bits=bits, mode=mode)[0]\n"
            "        return g(self.bits)\n",
            id="a function inside a method",
        ),
    ],
)
def test_edit(before, after):
    assert edit(CORE + before)[0] == CORE + after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "class A(nn.Module):\n    def __init__(self, bits): self.bits = bits\n"
            "    def __call__(self, x): return mx.quantized_matmul(x, self.w, self.s, bits=self.bits)\n",
            "class A(nn.Module):\n"
            '    def __init__(self, bits, mode="affine"): self.bits = bits; self.mode = mode\n'
            "    def __call__(self, x): return mx.quantized_matmul(\n"
            "        x, self.w, self.s, bits=self.bits, mode=self.mode\n    )\n",
            id="bodies on the line of the def",
        ),
        pytest.param(
            "class A(nn.Module):\n    def __init__(self, other=None):\n"
            "        self.bits = 4 if other is None else other.bits\n"
            "    def f(self, x):\n        return mx.quantize(x, bits=self.bits)[0]\n",
            "class A(nn.Module):\n    def __init__(self, other=None):\n"
            "        self.bits = 4 if other is None else other.bits\n"
            '        self.mode = getattr(other, "mode", "affine")\n'
            "    def f(self, x):\n        return mx.quantize(x, bits=self.bits, mode=self.mode)[0]\n",
            id="bits of another object",
        ),
        pytest.param(
            "class A(nn.QuantizedLinear):\n    def f(self, x):\n"
            '        return mx.quantized_matmul(x, self["weight"], self["scales"], self["biases"], bits=self.bits)\n',
            "class A(nn.QuantizedLinear):\n    def f(self, x):\n"
            "        return mx.quantized_matmul(\n            x,\n"
            '            self["weight"],\n            self["scales"],\n'
            '            self.get("biases"),\n            bits=self.bits,\n'
            "            mode=self.mode,\n        )\n",
            id="mode inherited from a layer of MLX",
        ),
        pytest.param(
            "class A(nn.Linear):\n    def to_quantized(self, group_size=64, bits=4):\n"
            "        return nn.QuantizedLinear.from_linear(self, group_size, bits)\n",
            "class A(nn.Linear):\n"
            '    def to_quantized(self, group_size=64, bits=4, mode="affine"):\n'
            "        return nn.QuantizedLinear.from_linear(self, group_size, bits, mode=mode)\n",
            id="an override of to_quantized",
        ),
        pytest.param(
            "class A(nn.Linear):\n    def to_quantized(self, group_size=64, bits=4):\n"
            "        return super().to_quantized(group_size, bits)\n",
            "class A(nn.Linear):\n"
            '    def to_quantized(self, group_size=64, bits=4, mode="affine"):\n'
            "        return super().to_quantized(group_size, bits, mode=mode)\n",
            id="an override that calls super()",
        ),
    ],
)
def test_edit_of_a_layer(before, after):
    assert edit(NN + before)[0] == NN + after


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(CORE + "mx.quantize(w)\n", id="no bits"),
        pytest.param(
            CORE + "for b in (2, 4):\n    mx.quantize(w, bits=b)\n",
            id="literals in turn",
        ),
        pytest.param(CORE + "BITS = 4\nmx.quantize(w, bits=BITS)\n", id="a constant"),
        pytest.param(
            CORE + "def f(w, bits):\n    mx.quantize(w, bits=bits, mode='mxfp4')\n",
            id="a mode is passed",
        ),
        pytest.param(
            CORE + "def f(w, bits, **kw):\n    mx.quantize(w, bits=bits, **kw)\n",
            id="keywords are passed on",
        ),
        pytest.param(
            CORE + "def f(w, bits):\n    mx = fake()\n    mx.quantize(w, bits=bits)\n",
            id="a shadowed mx",
        ),
        pytest.param(
            CORE + "def f(mx, w, bits):\n    mx.quantize(w, bits=bits)\n",
            id="mx is a parameter",
        ),
        pytest.param(
            CORE + "mx = fake(mx)\ndef f(w, bits):\n    mx.quantize(w, bits=bits)\n",
            id="mx is something else later",
        ),
        pytest.param(
            "from mlx.core import eval\ndef quantize(w, bits): ...\n"
            "def f(w, bits):\n    quantize(w, bits=bits)\n",
            id="a quantize of one's own",
        ),
        pytest.param(
            NN + "class A(nn.Module):\n    def __init__(self):\n        self.bits = 4\n"
            "    def f(self, w):\n        return mx.quantize(w, bits=self.bits)\n",
            id="a layer with fixed bits",
        ),
        pytest.param(
            CORE + "class Table:\n    def to_quantized(self, bits): ...\n"
            "def f(bits):\n    table = Table()\n    return table.to_quantized(bits=bits)\n",
            id="an object of another class",
        ),
        pytest.param(
            CORE + "class A(object):\n    def to_quantized(self, bits): ...\n",
            id="to_quantized of a class that is no layer",
        ),
        pytest.param(
            "import torch\ndef f(m, bits):\n    return m.to_quantized(bits=bits)\n",
            id="to_quantized of another library",
        ),
        pytest.param(
            NN + "def f(m, config):\n    return m.to_quantized(**config)\n",
            id="a configuration spread out",
        ),
    ],
)
def test_nothing_to_do(code):
    assert edit(code) == (code, [])


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param(
            CORE
            + "def f(w, bits):\n    _, _, b = mx.quantize(w, bits=bits)\n    return b + 1\n",
            "4: f is left as it was: b is used where it must not be missing",
            id="arithmetic on biases",
        ),
        pytest.param(
            CORE
            + "def f(w, bits):\n    q, s, b = mx.quantize(w, bits=bits)\n    return q, s, b\n",
            "4: f is left as it was: b is used where it must not be missing",
            id="biases returned to whoever calls",
        ),
        pytest.param(
            CORE
            + "def f(w, bits):\n    q = mx.quantize(w, bits=bits)\n    return q[2]\n",
            "4: f is left as it was: q has no third entry without biases",
            id="the third entry",
        ),
        pytest.param(
            CORE + "def f(w, bits):\n    return keep(mx.quantize(w, bits=bits))\n",
            "3: f is left as it was: what mx.quantize returns goes where it can't be followed",
            id="a result given away",
        ),
        pytest.param(
            CORE + "def f(w, bits):\n    return mx.quantize(w, bits=bits)\n"
            "q, s, b = f(x, 4)\n",
            "4: f is left as it was: three values are expected from f",
            id="three values expected by a caller",
        ),
        pytest.param(
            CORE + "def f(w, bits, mode):\n    return mx.quantize(w, bits=bits)[0]\n",
            "2: f is left as it was: the mode of f may not be a quantization mode",
            id="another mode",
        ),
        pytest.param(
            CORE
            + "def f(w, bits):\n    mode = w.mode\n    mx.quantize(w, bits=bits)\n",
            "2: f is left as it was: f uses the name mode for something else",
            id="the name mode is taken",
        ),
        pytest.param(
            CORE + "f = lambda w, bits: mx.quantize(w, bits=bits)\n",
            "2: bits is a parameter that can't have a mode beside it",
            id="a lambda",
        ),
        pytest.param(
            CORE + "def f(w):\n    mx.quantize(w, bits=32 // w.size)\n",
            "3: 32 // w.size is computed; pass the mode that goes with it",
            id="computed bits",
        ),
        pytest.param(
            CORE + "def f(w, c):\n    mx.quantize(w, bits=c['bits'] if c else 4)\n",
            "3: c['bits'] if c else 4 is computed; pass the mode that goes with it",
            id="a configuration that may be missing",
        ),
        pytest.param(
            CORE
            + "def f(w, c):\n    b = 4\n    if c:\n        b = c['bits']\n    mx.quantize(w, bits=b)\n",
            "6: b is computed; pass the mode that goes with it",
            id="a configuration that may be missing, by statements",
        ),
        pytest.param(
            CORE
            + "class A:\n    def f(self, w, bits):\n        mx.quantize(w, bits=bits)\n",
            "3: f is left as it was: class A is not known to be an nn.Module",
            id="a method of another class",
        ),
        pytest.param(
            CORE
            + "class A(Base):\n    def to_quantized(self, group_size, bits): ...\n",
            "3: to_quantized takes no mode; if A is an nn.Module, nn.quantize fails",
            id="an override under an unknown base",
        ),
        pytest.param(
            NN + "from .x import QuantizedX\nclass A(nn.Module):\n"
            "    def to_quantized(self, group_size, bits):\n"
            "        return QuantizedX(self, group_size, bits)\n",
            "6: A is left as it was: QuantizedX is not in this file; see whether it takes a mode",
            id="an override that would drop the mode",
        ),
        pytest.param(
            NN
            + "class A(nn.Module):\n    def __init__(self, bits):\n        self.bits = bits\n"
            "    def f(self, x):\n        return mx.quantize(x, bits=self.bits)[0] + self.biases\n",
            "7: A is left as it was: self.biases is used where it must not be missing",
            id="a layer that computes with biases",
        ),
        pytest.param(
            NN
            + "class A(nn.Module):\n    def __init__(self, bits):\n        self.bits = bits\n"
            "        self.mode = bits > 4\n"
            "    def f(self, x):\n        return mx.quantize(x, bits=self.bits)[0]\n",
            "6: A is left as it was: self.mode already means something else",
            id="a layer with another mode",
        ),
    ],
)
def test_left_for_review(code, reason):
    assert edit(code) == (code, [reason])


def test_what_needs_a_class_that_fails_is_left_too():
    code = (
        NN + "class Packed(nn.Module):\n    def __init__(self, bits):\n"
        "        self.bits = bits\n        self.mode = bits > 4\n"
        "        self.w = mx.quantize(w, bits=bits)[0]\n"
        "class Dense(nn.Module):\n    def to_quantized(self, group_size, bits):\n"
        "        return Packed(bits)\n"
    )
    text, reviews = edit(code)
    assert text == code
    assert reviews == [
        "6: Packed is left as it was: self.mode already means something else",
        "10: Dense is left as it was: Packed could not be migrated, see there",
    ]
