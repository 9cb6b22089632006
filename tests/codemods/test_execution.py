"""Migrated code does under the real MLX what it promises."""

from pathlib import Path

import pytest

mx = pytest.importorskip("mlx.core")
nn = pytest.importorskip("mlx.nn")

pytestmark = pytest.mark.mlx
CASE = Path(__file__).parent / "cases" / "quantized_layer.py"
MODES = [("affine", 64, 4), ("mxfp4", 32, 4), ("mxfp8", 32, 8), ("nvfp4", 16, 4)]


def load(after):
    parts = CASE.read_text().split("# after\n")
    namespace = {"__name__": "case"}
    exec(compile(parts[after], str(CASE), "exec"), namespace)
    return namespace


def dense(namespace, dims=128):
    layer = namespace["Dense"]()
    layer.weight = mx.random.normal((dims, dims))
    return layer


@pytest.mark.parametrize(("mode", "group_size", "bits"), MODES)
def test_a_migrated_layer_works_in_every_mode(mode, group_size, bits):
    model = nn.Sequential(dense(load(after=1)))
    full = model.layers[0].weight
    nn.quantize(model, group_size, bits, mode=mode)
    packed = model.layers[0]
    assert packed.mode == mode
    assert (packed.biases is None) == (mode != "affine")
    assert f"mode={mode}" in repr(packed)
    # What MLX itself makes of the same weights is the reference.
    w, scales, *biases = mx.quantize(full, group_size, bits, mode=mode)
    reference = mx.dequantize(
        w, scales, *biases, group_size=group_size, bits=bits, mode=mode
    )
    x = mx.random.normal((3, 128))
    # Sums of 128 products in float32: each is good to 2**-24 of about 10.
    assert mx.allclose(packed(x), x @ reference.astype(x.dtype).T, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(("mode", "group_size", "bits"), MODES[1:])
def test_rows_can_be_read_without_biases(mode, group_size, bits):
    packed = load(after=1)["Packed"](128, 64, group_size, bits, mode=mode)
    assert packed.row(mx.array([1, 2])).shape == (2, 128)
    assert len(packed.rows([mx.array([1])])) == 1


def test_the_layer_breaks_without_the_migration():
    with pytest.raises(TypeError, match="mode"):
        nn.quantize(nn.Sequential(dense(load(after=0))), 64, 4)
