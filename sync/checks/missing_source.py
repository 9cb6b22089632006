"""The wrapper leaves out a file of upstream that upstream's own build compiles."""

from collections.abc import Iterator

from ..compilesets import CompileSets, compile_sets
from ..cover import is_covered
from ..excludes import excludes
from ..findings import Finding
from ..subject import Subject

READS = "what each build file compiles, and the list derived from upstream's CMake"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the files, each on the line of the entry that leaves it out."""
    missing: dict[tuple[str, str], list[CompileSets]] = {}
    for sets in compile_sets(subject):
        for file in sets.wanted - sets.found:
            name = f"{sets.upstream.pin.folder}/{file}"
            missing.setdefault((str(sets.output.path), name), []).append(sets)
    entries = excludes(subject) if missing else ()
    for (path, name), every in missing.items():
        builds = {sets.build for sets in every}
        line = next(
            (
                entry.line
                for entry in entries
                if entry.file == path
                and entry.builds & builds
                and is_covered(name, {str(entry.path)})
            ),
            1,
        )
        yield Finding(
            path,
            line,
            "missing-source",
            name,
            f"does not compile {name} in {', '.join(sorted(builds))}; upstream's build "
            "does",
            "take out the entry that excludes it, or if it is not wanted say so in "
            "mlxport.toml",
            fixable=subject.layout.rendered,
        )
