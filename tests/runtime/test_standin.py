import subprocess
import sys

import numpy as np
import pytest

from mlxport import runtime
from mlxport.runtime import standin
from mlxport.runtime.standin import core as mx

SCRIPT = """
import sys
import mlx.core as mx
from mlx.nn import Linear
from mlx.utils import tree_flatten
mx.random.seed(0)
layer = Linear(32, 4).to_quantized(32, 4, mode="mxfp4")
print(layer(mx.ones((1, 32))).shape, sorted(k for k, _ in tree_flatten(layer.parameters())), *sys.argv[1:])
"""


def run(*arguments, cwd):
    command = [sys.executable, "-m", "mlxport.runtime.standin", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments", [["job.py"], ["-m", "job"]], ids=["script", "module"]
)
def test_runs_a_program(tmp_path, arguments):
    (tmp_path / "job.py").write_text(SCRIPT)
    done = run(*arguments, "--flag", cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout == "(1, 4) ['bias', 'scales', 'weight'] --flag\n"


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["-m"]], ids=["none", "help", "no module"]
)
def test_usage(tmp_path, arguments):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Run a script or a module" in done.stderr


def test_unknown_name_says_what_is_covered():
    with pytest.raises(AttributeError, match="no 'fft'; it covers quantization"):
        mx.fft  # noqa: B018


@pytest.mark.parametrize(
    "name", [n for n in runtime.__all__ if "q" in n or n.endswith("fp8")]
)
def test_has_the_ops_of_the_runtime(name):
    assert getattr(mx, name) is getattr(runtime, name)


def test_refuses_a_second_mlx(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlx.core", sys)
    with pytest.raises(RuntimeError, match="imported already"), standin.installed():
        pass


def test_leaves_no_trace(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "mlx"]:
        monkeypatch.delitem(sys.modules, name)
    with standin.installed():
        import mlx.core

        assert mlx.core is mx
    assert not [name for name in sys.modules if name.split(".")[0] == "mlx"]


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        pytest.param([1, 2], np.int32, id="Python ints"),
        pytest.param([1.5], np.float32, id="Python floats"),
        pytest.param(np.float64(1), np.float32, id="float64"),
        pytest.param(np.arange(3), np.int64, id="an integer array keeps its dtype"),
        pytest.param([True], np.bool_, id="bools"),
    ],
)
def test_array_dtype(value, dtype):
    made = mx.array(value)
    assert made.dtype == dtype
    assert isinstance(made, mx.array)


@pytest.mark.parametrize("size", [1.0, 1e4, -1e4], ids=["small", "large", "negative"])
@pytest.mark.parametrize("dtype", [mx.float16, mx.float32, mx.bfloat16], ids=str)
def test_softmax_and_sigmoid_do_not_overflow(size, dtype):
    x = np.array([[size, 0.0]]).astype(dtype)
    wide = x.astype(np.float64)
    softmax = np.exp(wide - wide.max()) / np.exp(wide - wide.max()).sum()
    # One rounding to the dtype, of numbers of at most 1.
    atol = {"float16": 2**-11, "float32": 2**-23, "bfloat16": 2**-8}[str(dtype)]
    np.testing.assert_allclose(mx.softmax(x).astype(np.float64), softmax, atol=atol)
    sigmoid = 1 / (1 + np.exp(-np.clip(wide, -700, 700)))
    np.testing.assert_allclose(mx.sigmoid(x).astype(np.float64), sigmoid, atol=atol)


def test_archive_round_trip(tmp_path):
    arrays = {"a.b": mx.zeros((2, 3)), "c": mx.arange(4)}
    mx.savez(str(tmp_path / "w.npz"), **arrays)
    loaded = mx.load(str(tmp_path / "w.npz"))
    assert {name: array.dtype for name, array in loaded.items()} == {
        "a.b": np.float32,
        "c": np.int32,
    }


def test_archive_refuses_bfloat16(tmp_path):
    with pytest.raises(ValueError, match="w is bfloat16"):
        mx.savez(str(tmp_path / "w.npz"), w=mx.zeros(2, mx.bfloat16))
    assert not (tmp_path / "w.npz").exists()
