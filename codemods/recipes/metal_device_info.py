"""Ask `mlx.core` about the device, not `mlx.core.metal`."""

from ..changes import DEPRECATED
from ..rename import renaming

SINCE = "0.30.4"
SEVERITY = DEPRECATED
TRIGGERS = ("core.metal", "metal.device_info")

rewrite = renaming({"mlx.core.metal.device_info": "mlx.core.device_info"})

EXAMPLES = {
    "through the usual alias": (
        "import mlx.core as mx\nname = mx.metal.device_info()['device_name']\n",
        "import mlx.core as mx\nname = mx.device_info()['device_name']\n",
    ),
    "a name that only looks alike": ("def f(mx):\n    return mx.metal.device_info()\n",)
    * 2,
}
