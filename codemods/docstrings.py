"""Document a new `mode` beside the `bits` it belongs to."""

import re

import libcst as cst

from .changes import Edit
from .names import NEWLINE, SourceModule


def document(
    module: SourceModule, node: cst.FunctionDef | cst.ClassDef, bits: str, mode: str
) -> list[Edit]:
    """Return the edit that adds an entry to the arguments of a docstring, if it has any."""
    literal = _docstring(node)
    if literal is None or not literal.quote.endswith(('"""', "'''")):
        return []
    start, end = module.span(literal)
    lines = re.split(rf"({NEWLINE.pattern})", module.text[start:end])
    offset = start
    entry: re.Match[str] | None = None
    for text, newline in zip(lines[::2], [*lines[1::2], ""], strict=True):
        if entry is None:
            entry = re.match(rf"([ \t]+){bits}(?: \(([^)]*)\))?:", text)
            if re.match(rf"[ \t]+{mode}\b.*:", text):
                return []
        elif not text.strip() or len(text) - len(text.lstrip()) <= len(entry[1]):
            return [Edit(offset, offset, _entry(entry, mode, module.newline))]
        offset += len(text) + len(newline)
    return []


def _entry(bits: re.Match[str], mode: str, newline: str) -> str:
    indent, kind = bits[1], bits[2]
    optional = ", optional" if kind and "optional" in kind else ""
    kind = f" (str{optional})" if kind else ""
    return (
        f'{indent}{mode}{kind}: The quantization mode. Default: ``"affine"``.{newline}'
    )


def _docstring(node: cst.FunctionDef | cst.ClassDef) -> cst.SimpleString | None:
    match node.body.body:
        case [
            cst.SimpleStatementLine(
                body=[cst.Expr(value=cst.SimpleString() as literal), *_]
            ),
            *_,
        ]:
            return literal
    return None
