"""Ask `mlx.core` about memory, not `mlx.core.metal`."""

from ..changes import DEPRECATED
from ..rename import renaming

SINCE = "0.25.2"
SEVERITY = DEPRECATED

FUNCTIONS = (
    "clear_cache",
    "get_active_memory",
    "get_cache_memory",
    "get_peak_memory",
    "reset_peak_memory",
    "set_cache_limit",
    "set_memory_limit",
    "set_wired_limit",
)
TRIGGERS = ("core.metal", *(f"metal.{name}" for name in FUNCTIONS))

rewrite = renaming({f"mlx.core.metal.{name}": f"mlx.core.{name}" for name in FUNCTIONS})

EXAMPLES = {
    "through the usual alias": (
        "import mlx.core as mx\nmx.metal.clear_cache()\n",
        "import mlx.core as mx\nmx.clear_cache()\n",
    ),
    "through the full name": (
        "import mlx.core\nlimit = mlx.core.metal.set_wired_limit(0)\n",
        "import mlx.core\nlimit = mlx.core.set_wired_limit(0)\n",
    ),
    "passed on": (
        "import mlx.core as mx\npeak = map(str, [mx.metal.get_peak_memory])  # bytes\n",
        "import mlx.core as mx\npeak = map(str, [mx.get_peak_memory])  # bytes\n",
    ),
    "another library's metal": ("import steel as mx\nmx.metal.clear_cache()\n",) * 2,
    "what is not deprecated": ("import mlx.core as mx\nmx.metal.is_available()\n",) * 2,
    "a function imported by name, which is reported": (
        "from mlx.core.metal import clear_cache\nclear_cache()\n",
    )
    * 2,
}
