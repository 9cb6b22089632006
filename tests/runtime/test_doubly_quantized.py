"""qqmm and gather_qqmm against float64: both sides rounded to the mode's values."""

import numpy as np
import pytest

from mlxport import runtime as rt

from . import oracle
from .variants import FLOATS, VARIANTS, bits_of, epsilon, options, variant_id

RNG = np.random.default_rng(0)
MODES = [v for v in VARIANTS if not v[0].has_biases]
modes = pytest.mark.parametrize("variant", MODES, ids=variant_id)


def values(w, variant, global_scale=None):
    """Return what w reads as when it is quantized, in float64, by the oracle alone."""
    arrays = oracle.quantize(np.atleast_2d(w), *variant, global_scale)
    return oracle.dequantize(arrays, *variant, global_scale).reshape(w.shape)


def assert_near(found, x, w):
    exact, sizes = x @ w.swapaxes(-1, -2), np.abs(x) @ np.abs(w).swapaxes(-1, -2)
    tolerance = np.abs(exact) * epsilon(found.dtype) * 1.0001 + 1e-6 * sizes
    assert (np.abs(found.astype(np.float64) - exact) <= tolerance).all()


@pytest.mark.parametrize("given", ["quantized", "float"])
@pytest.mark.parametrize("rows", [(), (1,), (5,), (2, 3)], ids=str)
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@modes
def test_both_sides_are_rounded(variant, dtype, rows, given):
    x = RNG.standard_normal((*rows, 128)).astype(dtype)
    w = RNG.standard_normal((6, 128)).astype(dtype)
    stored = rt.quantize(w, **options(variant)) if given == "quantized" else [w]
    found = rt.qqmm(x, *stored, **options(variant))
    assert found.dtype == dtype
    assert found.shape == (*rows, 6)
    # The values of x are rounded to its type, which holds all of them here.
    assert_near(
        found, values(x, variant).astype(dtype).astype(float), values(w, variant)
    )


@pytest.mark.parametrize(
    "variant", [v for v in MODES if v[0].has_global_scale], ids=variant_id
)
def test_global_scales(variant):
    x = RNG.standard_normal((3, 128)).astype(np.float32) * np.float32(1e-4)
    w = RNG.standard_normal((6, 128)).astype(np.float32) * np.float32(1e4)
    scales = [np.abs(array).max() for array in (x, w)]
    found = rt.qqmm(
        x, w, **options(variant), global_scale_x=scales[0], global_scale_w=scales[1]
    )
    exact = [values(a, variant, s) for a, s in zip((x, w), scales, strict=True)]
    assert_near(found, exact[0].astype(np.float32).astype(float), exact[1])
    assert not rt.qqmm(x, w, **options(variant)).all()


@modes
def test_nan_stays_in_its_row(variant):
    x = np.full((3, 64), 6, np.float32)  # a value of every format
    x[1, 5] = np.nan
    found = rt.qqmm(x, np.full((4, 64), 6, np.float32), **options(variant))
    np.testing.assert_array_equal(np.isnan(found).all(1), [False, True, False])
    assert (found[[0, 2]] == 36 * 64).all()


@pytest.mark.parametrize("given", ["quantized", "float"])
@modes
def test_gathered(variant, given):
    x = RNG.standard_normal((4, 2, 64)).astype(np.float32)
    w = RNG.standard_normal((3, 6, 64)).astype(np.float32)
    stored = rt.quantize(w, **options(variant)) if given == "quantized" else [w]
    rhs = np.array([2, 0, 0, 1])
    found = rt.gather_qqmm(x, *stored, rhs_indices=rhs, **options(variant))
    for row, i in enumerate(rhs):
        one = rt.qqmm(x[row], w[i], **options(variant))
        np.testing.assert_array_equal(bits_of(found[row]), bits_of(one))
