"""The real MLX for Linux as the oracle, with the exceptions the runtime makes on purpose.

They are: e2m1 rounds ties to even and keeps the sign of zero, where MLX's CPU backend takes the
smaller magnitude and drops it; sums are not accumulated in the narrow type; and a query that sees
no key gives zeros.
"""

import numpy as np
import pytest

from mlxport import runtime as rt
from mlxport.runtime import fast

from . import oracle
from .variants import BFLOAT16, VARIANTS, bits_of, epsilon, options, variant_id

mx = pytest.importorskip("mlx.core")

pytestmark = pytest.mark.mlx

DTYPES = [mx.float32, mx.float16, mx.bfloat16]
dtypes = pytest.mark.parametrize(
    "dtype", DTYPES, ids=lambda dtype: str(dtype).split(".")[-1]
)
variants = pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)


def numpy_of(a):
    """Convert what MLX returned, and not by the code under test."""
    mx.eval(a)
    if a.dtype == mx.bfloat16:
        return np.array(a.view(mx.uint16)).view(BFLOAT16)
    return np.array(a)


def mlx_of(a, dtype):
    return mx.array(np.asarray(a, np.float32)).astype(dtype)


def weights(shape, dtype, seed=0):
    """Return weights over several orders of magnitude, with what groups look like in practice."""
    rng = np.random.default_rng(seed)
    w = rng.standard_normal(shape) * 10.0 ** rng.integers(-2, 3, (*shape[:-1], 1))
    w[0] = 0
    w[1] = np.abs(w[1])
    w[2] = -np.abs(w[2])
    w[3] = 0.37
    return mlx_of(w, dtype)


def assert_same(found, expected):
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(bits_of(found), bits_of(expected))


def assert_same_but_for_ties(found, expected, w, scale, element_format):
    """Compare codes; another one is right if it is as near, or the zero of the other sign."""
    ours, theirs = (
        oracle.decode_elements(codes, element_format) for codes in (found, expected)
    )
    exact = w / scale
    differ = found != expected
    zeros = (ours == 0) & (theirs == 0)
    ties = np.abs(ours - exact) == np.abs(theirs - exact)
    assert (~differ | zeros | ties).all()
    assert differ.mean() < 0.1


@dtypes
@variants
def test_quantize(variant, dtype):
    mode, group_size, bits = variant
    w = weights((32, 4 * group_size), dtype, seed=bits)
    # Byte scales are computed in float32 here, and in the type of w there.
    reference = w.astype(mx.float32) if mode.scale_format else w
    expected = [
        numpy_of(a) for a in mx.quantize(reference, group_size, bits, mode.name)
    ]
    found = rt.quantize(w, **options(variant))
    for ours, theirs in zip(found[1:], expected[1:], strict=True):
        assert_same(ours, theirs)
    if mode.element_format != "e2m1":
        assert_same(found[0], expected[0])
        return
    scale = oracle.decode_scales(found[1], mode.scale_format).repeat(group_size, -1)
    keep = scale != 0
    assert_same_but_for_ties(
        oracle.unpack(found[0], bits)[keep],
        oracle.unpack(expected[0], bits)[keep],
        numpy_of(w).astype(np.float64)[keep],
        scale[keep],
        mode.element_format,
    )
    assert not oracle.unpack(found[0], bits)[~keep].any()


@variants
def test_quantize_many_groups(variant):
    """Plain random weights: nothing of them is a tie, so all bits are the same but zeros' signs."""
    _, group_size, bits = variant
    w = mlx_of(
        np.random.default_rng(9).standard_normal((512, 4 * group_size)), mx.float32
    )
    expected = [numpy_of(a) for a in mx.quantize(w, group_size, bits, variant[0].name)]
    found = rt.quantize(w, **options(variant))
    for ours, theirs in zip(found[1:], expected[1:], strict=True):
        assert_same(ours, theirs)
    ours, theirs = oracle.unpack(found[0], bits), oracle.unpack(expected[0], bits)
    if variant[0].element_format == "e2m1":
        ours = np.where(ours == 8, 0, ours)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "variant", [v for v in VARIANTS if v[0].has_global_scale], ids=variant_id
)
def test_quantize_with_global_scale(variant):
    _, group_size, bits = variant
    w = weights((16, 4 * group_size), mx.float32)
    largest = mx.abs(w).max()
    arguments = (group_size, bits, variant[0].name, largest)
    expected = [numpy_of(a) for a in mx.quantize(w, *arguments)]
    found = rt.quantize(w, *arguments)
    assert_same(found[1], expected[1])
    scale = oracle.decode_scales(found[1], "e4m3").repeat(group_size, -1)
    values = numpy_of(w).astype(np.float64) * (2688 / float(largest.item()))
    keep = scale != 0
    assert_same_but_for_ties(
        oracle.unpack(found[0], bits)[keep],
        oracle.unpack(expected[0], bits)[keep],
        values[keep],
        scale[keep],
        "e2m1",
    )
    values = mx.dequantize(*mx.quantize(w, *arguments), None, *arguments)
    assert_same(rt.dequantize(*expected, None, *arguments, "float32"), numpy_of(values))


