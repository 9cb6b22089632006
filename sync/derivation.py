"""What a wrapper compiles: upstream's own lists, changed where the wrapper chose otherwise."""

from collections.abc import Collection, MutableSequence, Sequence
from dataclasses import replace
from pathlib import Path

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

from . import configuration
from .carried import Choices, Upstream
from .config import Config
from .cover import folders_of, is_covered
from .evaluation import evaluate
from .filelists import FileLists
from .lock import WrapperLists


def derive(
    tree: Path,
    config: Config,
    files: Collection[str],
    upstream: Upstream | None = None,
    evaluated: MutableSequence[FileLists] | None = None,
) -> dict[str, WrapperLists]:
    """Evaluate every configuration on `tree` and return what the wrapper compiles in it.

    `upstream` is the one that the tree is of, by default the first; `files` are those the
    wrapper carries. Upstream's own lists are added to `evaluated`. Raises UserError where a
    choice changes nothing any more, and where a file would be compiled that is not carried.
    """
    upstream = upstream or config.upstream
    used: set[str] = set()
    derived = {}
    for wanted in config.configurations:
        choices = wanted.of(upstream.name)
        options = {**upstream.choices.options, **choices.options}
        try:
            [chosen] = configuration.load([located(config, wanted.name)], options)
        except UserError as error:
            where = choices.table.error("").where
            raise UserError(
                error.message, where=error.where or where, hint=error.hint
            ) from None
        if upstream.library:
            chosen = replace(chosen, target=upstream.library)
        with step(f"evaluating {upstream.name}, {wanted.name}"):
            lists = evaluate(tree, chosen)
        if evaluated is not None:
            evaluated.append(lists)
        compiled = compiled_files(lists)
        used |= _choose(compiled, upstream.choices)
        own = _choose(compiled, choices)
        _check_used(choices, own, f"in {wanted.name}")
        _check_carried(compiled, files, upstream, wanted.name)
        derived[wanted.name] = WrapperLists(
            tuple(sorted(compiled)),
            tuple(file.path for file in lists.generated),
            lists.defines,
            lists.standard,
            lists.dependencies,
        )
    _check_used(upstream.choices, used, "in any configuration")
    return derived


def located(config: Config, name: str) -> str:
    """Return a configuration's name, or the path of one that the wrapper brings itself."""
    return str(config.table.path.parent / name) if name.endswith(".toml") else name


def compiled_files(lists: FileLists) -> set[str]:
    """Return the files of upstream's tree that its library or one linked into it compiles."""
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
    replaced = {
        named
        for path in compiled
        for named in (path, *folders_of(path))
        if named in choices.substitute
    }
    compiled -= {path for path in compiled if is_covered(path, dropped | replaced)}
    compiled |= {choices.substitute[path] for path in replaced}
    return used | replaced


def _check_used(choices: Choices, used: Collection[str], where: str) -> None:
    for key, paths in (("drop", choices.drop), ("substitute", choices.substitute)):
        for path in paths:
            if path not in used and path not in choices.optional:
                raise choices.table.error(
                    f"{key} names {path}, which upstream does not compile {where}",
                    key,
                    hint="take it out, or name the file that took its place; a name that ends "
                    "in ? need not be there",
                )


def _check_carried(
    compiled: Collection[str], files: Collection[str], upstream: Upstream, name: str
) -> None:
    missing = sorted(set(compiled).difference(files))
    if missing:
        raise upstream.choices.table.error(
            f"{name} compiles {missing[0]}, which is not among the files taken",
            "take",
            hint=f"{len(missing)} such: {', '.join(missing[:5])}",
        )
