"""The files of one run, migrated together: names lead from one into another."""

import pytest

from mlxport.codemods.changes import BREAKS, NEEDED
from mlxport.codemods.editing import migrate_program
from mlxport.codemods.names import SourceModule
from mlxport.codemods.program import Program
from mlxport.codemods.registry import load_recipe

RECIPE = load_recipe("quantization_mode")
CORE = "import mlx.core as mx\n"
NN = "import mlx.core as mx\nimport mlx.nn as nn\n"
PACK = CORE + "def pack(w, bits):\n    return mx.quantize(w, bits=bits)[0]\n"
PACKED = (
    CORE
    + 'def pack(w, bits, mode="affine"):\n    return mx.quantize(w, bits=bits, mode=mode)[0]\n'
)
LAYER = (
    NN + "class Packed(nn.Module):\n    def __init__(self, bits):\n"
    "        self.bits = bits\n        self.w = mx.quantize(w, bits=bits)[0]\n"
)
CALL = "def f(w, bits):\n    return {}(w, bits)\n"
CALLED = 'def f(w, bits, mode="affine"):\n    return {}(w, bits, mode=mode)\n'


def run(files, tmp_path, given=None):
    """Migrate files; those not given are only looked into."""
    paths = {name: tmp_path / name for name in files}
    for name, text in files.items():
        paths[name].parent.mkdir(parents=True, exist_ok=True)
        paths[name].write_text(text)
    program = Program(paths.values())
    for name in given or files:
        program.add(paths[name], SourceModule(files[name]))
    drafts = migrate_program(program, [RECIPE])
    after = {
        name: drafts[path].after if path in drafts else files[name]
        for name, path in paths.items()
    }
    findings = {
        name: [(f.line, f.action, f.severity, f.reason) for f in drafts[path].findings]
        for name, path in paths.items()
        if path in drafts
    }
    return after, findings


@pytest.mark.parametrize(
    ("files", "caller", "name"),
    [
        pytest.param({"p/a.py": PACK}, "from .a import pack\n", "pack", id="imported"),
        pytest.param({"p/a.py": PACK}, "from .a import pack as g\n", "g", id="renamed"),
        pytest.param({"p/a.py": PACK}, "from . import a\n", "a.pack", id="module"),
        pytest.param(
            {"p/__init__.py": "", "p/a.py": PACK},
            "from p.a import pack\n",
            "pack",
            id="absolute",
        ),
        pytest.param(
            {"p/__init__.py": "", "p/a.py": PACK},
            "import p.a\n",
            "p.a.pack",
            id="dotted",
        ),
        pytest.param(
            {"p/__init__.py": "from .a import pack\n", "p/a.py": PACK},
            "from . import pack\n",
            "pack",
            id="exported again",
        ),
        pytest.param(
            {"p/q/__init__.py": "from .a import *\n", "p/q/a.py": PACK},
            "from .q import pack\n",
            "pack",
            id="exported by a star",
        ),
        pytest.param(
            {"p/a.py": PACK}, "from .a import *\n", "pack", id="imported by a star"
        ),
        pytest.param({"p/a.py": PACK}, "from a import pack\n", "pack", id="script"),
        pytest.param(
            {"src/p/__init__.py": "", "src/p/a.py": PACK},
            "from p.a import pack\n",
            "pack",
            id="src",
        ),
        pytest.param(
            {"p/a.py": PACK},
            "def later():\n    from .a import pack\n",
            None,
            id="another scope",
        ),
        pytest.param({"p/a.py": PACK}, "from .b import pack\n", None, id="elsewhere"),
        pytest.param(
            {"p/a.py": PACK},
            "from .a import pack\npack = wrap(pack)\n",
            None,
            id="wrapped",
        ),
    ],
)
def test_a_call_in_another_file(tmp_path, files, caller, name):
    before = caller + CALL.format(name or "pack")
    after, _ = run(
        {**files, "p/main.py": before},
        tmp_path,
        given=[next(n for n, text in files.items() if text == PACK)],
    )
    assert PACKED in after.values()
    expected = caller + CALLED.format(name) if name else before
    assert after["p/main.py"] == expected


