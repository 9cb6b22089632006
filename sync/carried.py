"""What a wrapper carries: each upstream and dependency, from where, in which folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

from .tables import Table

MODES = ("snapshot", "submodule")


@dataclass(frozen=True, slots=True)
class Choices:
    """Where the wrapper builds something else than upstream's CMake does.

    `options` change CMake options and the parameters of a configuration. `drop` and the
    keys of `substitute` are compiled files or folders of them, by their path in upstream's
    tree; `optional` are those of both that upstream need not have.
    `table` is where they are written, for errors.
    """

    options: Mapping[str, str]
    drop: tuple[str, ...]
    substitute: Mapping[str, str]
    optional: frozenset[str]
    table: Table


@dataclass(frozen=True, slots=True)
class Upstream:
    """A repository that is vendored, and the folder it is vendored in.

    `location` is a folder or URL, `written` the same as the file spells it. `library` is
    the target of its CMake, or empty for the one that the configurations name. `take` are
    gitignore patterns of the files to take; without one all are taken. `patches` are files
    of the wrapper, applied in this order.
    """

    name: str
    location: str
    written: str
    mode: str
    folder: PurePosixPath
    library: str
    take: tuple[str, ...]
    patches: tuple[PurePosixPath, ...]
    choices: Choices

    @property
    def is_submodule(self) -> bool:
        """Return whether the folder is a git submodule of the wrapper."""
        return self.mode == "submodule"


@dataclass(frozen=True, slots=True)
class Dependency:
    """A project that the first upstream fetches and the wrapper vendors.

    With a `location` it follows upstream's pin; without one it is only reported.
    """

    name: str
    upstream: Upstream

    @property
    def follows(self) -> bool:
        """Return whether an update brings it to the version upstream pins."""
        return bool(self.upstream.location)


def read_upstream(table: Table, wrapper: Path) -> Upstream:
    """Return what a table [upstreams.NAME] says."""
    table.allow(
        *("location", "mode", "folder", "library", "take", "patches"),
        *("options", "drop", "substitute"),
    )
    written = table.string("location")
    mode = table.string("mode", "snapshot")
    if mode not in MODES:
        raise table.error(
            f"unknown mode {mode!r}", "mode", hint=f"known: {', '.join(MODES)}"
        )
    if mode == "submodule":
        for key in ("take", "patches"):
            if key in table.values:
                raise table.error(
                    f"{key} has no meaning in a submodule, which is upstream's own commit",
                    key,
                    hint='write mode = "snapshot", or take it out',
                )
    return Upstream(
        name=table.keys[-1],
        location=_location(written, wrapper),
        written=written,
        mode=mode,
        folder=table.inside("folder"),
        library=table.string("library") if "library" in table.values else "",
        take=_patterns(table),
        patches=_patches(table),
        choices=read_choices(table),
    )


def read_dependency(table: Table, wrapper: Path) -> Dependency:
    """Return what a table [dependencies.NAME] says."""
    table.allow("location", "folder", "take", "patches")
    written = table.string("location") if "location" in table.values else ""
    if not written:
        for key in ("take", "patches"):
            if key in table.values:
                raise table.error(f"{key} needs a location to take from", key)
    choices = Choices({}, (), {}, frozenset(), table)
    return Dependency(
        table.keys[-1],
        Upstream(
            name=table.keys[-1],
            location=_location(written, wrapper) if written else "",
            written=written,
            mode="snapshot",
            folder=table.inside("folder"),
            library="",
            take=_patterns(table),
            patches=_patches(table),
            choices=choices,
        ),
    )


def _location(written: str, wrapper: Path) -> str:
    return written if "://" in written else str(wrapper / Path(written).expanduser())


def _patterns(table: Table) -> tuple[str, ...]:
    take = table.strings("take")
    try:
        GitIgnoreSpec.from_lines(take)
    except ValueError as error:
        raise table.error(f"take holds no pattern: {error}", "take") from None
    return take


def _patches(table: Table) -> tuple[PurePosixPath, ...]:
    paths = tuple(table.checked("patches", text) for text in table.strings("patches"))
    for path in paths:
        if not (table.path.parent / path).is_file():
            raise table.error(f"there is no patch {path}", "patches")
    return paths


def read_choices(table: Table) -> Choices:
    """Return the options, drop and substitute of a table; a path ends in ? if optional."""
    drop, substitute = table.strings("drop"), table.mapping("substitute")
    named = (*drop, *substitute)
    return Choices(
        table.mapping("options"),
        tuple(path.removesuffix("?") for path in drop),
        {path.removesuffix("?"): instead for path, instead in substitute.items()},
        frozenset(path[:-1] for path in named if path.endswith("?")),
        table,
    )
