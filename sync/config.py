"""What `mlxport.toml` says: where the upstreams are, what to take, and what to write."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError

from . import formats, lock
from .carried import (
    Choices,
    Dependency,
    Upstream,
    read_choices,
    read_dependency,
    read_upstream,
)
from .generated import Wanted, read_wanted
from .tables import Table

NAME = "mlxport.toml"


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to build the upstreams that the wrapper offers.

    `others` are the choices for the upstreams beside the first, by their name.
    """

    name: str
    choices: Choices
    others: Mapping[str, Choices]

    def of(self, upstream: str) -> Choices:
        """Return the choices for one upstream."""
        return self.others.get(upstream, self.choices)


@dataclass(frozen=True, slots=True)
class Output:
    """A file of the wrapper that lists the files of `upstreams`; `table` is for errors."""

    format: str
    path: PurePosixPath
    upstreams: tuple[str, ...]
    options: object
    table: Table


@dataclass(frozen=True, slots=True)
class Config:
    """The whole of a `mlxport.toml`; `table` is for errors that name its lines."""

    upstreams: tuple[Upstream, ...]
    dependencies: tuple[Dependency, ...]
    configurations: tuple[Configuration, ...]
    outputs: tuple[Output, ...]
    generated: tuple[Wanted, ...]
    table: Table

    @property
    def upstream(self) -> Upstream:
        """Return the first upstream, which the others are paired with."""
        return self.upstreams[0]


def read_config(wrapper: Path) -> Config:
    """Return what the wrapper's `mlxport.toml` says, or raise UserError with its line."""
    try:
        table = Table.read(wrapper / NAME)
    except FileNotFoundError:
        raise UserError(
            f"there is no {NAME}",
            where=str(wrapper),
            hint="name the wrapper's folder with --wrapper, or run `mlxport sync init`",
        ) from None
    table.allow(
        *("upstreams", "dependencies", "configurations", "outputs", "generated")
    )
    upstreams = tuple(
        read_upstream(t, wrapper) for t in table.named_tables("upstreams")
    )
    if not upstreams:
        raise table.error(
            "no upstream", "upstreams", hint="write a table such as [upstreams.mlx]"
        )
    names = tuple(upstream.name for upstream in upstreams)
    configurations = tuple(
        _configuration(t, names) for t in table.named_tables("configurations")
    )
    if not configurations:
        raise table.error(
            "no configuration to evaluate", hint="write one: [configurations.linux-cpu]"
        )
    dependencies = tuple(
        read_dependency(t, wrapper) for t in table.named_tables("dependencies")
    )
    outputs = tuple(
        _output(t, tuple(c.name for c in configurations), names)
        for t in table.array("outputs")
    )
    carried = (*upstreams, *(dependency.upstream for dependency in dependencies))
    _check_apart(carried, outputs)
    generated = read_wanted(table.table("generated"), Table.inside)
    for wanted in generated:
        for one in carried:
            if wanted.folder.is_relative_to(one.folder):
                raise wanted.table.error(
                    f"{wanted.folder} lies in the vendored folder", wanted.kind
                )
    return Config(upstreams, dependencies, configurations, outputs, generated, table)


def _configuration(table: Table, upstreams: tuple[str, ...]) -> Configuration:
    others = upstreams[1:]
    table.allow("options", "drop", "substitute", *others)
    found = {}
    for name in others:
        own = table.table(name)
        own.allow("options", "drop", "substitute")
        found[name] = read_choices(own)
    return Configuration(table.keys[-1], read_choices(table), found)


def _output(
    table: Table, configurations: tuple[str, ...], upstreams: tuple[str, ...]
) -> Output:
    name = table.string("format")
    if name not in formats.names():
        known = ", ".join(formats.names())
        raise table.error(f"unknown format {name!r}", "format", hint=f"known: {known}")
    shared = formats.shares(name)
    chosen = table.strings("upstreams") or (upstreams if shared else upstreams[:1])
    for upstream in chosen:
        if upstream not in upstreams:
            raise table.error(
                f"no upstream {upstream!r}",
                "upstreams",
                hint=f"known: {', '.join(upstreams)}",
            )
    if len(chosen) > 1 and not shared:
        raise table.error(
            f"a {name} file holds the lists of one upstream",
            "upstreams",
            hint="write an output with a path of its own for each",
        )
    rest = {k: v for k, v in table.values.items() if k != "upstreams"}
    options = formats.load(name).read_options(
        Table(rest, table.keys, table.path, table.text), configurations
    )
    return Output(name, table.inside("path"), chosen, options, table)


def _check_apart(carried: tuple[Upstream, ...], outputs: tuple[Output, ...]) -> None:
    """Raise UserError if what is written in one place is also something else."""
    places = [PurePosixPath(NAME), PurePosixPath(lock.NAME)]
    written = [
        *((u.folder, u.choices.table, "folder") for u in carried),
        *((o.path, o.table, "path") for o in outputs),
    ]
    for path, table, key in written:
        for place in places:
            if path.is_relative_to(place) or place.is_relative_to(path):
                raise table.error(f"{path} is or holds {place}", key)
        places.append(path)
    for upstream in carried:
        for patch in upstream.patches:
            for place in places:
                if patch.is_relative_to(place):
                    raise upstream.choices.table.error(
                        f"the patch {patch} lies in {place}, which is written",
                        "patches",
                    )
