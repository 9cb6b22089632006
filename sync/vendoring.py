"""Bring one upstream to a revision beside the wrapper: its files, patched, and its lists."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

from . import patches, upstream
from .carried import Upstream
from .gitenvironment import without_password
from .lock import Locked, WrapperLists
from .patches import Conflict
from .snapshot import is_licence, read_folder, taken, tree_hash
from .tree import SUBMODULE, Entry
from .upstream import Revision


class ConflictError(UserError):
    """A patch that does not apply to the new revision of `upstream`."""

    def __init__(self, name: str, revision: Revision, conflict: Conflict) -> None:
        super().__init__(
            f"does not apply to {name} {revision.ref}: {conflict}",
            where=str(conflict.path),
        )
        self.upstream = name
        self.conflict = conflict
        # The ref and the commit of each upstream that the update was to bring.
        self.revisions: Mapping[str, tuple[str, str]] = {}


@contextmanager
def naming(revisions: Mapping[str, Revision]) -> Iterator[None]:
    """Let a conflict in the body say which revisions the update was to bring."""
    try:
        yield
    except ConflictError as error:
        error.revisions = {n: (r.ref, r.commit) for n, r in revisions.items()}
        raise


@dataclass(frozen=True, slots=True)
class Brought:
    """An upstream at its new revision: `tree` is the whole of it, patched.

    `entries` are the files that the wrapper carries of it, `patches` the wrapper's patches
    as they should read now, by their path.
    """

    upstream: Upstream
    revision: Revision
    tree: Path
    entries: tuple[Entry, ...]
    patches: Mapping[PurePosixPath, bytes] = field(default_factory=dict)

    @property
    def algorithm(self) -> str:
        """Return the hash that names the objects of upstream's repository."""
        return "sha256" if len(self.revision.commit) == 64 else "sha1"

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths of `entries`."""
        return tuple(entry.path for entry in self.entries)

    def locked(self, derived: Mapping[str, WrapperLists]) -> Locked:
        """Return what the lock records."""
        revision = self.revision
        whole = self.upstream.is_submodule
        return Locked(
            location=without_password(self.upstream.written),
            mode=self.upstream.mode,
            ref=revision.ref,
            commit=revision.commit,
            tree=revision.tree,
            folder=str(self.upstream.folder),
            vendored=(
                revision.tree if whole else tree_hash(self.entries, self.algorithm)
            ),
            patches={str(p): patches.digest(text) for p, text in self.patches.items()},
            licences=tuple(path for path in self.paths if is_licence(path)),
            configurations=dict(sorted(derived.items())),
        )


def bring(
    wanted: Upstream,
    revision: Revision,
    tree: Path,
    root: Path,
    resolved: Mapping[PurePosixPath, bytes],
) -> Brought:
    """Write the tree of `revision` and apply the patches of the wrapper in `root` to it.

    A patch of `resolved` stands for the file of that path. Raises ConflictError for a
    patch that does not apply.
    """
    with step(f"reading the files of {wanted.name} {revision.ref}"):
        upstream.materialise(revision, tree)
        entries = upstream.entries(revision)
    applied = dict(_applied(wanted, revision, tree, root, resolved))
    if applied:
        algorithm = "sha256" if len(revision.tree) == 64 else "sha1"
        nested = tuple(entry for entry in entries if entry.mode == SUBMODULE)
        entries = (*read_folder(tree, algorithm), *nested)
    carried = tuple(sorted(taken(entries, wanted.take), key=lambda entry: entry.path))
    return Brought(wanted, revision, tree, carried, applied)


def _applied(
    wanted: Upstream,
    revision: Revision,
    tree: Path,
    root: Path,
    resolved: Mapping[PurePosixPath, bytes],
) -> Iterator[tuple[PurePosixPath, bytes]]:
    for path in wanted.patches:
        text = resolved.get(path) or (root / path).read_bytes()
        with step(f"applying {path}"):
            result = patches.apply_patch(tree, path, text)
        if isinstance(result, Conflict):
            raise ConflictError(wanted.name, revision, result)
        yield path, result


def carry(brought: Brought, folder: Path) -> None:
    """Move the files that the wrapper carries out of the tree into a folder of their own.

    Raises UserError if they are not those that the lock will record.
    """
    folder.mkdir(parents=True)
    for entry in brought.entries:
        target = folder / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        (brought.tree / entry.path).rename(target)
    algorithm = brought.algorithm
    written = read_folder(folder, algorithm)
    if tree_hash(written, algorithm) != tree_hash(brought.entries, algorithm):
        raise UserError(
            "the files read differ from those git has",
            where=brought.revision.location,
            hint="try again; if it stays so, clone upstream again",
        )
