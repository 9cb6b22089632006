"""Configurations: what sync tells upstream's build about the machine it seems to run on."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlxport.cli.errors import UserError

FOLDER = Path(__file__).parent / "configurations"
TABLES = (
    *("options", "toolchain", "host", "find"),
    *("packages", "languages", "fetched", "processes"),
)
OPTION_VALUE = re.compile(r"[\w.+/;-]*")


@dataclass(frozen=True, slots=True)
class Package:
    """The answer to find_package."""

    found: str = "ON"
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Language:
    """The answer to enable_language."""

    extensions: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What stands in for a fetched dependency beside an empty folder.

    Its own project() would have set `<project>_SOURCE_DIR`; `files` are empty files.
    """

    project: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """A name, the library target wanted, and an answer to each question of the build.

    `file` is where to add an answer. No value holds a `{parameter}` any more.
    """

    name: str
    file: Path
    target: str
    options: Mapping[str, str]
    toolchain: Mapping[str, str]
    host: Mapping[str, str]
    find: Mapping[str, str]
    packages: Mapping[str, Package]
    languages: Mapping[str, Language]
    fetched: Mapping[str, Fetched]
    processes: Mapping[str, str]

    @property
    def is_cuda(self) -> bool:
        """Return whether the CUDA backend may be compiled."""
        return "CUDA" in self.languages


def known() -> tuple[str, ...]:
    """Return the names of the configurations that mlxport carries, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def settings(pairs: Iterable[str]) -> dict[str, str]:
    """Return the `KEY=VALUE` strings of a command line as a mapping."""
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UserError(
                f"{pair!r} is not KEY=VALUE", hint="for example: --set macos_sdk=14.5"
            )
        found[key] = value
    return found


def load(names: Iterable[str], changed: Mapping[str, str]) -> tuple[Configuration, ...]:
    """Return the configurations of these names, or all, with parameters changed.

    A name that ends in .toml is a file of the caller's. A key of `changed` must be known
    to one of the configurations, and applies to those that know it.
    """
    tables = {}
    for name in dict.fromkeys(names) or known():
        path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
        tables[path] = _read(path, name)
    keys = {key for table in tables.values() for key in _keys(table)}
    for key in changed:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1)
            raise UserError(
                f"no configuration asked for has a parameter {key!r}",
                hint=(f"did you mean {near[0]}? " if near else "")
                + f"known: {', '.join(sorted(keys))}",
            )
    return tuple(_filled(path, table, changed) for path, table in tables.items())


def _read(path: Path, name: str, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Return the tables of a file over those of its base."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        hint = f"known: {', '.join(known())}; or a file whose name ends in .toml"
        raise UserError(f"no configuration {name!r}", hint=hint) from None
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"is not TOML: {error}", where=str(path)) from None
    base = table.pop("base", None)
    if base is None:
        return table
    beside = path.parent / f"{base}.toml"
    below_path = beside if beside.is_file() else FOLDER / f"{base}.toml"
    if below_path in (*above, path):
        raise UserError("is a base of itself", where=str(path))
    below = _read(below_path, str(base), (*above, path))
    _keep_patterns(table, below)
    for key, value in table.items():
        both_tables = isinstance(value, dict) and isinstance(below.get(key), dict)
        below[key] = below[key] | value if both_tables else value
    return below


def _keep_patterns(table: Mapping[str, Any], below: Mapping[str, Any]) -> None:
    """Let a parameter that is only a value be a new default of the base's parameter."""
    parameters, rules = table.get("parameters"), below.get("parameters")
    if isinstance(parameters, dict) and isinstance(rules, dict):
        for key, value in parameters.items():
            if isinstance(value, str) and isinstance(rules.get(key), dict):
                parameters[key] = rules[key] | {"default": value}


def _keys(table: Mapping[str, Any]) -> set[str]:
    parts = (table.get("parameters"), table.get("options"))
    return {key for part in parts if isinstance(part, dict) for key in part}


def _filled(
    path: Path, table: dict[str, Any], changed: Mapping[str, str]
) -> Configuration:
    try:
        values = _parameters(table.pop("parameters", {}), changed)
        target, *tables = (
            _replaced(table.pop(key, {}), values) for key in ("target", *TABLES)
        )
        if table:
            raise UserError(f"unknown key {sorted(table)[0]!r}")
        if not isinstance(target, str):
            raise UserError("lacks `target`, the name of upstream's library")
        for key, filled in zip(TABLES, tables, strict=True):
            if not isinstance(filled, dict):
                raise UserError(f"{key} is not a table")
        options, toolchain, host, find, packages, languages, fetched, processes = tables
        return Configuration(
            name=path.stem,
            file=path,
            target=target,
            options={
                key: _checked(key, changed.get(key, value), OPTION_VALUE)
                for key, value in options.items()
            },
            toolchain=toolchain,
            host=host,
            find=find,
            packages={key: Package(**value) for key, value in packages.items()},
            languages={key: Language(**value) for key, value in languages.items()},
            fetched={key: Fetched(**value) for key, value in fetched.items()},
            processes=processes,
        )
    except (TypeError, KeyError, AttributeError, re.error) as error:
        raise UserError(
            f"is not a configuration: {error}",
            where=str(path),
            hint=f"compare it with those in {FOLDER}",
        ) from None
    except UserError as error:
        raise UserError(error.message, where=str(path), hint=error.hint) from None


def _parameters(table: Mapping[str, Any], changed: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for key, rule in table.items():
        # A default may name a parameter that stands before it.
        value = changed.get(key, _replaced(rule["default"], values))
        values[key] = _checked(key, value, re.compile(rule["pattern"]))
    return values


def _checked(key: str, value: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(value):
        raise UserError(
            f"{value!r} is no value for {key}",
            hint=f"it must match {pattern.pattern}",
        )
    return value


def _replaced(value: Any, parameters: Mapping[str, str]) -> Any:
    """Put parameters in place of `{name}` in every string below `value`."""
    if isinstance(value, str):
        for name in re.findall(r"\{(\w+)\}", value):
            if name not in parameters:
                raise UserError(f"{value!r} names no parameter of this configuration")
        return re.sub(r"\{(\w+)\}", lambda match: parameters[match[1]], value)
    if isinstance(value, list):
        return tuple(_replaced(item, parameters) for item in value)
    if isinstance(value, dict):
        return {key: _replaced(item, parameters) for key, item in value.items()}
    raise UserError(f"{value!r} is not a string; strings stand in quotes")
