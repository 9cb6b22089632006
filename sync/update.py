"""Plan what brings a wrapper to other upstream revisions, without writing anything."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

from . import dependencies, generated, guards, submodules, upstream
from .carried import Upstream
from .config import Config, read_config
from .derivation import derive
from .filelists import FileLists
from .lock import NAME as LOCK_NAME
from .lock import Lock, LockedFolder, WrapperLists, read_lock, to_json
from .pairing import Finder
from .rendering import current, rendered
from .snapshot import Differences, differences
from .submodules import Gitlink
from .temporary import temporary_folder
from .tree import Entry
from .upstream import Revision
from .vendoring import Brought, bring, carry, naming
from .wrapper import Wrapper


@dataclass(frozen=True, slots=True)
class Request:
    """What an update is asked for.

    `refs` are revisions and `locations` where to read them, by the upstream's name; a ref
    without a name is that of the first. `unpaired` takes upstreams that are not made for
    each other. `resolved` are patches by their path, in place of the wrapper's; `commits`
    are what the refs led to when the update stopped.
    """

    ref: str | None = None
    refs: Mapping[str, str] = field(default_factory=dict)
    locations: Mapping[str, str] = field(default_factory=dict)
    unpaired: bool = False
    resolved: Mapping[PurePosixPath, bytes] = field(default_factory=dict)
    commits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an update writes: `new` has only what differs, by path in the wrapper.

    A value is the folder to copy, the bytes of a file, or None to remove it. `files` is how
    each upstream's tree changes, where that is known, and `gitlinks` the submodules that
    move. `written` are all the paths that are the update's, also those that do not change.
    """

    before: Lock | None
    after: Lock
    new: Mapping[PurePosixPath, Path | bytes | None]
    files: Mapping[str, Differences]
    gitlinks: tuple[Gitlink, ...]
    revisions: Mapping[str, Revision]
    written: tuple[PurePosixPath, ...]
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gitlinks)


@contextmanager
def planned(wrapper: Wrapper, request: Request | str | None = None) -> Iterator[Plan]:
    """Work out the update that is asked for, by default to the newest tags that fit.

    The folders that the plan names exist until the context ends. Raises UserError where
    the update would lose something or would not compile what upstream does.
    """
    if not isinstance(request, Request):
        request = Request(ref=request)
    config, lock = read_config(wrapper.root), read_lock(wrapper.root)
    guards.check_layout(wrapper, config, lock)
    finder, refs = _finder(wrapper, config, request)
    with step("looking up the revisions"):
        chosen = finder.choose(refs, unpaired=request.unpaired)
    for name, revision in chosen.revisions.items():
        guards.check_tag(lock, name, revision, finder.locations[name])
    written = _written(config)
    # After an update that is not committed yet, the same update has nothing to do.
    arrived = lock is not None and all(
        name in lock.upstreams and lock.upstreams[name].commit == revision.commit
        for name, revision in chosen.revisions.items()
    )
    known = {
        one.name: guards.vendored(wrapper.root, one, lock, finder)
        for one in (*config.upstreams, *(d.upstream for d in config.dependencies))
        if not one.is_submodule
    }
    if not arrived:
        guards.check_committed(wrapper, written, config)
    with temporary_folder() as scratch, naming(chosen.revisions):
        brought = {
            wanted.name: bring(
                wanted,
                chosen.revisions[wanted.name],
                scratch / "trees" / wanted.name,
                wrapper.root,
                request.resolved,
            )
            for wanted in config.upstreams
        }
        evaluated: dict[str, list[FileLists]] = {name: [] for name in brought}
        derived = {
            name: derive(
                one.tree, config, set(one.paths), one.upstream, evaluated[name]
            )
            for name, one in brought.items()
        }
        followed, folders, notes = _dependencies(
            wrapper, config, lock, finder, request, derived, refs, scratch
        )
        every = {**brought, **followed}
        before = {
            name: _before(wrapper, finder, one, known.get(name))
            for name, one in every.items()
        }
        contents = rendered(wrapper.root, config, brought, derived)
        with step("making the generated files"):
            made, records = generated.remade(
                [(one.tree, evaluated[name]) for name, one in brought.items()],
                config.generated,
            )
        removed = generated.gone(lock.generated if lock else (), records)
        generated.check_places(wrapper.root, made, removed)
        after = Lock(
            {name: one.locked(derived[name]) for name, one in brought.items()},
            {name: one.locked({}) for name, one in sorted(followed.items())},
            folders,
            records,
        )
        for path in sorted(made.keys() & contents.keys()):
            raise config.table.error(
                f"{path} is generated and an output too", "generated"
            )
        contents |= made
        contents[PurePosixPath(LOCK_NAME)] = to_json(after)
        for one in every.values():
            contents.update(one.patches)
        new: dict[PurePosixPath, Path | bytes | None] = {}
        files = {
            name: differences(old, every[name].entries)
            for name, old in before.items()
            if old is not None
        }
        for name, one in every.items():
            if files.get(name) and not one.upstream.is_submodule:
                folder = scratch / "carried" / name
                carry(one, folder)
                new[one.upstream.folder] = folder
        for path, content in contents.items():
            if current(wrapper.root / path) != content:
                new[path] = content
        for path in removed:
            if path not in contents and current(wrapper.root / path) is not None:
                new[path] = None
        plan = Plan(
            before=lock,
            after=after,
            new=new,
            files=files,
            gitlinks=tuple(_gitlinks(wrapper, every)),
            revisions={name: one.revision for name, one in every.items()},
            written=written,
            notes=(*chosen.notes, *notes),
        )
        if plan and arrived:
            guards.check_committed(wrapper, written, config)
        yield plan


