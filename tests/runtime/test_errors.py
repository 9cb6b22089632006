"""Every bad call: which exception, at the call, saying what is wrong and what to do."""

import numpy as np
import pytest

from mlxport import runtime as rt
from mlxport.runtime import fast

from .variants import BFLOAT16


def ones(*shape, dtype=np.float32):
    return np.ones(shape, dtype)


def row(name, exception, message, *args, **kwargs):
    """Return a row: its id, what is raised with a part of its message, and the arguments."""
    return pytest.param(exception, message, args, kwargs, id=name)


def check(function, exception, message, args, kwargs):
    with pytest.raises(exception) as caught:
        function(*args, **kwargs)
    text = str(caught.value)
    assert message in text
    # Python's own words for a wrong signature come without the tag.
    assert text.startswith((f"[{function.__name__}] ", f"{function.__name__}() "))


FIRST = rt.modes()[0].name

MODE_ROWS = [
    row(
        "unknown mode",
        ValueError,
        f"pass one of {FIRST}, ",
        mode="foo",
    ),
    row("misspelt mode", ValueError, 'did you mean "mxfp4"?', mode="mxpf4"),
    row("mode in capitals", ValueError, 'did you mean "affine"?', mode="AFFINE"),
    row("empty mode", ValueError, 'unknown mode ""', mode=""),
    row("mode None", TypeError, "mode is None", mode=None),
    row("mode a number", TypeError, "mode is 4", mode=4),
    row(
        "group of 16",
        ValueError,
        "no group_size of 16; pass 32, 64 or 128",
        group_size=16,
    ),
    row("group of 256", ValueError, "no group_size of 256", group_size=256),
    row("group of 0", ValueError, "no group_size of 0", group_size=0),
    row("negative group", ValueError, "no group_size of -32", group_size=-32),
    row("group beyond 64 bits", ValueError, "no group_size of", group_size=2**70),
    row("group a float", TypeError, "group_size is 64.0; pass an int", group_size=64.0),
    row("7 bits", ValueError, "no bits of 7; pass 1, 2, 3, 4, 5, 6 or 8", bits=7),
    row("0 bits", ValueError, "no bits of 0", bits=0),
    row("16 bits", ValueError, "no bits of 16", bits=16),
    row("negative bits", ValueError, "no bits of -4", bits=-4),
    row("bits a float", TypeError, "bits is 4.0; pass an int", bits=4.0),
    row("bits a string", TypeError, "bits is '4'; pass an int", bits="4"),
    row(
        "mxfp4, group of 64",
        ValueError,
        "mxfp4 has no group_size",
        mode="mxfp4",
        group_size=64,
    ),
    row(
        "mxfp4, 8 bits",
        ValueError,
        "mxfp4 has no bits of 8; pass 4",
        mode="mxfp4",
        bits=8,
    ),
    row(
        "mxfp4, 2 bits", ValueError, "no bits of 2", mode="mxfp4", bits=2, group_size=32
    ),
    row(
        "mxfp8, 4 bits",
        ValueError,
        "mxfp8 has no bits of 4; pass 8",
        mode="mxfp8",
        bits=4,
    ),
    row(
        "mxfp8, group of 16",
        ValueError,
        "mxfp8 has no group",
        mode="mxfp8",
        group_size=16,
    ),
    row(
        "nvfp4, group of 32",
        ValueError,
        "nvfp4 has no group",
        mode="nvfp4",
        group_size=32,
    ),
    row(
        "nvfp4, 8 bits",
        ValueError,
        "nvfp4 has no bits of 8; pass 4",
        mode="nvfp4",
        bits=8,
    ),
    row("stream gpu", ValueError, "computes on the CPU", stream="gpu"),
    row("stream unknown", TypeError, "stream is 'cuda'", stream="cuda"),
    row("stream a number", TypeError, "stream is 0", stream=0),
    row("global scale, affine", ValueError, "affine has none", global_scale=ones(1)),
    row(
        "global scale, mxfp4",
        ValueError,
        "use the mode nvfp4",
        mode="mxfp4",
        global_scale=ones(1),
    ),
    row("unknown keyword", TypeError, "groups", groups=64),
]

