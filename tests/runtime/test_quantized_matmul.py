"""quantized_matmul against float64: shapes, types, accumulation."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlxport import runtime as rt
from mlxport.runtime import _core

from . import oracle
from .variants import (
    BFLOAT16,
    FLOATS,
    HALVES,
    VARIANTS,
    bits_of,
    epsilon,
    options,
    variant_id,
)

pytestmark = pytest.mark.usefixtures("isa")
FLOAT_IDS = [str(dtype) for dtype in FLOATS]


def quantized(variant, shape, dtype=np.float32, seed=0):
    """Return the arrays of random weights, and their values in float64."""
    mode, group_size, bits = variant
    w = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    arrays = rt.quantize(w, **options(variant))
    return arrays, oracle.dequantize(arrays, mode, group_size, bits)


def assert_product(found, x, w, dtype):
    """Allow one rounding of the result, and the error of the sum in its arithmetic."""
    assert found.dtype == dtype
    x = x.astype(np.float64)
    exact = x @ w.swapaxes(-1, -2)
    tolerance = np.abs(exact) * epsilon(dtype) * (1 + 1e-6) + 1e-11
    if _core.last_kernel() != "quantized_matmul scalar":
        # A number of x is off by 2^-23 of the largest of its group at most, on average by far
        # less, and the sums of the lanes are off by a few roundings to float32.
        tolerance = tolerance + 1e-6 * (np.abs(x) @ np.abs(w).swapaxes(-1, -2))
    assert (np.abs(found.astype(np.float64) - exact) <= tolerance).all()


def expected_kernel(isa, dtype=np.float32, transpose=True):
    """Return what a product is to run on: the vector kernels do neither double nor columns."""
    vectors = transpose and dtype != np.float64
    return f"quantized_matmul {isa if vectors else 'scalar'}"


@pytest.mark.parametrize("transpose", [True, False], ids=["transposed", "plain"])
@pytest.mark.parametrize("dtype", FLOATS, ids=FLOAT_IDS)
@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_any_variant(variant, dtype, transpose, isa):
    rows = 7 if transpose else 33
    arrays, w = quantized(variant, (rows, 2 * variant[1]), dtype)
    inner = w.shape[1] if transpose else rows
    x = np.random.default_rng(1).standard_normal((3, inner)).astype(dtype)
    found = rt.quantized_matmul(x, *arrays, transpose=transpose, **options(variant))
    assert _core.last_kernel() == expected_kernel(isa, dtype, transpose)
    assert_product(found, x, w if transpose else w.T, dtype)


SMALL = [next(v for v in VARIANTS if v[0] is mode) for mode in rt.modes()]


@pytest.mark.parametrize(
    ("x", "w", "transpose", "expected"),
    [
        pytest.param((128,), (5, 128), True, (5,), id="vector"),
        pytest.param((1, 128), (5, 128), True, (1, 5), id="one row"),
        pytest.param(
            (2, 3, 4, 128), (5, 128), True, (2, 3, 4, 5), id="stack times matrix"
        ),
        pytest.param((6, 128), (2, 5, 128), True, (2, 6, 5), id="matrix times stack"),
        pytest.param((128,), (2, 5, 128), True, (2, 5), id="vector times stack"),
        pytest.param((2, 6, 128), (2, 5, 128), True, (2, 6, 5), id="equal stacks"),
        pytest.param((1, 6, 128), (2, 5, 128), True, (2, 6, 5), id="stack of one"),
        pytest.param(
            (3, 1, 2, 128), (4, 5, 128), True, (3, 4, 2, 5), id="outer batches"
        ),
        pytest.param(
            (2, 6, 128), (3, 1, 5, 128), True, (3, 2, 6, 5), id="stack of stacks"
        ),
        pytest.param((6, 5), (5, 128), False, (6, 128), id="plain"),
        pytest.param((2, 6, 5), (2, 5, 128), False, (2, 6, 128), id="plain stacks"),
        pytest.param((5,), (5, 128), False, (128,), id="plain vector"),
        pytest.param((0, 128), (5, 128), True, (0, 5), id="no rows"),
        pytest.param((2, 0, 128), (5, 128), True, (2, 0, 5), id="stack of no rows"),
        pytest.param((0, 3, 128), (5, 128), True, (0, 3, 5), id="empty stack"),
        pytest.param(
            (0, 3, 128), (1, 5, 128), True, (0, 3, 5), id="empty stack broadcast"
        ),
        pytest.param((3, 128), (0, 128), True, (3, 0), id="no columns"),
        pytest.param((3, 0), (4, 0), True, (3, 4), id="nothing to sum"),
        pytest.param((0,), (4, 0), True, (4,), id="empty vector"),
        pytest.param((3, 0), (0, 128), False, (3, 128), id="plain, nothing to sum"),
        pytest.param((3, 4), (4, 0), False, (3, 0), id="plain, no columns"),
    ],
)
@pytest.mark.parametrize("variant", SMALL, ids=variant_id)
def test_shapes(variant, x, w, transpose, expected):
    arrays, weights = quantized(variant, w)
    values = np.random.default_rng(1).standard_normal(x).astype(np.float32)
    found = rt.quantized_matmul(
        values, *arrays, transpose=transpose, **options(variant)
    )
    assert found.shape == expected
    assert found.flags.owndata
    weights = weights if transpose else weights.swapaxes(-1, -2)
    assert_product(found, values, weights, np.float32)


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_ragged_sizes(data):
    variant = data.draw(st.sampled_from(VARIANTS))
    transpose = data.draw(st.booleans())
    rows, groups = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 4))
    arrays, w = quantized(variant, (rows, groups * variant[1]))
    m = data.draw(st.integers(1, 40))
    dtype = data.draw(st.sampled_from([np.float64, np.float32]))
    arrays[1:] = [a if a.dtype == np.uint8 else a.astype(dtype) for a in arrays[1:]]
    x = np.random.default_rng(2).standard_normal((m, w.shape[1] if transpose else rows))
    x = x.astype(dtype)
    found = rt.quantized_matmul(x, *arrays, transpose=transpose, **options(variant))
    assert_product(found, x, w if transpose else w.T, dtype)


@pytest.mark.parametrize("transpose", [True, False], ids=["transposed", "plain"])
@pytest.mark.parametrize("dtype", FLOATS, ids=FLOAT_IDS)
@pytest.mark.parametrize("variant", SMALL, ids=variant_id)
def test_a_row_does_not_depend_on_the_others(variant, dtype, transpose):
    arrays, w = quantized(variant, (64, 128), dtype)
    x = np.random.default_rng(3).standard_normal((70, w.shape[transpose])).astype(dtype)
    whole = rt.quantized_matmul(x, *arrays, transpose=transpose, **options(variant))
    for m in (1, 2, 31, 32, 33):
        part = rt.quantized_matmul(
            x[:m], *arrays, transpose=transpose, **options(variant)
        )
        np.testing.assert_array_equal(bits_of(part), bits_of(whole[:m]))


@pytest.mark.parametrize(
    "x_dtype", [*FLOATS, np.dtype(np.int32), np.dtype(bool)], ids=str
)
@pytest.mark.parametrize("scale_dtype", FLOATS, ids=FLOAT_IDS)
@pytest.mark.parametrize("bias_dtype", FLOATS, ids=FLOAT_IDS)
def test_promotion_with_biases(x_dtype, scale_dtype, bias_dtype):
    w_q, scales, biases = rt.quantize(
        np.linspace(-1, 1, 128, dtype=np.float32).reshape(2, 64)
    )
    found = rt.quantized_matmul(
        np.ones((1, 64), x_dtype),
        w_q,
        scales.astype(scale_dtype),
        biases.astype(bias_dtype),
    )
    dtypes = {x_dtype.name, scale_dtype.name, bias_dtype.name} - {"int32", "bool"}
    if "float64" in dtypes:
        expected = np.float64
    elif "float32" in dtypes or len(dtypes) == 2:
        expected = np.float32
    else:
        expected = scale_dtype
    assert found.dtype == expected


@pytest.mark.parametrize("dtype", FLOATS, ids=FLOAT_IDS)
@pytest.mark.parametrize(
    "variant", [v for v in SMALL if v[0].scale_format], ids=variant_id
)
def test_byte_scales_give_the_type_of_x(variant, dtype):
    arrays, _ = quantized(variant, (2, 64))
    x = np.ones((1, 64), dtype)
    assert rt.quantized_matmul(x, *arrays, **options(variant)).dtype == dtype


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_half_types_are_accumulated_wide(dtype):
    """In the type itself 1 + 1 + ... stops growing, and a partial sum of codes overflows."""
    ones = rt.quantize(np.ones((1, 16384), dtype), mode="mxfp8")
    x = np.ones((1, 16384), dtype)
    assert rt.quantized_matmul(x, *ones, mode="mxfp8")[0, 0] == 16384
    ones = rt.quantize(np.ones((1, 32), dtype), mode="mxfp8")
    assert (
        rt.quantized_matmul(np.full((1, 32), 10, dtype), *ones, mode="mxfp8")[0, 0]
        == 320
    )


@pytest.mark.parametrize("transpose", [True, False], ids=["transposed", "plain"])
@pytest.mark.parametrize(
    "variant", [v for v in SMALL if v[0].has_global_scale], ids=variant_id
)
def test_global_scale(variant, transpose):
    mode, group_size, bits = variant
    w = np.random.default_rng(4).standard_normal((48, 64)).astype(np.float32) * 1e-4
    largest = np.abs(w).max()
    arrays = rt.quantize(w, **options(variant), global_scale=largest)
    values = oracle.dequantize(arrays, mode, group_size, bits, largest)
    x = (
        np.random.default_rng(5)
        .standard_normal((2, values.shape[transpose]))
        .astype(np.float32)
    )
    found = rt.quantized_matmul(
        x, *arrays, transpose=transpose, **options(variant), global_scale=largest
    )
    assert_product(found, x, values if transpose else values.T, np.float32)


@pytest.mark.parametrize("value", [np.nan, np.inf], ids=str)
@pytest.mark.parametrize("variant", SMALL, ids=variant_id)
def test_nan_and_infinity_stay_in_their_row(variant, value):
    arrays, _ = quantized(variant, (5, 64))
    x = np.ones((3, 64), np.float32)
    x[1, 7] = value
    found = rt.quantized_matmul(x, *arrays, **options(variant))
    assert not np.isfinite(found[1]).any()
    assert np.isfinite(found[[0, 2]]).all()


def test_many_rows():
    """More than 32,768, where MLX's kernels once went wrong."""
    w_q, scales, biases = rt.quantize(np.eye(2, 64, dtype=np.float32), 64, 8)
    x = np.random.default_rng(6).integers(-50, 50, (33000, 64)).astype(BFLOAT16)
    found = rt.quantized_matmul(x, w_q, scales, biases, True, 64, 8)
    np.testing.assert_allclose(found, x[:, :2].astype(np.float32), atol=1e-3)


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_long_rows(variant):
    """Many blocks of a kernel, and a last one that is not whole."""
    arrays, w = quantized(variant, (33, 1024 + variant[1]))
    x = np.random.default_rng(7).standard_normal((6, w.shape[1])).astype(np.float32)
    found = rt.quantized_matmul(x, *arrays, **options(variant))
    assert_product(found, x, w, np.float32)
    exact = x.astype(np.float64) @ w.T
    assert np.linalg.norm(found - exact) <= 1e-6 * np.linalg.norm(exact)


