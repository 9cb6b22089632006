"""What a compiler predefines: a file of the folder `targets` is a target."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "targets"


@dataclass(frozen=True, slots=True)
class Target:
    """Macros that are defined from the start, and names that are known not to be.

    `file` is where to add one.
    """

    file: Path
    defined: Mapping[str, str]
    undefined: frozenset[str]


@cache
def load(name: str) -> Target:
    """Return the target of this name."""
    file = FOLDER / f"{name}.toml"
    tables = tomllib.loads(file.read_text("utf-8"))
    return Target(file, tables["defined"], frozenset(tables["undefined"]["names"]))
