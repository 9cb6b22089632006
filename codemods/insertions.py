"""Insert arguments, parameters and statements in the layout of their neighbours."""

import re
from collections.abc import Sequence

import libcst as cst

from .changes import Edit
from .names import NEWLINE, SourceModule

_BLANK = re.compile(r"(?:[ \t\r\n\\]|#[^\r\n]*)*")


def argument(
    module: SourceModule, call: cst.Call, text: str, after: cst.Arg | None = None
) -> list[Edit]:
    """Return the edits that pass `text`, right after one argument or as the last."""
    # A keyword in front of a positional argument would not parse.
    last_positional = max(
        (i for i, arg in enumerate(call.args) if arg.keyword is None and not arg.star),
        default=-1,
    )
    index = len(call.args) - 1
    if after is not None and after.keyword is not None:
        index = max(call.args.index(after), last_positional)
    return _insert(module, _spans(module, call.args), index, text)


def parameter(module: SourceModule, function: cst.FunctionDef, name: str) -> list[Edit]:
    """Return the edits that add a `mode` parameter, the last one before `**`."""
    given = function.params
    named = (*given.posonly_params, *given.params, *given.kwonly_params)
    nodes: list[cst.CSTNode] = [*given.posonly_params, *given.params]
    # A bare star counts as a neighbour: what follows it is keyword-only.
    if isinstance(given.star_arg, cst.Param | cst.ParamStar):
        nodes.append(given.star_arg)
    nodes += given.kwonly_params
    spans = _spans(module, nodes)
    if isinstance(given.posonly_ind, cst.ParamSlash) and not given.params:
        slash = module.text.index("/", spans[-1][1])
        spans[-1] = (slash, slash + 1)
    end = len(spans)
    if given.star_kwarg is not None:
        spans += _spans(module, [given.star_kwarg])
    typed = any(p.annotation for p in named if p.name.value not in ("self", "cls"))
    text = f'{name}: str = "affine"' if typed else f'{name}="affine"'
    return _insert(module, spans, end - 1, text)


def statement_after(
    module: SourceModule, statement: cst.BaseSmallStatement, text: str
) -> Edit:
    """Return the edit that puts one statement behind another, on a line of its own."""
    _, end = module.span(statement)
    line = module.parent(statement)
    if not isinstance(line, cst.SimpleStatementLine):
        # `def f(self): self.bits = 4`
        return Edit(end, end, f"; {text}")
    start, end = module.span(line)
    end = module.line_end(end)
    return Edit(end, end, f"{module.newline}{module.indent(start)}{text}")


def statement_before(module: SourceModule, line: cst.CSTNode, text: str) -> Edit:
    """Return the edit that puts one statement before a statement that has its own line."""
    start, _ = module.span(line)
    return Edit(start, start, f"{text}{module.newline}{module.indent(start)}")


def _spans(module: SourceModule, nodes: Sequence[cst.CSTNode]) -> list[tuple[int, int]]:
    return [
        _param_span(module, n) if isinstance(n, cst.Param) else module.span(n)
        for n in nodes
    ]


def _param_span(module: SourceModule, param: cst.Param) -> tuple[int, int]:
    # LibCST gives the place of the name alone.
    start, end = module.span(param)
    if isinstance(param.star, str) and param.star:
        start = module.text.rindex(param.star, 0, start + len(param.star))
    last: cst.BaseExpression = param.name
    if param.annotation is not None:
        last = param.annotation.annotation
    if param.default is not None:
        last = param.default
    _, end = module.span(last)
    for _ in last.rpar:
        blank = _BLANK.match(module.text, end)
        assert blank is not None
        end = module.text.index(")", blank.end()) + 1
    return start, end


def _insert(
    module: SourceModule, spans: list[tuple[int, int]], index: int, text: str
) -> list[Edit]:
    code = module.text
    start, end = spans[index]
    own_line = not code[module.line_start(start) : start].strip()
    if index + 1 < len(spans):
        following = spans[index + 1][0]
        gap = code[end:following]
        separator = ", "
        if NEWLINE.search(gap):
            separator = f",{module.newline}{module.indent(following)}"
        return [Edit(following, following, text + separator, breakable=True)]

    blank = _BLANK.match(code, end)
    assert blank is not None
    comma = blank.end() if code.startswith(",", blank.end()) else None
    after = comma + 1 if comma is not None else end
    closing = _BLANK.match(code, after)
    assert closing is not None
    close_on_own_line = NEWLINE.search(code, after, closing.end()) is not None
    if not own_line or (
        not close_on_own_line
        and len(spans) > 1
        and not all(
            NEWLINE.search(code, spans[i][1], spans[i + 1][0]) for i in range(index)
        )
    ):
        return [Edit(end, end, f", {text}", breakable=True)]
    indent = code[module.line_start(start) : start]
    line = f"{module.newline}{indent}{text}"
    if comma is None:
        # A comment may follow the last argument: the comma goes in front of it.
        rest = module.line_end(end) if close_on_own_line else end
        if rest == end or not code[end:rest].strip():
            return [Edit(end, end, f",{line}", breakable=True)]
        return [Edit(end, end, ","), Edit(rest, rest, line, breakable=True)]
    rest = module.line_end(after) if close_on_own_line else after
    return [Edit(rest, rest, f"{line},", breakable=True)]
