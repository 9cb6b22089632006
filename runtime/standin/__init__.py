"""Answer `import mlx.core`, `mlx.nn` and `mlx.utils` where there is no MLX.

Arrays are NumPy arrays, and what is quantized or attended to runs on this runtime. It is
for running and checking code, not for training: there is no gradient and no GPU.
"""

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager

from .. import nn, tree
from . import core

MODULES = {"mlx.core": core, "mlx.nn": nn, "mlx.utils": tree}


@contextmanager
def installed() -> Iterator[None]:
    """Let `import mlx` find the stand-in while the body runs.

    Raises RuntimeError where the real MLX is imported already: a program that had both
    would hold arrays of two kinds.
    """
    if "mlx.core" in sys.modules:
        raise RuntimeError(
            "[standin] mlx is imported already; run this in a process of its own"
        )
    package = types.ModuleType("mlx", "mlxport's stand-in for MLX.")
    package.__path__ = []
    replaced = {"mlx": package, **MODULES, "mlx.core.random": core.random}
    for name, module in MODULES.items():
        setattr(package, name.removeprefix("mlx."), module)
    before = {name: sys.modules.get(name) for name in replaced}
    sys.modules.update(replaced)
    try:
        yield
    finally:
        for name, old in before.items():
            if old is None:
                del sys.modules[name]
            else:
                sys.modules[name] = old
