"""What `mlxport.lock` records: exactly which upstream a wrapper carries."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlxport.cli.errors import UserError

from .filelists import Dependency
from .generated import GeneratedFile, parsed

NAME = "mlxport.lock"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class WrapperLists:
    """What the wrapper compiles in one configuration; paths are relative to upstream's root."""

    sources: tuple[str, ...]
    generated: tuple[str, ...]
    defines: tuple[str, ...]
    standard: str
    dependencies: tuple[Dependency, ...]


@dataclass(frozen=True, slots=True)
class Lock:
    """The revision that is vendored, and what it asks for.

    `tree` is the git name of upstream's whole tree, `vendored` that of the files taken.
    """

    upstream: str
    location: str
    ref: str
    commit: str
    tree: str
    folder: str
    vendored: str
    configurations: Mapping[str, WrapperLists]
    generated: tuple[GeneratedFile, ...] = ()

    @property
    def algorithm(self) -> str:
        """Return the hash that names the objects of upstream's repository."""
        return "sha256" if len(self.commit) == 64 else "sha1"


def read_lock(wrapper: Path) -> Lock | None:
    """Return the wrapper's lock, or None if it has none yet."""
    path = wrapper / NAME
    try:
        document = json.loads(path.read_bytes())
        if document["format"] != FORMAT:
            raise ValueError(f"its format is {document['format']!r}")
        return _parsed(document)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"cannot be read: {reason}", where=str(path)) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else error
        raise UserError(
            f"is not a lock that this mlxport wrote: {what}",
            where=str(path),
            hint=f"restore it: git checkout -- {NAME}",
        ) from None


def to_json(lock: Lock) -> bytes:
    """Return the text of the lock's file; equal locks have equal text."""
    document = {"format": FORMAT, **asdict(lock)}
    return (json.dumps(document, indent=2) + "\n").encode()


def _parsed(document: dict[str, Any]) -> Lock:
    fields = {
        name: _string(document, name)
        for name in Lock.__dataclass_fields__
        if name not in ("configurations", "generated")
    }
    configurations = {
        name: WrapperLists(
            _strings(lists, "sources"),
            _strings(lists, "generated"),
            _strings(lists, "defines"),
            _string(lists, "standard"),
            tuple(
                Dependency(_string(d, "name"), _string(d, "url"), _string(d, "ref"))
                for d in lists["dependencies"]
            ),
        )
        for name, lists in document["configurations"].items()
    }
    # Locks that an earlier mlxport wrote have none.
    generated = parsed(document.get("generated", []))
    return Lock(**fields, configurations=configurations, generated=generated)


def _string(document: dict[str, Any], key: str) -> str:
    value = document[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is not a string")
    return value


def _strings(document: dict[str, Any], key: str) -> tuple[str, ...]:
    values = document[key]
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise TypeError(f"{key} is not an array of strings")
    return tuple(values)