GLOBAL_SCALE_ROWS = [
    row("two elements", ValueError, "shape (2) and dtype float32; pass", ones(2)),
    row("no element", ValueError, "shape (0)", ones(0)),
    row("float16", ValueError, "dtype float16", ones(1, dtype=np.float16)),
    row("float64", ValueError, "dtype float64", ones(1, dtype=np.float64)),
    row("a number", TypeError, "global_scale is a float, not an array", 1.0),
    row("zero", ValueError, "global_scale is 0.0; it must be positive", np.float32(0)),
    row("NaN", ValueError, "global_scale is nan", np.float32(np.nan)),
    row("infinity", ValueError, "global_scale is inf", np.float32(np.inf)),
    row("negative", ValueError, "global_scale is -1.0", np.float32(-1)),
    row("too small", ValueError, "at least 3.2e-35", np.float32(1e-36)),
]

QUANTIZED = {
    mode.name: rt.quantize(ones(64, 128), mode=mode.name) for mode in rt.modes()
}
CALLS = {
    rt.quantize: lambda mode: [ones(64, 128)],
    rt.dequantize: lambda mode: QUANTIZED[mode],
    rt.quantized_matmul: lambda mode: [ones(3, 128), *QUANTIZED[mode]],
}
functions = pytest.mark.parametrize(
    "function", CALLS, ids=lambda function: function.__name__
)


@functions
@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), MODE_ROWS)
def test_what_all_quantized_functions_share(function, exception, message, args, kwargs):
    """The mode is checked against each function's own arrays of that mode."""
    mode = kwargs.get("mode")
    arrays = CALLS[function](mode if mode in QUANTIZED else "affine")
    check(function, exception, message, arrays, kwargs)


@functions
@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), GLOBAL_SCALE_ROWS)
def test_global_scale(function, exception, message, args, kwargs):
    kwargs = {"mode": "nvfp4", "global_scale": args[0]}
    check(function, exception, message, CALLS[function]("nvfp4"), kwargs)


QUANTIZE_ROWS = [
    row("nothing", TypeError, "missing 1 required positional argument"),
    row("None", TypeError, "w is None, not an array; pass a NumPy", None),
    row("a list", TypeError, "w is a list, not an array", [[0.0] * 64] * 2),
    row("a number", TypeError, "w is a float, not an array", 1.0),
    row("a string", TypeError, "w is a str, not an array", "w"),
    row("masked", TypeError, "pass w.filled", np.ma.masked_array(ones(2, 64))),
    row(
        "0-d", ValueError, "w has shape (), but a matrix has at least 2", np.array(1.0)
    ),
    row("a vector", ValueError, "w has shape (64)", ones(64)),
    row(
        "width 65", ValueError, "last dimension of w is 65 (shape (2, 65))", ones(2, 65)
    ),
    row("width of half a group", ValueError, "pad it with zeros", ones(2, 32)),
    row("width hint", ValueError, "affine has 32, 64, 128", ones(2, 32)),
    row("mxfp4, width 48", ValueError, "group size 32", ones(2, 48), mode="mxfp4"),
    row("nvfp4, width 24", ValueError, "group size 16", ones(2, 24), mode="nvfp4"),
    row("as a keyword", TypeError, "positional-only", w=ones(2, 64)),
    *(
        row(
            name,
            ValueError,
            f"w has dtype {name}, but only real",
            ones(2, 64, dtype=name),
        )
        for name in ("int32", "uint8", "bool", "complex64", "int8", "uint32", "int64")
    ),
    row("strings", ValueError, "w has dtype str", np.full((2, 64), "a")),
    row("objects", ValueError, "w has dtype object", np.full((2, 64), None)),
    row(
        "global scale in its place",
        ValueError,
        "affine has none",
        ones(2, 64),
        64,
        4,
        "affine",
        ones(1),
    ),
    row("wide float", ValueError, "w has dtype", ones(2, 64, dtype=np.longdouble)),
]


@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), QUANTIZE_ROWS)
def test_quantize(exception, message, args, kwargs):
    check(rt.quantize, exception, message, args, kwargs)


