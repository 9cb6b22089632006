"""What `mlxport.lock` records: exactly which upstreams a wrapper carries."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlxport.cli.errors import UserError

from .filelists import Dependency
from .generated import GeneratedFile, parsed

NAME = "mlxport.lock"
FORMAT = 2


@dataclass(frozen=True, slots=True)
class WrapperLists:
    """What the wrapper compiles in one configuration; paths are relative to upstream's root."""

    sources: tuple[str, ...]
    generated: tuple[str, ...]
    defines: tuple[str, ...]
    standard: str
    dependencies: tuple[Dependency, ...]


@dataclass(frozen=True, slots=True)
class Locked:
    """The revision of an upstream that is carried, and what it asks for.

    `tree` is the git name of upstream's whole tree, `vendored` that of the files in the
    folder: those taken, patched. `patches` are the SHA-256 of each patch applied, by its
    path. `licences` are paths in the folder.
    """

    location: str
    mode: str
    ref: str
    commit: str
    tree: str
    folder: str
    vendored: str
    patches: Mapping[str, str]
    licences: tuple[str, ...]
    configurations: Mapping[str, WrapperLists]

    @property
    def algorithm(self) -> str:
        """Return the hash that names the objects of upstream's repository."""
        return "sha256" if len(self.commit) == 64 else "sha1"


@dataclass(frozen=True, slots=True)
class LockedFolder:
    """A dependency whose folder the wrapper keeps by hand.

    `vendored` is the git name of the folder, which holds what upstream asked for by `url`
    and `ref`, as far as an update can tell.
    """

    folder: str
    vendored: str
    url: str
    ref: str
    licences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lock:
    """Everything the wrapper carries, by name; the first upstream leads the others."""

    upstreams: Mapping[str, Locked]
    dependencies: Mapping[str, Locked]
    folders: Mapping[str, LockedFolder]
    generated: tuple[GeneratedFile, ...] = ()

    @property
    def main(self) -> Locked:
        """Return the first upstream."""
        return next(iter(self.upstreams.values()))

    @property
    def carried(self) -> dict[str, Locked]:
        """Return all that an update brings, by name."""
        return {**self.upstreams, **self.dependencies}


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
    upstreams = {name: _locked(d) for name, d in document["upstreams"].items()}
    if not upstreams:
        raise ValueError("it has no upstream")
    return Lock(
        upstreams,
        {name: _locked(d) for name, d in document["dependencies"].items()},
        {name: _folder(d) for name, d in document["folders"].items()},
        parsed(document["generated"]),
    )


def _locked(document: dict[str, Any]) -> Locked:
    patches = document["patches"]
    return Locked(
        location=_string(document, "location"),
        mode=_string(document, "mode"),
        ref=_string(document, "ref"),
        commit=_string(document, "commit"),
        tree=_string(document, "tree"),
        folder=_string(document, "folder"),
        vendored=_string(document, "vendored"),
        patches={path: _string(patches, path) for path in patches},
        licences=_strings(document, "licences"),
        configurations={
            name: _lists(lists) for name, lists in document["configurations"].items()
        },
    )


def _folder(document: dict[str, Any]) -> LockedFolder:
    return LockedFolder(
        folder=_string(document, "folder"),
        vendored=_string(document, "vendored"),
        url=_string(document, "url"),
        ref=_string(document, "ref"),
        licences=_strings(document, "licences"),
    )


def _lists(document: dict[str, Any]) -> WrapperLists:
    return WrapperLists(
        _strings(document, "sources"),
        _strings(document, "generated"),
        _strings(document, "defines"),
        _string(document, "standard"),
        tuple(
            Dependency(_string(d, "name"), _string(d, "url"), _string(d, "ref"))
            for d in document["dependencies"]
        ),
    )


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
