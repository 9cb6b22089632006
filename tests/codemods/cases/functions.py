"""Functions: parameters, closures, callers, returned biases."""

try:
    from mlx import core as mx
    import mlx.nn as nn
except ImportError:
    mx = None


def search(model, w, group_size, bits, embed_bits=8, *, steps=3, **options):
    """Find scales.

    Args:
        bits: The bits of a weight.
        steps: How often.
    """

    def pack(w, transpose=True):
        q, s, b = mx.quantize(w, group_size=group_size, bits=bits)
        full = mx.dequantize(q, s, biases=b, group_size=group_size, bits=bits)
        return full.T if transpose else full, q, s, b

    full, q, s, b = pack(w)
    y = mx.quantized_matmul(full, q, s, b, True, group_size, bits)
    full, *packed = pack(w, False)
    y += mx.quantized_matmul(full, *packed, group_size=group_size, bits=bits)
    model.embed = model.embed.to_quantized(bits=embed_bits, group_size=32)
    nn.quantize(model, group_size, bits)
    return y


def round_trip(w, bits):
    packed = mx.quantize(w, bits=bits)
    mx.eval(*packed)
    return mx.dequantize(*packed, bits=bits)


def many(ws, bits, model):
    for w in ws:
        search(model, round_trip(w, bits), 64, bits)
    for width in (2, 4, 8):
        round_trip(ws[0], width)
    return round_trip(ws[0], bits=4)
# after
"""Functions: parameters, closures, callers, returned biases."""

try:
    from mlx import core as mx
    import mlx.nn as nn
except ImportError:
    mx = None


def search(
    model,
    w,
    group_size,
    bits,
    embed_bits=8,
    *,
    steps=3,
    mode="affine",
    embed_mode="affine",
    **options,
):
    """Find scales.

    Args:
        bits: The bits of a weight.
        mode: The quantization mode. Default: ``"affine"``.
        steps: How often.
    """

    def pack(w, transpose=True):
        q, s, *b = mx.quantize(w, group_size=group_size, bits=bits, mode=mode)
        full = mx.dequantize(
            q,
            s,
            biases=b[0] if b else None,
            group_size=group_size,
            bits=bits,
            mode=mode,
        )
        return full.T if transpose else full, q, s, b[0] if b else None

    full, q, s, b = pack(w)
    y = mx.quantized_matmul(full, q, s, b, True, group_size, bits, mode=mode)
    full, *packed = pack(w, False)
    y += mx.quantized_matmul(full, *packed, group_size=group_size, bits=bits, mode=mode)
    model.embed = model.embed.to_quantized(
        bits=embed_bits, group_size=32, mode=embed_mode
    )
    nn.quantize(model, group_size, bits, mode=mode)
    return y


def round_trip(w, bits, mode="affine"):
    packed = mx.quantize(w, bits=bits, mode=mode)
    mx.eval(*packed)
    return mx.dequantize(*packed, bits=bits, mode=mode)


def many(ws, bits, model, mode="affine"):
    for w in ws:
        search(model, round_trip(w, bits, mode=mode), 64, bits, mode=mode)
    for width in (2, 4, 8):
        round_trip(ws[0], width)
    return round_trip(ws[0], bits=4)
