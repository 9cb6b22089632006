from typing import Any

from numpy.typing import NDArray

__version__: str

# words, scales, biases, mode, group size, bits, global scale
_Quantized = tuple[
    NDArray[Any], NDArray[Any], NDArray[Any] | None, str, int, int, float | None
]

def modes() -> list[dict[str, Any]]: ...
def quantize(
    w: NDArray[Any],
    mode: str,
    group_size: int,
    bits: int,
    global_scale: float | None,
    propagate: bool,
    words: NDArray[Any],
    scales: NDArray[Any],
    biases: NDArray[Any] | None,
    /,
) -> tuple[int, int, bool] | None: ...
def dequantize(
    words: NDArray[Any],
    scales: NDArray[Any],
    biases: NDArray[Any] | None,
    mode: str,
    group_size: int,
    bits: int,
    global_scale: float | None,
    out: NDArray[Any],
    /,
) -> None: ...
def quantized_matmul(
    x: NDArray[Any],
    words: NDArray[Any],
    scales: NDArray[Any],
    biases: NDArray[Any] | None,
    mode: str,
    group_size: int,
    bits: int,
    global_scale: float | None,
    weight_rows: int,
    transpose: bool,
    lhs: NDArray[Any],
    rhs: NDArray[Any],
    out: NDArray[Any],
    /,
) -> None: ...
def attention(
    sizes: tuple[int, int, int, int, int, int, int],
    q: NDArray[Any],
    k: NDArray[Any] | _Quantized,
    v: NDArray[Any] | _Quantized,
    scale: float,
    causal: bool,
    window: int,
    mask: NDArray[Any] | None,
    strides: tuple[int, ...],
    sinks: NDArray[Any] | None,
    out: NDArray[Any],
    /,
) -> None: ...
def to_fp8(x: NDArray[Any], out: NDArray[Any], /) -> None: ...
def from_fp8(x: NDArray[Any], out: NDArray[Any], /) -> None: ...
def cpu_features() -> list[str]: ...
def cpu_name() -> str: ...
def isas() -> list[str]: ...
def isa() -> str: ...
def force_isa(name: str, /) -> None: ...
def last_kernel() -> str: ...
def num_threads() -> int: ...
def set_num_threads(count: int, /) -> None: ...
def read_all(words: NDArray[Any], /) -> int: ...
