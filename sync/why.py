"""Say why a file of upstream is compiled in a configuration, or why it is not."""

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError

from . import cuda
from .barriers import Barriers
from .cmakefile import Command
from .configuration import Configuration
from .evaluation import Traced, trace
from .filelists import Generated
from .mentions import Mention, mentions
from .trace import Call

MAKING = ("add_library", "add_executable", "target_sources")


@dataclass(frozen=True, slots=True)
class Reason:
    """Whether a file is compiled, in a word ("in", "out", "generated"), and why."""

    verdict: str
    because: tuple[str, ...]


def explain(
    tree: Path,
    lists: Mapping[str, tuple[Command, ...]],
    configuration: Configuration,
    path: str,
) -> Reason | None:
    """Return why `configuration` compiles `path` or not; None if it knows no such file.

    `lists` are those of `tree` as `read_lists` returns them. Raises UserError as
    `evaluate_quick` does.
    """
    traced = trace(tree, configuration)
    for made in traced.lists.generated:
        if path in (made.path, f"<build>/{made.path}", made.name):
            return Reason("generated", tuple(_generated(made)))
    if not _is_file(tree, path):
        return None
    origins = {source.path: source.origin for source in traced.lists.sources}
    if path in origins:
        return Reason("in", (_compiled(traced, configuration, path),))
    return Reason("out", tuple(_left_out(traced, lists, configuration, path)))


def _is_file(tree: Path, path: str) -> bool:
    parts = PurePosixPath(path)
    inside = not parts.is_absolute() and ".." not in parts.parts
    return inside and (tree / path).is_file()


def unknown(path: str, known: Iterable[str]) -> UserError:
    """Return the error for a path that upstream does not have, with the nearest it has."""
    paths = list(known)
    name = path.rpartition("/")[2]
    same = [other for other in paths if other.rpartition("/")[2] == name]
    near = same or difflib.get_close_matches(path, paths, n=3, cutoff=0.6)
    return UserError(
        "upstream has no such file, and no configuration makes one",
        where=path,
        hint=f"did you mean {', '.join(near[:3])}?" if near else None,
    )


def _generated(made: Generated) -> Iterator[str]:
    yield f"{made.origin} adds it"
    for command in made.commands:
        yield f"made by: {' '.join(command)}"
    if made.depends:
        yield f"made from: {', '.join(made.depends)}"


def _compiled(traced: Traced, configuration: Configuration, path: str) -> str:
    owners = [
        target
        for target in traced.targets.values()
        if any(source.path == path for source in target.sources)
    ]
    # Of several targets with the file the library itself says most.
    owner = min(owners, key=lambda target: target.name != configuration.target)
    origin = next(s.origin for s in owner.sources if s.path == path)
    said = f"{origin} adds it to the library {owner.name}"
    if owner.name == configuration.target:
        return said
    linked = next((call for call in traced.calls if _links(call, owner.name)), None)
    if linked is None:
        return f"{said}, on which {configuration.target} depends"
    return f"{said}, which {linked.arguments[0]} links at {linked.place}"


def _links(call: Call, name: str) -> bool:
    word = re.compile(rf"(?<![\w.+-]){re.escape(name)}(?![\w.+-])")
    return call.command == "target_link_libraries" and any(
        word.search(argument) for argument in call.arguments[1:]
    )


def _left_out(
    traced: Traced,
    lists: Mapping[str, tuple[Command, ...]],
    configuration: Configuration,
    path: str,
) -> Iterator[str]:
    if path in traced.lists.excluded_cuda and not configuration.is_cuda:
        yield f"the CUDA rule: of {cuda.FOLDER} nothing is compiled but its stub"
    for made in traced.lists.generated:
        if path in made.depends:
            yield f"it is read to make {made.path} ({made.origin})"
    found = mentions(lists, path)
    barriers = Barriers(lists, traced.calls)
    # A guess says nothing where a list names the file itself.
    certain = [mention for mention in found if mention.is_certain]
    said = [_why_not(m, barriers, traced, path) for m in certain or found]
    yield from dict.fromkeys(filter(None, said))
    if not any(said):
        yield "no list of upstream's CMake names it"


def _why_not(mention: Mention, barriers: Barriers, traced: Traced, path: str) -> str:
    """Return why a mention does not have the file compiled; nothing if it names others."""
    named = f"{mention.place} names it"
    if not mention.is_certain:
        named = f"{mention.place} could name it, as {mention.spelt}"
    calls = barriers.calls(mention)
    if not calls:
        return f"{named}, but {barriers.before(mention)}"
    call = next((call for call in calls if _names(call, path)), None)
    if call is None:
        conditions = "; ".join(barriers.conditions(mention))
        return f"{named}, but ran for others only: {conditions}" if conditions else ""
    if call.command not in MAKING:
        return f"{named} in {call.command}(), which compiles nothing"
    owner = call.arguments[0]
    target = traced.targets.get(owner)
    if target is None or target.type == "EXECUTABLE":
        return f"{named} for {owner}, which is not a library"
    source = next((s for s in target.sources if s.path == path), None)
    if source and not source.language:
        return f"{named}, but it is not of a kind that is compiled"
    return f"{named} for the library {owner}, which is not linked"


def _names(call: Call, path: str) -> bool:
    return any(
        os.path.normpath(f"{call.folder}/{word}".lstrip("/")) == path
        or word.endswith(f"/{path}")
        for argument in call.arguments
        for word in argument.split(";")
    )
