"""Keep the C++ standard and the defines of a `Package.swift` in step with upstream."""

import re
from collections.abc import Iterator

from mlxport.cli.errors import UserError

from .arrays import Edit
from .swift import Manifest, argument

# PackageDescription spells some standards by the name they had before they were final.
YEARS = {"98": 1998, "03": 2003, "11": 2011, "14": 2014, "1z": 2017, "17": 2017}
YEARS |= {"20": 2020, "2b": 2023}
SPELT = {23: "2b"}


def standard_edits(manifest: Manifest, standard: int) -> Iterator[Edit]:
    """Yield the edit that raises the package to C++ `standard`, such as 20.

    A newer one stays, for the package's own code may need it.
    """
    call = next(manifest.calls("Package"), manifest.root)
    node = argument(call, "cxxLanguageStandard")
    match = re.fullmatch(
        r"(?:CXXLanguageStandard)?\.(gnu)?cxx(\w\w)",
        manifest.source(node) if node else "",
    )
    if node is None or not match or match[2] not in YEARS:
        raise manifest.error(
            node or call,
            f"upstream is C++{standard}, and the package does not say what it is",
            hint=f"add `cxxLanguageStandard: .gnucxx{SPELT.get(standard, standard)}` to "
            "Package(…)",
        )
    if YEARS[match[2]] < 2000 + standard:
        text = f".{match[1] or ''}cxx{SPELT.get(standard, standard)}"
        yield Edit(node.start_byte, node.end_byte, text)


def define_edits(manifest: Manifest, name: str, value: str) -> Iterator[Edit]:
    """Yield the edits that give every `.define` of `name` this value."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    found = False
    for call in manifest.calls("define"):
        label, node = argument(call), argument(call, "to")
        if label and node and manifest.string(label) == name:
            found = True
            manifest.sound(call)
            if manifest.source(node) != f'"{escaped}"':
                yield Edit(node.start_byte, node.end_byte, f'"{escaped}"')
    if not found:
        raise UserError(
            f"no .define of {name}",
            where=manifest.name,
            hint=f'add .define("{name}", to: "{escaped}") to cxxSettings',
        )