@pytest.mark.parametrize("size", [1e-42, 1e-38, 1e-20, 1e20, 3e36], ids=str)
@pytest.mark.parametrize("variant", SMALL, ids=variant_id)
def test_any_magnitude(variant, size):
    arrays, w = quantized(variant, (5, 256))
    x = np.random.default_rng(8).uniform(-1, 1, (2, 256)) * size
    x = x.astype(np.float32)
    exact = x.astype(np.float64) @ w.T
    found = rt.quantized_matmul(x, *arrays, **options(variant))
    # Every lane is rounded to a denormal, and the result once more.
    smallest = 32 * float(np.finfo(np.float32).smallest_subnormal)
    np.testing.assert_allclose(
        found, exact, rtol=1e-5, atol=1e-6 * size * 200 + smallest
    )


@pytest.mark.parametrize("variant", SMALL, ids=variant_id)
def test_groups_of_different_magnitude_keep_their_precision(variant):
    """A product by one group does not lose what another, large one has to round away."""
    mode, group_size, bits = variant
    w = np.random.default_rng(9).standard_normal((4, 4 * group_size)).astype(np.float32)
    w[:, :group_size] = 0
    x = (
        np.random.default_rng(10)
        .standard_normal((1, 4 * group_size))
        .astype(np.float32)
    )
    x[:, :group_size] = 1e30
    arrays = rt.quantize(w, **options(variant))
    values = oracle.dequantize(arrays, mode, group_size, bits)
    if values[:, :group_size].any():
        pytest.skip("the mode has no zero")
    found = rt.quantized_matmul(x, *arrays, **options(variant))
    np.testing.assert_allclose(found, x.astype(np.float64) @ values.T, rtol=1e-4)


def test_sums_that_leave_float32_on_the_way():
    w = np.full((3, 64), 3e38, np.float32)
    w[:, ::2] *= -1
    arrays = rt.quantize(w, mode="mxfp4")
    x = np.ones((1, 64), np.float32)
    assert not rt.quantized_matmul(x, *arrays, mode="mxfp4").any()


@pytest.mark.parametrize("byte", [0x7F, 0xFF])
def test_nan_among_the_elements(byte):
    arrays = rt.quantize(np.ones((3, 64), np.float32), mode="mxfp8")
    arrays[0].view(np.uint8)[1, 40] = byte
    found = rt.quantized_matmul(np.zeros((2, 64), np.float32), *arrays, mode="mxfp8")
    np.testing.assert_array_equal(np.isnan(found), [[False, True, False]] * 2)


def test_an_infinite_scale_is_the_oracles():
    arrays = rt.quantize(np.ones((3, 64), np.float32))
    arrays[1][1, 0] = np.inf
    x = np.ones((1, 64), np.float32)
    found = rt.quantized_matmul(x, *arrays)
    assert not np.isfinite(found[0, 1])
    assert np.isfinite(found[0, [0, 2]]).all()
