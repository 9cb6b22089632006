"""Quantize where it is not plain: edges of the types, NaN and infinity, the global scale."""

import numpy as np
import pytest

from mlxport import runtime as rt

from . import oracle
from .variants import FLOATS, HALVES, VARIANTS, bits_of, options, variant_id

NVFP4 = [variant for variant in VARIANTS if variant[0].has_global_scale]
MX = [variant for variant in VARIANTS if variant[0].scale_format == "e8m0"]
AFFINE = [variant for variant in VARIANTS if variant[0].has_biases]
BYTE_SCALES = [variant for variant in VARIANTS if variant[0].scale_format]


def round_trip(w, variant, **more):
    quantized = rt.quantize(w, **options(variant), **more)
    return rt.dequantize(*quantized, **options(variant), dtype="float64")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_nonfinite_is_an_error_that_says_where(variant, value):
    _, group_size, _ = variant
    w = np.ones((2, 3, 4 * group_size), np.float32)
    w[1, 2, 2 * group_size + 5] = value
    with pytest.raises(
        ValueError, match=r"row \(1, 2\), group 2 of w .* NaN or infinity"
    ):
        rt.quantize(w, **options(variant))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_propagate_spoils_the_group_and_no_other(variant, dtype, value):
    _, group_size, _ = variant
    w = np.ones((2, 3 * group_size), dtype)
    w[1, group_size] = value
    values = round_trip(w, variant, nonfinite="propagate")
    spoiled = np.zeros(w.shape, bool)
    spoiled[1, group_size : 2 * group_size] = True
    np.testing.assert_array_equal(np.isnan(values), spoiled)


def test_nonfinite_takes_two_words():
    with pytest.raises(
        ValueError, match=r'\[quantize\] nonfinite is .*"error" or "propagate"'
    ):
        rt.quantize(np.ones((1, 64), np.float32), nonfinite="ignore")


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("variant", AFFINE, ids=variant_id)
def test_range_wider_than_the_type(variant, dtype):
    """The range overflows, the scale does not: with one bit it does."""
    _, group_size, bits = variant
    w = (
        np.linspace(-0.99, 0.99, group_size).reshape(1, -1).astype(dtype)
        * np.finfo(dtype).max
    )
    if bits == 1 or dtype == np.float64:
        with pytest.raises(ValueError, match="needs a scale beyond"):
            rt.quantize(w, **options(variant))
        return
    step = 2 * 0.99 * float(np.finfo(dtype).max) / (2**bits - 1)
    values = rt.dequantize(*rt.quantize(w, **options(variant)), **options(variant))
    assert np.abs(values.astype(np.float64) - w).max() <= step


@pytest.mark.parametrize("variant", AFFINE, ids=variant_id)
def test_huge_constant_group(variant):
    """The edge over the smallest scale overflows: all is in the bias, as in MLX."""
    w = np.full((1, variant[1]), 3.5e31, np.float32)
    w_q, scales, biases = rt.quantize(w, **options(variant))
    assert not w_q.any()
    assert scales[0, 0] == (0 if variant[2] > 1 else np.float32(1e-7))
    assert biases[0, 0] == np.float32(3.5e31)


def test_float16_range_beyond_float16():
    w = np.full((1, 64), 60000, np.float16)
    w[0, 1] = -58000
    values = rt.dequantize(*rt.quantize(w))
    assert values[0, 0] == 60000
    np.testing.assert_allclose(values, w, atol=118000 / 15)


@pytest.mark.parametrize("variant", MX, ids=variant_id)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(1e-40, id="denormal"),
        pytest.param(1e-36, id="tiny"),
        pytest.param(2.0**-127, id="the smallest scale"),
        pytest.param(3.3e38, id="near the largest"),
        pytest.param(float(np.finfo(np.float32).max), id="the largest"),
    ],
)
def test_exponent_is_clamped(variant, value):
    """Where MLX for Linux wraps the exponent's byte or overflows to infinity."""
    mode, group_size, bits = variant
    w = np.full((1, group_size), value, np.float32)
    w[0, ::2] *= -1
    quantized = rt.quantize(w, **options(variant))
    for ours, expected in zip(
        quantized, oracle.quantize(w, mode, group_size, bits), strict=True
    ):
        np.testing.assert_array_equal(ours, expected)
    values = rt.dequantize(*quantized, **options(variant), dtype="float32")
    assert np.isfinite(values).all()
    # One element's smallest step at the smallest scale, or half of the value.
    assert np.abs(values - w).max() <= max(2.0**-128, value / 2)


@pytest.mark.parametrize("variant", MX, ids=variant_id)
@pytest.mark.parametrize("power", [-100, -3, 0, 7, 100])
def test_largest_element_keeps_the_power(variant, power):
    """max|w| / 2^e lies in (E/2, E]: E * 2^k has the scale 2^k, and a little more 2^(k+1)."""
    mode, group_size, _ = variant
    largest = {"e2m1": 6, "e4m3": 448}[mode.element_format]
    w = np.zeros((2, group_size), np.float32)
    w[:, 3] = np.ldexp(np.float32(largest), power)
    w[1, 3] = np.nextafter(w[1, 3], np.float32(np.inf))
    _, scales = rt.quantize(w, **options(variant))
    assert scales.ravel().tolist() == [power + 127, power + 128]


