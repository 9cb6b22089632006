"""The generated files of a wrapper: where they lie, what is written, what the lock says."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mlxport.cli.errors import UserError

from . import generators
from .filelists import FileLists
from .generation import generate
from .tables import Table


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind of generated files, and the folder of the wrapper that takes them."""

    kind: str
    folder: PurePosixPath
    settings: Mapping[str, str]
    table: Table


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A generated file as the lock records it.

    `path` is that in the wrapper, `origin` that of the file in upstream's tree that it is
    made from, and `sha256` the hash of its bytes.
    """

    path: str
    kind: str
    origin: str
    sha256: str


def read_wanted(table: Table, folder_of: Any) -> tuple[Wanted, ...]:
    """Return what the table `[generated]` asks for.

    A value is a folder, or a table of a folder and of settings of the kind. `folder_of`
    checks and returns the folder that a key of a table names.
    """
    found = []
    for kind, value in table.values.items():
        if kind not in generators.names():
            known = ", ".join(generators.names())
            raise table.error(f"unknown kind {kind!r}", kind, hint=f"known: {known}")
        settings: dict[str, str] = {}
        if isinstance(value, dict):
            own = table.table(kind)
            own.allow("folder", *generators.load(kind).SETTINGS)
            settings = {key: own.string(key) for key in own.values if key != "folder"}
            folder = folder_of(own, "folder")
        else:
            folder = folder_of(table, kind)
        found.append(Wanted(kind, folder, settings, table))
    return tuple(found)


def remade(
    trees: Sequence[tuple[Path, Sequence[FileLists]]], wanted: Sequence[Wanted]
) -> tuple[dict[PurePosixPath, bytes], tuple[GeneratedFile, ...]]:
    """Return the generated files by their path in the wrapper, and what to record of them.

    `trees` are those of the upstreams, each with what is compiled of it. Raises UserError where upstream has no files of a kind, and where two files would lie
    in one place.
    """
    kinds = {one.kind: one.settings for one in wanted}
    found = [generate(tree, lists, kinds) for tree, lists in trees]
    made = {kind: tuple(f for one in found for f in one[kind]) for kind in kinds}
    contents: dict[PurePosixPath, bytes] = {}
    records = []
    for one in wanted:
        if not made[one.kind]:
            raise one.table.error(
                f"upstream has no {one.kind} in the configurations named here",
                one.kind,
                hint=f"{one.kind} are {generators.load(one.kind).PURPOSE}; take it out, or "
                "name a configuration that has them",
            )
        for file in made[one.kind]:
            path = one.folder / file.path
            if path in contents:
                raise one.table.error(f"two kinds make {path}", one.kind)
            contents[path] = file.content
            digest = hashlib.sha256(file.content).hexdigest()
            records.append(GeneratedFile(str(path), one.kind, file.origin, digest))
    return contents, tuple(sorted(records, key=lambda record: record.path))


def gone(
    before: Iterable[GeneratedFile], after: Iterable[GeneratedFile]
) -> tuple[PurePosixPath, ...]:
    """Return the files that were generated and are not any more."""
    now = {file.path for file in after}
    return tuple(PurePosixPath(f.path) for f in before if f.path not in now)


def parsed(document: Any) -> tuple[GeneratedFile, ...]:
    """Return the files that a lock records; raise ValueError or the like for anything else."""
    found = tuple(GeneratedFile(**record) for record in document)
    for file in found:
        values = (file.path, file.kind, file.origin, file.sha256)
        path = PurePosixPath(file.path)
        if (
            not all(isinstance(value, str) for value in values)
            or path.is_absolute()
            or not path.parts
            or any(part == ".." or part.lower() == ".git" for part in path.parts)
        ):
            raise ValueError(f"{file.path!r} is no generated file")
    return found


def check_places(
    root: Path, contents: Iterable[PurePosixPath], removed: Iterable[PurePosixPath]
) -> None:
    """Raise UserError if a generated file would be written or removed through a link."""
    for path in (*contents, *removed):
        place = root
        for part in path.parts[:-1]:
            place = place / part
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                raise UserError(
                    "is not a folder of the wrapper's own", where=str(place)
                )
        if (root / path).is_dir():
            raise UserError(
                "is a folder, but a file is generated there", where=str(path)
            )
