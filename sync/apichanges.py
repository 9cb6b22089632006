"""Tell how the functions of one version differ from those of another."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .api import Functions, Kind, Parameter, Signature

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True, slots=True, order=True)
class Detail:
    """One difference of two signatures; `breaking` if a caller may have to change.

    `name` is the parameter that differs, if one does, `about` how to show it.
    """

    kind: str
    about: str
    breaking: bool
    name: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """A function or class that was added, removed or changed, as it was and as it is."""

    surface: str
    name: str
    kind: str
    before: str = ""
    after: str = ""
    details: tuple[Detail, ...] = ()

    @property
    def breaking(self) -> bool:
        """Tell whether code that calls the function may have to change."""
        return self.kind == REMOVED or any(detail.breaking for detail in self.details)


def changes(surface: str, before: Functions, after: Functions) -> Iterator[Change]:
    """Yield the changes from one version to the next, sorted by the functions' names."""
    for name in sorted(before.keys() | after.keys()):
        old = [s for s in before.get(name, ()) if s not in after.get(name, ())]
        new = [s for s in after.get(name, ()) if s not in before.get(name, ())]
        for one, other in _pairs(old, new):
            details = tuple(compare(one, other))
            # Spelt differently, but the same to a caller.
            if details:
                yield Change(surface, name, CHANGED, one.text, other.text, details)
            old.remove(one)
            new.remove(other)
        overload = name in before and name in after
        mark = (Detail("overload", "", False),) if overload else ()
        for signature in old:
            yield Change(surface, name, REMOVED, signature.text, "", mark)
        for signature in new:
            yield Change(surface, name, ADDED, "", signature.text, mark)


def compare(old: Signature, new: Signature) -> Iterator[Detail]:
    """Yield what is different for a caller, in the order of the parameters."""
    renamed = dict(_renamed(old, new))
    after = {parameter.name: parameter for parameter in new.parameters}
    before = {renamed.get(p.name, p.name): p for p in old.parameters}
    for name, parameter in before.items():
        if name not in after:
            yield Detail("parameter removed", name, True, name)
            continue
        if name != parameter.name:
            # Where a name cannot be used in a call, another one is no matter.
            shown = f"{parameter.name} -> {name}"
            by_name = parameter.kind is not Kind.POSITIONAL
            yield Detail("parameter renamed", shown, by_name, name)
        yield from _parameter(parameter, after[name])
    kept = [name for name, p in before.items() if name in after and _placed(p)]
    moved = _moved(kept, [p.name for p in new.parameters if _placed(p)])
    for name in moved:
        yield Detail("parameter moved", name, True, name)
    for name, parameter in after.items():
        if name not in before:
            required = parameter.default is None and (
                parameter.kind is not Kind.VARIADIC
            )
            shifts = _placed(parameter) and _shifts(parameter, new, before)
            kind = "parameter added" if not required else "required parameter added"
            yield Detail(kind, _spelt(parameter), required or shifts, name)
    if old.returns != new.returns and old.returns and new.returns:
        yield Detail("return changed", f"{old.returns} -> {new.returns}", True)


def _renamed(old: Signature, new: Signature) -> Iterator[tuple[str, str]]:
    """Yield the old and new names of parameters that only lost their names."""
    before = {parameter.name for parameter in old.parameters}
    after = {parameter.name for parameter in new.parameters}
    for one, other in zip(old.parameters, new.parameters, strict=False):
        alike = one.type == other.type or not one.type or not other.type
        gone, fresh = one.name not in after, other.name not in before
        if gone and fresh and alike and _placed(one) and _placed(other):
            yield one.name, other.name


def _parameter(old: Parameter, new: Parameter) -> Iterator[Detail]:
    name = new.name
    if old.kind != new.kind:
        # A call may have passed it in the way that is lost.
        lost = new.kind is Kind.POSITIONAL or (
            new.kind is Kind.KEYWORD and _placed(old)
        )
        yield Detail(f"parameter now {new.kind.value}", name, lost, name)
    if old.default is None and new.default is not None:
        yield Detail("parameter made optional", _spelt(new), False, name)
    elif old.default is not None and new.default is None:
        yield Detail("parameter made required", name, True, name)
    elif _plain(old.default) != _plain(new.default):
        shown = f"{name}: {old.default} -> {new.default}"
        yield Detail("default changed", shown, True, name)
    if old.type != new.type and old.type and new.type:
        shown = f"{name}: {old.type} -> {new.type}"
        yield Detail("type changed", shown, False, name)


def _pairs(
    old: Sequence[Signature], new: Sequence[Signature]
) -> list[tuple[Signature, Signature]]:
    """Return which overload became which: the most alike first."""
    alike = sorted(
        (
            (-difflib.SequenceMatcher(None, one.text, other.text).ratio(), i, j)
            for i, one in enumerate(old)
            for j, other in enumerate(new)
        )
    )
    pairs = []
    taken: tuple[set[int], set[int]] = (set(), set())
    for _, i, j in alike:
        if i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            pairs.append((old[i], new[j]))
    return pairs


def _placed(parameter: Parameter) -> bool:
    return parameter.kind in (Kind.NORMAL, Kind.POSITIONAL)


def _moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the parameters that are not in the order they had among the others."""
    shared = [name for name in after if name in before]
    stay = [name for name in before if name in shared]
    matcher = difflib.SequenceMatcher(None, stay, shared, autojunk=False)
    kept = {
        name
        for block in matcher.get_matching_blocks()
        for name in stay[block.a : block.a + block.size]
    }
    return [name for name in stay if name not in kept]


def _shifts(
    parameter: Parameter, signature: Signature, before: dict[str, Parameter]
) -> bool:
    """Tell whether a new parameter stands before one that was passed by its place."""
    names = [p.name for p in signature.parameters if _placed(p)]
    behind = names[names.index(parameter.name) + 1 :]
    return any(name in before and _placed(before[name]) for name in behind)


def _plain(default: str | None) -> str | None:
    return default.replace('"', "'") if default else default


def _spelt(parameter: Parameter) -> str:
    default = "" if parameter.default is None else f" = {parameter.default}"
    return f"{parameter.name}{default}"