@pytest.mark.parametrize("variant", MX, ids=variant_id)
def test_zero_group(variant):
    w_q, scales = rt.quantize(np.zeros((1, variant[1]), np.float32), **options(variant))
    assert scales.tolist() == [[127]]
    assert not w_q.any()


E2M1_ROWS = [
    pytest.param(0.25, 0, id="0.25 to 0"),
    pytest.param(0.75, 1, id="0.75 to 1"),
    pytest.param(1.25, 1, id="1.25 to 1"),
    pytest.param(1.75, 2, id="1.75 to 2"),
    pytest.param(2.5, 2, id="2.5 to 2"),
    pytest.param(3.5, 4, id="3.5 to 4"),
    pytest.param(5, 4, id="5 to 4"),
    pytest.param(0.1, 0, id="small"),
]


@pytest.mark.parametrize(("value", "expected"), E2M1_ROWS)
@pytest.mark.parametrize(
    "variant", [v for v in VARIANTS if v[0].element_format == "e2m1"], ids=variant_id
)
def test_e2m1_ties_go_to_even_and_keep_the_sign(variant, value, expected):
    w = np.zeros((1, variant[1]), np.float32)
    w[0, :3] = 6, value, -value  # 6 makes the scale 1
    values = round_trip(w, variant)[0]
    assert values[1:3].tolist() == [expected, -expected]
    assert np.signbit(values[2])


@pytest.mark.parametrize("variant", NVFP4, ids=variant_id)
def test_global_scale_keeps_small_and_large_groups(variant):
    mode, group_size, bits = variant
    rng = np.random.default_rng(4)
    sizes = np.array([[1e-3], [1.0], [1e2], [2e4]])
    w = (rng.uniform(-1, 1, (4, 2 * group_size)) * sizes).astype(np.float32)
    largest = np.abs(w).max(keepdims=True)
    quantized = rt.quantize(w, **options(variant), global_scale=largest)
    expected = oracle.quantize(w, mode, group_size, bits, largest[0, 0])
    for ours, theirs in zip(quantized, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    values = rt.dequantize(
        *quantized, **options(variant), global_scale=largest, dtype="float32"
    )
    exact = oracle.dequantize(expected, mode, group_size, bits, largest[0, 0])
    np.testing.assert_array_equal(values, exact.astype(np.float32))
    # Half a step between 4 and 6, and the scale's own rounding, both of the group's largest.
    error = np.abs(values - w).reshape(4, 2, -1).max(-1)
    assert (
        error[1:] <= np.abs(w).reshape(4, 2, -1).max(-1)[1:] * (1 / 6 + 1 / 16)
    ).all()


@pytest.mark.parametrize("variant", NVFP4, ids=variant_id)
def test_each_step_is_rounded_to_float32(variant):
    """Weights that lie so near a tie that another order of the operations rounds to another side."""
    mode, group_size, bits = variant
    rng = np.random.default_rng(12)
    largest = np.float32(3.7)
    middles = (oracle.E2M1[1:] + oracle.E2M1[:-1]) / 2
    w = np.empty((400, group_size), np.float32)
    w[:, 0] = rng.uniform(0.1, 3.7, 400)
    scales = oracle.quantize(
        w[:, :1].repeat(group_size, 1), mode, group_size, bits, largest
    )[1]
    scale = oracle.decode_scales(scales, mode.scale_format) * float(largest) / 2688
    w[:, 1:] = rng.choice(middles, (400, group_size - 1)) * scale
    found = rt.quantize(w, **options(variant), global_scale=largest)
    expected = oracle.quantize(w, mode, group_size, bits, largest)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("variant", NVFP4, ids=variant_id)
def test_without_global_scale_the_range_ends(variant):
    w = np.full((2, variant[1]), 0.005, np.float32)
    w[1] = 1e6
    assert round_trip(w, variant)[:, 0].tolist() == [0, 2688]


@pytest.mark.parametrize("dtype", HALVES, ids=str)
@pytest.mark.parametrize("variant", BYTE_SCALES, ids=variant_id)
def test_half_types_quantize_as_their_float32(variant, dtype):
    rng = np.random.default_rng(5)
    w = (rng.standard_normal((16, 4 * variant[1])) * 0.01).astype(dtype)
    half = rt.quantize(w, **options(variant))
    single = rt.quantize(w.astype(np.float32), **options(variant))
    assert all(np.array_equal(a, b) for a, b in zip(half, single, strict=True))


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_groups_are_independent(variant):
    _, group_size, bits = variant
    rng = np.random.default_rng(6)
    w = rng.standard_normal((1, 5 * group_size)).astype(np.float32)
    whole = rt.quantize(w, **options(variant))
    for group in range(5):
        part = rt.quantize(
            w[:, group * group_size :][:, :group_size], **options(variant)
        )
        words = slice(
            group * group_size * bits // 32, (group + 1) * group_size * bits // 32
        )
        np.testing.assert_array_equal(whole[0][:, words], part[0])
        for all_groups, one in zip(whole[1:], part[1:], strict=True):
            np.testing.assert_array_equal(
                bits_of(all_groups[:, group]), bits_of(one[:, 0])
            )
