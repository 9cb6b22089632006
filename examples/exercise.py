"""Run a checkout of tinylm in one quantization mode and check what it computes.

    python -m mlxport.examples.exercise FOLDER MODE

prints a JSON list, one entry a check. The checkout's `import mlx` finds the stand-in of
`mlxport.runtime`; with --real it finds MLX itself.
"""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SETTINGS: dict[str, dict[str, Any]] = {
    "affine": {"group_size": 32, "bits": 4},
    "mxfp4": {"group_size": 32, "bits": 4, "mode": "mxfp4"},
    "mxfp8": {"group_size": 32, "bits": 8, "mode": "mxfp8"},
    "nvfp4": {"group_size": 16, "bits": 4, "mode": "nvfp4"},
}
# float32 sums in another order; a cache of 8 bits; weights of 4 bits.
SUMMED, EIGHT_BITS, FOUR_BITS = 1e-5, 0.02, 0.2


@dataclass(frozen=True)
class Outcome:
    """An error relative to the size of what was expected, or the exception instead of it."""

    check: str
    error: float | None
    limit: float
    exception: str | None = None

    @property
    def passed(self) -> bool:
        """Whether there was an error to compare and it is within the limit."""
        return self.error is not None and self.error <= self.limit


def model_error(settings: dict[str, Any]) -> float:
    """Compare the quantized model with one that holds the same weights unpacked."""
    model, twin = quantized_model(settings)
    return relative(model(tokens()), twin(tokens()))


def cache_error(settings: dict[str, Any]) -> float:
    """Compare token by token through the quantized cache with all tokens at once."""
    import mlx.core as mx
    from tinylm.cache import QuantizedKVCache

    model, _ = quantized_model(settings)
    cache = QuantizedKVCache()
    steps = [model(tokens()[:, i : i + 1], cache) for i in range(tokens().shape[1])]
    return relative(mx.concatenate(steps, axis=1), model(tokens()))


def adapter_error(settings: dict[str, Any]) -> float:
    """Compare a fused adapter with the adapter beside its quantized layer."""
    import mlx.core as mx
    import mlx.nn as nn
    from tinylm.lora import LoRALinear

    adapter = LoRALinear(nn.Linear(64, 48, bias=False).to_quantized(**settings))
    x = mx.random.normal((16, 64))
    return relative(adapter.fuse()(x), adapter(x))


def matrix_error(settings: dict[str, Any]) -> float:
    """Compare a matrix with what is left of it after quantization."""
    import mlx.core as mx
    from tinylm.convert import quantize_matrix

    matrix = mx.random.normal((16, 64))
    # NumPy cannot read MLX's bfloat16.
    kept = quantize_matrix(matrix, **settings).astype(mx.float32)
    return relative(kept, matrix)


CHECKS: dict[str, tuple[Callable[[dict[str, Any]], float], float]] = {
    "quantized model": (model_error, SUMMED),
    "key-value cache": (cache_error, EIGHT_BITS),
    "fused adapter": (adapter_error, FOUR_BITS),
    "converter": (matrix_error, FOUR_BITS),
}


def tokens() -> Any:
    """Return a sentence."""
    import mlx.core as mx

    return mx.array([[5, 17, 2, 80, 41, 9, 63, 30]])


def quantized_model(settings: dict[str, Any]) -> tuple[Any, Any]:
    """Return a quantized model and one that is not but has the same weights."""
    import mlx.core as mx
    import mlx.nn as nn
    from tinylm.model import TinyLM

    model, twin = TinyLM(), TinyLM()
    nn.quantize(model, **settings)
    plain = dict(twin.named_modules())
    for path, layer in model.named_modules():
        if "scales" in layer:
            parts = (layer.weight, layer.scales, layer.get("biases"))
            plain[path].weight = mx.dequantize(*parts, **settings, dtype=mx.float32)
        if "bias" in layer:
            plain[path].bias = layer.bias
    return model, twin


def relative(got: Any, expected: Any) -> float:
    """Return the root mean square of the difference over that of `expected`."""
    import numpy as np

    a, b = (np.asarray(array, np.float64) for array in (got, expected))
    return float(np.sqrt(np.mean((a - b) ** 2) / np.mean(b**2)))


def exercise(mode: str) -> list[Outcome]:
    """Run every check; one that raises does not keep the others from running."""
    import mlx.core as mx

    outcomes = []
    for name, (check, limit) in CHECKS.items():
        mx.random.seed(7)
        try:
            outcomes.append(Outcome(name, check(SETTINGS[mode]), limit))
        # What a checkout raises is the finding.
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            outcomes.append(Outcome(name, None, limit, said))
    return outcomes


def main() -> int:
    """Print what each check found; exit 1 unless all have passed."""
    parser = argparse.ArgumentParser(prog="exercise", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("mode", choices=SETTINGS)
    parser.add_argument("--real", action="store_true", help="run on MLX itself")
    args = parser.parse_args()

    from mlxport.runtime import standin

    sys.path.insert(0, str(args.folder))
    sys.dont_write_bytecode = True
    with nullcontext() if args.real else standin.installed():
        outcomes = exercise(args.mode)
    print(json.dumps([asdict(outcome) for outcome in outcomes], indent=2))
    return int(not all(outcome.passed for outcome in outcomes))


if __name__ == "__main__":
    raise SystemExit(main())