Q, S, Z = rt.quantize(ones(4, 128))
Q4, S4 = rt.quantize(ones(4, 128), mode="mxfp4")
S16 = rt.quantize(ones(4, 128), mode="nvfp4")[1]
Q3, S3, Z3 = rt.quantize(ones(4, 128), bits=3)

MATRIX_ROWS = [
    row("biases missing", ValueError, "biases are missing", Q, S),
    row(
        "biases None",
        ValueError,
        "pass all three arrays that quantize returned",
        Q,
        S,
        None,
    ),
    row("scales missing", TypeError, "missing 1 required positional argument", Q),
    row("scales None", TypeError, "scales is None, not an array", Q, None, Z),
    row("w a list", TypeError, "w is a list", [[1]], S, Z),
    row("wrong group", ValueError, "do not fit 4-bit affine", Q, S, Z, group_size=32),
    row("wrong bits", ValueError, "where 16 words have one scale", Q, S, Z, bits=8),
    row(
        "wrong bits and group",
        ValueError,
        "no bits of 7",
        Q,
        S,
        Z,
        bits=7,
        group_size=64,
    ),
    row(
        "16 bits that fit",
        ValueError,
        "no group_size of 16",
        Q,
        S,
        Z,
        bits=16,
        group_size=16,
    ),
    row(
        "32 bits that fit",
        ValueError,
        "no group_size of 8",
        Q,
        S,
        Z,
        bits=32,
        group_size=8,
    ),
    row(
        "64 bits that fit",
        ValueError,
        "no group_size of 4",
        Q,
        S,
        Z,
        bits=64,
        group_size=4,
    ),
    row(
        "1 bit that fits",
        ValueError,
        "no group_size of 256",
        Q,
        S,
        Z,
        bits=1,
        group_size=256,
    ),
    row("group of 0", ValueError, "no group_size of 0", Q, S, Z, group_size=0),
    row(
        "w int32",
        ValueError,
        "w has dtype int32; pass the uint32",
        Q.view(np.int32),
        S,
        Z,
    ),
    row("w uint8", ValueError, "w has dtype uint8", Q.view(np.uint8), S, Z),
    row("w float", ValueError, "w has dtype float32", Q.view(np.float32), S, Z),
    row("fewer scale rows", ValueError, "but the last must be equal", Q, S[:2], Z[:2]),
    row("one scale row", ValueError, "but the last must be equal", Q, S[:1], Z[:1]),
    row(
        "more scale rows",
        ValueError,
        "scales have shape (8, 2)",
        Q,
        *[np.tile(S, (2, 1))] * 2,
    ),
    row("fewer bias rows", ValueError, "biases have shape (2, 2)", Q, S, Z[:2]),
    row("fewer bias columns", ValueError, "they must be equal", Q, S, Z[:, :1]),
    row("more bias columns", ValueError, "biases have shape (4, 4)", Q, S, ones(4, 4)),
    row(
        "fewer scale columns",
        ValueError,
        "16 words and 1 scales",
        Q,
        S[:, :1],
        Z[:, :1],
    ),
    row("w a vector", ValueError, "at least 2 dimensions", Q[0], S[0], Z[0]),
    row("w 0-d", ValueError, "w has shape ()", Q[0, 0], S[0, 0], Z[0, 0]),
    row("scales a vector", ValueError, "scales have shape (2) but w", Q, S[0], Z[0]),
    row("w 3-d, scales 2-d", ValueError, "scales have shape", np.stack([Q, Q]), S, Z),
    row("batches differ", ValueError, "scales", np.stack([Q, Q]), S[None], Z[None]),
    row("int scales", ValueError, "scales have dtype int32", Q, S.astype(np.int32), Z),
    row("int biases", ValueError, "biases have dtype int32", Q, S, Z.astype(np.int32)),
    row(
        "both int", ValueError, "scales have dtype int32", Q, *[S.astype(np.int32)] * 2
    ),
    row("mode forgotten", ValueError, 'pass mode="mxfp4"', Q4, S4),
    row("mode forgotten, nvfp4", ValueError, "probably of another mode", Q4, S16),
    row("uint8 biases", ValueError, "probably of another mode", Q4, S4, S4),
    row("affine as mxfp4", ValueError, 'pass mode="affine"', Q, S, Z, mode="mxfp4"),
    row(
        "float scales",
        ValueError,
        "uint8 scales (e8m0)",
        Q4,
        S4.astype("f2"),
        mode="mxfp4",
    ),
    row("int8 scales", ValueError, "uint8 scales", Q4, S4.view(np.int8), mode="mxfp4"),
    row("biases given", ValueError, '"mxfp4" has none', Q4, S4, S4, mode="mxfp4"),
    row("mxfp4 as mxfp8", ValueError, "do not fit 8-bit mxfp8", Q4, S4, mode="mxfp8"),
    row("mxfp4 as nvfp4", ValueError, "do not fit 4-bit nvfp4", Q4, S4, mode="nvfp4"),
    row("mxfp4, fewer rows", ValueError, "must be equal", Q4, S4[:2], mode="mxfp4"),
    row("mxfp4, fewer columns", ValueError, "do not fit", Q4, S4[:, :2], mode="mxfp4"),
    row(
        "mxfp4, a vector",
        ValueError,
        "at least 2 dimensions",
        Q4[0],
        S4[0],
        mode="mxfp4",
    ),
    row(
        "mxfp4 as 8 bits of 16",
        ValueError,
        "mxfp4 has no group_size of 16",
        Q4,
        S4,
        mode="mxfp4",
        bits=8,
        group_size=16,
    ),
    row(
        "nvfp4 with half its scales",
        ValueError,
        "nvfp4 has no group_size of 32",
        Q4,
        S16[:, ::2],
        mode="nvfp4",
        group_size=32,
    ),
    row(
        "odd number of words",
        ValueError,
        "do not fit 3-bit",
        Q3[:, :10],
        S3,
        Z3,
        bits=3,
    ),
    row("transposed words", ValueError, "must be equal", Q.T, S.T, Z.T),
    row(
        "width whose bits overflow 32 bits",
        ValueError,
        "134217744 words",
        np.broadcast_to(np.uint32(0), (2, 2**27 + 16)),
        ones(2, 2),
        ones(2, 2),
    ),
    row(
        "width whose bits become 0 in 32 bits",
        ValueError,
        "134217728 words",
        np.broadcast_to(np.uint32(0), (2, 2**27)),
        ones(2, 0),
        ones(2, 0),
    ),
    row(
        "w beyond memory",
        ValueError,
        "do not fit",
        np.broadcast_to(np.uint32(0), (2, 2**57)),
        ones(2, 2),
        ones(2, 2),
    ),
]


