import numpy as np
import pytest

from mlxport import runtime
from mlxport.runtime import nn
from mlxport.runtime.tree import tree_flatten

MODES = [
    pytest.param("affine", 32, 4, id="affine"),
    pytest.param("mxfp4", 32, 4, id="mxfp4"),
    pytest.param("mxfp8", 32, 8, id="mxfp8"),
    pytest.param("nvfp4", 16, 4, id="nvfp4"),
]
x = np.linspace(-1, 1, 3 * 64, dtype=np.float32).reshape(3, 64)


class Block(nn.Module):
    """A list of layers, a layer of its own and a number."""

    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(64, 64), nn.Linear(64, 48, bias=False)]
        self.table = nn.Embedding(10, 64)
        self.heads = 4

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class TestModule:
    def test_entries_and_attributes(self):
        block = Block()
        assert set(block) == {"layers", "table"}
        assert block.heads == 4
        block.heads = np.zeros(2)
        assert "heads" in block
        block.heads = None
        assert block.heads is None
        assert block.get("heads") is None
        del block.heads
        with pytest.raises(AttributeError, match="Block has no attribute 'heads'"):
            block.heads  # noqa: B018

    def test_paths(self):
        paths = [path for path, _ in Block().named_modules()]
        assert paths == ["", "layers.0", "layers.1", "table"]

    def test_parameters(self):
        block = Block()
        flat = dict(tree_flatten(block.parameters()))
        assert {path: array.shape for path, array in flat.items()} == {
            "layers.0.weight": (64, 64),
            "layers.0.bias": (64,),
            "layers.1.weight": (48, 64),
            "table.weight": (10, 64),
        }

    def test_update_round_trip(self):
        source, target = Block(), Block()
        target.update(source.parameters())
        np.testing.assert_array_equal(target(x), source(x))

    @pytest.mark.parametrize(
        ("new", "where"),
        [
            pytest.param({"tabel": {}}, "tabel", id="misspelt"),
            pytest.param({"layers": [{}, {}, {}]}, r"layers\.2", id="list too long"),
            pytest.param({"table": {"bias": x}}, r"table\.bias", id="no such array"),
        ],
    )
    def test_update_refuses_what_is_not_there(self, new, where):
        with pytest.raises(ValueError, match=f"no entry {where} to replace"):
            Block().update(new)

    def test_train_reaches_all(self):
        block = Block().eval()
        assert [m.training for m in block.modules()] == [False] * 4
        assert all(m.training for m in block.train().modules())

    def test_repr(self):
        assert repr(Block()) == (
            "Block(\n"
            "  (layers.0): Linear(input_dims=64, output_dims=64, bias=True)\n"
            "  (layers.1): Linear(input_dims=64, output_dims=48, bias=False)\n"
            "  (table): Embedding(10, 64)\n"
            ")"
        )


