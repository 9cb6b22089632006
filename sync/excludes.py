"""The entries by which a wrapper's build leaves files out, with their lines."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from .formats.swiftpm import target_folder
from .layouts import Output
from .subject import Subject
from .swift import Array, Manifest, argument

# What the plug-in that compiles CUDA reads beside the manifest.
PLUGIN = "CudaBuild.json"


@dataclass(frozen=True, slots=True)
class Exclude:
    """One entry: its path in the wrapper, and the file and line it is written on.

    `builds` are those that read it. `fixable` tells whether rendering the file would
    take out an entry that is of no use.
    """

    value: str
    path: PurePosixPath
    file: str
    line: int
    builds: frozenset[str]
    fixable: bool


def excludes(subject: Subject) -> tuple[Exclude, ...]:
    """Return every entry, in the order they are written."""
    found: list[Exclude] = []
    for output, manifest in subject.manifests:
        folder = exclude_folder(subject, output, manifest)
        found += _of_manifest(subject, output, manifest, folder)
        plugin = str(folder / PLUGIN)
        if plugin in subject.files:
            found += _of_plugin(subject, plugin, folder)
    return tuple(found)


def exclude_arrays(
    output: Output, manifest: Manifest
) -> tuple[tuple[Array, frozenset[str]], ...]:
    """Return the arrays that the target's `exclude:` joins, each with its builds."""
    value = argument(manifest.target(output.options.target), "exclude")
    arrays: dict[int, Array] = {}
    builds: dict[int, set[str]] = {}
    platforms = output.options.platforms.items()
    for name, platform in platforms:
        for array in manifest.arrays(value, platform) if value else ():
            arrays[array.start] = array
            builds.setdefault(array.start, set()).add(name)
    return tuple((arrays[start], frozenset(builds[start])) for start in sorted(arrays))


def exclude_line(manifest: Manifest, output: Output) -> int:
    """Return the line of the target's `exclude:`, where a new entry would be read."""
    target = manifest.target(output.options.target)
    node = argument(target, "exclude") or target
    return int(node.start_point.row) + 1


def exclude_folder(
    subject: Subject, output: Output, manifest: Manifest
) -> PurePosixPath:
    """Return the folder that entries are relative to, by its path in the wrapper."""
    lists = subject.lists(output, subject.main)
    return target_folder(manifest, lists, output.options.target)


def _of_manifest(
    subject: Subject, output: Output, manifest: Manifest, folder: PurePosixPath
) -> Iterator[Exclude]:
    carried = [upstream.pin.folder for upstream in subject.upstreams]
    for array, builds in exclude_arrays(output, manifest):
        for element in array.elements:
            path = folder / element.value
            yield Exclude(
                value=str(PurePosixPath(element.value)),
                path=path,
                file=str(output.path),
                line=manifest.text.count(b"\n", 0, element.start) + 1,
                builds=builds,
                fixable=any(path.is_relative_to(f) and path != f for f in carried),
            )


def _of_plugin(
    subject: Subject, plugin: str, folder: PurePosixPath
) -> Iterator[Exclude]:
    text = subject.text(plugin)
    try:
        values = json.loads(text)["exclude"]
    except (ValueError, KeyError, TypeError):
        return
    start = re.search(r'"exclude"\s*:\s*\[', text)
    at = start.end() if start else 0
    for value in values if isinstance(values, list) else []:
        if not isinstance(value, str):
            continue
        # The entries stand in the order that the parser gives them.
        at = max(at, text.find(json.dumps(value), at))
        line = text.count("\n", 0, at) + 1
        at += 1
        yield Exclude(
            str(PurePosixPath(value)),
            folder / value,
            plugin,
            line,
            frozenset({"plug-in"}),
            False,
        )
