"""The base of all layers: a dict of arrays, containers and layers read as attributes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np


class Module(dict[str, Any]):
    """A layer. Arrays, dicts, lists and layers assigned to it become its entries.

    What else is assigned (numbers, strings, None) is a plain attribute, so that
    `layer.get("biases")` is None where a layer has no biases. As in MLX, an entry whose
    name begins with an underscore is no parameter.
    """

    training = True

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, np.ndarray | dict | list | tuple):
            self.__dict__.pop(name, None)
            self[name] = value
        else:
            self.pop(name, None)
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        if name in self:
            del self[name]
        else:
            super().__delattr__(name)

    # A dict compares by value, which for arrays is no truth value; a layer is itself.
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __repr__(self) -> str:
        lines = [f"\n({path}): {child!r}" for path, child in self._layers(self, "")]
        inner = "".join(lines).replace("\n", "\n  ") + "\n" if lines else ""
        return f"{type(self).__name__}({self._extra_repr()}{inner})"

    def _extra_repr(self) -> str:
        return ""

    @classmethod
    def _layers(cls, node: Any, path: str) -> Iterator[tuple[str, "Module"]]:
        """Yield the layers directly below `node`, through lists and dicts of them."""
        for key, value in _entries(node):
            below = f"{path}.{key}" if path else str(key)
            if isinstance(value, Module):
                yield below, value
            elif isinstance(value, dict | list | tuple):
                yield from cls._layers(value, below)

    def named_modules(self, path: str = "") -> Iterator[tuple[str, "Module"]]:
        """Yield this layer and all below it, each with its path; this one's is `path`."""
        yield path, self
        for below, child in self._layers(self, path):
            yield from child.named_modules(below)

    def modules(self) -> list["Module"]:
        """Return this layer and all below it."""
        return [module for _, module in self.named_modules()]

    def parameters(self) -> dict[str, Any]:
        """Return the arrays of this layer and of all below it, nested as they are."""
        return {k: _arrays(v) for k, v in self.items() if not k.startswith("_")}

    def update(self, parameters: Mapping[str, Any]) -> Self:  # type: ignore[override]
        """Replace arrays by those of `parameters`, nested as `parameters()` returns them.

        Raises ValueError where the layer has no such entry.
        """
        _replace(self, parameters, "")
        return self

    def update_modules(self, modules: Mapping[str, Any]) -> Self:
        """Replace layers by those of `modules`, nested as the layers are."""
        _replace(self, modules, "")
        return self

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and in all layers below."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Leave training mode."""
        return self.train(False)

    def freeze(self, **_: Any) -> Self:
        """Accept what code for MLX calls; nothing is differentiated here."""
        return self

    def unfreeze(self, **_: Any) -> Self:
        """Accept what code for MLX calls; nothing is differentiated here."""
        return self


def _entries(node: Any) -> list[tuple[Any, Any]]:
    return list(node.items() if isinstance(node, dict) else enumerate(node))


def _arrays(value: Any) -> Any:
    if isinstance(value, Module):
        return value.parameters()
    if isinstance(value, dict):
        return {key: _arrays(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_arrays(inner) for inner in value]
    return value


def _replace(node: Any, new: Mapping[str, Any] | Sequence[Any], path: str) -> None:
    """Put the leaves of `new` into `node`, which is a layer, a dict or a list."""
    for key, value in _entries(new):
        here = f"{path}.{key}" if path else str(key)
        known = key in node if isinstance(node, dict) else key < len(node)
        if not known:
            raise ValueError(f"[update] there is no entry {here} to replace")
        if isinstance(value, dict | list | tuple) and not isinstance(value, Module):
            _replace(node[key], value, here)
        else:
            node[key] = value
