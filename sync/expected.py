"""What one build of a wrapper must compile of an upstream, so that a check can compare."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from . import configuration
from .cover import is_covered
from .derivation import compiled_files
from .evaluation import evaluate
from .filelists import Dependency
from .layouts import Build, Choice, Pin


@dataclass(frozen=True, slots=True)
class Expected:
    """What is compiled in one build, after the wrapper's choices.

    `used` are the choices that changed something. All paths are upstream's.
    """

    sources: frozenset[str]
    generated: tuple[str, ...]
    kernels: tuple[str, ...]
    defines: tuple[str, ...]
    standard: str
    dependencies: tuple[Dependency, ...]
    used: frozenset[Choice]


def expect(tree: Path, pin: Pin, build: Build) -> Expected:
    """Evaluate upstream's tree as `build` does and apply the choices that concern it."""
    [chosen] = configuration.load(
        [build.configuration], {} if pin.library else build.options
    )
    if pin.library:
        chosen = replace(chosen, target=pin.library)
    lists = evaluate(tree, chosen)
    compiled = compiled_files(lists)
    used = frozenset(_choose(compiled, tree, pin, build))
    return Expected(
        sources=frozenset(compiled),
        generated=tuple(file.path for file in lists.generated),
        kernels=lists.kernels,
        defines=lists.defines,
        standard=lists.standard,
        dependencies=lists.dependencies,
        used=used,
    )


def _choose(compiled: set[str], tree: Path, pin: Pin, build: Build) -> Iterator[Choice]:
    replacements = set()
    for choice in pin.choices:
        if choice.builds and build.name not in choice.builds:
            continue
        hit = {path for path in compiled if is_covered(path, {choice.path})}
        # A stub that upstream no longer has cannot stand in for anything.
        if hit and choice.instead and (tree / choice.instead).is_file():
            replacements.add(choice.instead)
        if hit:
            compiled -= hit
            yield choice
    compiled |= replacements
