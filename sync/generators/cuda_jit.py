"""The CUDA device headers that kernels compiled at run time include, as byte arrays."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from mlxport.cli.errors import UserError

from ..filelists import FileLists
from ..preprocessor.headers import Headers
from . import Made

PURPOSE = "device headers for CUDA kernels compiled at run time, as byte arrays"
SIGN = "mlx/mlx.h"
NEEDS_LISTS = True
SETTINGS: Mapping[str, str] = {}


def generate(
    headers: Headers, lists: FileLists | None, settings: Mapping[str, str]
) -> Iterator[Made]:
    """Yield the header that upstream's CMake script for byte arrays writes."""
    for file in lists.made if lists else ():
        for command in file.commands:
            if (
                len(command) > 2
                and command[-2] == "-P"
                and command[-1].endswith("bin2h.cmake")
            ):
                content = _header(headers, command[1:-2], command[-1])
                yield Made(file.name, content.encode("ascii"), command[-1])


def _header(headers: Headers, arguments: tuple[str, ...], script: str) -> str:
    given = dict(word[2:].partition("=")[::2] for word in arguments)
    root = given.get("MLX_SOURCE_ROOT")
    names = [name for name in given.get("MLX_JIT_SOURCES", "").split(":") if name]
    call = _Call.read(headers.text(script), script)
    if not root or not names:
        raise UserError("mlxport cannot tell which files this embeds", where=script)
    arrays = "".join(call.array(name, headers.text(f"{root}/{name}")) for name in names)
    return (
        f"#pragma once\n\nnamespace {call.namespace} {{\n\n{arrays}"
        f"}} // namespace {call.namespace}\n"
    )


class _Call:
    """How the script embeds a file, as its text says."""

    def __init__(self, variable: str, namespace: str, ends: str, width: int) -> None:
        self.variable, self.namespace, self.ends = variable, namespace, ends
        self.width = width
        self.replaced: list[tuple[str, str]] = []

    @classmethod
    def read(cls, text: str, script: str) -> "_Call":
        """Read the call at the script's end, and how many digits a line has."""
        calls = re.findall(r"^bin2h\(([^()]*)\)", text, re.MULTILINE)
        words = calls[-1].replace('"', " ").split() if calls else []
        width = re.search(r"AT_COLUMN (\d+)\)", text)
        after = dict(pairwise(words))
        if not {"VARIABLE_NAME", "HEADER_NAMESPACE"} <= after.keys() or not width:
            raise UserError(
                "is not a script that mlxport can read: it finds no call of bin2h()",
                where=script,
            )
        ends = "00" if "NULL_TERMINATE" in words else ""
        call = cls(
            after["VARIABLE_NAME"], after["HEADER_NAMESPACE"], ends, int(width[1])
        )
        call.replaced = re.findall(
            r'string\(REGEX REPLACE "([0-9a-f]+)" "([0-9a-f]+)"', text
        )
        return call

    def array(self, name: str, text: str) -> str:
        """Return the array of one file; its name is the file's without all endings."""
        digits = text.encode("latin-1").hex() + self.ends
        lines = [digits[i : i + self.width] for i in range(0, len(digits), self.width)]
        body = "".join(f"\n {line}" for line in lines)
        for old, new in self.replaced:
            body = body.replace(old, new)
        body = re.sub("([0-9a-f][0-9a-f])", r" 0x\1,", body)
        stem = name.rpartition("/")[2].partition(".")[0]
        identifier = re.sub(r"\W", "_", re.sub(r"^(\d)", r"_\1", stem), flags=re.ASCII)
        return f"constexpr char {self.variable}_{identifier}[] = {{{body}\n}};\n\n"
