"""to_fp8 and from_fp8, over every value of the narrow types."""

import ml_dtypes
import numpy as np
import pytest

from mlxport import runtime as rt

from . import oracle
from .variants import BFLOAT16, FLOATS, HALVES, bits_of


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_every_half_value(dtype):
    x = np.arange(2**16, dtype=np.uint16).view(dtype)
    with np.errstate(invalid="ignore"):  # ml_dtypes flags NaN
        finite = np.isfinite(x)
    expected = np.where(np.signbit(x), 0xFE, 0x7E).astype(np.uint8)
    expected[finite] = oracle.encode_elements(x[finite].astype(np.float64), "e4m3")
    np.testing.assert_array_equal(rt.to_fp8(x), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_around_every_tie(dtype):
    middles = (oracle.E4M3[1:] + oracle.E4M3[:-1]) / 2
    x = np.concatenate([middles, [448, 463, 464, 480, 1e30, 0]]).astype(dtype)
    x = np.concatenate([x, np.nextafter(x, dtype(0)), np.nextafter(x, dtype(np.inf))])
    x = np.concatenate([x, -x])
    np.testing.assert_array_equal(rt.to_fp8(x), oracle.encode_elements(x, "e4m3"))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_every_byte_is_exact(dtype):
    x = np.arange(256, dtype=np.uint8)
    found = rt.from_fp8(x, dtype)
    assert found.dtype == dtype
    expected = x.view(ml_dtypes.float8_e4m3fn).astype(np.float64)
    np.testing.assert_array_equal(found.astype(np.float64), expected)
    assert np.signbit(found[0x80])
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(rt.to_fp8(found)[finite], x[finite])


@pytest.mark.parametrize("shape", [(), (0,), (3, 4), (2, 0, 3)], ids=str)
def test_any_shape(shape):
    x = np.ones(shape, np.float32)
    assert rt.to_fp8(x).shape == shape
    assert rt.from_fp8(rt.to_fp8(x)).shape == shape
    assert rt.from_fp8(rt.to_fp8(x)).dtype == BFLOAT16
    np.testing.assert_array_equal(bits_of(rt.to_fp8(x.T)), bits_of(rt.to_fp8(x).T))
