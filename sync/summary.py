"""Say in plain text what an update changes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from .lock import Lock, WrapperLists
from .update import Plan


def describe(plan: Plan) -> str:
    """Return a summary: the revisions, then each configuration, then the files written."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    after, before = plan.after, plan.before
    yield f"{after.upstream} {_from(before, after)}"
    known = before.configurations if before else {}
    for name, lists in after.configurations.items():
        yield f"{name}: {len(lists.sources)} sources, {len(lists.generated)} generated"
        # The first list of a configuration says nothing that the lock does not.
        if name in known:
            yield from _changes(known[name], lists)
    for name in sorted(known.keys() - after.configurations.keys()):
        yield f"{name}: not built any more"
    generated = {file.path: file.kind for file in after.generated}
    for path in plan.new:
        if str(path) not in generated:
            yield f"{_verb(path, plan)} {path}"
    remade = Counter(generated[str(p)] for p in plan.new if str(p) in generated)
    for kind, count in sorted(remade.items()):
        yield f"remakes {count} {kind}"


def _changes(old: WrapperLists, new: WrapperLists) -> Iterator[str]:
    yield from _paths("", old.sources, new.sources)
    yield from _paths("generated ", old.generated, new.generated)
    yield from _values("standard", _standard(old), _standard(new))
    yield from _values("define", _defines(old), _defines(new))
    yield from _values("dependency", _pins(old), _pins(new))


def _from(before: Lock | None, after: Lock) -> str:
    new = f"{after.ref} ({after.commit[:12]})"
    if before is None:
        return f"{new}, for the first time"
    if before.commit == after.commit:
        return new
    return f"{before.ref} ({before.commit[:12]}) -> {new}"


def _verb(path: PurePosixPath, plan: Plan) -> str:
    if str(path) != plan.after.folder:
        return "removes" if plan.new[path] is None else "writes"
    files = plan.files
    return (
        f"{len(files.added)} files added, {len(files.removed)} removed and "
        f"{len(files.changed)} changed in"
    )


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
