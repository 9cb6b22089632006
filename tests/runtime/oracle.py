"""The semantics in NumPy, written from the definitions and not from the C++: slow and plain."""

import ml_dtypes
import numpy as np

E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6])
E4M3 = np.arange(127, dtype=np.uint8).view(ml_dtypes.float8_e4m3fn).astype(np.float64)
GLOBAL_DIVISOR = np.float32(2688)

_MAGNITUDES = {"e2m1": E2M1, "e4m3": E4M3}
_SIGN = {"e2m1": 8, "e4m3": 128}


def pack(codes, bits):
    """Return a row-wise little-endian bit stream as uint32 words."""
    stream = codes[..., None] >> np.arange(bits, dtype=np.uint8) & 1
    words = stream.reshape(*codes.shape[:-1], codes.shape[-1] * bits // 32, 32)
    return (
        (words.astype(np.uint64) << np.arange(32, dtype=np.uint64))
        .sum(-1)
        .astype(np.uint32)
    )


def unpack(words, bits):
    """Return the codes of a bit stream, uint8."""
    stream = words[..., None] >> np.arange(32, dtype=np.uint32) & 1
    codes = stream.reshape(*words.shape[:-1], words.shape[-1] * 32 // bits, bits)
    return (codes << np.arange(bits, dtype=np.uint32)).sum(-1).astype(np.uint8)


def encode_elements(x, element_format):
    """Round to the nearest magnitude of the format, ties to the even code, and keep the sign."""
    magnitudes = _MAGNITUDES[element_format]
    size = np.abs(x).astype(np.float64)
    middles = (magnitudes[1:] + magnitudes[:-1]) / 2
    codes = np.searchsorted(middles, size)
    tie = (codes < middles.size) & (
        middles[np.minimum(codes, middles.size - 1)] == size
    )
    codes = codes + (tie & (codes % 2 == 1))
    return (codes + np.where(np.signbit(x), _SIGN[element_format], 0)).astype(np.uint8)


def decode_elements(codes, element_format):
    """Return the values of codes as float64."""
    if element_format == "unsigned":
        return codes.astype(np.float64)
    sign = _SIGN[element_format]
    magnitudes = np.append(_MAGNITUDES[element_format], [np.nan] if sign == 128 else [])
    return np.where(codes & sign, -1.0, 1.0) * magnitudes[codes % sign]


def decode_scales(scales, scale_format):
    """Return the values of scales as float64."""
    if scale_format is None:
        return scales.astype(np.float64)
    if scale_format == "e8m0":
        return np.where(scales == 255, np.nan, 2.0 ** (scales.astype(np.float64) - 127))
    return decode_elements(scales, scale_format)


def quantize(w, mode, group_size, bits, global_scale=None):
    """Return [w_q, scales(, biases)] for finite w."""
    f = np.float64 if w.dtype == np.float64 else np.float32
    groups = w.astype(f).reshape(*w.shape[:-1], -1, group_size)
    if mode.element_format == "unsigned":
        codes, *stored = _encode_affine(groups, bits, f)
        stored = [array.astype(w.dtype) for array in stored]
    elif mode.scale_format == "e8m0":
        codes, *stored = _encode_mx(groups, mode.element_format)
    else:
        codes, *stored = _encode_nvfp4(groups, f, global_scale)
    return [pack(codes.reshape(w.shape), bits), *stored]


def _encode_affine(groups, bits, f):
    levels = f(2**bits - 1)
    # Of zeros with both signs the first is the least, which is the bias where there is one bit.
    low = np.take_along_axis(groups, groups.argmin(-1)[..., None], -1)[..., 0]
    high = groups.max(-1)
    scale = np.maximum((high - low) / levels, f(1e-7))
    bias = low
    if bits > 1:
        from_low = np.abs(low) > np.abs(high)
        edge = np.where(from_low, low, high)
        scale = np.where(from_low, scale, -scale)
        with np.errstate(over="ignore"):
            zero_code = np.rint(edge / scale)
        bias = np.where(zero_code == 0, f(0), edge)
        scale = np.where(
            zero_code == 0, scale, edge / np.where(zero_code == 0, f(1), zero_code)
        )
    with np.errstate(invalid="ignore"):  # 0 / 0 for a huge constant group
        codes = np.nan_to_num(np.rint((groups - bias[..., None]) / scale[..., None]))
    codes = codes.clip(0, levels)
    return codes.astype(np.uint8), scale, bias


def _encode_mx(groups, element_format):
    ratio = np.abs(groups).max(-1) / groups.dtype.type(_MAGNITUDES[element_format][-1])
    exponent = np.full(ratio.shape, -127)
    for e in range(-127, 127):
        exponent[ratio > 2.0**e] = e + 1
    exponent[ratio == 0] = 0
    power = 2.0 ** exponent[..., None]
    codes = encode_elements(groups / power, element_format)
    # Nothing finite becomes infinite in float32.
    while True:
        values = np.abs(decode_elements(codes, element_format)) * power
        too_large = values > np.finfo(np.float32).max
        if not too_large.any():
            return codes, (exponent + 127).astype(np.uint8)
        codes = codes - too_large


def _encode_nvfp4(groups, f, global_scale):
    factor = f(1) if global_scale is None else f(GLOBAL_DIVISOR / global_scale)
    scales = encode_elements(np.abs(groups).max(-1) / f(6) * factor, "e4m3")
    scale = decode_elements(scales, "e4m3")[..., None].astype(f)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = groups / scale * factor
    return np.where(scale == 0, 0, encode_elements(x, "e2m1")).astype(np.uint8), scales


def dequantize(arrays, mode, group_size, bits, global_scale=None):
    """Return the values as float64, unrounded."""
    w_q, scales, *biases = arrays
    elements = decode_elements(unpack(w_q, bits), mode.element_format)
    groups = elements.reshape(*scales.shape, group_size)
    scale = decode_scales(scales, mode.scale_format)
    if global_scale is not None:
        scale = (scale.astype(np.float32) * (global_scale / GLOBAL_DIVISOR)).astype(
            np.float64
        )
    values = groups * scale[..., None]
    for bias in biases:
        values = values + bias.astype(np.float64)[..., None]
    return values.reshape(*elements.shape)


def attention(q, k, v, scale, keep=None, bias=None, sinks=None):
    """Return attention in float64; `keep` is where a key is not masked."""
    q, k, v = (array.astype(np.float64) for array in (q, k, v))
    batch, heads, queries = q.shape[:3]
    k, v = (np.repeat(array, heads // array.shape[1], axis=1) for array in (k, v))
    keep = np.ones((), bool) if keep is None else keep
    keep = np.broadcast_to(keep, (batch, heads, queries, k.shape[2]))
    out = np.zeros((batch, heads, queries, v.shape[3]))
    for b, h, i in np.ndindex(batch, heads, queries):
        seen = keep[b, h, i]
        if not seen.any():
            continue
        scores = scale * (k[b, h, seen] @ q[b, h, i])
        if bias is not None:
            scores = scores + np.broadcast_to(bias, keep.shape)[b, h, i, seen].astype(
                np.float64
            )
        largest = scores.max() if sinks is None else max(scores.max(), float(sinks[h]))
        weights = np.exp(scores - largest)
        total = weights.sum() + (
            0 if sinks is None else np.exp(float(sinks[h]) - largest)
        )
        out[b, h, i] = weights @ v[b, h, seen] / total
    return out