@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), MATRIX_ROWS)
def test_dequantize(exception, message, args, kwargs):
    check(rt.dequantize, exception, message, args, kwargs)


@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), MATRIX_ROWS)
def test_quantized_matmul_checks_its_matrix_too(exception, message, args, kwargs):
    check(rt.quantized_matmul, exception, message, (ones(3, 128), *args), kwargs)


DTYPE_ROWS = [
    row("int32", ValueError, "dtype is int32, but the result is a real", np.int32),
    row("complex64", ValueError, "dtype is complex64", np.complex64),
    row("bool", ValueError, "dtype is bool", bool),
    row(
        "a word that is none",
        TypeError,
        "dtype is 'half-precision', not a dtype",
        "half-precision",
    ),
    row("a number", TypeError, "dtype is 16, not a dtype", 16),
    row("an array", TypeError, "not a dtype", ones(1)),
]


@pytest.mark.parametrize("mode", ["affine", "mxfp4"])
@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), DTYPE_ROWS)
def test_dtype_of_dequantize(mode, exception, message, args, kwargs):
    kwargs = {"mode": mode, "dtype": args[0]}
    check(rt.dequantize, exception, message, QUANTIZED[mode], kwargs)


def bad_x(name, exception, message, x, mode="affine", **kwargs):
    return row(name, exception, message, x, *QUANTIZED[mode], mode=mode, **kwargs)


