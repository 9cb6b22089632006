"""The wrapper compiles a file of upstream that upstream's own build does not."""

from collections.abc import Iterator

from ..compilesets import CompileSets, compile_sets
from ..cover import is_covered, smallest_cover
from ..excludes import exclude_line
from ..findings import Finding
from ..layouts import Output, line_of
from ..subject import Subject

READS = "what each build file compiles, and the list derived from upstream's CMake"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the files and folders that an entry should leave out."""
    swept: dict[tuple[str, str, str], list[CompileSets]] = {}
    for sets in compile_sets(subject):
        for entry in smallest_cover(sets.found - sets.wanted, sets.wanted):
            key = (str(sets.output.path), sets.upstream.pin.name, entry)
            swept.setdefault(key, []).append(sets)
    for (path, _, entry), every in swept.items():
        first = every[0]
        files = sorted(
            {
                f"{sets.upstream.pin.folder}/{file}"
                for sets in every
                for file in sets.found - sets.wanted
                if is_covered(file, {entry})
            }
        )
        builds = ", ".join(sets.build for sets in every)
        many = f" ({len(files)} files)" if len(files) > 1 else ""
        yield Finding(
            path,
            _line(subject, first.output, entry),
            "accidental-sweep",
            f"{first.upstream.pin.folder}/{entry}",
            f"compiles {first.upstream.pin.folder}/{entry}{many} in {builds}; upstream's "
            "build does not",
            "exclude it, or if it is wanted say so in mlxport.toml",
            fixable=True,
            files=tuple(files),
        )


def _line(subject: Subject, output: Output, entry: str) -> int:
    for candidate, manifest in subject.manifests:
        if candidate == output:
            return exclude_line(manifest, output)
    return line_of(subject.wrapper.root / output.path, entry)
