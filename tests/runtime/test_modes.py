"""What holds for every mode, whichever the compiled core has."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlxport import runtime as rt

from . import oracle
from .variants import FLOATS, VARIANTS, bits_of, variant_id


def test_names():
    names = [mode.name for mode in rt.modes()]
    assert names == sorted(set(names))
    assert names


@pytest.mark.parametrize("mode", rt.modes(), ids=lambda mode: mode.name)
def test_defaults_are_allowed(mode):
    assert mode.default_group_size in mode.group_sizes
    assert mode.default_bits in mode.bits
    w = np.ones((2, 128), np.float32)
    defaults = rt.quantize(w, mode=mode.name)
    explicit = rt.quantize(w, mode.default_group_size, mode.default_bits, mode.name)
    assert all(np.array_equal(a, b) for a, b in zip(defaults, explicit, strict=True))
    assert len(defaults) == 2 + mode.has_biases


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_quantize_is_the_oracles(variant, dtype):
    mode, group_size, bits = variant
    rng = np.random.default_rng(1)
    scale = 10.0 ** rng.integers(-3, 4, (24, 1))
    w = (rng.standard_normal((24, 4 * group_size)) * scale).astype(dtype)
    w[3] = 0
    w[4] = -np.abs(w[4])
    w[5, :group_size] = w[5, 0]
    found = rt.quantize(w, group_size, bits, mode.name)
    for ours, expected in zip(
        found, oracle.quantize(w, mode, group_size, bits), strict=True
    ):
        assert ours.dtype == expected.dtype
        assert ours.flags.owndata
        np.testing.assert_array_equal(bits_of(ours), bits_of(expected))


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_dequantize_is_the_oracles(variant):
    mode, group_size, bits = variant
    rng = np.random.default_rng(2)
    w_q = rng.integers(0, 2**32, (6, 2 * group_size * bits // 32), np.uint32)
    if mode.scale_format:
        stored = [rng.integers(0, 256, (6, 2)).astype(np.uint8)]
    else:
        stored = [rng.standard_normal((6, 2)) for _ in range(1 + mode.has_biases)]
    found = rt.dequantize(
        w_q, *stored, group_size=group_size, bits=bits, mode=mode.name, dtype="float64"
    )
    assert found.dtype == np.float64
    np.testing.assert_array_equal(
        found, oracle.dequantize([w_q, *stored], mode, group_size, bits)
    )


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_any_finite_float32(data):
    mode, group_size, bits = data.draw(st.sampled_from(VARIANTS))
    shape = (data.draw(st.integers(1, 3)), group_size * data.draw(st.integers(1, 3)))
    # A range beyond float32's is a test of its own.
    elements = st.floats(-(2.0**126), 2.0**126, width=32)
    w = data.draw(hnp.arrays(np.float32, shape, elements=elements))
    found = rt.quantize(w, group_size, bits, mode.name)
    for ours, expected in zip(
        found, oracle.quantize(w, mode, group_size, bits), strict=True
    ):
        np.testing.assert_array_equal(bits_of(ours), bits_of(expected))
    values = rt.dequantize(
        *found, group_size=group_size, bits=bits, mode=mode.name, dtype="float32"
    )
    assert np.isfinite(values).all()


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_values_of_the_format_survive(variant):
    """What dequantizes exactly quantizes to the same values again."""
    mode, group_size, bits = variant
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 2**bits, (8, 2 * group_size)).astype(np.uint8)
    if mode.element_format == "e4m3":
        codes[codes % 128 == 127] = 0  # NaN
    elements = oracle.decode_elements(codes, mode.element_format)
    grid = elements.reshape(8, 2, group_size)
    largest = {"e2m1": 6, "e4m3": 448}.get(mode.element_format, 2**bits - 1)
    grid[..., 0] = largest
    grid[..., 1] = 0
    w = (grid * 0.5).reshape(8, -1).astype(np.float32)
    again = rt.dequantize(
        *rt.quantize(w, group_size, bits, mode.name),
        group_size=group_size,
        bits=bits,
        mode=mode.name,
        dtype="float32",
    )
    np.testing.assert_array_equal(again, w)


@pytest.mark.parametrize("shape", [(0, 128), (2, 0), (3, 0, 128), (0, 0)], ids=str)
@pytest.mark.parametrize("mode", rt.modes(), ids=lambda mode: mode.name)
def test_nothing_to_quantize(mode, shape):
    quantized = rt.quantize(np.zeros(shape, np.float32), mode=mode.name)
    values = rt.dequantize(*quantized, mode=mode.name)
    assert values.shape == shape
    assert quantized[1].shape == (*shape[:-1], shape[-1] // mode.default_group_size)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("mode", rt.modes(), ids=lambda mode: mode.name)
def test_any_number_of_groups(mode, rows):
    """MLX for Linux fails on some counts of groups of 16."""
    w = np.linspace(-1, 1, rows * 3 * mode.group_sizes[0], dtype=np.float32).reshape(
        rows, -1
    )
    found = rt.quantize(w, mode.group_sizes[0], mode=mode.name)
    expected = oracle.quantize(w, mode, mode.group_sizes[0], mode.default_bits)
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))
