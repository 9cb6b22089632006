"""Attention against float64: masks, sinks, shared heads, what is masked, empty sizes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlxport import runtime as rt
from mlxport.runtime import fast

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

B, HEADS, KV_HEADS, QUERIES, KEYS, DIM, VALUE_DIM = 2, 4, 2, 5, 7, 16, 24


def inputs(
    dtype=np.float32, queries=QUERIES, keys=KEYS, dim=DIM, value_dim=VALUE_DIM, seed=0
):
    rng = np.random.default_rng(seed)
    shapes = (
        (B, HEADS, queries, dim),
        (B, KV_HEADS, keys, dim),
        (B, KV_HEADS, keys, value_dim),
    )
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def causal(queries, keys):
    """Return the lower-right mask."""
    return np.arange(keys) <= np.arange(queries)[:, None] + keys - queries


def attend(*arrays, **options):
    return fast.scaled_dot_product_attention(*arrays, **{"scale": 0.25, **options})


def assert_rounded_once(found, exact):
    """Allow one rounding of the result, and the error of sums in double."""
    assert found.flags.owndata
    tolerance = np.abs(exact) * epsilon(found.dtype) * (1 + 1e-6) + 1e-13
    tolerance = np.maximum(
        tolerance,
        (
            float(np.finfo(np.float16).smallest_subnormal) / 2
            if found.dtype == np.float16
            else 0
        ),
    )
    assert (np.abs(found.astype(np.float64) - exact) <= tolerance).all()


RNG = np.random.default_rng(10)
MASK_SHAPES = [
    (),
    (KEYS,),
    (1,),
    (QUERIES, KEYS),
    (QUERIES, 1),
    (HEADS, QUERIES, KEYS),
    (HEADS, 1, KEYS),
    (B, 1, 1, KEYS),
    (1, HEADS, 1, 1),
    (B, HEADS, QUERIES, KEYS),
]


@pytest.mark.parametrize("sinks", [False, True], ids=["plain", "sinks"])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("shape", MASK_SHAPES, ids=str)
@pytest.mark.parametrize("kind", ["bool", "additive", "additive with -inf"])
def test_masks(kind, shape, dtype, sinks):
    q, k, v = inputs(dtype)
    keep = RNG.random(shape) < 0.7
    sinks = RNG.standard_normal(HEADS).astype(dtype) if sinks else None
    if kind == "bool":
        mask, bias = np.asarray(keep), None
    else:
        bias = np.asarray(RNG.standard_normal(shape)).astype(dtype)
        if kind == "additive":
            keep = np.ones(shape, bool)
        mask = bias = np.where(keep, bias, dtype.type(-np.inf))
    found = attend(q, k, v, mask=mask, sinks=sinks)
    assert found.dtype == dtype
    assert_rounded_once(found, oracle.attention(q, k, v, 0.25, keep, bias, sinks))


@pytest.mark.parametrize("sinks", [False, True], ids=["plain", "sinks"])
@pytest.mark.parametrize(
    ("queries", "keys"),
    [(5, 5), (3, 7), (7, 3), (1, 9), (9, 1), (4, 0)],
    ids=lambda size: str(size),
)
def test_causal_is_lower_right(queries, keys, sinks):
    q, k, v = inputs(queries=queries, keys=keys)
    sinks = np.array([0, -1, 2, -np.inf], np.float32) if sinks else None
    found = attend(q, k, v, mask="causal", sinks=sinks)
    assert_rounded_once(
        found, oracle.attention(q, k, v, 0.25, causal(queries, keys), None, sinks)
    )
    assert not found[:, :, : max(queries - keys, 0)].any()
    as_array = attend(q, k, v, mask=causal(queries, keys), sinks=sinks)
    np.testing.assert_array_equal(bits_of(found), bits_of(as_array))


@settings(deadline=None, max_examples=40)
@given(
    queries=st.integers(0, 6),
    keys=st.integers(0, 9),
    dim=st.integers(0, 9),
    value_dim=st.integers(0, 9),
    mask=st.sampled_from([None, "causal"]),
)
def test_any_size(queries, keys, dim, value_dim, mask):
    q, k, v = inputs(queries=queries, keys=keys, dim=dim, value_dim=value_dim)
    keep = causal(queries, keys) if mask else None
    found = attend(q, k, v, mask=mask)
    assert found.shape == (B, HEADS, queries, value_dim)
    assert_rounded_once(found, oracle.attention(q, k, v, 0.25, keep))


def test_no_batch():
    q, k, v = (array[:0] for array in inputs())
    assert attend(q, k, v).shape == (0, HEADS, QUERIES, VALUE_DIM)


@pytest.mark.parametrize("heads", [1, 2, 4], ids=["one head", "shared", "own heads"])
def test_heads_share_keys(heads):
    rng = np.random.default_rng(11)
    q = rng.standard_normal((1, 4, 3, 8)).astype(np.float32)
    k, v = rng.standard_normal((2, 1, heads, 6, 8)).astype(np.float32)
    repeated = (np.repeat(array, 4 // heads, axis=1) for array in (k, v))
    np.testing.assert_array_equal(attend(q, k, v), attend(q, *repeated))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38], ids=str)
@pytest.mark.parametrize("where", ["key", "value"])
@pytest.mark.parametrize("kind", ["bool", "-inf", "least number", "causal"])
def test_nothing_of_a_masked_key_enters(kind, where, value):
    q, k, v = inputs(queries=KEYS)
    keep = causal(KEYS, KEYS)
    masks = {
        "bool": keep,
        "-inf": np.where(keep, np.float32(0), np.float32(-np.inf)),
        "least number": np.where(keep, np.float32(0), np.finfo(np.float32).min),
        "causal": "causal",
    }
    clean = attend(q, k, v, mask=masks[kind])
    (k if where == "key" else v)[:, :, -1] = value
    spoiled = attend(q, k, v, mask=masks[kind])
    np.testing.assert_array_equal(spoiled[:, :, :-1], clean[:, :, :-1])


def test_a_masked_key_does_not_win_where_float16_scores_would_overflow():
    q = np.full((1, 1, 1, 8), -250, np.float16)
    k = np.full((1, 1, 2, 8), 250, np.float16)
    v = np.array([1, 2], np.float16).reshape(1, 1, 2, 1)
    found = attend(q, k, v, scale=1.0, mask=np.array([[True, False]]))
    assert found.item() == 1


@pytest.mark.parametrize(
    "sinks", [None, np.zeros(HEADS, np.float32)], ids=["plain", "sinks"]
)
@pytest.mark.parametrize(
    "mask",
    [
        pytest.param(np.zeros((QUERIES, KEYS), bool), id="bool"),
        pytest.param(np.array(False), id="one False"),
        pytest.param(np.full((QUERIES, KEYS), -np.inf, np.float32), id="-inf"),
        pytest.param(np.full((1, KEYS), np.finfo(np.float32).min), id="least float32"),
        pytest.param(np.full((1, KEYS), np.finfo(np.float16).min), id="least float16"),
        pytest.param(np.full(KEYS, -np.inf).astype(BFLOAT16), id="bfloat16 -inf"),
    ],
)
def test_a_row_that_sees_nothing_is_zero(mask, sinks):
    q, k, v = inputs()
    found = attend(q, k, v, mask=mask, sinks=sinks)
    assert found.shape == (B, HEADS, QUERIES, VALUE_DIM)
    assert not found.any()


def test_nan_stays_in_its_query():
    q, k, v = inputs()
    q[0, 0, 2, 0] = np.nan
    found = np.isnan(attend(q, k, v))
    expected = np.zeros_like(found)
    expected[0, 0, 2] = True
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("sink", "is_nan"),
    [(np.nan, True), (np.inf, True), (-np.inf, False)],
    ids=["NaN", "infinity", "-infinity is none"],
)
def test_sinks_beyond_numbers(sink, is_nan):
    q, k, v = inputs()
    sinks = np.zeros(HEADS, np.float32)
    sinks[1] = sink
    found = attend(q, k, v, sinks=sinks)
    assert np.isnan(found[:, 1]).all() == is_nan
    assert np.isfinite(found[:, [0, 2, 3]]).all()
    if not is_nan:
        np.testing.assert_array_equal(found[:, 1], attend(q, k, v)[:, 1])


def test_sinks_do_not_depend_on_the_number_of_queries():
    q, k, v = inputs()
    sinks = np.linspace(-1, 1, HEADS, dtype=np.float32)
    whole = attend(q, k, v, sinks=sinks)
    for i in range(QUERIES):
        one = attend(q[:, :, i : i + 1], k, v, sinks=sinks)
        np.testing.assert_array_equal(bits_of(one), bits_of(whole[:, :, i : i + 1]))


@pytest.mark.parametrize(
    "scale", [0.0, -1.0, 1, np.float32(0.5), np.array(0.5)], ids=repr
)
def test_any_number_is_a_scale(scale):
    q, k, v = inputs()
    assert_rounded_once(
        attend(q, k, v, scale=scale), oracle.attention(q, k, v, float(scale))
    )


def test_large_scores_do_not_overflow():
    q, k, v = inputs()
    found = attend(q * np.float32(1e20), k * np.float32(1e20), v)
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        pytest.param(("float16", "float16", "float16"), "float16", id="one type"),
        pytest.param(
            ("float16", BFLOAT16, "float16"), "float32", id="the two half types"
        ),
        pytest.param(("float16", "float32", "float16"), "float32", id="with float32"),
        pytest.param(("float32", "float64", "float16"), "float64", id="with float64"),
        pytest.param(("float32", "int32", "int64"), "float32", id="integers follow"),
        pytest.param(
            (BFLOAT16, "int32", "bool"), BFLOAT16, id="integers follow bfloat16"
        ),
    ],
)
def test_promotion(dtypes, expected):
    arrays = [
        array.astype(dtype) for array, dtype in zip(inputs(), dtypes, strict=True)
    ]
    found = attend(*arrays)
    assert found.dtype == expected
    assert_rounded_once(found, oracle.attention(*arrays, 0.25))


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_mask_and_sinks_may_be_narrower(dtype):
    q, k, v = inputs()
    bias = RNG.standard_normal((QUERIES, KEYS)).astype(dtype)
    sinks = RNG.standard_normal(HEADS).astype(dtype)
    found = attend(q, k, v, mask=bias, sinks=sinks)
    assert_rounded_once(found, oracle.attention(q, k, v, 0.25, None, bias, sinks))


@pytest.mark.parametrize("window", [1, 2, 6, 100, 2**70], ids=str)
@pytest.mark.parametrize(
    ("queries", "keys"), [(5, 5), (3, 7), (7, 3), (1, 9)], ids=lambda size: str(size)
)
@pytest.mark.parametrize("mask", [None, "causal"], ids=["alone", "causal"])
def test_window(mask, queries, keys, window):
    q, k, v = inputs(queries=queries, keys=keys)
    place = np.arange(queries)[:, None] + keys - queries
    keep = np.arange(keys) > place - min(window, 1000)
    if mask:
        keep &= causal(queries, keys)
    found = attend(q, k, v, mask=mask, window=window)
    assert_rounded_once(found, oracle.attention(q, k, v, 0.25, keep))


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_quantized_keys_and_values(variant, dtype):
    q, k, v = inputs(dtype, dim=128, value_dim=256)
    k, v = (rt.quantize(array, **options(variant)) for array in (k, v))
    sinks = np.linspace(-1, 1, HEADS).astype(dtype)
    found = fast.quantized_scaled_dot_product_attention(
        q, k, v, scale=0.25, mask="causal", sinks=sinks, window=3, **options(variant)
    )
    assert found.dtype == dtype
    place = np.arange(QUERIES)[:, None] + KEYS - QUERIES
    keep = causal(QUERIES, KEYS) & (np.arange(KEYS) > place - 3)
    values = (oracle.dequantize(arrays, *variant) for arrays in (k, v))
    assert_rounded_once(found, oracle.attention(q, *values, 0.25, keep, None, sinks))


@pytest.mark.parametrize(
    "variant", [v for v in VARIANTS if v[0].has_global_scale], ids=variant_id
)
def test_quantized_with_global_scales(variant):
    q, k, v = inputs(dim=128, value_dim=128)
    scales = [np.abs(array).max() for array in (k, v)]
    arrays = [
        rt.quantize(array, **options(variant), global_scale=scale)
        for array, scale in zip((k, v), scales, strict=True)
    ]
    found = fast.quantized_scaled_dot_product_attention(
        q,
        *arrays,
        scale=0.25,
        **options(variant),
        k_global_scale=scales[0],
        v_global_scale=scales[1],
    )
    values = (
        oracle.dequantize(parts, *variant, scale)
        for parts, scale in zip(arrays, scales, strict=True)
    )
    assert_rounded_once(found, oracle.attention(q, *values, 0.25))
