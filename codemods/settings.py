"""Read `[tool.mlxport]` of the pyproject.toml that rules the files given."""

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from mlxport.cli.errors import UserError


@dataclass(frozen=True)
class Settings:
    """What a project says once instead of on every command line."""

    to: str | None = None
    start: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    # Patterns of files to leave out, as in a .gitignore beside the pyproject.toml.
    exclude: tuple[str, ...] = ()
    folder: Path = Path()


# `from` is a word of Python's.
_KEYS = {("from" if f.name == "start" else f.name): f for f in fields(Settings)[:-1]}


def find_settings(paths: Sequence[str]) -> Settings:
    """Return the settings for the paths given, those of the nearest pyproject.toml."""
    given = [Path(os.path.abspath(path)) for path in paths]
    folder = Path(os.path.commonpath([p if p.is_dir() else p.parent for p in given]))
    for around in (folder, *folder.parents):
        file = around / "pyproject.toml"
        if file.is_file():
            return _parsed(file)
        if (around / ".git").exists():
            break
    return Settings()


def _parsed(file: Path) -> Settings:
    where = os.path.relpath(file)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"cannot be read as TOML: {error}", where=where) from None
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=where) from None
    tool = content.get("tool", {})
    table = tool.get("mlxport", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise UserError("tool.mlxport is not a table", where=where)
    known: dict[str, str | tuple[str, ...]] = {}
    for key, value in table.items():
        # Other parts of mlxport keep tables of their own here.
        if isinstance(value, dict):
            continue
        if key not in _KEYS:
            raise UserError(
                f"tool.mlxport has no key {key!r}",
                where=where,
                hint=f"keys are {', '.join(_KEYS)}",
            )
        is_list = isinstance(_KEYS[key].default, tuple)
        if (
            is_list
            and isinstance(value, list)
            and all(isinstance(v, str) for v in value)
        ):
            known[_KEYS[key].name] = tuple(value)
        elif not is_list and isinstance(value, str):
            known[_KEYS[key].name] = value
        else:
            kind = "a list of strings" if is_list else "a string"
            raise UserError(f"tool.mlxport.{key} must be {kind}", where=where)
    return Settings(folder=file.parent, **known)  # type: ignore[arg-type]
