"""Find recipes by their file: a module in the folder is the registration."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from mlxport.cli.errors import UserError

from . import recipes
from .changes import Rewrite
from .names import SourceModule
from .program import Program
from .versions import Version, parse_version

Example = tuple[str, str]


@dataclass(frozen=True)
class Recipe:
    """One migration: when it applies, how it edits, and what it does by example."""

    name: str
    doc: str
    since: str
    severity: str
    triggers: tuple[bytes, ...]
    # One file at a time, or all files of a run together: a recipe has one of the two.
    rewrite: Callable[[SourceModule], Rewrite] | None
    rewrite_program: Callable[[Program], dict[SourceModule, Rewrite]] | None
    examples: Mapping[str, Example]

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.doc.partition("\n")[0]

    @property
    def version(self) -> Version:
        """The first release whose API the edited code needs."""
        return parse_version(self.since)

    def may_apply(self, raw: bytes) -> bool:
        """Tell from the bytes of a file whether it is worth parsing."""
        return b"mlx" in raw and any(trigger in raw for trigger in self.triggers)


def all_recipes() -> dict[str, Recipe]:
    """Return every recipe by name, in the order of the names."""
    names = sorted(info.name for info in iter_modules(recipes.__path__))
    return {name: load_recipe(name) for name in names}


def load_recipe(name: str) -> Recipe:
    """Return the recipe in the module of that name."""
    module = import_module(f"{recipes.__name__}.{name}")
    return Recipe(
        name=name,
        doc=inspect.getdoc(module) or "",
        since=module.SINCE,
        severity=module.SEVERITY,
        triggers=tuple(word.encode() for word in module.TRIGGERS),
        rewrite=getattr(module, "rewrite", None),
        rewrite_program=getattr(module, "rewrite_program", None),
        examples=module.EXAMPLES,
    )


def select_recipes(
    selected: Iterable[str],
    ignored: Iterable[str],
    start: Version | None,
    target: Version,
) -> list[Recipe]:
    """Return the recipes for a migration; no names selected means all."""
    known = all_recipes()
    selected, ignored = list(selected), list(ignored)
    for name in (*selected, *ignored):
        if name not in known:
            raise UserError(
                f"no recipe {name!r}", hint=f"recipes are {', '.join(known)}"
            )
    return [
        recipe
        for name, recipe in known.items()
        if name in (selected or known)
        and name not in ignored
        and (start is None or start < recipe.version)
        and recipe.version <= target
    ]