@pytest.mark.parametrize(
    "to", [None, *DTYPES], ids=["default", "float32", "float16", "bfloat16"]
)
@dtypes
@variants
def test_dequantize(variant, dtype, to):
    quantized = mx.quantize(
        weights((16, 2 * variant[1]), dtype), *variant[1:], variant[0].name
    )
    expected = numpy_of(mx.dequantize(*quantized, **options(variant), dtype=to))
    assert_same(rt.dequantize(*quantized, **options(variant), dtype=to), expected)


@pytest.mark.parametrize("transpose", [True, False], ids=["transposed", "plain"])
@dtypes
@variants
@pytest.mark.usefixtures("isa")
def test_quantized_matmul(variant, dtype, transpose):
    """MLX rounds every intermediate to the type: n additions are off by n roundings at most."""
    mode, group_size, bits = variant
    rng = np.random.default_rng(bits)
    w = mlx_of(rng.standard_normal((2 * group_size, 2 * group_size)), dtype)
    quantized = mx.quantize(w, group_size, bits, mode.name)
    x = mlx_of(rng.standard_normal((5, 2 * group_size)), dtype)
    theirs = mx.quantized_matmul(x, *quantized, transpose=transpose, **options(variant))
    found = rt.quantized_matmul(x, *quantized, transpose=transpose, **options(variant))
    theirs = numpy_of(theirs)
    assert found.dtype == theirs.dtype

    values = oracle.dequantize([numpy_of(a) for a in quantized], mode, group_size, bits)
    values = values.T if transpose else values
    x = numpy_of(x).astype(np.float64)
    exact, sizes = x @ values, np.abs(x) @ np.abs(values)
    unit = epsilon(found.dtype)
    assert (
        np.abs(found.astype(np.float64) - exact)
        <= np.abs(exact) * unit * 1.0001 + 1e-6 * sizes
    ).all()
    # Products with code and bias apart can be larger than their sum by the range of the group.
    terms = 2 * group_size + 4
    assert (np.abs(found.astype(np.float64) - theirs) <= 3 * sizes * unit * terms).all()


@pytest.mark.parametrize(
    ("x", "w"),
    [
        pytest.param((128,), (6, 128), id="vector"),
        pytest.param((2, 3, 128), (6, 128), id="stack times matrix"),
        pytest.param((3, 1, 2, 128), (4, 6, 128), id="batches broadcast"),
    ],
)
def test_shapes_of_quantized_matmul(x, w):
    rng = np.random.default_rng(1)
    quantized = mx.quantize(mlx_of(rng.standard_normal(w), mx.float32))
    x = mlx_of(rng.standard_normal(x), mx.float32)
    theirs = numpy_of(mx.quantized_matmul(x, *quantized))
    found = rt.quantized_matmul(x, *quantized)
    assert found.shape == theirs.shape
    np.testing.assert_allclose(found, theirs, atol=1e-4)


@pytest.mark.parametrize("transpose", [True, False], ids=["transposed", "plain"])
@variants
def test_gather_qmm(variant, transpose):
    rng = np.random.default_rng(3)
    w = mlx_of(rng.standard_normal((4, 128, 128)), mx.float32)
    quantized = mx.quantize(w, *variant[1:], variant[0].name)
    x = mlx_of(rng.standard_normal((3, 2, 128)), mx.float32)
    indices = {
        "lhs_indices": mx.array([2, 0, 1, 1]),
        "rhs_indices": mx.array([3, 3, 0, 1]),
        "transpose": transpose,
    }
    theirs = mx.gather_qmm(x, *quantized, **indices, **options(variant))
    found = rt.gather_qmm(x, *quantized, **indices, **options(variant))
    theirs = numpy_of(theirs)
    assert found.shape == theirs.shape
    np.testing.assert_allclose(found, theirs, atol=1e-4 * np.abs(theirs).max())


@dtypes
@pytest.mark.parametrize("mode", ["nvfp4", "mxfp8", "mxfp4"])
def test_qqmm_of_one_row(mode, dtype):
    """MLX for Linux multiplies one row by a quantized matrix, and nothing else."""
    rng = np.random.default_rng(4)
    quantized = mx.quantize(
        mlx_of(rng.standard_normal((16, 128)), mx.float32), mode=mode
    )
    x = mlx_of(rng.standard_normal((1, 128)), dtype)
    theirs = numpy_of(mx.qqmm(x, *quantized, mode=mode))
    found = rt.qqmm(x, *quantized, mode=mode)
    assert found.dtype == theirs.dtype
    # It rounds each of 128 sums, of products whose magnitudes add up to about 100.
    tolerance = 100 * 128 * epsilon(found.dtype) / 8
    assert np.abs(found.astype(float) - theirs.astype(float)).max() <= tolerance


