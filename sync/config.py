"""What `mlxport.toml` says: where upstream is, what to take, and what to write."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

from mlxport.cli.errors import UserError

from . import formats, lock
from .generated import Wanted, read_wanted
from .tables import Table

NAME = "mlxport.toml"


@dataclass(frozen=True, slots=True)
class Choices:
    """Where the wrapper builds something else than upstream's CMake does.

    `options` change CMake options and the parameters of a configuration. `drop` are
    compiled files or folders of them, the keys of `substitute` compiled files, by their
    path in upstream's tree. `table` is where they are written, for errors.
    """

    options: Mapping[str, str]
    drop: tuple[str, ...]
    substitute: Mapping[str, str]
    table: Table


@dataclass(frozen=True, slots=True)
class Upstream:
    """The repository that is vendored, and the folder it is vendored in.

    `location` is a folder or URL, `written` the same as the file spells it. `take` are
    gitignore patterns of the files to take; without one all are taken.
    """

    name: str
    location: str
    written: str
    folder: PurePosixPath
    take: tuple[str, ...]
    choices: Choices


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to build upstream that the wrapper offers."""

    name: str
    choices: Choices


@dataclass(frozen=True, slots=True)
class Output:
    """A file of the wrapper that lists upstream's files; `table` is for errors."""

    format: str
    path: PurePosixPath
    options: object
    table: Table


@dataclass(frozen=True, slots=True)
class Config:
    """The whole of a `mlxport.toml`; `table` is for errors that name its lines."""

    upstream: Upstream
    configurations: tuple[Configuration, ...]
    outputs: tuple[Output, ...]
    generated: tuple[Wanted, ...]
    table: Table


def read_config(wrapper: Path) -> Config:
    """Return what the wrapper's `mlxport.toml` says, or raise UserError with its line."""
    try:
        table = Table.read(wrapper / NAME)
    except FileNotFoundError:
        raise UserError(
            f"there is no {NAME}",
            where=str(wrapper),
            hint="name the wrapper's folder with --wrapper, or write the file",
        ) from None
    table.allow("upstreams", "configurations", "outputs", "generated")
    upstreams = list(table.named_tables("upstreams"))
    if len(upstreams) != 1:
        raise table.error(
            f"{len(upstreams)} upstreams; one is read so far",
            "upstreams",
            hint="write one table such as [upstreams.mlx]",
        )
    configurations = tuple(
        _configuration(t) for t in table.named_tables("configurations")
    )
    if not configurations:
        raise table.error(
            "no configuration to evaluate", hint="write one: [configurations.linux-cpu]"
        )
    names = tuple(configuration.name for configuration in configurations)
    outputs = tuple(_output(t, names) for t in table.array("outputs"))
    upstream = _upstream(upstreams[0], wrapper)
    _check_apart(upstream.folder, outputs)
    generated = read_wanted(table.table("generated"), _inside)
    for wanted in generated:
        if wanted.folder.is_relative_to(upstream.folder):
            raise wanted.table.error(
                f"{wanted.folder} lies in the vendored folder", wanted.kind
            )
    return Config(upstream, configurations, outputs, generated, table)


def _upstream(table: Table, wrapper: Path) -> Upstream:
    table.allow("location", "folder", "take", "options", "drop", "substitute")
    written = location = table.string("location")
    if "://" not in location:
        location = str(wrapper / Path(location).expanduser())
    take = table.strings("take")
    try:
        GitIgnoreSpec.from_lines(take)
    except ValueError as error:
        raise table.error(f"take holds no pattern: {error}", "take") from None
    return Upstream(
        table.keys[-1],
        location,
        written,
        _inside(table, "folder"),
        take,
        _choices(table),
    )


def _configuration(table: Table) -> Configuration:
    table.allow("options", "drop", "substitute")
    return Configuration(table.keys[-1], _choices(table))


def _choices(table: Table) -> Choices:
    return Choices(
        table.mapping("options"),
        table.strings("drop"),
        table.mapping("substitute"),
        table,
    )


def _output(table: Table, configurations: tuple[str, ...]) -> Output:
    name = table.string("format")
    if name not in formats.names():
        known = ", ".join(formats.names())
        raise table.error(f"unknown format {name!r}", "format", hint=f"known: {known}")
    options = formats.load(name).read_options(table, configurations)
    return Output(name, _inside(table, "path"), options, table)


def _inside(table: Table, key: str) -> PurePosixPath:
    text = table.string(key)
    path = PurePosixPath(text)
    if (
        path.is_absolute()
        or not path.parts
        or any(part == ".." or part.lower() == ".git" for part in path.parts)
        or "\\" in text
        or "\0" in text
    ):
        raise table.error(
            f"{key} {text!r} leaves the wrapper's folder",
            key,
            hint="give a relative path below it",
        )
    # A link on the way could lead anywhere.
    place = table.path.parent
    for part in path.parts:
        if place.exists() and not place.is_dir():
            raise table.error(f"{place} is a file, not a folder", key)
        place = place / part
        if place.is_symlink():
            raise table.error(f"{key} {text!r} goes through a link: {place}", key)
    return path


def _check_apart(folder: PurePosixPath, outputs: tuple[Output, ...]) -> None:
    """Raise UserError if what one output writes is also something else."""
    places = [PurePosixPath(NAME), PurePosixPath(lock.NAME), folder]
    for output in outputs:
        for place in places:
            if output.path.is_relative_to(place) or place.is_relative_to(output.path):
                raise output.table.error(f"{output.path} is or holds {place}", "path")
        places.append(output.path)
