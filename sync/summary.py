"""Say in plain text what an update changes."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from .lock import Lock, WrapperLists
from .update import Plan

NOTHING = WrapperLists((), (), (), "", ())


def describe(plan: Plan) -> str:
    """Return a summary: the revisions, then each configuration, then the files written."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    after, before = plan.after, plan.before
    yield f"{after.upstream} {_from(before, after)}"
    for name, lists in after.configurations.items():
        old = before.configurations.get(name, NOTHING) if before else NOTHING
        yield f"{name}: {len(lists.sources)} sources, {len(lists.generated)} generated"
        yield from _changes("", old.sources, lists.sources)
        yield from _changes("generated ", old.generated, lists.generated)
        if old.standard != lists.standard:
            yield f"  standard {_arrow(old.standard, lists.standard)}"
        yield from _values("define", _defines(old), _defines(lists))
        yield from _values("dependency", _pins(old), _pins(lists))
    for path in plan.new:
        yield f"{_verb(path, plan)} {path}"


def _from(before: Lock | None, after: Lock) -> str:
    new = f"{after.ref} ({after.commit[:12]})"
    if before is None:
        return f"{new}, for the first time"
    if before.commit == after.commit:
        return new
    return f"{before.ref} ({before.commit[:12]}) -> {new}"


def _verb(path: PurePosixPath, plan: Plan) -> str:
    if str(path) != plan.after.folder:
        return "writes"
    files = plan.files
    return (
        f"{len(files.added)} files added, {len(files.removed)} removed and "
        f"{len(files.changed)} changed in"
    )


def _changes(kind: str, before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    old, new = set(before), set(after)
    # The first list of a configuration says nothing that the lock does not.
    if old:
        for path in sorted(old ^ new):
            yield f"  {'+' if path in new else '-'} {kind}{path}"


def _values(kind: str, old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if old and old.get(name) != new.get(name):
            yield f"  {kind} {name} {_arrow(old.get(name), new.get(name))}"


def _arrow(old: str | None, new: str | None) -> str:
    if not old:
        return f"{new or 'added'}"
    return f"{old} -> {new}" if new is not None else f"{old} removed"


def _defines(lists: WrapperLists) -> dict[str, str]:
    pairs = (define.partition("=") for define in lists.defines)
    return {name: value for name, _, value in pairs}


def _pins(lists: WrapperLists) -> dict[str, str]:
    # An archive has no tag; what tells its version is its address.
    return {d.name: d.ref or d.url for d in lists.dependencies}
