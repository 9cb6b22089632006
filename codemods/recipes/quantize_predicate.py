"""Pass `class_predicate` of `nn.quantize` by name: it became keyword-only.

`nn.quantize(model, group_size, bits, predicate)` is a `TypeError` since MLX 0.29.0, in any mode.
"""

import libcst as cst

from ..changes import BREAKS, Edit, Note, Rewrite
from ..names import SourceModule

SINCE = "0.29.0"
SEVERITY = BREAKS
TRIGGERS = ("quantize",)

POSITION = 3


def rewrite(module: SourceModule) -> Rewrite:
    """Name the fourth positional argument of every call."""
    result = Rewrite()
    for call in module.within(module.tree, cst.Call):
        arguments = call.args[: POSITION + 1]
        if len(arguments) <= POSITION or any(a.star or a.keyword for a in arguments):
            continue
        if module.qualified(call.func) == "mlx.nn.quantize":
            start, _ = module.span(arguments[POSITION])
            result.edits.append(Edit(start, start, "class_predicate="))
            result.done.append(Note(module.line(call), "pass class_predicate by name"))
    return result


EXAMPLES = {
    "positional": (
        "import mlx.nn as nn\nnn.quantize(model, 64, 4, lambda p, m: True)\n",
        "import mlx.nn as nn\nnn.quantize(model, 64, 4, class_predicate=lambda p, m: True)\n",
    ),
    "named already": (
        "import mlx.nn as nn\nnn.quantize(model, 64, 4, class_predicate=pick)\n",
    )
    * 2,
    "a method of the same name": ("def f(nn):\n    nn.quantize(model, 64, 4, pick)\n",)
    * 2,
    "behind a star, where nobody can count": (
        "import mlx.nn as nn\nnn.quantize(*args, 64, 4, pick)\n",
    )
    * 2,
}
