"""Derive the lists of one configuration by letting upstream's own CMake say them."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mlxport.cli.errors import UserError

from . import cuda
from .cmake import Run, configure
from .codemodel import Target, TargetSource, targets
from .commandlog import CustomCommand, custom_commands
from .configuration import Configuration
from .crosscheck import check_equal
from .filelists import Dependency, FileLists, Generated, Library, Source
from .script import interpret
from .scriptmodel import script_targets
from .temporary import temporary_folder
from .trace import Call

TIMEOUT_S = 60.0
BUILD = "<build>/"


@dataclass(frozen=True, slots=True)
class Traced:
    """The lists of a configuration, all targets of its build, and the commands that ran."""

    lists: FileLists
    targets: Mapping[str, Target]
    calls: tuple[Call, ...]


def evaluate(
    tree: Path, configuration: Configuration, *, timeout_s: float = TIMEOUT_S
) -> FileLists:
    """Return what `configuration` compiles of `tree`, which is read and never written.

    Raises UserError where the build asks something the configuration does not answer,
    where cmake fails or takes longer than `timeout_s`, and where the CUDA rule is broken.
    """
    configuration = configuration.fitting(tree)
    with temporary_folder() as root:
        run = configure(tree, configuration, root, timeout_s)
        return _lists(run, targets(run), configuration)


def evaluate_quick(
    tree: Path, configuration: Configuration, *, timeout_s: float = TIMEOUT_S
) -> FileLists:
    """Return the same without a whole run of cmake, in a fraction of its time.

    Of the tree only CMake's files must be there, and those that they read or look for;
    `excluded_cuda` and what generated files depend on know no others, and
    `unused_options` is empty. Raises UserError as `evaluate` does, and where upstream uses
    what only a whole run can answer.
    """
    return trace(tree, configuration, timeout_s=timeout_s).lists


def trace(
    tree: Path, configuration: Configuration, *, timeout_s: float = TIMEOUT_S
) -> Traced:
    """Return what `evaluate_quick` does and how it came about."""
    configuration = configuration.fitting(tree)
    with temporary_folder() as root:
        run, calls = interpret(tree, configuration, root, timeout_s)
        found = script_targets(run, calls, configuration)
        return Traced(_lists(run, found, configuration), found, calls)


def cross_checked(
    tree: Path, configuration: Configuration, *, timeout_s: float = TIMEOUT_S
) -> FileLists:
    """Return what `evaluate` does, after `evaluate_quick` found the same.

    Raises UserError as they do, and for a difference, with the files that differ.
    """
    with ThreadPoolExecutor(1) as thread:
        quick = thread.submit(evaluate_quick, tree, configuration, timeout_s=timeout_s)
        exact = evaluate(tree, configuration, timeout_s=timeout_s)
        check_equal(exact, quick.result())
    return exact


def _lists(
    run: Run, found: dict[str, Target], configuration: Configuration
) -> FileLists:
    # Without the objects of the libraries that it links the library is not complete; that
    # upstream compiles some of its files as a target of their own is its private matter.
    libraries = _libraries(found, configuration)
    compiled = {t.name: _compiled(t, configuration) for t in libraries}
    every = {source for of_target in compiled.values() for source in of_target}
    # A file that two libraries compile is one file; the first of its lines stands for it.
    of_path = {s.path: s for s in reversed(_as_sources(every)) if s.path[0] != "<"}
    sources, paths = tuple(sorted(of_path.values())), set(of_path)
    if outside := sorted(path for path in paths if path.startswith("/")):
        raise UserError(
            f"upstream's build compiles a file outside its tree: {outside[0]}",
            where=of_path[outside[0]].origin or None,
        )
    if not configuration.is_cuda:
        cuda.check(run.tree, configuration.name, paths)
    linked = (Library(t.name, _as_sources(compiled[t.name])) for t in libraries[1:])
    own = [
        target
        for target in libraries
        if any(source.path in of_path for source in compiled[target.name])
    ]
    standard = libraries[0].standard
    commands = custom_commands(run)
    return FileLists(
        config=configuration.name,
        sources=sources,
        generated=_generated(every, commands),
        defines=tuple(sorted({define for target in own for define in target.defines})),
        standard=f"c++{standard}" if standard else "",
        dependencies=tuple(
            sorted({Dependency(*r[1:]) for r in run.log if r[0] == "dependency"})
        ),
        linked=tuple(sorted(library for library in linked if library.sources)),
        excluded_cuda=cuda.excluded(run.tree, paths),
        unused_options=run.unused,
        kernels=_kernels(commands),
        made=_made(commands, {source.path for source in every}),
    )


def _libraries(found: dict[str, Target], configuration: Configuration) -> list[Target]:
    """Return the library wanted, first, and every library that is linked into it."""
    target = found.get(configuration.target)
    if target is None or not target.type.endswith("_LIBRARY"):
        libraries = (t.name for t in found.values() if t.type.endswith("_LIBRARY"))
        raise UserError(
            f"upstream's build has no library {configuration.target!r}",
            where="CMakeLists.txt",
            hint=f"it has: {', '.join(sorted(libraries)) or 'none'}; the name wanted is "
            f"`target` in {configuration.file}",
        )
    seen = {target.name: target}
    pending = list(target.needs)
    while pending:
        needed = found[pending.pop()]
        # What a program or a custom target of the build needs is not linked.
        if needed.name not in seen and needed.type.endswith("_LIBRARY"):
            seen[needed.name] = needed
            pending += needed.needs
    return list(seen.values())


def _compiled(target: Target, configuration: Configuration) -> list[TargetSource]:
    # A language that was not really enabled has no compiler in the reply.
    extensions = tuple(
        extension
        for language in configuration.languages.values()
        for extension in language.extensions
    )
    return [
        source
        for source in target.sources
        if source.language or (extensions and source.path.endswith(extensions))
    ]


def _as_sources(compiled: Iterable[TargetSource]) -> tuple[Source, ...]:
    return tuple(
        sorted(
            Source(source.path, source.origin)
            for source in compiled
            if not source.path.startswith(BUILD)
        )
    )


def _generated(
    compiled: Iterable[TargetSource], commands: dict[str, CustomCommand]
) -> tuple[Generated, ...]:
    found = []
    for source in compiled:
        if source.path.startswith(BUILD):
            made = commands.get(source.path, CustomCommand((), ()))
            path = source.path.removeprefix(BUILD)
            found.append(Generated(path, source.origin, made.commands, made.depends))
    return tuple(sorted(found))


def _kernels(commands: dict[str, CustomCommand]) -> tuple[str, ...]:
    """Return the sources of what the Metal compiler makes: `.air`, one file of each."""
    return tuple(
        sorted(
            {
                path
                for output, made in commands.items()
                if output.endswith(".air")
                for path in made.depends
                if path.endswith(".metal")
            }
        )
    )


def _made(
    commands: dict[str, CustomCommand], compiled: set[str]
) -> tuple[Generated, ...]:
    return tuple(
        Generated(path.removeprefix(BUILD), "", made.commands, made.depends)
        for path, made in sorted(commands.items())
        if path.startswith(BUILD) and path not in compiled
    )