STACK = rt.quantize(ones(2, 64, 128))

MATMUL_ROWS = [
    bad_x("x 0-d", ValueError, "x has shape ()", np.array(1.0)),
    bad_x("x None", TypeError, "x is None", None),
    bad_x("x a list", TypeError, "x is a list", [1.0]),
    bad_x("x too narrow", ValueError, "this w takes (..., 128)", ones(3, 64)),
    bad_x(
        "not transposed", ValueError, "takes (..., 64)", ones(3, 128), transpose=False
    ),
    bad_x("transpose hint", ValueError, "check transpose", ones(3, 64)),
    bad_x(
        "transpose None", TypeError, "transpose is None", ones(3, 128), transpose=None
    ),
    bad_x(
        "transpose 1", TypeError, "transpose is 1; pass True", ones(3, 128), transpose=1
    ),
    bad_x("x complex", ValueError, "x has dtype complex64", ones(3, 128, dtype="c8")),
    bad_x(
        "x int, mxfp4",
        ValueError,
        "x has dtype int32",
        ones(3, 128, dtype="i4"),
        "mxfp4",
    ),
    bad_x(
        "x bool, nvfp4",
        ValueError,
        "x has dtype bool",
        ones(3, 128, dtype="?"),
        "nvfp4",
    ),
    row(
        "batches",
        ValueError,
        "do not broadcast; make them equal",
        ones(3, 5, 128),
        *STACK,
    ),
    row(
        "x as a keyword",
        TypeError,
        "positional-only",
        *QUANTIZED["affine"],
        x=ones(3, 128),
    ),
    row("nothing", TypeError, "missing 3 required positional arguments"),
]


@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), MATMUL_ROWS)
def test_quantized_matmul(exception, message, args, kwargs):
    check(rt.quantized_matmul, exception, message, args, kwargs)


@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), MATRIX_ROWS)
def test_gather_qmm_checks_its_matrix_too(exception, message, args, kwargs):
    check(rt.gather_qmm, exception, message, (ones(3, 128), *args), kwargs)


def indices(*values, dtype=np.int32):
    return np.array(values, dtype)


STACKED = ones(2, 3, 128), *STACK

GATHER_ROWS = [
    row("x a vector", ValueError, "at least 2 dimensions", ones(128), *STACK),
    row("x too narrow", ValueError, "takes (..., 128)", ones(2, 3, 64), *STACK),
    row("sorted 1", TypeError, "sorted_indices is 1", *STACKED, sorted_indices=1),
    row("lhs a list", TypeError, "lhs_indices is a list", *STACKED, lhs_indices=[0]),
    row("lhs float", ValueError, "pass integers", *STACKED, lhs_indices=ones(2)),
    row(
        "rhs bool",
        ValueError,
        "rhs_indices have dtype bool",
        *STACKED,
        rhs_indices=ones(2, dtype=bool),
    ),
    row(
        "rhs too large",
        IndexError,
        "rhs_indices hold 2, but w has 2 matrices; pass 0 to 1",
        *STACKED,
        rhs_indices=indices(0, 2),
    ),
    row(
        "lhs negative",
        IndexError,
        "lhs_indices hold -1, but x has 2",
        *STACKED,
        lhs_indices=indices(-1, 0),
    ),
    row(
        "rhs beyond 63 bits",
        IndexError,
        "rhs_indices hold 18446744073709551615",
        *STACKED,
        rhs_indices=indices(2**64 - 1, dtype=np.uint64),
    ),
    row(
        "no matrices",
        IndexError,
        "x has no matrices",
        ones(0, 3, 128),
        *STACK,
        lhs_indices=indices(0),
    ),
    row(
        "indices do not broadcast",
        ValueError,
        "lhs_indices have shape (2) and rhs_indices (3)",
        *STACKED,
        lhs_indices=indices(0, 1),
        rhs_indices=indices(0, 1, 1),
    ),
    row(
        "global scale, affine",
        ValueError,
        "affine has none",
        *STACKED,
        global_scale=ones(2),
    ),
]


@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), GATHER_ROWS)
def test_gather_qmm(exception, message, args, kwargs):
    check(rt.gather_qmm, exception, message, args, kwargs)