@pytest.mark.parametrize(("mode", "group_size", "bits"), MODES)
class TestQuantized:
    def test_linear(self, mode, group_size, bits):
        linear = nn.Linear(64, 48)
        layer = linear.to_quantized(group_size, bits, mode)
        weight = runtime.dequantize(
            layer.weight,
            layer.scales,
            layer.get("biases"),
            group_size,
            bits,
            mode,
            dtype=np.float32,
        )
        expected = x.astype(np.float64) @ weight.astype(np.float64).T + linear.bias
        # 64 products, each within half an ulp of float32, of numbers of at most 1.
        np.testing.assert_allclose(layer(x), expected, atol=64 * 2**-24)
        assert (layer.biases is None) == (mode != "affine")
        assert f"mode={mode}" in repr(layer)

    def test_defaults_are_the_modes_own(self, mode, group_size, bits):
        layer = nn.QuantizedLinear(128, 32, mode=mode)
        found = {known.name: known for known in runtime.modes()}[mode]
        assert (layer.group_size, layer.bits) == (
            found.default_group_size,
            found.default_bits,
        )

    @pytest.mark.parametrize(
        "index",
        [
            pytest.param([1, 4, 1], id="list"),
            pytest.param([[0], [9]], id="matrix"),
            pytest.param(3, id="scalar"),
            pytest.param([-1], id="from the end"),
        ],
    )
    def test_embedding(self, mode, group_size, bits, index):
        table = nn.QuantizedEmbedding.from_embedding(
            nn.Embedding(10, 64), group_size, bits, mode
        )
        rows = runtime.dequantize(
            table.weight, table.scales, table.get("biases"), group_size, bits, mode
        )
        got = table(np.array(index))
        np.testing.assert_array_equal(
            got.astype(np.float32), rows[np.array(index)].astype(np.float32)
        )

    def test_embedding_as_last_layer(self, mode, group_size, bits):
        table = nn.QuantizedEmbedding(10, 64, group_size, bits, mode)
        rows = table(np.arange(10)).astype(np.float64)
        np.testing.assert_allclose(table.as_linear(x), x @ rows.T, atol=1e-5)

    def test_whole_model(self, mode, group_size, bits):
        model = Block()
        before = model(x)
        nn.quantize(model, group_size, bits, mode=mode)
        kinds = [type(m).__name__ for m in model.modules()]
        assert kinds[1:] == ["QuantizedLinear"] * 2 + ["QuantizedEmbedding"]
        error = np.linalg.norm(model(x) - before) / np.linalg.norm(before)
        assert 0 < error < 0.3

    @pytest.mark.mlx
    def test_parameters_are_those_of_mlx(self, mode, group_size, bits):
        mx = pytest.importorskip("mlx.core")
        mlx_nn = pytest.importorskip("mlx.nn")
        linear = nn.Linear(64, 48)
        real = mlx_nn.Linear(64, 48)
        real.weight, real.bias = mx.array(linear.weight), mx.array(linear.bias)
        real = real.to_quantized(group_size, bits, mode)
        layer = linear.to_quantized(group_size, bits, mode)
        np.testing.assert_array_equal(layer.scales, np.array(real.scales))
        # The codes of -0 and 0 differ, and the two libraries choose differently.
        read = {"group_size": group_size, "bits": bits, "mode": mode}
        np.testing.assert_array_equal(
            runtime.dequantize(
                layer.weight, layer.scales, layer.biases, dtype=np.float32, **read
            ),
            np.array(
                mx.dequantize(
                    real.weight, real.scales, real.biases, dtype=mx.float32, **read
                )
            ),
        )
        # What MLX itself loses: it sums 64 products in float32, one after the other.
        np.testing.assert_allclose(
            layer(x), np.array(real(mx.array(x))), atol=64 * 2**-23
        )


class TestPredicate:
    def test_chooses_by_path(self):
        model = Block()
        nn.quantize(model, 32, 4, class_predicate=lambda path, _: path == "layers.1")
        kinds = [type(m).__name__ for m in model.modules()]
        assert kinds == ["Block", "Linear", "QuantizedLinear", "Embedding"]

    def test_gives_settings(self):
        model = Block()
        choice = {"group_size": 32, "bits": 8, "mode": "mxfp8"}
        nn.quantize(
            model, class_predicate=lambda path, _: choice if path == "table" else False
        )
        assert (model.table.bits, model.table.mode) == (8, "mxfp8")

    @pytest.mark.parametrize(
        ("choice", "message"),
        [
            pytest.param("yes", "returned 'yes' for layers.0", id="a word"),
            pytest.param({"bits": 7}, r"layers\.0: .*7", id="impossible settings"),
        ],
    )
    def test_bad_choice(self, choice, message):
        with pytest.raises(ValueError, match=message):
            nn.quantize(Block(), class_predicate=lambda *_: choice)

    def test_layer_without_a_twin(self):
        model = Block()
        model.act = nn.Module()
        with pytest.raises(ValueError, match="act is a Module, which has no"):
            nn.quantize(model, class_predicate=lambda *_: True)

    def test_width_that_does_not_fit_names_the_layer(self):
        model = Block()
        model.odd = nn.Linear(65, 4)
        with pytest.raises(ValueError, match=r"odd: \[quantize\].*65"):
            nn.quantize(model)
