"""Rounding and types of dequantize."""

import ml_dtypes
import numpy as np
import pytest

from mlxport import runtime as rt

from .variants import BFLOAT16, FLOATS, HALVES, VARIANTS, bits_of, options, variant_id

BYTE_SCALES = [variant for variant in VARIANTS if variant[0].scale_format]
AFFINE = [variant for variant in VARIANTS if variant[0].has_biases]


def promoted(*dtypes):
    names = {dtype.name for dtype in dtypes}
    if names == {"float16", "bfloat16"}:
        return np.dtype(np.float32)
    return max(dtypes, key=lambda dtype: dtype.itemsize)


def affine_of(scale, bias=None, code=1):
    """Return arrays of 8-bit groups of 32 whose every code is `code`, one group a value."""
    scale = np.asarray(scale).reshape(-1, 1)
    bias = -np.zeros_like(scale) if bias is None else np.asarray(bias).reshape(-1, 1)
    w_q = np.full((scale.size, 8), code * 0x01010101, np.uint32)
    return w_q, scale, bias


@pytest.mark.parametrize("bias_dtype", FLOATS, ids=str)
@pytest.mark.parametrize("scale_dtype", FLOATS, ids=str)
def test_result_type_is_what_scales_and_biases_promote_to(scale_dtype, bias_dtype):
    arrays = affine_of(np.ones(1, scale_dtype), np.ones(1, bias_dtype))
    found = rt.dequantize(*arrays, 32, 8)
    assert found.dtype == promoted(scale_dtype, bias_dtype)
    assert (found == 2).all()


@pytest.mark.parametrize("variant", BYTE_SCALES, ids=variant_id)
def test_byte_scales_give_bfloat16_unless_told(variant):
    quantized = rt.quantize(np.full((1, variant[1]), 6, np.float32), **options(variant))
    assert rt.dequantize(*quantized, **options(variant)).dtype == BFLOAT16
    for dtype in FLOATS:
        found = rt.dequantize(*quantized, **options(variant), dtype=dtype)
        assert found.dtype == dtype
        assert (found == 6).all()


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_rounds_to_nearest_even_as_numpy(dtype):
    """All binades of the type with ties, their neighbours, denormals and the overflow."""
    info = ml_dtypes.finfo(dtype)
    rng = np.random.default_rng(7)
    mantissa = rng.integers(0, 2 ** (info.nmant + 1), 4000) * 2.0**-info.nmant / 2 + 1
    exponent = rng.integers(
        max(int(info.minexp) - info.nmant - 2, -1022), int(info.maxexp), 4000
    )
    values = np.ldexp(mantissa, exponent)
    values = np.concatenate(
        [values, np.nextafter(values, 0), np.nextafter(values, np.inf)]
    )
    largest = float(info.max)
    values = np.append(values, [0.0, largest, largest * (1 + float(info.eps) / 8)])
    values = np.concatenate([values, -values])
    values = values[np.isfinite(values)]
    if dtype != np.float64:
        values = np.append(values, [largest * (1 + float(info.eps))])
    with np.errstate(over="ignore", under="ignore"):
        expected = values.astype(np.float64).astype(dtype)
        if (
            dtype == BFLOAT16
        ):  # ml_dtypes rounds to float32 on the way: once more than we do
            single = values.astype(np.float32)
            exact = (single.astype(np.float64) == values) | ~np.isfinite(single)
            values, expected = values[exact], expected[exact]
    found = rt.dequantize(*affine_of(values), 32, 8, dtype=dtype)[:, 0]
    np.testing.assert_array_equal(bits_of(found), bits_of(expected))


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_float64_is_rounded_once(dtype):
    """Just above a tie: through float32 it would become the tie, and then even."""
    tie = 1 + float(ml_dtypes.finfo(dtype).eps) / 2
    found = rt.dequantize(*affine_of([tie, np.nextafter(tie, 2)]), 32, 8, dtype=dtype)[
        :, 0
    ]
    assert found.astype(float).tolist() == [1, 1 + float(ml_dtypes.finfo(dtype).eps)]


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_product_and_sum_are_each_rounded_to_the_scales_type(dtype):
    """As MLX does it, so a wider dtype makes the values no more precise."""
    rng = np.random.default_rng(8)
    scale = rng.standard_normal(500).astype(dtype)
    bias = rng.standard_normal(500).astype(dtype)
    found = rt.dequantize(*affine_of(scale, bias, code=201), 32, 8, dtype="float64")[
        :, 0
    ]
    product = (scale.astype(np.float32) * np.float32(201)).astype(dtype)
    expected = (product.astype(np.float32) + bias.astype(np.float32)).astype(dtype)
    np.testing.assert_array_equal(found, expected.astype(np.float64))


