"""A wrapper that says in `mlxport.toml` what it carries, and in its lock at which revision."""

from collections.abc import Iterator
from pathlib import Path

from mlxport.cli.errors import UserError

from ..carried import Choices, Upstream
from ..config import NAME, Config, read_config
from ..lock import NAME as LOCK_NAME
from ..lock import Lock, read_lock
from ..submodules import MODULES, own_repository, read_gitlink
from ..wrapper import Wrapper
from . import Build, Choice, Layout, Output, Pin, line_of


def recognise(wrapper: Wrapper) -> Layout | None:
    """Return what `mlxport.toml` and the lock say, or None where there is no such file."""
    if not (wrapper.root / NAME).exists():
        return None
    config = read_config(wrapper.root)
    lock = read_lock(wrapper.root)
    return Layout(
        name="mlxport.toml",
        pins=tuple(_pin(wrapper, config, one, lock) for one in config.upstreams),
        builds=tuple(_builds(config, wrapper.root)),
        outputs=tuple(Output(o.format, o.path, o.options) for o in config.outputs),
        rendered=True,
    )


def _pin(wrapper: Wrapper, config: Config, one: Upstream, lock: Lock | None) -> Pin:
    if lock and one.name in lock.upstreams:
        revision = lock.upstreams[one.name].commit
        where = (LOCK_NAME, line_of(wrapper.root / LOCK_NAME, f'"{revision}"'))
    elif one.is_submodule:
        revision = read_gitlink(wrapper, one.folder)
        where = (MODULES, line_of(wrapper.repository / MODULES, f"path = {one.folder}"))
    else:
        raise UserError(
            f"{LOCK_NAME} has no {one.name}, so nobody can tell which revision is carried",
            where=str(wrapper.root),
            hint="run `mlxport sync update --to REF` once",
        )
    own = own_repository(wrapper, one.folder) if one.is_submodule else None
    return Pin(
        name=one.name,
        folder=one.folder,
        locations=(*([str(own)] if own else []), one.location),
        revision=revision,
        where=where,
        library=one.library,
        take=one.take,
        choices=tuple(_all_choices(config, one)),
    )


def _builds(config: Config, root: Path) -> Iterator[Build]:
    for wanted in config.configurations:
        own = wanted.name.endswith(".toml")
        yield Build(
            name=wanted.name,
            configuration=str(root / wanted.name) if own else wanted.name,
            options={**config.upstream.choices.options, **wanted.choices.options},
        )


def _all_choices(config: Config, one: Upstream) -> Iterator[Choice]:
    yield from _choices(one.choices, frozenset())
    for wanted in config.configurations:
        yield from _choices(wanted.of(one.name), frozenset({wanted.name}))


def _choices(choices: Choices, builds: frozenset[str]) -> Iterator[Choice]:
    pairs = (*((path, "") for path in choices.drop), *choices.substitute.items())
    for path, instead in pairs:
        key = "substitute" if instead else "drop"
        optional = path in choices.optional
        yield Choice(path, instead, builds, _where(choices, key), optional)


def _where(choices: Choices, key: str) -> tuple[str, int]:
    line = str(choices.table.error("", key).where).rpartition(":")[2]
    return NAME, int(line)
