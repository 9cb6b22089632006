"""Run a checkout of tinylm in one quantization mode and check what it computes.

    python -m mlxport.examples.exercise FOLDER MODE

prints one JSON object of relative errors. The checkout's `import mlx` finds the stand-in
of `mlxport.runtime`; with --real it finds MLX itself.
"""

import argparse
import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

SETTINGS = {
    "affine": (32, 4),
    "mxfp4": (32, 4),
    "mxfp8": (32, 8),
    "nvfp4": (16, 4),
}
# A float32 product summed in another order, and what 3 significant bits lose at the most.
SAME, QUANTIZED = 1e-5, 0.25


def exercise(mode: str) -> dict[str, float]:
    """Quantize tinylm in `mode`; return each error relative to the reference's size."""
    import mlx.core as mx
    import mlx.nn as nn
    from tinylm.cache import QuantizedKVCache
    from tinylm.convert import quantize_matrix
    from tinylm.lora import LoRALinear
    from tinylm.model import TinyLM

    group_size, bits = SETTINGS[mode]
    # Code from before the modes does not know the word.
    settings = {} if mode == "affine" else {"mode": mode}
    mx.random.seed(7)
    tokens = mx.array([[5, 17, 2, 80, 41, 9, 63, 30]])

    model, twin = TinyLM(), TinyLM()
    nn.quantize(model, group_size, bits, **settings)
    y = model(tokens)
    expected = with_weights_of(twin, model, mode)(tokens)

    cache = QuantizedKVCache()
    steps = [model(tokens[:, i : i + 1], cache) for i in range(tokens.shape[1])]

    adapter = LoRALinear(nn.Linear(64, 48, bias=False).to_quantized(group_size, bits, **settings))
    x = mx.random.normal((16, 64))
    matrix = mx.random.normal((16, 64))
    return {
        "model": relative(y, expected),
        "cache": relative(mx.concatenate(steps, axis=1), y),
        "fused adapter": relative(adapter.fuse()(x), adapter(x)),
        "matrix": relative(quantize_matrix(matrix, group_size, bits, **settings), matrix),
    }


def with_weights_of(twin: Any, model: Any, mode: str) -> Any:
    """Give `twin`, which is not quantized, the weights that those of `model` stand for."""
    import mlx.core as mx

    plain = dict(twin.named_modules())
    for path, layer in model.named_modules():
        if "scales" in layer:
            plain[path].weight = mx.dequantize(
                layer.weight,
                layer.scales,
                layer.get("biases"),
                layer.group_size,
                layer.bits,
                mode=mode,
                dtype=mx.float32,
            )
        if "bias" in layer:
            plain[path].bias = layer.bias
    return twin


def relative(got: Any, expected: Any) -> float:
    """Return the root mean square of the difference over that of `expected`."""
    import numpy as np

    a, b = (np.asarray(array, np.float64) for array in (got, expected))
    return float(np.sqrt(np.mean((a - b) ** 2) / np.mean(b**2)))


def main() -> int:
    """Print the errors; exit 1 where one is larger than rounding or quantization makes it."""
    parser = argparse.ArgumentParser(prog="exercise", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("mode", choices=SETTINGS)
    parser.add_argument("--real", action="store_true", help="run on MLX itself")
    args = parser.parse_args()

    from mlxport.runtime import standin

    sys.path.insert(0, str(args.folder))
    sys.dont_write_bytecode = True
    with nullcontext() if args.real else standin.installed():
        errors = exercise(args.mode)
    print(json.dumps(errors))
    limits = {"model": SAME, "cache": 0.05, "fused adapter": QUANTIZED, "matrix": QUANTIZED}
    return int(any(not errors[name] <= limit for name, limit in limits.items()))


if __name__ == "__main__":
    raise SystemExit(main())
