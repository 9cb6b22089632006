"""What a wrapper compiles: upstream's own lists, changed where the wrapper chose otherwise."""

from collections.abc import Collection, MutableSequence, Sequence
from pathlib import Path

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

from . import configuration
from .config import Choices, Config
from .cover import folders_of, is_covered
from .evaluation import evaluate
from .filelists import FileLists
from .lock import WrapperLists


def derive(
    tree: Path,
    config: Config,
    files: Collection[str],
    evaluated: MutableSequence[FileLists] | None = None,
) -> dict[str, WrapperLists]:
    """Evaluate every configuration on `tree` and return what the wrapper compiles in it.

    `files` are those the wrapper carries; upstream's own lists are added to `evaluated`.
    Raises UserError where a choice changes nothing
    any more, and where a file would be compiled that is not carried.
    """
    used: set[str] = set()
    derived = {}
    for wanted in config.configurations:
        options = {**config.upstream.choices.options, **wanted.choices.options}
        try:
            [chosen] = configuration.load([_located(config, wanted.name)], options)
        except UserError as error:
            where = wanted.choices.table.error("").where
            raise UserError(
                error.message, where=error.where or where, hint=error.hint
            ) from None
        with step(f"evaluating {wanted.name}"):
            lists = evaluate(tree, chosen)
        if evaluated is not None:
            evaluated.append(lists)
        compiled = _compiled(lists)
        used |= _choose(compiled, config.upstream.choices)
        own = _choose(compiled, wanted.choices)
        _check_used(wanted.choices, own, f"in {wanted.name}")
        _check_carried(compiled, files, config, wanted.name)
        derived[wanted.name] = WrapperLists(
            tuple(sorted(compiled)),
            tuple(file.path for file in lists.generated),
            lists.defines,
            lists.standard,
            lists.dependencies,
        )
    _check_used(config.upstream.choices, used, "in any configuration")
    return derived


def _located(config: Config, name: str) -> str:
    """Return a configuration's name, or the path of one that the wrapper brings itself."""
    return str(config.table.path.parent / name) if name.endswith(".toml") else name


def _compiled(lists: FileLists) -> set[str]:
    libraries: Sequence[tuple[str, ...]] = [
        tuple(source.path for source in library.sources) for library in lists.linked
    ]
    paths = {*lists.paths, *(path for library in libraries for path in library)}
    # A file of a fetched dependency is not part of upstream's tree.
    return {path for path in paths if not path.startswith("<")}


def _choose(compiled: set[str], choices: Choices) -> set[str]:
    """Apply the choices to `compiled` and return those that did change it."""
    dropped = set(choices.drop)
    used = {
        named
        for path in compiled
        for named in (path, *folders_of(path))
        if named in dropped
    }
    replaced = compiled & choices.substitute.keys()
    compiled -= {path for path in compiled if is_covered(path, dropped)} | replaced
    compiled |= {choices.substitute[path] for path in replaced}
    return used | replaced


def _check_used(choices: Choices, used: Collection[str], where: str) -> None:
    for key, paths in (("drop", choices.drop), ("substitute", choices.substitute)):
        for path in paths:
            if path not in used:
                raise choices.table.error(
                    f"{key} names {path}, which upstream does not compile {where}",
                    key,
                    hint="take it out, or name the file that took its place",
                )


def _check_carried(
    compiled: Collection[str], files: Collection[str], config: Config, name: str
) -> None:
    missing = sorted(set(compiled).difference(files))
    if missing:
        raise config.upstream.choices.table.error(
            f"{name} compiles {missing[0]}, which is not among the files taken",
            "take",
            hint=f"{len(missing)} such: {', '.join(missing[:5])}",
        )
