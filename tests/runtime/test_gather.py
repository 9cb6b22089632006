"""gather_qmm: which matrices are multiplied, indices, a global scale for each."""

import math

import numpy as np
import pytest

from mlxport import runtime as rt
from mlxport.runtime import _core

from . import oracle
from .variants import FLOATS, VARIANTS, bits_of, epsilon, options, variant_id

pytestmark = pytest.mark.usefixtures("isa")
RNG = np.random.default_rng(0)
SMALL = [next(v for v in VARIANTS if v[0] is mode) for mode in rt.modes()]


def stacks(variant, x_shape, w_shape, dtype=np.float32):
    """Return random x, quantized random W, and W's values."""
    w = RNG.standard_normal(w_shape).astype(dtype)
    arrays = rt.quantize(w, **options(variant))
    x = RNG.standard_normal(x_shape).astype(dtype)
    return x, arrays, oracle.dequantize(arrays, *variant)


def reference(x, w, lhs, rhs):
    """Return products of pairs and of their magnitudes, in float64; w is transposed already."""
    x = x.astype(np.float64).reshape(math.prod(x.shape[:-2]), *x.shape[-2:])
    w = w.reshape(math.prod(w.shape[:-2]), *w.shape[-2:])
    lhs, rhs = np.broadcast_arrays(lhs, rhs)
    return x[lhs] @ w[rhs], np.abs(x[lhs]) @ np.abs(w[rhs])


def assert_near(found, exact, sizes):
    tolerance = np.abs(exact) * epsilon(found.dtype) * 1.0001 + 1e-6 * sizes
    assert (np.abs(found.astype(np.float64) - exact) <= tolerance).all()


@pytest.mark.parametrize("transpose", [True, False], ids=["transposed", "plain"])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("variant", SMALL, ids=variant_id)
def test_pairs(variant, dtype, transpose, isa):
    inner = 128 if transpose else 64
    x, arrays, w = stacks(variant, (2, 3, 4, inner), (5, 64, 128), dtype)
    lhs, rhs = np.array([[0], [5]]), np.array([4, 0, 0], np.uint32)
    found = rt.gather_qmm(
        x,
        *arrays,
        lhs_indices=lhs,
        rhs_indices=rhs,
        transpose=transpose,
        **options(variant),
    )
    assert found.dtype == dtype
    assert found.shape == (2, 3, 4, 64 if transpose else 128)
    vectors = transpose and dtype != np.float64
    assert _core.last_kernel() == f"quantized_matmul {isa if vectors else 'scalar'}"
    w = w.swapaxes(-1, -2) if transpose else w
    assert_near(found, *reference(x, w, lhs, rhs))


@pytest.mark.parametrize(
    ("x", "w", "lhs", "rhs", "expected"),
    [
        pytest.param(
            (4, 1, 64), (4, 8, 64), None, [3, 2, 1, 0], (4, 1, 8), id="no lhs"
        ),
        pytest.param((4, 1, 64), (2, 8, 64), [3, 3], None, (2, 1, 8), id="no rhs"),
        pytest.param((2, 64), (3, 8, 64), None, [2], (1, 2, 8), id="x one matrix"),
        pytest.param((3, 2, 64), (8, 64), [1, 2], None, (2, 2, 8), id="w one matrix"),
        pytest.param((3, 2, 64), (3, 8, 64), 1, 2, (2, 8), id="0-d"),
        pytest.param(
            (2, 3, 1, 64), (2, 8, 64), None, [[1], [0]], (2, 3, 1, 8), id="2-d"
        ),
        pytest.param((3, 1, 64), (2, 8, 64), [], [], (0, 1, 8), id="no pairs"),
        pytest.param((3, 0, 64), (2, 8, 64), [1], [1], (1, 0, 8), id="no rows"),
    ],
)
def test_indices_that_are_left_out(x, w, lhs, rhs, expected):
    variant = SMALL[0]
    x, arrays, values = stacks(variant, x, w)
    left, right = (
        None if index is None else np.asarray(index, np.int32) for index in (lhs, rhs)
    )
    found = rt.gather_qmm(x, *arrays, left, right, **options(variant))
    assert found.shape == expected
    own = np.arange(np.prod(x.shape[:-2], dtype=int)).reshape(x.shape[:-2])
    others = np.arange(np.prod(values.shape[:-2], dtype=int)).reshape(values.shape[:-2])
    left = own if left is None else left
    right = others if right is None else right
    assert_near(found, *reference(x, values.swapaxes(-1, -2), left, right))


def test_without_indices_it_is_quantized_matmul():
    x, arrays, _ = stacks(SMALL[0], (3, 2, 64), (3, 8, 64))
    found = rt.gather_qmm(x, *arrays, **options(SMALL[0]), sorted_indices=True)
    expected = rt.quantized_matmul(x, *arrays, **options(SMALL[0]))
    np.testing.assert_array_equal(bits_of(found), bits_of(expected))


@pytest.mark.parametrize("indices", [None, [2, 0, 2, 1]], ids=["all", "chosen"])
@pytest.mark.parametrize(
    "variant", [v for v in SMALL if v[0].has_global_scale], ids=variant_id
)
def test_a_global_scale_for_each(variant, indices):
    scales = np.array([1.0, 0.01, 30], np.float32)
    w = [RNG.uniform(-1, 1, (8, 64)).astype(np.float32) * scale for scale in scales]
    each = [
        rt.quantize(one, **options(variant), global_scale=scale)
        for one, scale in zip(w, scales, strict=True)
    ]
    arrays = [np.stack(parts) for parts in zip(*each, strict=True)]
    x = RNG.standard_normal((4 if indices else 3, 2, 64)).astype(np.float32)
    rhs = None if indices is None else np.array(indices)
    found = rt.gather_qmm(
        x, *arrays, rhs_indices=rhs, **options(variant), global_scale=scales
    )
    for row, i in enumerate(indices or range(3)):
        one = rt.quantized_matmul(
            x[row], *each[i], **options(variant), global_scale=scales[i]
        )
        np.testing.assert_array_equal(bits_of(found[row]), bits_of(one))
