"""The real layers of MLX 0.28.0 come out with the interface they have in 0.29.1."""

import ast
import os
import subprocess

import pytest

from mlxport.codemods.editing import migrate_text
from mlxport.codemods.registry import load_recipe

MIRROR = os.environ.get("MLXPORT_UPSTREAM", "")
pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif(not MIRROR, reason="MLXPORT_UPSTREAM names no mirror"),
]
LAYERS = "python/mlx/nn/layers"


def show(tag, name):
    command = [
        "git",
        "-C",
        MIRROR,
        "show",
        f"{tag}:{LAYERS}/{name}.py",
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def functions(code):
    """Return what each function does, without docstrings, and its parameters by name."""
    found = {}
    for owner in ast.walk(ast.parse(code)):
        if not isinstance(owner, ast.ClassDef | ast.Module):
            continue
        for node in owner.body:
            if isinstance(node, ast.FunctionDef):
                if ast.get_docstring(node):
                    node.body = node.body[1:]
                given = [*node.args.args, *node.args.kwonlyargs]
                # Ours passes mode by name where upstream passes it by position.
                body = "\n".join(map(ast.unparse, node.body)).replace(
                    "bits, mode)", "bits, mode=mode)"
                )
                name = f"{getattr(owner, 'name', '')}.{node.name}"
                found[name] = ({arg.arg for arg in given}, body)
    return found


@pytest.mark.parametrize("name", ["quantized", "linear", "embedding"])
def test_layers(name):
    before = show("v0.28.0", name)
    after, findings = migrate_text(before, [load_recipe("quantization_mode")])
    assert functions(before) != functions(after)
    assert functions(after) == functions(show("v0.29.1", name))
    assert [found for found in findings if found.action == "review"] == []
