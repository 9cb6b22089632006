"""The recorded results of MLX; golden/README.md says what they are."""

import json
from pathlib import Path

import numpy as np
import pytest

from mlxport import runtime as rt
from mlxport.runtime import fast

from . import oracle
from .variants import BFLOAT16, bits_of

GOLDEN = Path(__file__).parent / "golden"
CASES = [json.loads(line) for line in (GOLDEN / "cases.jsonl").read_text().splitlines()]


def cases(*functions):
    found = [case for case in CASES if case["function"] in functions]
    return pytest.mark.parametrize("case", found, ids=lambda case: case["id"])


@pytest.fixture(scope="module")
def archive():
    with np.load(GOLDEN / "arrays.npz") as arrays:
        yield arrays


def read(archive, entries):
    return {
        name: (
            archive[entry["key"]].view(BFLOAT16)
            if entry["dtype"] == "bfloat16"
            else archive[entry["key"]]
        )
        for name, entry in entries.items()
    }


def arguments(case):
    """Return the options with the global scale as an array."""
    options = dict(case["options"])
    if "global_scale" in case:
        options["global_scale"] = np.array(case["global_scale"], np.float32)
    return options


def assert_same(found, expected):
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(bits_of(found), bits_of(expected))


@cases("quantize")
def test_quantize(case, archive):
    w = read(archive, case["inputs"])["w"]
    w_q, *stored = read(archive, case["outputs"]).values()
    options = arguments(case)
    found = rt.quantize(w, **options)
    for ours, expected in zip(found[1:], stored, strict=True):
        assert_same(ours, expected)
    mode = next(mode for mode in rt.modes() if mode.name == options["mode"])
    if mode.element_format != "e2m1":
        assert_same(found[0], w_q)
        return
    # Codes may differ where both are as near, or both are zero.
    scale = oracle.decode_scales(stored[0], mode.scale_format)
    if "global_scale" in options:
        scale = scale * float(options["global_scale"]) / 2688
    scale = scale.repeat(options["group_size"], -1)
    ours, theirs = (
        oracle.decode_elements(oracle.unpack(words, 4), "e2m1") * scale
        for words in (found[0], w_q)
    )
    w = w.astype(np.float64)
    assert ((ours == theirs) | (np.abs(ours - w) == np.abs(theirs - w))).all()


@cases("dequantize")
def test_dequantize(case, archive):
    expected = read(archive, case["outputs"])["out"]
    options = arguments(case)
    if "global_scale" in options:
        options["dtype"] = "float32"
    found = rt.dequantize(*read(archive, case["inputs"]).values(), **options)
    assert_same(found, expected)


def assert_near(case, found, outputs, own_error=0):
    exact, out = outputs["ref64"], outputs["out"]
    assert found.dtype == out.dtype
    found = np.atleast_2d(found)
    alive = np.ones(found.shape[-2], bool)
    alive[case.get("queries_without_keys", [])] = False
    assert not found[..., ~alive, :].any()
    for reference, tolerance in ((exact, "atol_vs_ref64"), (out, "atol_vs_mlx")):
        ours, theirs = (
            np.atleast_2d(array)[..., alive, :].astype(np.float64)
            for array in (found, reference)
        )
        assert np.abs(ours - theirs).max() <= max(case[tolerance], own_error)


@cases("quantized_matmul")
@pytest.mark.usefixtures("isa")
def test_quantized_matmul(case, archive):
    x, *arrays = read(archive, case["inputs"]).values()
    found = rt.quantized_matmul(x, *arrays, **case["options"])
    outputs = read(archive, case["outputs"])
    assert found.shape == outputs["out"].shape
    # Some tolerances are narrower than the error of float32's own sums.
    mode = next(m for m in rt.modes() if m.name == case["options"]["mode"])
    group_size = case["options"].get("group_size", mode.default_group_size)
    bits = case["options"].get("bits", mode.default_bits)
    w = np.abs(oracle.dequantize(arrays, mode, group_size, bits))
    if case["options"].get("transpose", True):
        w = w.swapaxes(-1, -2)
    own_error = 2**-23 * (np.abs(x.astype(np.float64)) @ w).max()
    assert_near(case, found, outputs, own_error)


@cases("scaled_dot_product_attention")
def test_attention(case, archive):
    inputs = read(archive, case["inputs"])
    options = {**case["options"], "sinks": inputs.get("sinks")}
    if "mask" in inputs:
        options["mask"] = inputs["mask"]
    q, k, v = (inputs[name] for name in "qkv")
    found = fast.scaled_dot_product_attention(q, k, v, **options)
    assert_near(case, found, read(archive, case["outputs"]))


@cases("to_fp8")
def test_to_fp8(case, archive):
    x = read(archive, case["inputs"])["x"]
    view = case["options"].get("view")
    x = x.view({"bfloat16": BFLOAT16}.get(view, view)) if view else x
    assert_same(rt.to_fp8(x), read(archive, case["outputs"])["out"])


@cases("from_fp8")
def test_from_fp8(case, archive):
    found = rt.from_fp8(read(archive, case["inputs"])["x"], **case["options"])
    expected = read(archive, case["outputs"])["out"]
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found.astype(np.float64), expected.astype(np.float64))
