"""Compare the runtime with the real MLX, the two interleaved in one run.

    make bench

prints a Markdown table of medians in milliseconds and their ratio, with each one's error
against float64. Trust the ratios: the times are those of one machine on one day.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import mlx.core as mx
import numpy as np

from mlxport import runtime
from mlxport.runtime import fast

SETTINGS = {"affine": (64, 4), "mxfp4": (32, 4), "mxfp8": (32, 8), "nvfp4": (16, 4)}


@dataclass(frozen=True)
class Case:
    """The same work on both sides; `reference` is the result in float64, if any."""

    name: str
    ours: Callable[[], Any]
    theirs: Callable[[], mx.array | list[mx.array]]
    reference: np.ndarray | None = None


@dataclass(frozen=True)
class Row:
    """Medians in milliseconds, and relative errors (root mean square)."""

    case: str
    ours_ms: float
    mlx_ms: float
    ours_error: float | None
    mlx_error: float | None


def cases(size: int) -> Iterator[Case]:
    """Yield the work on a matrix of size x size, and attention over as many keys."""
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(size, size)).astype(np.float32)
    real = mx.array(matrix)
    x = rng.normal(size=(1, size)).astype(np.float32)
    for mode, (group, bits) in SETTINGS.items():
        settings = {"group_size": group, "bits": bits, "mode": mode}
        parts = runtime.quantize(matrix, **settings)
        theirs = [mx.array(part) for part in parts]
        yield Case(
            f"quantize {mode}",
            lambda s=settings: runtime.quantize(matrix, **s),
            lambda s=settings: mx.quantize(real, **s),
        )
        weight = runtime.dequantize(*parts, dtype=np.float32, **settings)
        yield Case(
            f"dequantize {mode}",
            lambda p=parts, s=settings: runtime.dequantize(*p, dtype=np.float32, **s),
            lambda p=theirs, s=settings: mx.dequantize(*p, dtype=mx.float32, **s),
        )
        yield Case(
            f"quantized_matmul {mode}, one row",
            lambda p=parts, s=settings: runtime.quantized_matmul(x, *p, **s),
            lambda p=theirs, s=settings: mx.quantized_matmul(mx.array(x), *p, **s),
            x.astype(np.float64) @ weight.astype(np.float64).T,
        )
    yield attention(rng, size)


def attention(rng: np.random.Generator, keys: int) -> Case:
    """Return one query over `keys` keys, 8 heads that share 2 of keys and values."""
    q = rng.normal(size=(1, 8, 1, 64)).astype(np.float32)
    k, v = (rng.normal(size=(1, 2, keys, 64)).astype(np.float32) for _ in range(2))
    wide = [np.repeat(a, 4, axis=1).astype(np.float64) for a in (k, v)]
    scores = 0.125 * q.astype(np.float64) @ wide[0].swapaxes(-1, -2)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    real = [mx.array(a) for a in (q, k, v)]
    return Case(
        f"attention, {keys} keys",
        lambda: fast.scaled_dot_product_attention(q, k, v, scale=0.125),
        lambda: mx.fast.scaled_dot_product_attention(*real, scale=0.125),
        powers / powers.sum(-1, keepdims=True) @ wide[1],
    )


def measure(case: Case, rounds: int) -> Row:
    """Run both sides in turn, after one round that does not count."""
    ours, theirs = [], []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        got = case.ours()
        between = time.perf_counter()
        real = case.theirs()
        mx.eval(real)
        ours.append(between - start)
        theirs.append(time.perf_counter() - between)
    return Row(
        case.name,
        1e3 * median(ours[1:]),
        1e3 * median(theirs[1:]),
        error(got, case.reference),
        error(real, case.reference),
    )


def error(got: Any, reference: np.ndarray | None) -> float | None:
    """Return the relative error of `got`, where there is something to compare with."""
    if reference is None:
        return None
    difference = np.asarray(got, np.float64) - reference
    return float(np.linalg.norm(difference) / np.linalg.norm(reference))


def table(rows: list[Row]) -> str:
    """Return the rows in Markdown."""
    lines = [
        "| case | mlxport, ms | MLX, ms | mlxport / MLX | errors |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        errors = (
            ""
            if row.ours_error is None
            else f"{row.ours_error:.0e}, {row.mlx_error:.0e}"
        )
        lines.append(
            f"| {row.case} | {row.ours_ms:.2f} | {row.mlx_ms:.2f} "
            f"| {row.ours_ms / row.mlx_ms:.2f} | {errors} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--size", type=int, default=2048, help="rows and columns (2048)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds (5)")
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown")
    args = parser.parse_args()
    rows = [measure(case, args.rounds) for case in cases(args.size)]
    if args.format == "json":
        print(
            json.dumps(
                {"machine": platform.platform(), "rows": [asdict(r) for r in rows]}
            )
        )
    else:
        print(table(rows))


if __name__ == "__main__":
    main()