W4 = rt.quantize(ones(4, 64), mode="nvfp4")
X4 = ones(3, 64)

QQMM_ROWS = [
    row("affine", ValueError, 'mode "affine" has biases', X4, *W4, mode="affine"),
    row("x int", ValueError, "x has dtype int32", ones(3, 64, dtype="i4"), *W4),
    row("x ragged", ValueError, "multiple of the group size 16", ones(3, 63), *W4),
    row("x 0-d", ValueError, "x has shape ()", np.array(1.0), *W4),
    row("x too narrow", ValueError, "takes (..., 64)", ones(3, 32), *W4),
    row("w int", ValueError, "w has dtype int32", X4, ones(4, 64, dtype="i4")),
    row("w a vector", ValueError, "at least 2 dimensions", X4, ones(64)),
    row("w ragged", ValueError, "w has shape (4, 63)", X4, ones(4, 63)),
    row("scales missing", ValueError, "scales are missing", X4, W4[0]),
    row("scales float", ValueError, "uint8 scales", X4, W4[0], ones(4, 4)),
    row("too few scales", ValueError, "must be equal", X4, W4[0], W4[1][:2]),
    row(
        "one global scale",
        ValueError,
        "global_scale_x is given and global_scale_w is not",
        X4,
        *W4,
        global_scale_x=ones(1),
    ),
    row(
        "global scale of 0",
        ValueError,
        "must be positive",
        X4,
        *W4,
        global_scale_x=ones(1),
        global_scale_w=0 * ones(1),
    ),
    row(
        "global scales, mxfp8",
        ValueError,
        "mxfp8 has none",
        X4,
        ones(4, 64),
        mode="mxfp8",
        global_scale_x=ones(1),
        global_scale_w=ones(1),
    ),
]


@pytest.mark.parametrize("function", [rt.qqmm, rt.gather_qqmm])
@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), QQMM_ROWS)
def test_qqmm(function, exception, message, args, kwargs):
    check(function, exception, message, args, kwargs)


def test_qqmm_takes_one_matrix():
    w = rt.quantize(ones(2, 4, 64), mode="nvfp4")
    check(rt.qqmm, ValueError, "use gather_qqmm", (X4, *w), {})


def attend(
    name, exception, message, q=(1, 2, 3, 8), k=(1, 2, 5, 8), v=(1, 2, 5, 8), **kwargs
):
    """Return a row; q, k and v are arrays or the shapes of some."""
    arrays = [
        ones(*array) if isinstance(array, tuple) else array for array in (q, k, v)
    ]
    return row(name, exception, message, *arrays, **{"scale": 1.0, **kwargs})


HALF = {name: ones(1, 2, 5, 8, dtype=np.float16) for name in "qkv"}
BRAIN = {name: ones(1, 2, 5, 8, dtype=BFLOAT16) for name in "qkv"}
INTS = {name: ones(1, 2, 5, 8, dtype=np.int32) for name in "qkv"}

