"""A wrapper that says in `mlxport.toml` what it carries, and in its lock at which revision."""

from collections.abc import Iterator
from pathlib import Path

from mlxport.cli.errors import UserError

from ..config import NAME, Choices, Config, read_config
from ..lock import NAME as LOCK_NAME
from ..lock import read_lock
from ..wrapper import Wrapper
from . import Build, Choice, Layout, Output, Pin, line_of


def recognise(wrapper: Wrapper) -> Layout | None:
    """Return what `mlxport.toml` and the lock say, or None where there is no such file."""
    if not (wrapper.root / NAME).exists():
        return None
    config = read_config(wrapper.root)
    lock = read_lock(wrapper.root)
    if lock is None:
        raise UserError(
            f"there is no {LOCK_NAME}, so nobody can tell which revision is carried",
            where=str(wrapper.root),
            hint="run `mlxport sync update --to REF` once",
        )
    pin = Pin(
        name=config.upstream.name,
        folder=config.upstream.folder,
        locations=(config.upstream.location,),
        revision=lock.commit,
        where=(LOCK_NAME, line_of(wrapper.root / LOCK_NAME, '"commit"')),
        take=config.upstream.take,
        choices=tuple(_all_choices(config)),
    )
    return Layout(
        name="mlxport.toml",
        pins=(pin,),
        builds=tuple(_builds(config, wrapper.root)),
        outputs=tuple(Output(o.format, o.path, o.options) for o in config.outputs),
        rendered=True,
    )


def _builds(config: Config, root: Path) -> Iterator[Build]:
    for wanted in config.configurations:
        own = wanted.name.endswith(".toml")
        yield Build(
            name=wanted.name,
            configuration=str(root / wanted.name) if own else wanted.name,
            options={**config.upstream.choices.options, **wanted.choices.options},
        )


def _all_choices(config: Config) -> Iterator[Choice]:
    yield from _choices(config.upstream.choices, frozenset())
    for wanted in config.configurations:
        yield from _choices(wanted.choices, frozenset({wanted.name}))


def _choices(choices: Choices, builds: frozenset[str]) -> Iterator[Choice]:
    for path in choices.drop:
        yield Choice(path, "", builds, _where(choices, "drop"))
    for path, instead in choices.substitute.items():
        yield Choice(path, instead, builds, _where(choices, "substitute"))


def _where(choices: Choices, key: str) -> tuple[str, int]:
    line = str(choices.table.error("", key).where).rpartition(":")[2]
    return NAME, int(line)