@pytest.mark.parametrize(
    ("imported", "text"),
    [
        pytest.param("from .compat import mx\n", "mx", id="a name"),
        pytest.param("from . import compat\n", "compat.mx", id="an attribute"),
        pytest.param("from .compat import *\n", "mx", id="a star"),
    ],
)
def test_mlx_through_another_file(tmp_path, imported, text):
    files = {
        "p/compat.py": "try:\n    import mlx.core as mx\nexcept ImportError:\n    mx = None\n",
        "p/a.py": f"{imported}def f(w, bits):\n    return {text}.quantize(w, bits=bits)[0]\n",
    }
    after, _ = run(files, tmp_path, given=["p/a.py"])
    assert f"{text}.quantize(w, bits=bits, mode=mode)[0]" in after["p/a.py"]


def test_a_layer_of_another_file_has_a_mode(tmp_path):
    files = {
        "p/layer.py": LAYER,
        "p/fuse.py": CORE
        + "from .layer import Packed\ndef fuse(m):\n    if isinstance(m, Packed):\n"
        "        return mx.quantize(m.w, bits=m.bits)[0]\n",
    }
    after, _ = run(files, tmp_path)
    assert "bits=m.bits, mode=m.mode)" in after["p/fuse.py"]
    assert "self.mode = mode" in after["p/layer.py"]


def test_a_base_class_of_another_file(tmp_path):
    files = {
        "p/layer.py": LAYER,
        "p/wide.py": CORE
        + "from .layer import Packed\nclass Wide(Packed):\n    def __init__(self, bits):\n"
        "        super().__init__(bits)\n    def __call__(self, x):\n"
        "        return mx.quantized_matmul(x, self.w, self.s, self['biases'], bits=self.bits)\n",
    }
    after, _ = run(files, tmp_path)
    assert 'def __init__(self, bits, mode="affine"):' in after["p/wide.py"]
    assert "super().__init__(bits, mode=mode)" in after["p/wide.py"]
    assert 'self.get("biases")' in after["p/wide.py"]


def test_what_another_file_returns(tmp_path):
    files = {
        "p/a.py": CORE + "def pack(w, bits):\n    return mx.quantize(w, bits=bits)\n",
        "p/b.py": CORE
        + "from .a import pack\ndef f(w, bits):\n    q, s, b = pack(w, bits)\n"
        "    return mx.dequantize(q, s, b, bits=bits)\n"
        "q, s, b = pack(w, 4)\n",
    }
    after, _ = run(files, tmp_path)
    assert "q, s, *b = pack(w, bits, mode=mode)\n" in after["p/b.py"]
    assert "mx.dequantize(q, s, *b, bits=bits, mode=mode)\n" in after["p/b.py"]
    # With fixed bits it stays affine, and three arrays come back.
    assert after["p/b.py"].endswith("q, s, b = pack(w, 4)\n")


def test_all_files_or_none(tmp_path):
    broken = LAYER + "        self.mode = bits > 4\n"
    files = {
        "p/layer.py": broken,
        "p/dense.py": "import mlx.nn as nn\nfrom .layer import Packed\n"
        "class Dense(nn.Module):\n    def to_quantized(self, group_size, bits):\n"
        "        return Packed(bits)\n",
    }
    after, findings = run(files, tmp_path)
    assert after == files
    assert [f[3] for f in findings["p/layer.py"]] == [
        "Packed is left as it was: self.mode already means something else"
    ]
    assert findings["p/dense.py"] == [
        (
            5,
            "review",
            BREAKS,
            "Dense is left as it was: Packed could not be migrated, see there",
        )
    ]


def test_severity_is_that_of_the_place(tmp_path):
    code = (
        NN + "class A(nn.Linear):\n    def to_quantized(self, group_size=64, bits=4):\n"
        "        return nn.QuantizedLinear.from_linear(self, group_size, bits)\n"
    )
    _, findings = run({"a.py": code}, tmp_path)
    assert [(f[0], f[2]) for f in findings["a.py"]] == [(4, BREAKS), (5, NEEDED)]


def test_imports_in_a_circle_end(tmp_path):
    files = {
        "p/a.py": CORE
        + "from .b import pack\ndef f(w, bits):\n    return pack(w, bits=bits)\n",
        "p/b.py": "from .a import pack\nfrom .a import *\nimport mlx\n",
    }
    assert run(files, tmp_path)[0] == files


def test_a_second_run_changes_nothing(tmp_path):
    files = {
        "p/layer.py": LAYER,
        "p/a.py": PACK,
        "p/b.py": "from .a import pack\n" + CALL.format("pack"),
    }
    after, _ = run(files, tmp_path)
    assert after != files
    assert run(after, tmp_path)[0] == after
