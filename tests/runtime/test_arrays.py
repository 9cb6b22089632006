"""What counts as an array, and in whatever layout: the results are those of a plain copy."""

import array
import concurrent.futures

import ml_dtypes
import numpy as np
import pytest

from mlxport import runtime as rt
from mlxport.runtime import fast

from .variants import BFLOAT16, FLOATS, bits_of


def transposed(a):
    return np.ascontiguousarray(a.swapaxes(-1, -2)).swapaxes(-1, -2)


def every_other(a):
    spread = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
    spread[..., ::2] = a
    return spread[..., ::2]


def reversed_rows(a):
    return np.ascontiguousarray(a[..., ::-1, :])[..., ::-1, :]


def misaligned(a):
    buffer = np.zeros(a.nbytes + 1, np.uint8)
    view = buffer[1:].view(a.dtype).reshape(a.shape)
    view[...] = a
    return view


def read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


def big_endian(a):
    return a.astype(a.dtype.newbyteorder(">"))


LAYOUTS = [transposed, every_other, reversed_rows, misaligned, read_only, big_endian]
layouts = pytest.mark.parametrize(
    "layout", LAYOUTS, ids=lambda function: function.__name__
)


def laid_out(layout, a):
    other = layout(a)
    np.testing.assert_array_equal(other, a)
    return other


# ml_dtypes has no other byte order.
layouts_of_dtypes = pytest.mark.parametrize(
    ("dtype", "layout"),
    [
        pytest.param(dtype, layout, id=f"{dtype}-{layout.__name__}")
        for dtype in FLOATS
        for layout in LAYOUTS
        if not (layout is big_endian and dtype == BFLOAT16)
    ],
)


def weights(dtype=np.float32, rows=6):
    return np.random.default_rng(0).standard_normal((rows, 128)).astype(dtype)


def assert_same(found, expected):
    assert found.dtype == expected.dtype
    assert found.dtype.isnative
    np.testing.assert_array_equal(bits_of(found), bits_of(expected))


@layouts_of_dtypes
@pytest.mark.parametrize("mode", rt.modes(), ids=lambda mode: mode.name)
def test_quantize(mode, dtype, layout):
    w = weights(dtype)
    found = rt.quantize(laid_out(layout, w), mode=mode.name)
    for ours, expected in zip(found, rt.quantize(w, mode=mode.name), strict=True):
        assert_same(ours, expected)


@layouts
@pytest.mark.parametrize("mode", rt.modes(), ids=lambda mode: mode.name)
def test_quantized_arrays(mode, layout):
    arrays = rt.quantize(weights(), mode=mode.name)
    others = [laid_out(layout, a) for a in arrays]
    assert_same(
        rt.dequantize(*others, mode=mode.name), rt.dequantize(*arrays, mode=mode.name)
    )
    x = weights(rows=3)
    expected = rt.quantized_matmul(x, *arrays, mode=mode.name)
    assert_same(
        rt.quantized_matmul(laid_out(layout, x), *others, mode=mode.name), expected
    )


@layouts_of_dtypes
def test_attention(dtype, layout):
    rng = np.random.default_rng(1)
    arrays = [rng.standard_normal((2, 3, 5, 8)).astype(dtype) for _ in range(3)]
    mask = rng.standard_normal((5, 5)).astype(dtype)
    expected = fast.scaled_dot_product_attention(*arrays, scale=0.5, mask=mask)
    others = [laid_out(layout, a) for a in arrays]
    found = fast.scaled_dot_product_attention(
        *others, scale=0.5, mask=laid_out(layout, mask)
    )
    assert_same(found, expected)


def test_broadcast_inputs():
    row = weights(rows=1)
    w = np.broadcast_to(row, (5, 128))
    for found, expected in zip(rt.quantize(w), rt.quantize(w.copy()), strict=True):
        assert_same(found, expected)
    arrays = rt.quantize(row)
    stack = [np.broadcast_to(a, (3, *a.shape)) for a in arrays]
    x = weights(rows=3).reshape(3, 1, 128)
    assert_same(rt.quantized_matmul(x, *stack), rt.quantized_matmul(x, *arrays))


