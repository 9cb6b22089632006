"""Turn a Python `def` into a signature."""

import ast

from . import Kind, Parameter, Signature

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def parsed(source: str) -> Signature | None:
    """Return the signature of a `def` without its body, or None if it is no Python."""
    try:
        [node] = ast.parse(f"{source.strip().rstrip(':')}: ...").body
    except (SyntaxError, ValueError):
        return None
    return signature(node) if isinstance(node, Definition) else None


def signature(node: Definition) -> Signature:
    """Return the signature of a definition."""
    arguments = node.args
    placed = [*arguments.posonlyargs, *arguments.args]
    required = len(placed) - len(arguments.defaults)
    parameters = []
    for index, argument in enumerate(placed):
        default = arguments.defaults[index - required] if index >= required else None
        only = index < len(arguments.posonlyargs)
        kind = Kind.POSITIONAL if only else Kind.NORMAL
        parameters.append(_parameter(argument, default, kind))
    if arguments.vararg:
        parameters.append(_parameter(arguments.vararg, None, Kind.VARIADIC, "*"))
    for argument, value in zip(
        arguments.kwonlyargs, arguments.kw_defaults, strict=True
    ):
        parameters.append(_parameter(argument, value, Kind.KEYWORD))
    if arguments.kwarg:
        parameters.append(_parameter(arguments.kwarg, None, Kind.VARIADIC, "**"))
    returns = ast.unparse(node.returns) if node.returns else ""
    arrow = f" -> {returns}" if returns else ""
    shown = f"{node.name}({ast.unparse(arguments)}){arrow}"
    return Signature(tuple(parameters), returns, shown)


def _parameter(
    argument: ast.arg, default: ast.expr | None, kind: Kind, star: str = ""
) -> Parameter:
    return Parameter(
        f"{star}{argument.arg}",
        ast.unparse(argument.annotation) if argument.annotation else "",
        ast.unparse(default) if default else None,
        kind,
    )