def _finder(
    wrapper: Wrapper, config: Config, request: Request
) -> tuple[Finder, dict[str, str]]:
    """Return what looks up revisions, and the refs asked for by name."""
    carried = {
        one.name: one
        for one in (*config.upstreams, *(d.upstream for d in config.dependencies))
    }
    for name in (*request.refs, *request.locations):
        if name not in carried:
            raise UserError(
                f"the wrapper has no upstream {name!r}",
                where=str(config.table.path),
                hint=f"known: {', '.join(carried)}",
            )
    locations = {
        name: request.locations.get(name) or one.location
        for name, one in carried.items()
    }
    refs = dict(request.refs)
    if request.ref is not None:
        refs[config.upstream.name] = request.ref

    def resolve(wanted: Upstream, ref: str) -> Revision:
        if ref == refs.get(wanted.name) and wanted.name in request.commits:
            return replace(found(wanted, request.commits[wanted.name]), ref=ref)
        return found(wanted, ref)

    def found(wanted: Upstream, ref: str) -> Revision:
        if wanted.is_submodule and wanted.name not in request.locations:
            own = submodules.own_repository(wrapper, wanted.folder)
            # Its branches may be old, but a tag or a commit is what it is.
            if own and upstream.has(own, ref):
                return replace(
                    upstream.resolve(str(own), ref), location=wanted.location
                )
        return upstream.resolve(locations[wanted.name], ref)

    return Finder(config, locations, resolve), refs


def _written(config: Config) -> tuple[PurePosixPath, ...]:
    carried = (
        *config.upstreams,
        *(d.upstream for d in config.dependencies if d.follows),
    )
    return (
        *(one.folder for one in carried),
        *(output.path for output in config.outputs),
        *(wanted.folder for wanted in config.generated),
        *(patch for one in carried for patch in one.patches),
        PurePosixPath(LOCK_NAME),
    )


def _dependencies(
    wrapper: Wrapper,
    config: Config,
    lock: Lock | None,
    finder: Finder,
    request: Request,
    derived: Mapping[str, Mapping[str, WrapperLists]],
    refs: Mapping[str, str],
    scratch: Path,
) -> tuple[dict[str, Brought], dict[str, LockedFolder], tuple[str, ...]]:
    """Return the dependencies brought, those only watched, and what to say of them."""
    pinned = dependencies.pins(derived[config.upstream.name].values())
    brought, folders, notes = {}, {}, []
    for dependency in config.dependencies:
        name, pin = dependency.name, dependencies.find(dependency, pinned)
        if not dependency.follows:
            folders[name], note = dependencies.watched(
                dependency, pin, wrapper.root, lock
            )
            notes += [note] if note else []
            continue
        asked = dependencies.tag(dependency, pin)
        revision = finder.resolve(dependency.upstream, refs.get(name, asked))
        if revision.ref != asked:
            notes.append(f"upstream asks for {name} {asked}, not {revision.ref}")
        brought[name] = bring(
            dependency.upstream,
            revision,
            scratch / "trees" / name,
            wrapper.root,
            request.resolved,
        )
    return brought, dict(sorted(folders.items())), tuple(notes)


def _before(
    wrapper: Wrapper, finder: Finder, one: Brought, known: Sequence[Entry] | None
) -> Sequence[Entry] | None:
    """Return the files carried now, or None for a submodule at a commit out of reach."""
    if not one.upstream.is_submodule:
        return guards.taken_over(wrapper.root, one) if known is None else known
    commit = submodules.read_gitlink(wrapper, one.upstream.folder)
    try:
        return upstream.entries(finder.resolve(one.upstream, commit))
    except UserError:
        return None


def _gitlinks(wrapper: Wrapper, brought: Mapping[str, Brought]) -> Iterator[Gitlink]:
    for one in brought.values():
        if one.upstream.is_submodule:
            folder, after = one.upstream.folder, one.revision.commit
            before = submodules.read_gitlink(wrapper, folder)
            if before != after:
                yield Gitlink(folder, before, after)