@pytest.mark.parametrize("bias_dtype", DTYPES, ids=str)
@pytest.mark.parametrize("scale_dtype", DTYPES, ids=str)
@pytest.mark.parametrize("x_dtype", [*DTYPES, mx.int32], ids=str)
def test_promotion(x_dtype, scale_dtype, bias_dtype):
    w_q, scales, biases = mx.quantize(weights((8, 64), mx.float32))
    scales, biases = scales.astype(scale_dtype), biases.astype(bias_dtype)
    x = mx.ones((2, 64), x_dtype)
    theirs = numpy_of(mx.quantized_matmul(x, w_q, scales, biases))
    assert rt.quantized_matmul(x, w_q, scales, biases).dtype == theirs.dtype
    values = numpy_of(mx.dequantize(w_q, scales, biases))
    assert_same(rt.dequantize(w_q, scales, biases), values)


MASKS = {
    "none": lambda rng: None,
    "causal": lambda rng: "causal",
    "bool": lambda rng: mx.array(rng.random((5, 7)) < 0.8),
    "bool by head": lambda rng: mx.array(rng.random((4, 1, 7)) < 0.8),
    "additive": lambda rng: mx.array(
        rng.standard_normal((2, 1, 5, 7)).astype(np.float32)
    ),
}


@pytest.mark.parametrize("sinks", [False, True], ids=["plain", "sinks"])
@pytest.mark.parametrize("mask", MASKS)
@dtypes
def test_attention(dtype, mask, sinks):
    rng = np.random.default_rng(2)
    shapes = (2, 4, 5, 16), (2, 2, 7, 16), (2, 2, 7, 24)
    q, k, v = (mlx_of(rng.standard_normal(shape), dtype) for shape in shapes)
    mask = MASKS[mask](rng)
    if isinstance(mask, mx.array) and mask.dtype != mx.bool_:
        mask = mask.astype(dtype)
    sinks = mlx_of(rng.standard_normal(4), dtype) if sinks else None
    theirs = mx.fast.scaled_dot_product_attention(
        q, k, v, scale=0.25, mask=mask, sinks=sinks
    )
    found = fast.scaled_dot_product_attention(
        q, k, v, scale=0.25, mask=mask, sinks=sinks
    )
    theirs = numpy_of(theirs)
    assert found.dtype == theirs.dtype
    # MLX rounds scores of a few units to the type, which changes each weight by that much, and
    # then the weights; the values are of the order of one.
    assert np.abs(found.astype(np.float64) - theirs).max() <= 16 * epsilon(found.dtype)


@dtypes
def test_fp8(dtype):
    x = weights((8, 256), dtype)
    np.testing.assert_array_equal(rt.to_fp8(x), numpy_of(mx.to_fp8(x)))
    every_byte = mx.arange(256).astype(mx.uint8)
    found = rt.from_fp8(every_byte, dtype).astype(np.float64)
    np.testing.assert_array_equal(
        found, numpy_of(mx.from_fp8(every_byte, dtype)).astype(float)
    )


@pytest.mark.parametrize(
    "stream",
    [mx.cpu, mx.Device(mx.cpu), mx.default_stream(mx.cpu)],
    ids=["type", "device", "stream"],
)
def test_streams_of_the_cpu(stream):
    rt.quantize(weights((4, 64), mx.float32), stream=stream)


def test_streams_of_the_gpu():
    with pytest.raises(ValueError, match=r"\[quantize\] stream asks for the GPU"):
        rt.quantize(weights((4, 64), mx.float32), stream=mx.gpu)


@pytest.mark.parametrize("scale", [0.5, mx.array(0.5)], ids=["float", "array"])
def test_scale_may_be_an_array(scale):
    q = mx.ones((1, 1, 2, 4))
    assert fast.scaled_dot_product_attention(q, q, q, scale=scale).shape == (1, 1, 2, 4)


def test_lazy_and_strided_arrays():
    w = mx.random.normal((128, 64)).T + 1
    expected = rt.quantize(numpy_of(w))
    for found, theirs in zip(rt.quantize(w), expected, strict=True):
        assert_same(found, theirs)


def test_results_go_back_to_mlx():
    w = weights((4, 64), mx.float32)
    again = mx.dequantize(*(mx.array(a) for a in rt.quantize(w)))
    assert_same(numpy_of(again), rt.dequantize(*rt.quantize(w)))
