"""Recognize KV caches: they have `bits` and `group_size`, and no `mode`.

Passing them one raises, so whatever looks like a cache is left alone.
"""

import re

import libcst as cst

from .names import SourceModule
from .signatures import parameters

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CACHE_WORDS = {"cache", "caches", "kv", "kvcache"}
_DATA_WORDS = _CACHE_WORDS | {"keys", "values"}


def cache_code(module: SourceModule, node: cst.CSTNode) -> str | None:
    """Return the name that tells that a node lies in the code of a KV cache, if any."""
    for around in (node, *module.ancestors(node)):
        match around:
            case cst.FunctionDef() | cst.ClassDef() if _is_cache(around.name.value):
                return around.name.value
            case cst.FunctionDef() if _takes_keys_and_values(module, around):
                return around.name.value
            # `for c in prompt_cache`: what is done to c is done to a cache.
            case cst.For(iter=iterable) | cst.CompFor(iter=iterable):
                found = cache_name(module, iterable)
            case cst.BaseComp():
                found = cache_name(module, around.for_in.iter)
            case _:
                continue
        if found:
            return found
    return None


def cache_name(module: SourceModule, expression: cst.CSTNode) -> str | None:
    """Return the first name in an expression that tells of a KV cache, if any."""
    names = (name.value for name in module.within(expression, cst.Name))
    return next(filter(_is_cache, names), None)


def cache_data(call: cst.Call) -> str | None:
    """Return the name of an argument that is the content of a cache, if any."""
    for arg in call.args:
        value = arg.value
        while isinstance(value, cst.Subscript):
            value = value.value
        name = value.attr if isinstance(value, cst.Attribute) else value
        if isinstance(name, cst.Name) and _words(name.value) & _DATA_WORDS:
            return name.value
    return None


def _is_cache(name: str) -> bool:
    return bool(_words(name) & _CACHE_WORDS)


def _takes_keys_and_values(module: SourceModule, function: cst.FunctionDef) -> bool:
    # The methods of an attention layer do, too, and quantize other things.
    if module.method_class(function) is not None:
        return False
    words = set[str]().union(*map(_words, parameters(function)))
    return {"keys", "values"} <= words


def _words(name: str) -> set[str]:
    return {word.lower() for part in name.split("_") for word in _WORD.findall(part)}
