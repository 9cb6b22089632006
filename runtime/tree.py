"""Walk nested dicts, lists and tuples of arrays, with the paths that checkpoints use."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any


def tree_flatten(tree: Any) -> list[tuple[str, Any]]:
    """Return each leaf with its path: `{"a": [x, {"b": y}]}` has `a.0` and `a.1.b`."""
    return list(_leaves(tree, ""))


def _leaves(tree: Any, path: str) -> Iterator[tuple[str, Any]]:
    prefix = f"{path}." if path else ""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, f"{prefix}{key}")
    elif isinstance(tree, list | tuple):
        for index, value in enumerate(tree):
            yield from _leaves(value, f"{prefix}{index}")
    else:
        yield path, tree


def tree_unflatten(leaves: Iterable[tuple[str, Any]]) -> Any:
    """Build the tree of leaves with paths; keys 0, 1, 2, ... make a list."""
    root: dict[str, Any] = {}
    for path, value in leaves:
        *parents, last = path.split(".")
        node = root
        for key in parents:
            node = node.setdefault(key, {})
            if not isinstance(node, dict):
                raise ValueError(f"[tree_unflatten] {path} lies below another leaf")
        node[last] = value
    return _with_lists(root)


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and set(node) == {str(index) for index in range(len(node))}:
        return [_with_lists(node[str(index)]) for index in range(len(node))]
    return {key: _with_lists(value) for key, value in node.items()}


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply `function` to each leaf and keep the containers."""
    if isinstance(tree, dict):
        return {key: tree_map(function, value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(tree_map(function, value) for value in tree)
    return function(tree)