def test_inputs_are_left_alone():
    w = weights()
    before = w.copy()
    arrays = rt.quantize(w)
    kept = [a.copy() for a in arrays]
    rt.dequantize(*arrays)
    rt.quantized_matmul(w, *arrays)
    assert_same(w, before)
    for a, b in zip(arrays, kept, strict=True):
        assert_same(a, b)


class Exported:
    """Something with DLPack and nothing else."""

    def __init__(self, a, device=(1, 0)):
        self.array = a
        self.device = device

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device


class ArrayOnly(Exported):
    """A bfloat16 array whose DLPack NumPy cannot read, as JAX's are."""

    def __dlpack__(self, **options):
        raise BufferError("bfloat16 is not supported")

    def __array__(self, dtype=None, copy=None):
        return self.array


def test_dlpack():
    w = weights()
    for found, expected in zip(rt.quantize(Exported(w)), rt.quantize(w), strict=True):
        assert_same(found, expected)


def test_dlpack_that_numpy_cannot_read():
    w = weights(BFLOAT16)
    for found, expected in zip(rt.quantize(ArrayOnly(w)), rt.quantize(w), strict=True):
        assert_same(found, expected)
    with pytest.raises(
        TypeError, match=r"\[quantize\] w cannot be read through DLPack .*pass a"
    ):
        rt.quantize(Exported(w))


def test_torch():
    torch = pytest.importorskip("torch")
    w = torch.from_numpy(weights()).to(torch.bfloat16).requires_grad_()
    expected = rt.quantize(weights(BFLOAT16))
    for found, theirs in zip(rt.quantize(w), expected, strict=True):
        assert_same(found, theirs)
    w = torch.from_numpy(weights())
    for found, theirs in zip(rt.quantize(w), rt.quantize(weights()), strict=True):
        assert_same(found, theirs)


def test_memory_of_another_device():
    with pytest.raises(
        TypeError, match=r"w lies on DLPack device 2:1, .* move it there first"
    ):
        rt.quantize(Exported(weights(), device=(2, 1)))


def test_buffer_protocol():
    w = weights(rows=1)
    shaped = memoryview(w.tobytes()).cast("f", (1, 128))
    for found, expected in zip(rt.quantize(shaped), rt.quantize(w), strict=True):
        assert_same(found, expected)
    with pytest.raises(ValueError, match=r"w has shape \(128\)"):
        rt.quantize(array.array("f", w.ravel().tolist()))


def test_numpy_scalars():
    w_q, scales = rt.quantize(weights(), mode="nvfp4", global_scale=np.float32(3))
    expected = rt.quantize(
        weights(), mode="nvfp4", global_scale=np.array([[3]], np.float32)
    )
    assert_same(w_q, expected[0])
    assert_same(scales, expected[1])


def test_integers_of_numpy_are_integers():
    for found, expected in zip(
        rt.quantize(weights(), np.int64(32), np.uint8(8)),
        rt.quantize(weights(), 32, 8),
        strict=True,
    ):
        assert_same(found, expected)


@pytest.mark.parametrize("stream", [None, "cpu"])
def test_stream_is_accepted(stream):
    arrays = rt.quantize(weights(), stream=stream)
    rt.dequantize(*arrays, stream=stream)
    rt.quantized_matmul(weights(), *arrays, stream=stream)
    rt.to_fp8(weights(), stream=stream)
    q = np.ones((1, 1, 2, 4), np.float32)
    fast.scaled_dot_product_attention(q, q, q, scale=1, stream=stream)


def test_many_threads_at_once():
    w = [np.random.default_rng(seed).standard_normal((32, 256)) for seed in range(16)]
    q = np.random.default_rng(2).standard_normal((1, 4, 16, 32))

    def work(one):
        arrays = rt.quantize(one, mode="affine")
        product = rt.quantized_matmul(one, *arrays)
        return *arrays, product, fast.scaled_dot_product_attention(q, q, q, scale=0.1)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        together = list(pool.map(work, w * 2))
    for found, expected in zip(together, [*map(work, w)] * 2, strict=True):
        for a, b in zip(found, expected, strict=True):
            assert_same(a, b)


def test_fp8_of_ml_dtypes():
    values = np.arange(256, dtype=np.uint8)
    typed = values.view(ml_dtypes.float8_e4m3fn)
    assert_same(rt.from_fp8(typed, "float32"), rt.from_fp8(values, "float32"))