ATTENTION_ROWS = [
    row("scale missing", TypeError, "scale", *[ones(1, 2, 3, 8)] * 3),
    row(
        "scale in a place",
        TypeError,
        "positional arguments",
        *[ones(1, 2, 3, 8)] * 3,
        0.5,
    ),
    attend("scale None", TypeError, "scale is None; pass a number", scale=None),
    attend("scale a string", TypeError, "scale is '1'; pass a number", scale="1"),
    attend("scale of two", TypeError, "pass a number", scale=ones(2)),
    attend("scale in a vector", TypeError, "pass a number", scale=ones(1)),
    attend("q a list", TypeError, "q is a list", q=[1.0]),
    attend("k None", TypeError, "k is None", k=None),
    attend("3-d", ValueError, "q has shape (2, 3, 8); pass 4", *[(2, 3, 8)] * 3),
    attend("5-d", ValueError, "q has shape (1, 1, 2, 3, 8)", *[(1, 1, 2, 3, 8)] * 3),
    attend("0-d", ValueError, "q has shape ()", *[np.array(1.0)] * 3),
    attend("v 3-d", ValueError, "v has shape (2, 5, 8)", v=(2, 5, 8)),
    attend(
        "batch 1 and 2", ValueError, "batch sizes", (1, 2, 3, 8), *[(2, 2, 5, 8)] * 2
    ),
    attend("batch 2 and 1", ValueError, "must be equal, expand", (2, 2, 3, 8)),
    attend("head sizes", ValueError, "same head dimension", k=(1, 2, 5, 16)),
    attend(
        "lengths of k and v", ValueError, "k and v need the same length", v=(1, 2, 4, 8)
    ),
    attend("heads of k and v", ValueError, "same number of heads", v=(1, 1, 5, 8)),
    attend("3 heads for 2", ValueError, "not a multiple of the 2 heads", (1, 3, 3, 8)),
    attend(
        "2 heads for 4", ValueError, "not a multiple", (1, 2, 3, 8), *[(1, 4, 5, 8)] * 2
    ),
    attend("no heads in k", ValueError, "no heads", (1, 2, 3, 8), *[(1, 0, 5, 8)] * 2),
    attend("no heads in q", ValueError, "no heads", (1, 0, 3, 8)),
    attend("no heads", ValueError, "no heads", (1, 0, 3, 8), *[(1, 0, 5, 8)] * 2),
    attend("integers", ValueError, "at least one must be one of float16", **INTS),
    attend("complex", ValueError, "complex64", q=ones(1, 2, 3, 8, dtype="c8")),
    attend(
        "mask misspelt",
        ValueError,
        'mask is "casual"; pass None, "causal"',
        mask="casual",
    ),
    attend("mask in capitals", ValueError, 'mask is "CAUSAL"', mask="CAUSAL"),
    attend("mask empty", ValueError, 'mask is ""', mask=""),
    attend("mask 'array'", ValueError, 'mask is "array"', mask="array"),
    attend("mask True", TypeError, "mask is True", mask=True),
    attend("mask a list", TypeError, "mask is a list", mask=[[0.0] * 5] * 3),
    attend(
        "mask too short",
        ValueError,
        "does not broadcast to (1, 2, 3, 5)",
        mask=ones(3, 4),
    ),
    attend("mask transposed", ValueError, "mask has shape (5, 3)", mask=ones(5, 3)),
    attend("mask enlarges", ValueError, "does not broadcast", mask=ones(4, 1, 3, 5)),
    attend("mask 5-d", ValueError, "at most 4 dimensions", mask=ones(1, 1, 1, 3, 5)),
    attend("mask of no keys", ValueError, "mask has shape (0)", mask=ones(0)),
    attend(
        "mask by heads of k",
        ValueError,
        "batch, heads of q",
        q=(2, 4, 3, 8),
        k=(2, 2, 5, 8),
        v=(2, 2, 5, 8),
        mask=ones(2, 3, 5),
    ),
    attend(
        "mask wider, float16",
        ValueError,
        "pass mask as float16",
        mask=ones(5, 5),
        **HALF,
    ),
    attend(
        "mask float16, bfloat16",
        ValueError,
        "mask has dtype float16, which does not promote to the result's bfloat16",
        mask=ones(5, 5, dtype=np.float16),
        **BRAIN,
    ),
    attend(
        "mask float64", ValueError, "dtype float64", mask=ones(3, 5, dtype=np.float64)
    ),
    attend("mask complex", ValueError, "dtype complex64", mask=ones(3, 5, dtype="c8")),
    attend(
        "mask int32", TypeError, "mask.astype(bool)", mask=ones(3, 5, dtype=np.int32)
    ),
    attend(
        "mask uint8",
        TypeError,
        "could mean to keep or to add",
        mask=ones(5, dtype="u1"),
    ),
    attend(
        "sinks too many", ValueError, "sinks have shape (3); pass one", sinks=ones(3)
    ),
    attend("sinks 2-d", ValueError, "sinks have shape (1, 2)", sinks=ones(1, 2)),
    attend("sinks 0-d", ValueError, "sinks have shape ()", sinks=np.array(0.0)),
    attend("sinks by heads of k", ValueError, "(4)", q=(1, 4, 3, 8), sinks=ones(2)),
    attend("sinks int", TypeError, "they are logits", sinks=ones(2, dtype=np.int32)),
    attend("sinks bool", TypeError, "they are logits", sinks=ones(2, dtype=bool)),
    attend("sinks a list", TypeError, "sinks is a list", sinks=[0.0, 0.0]),
    attend("sinks wider", ValueError, "pass sinks as float16", sinks=ones(2), **HALF),
    attend(
        "force_fused",
        ValueError,
        "computes on the CPU; leave force_fused",
        force_fused=True,
    ),
    attend("force_fused 1", TypeError, "force_fused is 1; pass True", force_fused=1),
    attend("window 0", ValueError, "window is 0; pass at least 1", window=0),
    attend("window a float", TypeError, "window is 2.0", window=2.0),
    attend("stream", ValueError, "computes on the CPU", stream="gpu"),
]