def test_scale_beyond_float16_is_not_rounded_first():
    w_q = np.full((2, 4), 0x11111111, np.uint32)  # the element 0.5
    scales = np.array([[127 + 16], [127 - 24]], np.uint8)
    found = rt.dequantize(w_q, scales, mode="mxfp4", dtype=np.float16)
    assert found[:, 0].astype(float).tolist() == [2.0**15, 0]
    found = rt.dequantize(
        w_q * 3, scales, mode="mxfp4", dtype=np.float16
    )  # the element 1.5
    assert found[:, 0].astype(float).tolist() == [np.inf, 2.0**-23]


def test_scale_255_is_nan_and_0_is_the_smallest():
    w_q = np.full((2, 4), 0x22222222, np.uint32)  # the element 1
    found = rt.dequantize(
        w_q, np.array([[255], [0]], np.uint8), mode="mxfp4", dtype="float32"
    )
    assert np.isnan(found[0]).all()
    assert (found[1] == 2.0**-127).all()


@pytest.mark.parametrize(
    "dtype",
    [
        pytest.param(np.float16, id="NumPy's class"),
        pytest.param(np.dtype(np.float16), id="a dtype"),
        pytest.param("float16", id="the name"),
        pytest.param("<f2", id="NumPy's code"),
        pytest.param(">f2", id="the other byte order"),
    ],
)
def test_spellings_of_a_dtype(dtype):
    found = rt.dequantize(*affine_of([0.5]), 32, 8, dtype=dtype)
    assert found.dtype == np.dtype(np.float16)
    assert found.dtype.isnative


@pytest.mark.parametrize(
    "dtype", [ml_dtypes.bfloat16, "bfloat16", BFLOAT16], ids=["class", "name", "dtype"]
)
def test_spellings_of_bfloat16(dtype):
    assert rt.dequantize(*affine_of([0.5]), 32, 8, dtype=dtype).dtype == BFLOAT16


def test_dtype_in_the_place_it_had_in_mlx_0_30():
    assert (
        rt.dequantize(*affine_of([0.5]), 32, 8, "affine", "float16").dtype == np.float16
    )


@pytest.mark.parametrize("variant", BYTE_SCALES, ids=variant_id)
def test_scales_in_the_type_of_ml_dtypes(variant):
    w = np.linspace(-1, 1, 2 * variant[1], dtype=np.float32).reshape(2, -1)
    w_q, scales = rt.quantize(w, **options(variant))
    typed = {"e8m0": ml_dtypes.float8_e8m0fnu, "e4m3": ml_dtypes.float8_e4m3fn}
    again = rt.dequantize(
        w_q, scales.view(typed[variant[0].scale_format]), **options(variant)
    )
    np.testing.assert_array_equal(again, rt.dequantize(w_q, scales, **options(variant)))


@pytest.mark.parametrize("variant", AFFINE, ids=variant_id)
def test_scales_and_biases_of_two_types(variant):
    _, group_size, _ = variant
    w = np.linspace(-1, 1, 2 * group_size, dtype=np.float32).reshape(2, -1)
    w_q, scales, biases = rt.quantize(w, **options(variant))
    narrow = scales.astype(np.float16)
    found = rt.dequantize(w_q, narrow, biases, **options(variant))
    assert found.dtype == np.float32
    codes = rt.dequantize(
        w_q, np.ones_like(scales), np.zeros_like(biases), **options(variant)
    )
    product = (codes * narrow.astype(np.float32).repeat(group_size, -1)).astype(
        np.float16
    )
    expected = product.astype(np.float32) + biases.repeat(group_size, -1)
    np.testing.assert_array_equal(found, expected)
