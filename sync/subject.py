"""What the checks read: a wrapper, its upstreams' trees and what upstream compiles."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

from . import upstream
from .expected import Expected, expect
from .formats import Lists
from .layouts import Layout, Output, Pin, recognise
from .lock import WrapperLists
from .snapshot import taken
from .swift import Manifest
from .temporary import temporary_folder
from .upstream import Revision
from .wrapper import Wrapper, find_wrapper


@dataclass(frozen=True)
class Upstream:
    """The tree of an upstream at the revision looked at, read into `root`.

    `files` are those that the wrapper carries, `builds` what is compiled of them.
    """

    pin: Pin
    revision: Revision
    root: Path
    files: frozenset[str]
    builds: Mapping[str, Expected]

    @property
    def shown(self) -> str:
        """Return the version where upstream's build says it, else the revision."""
        values = {
            define.partition("=")[2].strip('"')
            for build in self.builds.values()
            for define in build.defines
            if define.startswith("MLX_VERSION=")
        }
        return values.pop() if len(values) == 1 else self.revision.ref[:12]

    @cached_property
    def folders(self) -> frozenset[str]:
        """Return every folder that holds a file carried."""
        return frozenset(
            str(folder) for path in self.files for folder in Path(path).parents
        )


@dataclass(frozen=True)
class Subject:
    """Everything that a check may look at."""

    wrapper: Wrapper
    layout: Layout
    upstreams: tuple[Upstream, ...]

    def renewed(self) -> "Subject":
        """Return the same wrapper read anew, after its files have changed."""
        return replace(self)

    @property
    def main(self) -> Upstream:
        """Return the upstream that the wrapper is about."""
        return self.upstreams[0]

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Return the wrapper's own files that git knows, sorted, without its upstreams'."""
        with upstream.opened(self.wrapper.repository) as repo:
            listed = repo.git.ls_files("-z", "--", str(self.wrapper.root))
        start = self.wrapper.root.relative_to(self.wrapper.repository).as_posix()
        prefix = "" if start == "." else f"{start}/"
        folders = tuple(f"{u.pin.folder}/" for u in self.upstreams)
        found = (name.removeprefix(prefix) for name in listed.split("\0"))
        return tuple(
            sorted(
                name
                for name in found
                if name
                and not f"{name}/".startswith(folders)
                and (self.wrapper.root / name).is_file()
            )
        )

    def listed(self, output: Output) -> tuple[Upstream, ...]:
        """Return the upstreams whose files an output lists."""
        names = output.upstreams
        return tuple(u for u in self.upstreams if not names or u.pin.name in names)

    def text(self, path: str) -> str:
        """Return the text of a file of the wrapper; bytes that are not UTF-8 are replaced."""
        return (self.wrapper.root / path).read_text("utf-8", "replace")

    @cached_property
    def manifests(self) -> tuple[tuple[Output, Manifest], ...]:
        """Return the Swift manifests among the outputs that are there."""
        return tuple(
            (output, Manifest((self.wrapper.root / output.path).read_bytes(), name))
            for output in self.layout.outputs
            if output.format == "swiftpm"
            and (self.wrapper.root / (name := str(output.path))).is_file()
        )

    def lists(self, output: Output, of: Upstream) -> Lists:
        """Return what `output` has to say about one upstream."""
        return Lists(
            wrapper=self.wrapper.root,
            path=output.path,
            folder=of.pin.folder,
            files=tuple(sorted(of.files)),
            configurations={
                name: WrapperLists(
                    tuple(sorted(expected.sources)),
                    expected.generated,
                    expected.defines,
                    expected.standard,
                    expected.dependencies,
                )
                for name, expected in of.builds.items()
            },
        )


@contextmanager
def examined(
    folder: Path, to: str | None, locations: Mapping[str, str]
) -> Iterator[Subject]:
    """Read a wrapper and its upstreams, the first at `to` instead of its pin if given.

    `locations` are where to find an upstream instead, by its name. Nothing is written, and
    the upstreams' trees exist until the context ends.
    """
    wrapper = find_wrapper(folder)
    layout = recognise(wrapper)
    known = [pin.name for pin in layout.pins]
    for name in locations:
        if name not in known:
            raise UserError(
                f"the wrapper has no upstream {name!r}",
                where=str(wrapper.root),
                hint=f"known: {', '.join(known)}",
            )
    with temporary_folder() as scratch:
        found = []
        for index, pin in enumerate(layout.pins):
            if pin.name in locations:
                pin = replace(pin, locations=(locations[pin.name],))
            ref = to if to and index == 0 else pin.revision
            found.append(_read(pin, ref, scratch / str(index)))
        yield Subject(wrapper, layout, _evaluated(layout, found))


def _read(pin: Pin, ref: str, root: Path) -> Upstream:
    with step(f"reading {pin.name}"):
        revision = _resolve(pin, ref)
        upstream.materialise(revision, root)
        entries = taken(upstream.entries(revision), pin.take)
    return Upstream(pin, revision, root, frozenset(e.path for e in entries), {})


def _evaluated(layout: Layout, read: Sequence[Upstream]) -> tuple[Upstream, ...]:
    """Return the upstreams with what each build compiles of them."""
    pairs = [(u, build) for u in read for build in layout.builds]
    # Nearly all the time is cmake's, in a process of its own.
    with (
        step(f"evaluating {', '.join(build.name for build in layout.builds)}"),
        ThreadPoolExecutor(_processors()) as pool,
    ):
        results = list(pool.map(lambda p: expect(p[0].root, p[0].pin, p[1]), pairs))
    builds: dict[str, dict[str, Expected]] = {}
    for (of, build), expected in zip(pairs, results, strict=True):
        builds.setdefault(of.pin.name, {})[build.name] = expected
    return tuple(replace(u, builds=builds[u.pin.name]) for u in read)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _resolve(pin: Pin, ref: str) -> Revision:
    errors = []
    for location in pin.locations:
        try:
            return upstream.resolve(location, ref)
        except UserError as error:
            errors.append(error)
    last = errors[-1]
    raise UserError(
        f"{pin.name}: {last.message}",
        where=last.where,
        hint=(
            last.hint
            if pin.name in str(last.where)
            else f"{last.hint or 'it may lie elsewhere'}; or name a clone: "
            f"--upstream {pin.name}=PATH"
        ),
    )
