"""Compare two versions of an upstream: what is compiled, and what its users may call."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mlxport.cli.progress import step

from . import api, upstream
from .apichanges import ADDED, Change, changes
from .configuration import Configuration
from .derivation import compiled_files
from .evaluation import evaluate
from .filelists import FileLists
from .temporary import temporary_folder
from .upstream import Revision

# Returns the recipes that migrate the calls of a function, given its full name, the
# parameters that changed, and the versions before and after.
Recipes = Callable[[str, Collection[str], str, str], tuple[str, ...]]
PYTHON = ("python_bindings", "python_sources")
VERSION = "MLX_VERSION="
# mlx-c has its headers there; its library is called otherwise than MLX's.
C_HEADERS, C_LIBRARY = "mlx/c", "mlxc"


@dataclass(frozen=True, slots=True)
class Items:
    """What one list gained and lost, each sorted."""

    title: str
    added: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True)
class ConfigurationChange:
    """How one configuration changed; `standard` is the C++ standard before and after."""

    name: str
    items: tuple[Items, ...]
    standard: tuple[str, str]

    def __bool__(self) -> bool:
        return any(self.items) or self.standard[0] != self.standard[1]


@dataclass(frozen=True, slots=True)
class ApiChange:
    """A change of a function, and the recipes that migrate code that calls it."""

    change: Change
    recipes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two revisions."""

    before: Revision
    after: Revision
    configurations: tuple[ConfigurationChange, ...]
    api: tuple[ApiChange, ...]

    def __bool__(self) -> bool:
        return any(self.configurations) or bool(self.api)


def compare(
    before: Revision,
    after: Revision,
    configurations: Sequence[Configuration],
    recipes: Recipes,
) -> Comparison:
    """Evaluate and read both revisions and return what differs."""
    with temporary_folder() as folder:
        trees = (folder / "before", folder / "after")
        for revision, tree in zip((before, after), trees, strict=True):
            with step(f"reading the files of {revision.ref}"):
                upstream.materialise(revision, tree)
        lists = [tuple(_evaluated(tree, configurations)) for tree in trees]
        found = tuple(_configuration(old, new) for old, new in zip(*lists, strict=True))
        with step("reading the API"):
            called = tuple(_api(*trees, recipes, *map(_version, lists)))
    return Comparison(before, after, found, called)


def _evaluated(
    tree: Path, configurations: Sequence[Configuration]
) -> Iterator[FileLists]:
    for chosen in configurations:
        with step(f"evaluating {chosen.name}"):
            if (tree / C_HEADERS).is_dir():
                chosen = replace(chosen, target=C_LIBRARY)
            yield evaluate(tree, chosen)


def _version(lists: Sequence[FileLists]) -> str:
    """Return the version that upstream's build defines, or nothing."""
    values = {
        define.removeprefix(VERSION).strip('"')
        for of_one in lists
        for define in of_one.defines
        if define.startswith(VERSION)
    }
    return values.pop() if len(values) == 1 else ""


def _configuration(old: FileLists, new: FileLists) -> ConfigurationChange:
    rows: tuple[tuple[str, Iterable[str], Iterable[str]], ...] = (
        ("sources", compiled_files(old), compiled_files(new)),
        (
            "generated sources",
            (file.path for file in old.generated),
            (file.path for file in new.generated),
        ),
        ("Metal kernels", old.kernels, new.kernels),
        ("defines", old.defines, new.defines),
        ("dependencies", _dependencies(old), _dependencies(new)),
    )
    return ConfigurationChange(
        old.config,
        tuple(_items(*row) for row in rows),
        (old.standard, new.standard),
    )


def _dependencies(lists: FileLists) -> Iterator[str]:
    for dependency in lists.dependencies:
        yield f"{dependency.name} {dependency.url} {dependency.ref}".rstrip()


def _items(title: str, old: Iterable[str], new: Iterable[str]) -> Items:
    before, after = set(old), set(new)
    return Items(title, tuple(sorted(after - before)), tuple(sorted(before - after)))


def _api(
    old: Path, new: Path, recipes: Recipes, before: str, after: str
) -> Iterator[ApiChange]:
    for surface in api.names():
        for change in changes(
            api.load(surface).TITLE, api.read(surface, old), api.read(surface, new)
        ):
            migrated = surface in PYTHON and change.kind != ADDED and before and after
            parameters = {d.name for d in change.details if d.name}
            named = recipes(change.name, parameters, before, after) if migrated else ()
            yield ApiChange(change, named)
