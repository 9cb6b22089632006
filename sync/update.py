"""Plan what brings a wrapper to another upstream revision, and carry it out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

from . import formats, generated, guards, upstream
from .config import NAME, Config, read_config
from .derivation import derive
from .filelists import FileLists
from .gitenvironment import without_password
from .lock import NAME as LOCK_NAME
from .lock import Lock, WrapperLists, read_lock, to_json
from .snapshot import Differences, differences, read_folder, taken, tree_hash
from .temporary import temporary_folder
from .tree import Entry
from .upstream import Revision
from .wrapper import Wrapper


@dataclass(frozen=True, slots=True)
class Plan:
    """What an update writes: `new` has only what differs, by path in the wrapper.

    A value is the folder to copy, the bytes of a file, or None to remove it. `files` is how the vendored tree
    changes.
    """

    before: Lock | None
    after: Lock
    new: Mapping[PurePosixPath, Path | bytes | None]
    files: Differences


@contextmanager
def planned(wrapper: Wrapper, ref: str | None) -> Iterator[Plan]:
    """Work out the update to `ref`, by default the newest tag, without writing anything.

    The folders that the plan names exist until the context ends. Raises UserError where
    the update would lose something or would not compile what upstream does.
    """
    config = read_config(wrapper.root)
    lock = read_lock(wrapper.root)
    location = config.upstream.location
    with step("looking up the revision"):
        revision = upstream.resolve(location, newest(location) if ref is None else ref)
    guards.check_tag(lock, revision, location)
    present = guards.vendored(wrapper.root, config, lock)
    outputs = tuple(output.path for output in config.outputs)
    folders = tuple(wanted.folder for wanted in config.generated)
    written = (config.upstream.folder, *outputs, *folders, PurePosixPath(LOCK_NAME))
    # After an update that is not committed yet, the same update has nothing to do.
    arrived = lock is not None and lock.commit == revision.commit
    if not arrived:
        guards.check_committed(wrapper, written)
    with temporary_folder() as scratch:
        tree, carried = scratch / "tree", scratch / "carried"
        with step(f"reading the files of {revision.ref}"):
            upstream.materialise(revision, tree)
            entries = taken(upstream.entries(revision), config.upstream.take)
        evaluated: list[FileLists] = []
        derived = derive(tree, config, {entry.path for entry in entries}, evaluated)
        contents = _rendered(wrapper.root, config, entries, derived)
        with step("making the generated files"):
            made, records = generated.remade(tree, evaluated, config.generated)
        removed = generated.gone(lock.generated if lock else (), records)
        generated.check_places(wrapper.root, made, removed)
        after = _lock(config, revision, entries, derived, records)
        _carry(tree, carried, entries)
        written_files = read_folder(carried, after.algorithm)
        if tree_hash(written_files, after.algorithm) != after.vendored:
            raise UserError(
                "the files read differ from those git has",
                where=revision.location,
                hint="try again; if it stays so, clone upstream again",
            )
        files = differences(present, entries)
        new: dict[PurePosixPath, Path | bytes | None] = {}
        if files:
            new[config.upstream.folder] = carried
        for path in sorted(made.keys() & contents.keys()):
            raise config.table.error(
                f"{path} is generated and an output too", "generated"
            )
        contents |= made
        contents[PurePosixPath(LOCK_NAME)] = to_json(after)
        for path, content in contents.items():
            if _current(wrapper.root / path) != content:
                new[path] = content
        for path in removed:
            if path not in contents and _current(wrapper.root / path) is not None:
                new[path] = None
        if new and arrived:
            guards.check_committed(wrapper, written)
        yield Plan(lock, after, new, files)


def newest(location: str) -> str:
    """Return the tag with the highest version; pre-releases do not count."""
    found = upstream.tags(location)
    versions = {
        tag: tuple(map(int, match[1].split(".")))
        for tag in found
        if (match := re.fullmatch(r"v?(\d+(?:\.\d+)*)", tag))
    }
    if not versions:
        raise UserError(
            "has no tag that is a version",
            where=without_password(location),
            hint="name one with --to",
        )
    return max(versions, key=lambda tag: (versions[tag], tag))


def _rendered(
    root: Path,
    config: Config,
    entries: Sequence[Entry],
    derived: Mapping[str, WrapperLists],
) -> dict[PurePosixPath, bytes]:
    """Return each output's new bytes, proven to compile exactly what was derived."""
    rendered = {}
    for output in config.outputs:
        lists = formats.Lists(
            wrapper=root,
            path=output.path,
            folder=config.upstream.folder,
            files=tuple(entry.path for entry in entries),
            configurations=derived,
        )
        form = formats.load(output.format)
        text = form.render(_current(root / output.path), lists, output.options)
        found = form.compiled(text, lists, output.options)
        for name, wanted in lists.compiled.items():
            if differing := sorted(wanted ^ found[name]):
                raise UserError(
                    f"in {name} this would {'not ' * (differing[0] in wanted)}compile "
                    f"{differing[0]}, unlike upstream ({len(differing)} such files)",
                    where=str(output.path),
                    hint="look for an entry written by hand that holds the file, or drop "
                    f"the file in {NAME}",
                )
        rendered[output.path] = text
    return rendered


def _current(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"cannot be read: {reason}", where=str(path)) from None


def _lock(
    config: Config,
    revision: Revision,
    entries: Sequence[Entry],
    derived: Mapping[str, WrapperLists],
    records: tuple[generated.GeneratedFile, ...],
) -> Lock:
    return Lock(
        upstream=config.upstream.name,
        location=without_password(config.upstream.written),
        ref=revision.ref,
        commit=revision.commit,
        tree=revision.tree,
        folder=str(config.upstream.folder),
        vendored=tree_hash(entries, "sha256" if len(revision.tree) == 64 else "sha1"),
        configurations=dict(sorted(derived.items())),
        generated=records,
    )


def _carry(tree: Path, carried: Path, entries: Sequence[Entry]) -> None:
    """Move the files taken from the whole tree into a folder of their own."""
    carried.mkdir()
    for entry in entries:
        target = carried / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        (tree / entry.path).rename(target)
