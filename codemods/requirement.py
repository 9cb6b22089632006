"""Read from a project's metadata which MLX it supports at least."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .versions import Version, parse_version

# `mlx>=0.26`, `mlx[cuda] ~= 0.28.0; sys_platform == "darwin"`, but not `mlx-lm>=0.26`.
_BOUND = re.compile(
    r"""(?<![\w.-])mlx(?![\w.-])[^;#"'\n]*?(?:>=|~=|==|>)\s*(?P<version>\d+(?:\.\d+)*)"""
)


@dataclass(frozen=True)
class Requirement:
    """The oldest MLX a project supports, and the file that says so."""

    version: Version
    file: str

    @property
    def text(self) -> str:
        """The version as it is written."""
        return ".".join(map(str, self.version))


def required(project: Path) -> Requirement | None:
    """Return the lowest bound that the metadata of a project sets, None without one."""
    found: list[Requirement] = []
    for file, lines in _declared(project):
        for line in lines:
            # `mlx>=0.26,!=0.27`: the first bound is the lower one.
            if bound := _BOUND.search(line):
                found.append(Requirement(parse_version(bound["version"]), file))
    return min(found, key=lambda requirement: requirement.version, default=None)


def _declared(project: Path) -> Iterator[tuple[str, list[str]]]:
    table = _toml(project / "pyproject.toml")
    stated = table.get("project", {})
    if isinstance(stated, dict):
        lists = [stated.get("dependencies", [])]
        extras = stated.get("optional-dependencies", {})
        lists += extras.values() if isinstance(extras, dict) else []
        lines = [item for part in lists if isinstance(part, list) for item in part]
        yield "pyproject.toml", [line for line in lines if isinstance(line, str)]
    poetry = table.get("tool", {}).get("poetry", {}).get("dependencies", {})
    if isinstance(poetry, dict) and isinstance(poetry.get("mlx"), str):
        # A caret allows what is newer, a bare version only itself.
        yield "pyproject.toml", [f"mlx>={poetry['mlx'].lstrip('^~>=v ')}"]
    for name in ("setup.py", "setup.cfg", "requirements.txt"):
        text = _read(project / name)
        yield name, [line for line in text.splitlines() if "mlx" in line]


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError:
        # Whoever builds the project will hear of it.
        return {}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
