"""Quantize a model and save it; load it back."""

import json
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
from mlx.utils import tree_flatten, tree_unflatten


def quantize_matrix(weight, group_size: int = 64, bits: int = 4):
    """Return what a quantized matrix stands for."""
    w, scales, biases = mx.quantize(weight, group_size=group_size, bits=bits)
    return mx.dequantize(w, scales, biases, group_size=group_size, bits=bits)


def convert(model, folder: Path, group_size: int = 64, bits: int = 4):
    """Quantize `model` in place and save its weights and settings into `folder`."""
    nn.quantize(model, group_size, bits)
    mx.savez(str(folder / "weights.npz"), **dict(tree_flatten(model.parameters())))
    settings = {"quantization": {"group_size": group_size, "bits": bits}}
    (folder / "config.json").write_text(json.dumps(settings))


def load(model, folder: Path):
    """Quantize `model` as `folder` says and fill it with the weights saved there."""
    config = json.loads((folder / "config.json").read_text())
    settings = config["quantization"]
    nn.quantize(model, group_size=settings["group_size"], bits=settings["bits"])
    weights = mx.load(str(folder / "weights.npz"))
    model.update(tree_unflatten(list(weights.items())))
    return model
