"""Say in plain text what an update changes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from .lock import Lock, Locked, WrapperLists
from .update import Plan


def describe(plan: Plan) -> str:
    """Return a summary: the revisions, then each configuration, then the files written."""
    return "\n".join(_lines(plan))


def message(plan: Plan) -> str:
    """Return a commit message: the versions in its first line, the summary below."""
    brought = {**plan.after.upstreams, **plan.after.dependencies}
    before = plan.before.carried if plan.before else {}
    moved = [
        f"{name} to {locked.ref}"
        for name, locked in brought.items()
        if name not in before or before[name].commit != locked.commit
    ]
    subject = f"Update {' and '.join(moved)}" if moved else "Bring the lists up to date"
    return f"{subject}\n\n{describe(plan)}\n"


def _lines(plan: Plan) -> Iterator[str]:
    after, before = plan.after, plan.before
    for note in plan.notes:
        yield f"note: {note}"
    known = before.carried if before else {}
    several = len(after.carried) > 1
    for name, locked in after.carried.items():
        old = known.get(name)
        yield f"{name} {_from(old, locked)}"
        for configuration, lists in locked.configurations.items():
            title = f"{name}, {configuration}" if several else configuration
            yield (
                f"{title}: {len(lists.sources)} sources, "
                f"{len(lists.generated)} generated"
            )
            # The first list of a configuration says nothing that the lock does not.
            if old and configuration in old.configurations:
                yield from _changes(old.configurations[configuration], lists)
        gone = old.configurations.keys() - locked.configurations.keys() if old else ()
        for configuration in sorted(gone):
            yield f"{configuration}: not built any more"
    for name in sorted(known.keys() - after.carried.keys()):
        yield f"{name}: not kept up to date any more"
    yield from _licences(before, after)
    for link in plan.gitlinks:
        yield f"moves {link.path} from {link.before[:12]} to {link.after[:12]}"
    generated = {file.path: file.kind for file in after.generated}
    for path in plan.new:
        if str(path) not in generated:
            yield f"{_verb(path, plan)} {path}"
    remade = Counter(generated[str(p)] for p in plan.new if str(p) in generated)
    for kind, count in sorted(remade.items()):
        yield f"remakes {count} {kind}"


def _licences(before: Lock | None, after: Lock) -> Iterator[str]:
    old, new = _licence_paths(before), _licence_paths(after)
    for path in sorted(new - old):
        yield f"licence {path}"
    for path in sorted(old - new):
        yield f"licence {path} is gone"


def _licence_paths(lock: Lock | None) -> set[str]:
    if lock is None:
        return set()
    folders = [(one.folder, one.licences) for one in lock.carried.values()]
    folders += [(one.folder, one.licences) for one in lock.folders.values()]
    return {f"{folder}/{path}" for folder, paths in folders for path in paths}


def _changes(old: WrapperLists, new: WrapperLists) -> Iterator[str]:
    yield from _paths("", old.sources, new.sources)
    yield from _paths("generated ", old.generated, new.generated)
    yield from _values("standard", _standard(old), _standard(new))
    yield from _values("define", _defines(old), _defines(new))
    yield from _values("dependency", _pins(old), _pins(new))


def _from(before: Locked | None, after: Locked) -> str:
    new = f"{after.ref} ({after.commit[:12]})"
    if before is None:
        return f"{new}, for the first time"
    if before.commit == after.commit:
        return new
    return f"{before.ref} ({before.commit[:12]}) -> {new}"


def _verb(path: PurePosixPath, plan: Plan) -> str:
    for name, locked in plan.after.carried.items():
        if str(path) == locked.folder and (files := plan.files.get(name)):
            return (
                f"{len(files.added)} files added, {len(files.removed)} removed and "
                f"{len(files.changed)} changed in"
            )
    return "removes" if plan.new[path] is None else "writes"


def _paths(kind: str, before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    old, new = set(before), set(after)
    for path in sorted(old ^ new):
        yield f"  {'+' if path in new else '-'} {kind}{path}"


def _values(kind: str, old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            label = f"{kind} {name}".rstrip()
            yield f"  {label} {_arrow(old.get(name), new.get(name))}"


def _arrow(old: str | None, new: str | None) -> str:
    # A define without a value is there all the same.
    if old is None:
        return f"{new} added" if new else "added"
    if new is None:
        return f"{old} removed" if old else "removed"
    return f"{old} -> {new}"


def _standard(lists: WrapperLists) -> dict[str, str]:
    return {"": lists.standard} if lists.standard else {}


def _defines(lists: WrapperLists) -> dict[str, str]:
    pairs = (define.partition("=") for define in lists.defines)
    return {name: value for name, _, value in pairs}


def _pins(lists: WrapperLists) -> dict[str, str]:
    # An archive has no tag; what tells its version is its address.
    return {d.name: d.ref or d.url for d in lists.dependencies}
