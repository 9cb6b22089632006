"""Insert arguments, parameters and statements in the layout of their neighbours."""

import re
from collections.abc import Sequence
from itertools import pairwise

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
        end = module.text.index(")", _blank_end(module.text, end)) + 1
    return start, end


def _insert(
    module: SourceModule, spans: list[tuple[int, int]], index: int, text: str
) -> list[Edit]:
    """Insert behind one of the things that brackets list, given by their places."""
    if index + 1 == len(spans):
        return _insert_last(module, spans, text)
    end, following = spans[index][1], spans[index + 1][0]
    separator = ", "
    if NEWLINE.search(module.text, end, following):
        separator = f",{module.newline}{module.indent(following)}"
    return [Edit(following, following, text + separator, breakable=True)]


def _insert_last(
    module: SourceModule, spans: list[tuple[int, int]], text: str
) -> list[Edit]:
    code = module.text
    start, end = spans[-1]
    comma = _blank_end(code, end)
    has_comma = code.startswith(",", comma)
    after = comma + 1 if has_comma else end
    closed_below = NEWLINE.search(code, after, _blank_end(code, after)) is not None
    one_a_line = all(
        NEWLINE.search(code, before[1], behind[0]) for before, behind in pairwise(spans)
    )
    indent = code[module.line_start(start) : start]
    if indent.strip() or not (closed_below or one_a_line):
        return [Edit(end, end, f", {text}", breakable=True)]
    line = f"{module.newline}{indent}{text}"
    # A comment stays on the line of what it is about.
    line_end = module.line_end(after) if closed_below else after
    if has_comma:
        return [Edit(line_end, line_end, f"{line},", breakable=True)]
    if not code[end:line_end].strip():
        return [Edit(end, end, f",{line}", breakable=True)]
    return [Edit(end, end, ","), Edit(line_end, line_end, line, breakable=True)]


def _blank_end(code: str, start: int) -> int:
    """Return where the white space and comments that begin at an offset end."""
    blank = _BLANK.match(code, start)
    return blank.end() if blank else start
