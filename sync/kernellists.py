"""The Metal kernels and generated sources a wrapper lists or carries, and those it needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from .scriptlists import GENERATED, KERNELS, script_lists
from .subject import Subject

KERNEL_FOLDER = "/kernels/"


@dataclass(frozen=True, slots=True)
class KernelList:
    """What one script or folder of the wrapper has, and what upstream's build needs there.

    `found` maps each name to its file and line; what is missing belongs on line `where`,
    or is a file of the folder `where` if that has no line.
    """

    what: str
    where: tuple[str, int]
    found: dict[str, tuple[str, int]]
    wanted: frozenset[str]

    def place(self, name: str) -> tuple[str, int]:
        """Return the file and line where a missing name is to be added."""
        path, line = self.where
        return (path, line) if line else (f"{path}/{name}", 1)


def kernel_lists(subject: Subject) -> Iterator[KernelList]:
    """Yield every list of the wrapper that can be compared."""
    builds = subject.main.builds.values()
    kernels = frozenset(
        path.partition(KERNEL_FOLDER)[2] for build in builds for path in build.kernels
    )
    generated = frozenset(path for build in builds for path in build.generated)
    if kernels:
        yield from _scripts(subject, KERNELS, "Metal kernel", kernels)
        yield from _copied(subject, kernels)
    yield from _targets(subject, generated)
    yield from _carried(subject, generated)


def _scripts(
    subject: Subject, kind: str, what: str, wanted: frozenset[str]
) -> Iterator[KernelList]:
    for found in script_lists(subject, kind):
        places = {name: (found.path, line) for name, line in found.items}
        yield KernelList(what, (found.path, found.line), places, wanted)


def _targets(subject: Subject, generated: frozenset[str]) -> Iterator[KernelList]:
    """Yield the lists of make targets; a target makes the source of its name."""
    folders = [{PurePosixPath(n).stem for n in g} for g in _side_by_side(generated)]
    for found in script_lists(subject, GENERATED):
        # The targets of one `make` belong to the folder it is run in.
        wanted = max(folders, key=lambda n: len(n & found.names), default=set())
        if wanted & found.names:
            places = {name: (found.path, line) for name, line in found.items}
            where = (found.path, found.line)
            yield KernelList("make target", where, places, frozenset(wanted))


def _copied(subject: Subject, wanted: frozenset[str]) -> Iterator[KernelList]:
    """Yield the folder with copies of the kernels; what it lacks a script's list tells."""
    copies = [path for path in subject.files if path.endswith(".metal")]
    found = {}
    for path in copies:
        name = next((n for n in wanted if f"/{path}".endswith(f"/{n}")), None)
        found[name or PurePosixPath(path).name] = (path, 1)
    if not wanted & found.keys():
        return
    listed = script_lists(subject, KERNELS)
    needed = wanted & found.keys() if listed else wanted
    where = (_common(path for path, _ in found.values()), 0)
    yield KernelList("copied kernel", where, found, needed)


def _carried(subject: Subject, generated: frozenset[str]) -> Iterator[KernelList]:
    """Yield the folders with upstream's generated sources.

    Files that upstream generates side by side belong side by side in the wrapper too.
    """
    wanted = frozenset(PurePosixPath(path).name for path in generated)
    folders: dict[str, dict[str, tuple[str, int]]] = {}
    for path in map(PurePosixPath, subject.files):
        if path.suffix == ".cpp":
            folders.setdefault(str(path.parent), {})[path.name] = (str(path), 1)
    # A hand-written file may have the name of a generated one; most of a folder may not.
    holding = {
        folder: names
        for folder, names in folders.items()
        if 2 * len(wanted & names.keys()) > len(names)
    }
    needed = {folder: set(wanted & names.keys()) for folder, names in holding.items()}
    there = {name for names in holding.values() for name in names}
    for group in _side_by_side(generated):
        best = max(holding, key=lambda f: len(group & holding[f].keys()), default=None)
        if best is not None and group & holding[best].keys():
            needed[best] |= group - there
    for folder, names in holding.items():
        wanted_here = frozenset(needed[folder])
        yield KernelList("generated source", (folder, 0), names, wanted_here)


def _side_by_side(generated: frozenset[str]) -> list[set[str]]:
    groups: dict[str, set[str]] = {}
    for path in map(PurePosixPath, generated):
        groups.setdefault(str(path.parent), set()).add(path.name)
    return list(groups.values())


def _common(paths: Iterator[str]) -> str:
    folders = [PurePosixPath(path).parent.parts for path in paths]
    shared = []
    for parts in zip(*folders, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/".join(shared) or "."
