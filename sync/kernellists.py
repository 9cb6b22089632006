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
    folders: dict[str, set[str]] = {}
    for path in map(PurePosixPath, generated):
        folders.setdefault(str(path.parent), set()).add(path.stem)
    for found in script_lists(subject, GENERATED):
        # The targets of one `make` belong to the folder it is run in.
        wanted = max(
            folders.values(), key=lambda n: len(n & found.names), default=set()
        )
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
    """Yield the folder with upstream's generated sources."""
    wanted = frozenset(PurePosixPath(path).name for path in generated)
    folders: dict[str, dict[str, tuple[str, int]]] = {}
    for path in map(PurePosixPath, subject.files):
        if path.suffix == ".cpp":
            folders.setdefault(str(path.parent), {})[path.name] = (str(path), 1)
    for folder, found in folders.items():
        # A hand-written file may have the name of a generated one; a folder of such not.
        shared = wanted & found.keys()
        if 2 * len(shared) <= len(found):
            continue
        elsewhere = {
            name
            for other, names in folders.items()
            if other != folder
            for name in names
        }
        needed = wanted - (elsewhere - found.keys())
        # A folder that holds one of them by itself is not where the others belong.
        if len(shared) == 1 and len(wanted) > 1:
            needed = shared
        yield KernelList("generated source", (folder, 0), found, frozenset(needed))


def _common(paths: Iterator[str]) -> str:
    folders = [PurePosixPath(path).parent.parts for path in paths]
    shared = []
    for parts in zip(*folders, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/".join(shared) or "."
