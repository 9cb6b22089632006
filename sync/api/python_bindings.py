"""The functions that MLX's nanobind sources bind to Python as `mlx.core`."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tree_sitter import Node

from .. import cpp
from . import Kind, Parameter, Signature
from ._definitions import parsed

TITLE = "Python"
MODULE = "mlx.core"
FUNCTIONS = ("def", "def_static")
# Attributes have no parameters of their own.
ATTRIBUTES = re.compile(r"def_(?:prop_)?r[ow](?:_static)?")
CLASS = re.compile(r"(?:nb|nanobind)::class_\b")


def read(tree: Path) -> Iterator[tuple[str, Signature]]:
    """Yield the functions and methods, such as `mlx.core.fast.rope`."""
    for path in sorted((tree / "python" / "src").glob("*.cpp")):
        root = cpp.parse(path.read_bytes())
        for node in cpp.descendants(root):
            if node.type == "function_definition":
                yield from _bound(node)


def _bound(function: Node) -> Iterator[tuple[str, Signature]]:
    """Yield what the body of one function binds."""
    modules = _parameters(function)
    for node in cpp.descendants(function):
        if node.type == "init_declarator":
            name = cpp.text(node.child_by_field_name("declarator")).lstrip("&")
            if owner := _owner(node.child_by_field_name("value"), modules):
                modules[name] = owner
        elif node.type != "call_expression":
            continue
        elif _is_class(node):
            if name := _owner(node, modules):
                yield name, Signature((), "", f"class {name.rpartition('.')[2]}")
        elif _binds(_method(node)):
            owner = _owner(_receiver(node), modules)
            if owner and (bound := _signature(node)):
                name, found = bound
                if not name.startswith("_") or name in ("__init__", "__call__"):
                    yield f"{owner}.{name}", _without_self(found)


def _parameters(function: Node) -> dict[str, str]:
    """Return the modules that a function is given: all of them are `mlx.core`."""
    declarator = function.child_by_field_name("declarator")
    listed = declarator.child_by_field_name("parameters") if declarator else None
    modules = {}
    for node in listed.named_children if listed else ():
        if "module_" in cpp.text(node.child_by_field_name("type")):
            name = cpp.text(node.child_by_field_name("declarator"))
            modules[name.strip("& ")] = MODULE
    return modules


def _owner(node: Node | None, modules: dict[str, str]) -> str:
    """Return the full name of the module or class that an expression stands for."""
    while node and node.type == "call_expression":
        method = _method(node)
        if method == "def_submodule":
            owner = _owner(_receiver(node), modules)
            strings = _strings(node)
            return f"{owner}.{strings[0]}" if owner and strings else ""
        if method:
            node = _receiver(node)
        elif _is_class(node):
            arguments = _arguments(node)
            strings = _strings(node)
            owner = _owner(arguments[0], modules) if arguments else ""
            return f"{owner}.{strings[0]}" if owner and strings else ""
        else:
            return ""
    return modules.get(cpp.text(node), "") if node else ""


def _method(call: Node) -> str:
    function = call.child_by_field_name("function")
    if function and function.type == "field_expression":
        return cpp.text(function.child_by_field_name("field"))
    return ""


def _receiver(call: Node) -> Node | None:
    function = call.child_by_field_name("function")
    return function.child_by_field_name("argument") if function else None


def _arguments(call: Node) -> list[Node]:
    listed = call.child_by_field_name("arguments")
    return [n for n in listed.named_children if n.type != "comment"] if listed else []


def _strings(call: Node) -> list[str]:
    found = (_string(node) for node in _arguments(call))
    return [value for value in found if value is not None]


def _string(node: Node) -> str | None:
    """Return the value of a literal, or of several that stand side by side."""
    if node.type == "concatenated_string":
        parts = [_string(n) for n in node.named_children if n.type != "comment"]
        return "".join(part or "" for part in parts)
    if node.type == "string_literal":
        try:
            value = ast.literal_eval((node.text or b"").decode())
        except (SyntaxError, ValueError):
            return None
        return str(value)
    if node.type == "raw_string_literal":
        content = [n for n in node.named_children if n.type == "raw_string_content"]
        return "".join((n.text or b"").decode("utf-8", "replace") for n in content)
    return None


def _signature(call: Node) -> tuple[str, Signature] | None:
    """Return the name and the signature that a `.def` gives, from `nb::sig` if it has one."""
    arguments = _arguments(call)
    name = _string(arguments[0]) if arguments else None
    if name is None:
        return None
    for argument in arguments[1:]:
        if argument.type != "call_expression":
            continue
        if cpp.text(argument.child_by_field_name("function")).endswith("::sig"):
            strings = _strings(argument)
            # Some are written with false and true, as C++ spells them.
            source = re.sub(
                r"= *(true|false)\b",
                lambda match: f"= {match[1].capitalize()}",
                strings[0] if strings else "",
            )
            if found := parsed(source):
                return name, found
    if ATTRIBUTES.fullmatch(_method(call)):
        return name, Signature((), "", name)
    return name, _from_arguments(name, arguments[1:])


def _is_class(call: Node) -> bool:
    function = call.child_by_field_name("function")
    # The text of a chain of calls begins with its receiver.
    return not _method(call) and bool(CLASS.match(cpp.text(function)))


def _binds(method: str) -> bool:
    return method in FUNCTIONS or bool(ATTRIBUTES.fullmatch(method))


def _without_self(found: Signature) -> Signature:
    """Return the signature without `self`, which nanobind's own signatures do not have."""
    if found.parameters and found.parameters[0].name == "self":
        return replace(found, parameters=found.parameters[1:])
    return found


def _from_arguments(name: str, arguments: list[Node]) -> Signature:
    """Return the signature that nanobind makes of `"x"_a`, `nb::arg()` and the like."""
    parameters: list[Parameter] = []
    kind = Kind.NORMAL
    for node in arguments:
        default = None
        if node.type == "assignment_expression":
            default = cpp.text(node.child_by_field_name("right"))
            default = {"nb::none()": "None", "true": "True", "false": "False"}.get(
                default, default
            )
            left = node.child_by_field_name("left")
            if left is None:
                continue
            node = left
        source = cpp.text(node)
        if match := re.match(r'"(\w+)"_a\b', source):
            parameters.append(Parameter(match[1], "", default, kind))
        elif match := re.match(r'nb::arg\((?:"(\w+)")?\)', source):
            called = match[1] or f"arg{len(parameters)}"
            parameters.append(Parameter(called, "", default, kind))
        elif source == "nb::kw_only()":
            kind = Kind.KEYWORD
    return Signature(tuple(parameters), "", f"{name}({_shown(parameters)})")


def _shown(parameters: list[Parameter]) -> str:
    words = []
    for index, parameter in enumerate(parameters):
        first = not index or parameters[index - 1].kind is not Kind.KEYWORD
        if parameter.kind is Kind.KEYWORD and first:
            words.append("*")
        default = "" if parameter.default is None else f"={parameter.default}"
        words.append(f"{parameter.name}{default}")
    return ", ".join(words)