@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), ATTENTION_ROWS)
def test_attention(exception, message, args, kwargs):
    check(fast.scaled_dot_product_attention, exception, message, args, kwargs)


KV = rt.quantize(ones(1, 2, 5, 64))

QUANTIZED_ATTENTION_ROWS = [
    row(
        "k one array", TypeError, "k is not the 3 arrays", ones(1, 2, 3, 64), KV[0], KV
    ),
    row("v without biases", TypeError, "v is not the 3", ones(1, 2, 3, 64), KV, KV[:2]),
    row(
        "q int", ValueError, "q has dtype int32", ones(1, 2, 3, 64, dtype="i4"), KV, KV
    ),
    row("q too narrow", ValueError, "same head dimension", ones(1, 2, 3, 32), KV, KV),
    row("q 3-d", ValueError, "pass 4 dimensions", ones(2, 3, 64), KV, KV),
    row("heads", ValueError, "not a multiple", ones(1, 3, 3, 64), KV, KV),
    row(
        "mask",
        ValueError,
        "does not broadcast",
        ones(1, 2, 3, 64),
        KV,
        KV,
        mask=ones(4),
    ),
    row("window", ValueError, "window is -1", ones(1, 2, 3, 64), KV, KV, window=-1),
    row(
        "global scale",
        ValueError,
        "affine has none",
        ones(1, 2, 3, 64),
        KV,
        KV,
        k_global_scale=ones(1),
    ),
]


@pytest.mark.parametrize(
    ("exception", "message", "args", "kwargs"), QUANTIZED_ATTENTION_ROWS
)
def test_quantized_attention(exception, message, args, kwargs):
    function = fast.quantized_scaled_dot_product_attention
    check(function, exception, message, args, {"scale": 1.0, **kwargs})


FP8_ROWS = [
    row(
        "to_fp8 of integers",
        ValueError,
        "x has dtype int32",
        rt.to_fp8,
        ones(3, dtype="i4"),
    ),
    row("to_fp8 of complex", ValueError, "complex64", rt.to_fp8, ones(1, dtype="c8")),
    row("to_fp8 of a number", TypeError, "x is a float", rt.to_fp8, 1.5),
    row(
        "from_fp8 of int32",
        ValueError,
        "pass the uint8",
        rt.from_fp8,
        ones(3, dtype="i4"),
    ),
    row("from_fp8 of int8", ValueError, "dtype int8", rt.from_fp8, ones(3, dtype="i1")),
    row(
        "from_fp8 to int32",
        ValueError,
        "int32",
        rt.from_fp8,
        ones(3, dtype="u1"),
        np.int32,
    ),
    row(
        "from_fp8 to complex",
        ValueError,
        "complex64",
        rt.from_fp8,
        ones(1, dtype="u1"),
        "c8",
    ),
    row(
        "from_fp8 to None",
        TypeError,
        "dtype is None",
        rt.from_fp8,
        ones(1, dtype="u1"),
        None,
    ),
]


@pytest.mark.parametrize(("exception", "message", "args", "kwargs"), FP8_ROWS)
def test_fp8(exception, message, args, kwargs):
    function, *rest = args
    check(function, exception, message, rest, kwargs)
