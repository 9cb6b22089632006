"""Rename what is used under its imported name."""

from collections.abc import Callable, Mapping

import libcst as cst

from .changes import Edit, Note, Rewrite
from .names import SourceModule, dotted_name


def renaming(names: Mapping[str, str]) -> Callable[[SourceModule], Rewrite]:
    """Return a rewrite that uses new full names for old ones, through the same alias.

    Only functions that move to a parent module can be renamed: `a.b.f` to `a.g`.
    """

    def rewrite(module: SourceModule) -> Rewrite:
        result = Rewrite()
        for node in module.nodes:
            if isinstance(node, cst.Attribute):
                _rename(module, node, names, result)
            elif isinstance(node, cst.ImportFrom):
                _review_import(module, node, names, result)
        return result

    return rewrite


def _rename(
    module: SourceModule, node: cst.Attribute, names: Mapping[str, str], result: Rewrite
) -> None:
    new = names.get(module.qualified(node) or "")
    if new is None:
        return
    parent, _, name = new.rpartition(".")
    holder: cst.BaseExpression = node.value
    while isinstance(holder, cst.Attribute) and module.qualified(holder) != parent:
        holder = holder.value
    if module.qualified(holder) != parent:
        # `from mlx.core import metal`: the new name has no module here to be looked up in.
        result.notes.append(Note(module.line(node), f"use {new} instead"))
        return
    end = module.span(holder)[1]
    result.edits.append(Edit(end, module.span(node)[1], f".{name}"))
    result.done.append(Note(module.line(node), f"use {new}"))


def _review_import(
    module: SourceModule,
    node: cst.ImportFrom,
    names: Mapping[str, str],
    result: Rewrite,
) -> None:
    if node.module is None or node.relative or isinstance(node.names, cst.ImportStar):
        return
    for alias in node.names:
        old = f"{dotted_name(node.module)}.{alias.evaluated_name}"
        if old in names:
            result.notes.append(Note(module.line(node), f"import {names[old]} instead"))
