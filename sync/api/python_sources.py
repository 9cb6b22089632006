"""The functions and classes of MLX's pure Python package."""

import ast
from collections.abc import Iterator
from pathlib import Path

from . import Signature
from ._definitions import Definition, signature

TITLE = "Python package"
PACKAGE = "mlx"


def read(tree: Path) -> Iterator[tuple[str, Signature]]:
    """Yield the functions and methods, such as `mlx.nn.layers.linear.Linear.to_quantized`."""
    root = tree / "python"
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if any(_private(part) for part in parts if part != "__init__"):
            continue
        try:
            module = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            # A template of upstream's may only look like Python.
            continue
        prefix = ".".join(part for part in parts if part != "__init__")
        yield from _members(module.body, prefix)


def _members(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Signature]]:
    for node in body:
        if isinstance(node, Definition):
            if not _private(node.name):
                yield f"{prefix}.{node.name}", signature(node)
        elif isinstance(node, ast.ClassDef) and not _private(node.name):
            yield f"{prefix}.{node.name}", Signature((), "", f"class {node.name}")
            yield from _members(node.body, f"{prefix}.{node.name}")


def _private(name: str) -> bool:
    return name.startswith("_") and name not in ("__init__", "__call__")
