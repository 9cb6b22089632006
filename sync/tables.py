"""Read TOML so that every mistake is named by its line and the keys it could have been."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mlxport.cli.errors import UserError


@dataclass(frozen=True)
class Table:
    """A table of a TOML file: where it is, and what it holds."""

    values: Mapping[str, Any]
    keys: tuple[str, ...]
    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> "Table":
        """Return the whole file as a table."""
        try:
            text = path.read_bytes().decode()
            return cls(tomllib.loads(text), (), path, text)
        except FileNotFoundError:
            raise
        except OSError as error:
            reason = error.strerror or str(error)
            raise UserError(f"cannot be read: {reason}", where=str(path)) from None
        except UnicodeDecodeError:
            raise UserError("is not UTF-8", where=str(path)) from None
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"\(at line (\d+),", str(error))
            where = f"{path}:{at[1]}" if at else str(path)
            raise UserError(f"is not TOML: {error}", where=where) from None

    def allow(self, *known: str) -> None:
        """Raise UserError if the table has a key that is not known."""
        for key in self.values:
            if key not in known:
                raise self.error(
                    f"unknown key {key!r}", key, hint=f"known here: {', '.join(known)}"
                )

    def error(self, message: str, key: str = "", hint: str | None = None) -> UserError:
        """Return an error that names the line of the table or of one of its keys."""
        line = _line(self.text, (*self.keys, key) if key else self.keys)
        return UserError(message, where=f"{self.path}:{line}", hint=hint)

    def string(self, key: str, default: str | None = None) -> str:
        """Return a string; without a default the key must be there."""
        value = self.values.get(key, default)
        if value is None:
            name = ".".join(self.keys) or "the file"
            raise self.error(f"{key!r} is missing from {name}")
        if not isinstance(value, str) or not value:
            raise self.error(f"{key!r} takes a string", key)
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        """Return an array of strings, by default an empty one."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.error(f"{key!r} takes an array of strings", key)
        return tuple(value)

    def mapping(self, key: str) -> dict[str, str]:
        """Return a table of strings; true and false are spelt as CMake does, ON and OFF."""
        found = {}
        for name, value in self.table(key).values.items():
            # A version such as 12.10 is another number than it reads: it needs quotes.
            if not isinstance(value, str | bool):
                raise self.error(f"{key}.{name} takes a string, or true or false", key)
            found[name] = value if isinstance(value, str) else ("OFF", "ON")[value]
        return found

    def table(self, key: str) -> "Table":
        """Return a table inside this one, by default an empty one."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(f"{key!r} takes a table", key)
        return Table(value, (*self.keys, key), self.path, self.text)

    def inside(self, key: str) -> PurePosixPath:
        """Return a path that must stay inside the folder of the file."""
        return self.checked(key, self.string(key))

    def checked(self, key: str, text: str) -> PurePosixPath:
        """Return a path of the wrapper, or raise UserError if it leaves the wrapper's folder."""
        path = PurePosixPath(text)
        if (
            path.is_absolute()
            or not path.parts
            or any(part == ".." or part.lower() == ".git" for part in path.parts)
            or "\\" in text
            or "\0" in text
        ):
            raise self.error(
                f"{key} {text!r} leaves the wrapper's folder",
                key,
                hint="give a relative path below it",
            )
        # A link on the way could lead anywhere.
        place = self.path.parent
        for part in path.parts:
            if place.exists() and not place.is_dir():
                raise self.error(f"{place} is a file, not a folder", key)
            place = place / part
            if place.is_symlink():
                raise self.error(f"{key} {text!r} goes through a link: {place}", key)
        return path

    def named_tables(self, key: str) -> Iterator["Table"]:
        """Yield the tables inside a table: `[key.NAME]`."""
        for name, item in self.table(key).values.items():
            if not isinstance(item, dict):
                raise self.error(f"{key} takes tables: [{key}.NAME]", key)
            yield Table(item, (*self.keys, key, name), self.path, self.text)

    def array(self, key: str) -> Iterator["Table"]:
        """Yield the tables of an array of tables: `[[key]]`."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.error(f"{key} takes tables: [[{key}]]", key)
        for index, item in enumerate(value):
            yield Table(item, (*self.keys, key, str(index)), self.path, self.text)


def _line(text: str, keys: tuple[str, ...]) -> int:
    """Return the first line that defines `keys`, part of it, or most of the way to it."""
    best, best_length = 1, 0
    header: tuple[str, ...] = ()
    arrays: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*(\[\[?)(.+?)\]\]?\s*(#.*)?$", line):
            header = _key(match[2])
            if match[1] == "[[":
                index = arrays[header] = arrays.get(header, -1) + 1
                header = (*header, str(index))
            elif (owner := header[:1]) in arrays:
                header = (*owner, str(arrays[owner]), *header[1:])
            path = header
        elif "=" in line and (name := _key(line.partition("=")[0])):
            path = (*header, *name)
        else:
            continue
        length = min(len(path), len(keys))
        if length > best_length and path[:length] == keys[:length]:
            best, best_length = number, length
    return best


def _key(source: str) -> tuple[str, ...]:
    """Split a dotted key, or return nothing when it is not one."""
    try:
        values: Any = tomllib.loads(f"{source} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    keys = []
    while isinstance(values, dict) and values:
        key, values = next(iter(values.items()))
        keys.append(key)
    return tuple(keys)
