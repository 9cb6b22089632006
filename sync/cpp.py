"""Read declarations out of C and C++ with a real parser."""

import re
from collections.abc import Iterator

import tree_sitter_cpp
from tree_sitter import Language, Node, Parser

from .api import Kind, Parameter, Signature

LANGUAGE = Language(tree_sitter_cpp.language())
# Export macros look like a type to a parser that does not run the preprocessor.
EXPORT = re.compile(rb"\b[A-Z][A-Z0-9_]*_(?:API|EXPORT)\b")
# The parser's grammar lacks braces as the default of a parameter: a name stands in.
BRACES = re.compile(rb"(=\s*)\{\s*\}(?=\s*[,)])")
STAND_IN = "__braces__"


def parse(source: bytes) -> Node:
    """Return the root of the syntax tree of a source that is changed where it must be."""
    readable = BRACES.sub(rb"\1" + STAND_IN.encode(), EXPORT.sub(b"", source))
    return Parser(LANGUAGE).parse(readable).root_node


def text(node: Node | None) -> str:
    """Return the source of a node on one line."""
    source = node.text if node else None
    words = " ".join((source or b"").decode("utf-8", "replace").split())
    return words.replace(STAND_IN, "{}")


def descendants(node: Node) -> Iterator[Node]:
    """Yield a node and all below it in the order of the source."""
    # Chains of calls are nested deeper than Python recurses.
    pending = [node]
    while pending:
        found = pending.pop()
        yield found
        pending += reversed(found.children)


def functions(node: Node, scope: str = "") -> Iterator[tuple[str, Signature]]:
    """Yield the free functions declared in a header, by their name with namespaces."""
    for child in node.named_children:
        if child.type == "namespace_definition":
            name = text(child.child_by_field_name("name"))
            # What is in a namespace without a name, or in `detail`, is nobody else's.
            body = child.child_by_field_name("body")
            if body and name and "detail" not in name.split("::"):
                yield from functions(body, f"{scope}{name}::")
        elif child.type in ("declaration", "function_definition"):
            yield from _function(child, scope)
        elif child.type == "linkage_specification":
            body = child.child_by_field_name("body")
            if body:
                yield from functions(body, scope)
        elif child.type.startswith("preproc_") or child.type in (
            "template_declaration",
            "declaration_list",
        ):
            yield from functions(child, scope)


def _function(node: Node, scope: str) -> Iterator[tuple[str, Signature]]:
    declarator = node.child_by_field_name("declarator")
    suffix = ""
    while declarator and declarator.type in (
        "pointer_declarator",
        "reference_declarator",
    ):
        suffix += "*" if declarator.type == "pointer_declarator" else "&"
        declarator = declarator.child_by_field_name(
            "declarator"
        ) or declarator.named_child(0)
    if declarator is None or declarator.type != "function_declarator":
        return
    name = text(declarator.child_by_field_name("declarator"))
    listed = declarator.child_by_field_name("parameters")
    if not re.fullmatch(r"\w+|operator\W+", name) or listed is None or listed.has_error:
        return
    parameters = tuple(_parameters(listed))
    returns = _returned(node) + suffix
    shown = ", ".join(_shown(parameter) for parameter in parameters)
    yield f"{scope}{name}", Signature(parameters, returns, f"{returns} {name}({shown})")


def _returned(node: Node) -> str:
    qualifiers = [text(c) for c in node.children if c.type == "type_qualifier"]
    return " ".join([*qualifiers, text(node.child_by_field_name("type"))])


def _parameters(listed: Node) -> Iterator[Parameter]:
    for index, node in enumerate(listed.named_children):
        if node.type not in ("parameter_declaration", "optional_parameter_declaration"):
            continue
        declarator = node.child_by_field_name("declarator")
        default = node.child_by_field_name("default_value")
        names = [n for n in descendants(declarator or listed) if n.type == "identifier"]
        known = names[0] if declarator and names else None
        # The type is all that is left without the name and the default.
        start, end = node.start_byte, node.end_byte
        if declarator:
            end = declarator.end_byte
        elif default:
            end = default.start_byte
        gap = (known.start_byte, known.end_byte) if known else (end, end)
        whole = node.text or b""
        source = whole[: gap[0] - start] + whole[gap[1] - start : end - start]
        kind = " ".join(source.decode("utf-8", "replace").rstrip("= ").split())
        name = text(known) if known else f"argument{index}"
        if kind == "void" and not declarator:
            continue
        value = text(default) if default else None
        yield Parameter(name, kind, value, Kind.POSITIONAL)


def _shown(parameter: Parameter) -> str:
    default = "" if parameter.default is None else f" = {parameter.default}"
    return f"{parameter.type} {parameter.name}{default}"
